"""A body's mailbox that several people use without sharing a password: its owner, delegates and handovers."""

from __future__ import annotations

from typing import Final

from govdir.directory.caller import is_clock
from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.directory.rules import Neighbourhood
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.named import named, trouble_with
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.sharing_place import agency_name, is_of_agency
from govdir.policy.model import Citation, Pack
from govdir.policy.texts import Wording
from govdir.schema.errors import InvalidValue
from govdir.schema.times import parse_generalized_time

ONE_OWNER: Final = Wording(
    "Hộp thư dùng chung có đúng một người quản lý ở owner (hiện có {count}); thay người thì ghi người mới.",
    "A shared mailbox has exactly one owner (now {count}); to change it, name the new one.",
)
PERSONAL: Final = Wording(
    "Hộp thư cá nhân không dùng chung; gdSharedMailbox dành cho hộp thư của cơ quan, đơn vị hoặc nhiệm vụ.",
    "A person's mailbox is not shared; gdSharedMailbox is for those of bodies and offices.",
)
TOO_MANY_DELEGATES: Final = Wording(
    "Ủy quyền cho {count} người, nhiều nhất là {maximum}; hãy bỏ bớt ở gdDelegate.",
    "{count} people are authorised, at most {maximum} may be; take some out of gdDelegate.",
)
OWNER_IS_DELEGATE: Final = Wording(
    "“{dn}” đã là người quản lý (owner), không ủy quyền cho chính mình được; hãy bỏ khỏi gdDelegate.",
    "“{dn}” is the owner and cannot be its own delegate; take it out of gdDelegate.",
)
NOT_OF_AGENCY: Final = Wording(
    "“{dn}” không thuộc {agency}; chỉ ủy quyền được cho người trong cơ quan, đơn vị có hộp thư.",
    "“{dn}” is not of {agency}; only people of the body whose mailbox it is may be authorised.",
)
UNTIL_PAST: Final = Wording(
    "Thời hạn ủy quyền gdDelegateUntil phải ở sau thời điểm hiện tại.",
    "The authorisation's end, gdDelegateUntil, must lie in the future.",
)
UNTIL_NOBODY: Final = Wording(
    "gdDelegateUntil cần có người được ủy quyền ở gdDelegate.",
    "gdDelegateUntil needs somebody authorised in gdDelegate.",
)
NEW_PASSWORD_NEEDED: Final = Wording(
    "Bàn giao hộp thư phải kèm mật mã mới: đổi owner và userPassword trong cùng một yêu cầu.",
    "A handover takes a new password: change owner and userPassword in one request.",
)
RECORD_KEPT: Final = Wording(
    "gdHandoverRecord do hệ thống ghi và được giữ nguyên, không sửa, không bỏ được (kể cả gdSharedMailbox).",
    "gdHandoverRecord is written by the system and kept as it is, also when gdSharedMailbox would go.",
)
HAND_OVER_FIRST: Final = Wording(
    "Người này đang quản lý hộp thư dùng chung {mailbox}; hãy bàn giao hộp thư đó cho người khác trước.",
    "This person owns the shared mailbox {mailbox}; hand that over to somebody else first.",
)

# The record is an official one: Vietnamese, whatever the language of whoever makes the change.
RECORD: Final = "{number}. {moment} {what}; thực hiện: {actor}"
RECORD_OWNER: Final = "bàn giao: {old} → {new}"
RECORD_AUTHORISED: Final = "ủy quyền: {who}"
RECORD_WITHDRAWN: Final = "thôi ủy quyền: {who}"
AT_THE_HOST: Final = "người vận hành tại máy chủ"
BY_THE_CLOCK: Final = "hệ thống, theo thời hạn"

_RECORD_ATTRIBUTE: Final = "gdHandoverRecord"
_SHARED_CLASS: Final = "gdsharedmailbox"


