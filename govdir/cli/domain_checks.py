"""The doctor's look at mail domains: whether mail servers take mail for every address there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from govdir.assembly import load_access
from govdir.cli.language import say
from govdir.cli.local import InPlace, LocalLoop
from govdir.config import Config
from govdir.directory.access import AccessRuleError
from govdir.directory.domains import CONTAINER
from govdir.directory.shape import Shapes
from govdir.directory.vocabulary import Vocabulary
from govdir.policy.texts import Wording
from govdir.schema.registry import load_schema
from govdir.storage.checks import load_addresses
from govdir.storage.engine import Database
from govdir.storage.store import SqlStore

_NO_CONTAINER = Wording(
    "không có ou=domains (danh bạ tạo từ bản trước): máy chủ thư hỏi tên miền sẽ không thấy; chạy “govdir "
    "domain add {home} {domain}”",
    "there is no ou=domains (the directory was made by an earlier release), so mail servers that ask for "
    "domains "
    'find none: run "govdir domain add {home} {domain}"',
)
_UNNAMED = Wording(
    "{domain}: có {count} địa chỉ nhưng không mục nào ghi tên miền này, máy chủ thư sẽ không nhận; chạy "
    "“govdir domain add {home} {domain}”",
    "{domain}: there {count:is|are} {count} {count:address|addresses} in it but no entry names the domain, "
    "so mail "
    'servers take none of its mail: run "govdir domain add {home} {domain}"',
)
_TWICE = Wording(
    "{domain}: thay cho nhiều tên miền, hoặc có địa chỉ riêng; mỗi tên miền chỉ thay cho một tên miền khác",
    "{domain}: stands for several domains, or has addresses of its own; a domain stands for one other",
)
_NO_RULE = Wording(
    "{path}: không quy tắc nào cho máy chủ thư (service:mail) đọc ou=domains; lấy quy tắc “mail servers look "
    "domains up” từ access.toml của một danh bạ mới tạo bằng govdir init",
    '{path}: no rule lets mail servers (service:mail) read ou=domains; take "mail servers look domains up" '
    "over "
    "from the access.toml of a directory newly made by govdir init",
)


def check_domains(config: Config, database: Database) -> Iterator[str]:
    """The container, the domains named, and the addresses that are in none of them."""
    facts = _Facts(database)
    if not facts.container:
        yield say(_NO_CONTAINER, home=config.home, domain=config.mail_domain)
    elif config.mail_domain not in facts.mains:
        yield say(
            _UNNAMED, home=config.home, domain=config.mail_domain, count=facts.counts[config.mail_domain]
        )
    named = facts.mains.keys() | facts.aliases.keys() | {config.mail_domain}
    for domain in sorted(facts.counts.keys() - named):
        yield say(_UNNAMED, home=config.home, domain=domain, count=facts.counts[domain])
    for alias, count in sorted(facts.aliases.items()):
        if count > 1 or alias in facts.mains:
            yield say(_TWICE, domain=alias)
    yield from _check_rule(config)


def _check_rule(config: Config) -> Iterator[str]:
    """A file that cannot be read is the business of the check on access rules."""
    try:
        rules = load_access(config, load_schema()).rules
    except (OSError, AccessRuleError, UnicodeDecodeError):
        return
    if not any(rule.who == "service:mail" and rule.under in (None, CONTAINER) for rule in rules):
        yield say(_NO_RULE, path=config.path(config.security.access))


class _Facts:
    """Domains by how many entries name them (`mains`, `aliases`), addresses of mailboxes and lists by "
    "domain."""

    def __init__(self, database: Database) -> None:
        self.mains: Counter[str] = Counter()
        self.aliases: Counter[str] = Counter()
        self.container = False
        shapes = Shapes(Vocabulary(load_schema()))
        hosted: set[int] = set()
        for entry in SqlStore(database, LocalLoop().deliver, InPlace()).load_entries():
            with suppress(Exception):  # damaged octets can fail in any way; the check on entries tells
                shape = shapes.get(entry.shape)
                self.container |= entry.rdn_key == CONTAINER
                if not {"gdmailbox", "gdmaillist"}.isdisjoint(shape.classes):
                    hosted.add(entry.id)
                if "associateddomain" in shape.by_attribute:
                    attributes = shape.attributes(entry.body)
                    self.mains.update(text.lower() for text in attributes.texts("associatedDomain"))
                    self.aliases.update(text.lower() for text in attributes.texts("gdDomainAlias"))
        held = (address for address, entry_id, _ in load_addresses(database) if entry_id in hosted)
        self.counts = Counter(address.rpartition("@")[2] for address in held)
