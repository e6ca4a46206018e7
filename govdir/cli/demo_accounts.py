"""The demonstration's sample accounts: who they are, and passwords to try them with."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.service import add_service
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation, ModifyRequest
from govdir.policy.texts import Wording

ACCOUNTS_FILE = "accounts.json"

# The first Nguyễn Văn Minh, whom the regulation of Cần Thơ takes for its example.
_KNOWN_PERSON = "nvminh"
_PERSONS = "(&(objectClass=gdPerson)(gdMailboxKind=person))"
_SHARED_BOXES = "(gdMailboxKind=unit)"
_AGENCIES = "(gdMailboxKind=org)"

_TOO_SMALL = Wording("dữ liệu mẫu quá ít.", "the sample is too small.")

_ADMIN = Wording("quản trị danh bạ của tỉnh, thành phố", "administrator of the province")
_MAIL = Wording("máy chủ thư", "mail server")
_PERSON = Wording("một cán bộ", "a member of staff")
_SHARED = Wording("hộp thư chung của một đơn vị", "a unit's shared mailbox")
_AGENCY_ADMIN = Wording("quản trị hộp thư của một cơ quan", "administrator of one agency's mailboxes")


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
    mail: Account
    person: Account
    shared: Account
    agency_admin: Account

    def all(self) -> tuple[Account, ...]:
        """In the order shown."""
        return self.admin, self.mail, self.person, self.shared, self.agency_admin


def make_accounts(local: LocalDirectory, admin_password: str) -> Accounts:
    """Gives one account of each sort a password; one person becomes the administrator of an agency.

    Raises Refused when the sample has no account of some sort.
    """
    people = list(local.find(_PERSONS))
    known = f"{_KNOWN_PERSON}@{local.core.config.mail_domain}"
    person = next(local.find(f"(mail={known})"), people[0] if people else None)
    shared = next(local.find(_SHARED_BOXES), None)
    officer, agency = _other_agency(local, people, person)
    if person is None or shared is None or officer is None or agency is None:
        raise Refused(say(_TOO_SMALL))
    appointment = Change(ModifyOperation.ADD, Attribute("gdItAdmin", (officer.encode(),)))
    local.run(local.handle.modify(ModifyRequest(agency, (appointment,))))
    service = add_service(local, "mail", "mail")
    return Accounts(
        admin=Account("admin", say(_ADMIN), local.core.config.admin_dn, "", admin_password),
        mail=Account("mail", say(_MAIL), service.dn, "", service.password),
        person=_account(local, "person", _PERSON, person),
        shared=_account(local, "shared", _SHARED, shared),
        agency_admin=_account(local, "agency_admin", _AGENCY_ADMIN, officer),
    )


def _other_agency(
    local: LocalDirectory, people: Sequence[str], person: str | None
) -> tuple[str | None, str | None]:
    """Somebody from another agency than `person`, with that agency."""
    agencies = tuple(local.find(_AGENCIES))
    for one in people:
        agency = next((each for each in agencies if one.endswith("," + each)), None)
        if agency is not None and person is not None and not person.endswith("," + agency):
            return one, agency
    return None, None


def _account(local: LocalDirectory, name: str, about: Wording, dn: str) -> Account:
    attributes = local.handle.read(dn)
    shown = attributes.text("displayName") or attributes.text("cn") or dn
    mail = attributes.text("mail") or ""
    return Account(name, f"{say(about)}: {shown}", dn, mail, local.set_password(dn))
