"""What the demonstration proposes to try: exact command lines, and what will come of them here and now."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from msgspec import Struct

from govdir.cli.demo_accounts import Account, Accounts, known_name
from govdir.cli.language import say
from govdir.cli.loading import plan_load
from govdir.cli.local import LocalDirectory
from govdir.config import Config
from govdir.directory.bulk import LoadRefused
from govdir.directory.errors import RuleViolation
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.listening import Listening
from govdir.policy.folding import fold
from govdir.policy.model import Pack
from govdir.policy.texts import Wording
from govdir.sample.names import PersonName

_LOOK_UP = Wording("Máy chủ thư tra một địa chỉ:", "A mail server looks an address up:")
_BROWSE = Wording("Một cán bộ tìm đồng nghiệp trong danh bạ:", "A member of staff searches the address book:")
_WRONG = Wording(
    "Thêm một {name} nữa, xin địa chỉ đã cấp: bị từ chối, kèm {rule} và địa chỉ đúng là {right}:",
    "Add one more {name} with an address that is taken: refused, citing {rule}; the right one is {right}:",
)
_RIGHT = Wording(
    "Cũng người đó, không nêu địa chỉ: được cấp {right}:", "The same without an address: it is given {right}:"
)
_EXHAUSTED = Wording(
    "Thêm một {name} nữa: bị từ chối, kèm {rule}, vì từ đây người quản trị quyết định:",
    "Add one more {name}: refused, citing {rule}, for from here on a human decides:",
)
_CHOSEN = Wording(
    "Với địa chỉ do người quản trị chọn, {chosen}: được cấp:",
    "With an address that an operator chooses, {chosen}: accepted:",
)
_HANDOVER = Wording(
    "Bàn giao hộp thư {mailbox} mà không đổi mật mã: bị từ chối, kèm {rule}:",
    "Hand the mailbox {mailbox} over without a new password: refused, citing {rule}:",
)


class Namesake(Struct, frozen=True):
    """One more person of the name the regulation begins with, and what the rules say to it now.

    `place` is the DN of the body, `taken` an address that somebody else has; `right` the one that this person
    gets, "" when a human must decide, who may take `chosen`; `rule` the article that says so.
    """

    name: PersonName
    place: str
    taken: str
    right: str
    rule: str
    chosen: str = ""


def foresee(local: LocalDirectory, accounts: Accounts) -> Namesake:
    """Asks the rules, without changing anything, what one more namesake of the sample person would get."""
    name = known_name(local.core.config.province).full_name
    place, taken = accounts.person.dn.partition(",")[2], accounts.person.mail
    refusal = _refusal(local, name, place, taken)
    if refusal is not None and refusal.suggestion is None:
        refusal = _refusal(local, name, place, None) or refusal
    if refusal is None:
        return Namesake(name, place, taken, taken, "")
    right = refusal.suggestion or ""
    return Namesake(
        name, place, taken, right, refusal.citation, "" if right else _free(local, name, place, taken)
    )


def _free(local: LocalDirectory, name: PersonName, place: str, taken: str) -> str:
    """An address that nobody has, made of the given name and a number; "" when none is found."""
    given, domain = fold(name.given), taken.partition("@")[2]
    tried = (f"{given}.{number}@{domain}" for number in range(2, 100))
    return next((each for each in tried if _refusal(local, name, place, each) is None), "")


def _refusal(local: LocalDirectory, name: PersonName, place: str, mail: str | None) -> RuleViolation | None:
    record = ContentRecord(
        1, f"uid=*,{place}", [(key, value.encode()) for key, value in _content(name, mail)]
    )
    try:
        plan_load(local, [record])
    except LoadRefused as error:
        if isinstance(refused := error.refusals[0].error, RuleViolation):
            return refused
        raise refused from None
    return None


def _content(name: PersonName, mail: str | None) -> Iterator[tuple[str, str]]:
    for object_class in ("inetOrgPerson", "gdPerson", "gdMailbox"):
        yield "objectClass", object_class
    yield "cn", name.written
    yield "sn", name.surname or name.written
    if mail is not None:
        yield "mail", mail


class Client:
    """OpenLDAP's clients, called for one server."""

    def __init__(self, config: Config, sockets: Sequence[Listening]) -> None:
        plain = next((each for each in sockets if not each.tls), None)
        self._where = f"-ZZ -H ldap://localhost:{plain.endpoint.port}" if plain else f"-H {sockets[0].url}"
        self._trusted = f"LDAPTLS_CACERT={shlex.quote(str(config.path(config.tls.authority)))}"

    def line(self, program: str, account: Account, rest: str) -> str:
        """The whole command line."""
        signed_in = f"-D '{account.dn}' -w '{account.password}'"
        return f"{self._trusted} {program} {self._where} {signed_in} {rest}"

    def with_ldif(self, program: str, account: Account, ldif: str) -> str:
        """The command line with its input behind it."""
        return self.line(program, account, f"<<'LDIF'\n{ldif}LDIF")


def things_to_try(
    config: Config, pack: Pack, sockets: Sequence[Listening], accounts: Accounts, namesake: Namesake
) -> Iterator[tuple[str, str]]:
    """(what it shows, the exact command lines) with OpenLDAP's clients; true until somebody tries them."""
    client, suffix = Client(config, sockets), config.suffix
    wanted = f"-LLL -b '{suffix}' '(mail={accounts.person.mail})' mail mailLocalAddress enabledService"
    yield say(_LOOK_UP), client.line("ldapsearch", accounts.mail, wanted)
    sought = namesake.name.given.lower().replace("'", "*")
    browsed = f"-LLL -b 'ou=orgs,{suffix}' '(cn=*{sought}*)' cn title mail telephoneNumber"
    yield say(_BROWSE), client.line("ldapsearch", accounts.person, browsed)
    yield from _additions(client, accounts, namesake)
    handed_over = (
        f"dn: {accounts.shared.dn}\nchangetype: modify\nreplace: owner\nowner: {accounts.person.dn}\n"
    )
    rule = pack.sharing.handover_citation.reference
    title = say(_HANDOVER, mailbox=accounts.shared.mail, rule=rule)
    yield title, client.with_ldif("ldapmodify", accounts.admin, handed_over)


def _additions(client: Client, accounts: Accounts, namesake: Namesake) -> Iterator[tuple[str, str]]:
    name, right = namesake.name, namesake.right
    described = {"name": name.written, "rule": namesake.rule, "right": right}

    def addition(mail: str | None) -> str:
        lines = "".join(f"{key}: {value}\n" for key, value in _content(name, mail))
        return client.with_ldif("ldapadd", accounts.admin, f"dn: uid=*,{namesake.place}\n{lines}")

    if not right:
        yield say(_EXHAUSTED, **described), addition(None)
        if namesake.chosen:
            yield say(_CHOSEN, chosen=namesake.chosen), addition(namesake.chosen)
        return
    if right != namesake.taken:
        yield say(_WRONG, **described), addition(namesake.taken)
    yield say(_RIGHT, **described), addition(None)
