"""From a configuration to a directory on its database: what serving and the command line have in common."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from msgspec import structs

from govdir.config import Config, PasswordSettings
from govdir.directory.access import AccessRules
from govdir.directory.caller import LOCAL
from govdir.directory.cookies import SECRET_OCTETS
from govdir.directory.dn import Dn
from govdir.directory.errors import EntryAlreadyExists
from govdir.directory.index_keys import INDEX_VERSION, IndexKeys
from govdir.directory.password_policy import PasswordPolicy
from govdir.directory.policies import CONTAINER
from govdir.directory.policy_entries import POLICY_CLASS
from govdir.directory.ports import Clock, SlowWork, Store
from govdir.directory.service import Directory
from govdir.directory.shape import Shapes
from govdir.directory.vocabulary import Vocabulary
from govdir.lifecycle.calendar import WorkingDays
from govdir.lifecycle.run import Lifecycle
from govdir.mailattrs.passwords import MailboxPasswords
from govdir.mailattrs.policy_tree import policy_entries
from govdir.mailattrs.rules import MailRules
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.load import load_pack, load_shipped
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Language, Wording
from govdir.schema.registry import Schema, load_schema
from govdir.settings import BadSetting
from govdir.sso.idp.site import Site
from govdir.sso.saml.locations import is_this_machine
from govdir.storage import migrate
from govdir.storage.engine import Database, open_database
from govdir.storage.renewal import KeysOf, renew_keys
from govdir.storage.store import SqlStore
from govdir.web.outbound import Outbound
from govdir.web.outbound_addresses import Destinations

_SITE_TITLE = Wording("Tài khoản thư công vụ – {name}", "Official mail account – {name}")


@dataclass(frozen=True, slots=True)
class Core:
    """A directory and what it stands on."""

    config: Config
    pack: Pack
    database: Database
    store: SqlStore
    directory: Directory


class WrongDatabase(Exception):
    """The database holds no directory (`found` is "") or that of another suffix."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(f"the database holds {found or 'no directory'}, not {wanted}")
        self.found = found
        self.wanted = wanted


class DamagedDatabase(Exception):
    """Entries that cannot be put together to a tree; `govdir doctor` names them."""


class SystemClock:
    """The wall clock; implements directory.ports.Clock."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)


def assemble(
    config: Config,
    *,
    deliver: Callable[[Callable[[], None]], None],
    hashing: SlowWork,
    reading: SlowWork,
    address_check: AddressCheck = AddressCheck.STRICT,
    store_in_use: Callable[[SqlStore], Store] = lambda store: store,
    clock: Clock | None = None,
) -> Core:
    """The object graph below the protocols; the store is not started and nothing is loaded yet. Blocking.

    `deliver` runs a function on the loop; `store_in_use` may put another store before the database's own;
    `clock` None is the system's.
    Brings an older database forward.
    Raises ConfigError, PackError, UnknownProvince, AccessRuleError, DatabaseUrlError, DatabaseTooNew,
    StoreUnavailable, OSError.
    """
    pack = load_policy(config)
    language = Language(config.language)
    schema = load_schema()
    access = load_access(config, schema)
    secret = _secret(config)
    database = open_database(config.database_url)
    migrate.upgrade(database)
    store = SqlStore(database, deliver, reading)
    directory = Directory(
        schema=schema,
        suffix=Dn.parse(config.suffix, schema),
        store=store_in_use(store),
        slow=hashing,
        clock=clock or SystemClock(),
        rules=MailRules(
            pack,
            language,
            address_check,
            approval=config.workflow.approval,
            old_address_months=config.mail_servers.old_address_months,
        ),
        password_rules=MailboxPasswords(pack, password_clockwork(config.passwords), language),
        access=access,
        secret=secret,
        scram=config.passwords.scram,
        remembered_seconds=config.passwords.remembered_seconds,
        changed_over_ldap=config.passwords.changed_over_ldap,
    )
    return Core(config, pack, database, store, directory)


def load_access(config: Config, schema: Schema) -> AccessRules:
    """The home's access rules. Raises AccessRuleError, UnicodeDecodeError, OSError."""
    text = config.path(config.security.access).read_text("utf-8")
    return AccessRules.parse(text, Vocabulary(schema), publication=config.security.publication)


def _secret(config: Config) -> bytes:
    """Raises BadSetting for a file so short that its bytes could be guessed, OSError."""
    secret = config.path(config.security.secret).read_bytes()
    if len(secret) < SECRET_OCTETS:
        raise BadSetting(
            config.home / "govdir.toml", 0, "security.secret", f"a file of {SECRET_OCTETS} random bytes"
        )
    return secret


