"""The demonstration's sample accounts: who they are, and passwords to try them with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from govdir.assembly import lifecycle_of
from govdir.cli.changes import modify, put
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.people import record_of
from govdir.cli.service_accounts import add_service
from govdir.ldap.codec.filter_text import escape_value
from govdir.ldap.codec.messages import AddRequest, Attribute, Change, ModifyOperation, ModifyRequest
from govdir.mailattrs.states import State
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
_MUST_CHANGE = Wording("phải đổi mật mã khi đăng nhập", "must change the password when signing in")
_EXPIRED = Wording("mật mã đã hết hạn", "whose password has expired")
_SUSPENDED = Wording("hộp thư đang tạm khóa", "whose mailbox is suspended")
_SUSPENDED_WHY = Wording("Trình diễn", "Demonstration")
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
    """accounts.json. The last three do not sign in just so: one has a one-time password, one an expired one
    (None where passwords do not expire), one a mailbox that is suspended."""

    admin: Account
    operator: Account
    approver: Account
    auditor: Account
    agency_admin: Account
    mail: Account
    person: Account
    shared: Account
    owner: Account
    must_change: Account
    expired: Account | None
    suspended: Account

    def all(self) -> tuple[Account, ...]:
        """In the order shown."""
        held = (getattr(self, field) for field in self.__struct_fields__)
        return tuple(account for account in held if account is not None)


def make_accounts(
    local: LocalDirectory, admin_password: str, kept: Mapping[str, Account] = MappingProxyType({})
) -> Accounts:
    """Gives one account of each sort a password, and its holder the role, agency or mailbox it is for.

    `kept` are accounts of an earlier version's demonstration by name, whose passwords stay; what else that
    directory has of roles and mailboxes is taken as it is.

    Raises Refused when the sample has not enough people, DirectoryError.
    """
    person = kept["person"].dn if "person" in kept else _known_person(local)
    agency = next((each for each in local.find(_AGENCIES) if person.endswith("," + each)), None)
    if agency is None:
        raise Refused(say(_TOO_SMALL))
    others = _Others(local, person, {account.dn for account in kept.values()} | _office_holders(local))
    shared = _Shared.of(local, agency, others, person)
    holders = {kind: _role_holder(local, kind, kept, others) for kind in _ROLES}
    holders["agency_admin"] = _agency_admin(local, agency, kept, others)
    holders |= {"person": person, "shared": agency, "owner": shared.owner}
    about = {kind: say(wording) for kind, wording in _ROLES.items()}
    about |= {"agency_admin": say(_AGENCY_ADMIN), "person": say(_PERSON), "owner": say(_OWNER)}
    about["shared"] = say(_SHARED, delegate=shared.delegate_name)
    made = {
        name: kept[name] if name in kept and kept[name].dn == dn else _account(local, name, about[name], dn)
        for name, dn in holders.items()
    }
    made |= _hindered(local, kept, others)
    admin = Account("admin", say(_ADMIN), local.core.config.admin_dn, "", admin_password)
    mail = kept.get("mail") or _mail_account(local)
    return Accounts(admin=admin, mail=mail, expired=made.pop("expired", None), **made)


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
    """People for accounts, nobody twice and none of `held`; those of agencies before those of districts."""

    def __init__(self, local: LocalDirectory, person: str, held: Set[str]) -> None:
        self._agencies = sorted(local.find(_AGENCIES))
        self._leaders = frozenset(local.find(_LEADERS))
        active = local.find(f"(&{_PERSONS}(gdState=active))")
        people = sorted(dn for dn in active if dn != person and dn not in held)
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


def _office_holders(local: LocalDirectory) -> set[str]:
    """Who has a role, administers an agency or owns a mailbox already."""
    places = (("(objectClass=gdRoleGroup)", "member"), ("(gdItAdmin=*)", "gdItAdmin"), ("(owner=*)", "owner"))
    return {
        dn
        for wanted, attribute in places
        for place in local.find(wanted)
        for dn in local.handle.read(place).texts(attribute)
    }


class _Shared(Struct, frozen=True):
    """Who owns an agency's mailbox, and the name of who is authorised."""

    owner: str
    delegate_name: str

    @classmethod
    def of(cls, local: LocalDirectory, mailbox: str, others: _Others, person: str) -> _Shared:
        """As it is, where it is shared already; else a head owns it and `person` may use it."""
        held = local.handle.read(mailbox)
        owner, delegate = held.text("owner"), held.text("gdDelegate") or person
        if "gdsharedmailbox" not in held.object_classes or owner is None:
            owner, delegate = others.take_head(mailbox), person
            shared = ("objectClass", "gdSharedMailbox"), ("owner", owner), ("gdDelegate", delegate)
            _change(local, mailbox, *shared)
        return cls(owner, local.handle.read(delegate).text("cn") or "")


