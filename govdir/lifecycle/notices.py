"""What people are to be told of a mailbox: the letter, ready to be sent, and the addresses it goes to.

The letters are official ones: Vietnamese, whatever the language of whoever runs the program. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.image import Image, Record
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle.dues import Due, What
from govdir.lifecycle.facts import Facts, surroundings
from govdir.mailattrs.address_terms import Term
from govdir.mailattrs.moments import day_text
from govdir.mailattrs.places import name_of
from govdir.policy.citation import Citation
from govdir.policy.model import Pack
from govdir.policy.texts import Language


class Contacts(Struct, frozen=True):
    """Addresses, "" where there is none: of the holder (of a shared mailbox its owner), of the agency's
    mailbox, and of the agency's head. `agency_name` is what people call the agency."""

    owner: str = ""
    agency: str = ""
    head: str = ""
    agency_name: str = ""


class Notice(Struct, frozen=True):
    """A letter, and the addresses it goes to, whom it speaks to first; empty where nobody is to be told."""

    contacts: Contacts
    to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""


class _To(Enum):
    """Whom a letter is for, the one it speaks to first; fields of Contacts."""

    OWNER = ("owner",)
    BOTH = ("owner", "agency")
    AGENCY = ("agency", "owner")
    AGENCY_ALONE = ("agency",)
    HEAD = ("head", "agency")


class _Letter(Struct, frozen=True):
    """What is said to whom; the sentence has fields."""

    to: _To
    subject: str
    sentence: str


_LETTERS: Final[Mapping[What, _Letter]] = {
    What.SEND_BLOCK: _Letter(
        _To.BOTH,
        "khóa chức năng gửi",
        "Hộp thư {mail} của {name} bị khóa chức năng gửi từ ngày {day}; vẫn đăng nhập và nhận thư được.",
    ),
    What.REVOCATION: _Letter(
        _To.AGENCY,
        "thu hồi hộp thư",
        "Hộp thư {mail} của {name} bị thu hồi từ ngày {day}; địa chỉ được giữ, không cấp lại cho người khác.",
    ),
    What.DELEGATION_END: _Letter(
        _To.OWNER,
        "hết hạn ủy quyền",
        "Việc ủy quyền sử dụng hộp thư {mail} của {name} hết hạn từ ngày {day}.",
    ),
    What.PASSWORD_EXPIRED: _Letter(
        _To.BOTH,
        "mật mã hết hạn",
        "Mật mã của hộp thư {mail} của {name} hết hạn từ ngày {day}. Đến khi đổi mật mã, hộp thư chỉ "
        "nhận thư.",
    ),
    What.EXPIRY_WARNING: _Letter(
        _To.OWNER,
        "mật mã sắp hết hạn",
        "Mật mã của hộp thư {mail} của {name} hết hạn ngày {ends}. Đề nghị đổi mật mã trước ngày đó.",
    ),
    What.INACTIVITY_WARNING: _Letter(
        _To.BOTH,
        "hộp thư lâu không sử dụng",
        "Hộp thư {mail} của {name} không được sử dụng từ ngày {base}. Đề nghị đăng nhập, hoặc cơ quan cho "
        "biết lý do; nếu không, hộp thư sẽ bị khóa hoặc thu hồi theo quy chế.",
    ),
    What.INACTIVITY_ALERT: _Letter(
        _To.AGENCY,
        "hộp thư của cơ quan không được sử dụng",
        "Hộp thư {mail} của {name} không được sử dụng từ ngày {base}. Đề nghị cơ quan kiểm tra việc phân "
        "công người quản lý hộp thư.",
    ),
    What.INACTIVITY_SUSPENSION: _Letter(
        _To.AGENCY,
        "tạm khóa hộp thư không sử dụng",
        "Hộp thư {mail} của {name} không được sử dụng từ ngày {base} nên bị tạm khóa; thư gửi đến vẫn được "
        "nhận.{confirm}",
    ),
    What.INACTIVITY_REVOCATION: _Letter(
        _To.AGENCY,
        "thu hồi hộp thư không sử dụng",
        "Hộp thư {mail} của {name} không được sử dụng từ ngày {base} nên bị thu hồi.",
    ),
    What.UNCONFIRMED_REVOCATION: _Letter(
        _To.AGENCY,
        "thu hồi hộp thư không được xác nhận",
        "Hộp thư {mail} của {name} đã tạm khóa và thông báo ngày {base}, cơ quan không xác nhận còn sử dụng "
        "nên bị thu hồi.",
    ),
    What.MISUSE_REPORT: _Letter(
        _To.HEAD,
        "vi phạm quy chế sử dụng thư điện tử",
        "Người sử dụng hộp thư {mail} ({name}) đã được nhắc nhở {reminders} lần. Đề nghị Thủ trưởng cơ quan "
        "xử lý theo mức độ vi phạm và thông báo kết quả.",
    ),
    What.OWNER_LEFT: _Letter(
        _To.AGENCY_ALONE,
        "người phụ trách hộp thư đã nghỉ, chuyển công tác",
        "Người phụ trách hộp thư {mail} của {name} đã nghỉ, chuyển công tác hoặc bị thu hồi hộp thư từ ngày "
        "{day}. Đề nghị cơ quan giao hộp thư cho người khác phụ trách.",
    ),
    What.ADDRESS_WARNING: _Letter(
        _To.BOTH,
        "địa chỉ cũ sắp thôi nhận thư",
        "Địa chỉ {old} của hộp thư {mail} ({name}) thôi nhận thư từ {time} ngày {ended}. Đề nghị báo cho "
        "những nơi còn gửi thư đến địa chỉ đó.",
    ),
    What.ADDRESS_END: _Letter(
        _To.BOTH,
        "địa chỉ cũ thôi nhận thư",
        "Địa chỉ {old} của hộp thư {mail} ({name}) thôi nhận thư từ {time} ngày {ended}; địa chỉ đó không "
        "cấp cho hộp thư khác.",
    ),
}
_REVOKING: Final = frozenset({What.REVOCATION, What.INACTIVITY_REVOCATION, What.UNCONFIRMED_REVOCATION})
"""After these a letter to the mailbox itself would come back."""

