"""The rows of an agency's list: who is to have a mailbox, and which rows name nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from govdir.cli.people_import_columns import NAME_ROLES, Columns, Role
from govdir.cli.people_import_text import Reader, Text
from govdir.cli.tables import Line, Table
from govdir.mailattrs.folding import name_key
from govdir.mailattrs.legacy_text import in_name_case
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.texts import Wording

# "Tống" is a surname, "tổng" is none: totals go by their letters as written.
_TOTAL_WORDS = re.compile(r"(tổng|cộng|tong (cong|so)|total|danh sách (này )?(có|gồm)|ấn định)\b.*")
_CLOSING_WORDS = re.compile(
    r"(nguoi lap|lap bieu|xac nhan|noi nhan|ky ten|ky va ghi|(.* )?ngay .*thang|(kt|tm|tl|tuq|q) |luu vt).*|"
    r"(pho )?(thu truong|giam doc|chu tich|chanh van phong|truong phong|truong ban)( (so|don vi|co quan).*)?"
)
_NOT_NEW = re.compile(r"(.* )?(cap lai|thay doi|doi|sua|huy|thu hoi|xoa|khoa|change|cancel|reset|remove)\b.*")
_LEADERS = re.compile(r"(lanh dao|leader)\b.*")
_STAFF = re.compile(r"(nhan vien|chuyen vien|cong chuc|vien chuc|can bo|staff)\b.*")
_GROUP_NUMBER = re.compile(r"[IVXLC]+\.?|[A-Z][.)]?")
_GROUP_PREFIX = re.compile(r"^\s*(?:[IVXLC]+|[A-Z]|\d+)\s*[.):-]\s*")
_FEW_CELLS: Final = 2
_MARKERS: Final = frozenset({"y", "h", "h'"})
_TELEPHONE_DIGITS: Final = (9, 10)  # without the 0 that a spreadsheet takes from a number

_TOTAL = Wording("dòng tổng cộng", "a row of totals")
_CLOSES = Wording("phần ký tên ở cuối danh sách", "the signatures below the list")
_NUMBERS = Wording("chỉ có số", "numbers only")
_HEADING = Wording("tiêu đề nhóm", "the heading of a group")
_REPEATED = Wording("tiêu đề cột lặp lại", "the header again")
_REQUEST = Wording(
    "yêu cầu “{text}”, không phải cấp mới; làm bằng govdir mailbox",
    "asks for “{text}”, not for a new mailbox; use govdir mailbox",
)


class Skipped(Struct, frozen=True):
    """A row that is no person to be added, and why."""

    number: int
    text: str
    why: Wording


class Row(Struct, frozen=True):
    """One person. `before` is the name as it stands in the file, `written` the whole name in Unicode.

    `surname`, `middle` and `given` are None where the list has no column for them. `heading` is the group
    that the row stands in, `cells` the row as it is in the file; `torn`: there are more than in the header.
    """

    number: int
    before: str
    written: str
    surname: str | None
    middle: str | None
    given: str | None
    title: str
    rank: RankClass | None
    kind: MailboxKind | None
    unit: str
    heading: str
    address: str
    telephone: str
    cells: tuple[str, ...]
    torn: bool


class Rows:
    """Reads the rows below a header one after the other."""

    def __init__(self, table: Table, columns: Columns, reader: Reader, header: Sequence[Line]) -> None:
        self._table = table
        self._columns = columns
        self._reader = reader
        self._header = {name_key(_shown(reader.texts(line))) for line in header}
        self._width = max((len(line.cells) for line in header), default=0)
        self._heading = ""
        self._over = False

    def read(self, line: Line) -> Row | Skipped:
        """The person of a row that is not empty, or why it is none."""
        texts = self._reader.texts(line)
        whole = " ".join(" ".join(cell.text.split()) for cell in line.cells if cell.text.strip())
        shown = _shown(texts) or _plain(texts, Role.NUMBER) or whole
        why = self._why_nobody(line, texts, shown, whole)
        if why is not None:
            return Skipped(line.number, shown, why)
        request = _plain(texts, Role.REQUEST)
        if _NOT_NEW.fullmatch(name_key(request)):
            return Skipped(line.number, shown, _REQUEST.filled(text=request))
        return self._person(line, texts)

    def _why_nobody(self, line: Line, texts: Mapping[Role, Text], shown: str, whole: str) -> Wording | None:
        filled = sum(bool(cell.text.strip()) for cell in line.cells)
        number = _plain(texts, Role.NUMBER)
        numbered = any(map(str.isdigit, number)) and not _TOTAL_WORDS.match(number.lower())
        few = filled <= _FEW_CELLS and not numbered
        key = name_key(shown)
        if few and _TOTAL_WORDS.match(shown.lower()):
            self._over = True
            return _TOTAL
        if few and (self._over or _CLOSING_WORDS.fullmatch(key)):
            self._over = True
            return _CLOSES
        if not any(map(str.isalpha, whole)):
            return _NUMBERS
        if key in self._header:
            return _REPEATED
        named = any(_plain(texts, role) for role in NAME_ROLES)
        group_number = _GROUP_NUMBER.fullmatch(_plain(texts, Role.NUMBER))
        if (filled == 1 and not named) or (filled <= _FEW_CELLS and group_number):
            self._heading = _GROUP_PREFIX.sub("", _plain(texts, Role.NAME) or shown)
            return _HEADING
        return None

    def _person(self, line: Line, texts: Mapping[Role, Text]) -> Row:
        surname, middle, given, written = _names(texts)
        return Row(
            number=line.number,
            before=" ".join(texts[role].before.strip() for role in NAME_ROLES if role in texts).strip(),
            written=written,
            surname=surname,
            middle=middle,
            given=given,
            title=_plain(texts, Role.TITLE),
            rank=_rank(name_key(_plain(texts, Role.RANK))),
            kind=_kind(name_key(_plain(texts, Role.KIND))),
            unit=_plain(texts, Role.UNIT) or self._merged_unit(line),
            heading=self._heading,
            address=_plain(texts, Role.ADDRESS),
            telephone=_telephone(_plain(texts, Role.TELEPHONE)),
            cells=tuple(cell.text for cell in line.cells),
            torn=self._table.delimited and any(cell.text.strip() for cell in line.cells[self._width :]),
        )

    def _merged_unit(self, line: Line) -> str:
        """What the first row says of a cell that is merged over several."""
        at = self._columns.places.get(Role.UNIT)
        for column, first, last in self._table.merged:
            if column == at and first < line.number <= last:
                above = next((each for each in self._table.lines if each.number == first), None)
                return _plain(self._reader.texts(above), Role.UNIT) if above is not None else ""
        return ""


def _plain(texts: Mapping[Role, Text], role: Role) -> str:
    """A cell on one line; in a name a line end stays, for the rules to refuse."""
    if role not in texts:
        return ""
    text = texts[role].text.strip()
    return text if role in NAME_ROLES else " ".join(text.split())


def _shown(texts: Mapping[Role, Text]) -> str:
    return " ".join(filter(None, (_plain(texts, role) for role in texts if role is not Role.NUMBER)))


def _names(texts: Mapping[Role, Text]) -> tuple[str | None, str | None, str | None, str]:
    """Surname, middle and given name, each None without a column, and the whole name as people write it."""
    surname, middle, given = (
        in_name_case(_plain(texts, role)) if role in texts else None
        for role in (Role.SURNAME, Role.MIDDLE, Role.GIVEN)
    )
    if Role.NAME in texts:
        return None, None, None, in_name_case(_plain(texts, Role.NAME))
    before = surname if Role.SURNAME in texts else in_name_case(_plain(texts, Role.SURNAME_MIDDLE))
    parts = (before, middle, given)
    if (middle or "").lower().replace("’", "'") in _MARKERS:
        parts = (middle, given, before)  # Y Ngông Niê Kđăm: the clan comes last
    return surname, middle, given, " ".join(part for part in parts if part)


def _rank(key: str) -> RankClass | None:
    """What the list says of the rank, if anything the rules know."""
    if _LEADERS.fullmatch(key):
        return RankClass.LEADER
    return RankClass.STAFF if _STAFF.fullmatch(key) else None


def _kind(key: str) -> MailboxKind | None:
    """Persons' unless the list says otherwise."""
    return MailboxKind.LEADER if _LEADERS.fullmatch(key) else None


def _telephone(text: str) -> str:
    plain = text.removesuffix(".0")
    if plain.isdecimal() and not plain.startswith("0") and len(plain) in _TELEPHONE_DIGITS:
        return f"0{plain}"
    return plain
