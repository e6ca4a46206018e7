"""Which column of an agency's list holds what, by its header, Vietnamese or English, old encodings too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.cli.tables import Line, Table
from govdir.mailattrs.folding import name_key
from govdir.mailattrs.legacy_text import TextEncoding, convert
from govdir.policy.texts import Wording

SEARCHED_LINES: Final = 60
"""Letterhead, title and explanations above a header are never longer."""

_NO_HEADER = Wording(
    "{file}: không tìm thấy dòng tiêu đề cột. Cần có cột “Họ và tên” (hoặc Họ, Tên đệm, Tên); nhận biết được "
    "thêm: STT, Chức vụ, Cấp bậc, Đơn vị, Yêu cầu, Địa chỉ thư, Điện thoại, Ghi chú.",
    '{file}: there is no header row. A column "Full name" (or Surname, Middle name, Given name) is needed; '
    "also known: No., Position, Rank, Unit, Request, Mail address, Telephone, Notes.",
)


class Role(StrEnum):
    """What a column holds; OTHER is known and left aside."""

    NUMBER = "number"
    NAME = "name"
    SURNAME = "surname"
    SURNAME_MIDDLE = "surname and middle"
    MIDDLE = "middle"
    GIVEN = "given"
    TITLE = "title"
    RANK = "rank"
    KIND = "kind"
    UNIT = "unit"
    REQUEST = "request"
    ADDRESS = "address"
    TELEPHONE = "telephone"
    NOTE = "note"
    OTHER = "other"


NAME_ROLES: Final = (Role.NAME, Role.SURNAME, Role.SURNAME_MIDDLE, Role.MIDDLE, Role.GIVEN)
_SPLIT_ROLES: Final = frozenset({Role.SURNAME, Role.SURNAME_MIDDLE, Role.MIDDLE, Role.GIVEN})

# Folded headers, alternatives apart by " | "; the first that fits a whole header gives the role.
_HEADERS: Final = (
    (Role.NUMBER, "stt | tt | so tt | so thu tu | no | number | index"),
    (Role.SURNAME_MIDDLE, "ho (va |ten )?(chu |ten )?(dem|lot) | (sur|last )name and middle names?"),
    (Role.SURNAME, "ho | surname | last ?name | family ?name"),
    (Role.MIDDLE, "(ten |chu )?(dem|lot) | middle( ?names?)?"),
    (Role.GIVEN, "ten | given ?name | first ?name"),
    (Role.NAME, "ho (va )?(chu lot va )?ten( .*)? | ten (nguoi|can bo|nhan vien).* | (full ?)?name( of .*)?"),
    (Role.NAME, "nguoi (su )?dung | can bo.*"),
    (Role.KIND, "loai( hop thu)? | kind | mailbox kind"),
    (Role.TITLE, "(chuc vu|chuc danh|vi tri|position|post|title|job)( .*)?"),
    (Role.RANK, "cap( bac)? | bac | hang | rank( class)? | level | grade"),
    (Role.REQUEST, "(noi dung |loai )?yeu cau.* | noi dung | request.* | action"),
    (Role.ADDRESS, "(dia chi )?(hop thu|thu|e ?mail|mail|thu dien tu)( .*)? | dia chi hien (co|tai|nay)"),
    (Role.ADDRESS, "tai khoan.* | (current |mail )?address | mailbox"),
    (Role.UNIT, "(ten )?(don vi|phong ban|phong|bo phan|co quan|noi cong tac)( .*)?"),
    (Role.UNIT, "(department|unit|agency|body|organi[sz]ation|office)( .*)?"),
    (Role.TELEPHONE, "(so )?(dien thoai|di dong|dt|sdt)( .*)? | (tele|mobile ?)?phone( .*)? | tel | mobile"),
    (Role.NOTE, "ghi chu.* | notes? | remarks?"),
    (Role.OTHER, "(so |ngay |can cu )?quyet dinh.* | qd.* | ngay.* | gioi tinh | cccd.* | cmnd.* | dan toc"),
    (Role.OTHER, "date.* | decision.* | birth.* | sex"),
)
_PATTERNS: Final = tuple((role, re.compile(text.replace(" | ", "|"))) for role, text in _HEADERS)


class Columns(Struct, frozen=True):
    """Where each role stands; `after` is the number of the last header row."""

    places: Mapping[Role, int]
    after: int

    def has(self, role: Role) -> bool:
        """Whether there is such a column."""
        return role in self.places


def find_columns(table: Table) -> Columns:
    """The columns by the header, which may stand below a title and take two rows. Raises Refused."""
    lines = table.lines[:SEARCHED_LINES]
    for index, line in enumerate(lines):
        found = _read(line)
        if not _is_header(found, line):
            continue
        after = line.number
        if index + 1 < len(lines) and (below := _second_row(lines[index + 1])):
            found, after = found | below, lines[index + 1].number
        return Columns(MappingProxyType(_one_place_a_role(found)), after)
    raise Refused(say(_NO_HEADER, file=table.file))


def _read(line: Line) -> dict[int, Role]:
    """The roles by column, in the encoding that makes sense of most headers."""
    return max(
        (dict(_roles(line, encoding)) for encoding in TextEncoding),
        key=len,
    )


def _roles(line: Line, encoding: TextEncoding) -> Iterator[tuple[int, Role]]:
    for at, cell in enumerate(line.cells):
        key = _key(convert(cell.text, encoding))
        for role, pattern in _PATTERNS:
            if key and pattern.fullmatch(key):
                yield at, role
                break


def _key(text: str) -> str:
    """A header folded, without what explains it in brackets."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", " ".join(text.split()))
    return name_key(re.sub(r"[/.,:;*_&]", " ", plain))


def _is_header(found: Mapping[int, Role], line: Line) -> bool:
    roles = set(found.values())
    if not roles & {Role.NAME, Role.GIVEN, Role.SURNAME_MIDDLE}:
        return False
    filled = sum(bool(cell.text.strip()) for cell in line.cells)
    return len(found) >= 2 or filled == 1


def _second_row(line: Line) -> dict[int, Role]:
    """A row below that splits the name's column, or {}: every cell of it is a header."""
    found = _read(line)
    filled = sum(bool(cell.text.strip()) for cell in line.cells)
    return found if len(found) == filled and _SPLIT_ROLES & set(found.values()) else {}


def _one_place_a_role(found: Mapping[int, Role]) -> dict[Role, int]:
    places: dict[Role, int] = {}
    for at, role in sorted(found.items()):
        if role is not Role.OTHER:
            places.setdefault(role, at)
    if Role.GIVEN in places and not places.keys() & {Role.SURNAME, Role.SURNAME_MIDDLE}:
        # "Tên" alone heads whole names, unless there is such a column beside it.
        given = places.pop(Role.GIVEN)
        places.setdefault(Role.NAME, given)
    if Role.GIVEN in places:
        places.pop(Role.NAME, None)
    return places