_CONFIRM: Final = (
    " Trong {days} ngày làm việc kể từ ngày thông báo, nếu cơ quan không xác nhận còn sử dụng thì hộp thư sẽ "
    "bị thu hồi."
)
_REMINDER: Final = _Letter(
    _To.BOTH,
    "nhắc nhở chấp hành quy chế",
    "Nhắc nhở lần thứ {reminders} đối với hộp thư {mail} của {name}: {reason}. Đề nghị chấp hành quy chế "
    "sử dụng thư điện tử.",
)
_SUBJECT: Final = "[{domain}] {mail}: {what}"
_TEXT: Final = "Kính gửi: {dear}\n\n{sentence}\n\nCăn cứ: {citation}.\n"
_HELP: Final = "\nCần hỗ trợ, xin liên hệ {helpdesk}.\n"


def contacts_of(image: Image, path_of: Callable[[str], tuple[str, ...] | None], record: Record) -> Contacts:
    """By the entry, its owner's, and the agency's around it: itself, where it stands in none."""
    entry = _content(record)
    around = surroundings(record)
    agency = next(
        (each for each in (around.agency, around.body) if each is not None and "mail" in each), None
    )
    if agency is None and "gdorganization" in entry.object_classes:
        agency = entry

    def owner_of(shared: Attributes) -> str:
        path = path_of(shared.text("owner") or "") if "owner" in shared else None
        owner = None if path is None else image.find(path)
        return "" if owner is None else _content(owner).text("mail") or ""

    own = entry.text("mail") or ""
    return Contacts(
        owner=owner_of(entry) or own,
        agency="" if agency is None else agency.text("mail") or "",
        head="" if agency is None else owner_of(agency),
        agency_name="" if agency is None else name_of(agency) or "",
    )


def notice_of(facts: Facts, due: Due, pack: Pack, contacts: Contacts) -> Notice:
    """The letter on something due."""
    letter = _LETTERS.get(due.what)
    if letter is None:
        return Notice(contacts)
    unreachable = facts.address if due.what in _REVOKING else ""
    to = tuple(each for each in _addresses(letter, contacts) if each != unreachable)
    if not to:
        return Notice(contacts)
    inactivity = pack.lifecycle.inactivity
    days = None if inactivity is None else inactivity.revoke_working_days
    fields = {
        "day": day_text(due.since),
        "base": "" if due.base is None else day_text(due.base),
        "ends": "" if facts.password_ends is None else day_text(facts.password_ends),
        "confirm": "" if days is None else _CONFIRM.format(days=days),
        **_address_fields(due.term),
    }
    subject, text = _written(letter, fields, facts, contacts, (pack, due.citation))
    return Notice(contacts, to, subject, text)


def _address_fields(term: Term | None) -> dict[str, str]:
    if term is None:
        return {}
    local = term.until.astimezone(PROVINCE_ZONE)
    return {"old": term.address, "time": f"{local:%H:%M}", "ended": day_text(term.until)}


def reminder_of(facts: Facts, reason: str, pack: Pack, contacts: Contacts) -> Notice:
    """The letter that reminds the holder of a mailbox of the regulation."""
    fields = {"reason": reason.strip().rstrip(".")}
    subject, text = _written(_REMINDER, fields, facts, contacts, (pack, pack.misuse))
    return Notice(contacts, _addresses(_REMINDER, contacts), subject, text)


def _addresses(letter: _Letter, contacts: Contacts) -> tuple[str, ...]:
    known = {"owner": contacts.owner, "agency": contacts.agency, "head": contacts.head}
    return tuple(dict.fromkeys(known[name] for name in letter.to.value if known[name]))


def _written(
    letter: _Letter,
    fields: Mapping[str, str],
    facts: Facts,
    contacts: Contacts,
    rule: tuple[Pack, Citation],
) -> tuple[str, str]:
    """Subject and text."""
    dear = {
        _To.HEAD: f"Thủ trưởng {contacts.agency_name}",
        _To.AGENCY: contacts.agency_name,
        _To.AGENCY_ALONE: contacts.agency_name,
    }
    said = {"mail": facts.address, "name": facts.name, "reminders": str(facts.reminders), **fields}
    pack, citation = rule
    text = _TEXT.format(
        dear=dear.get(letter.to) or facts.name,
        sentence=letter.sentence.format_map(said),
        citation=citation.text(Language.VIETNAMESE),
    )
    if pack.helpdesk:
        text += _HELP.format(helpdesk=pack.helpdesk)
    subject = _SUBJECT.format(domain=pack.domain, mail=facts.address, what=letter.subject)
    return subject, text


def _content(record: Record) -> Attributes:
    return record.shape.attributes(record.body)
