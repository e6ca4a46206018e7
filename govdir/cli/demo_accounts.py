"""The demonstration's sample accounts: who they are, and passwords to try them with."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.service import add_service
from govdir.ldap.codec.filter_text import escape_value
from govdir.ldap.codec.messages import AddRequest, Attribute, Change, ModifyOperation, ModifyRequest
from govdir.policy.texts import Wording
from govdir.sample.bodies import find_body, lay_out
from govdir.sample.province import NamedPerson, load_province

ACCOUNTS_FILE = "accounts.json"

_PERSONS = "(&(objectClass=gdPerson)(gdMailboxKind=person))"
_LEADERS = "(&(objectClass=gdPerson)(gdMailboxKind=person)(gdRankClass=leader))"
_AGENCIES = "(gdMailboxKind=org)"

_TOO_SMALL = Wording("dữ liệu mẫu quá ít.", "the sample is too small.")

_ADMIN = Wording("quản trị danh bạ của tỉnh, thành phố", "administrator of the province")
_MAIL = Wording("máy chủ thư", "mail server")
_PERSON = Wording("một cán bộ", "a member of staff")
_SHARED = Wording(
    "hộp thư của một cơ quan, ủy quyền cho {delegate}", "an agency's mailbox, {delegate} is authorised"
)
_OWNER = Wording("người quản lý hộp thư đó", "its owner")
_AGENCY_ADMIN = Wording("quản trị hộp thư của một cơ quan", "administrator of one agency's mailboxes")
_ROLES = {
    "operator": Wording("vận hành hệ thống thư", "operator of the mail system"),
    "approver": Wording("phê duyệt hộp thư", "approver of mailboxes"),
    "auditor": Wording("kiểm tra, chỉ đọc", "auditor, who only reads"),
}


class Account(Struct, frozen=True):
    """An account to try; `mail` is "" for those without a mailbox, `about` in the language of its making."""

    name: str
    about: str
    dn: str
    mail: str
    password: str


class Accounts(Struct, frozen=True):
    """accounts.json."""

    admin: Account
    operator: Account
    approver: Account
    auditor: Account
    agency_admin: Account
    mail: Account
    person: Account
    shared: Account
    owner: Account

    def all(self) -> tuple[Account, ...]:
        """In the order shown."""
        return tuple(getattr(self, field) for field in self.__struct_fields__)


def make_accounts(local: LocalDirectory, admin_password: str) -> Accounts:
    """Gives one account of each sort a password, and its holder the role, agency or mailbox it is for.

    Raises Refused when the sample has not enough people.
    """
    person = _known_person(local)
    agency = next((each for each in local.find(_AGENCIES) if person.endswith("," + each)), None)
    if agency is None:
        raise Refused(say(_TOO_SMALL))
    others = _Others(local, person)
    owner = others.take_head(agency)
    officer, administered = others.take_from_another_agency(agency)
    roles = {kind: others.take() for kind in _ROLES}
    _share(local, agency, owner, person)
    _change(local, administered, ("gdItAdmin", officer))
    for kind, holder in roles.items():
        _grant(local, kind, holder)
    service = add_service(local, "mail", "mail")
    shown = local.handle.read(person).text("cn") or ""
    return Accounts(
        admin=Account("admin", say(_ADMIN), local.core.config.admin_dn, "", admin_password),
        **{kind: _account(local, kind, say(about), roles[kind]) for kind, about in _ROLES.items()},
        agency_admin=_account(local, "agency_admin", say(_AGENCY_ADMIN), officer),
        mail=Account("mail", say(_MAIL), service.dn, "", service.password),
        person=_account(local, "person", say(_PERSON), person),
        shared=_account(local, "shared", say(_SHARED, delegate=shown), agency),
        owner=_account(local, "owner", say(_OWNER), owner),
    )


def known_name(province: str) -> NamedPerson:
    """Whom the sample of a province begins with: the first person its regulation takes for an example."""
    return load_province(province).people[0]


def _known_person(local: LocalDirectory) -> str:
    """The DN of that person: of several of one name in one place, the one whom the regulation gave the first
    form, which is the shortest. Raises Refused."""
    config, known = local.core.config, known_name(local.core.config.province)
    data = replace(load_province(config.province), suffix=config.suffix)
    place = find_body(lay_out(data, local.core.pack), known.place).dn
    namesakes = local.find(f"(&{_PERSONS}(cn={escape_value(known.full_name.written)}))", place)
    found = min(namesakes, key=lambda dn: (len(dn.partition(",")[0]), dn), default=None)
    if found is None:
        raise Refused(say(_TOO_SMALL))
    return found


class _Others:
    """People for accounts, nobody twice; those of agencies before those of districts."""

    def __init__(self, local: LocalDirectory, person: str) -> None:
        self._agencies = sorted(local.find(_AGENCIES))
        self._leaders = frozenset(local.find(_LEADERS))
        people = sorted(dn for dn in local.find(_PERSONS) if dn != person)
        in_agencies = tuple("," + agency for agency in self._agencies)
        self._people = sorted(people, key=lambda dn: not dn.endswith(in_agencies))

    def take_head(self, agency: str) -> str:
        """A leader of that agency, else anybody in it, else from wherever. Raises Refused."""
        staff = sorted(self._of(agency), key=lambda dn: dn not in self._leaders)
        return self._take(staff[0]) if staff else self.take()

    def take(self) -> str:
        """Somebody. Raises Refused."""
        if not self._people:
            raise Refused(say(_TOO_SMALL))
        return self._take(next(filter(self._is_staff, self._people), self._people[0]))

    def take_from_another_agency(self, agency: str) -> tuple[str, str]:
        """Somebody from an agency that is not this one, with that agency. Raises Refused."""
        for other in self._agencies:
            if other != agency and (staff := list(self._of(other))):
                return self._take(next(filter(self._is_staff, staff), staff[0])), other
        raise Refused(say(_TOO_SMALL))

    def _is_staff(self, dn: str) -> bool:
        return dn not in self._leaders

    def _of(self, agency: str) -> Iterator[str]:
        return (dn for dn in self._people if dn.endswith("," + agency))

    def _take(self, dn: str) -> str:
        self._people.remove(dn)
        return dn


def _share(local: LocalDirectory, mailbox: str, owner: str, delegate: str) -> None:
    _change(local, mailbox, ("objectClass", "gdSharedMailbox"), ("owner", owner), ("gdDelegate", delegate))


def _change(local: LocalDirectory, dn: str, *added: tuple[str, str]) -> None:
    changes = (Change(ModifyOperation.ADD, Attribute(name, (value.encode(),))) for name, value in added)
    local.run(local.handle.modify(ModifyRequest(dn, tuple(changes))))


def _grant(local: LocalDirectory, kind: str, holder: str) -> None:
    content = {"objectClass": "gdRoleGroup", "cn": f"{kind}s", "gdRoleKind": kind, "member": holder}
    attributes = tuple(Attribute(name, (value.encode(),)) for name, value in content.items())
    group = f"cn={kind}s,ou=admins,{local.core.config.suffix}"
    local.run(local.handle.add(AddRequest(group, attributes)))


def _account(local: LocalDirectory, name: str, about: str, dn: str) -> Account:
    attributes = local.handle.read(dn)
    shown = attributes.text("displayName") or attributes.text("cn") or dn
    mail = attributes.text("mail") or ""
    return Account(name, f"{about}: {shown}", dn, mail, local.set_password(dn))
