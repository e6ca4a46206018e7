"""A list's columns brought to Unicode: by a cell's font, else the column's vote, else the operator's word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.cli.people_import_columns import NAME_ROLES, Columns, Role
from govdir.cli.tables import Cell, Line
from govdir.mailattrs.legacy_text import TextEncoding, convert, evidence_of_font, is_possible, vote
from govdir.policy.texts import Wording

_TEXT_ROLES: Final = (Role.NUMBER, Role.TITLE, Role.UNIT, Role.RANK, Role.REQUEST, Role.NOTE, Role.KIND)
_SHOWN_EXAMPLES: Final = 5

_NOT_SURE = Wording(
    "{file}: chưa chắc họ tên viết bằng bảng mã nào; hãy xem các dòng sau và chọn --encoding unicode, tcvn3 "
    "hoặc vni.",
    "{file}: it is not certain which encoding the names are in; look at these rows and choose --encoding "
    "unicode, tcvn3 or vni.",
)
_MIXED = Wording(
    "{file}: cột họ tên có dòng viết bằng bảng mã khác với các dòng còn lại; hãy gõ lại các dòng sau, hoặc "
    "chọn --encoding (dòng không thể viết bằng bảng mã đó được giữ nguyên).",
    "{file}: some names are in another encoding than the others; type these rows again, or choose --encoding "
    "(rows that cannot be in it stay as they are).",
)
_EXAMPLE = Wording("{file}:{line}: {text}: {readings}", "{file}:{line}: {text}: {readings}")


class Text(Struct, frozen=True):
    """A cell in Unicode; `before` is how it stood in the file, `capitals`: its font draws capitals only."""

    text: str = ""
    before: str = ""
    capitals: bool = False


Texts = Mapping[Role, Text]


class Reader:
    """Reads the rows of one list."""

    def __init__(
        self, file: object, columns: Columns, lines: Sequence[Line], forced: TextEncoding | None
    ) -> None:
        self._file = file
        self._columns = columns
        self._lines = lines
        self._forced = forced
        self.encoding = self._name_encoding()
        self._others = {role: self._other_encoding(role) for role in _TEXT_ROLES}

    def texts(self, line: Line) -> dict[Role, Text]:
        """Every role of one row; its conversion is that of its font or of its column."""
        return {role: self._text(role, self._cell(line, role)) for role in self._columns.places}

    def _text(self, role: Role, cell: Cell) -> Text:
        evidence = evidence_of_font(cell.font)
        encoding = self.encoding if role in NAME_ROLES else self._others.get(role, TextEncoding.UNICODE)
        capitals = False
        if self._forced is None and evidence is not None and is_possible(cell.text, evidence.encoding):
            encoding, capitals = evidence.encoding, evidence.capitals
        converted = convert(cell.text, encoding)
        return Text(converted.upper() if capitals else converted, cell.text, capitals)

    def _cell(self, line: Line, role: Role) -> Cell:
        at = self._columns.places[role]
        return line.cells[at] if at < len(line.cells) else Cell()

    def _name_encoding(self) -> TextEncoding:
        """Of the name's columns together. Raises Refused when they cannot be told."""
        if self._forced is not None:
            return self._forced
        roles = [role for role in NAME_ROLES if self._columns.has(role)]
        voting: list[tuple[Line, str]] = []
        told: list[tuple[Line, str, TextEncoding]] = []
        for line in self._lines:
            cells = [self._cell(line, role) for role in roles]
            text = " ".join(cell.text for cell in cells if cell.text)
            by_font = _told_by_fonts(cells)
            if by_font is None:
                voting.append((line, text))
            else:
                told.append((line, text, by_font))
        self._check_fonts(told)
        verdict = vote([text for _, text in voting])
        if not verdict.sure:
            doubtful = [voting[index] for index in verdict.against]
            wording = _MIXED if doubtful else _NOT_SURE
            raise self._doubt(wording, doubtful or [each for each in voting if not each[1].isascii()])
        if told and all(text.isascii() for _, text in voting):
            return told[0][2]
        return verdict.encoding

    def _check_fonts(self, told: Sequence[tuple[Line, str, TextEncoding]]) -> None:
        """Text that was pasted in an old font without being old text is nothing to convert."""
        verdict = vote([text for _, text, _ in told])
        if verdict.sure and any(
            convert(text, verdict.encoding) != convert(text, by_font) for _, text, by_font in told
        ):
            raise self._doubt(_NOT_SURE, [(line, text) for line, text, _ in told])

    def _other_encoding(self, role: Role) -> TextEncoding:
        """A column of few words goes by the names beside it."""
        if self._forced is not None or not self._columns.has(role):
            return self._forced or TextEncoding.UNICODE
        cells = [self._cell(line, role) for line in self._lines]
        verdict = vote([cell.text for cell in cells if evidence_of_font(cell.font) is None])
        return verdict.encoding if verdict.sure else self.encoding

    def _doubt(self, wording: Wording, told: Sequence[tuple[Line, str]]) -> Refused:
        examples = []
        for line, text in told[:_SHOWN_EXAMPLES]:
            readings = {
                convert(text, each): each for each in reversed(TextEncoding) if is_possible(text, each)
            }
            shown = ", ".join(f"{each} “{reading}”" for reading, each in reversed(readings.items()))
            examples.append(say(_EXAMPLE, file=self._file, line=line.number, text=text, readings=shown))
        return Refused(say(wording, file=self._file), *examples)


def _told_by_fonts(cells: Sequence[Cell]) -> TextEncoding | None:
    """The encoding that the fonts of all cells that need it tell, if it can be true."""
    found: set[TextEncoding] = set()
    for cell in cells:
        if cell.text.isascii():
            continue
        evidence = evidence_of_font(cell.font)
        if evidence is None or not is_possible(cell.text, evidence.encoding):
            return None
        found.add(evidence.encoding)
    return found.pop() if len(found) == 1 else None