class SharedMailboxes:
    """One pack's rules on gdSharedMailbox. Methods raise RuleViolation.

    Not `strictly` (an existing directory is taken over): authorisations that are over are dropped.
    """

    def __init__(self, pack: Pack, refusals: Refusals, *, strictly: bool) -> None:
        self._sharing = pack.sharing
        self._domain = pack.domain
        self._refusals = refusals
        self._strictly = strictly

    def begin(self, change: EntryChange) -> None:
        """A new shared mailbox; its people may come later in the same load."""
        if _SHARED_CLASS not in change.classes:
            return
        entry = change.entry
        if not self._strictly and _is_over(entry, change.near):
            entry.remove("gdDelegate")
            entry.remove("gdDelegateUntil")
        self._check_owner(entry)
        self._check_delegates(entry)
        self._check_until(entry, change.near, begins=True)
        _name_group(entry, self._domain)
        change.near.afterwards(lambda: self._check_people(None, change))

    def check_kept(self, before: Attributes, after: Attributes) -> None:
        """Nobody but the server adds to the record of handovers, and nothing takes from it."""
        lines = before.values(_RECORD_ATTRIBUTE)
        if lines != after.values(_RECORD_ATTRIBUTE) or (lines and not _is_shared(after)):
            raise self._refused("handover-record", RECORD_KEPT, self._sharing.handover_citation)

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """A changed one: who may be named, the new password of a handover, and the record of it."""
        entry, was_shared = change.entry, _is_shared(before)
        if _SHARED_CLASS not in change.classes:
            if was_shared:
                entry.remove("gdAclGroups")
            return
        self._check_owner(entry)
        handed_over = was_shared and named(before, "owner").keys() != named(entry, "owner").keys()
        if handed_over and entry.values("gdDelegate") == before.values("gdDelegate"):
            _leave_out(entry, named(entry, "owner"))
        if not entry.texts("gdDelegate") and before.texts("gdDelegateUntil") == entry.texts(
            "gdDelegateUntil"
        ):
            entry.remove("gdDelegateUntil")
        added = named(entry, "gdDelegate").keys() - named(before, "gdDelegate").keys()
        if added or handed_over or not was_shared:
            self._check_delegates(entry)
        begins = bool(added) or entry.values("gdDelegateUntil") != before.values("gdDelegateUntil")
        self._check_until(entry, change.near, begins=begins)
        _name_group(entry, self._domain)
        self._check_people(before if was_shared else None, change)
        if handed_over and "pwdChangedTime" in before and not _password_is_new(change):
            raise self._refused("handover", NEW_PASSWORD_NEEDED, self._sharing.handover_citation)
        if was_shared:
            self._record(before, change)

    def follow_named(self, before: Attributes, after: Attributes) -> None:
        """Somebody it names goes: a delegate may, the owner must hand over first."""
        if not _is_shared(after):
            return
        if before.texts("owner") and not after.texts("owner"):
            why = HAND_OVER_FIRST.filled(mailbox=after.text("mail") or "")
            raise self._refused("handover", why, self._sharing.handover_citation)
        if not after.texts("gdDelegate"):
            after.remove("gdDelegateUntil")

    # -- what is checked

    def _check_owner(self, entry: Attributes) -> None:
        if "gdperson" in entry.object_classes:
            raise self._refused("shared-owner", PERSONAL, self._sharing.owner_citation)
        count = len(entry.texts("owner"))
        if count != 1:
            why = ONE_OWNER.filled(count=count)
            raise self._refused("shared-owner", why, self._sharing.owner_citation)

    def _check_delegates(self, entry: Attributes) -> None:
        delegates, maximum = named(entry, "gdDelegate"), self._sharing.delegates
        citation = self._sharing.delegates_citation
        for key, dn in named(entry, "owner").items():
            if key in delegates:
                raise self._refused("shared-delegate", OWNER_IS_DELEGATE.filled(dn=dn), citation)
        if maximum is not None and len(delegates) > maximum:
            why = TOO_MANY_DELEGATES.filled(count=len(delegates), maximum=maximum)
            raise self._refused("shared-delegates", why, citation)

    def _check_until(self, entry: Attributes, near: Neighbourhood, *, begins: bool) -> None:
        if not begins or "gdDelegateUntil" not in entry:
            return
        if not entry.texts("gdDelegate"):
            raise self._refused("shared-until", UNTIL_NOBODY, self._sharing.delegates_citation)
        if _is_over(entry, near):
            raise self._refused("shared-until", UNTIL_PAST, self._sharing.delegates_citation)

    def _check_people(self, before: Attributes | None, change: EntryChange) -> None:
        """Whoever is newly named is a person in office."""
        sharing = self._sharing
        for attribute, rule, citation in (
            ("owner", "shared-owner", sharing.owner_citation),
            ("gdDelegate", "shared-delegate", sharing.delegates_citation),
        ):
            known = {} if before is None else named(before, attribute)
            for key, dn in named(change.entry, attribute).items():
                if key in known:
                    continue
                trouble = trouble_with(dn, attribute, change.near, person=True)
                if trouble is None and attribute == "gdDelegate" and not self._may_share(dn, change):
                    trouble = NOT_OF_AGENCY.filled(dn=dn, agency=agency_name(change))
                if trouble is not None:
                    raise self._refused(rule, trouble, citation)

    def _may_share(self, dn: str, change: EntryChange) -> bool:
        """Whoever moved away before a directory is taken over stays authorised, as after a move here."""
        return not (self._strictly and self._sharing.delegates_within) or is_of_agency(dn, change)

    # -- the record

    @staticmethod
    def _record(before: Attributes, change: EntryChange) -> None:
        """One numbered line for a change of owner or delegates: LDAP keeps values in no order."""
        entry, near = change.entry, change.near
        owners, former_owners = named(entry, "owner"), named(before, "owner")
        delegates, former = named(entry, "gdDelegate"), named(before, "gdDelegate")
        authorised = {key: dn for key, dn in delegates.items() if key not in former}
        withdrawn = {key: dn for key, dn in former.items() if key not in delegates and key not in owners}
        what: list[str] = []
        if owners.keys() != former_owners.keys():
            what.append(RECORD_OWNER.format(old=_people(former_owners, near), new=_people(owners, near)))
        if authorised:
            what.append(RECORD_AUTHORISED.format(who=_people(authorised, near)))
        if withdrawn:
            what.append(RECORD_WITHDRAWN.format(who=_people(withdrawn, near)))
        if not what:
            return
        lines = entry.texts(_RECORD_ATTRIBUTE)
        line = RECORD.format(
            number=len(lines) + 1,
            moment=f"{near.moment.astimezone(PROVINCE_ZONE):%Y-%m-%d %H:%M:%S}",
            what="; ".join(what),
            actor=BY_THE_CLOCK if is_clock(change.actor.dn) else change.actor.dn or AT_THE_HOST,
        )
        entry.replace(_RECORD_ATTRIBUTE, (*lines, line))

    def _refused(self, rule: str, why: Wording, citation: Citation) -> RuleViolation:
        return self._refusals.violation(rule, why, citation)