def _role_holder(local: LocalDirectory, kind: str, kept: Mapping[str, Account], others: _Others) -> str:
    """Whoever has the role already, else somebody who gets it."""
    for group in local.find(f"(&(objectClass=gdRoleGroup)(gdRoleKind={kind}))"):
        members = local.handle.read(group).texts("member")
        if members:
            return kept[kind].dn if kind in kept and kept[kind].dn in members else members[0]
    holder = others.take()
    _grant(local, kind, holder)
    return holder


def _agency_admin(local: LocalDirectory, agency: str, kept: Mapping[str, Account], others: _Others) -> str:
    """Whoever administers an agency already, else somebody of another one than this."""
    if "agency_admin" in kept:
        return kept["agency_admin"].dn
    for body in local.find("(gdItAdmin=*)"):
        return local.handle.read(body).texts("gdItAdmin")[0]
    officer, administered = others.take_from_another_agency(agency)
    _change(local, administered, ("gdItAdmin", officer))
    return officer


def _hindered(local: LocalDirectory, kept: Mapping[str, Account], others: _Others) -> dict[str, Account]:
    """Accounts that show what a sign-in is told when the password alone does not do."""
    made = {name: kept[name] for name in ("must_change", "expired", "suspended") if name in kept}
    if "must_change" not in made:
        dn = others.take()
        generated = local.run(local.handle.change_password(dn, None, None)) or b""
        made["must_change"] = _account(local, "must_change", say(_MUST_CHANGE), dn, generated.decode())
    if "expired" not in made and (expired := _expired_account(local, others)) is not None:
        made["expired"] = expired
    if "suspended" not in made:
        dn = others.take()
        made["suspended"] = _account(local, "suspended", say(_SUSPENDED), dn)
        modify(local, dn, put("gdState", State.SUSPENDED.value), put("gdStateReason", say(_SUSPENDED_WHY)))
    return made


def _expired_account(local: LocalDirectory, others: _Others) -> Account | None:
    """Somebody whose password was chosen too long ago: it is set now, by a clock that is so much behind."""
    dn = others.take()
    policy = local.directory.password_rules.policy(local.handle.read(dn))
    if policy is None or policy.max_age_months is None:
        return None
    clock = BehindClock(timedelta(days=31 * policy.max_age_months + 7))
    with open_directory(local.core.config, clock=clock) as past:
        account = _account(past, "expired", say(_EXPIRED), dn)
    local.run(local.directory.catch_up())
    # Signed in today, or the clock of mailboxes would find it unused.
    local.run(local.directory.bind(dn, account.password.encode()))
    _let_the_clock_see(local, dn)
    return account


def _let_the_clock_see(local: LocalDirectory, dn: str) -> None:
    """Does for one mailbox what the clock would do when a server starts."""
    clock, now, record = lifecycle_of(local.core), local.directory.clock.now(), record_of(local, dn)
    for item in () if record is None else clock.items(record, now):
        local.run(clock.apply(item, now))


class BehindClock:
    """Implements directory.ports.Clock."""

    def __init__(self, behind: timedelta) -> None:
        self._behind = behind

    def now(self) -> datetime:
        """Aware, in UTC, so long ago."""
        return datetime.now(UTC) - self._behind


def _mail_account(local: LocalDirectory) -> Account:
    """The mail server's, made now or with a new password."""
    dn = next(local.find("(&(objectClass=gdService)(cn=mail))"), None)
    if dn is None:
        service = add_service(local, "mail", "mail")
        return Account("mail", say(_MAIL), service.dn, "", service.password)
    password = local.run(local.handle.change_password(dn, None, None)) or b""
    return Account("mail", say(_MAIL), dn, "", password.decode())


def _change(local: LocalDirectory, dn: str, *added: tuple[str, str]) -> None:
    changes = (Change(ModifyOperation.ADD, Attribute(name, (value.encode(),))) for name, value in added)
    local.run(local.handle.modify(ModifyRequest(dn, tuple(changes))))


def _grant(local: LocalDirectory, kind: str, holder: str) -> None:
    content = {"objectClass": "gdRoleGroup", "cn": f"{kind}s", "gdRoleKind": kind, "member": holder}
    attributes = tuple(Attribute(name, (value.encode(),)) for name, value in content.items())
    group = f"cn={kind}s,ou=admins,{local.core.config.suffix}"
    local.run(local.handle.add(AddRequest(group, attributes)))


def _account(local: LocalDirectory, name: str, about: str, dn: str, password: str | None = None) -> Account:
    """`password` is the one it has; None gives it one that it need not change."""
    attributes = local.handle.read(dn)
    shown = attributes.text("displayName") or attributes.text("cn") or dn
    mail = attributes.text("mail") or ""
    return Account(name, f"{about}: {shown}", dn, mail, password or local.set_password(dn))