def load_directory(core: Core) -> None:
    """Fills the directory from its database, whose index keys it brings to this release's. Blocking.

    Raises WrongDatabase, DamagedDatabase, StoreUnavailable.
    """
    directory = core.directory
    try:
        renew_keys(core.database, INDEX_VERSION, _keys_of(directory))
        directory.load()
    except (LookupError, ValueError, IndexError, struct.error) as error:
        raise DamagedDatabase(str(error)) from error
    root = directory.image.root
    if root is None or Dn.parse(root.dn_text, directory.schema) != directory.suffix:
        raise WrongDatabase("" if root is None else root.dn_text, core.config.suffix)


def lifecycle_of(core: Core) -> Lifecycle:
    """What falls due in the directory, by its pack and calendar; what it writes is in the home's language."""
    config = core.config
    return Lifecycle(core.directory, core.pack, working_days_of(config), Language(config.language))


def working_days_of(config: Config) -> WorkingDays:
    """The calendar, with what the configuration knows better."""
    return WorkingDays(config.lifecycle.holidays, config.lifecycle.working_days)


def _keys_of(directory: Directory) -> KeysOf:
    keys, shapes = IndexKeys(directory.vocabulary), Shapes(directory.vocabulary)
    return lambda descriptor, body: keys.of_body(shapes.get(descriptor), body)


def site_of(config: Config, pack: Pack, port: int | None = None) -> Site | None:
    """The web site as service providers know it: where the configuration says, else on this machine at
    `port` (None: the first configured one). None where there is no web site."""
    url = _site_url(config, port)
    if not url:
        return None
    names = tuple((language.value, pack.name.in_language(language)) for language in Language)
    titles = tuple((language.value, _SITE_TITLE.render(language, name=pack.name)) for language in Language)
    return Site(url=url, mail_domain=config.mail_domain, titles=titles, organization=names)


def outbound_of(config: Config, url: str = "") -> Outbound:
    """Requests to other servers, as the site at `url` ("": as configured) makes them. One that this machine's
    own name leads to, a demonstration, has its applications there too."""
    here = is_this_machine(urlsplit(url or _site_url(config)).hostname or "")
    destinations = Destinations(config.sso.private_hosts, loopback=here)
    return Outbound(destinations, config.path(config.tls.authority))


def _site_url(config: Config, port: int | None = None) -> str:
    """ "" where there is no web site."""
    port = port or next((endpoint.port for endpoint in config.listen.web), 0)
    return config.web.url or (f"https://localhost:{port}" if port else "")


def default_policies(core: Core) -> dict[str, PasswordPolicy]:
    """The password policy of each kind of account by the settings and the regulation, without entries."""
    return MailboxPasswords(core.pack, password_clockwork(core.config.passwords)).policies()


async def make_policies(core: Core) -> None:
    """Enters the password policies where there is not one: in a home of an earlier release, or where all were
    deleted. Beside other processes that do the same. Raises DirectoryError.
    """
    directory = core.directory
    container = directory.image.find((CONTAINER,))
    if container is None:
        return
    if any(POLICY_CLASS in child.shape.classes for child in (container.children or {}).values()):
        return
    handle = directory.as_caller(LOCAL)
    for request in policy_entries(core.config.suffix, core.pack, default_policies(core)):
        with suppress(EntryAlreadyExists):
            await handle.add(request)


def password_clockwork(settings: PasswordSettings) -> PasswordPolicy:
    """[passwords] as the directory takes it."""
    return PasswordPolicy(
        history_length=settings.history,
        max_failures=settings.failures,
        failure_window_seconds=settings.failure_window_seconds,
        lock_seconds=settings.lock_seconds,
        min_age_seconds=settings.minimum_age_seconds,
    )


def load_policy(config: Config) -> Pack:
    """The province's pack as the configuration has it. Raises PackError, UnknownProvince, ConfigError."""
    settings = config.pack_settings
    if config.pack:
        pack = load_pack(config.path(config.pack), settings)
    else:
        pack = load_shipped(config.province, settings)
    mailboxes = dict(pack.mailboxes)
    for name, quota in _quotas(config).items():
        rules = mailboxes.get(MailboxKind(name)) if name in set(MailboxKind) else None
        if rules is None:
            raise _bad_quota(config, name)
        mailboxes[rules.kind] = structs.replace(rules, quota=quota)
    return structs.replace(pack, domain=config.mail_domain, mailboxes=mailboxes)


def _quotas(config: Config) -> Mapping[str, int]:
    """[quotas] with its values checked; its names are the pack's business."""
    checked: dict[str, int] = {}
    for name, value in config.quotas.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise _bad_quota(config, name)
        checked[name] = value
    return checked


def _bad_quota(config: Config, name: str) -> BadSetting:
    allowed = f"{' | '.join(MailboxKind)} = 0 …"
    return BadSetting(config.home / "govdir.toml", 0, f"quotas.{name}", allowed)