def box_group(address: str, domain: str) -> str:
    """The group of those who may use the shared mailbox of that address, for access lists of mail servers.

    "box-sonv" of sonv@ the province's domain; an address below it keeps what tells it apart.
    """
    return f"box-{address.lower().removesuffix(domain).rstrip('.@')}"


def _is_shared(entry: Attributes) -> bool:
    return _SHARED_CLASS in entry.object_classes


def _name_group(entry: Attributes, domain: str) -> None:
    """Named once: a mail server's access lists know the group by this name whatever the address becomes."""
    address = entry.text("mail")
    if address and "gdAclGroups" not in entry:
        entry.replace("gdAclGroups", (box_group(address, domain),))


def _leave_out(entry: Attributes, owners: dict[str, str]) -> None:
    """A delegate who becomes the owner is none any more."""
    delegates = named(entry, "gdDelegate")
    if not delegates.keys().isdisjoint(owners):
        entry.replace("gdDelegate", [dn for key, dn in delegates.items() if key not in owners])


def _is_over(entry: Attributes, near: Neighbourhood) -> bool:
    until = entry.text("gdDelegateUntil")
    try:
        return until is not None and parse_generalized_time(until) <= near.moment
    except InvalidValue:
        return False


def _password_is_new(change: EntryChange) -> bool:
    """A password that is taken away is known to nobody either."""
    return change.near.new_password or "pwdChangedTime" not in change.entry


def _people(dns: dict[str, str], near: Neighbourhood) -> str:
    """Names and DNs: the name says who it was, the DN which of that name."""
    return ", ".join(f"{_name(dn, near)} ({dn})" for dn in dns.values())


def _name(dn: str, near: Neighbourhood) -> str:
    entry = near.entry(dn)
    return (entry.text("cn") if entry is not None else None) or "?"
