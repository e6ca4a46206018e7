"""XLSX workbooks from strangers: one sheet's cells with their fonts, within bounds."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.exceptions import InvalidFileException

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.cli.tables import MAXIMUM_COLUMNS, MAXIMUM_ROWS, TOO_MANY_ROWS, Cell, Line, Table
from govdir.policy.texts import Wording

MAXIMUM_UNPACKED_BYTES: Final = 64 * 1024 * 1024
"""A zip of a few KiB can unpack to gigabytes; zipfile never unpacks more than a member's header says."""

MAXIMUM_PARTS: Final = 1000
MAXIMUM_SPANS: Final = 10_000

_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_DAMAGED = Wording(
    "{file}: không đọc được như một tệp XLSX; hãy lưu lại bằng Excel hoặc LibreOffice.",
    "{file}: cannot be read as an XLSX file; save it again with Excel or LibreOffice.",
)
_BOMB = Wording(
    "{file}: giải nén ra hơn {mebibytes} MiB; hãy chỉ để lại bảng danh sách trong tệp.",
    "{file}: unpacks to more than {mebibytes} MiB; leave only the table with the list in the file.",
)
_ENTITIES = Wording(
    "{file}: chứa khai báo DOCTYPE, tệp XLSX bình thường không có.",
    "{file}: holds a DOCTYPE, which no ordinary XLSX file does.",
)
_NO_SHEET = Wording(
    "{file}: không có trang “{sheet}”; có: {known}", '{file}: no sheet "{sheet}"; there are: {known}'
)

# What openpyxl lets through of a damaged or hostile workbook.
_TROUBLES = (
    zipfile.BadZipFile,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    NotImplementedError,
)


def read_workbook(path: Path, data: bytes, sheet: str | None) -> Table:
    """The sheet of that name, else the first visible one, with formulas' values. Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_bounds(path, archive)
        reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        reader.read()
        parts = {each.name: relation.target for each, relation in reader.parser.find_sheets()}
        name = _chosen(path, reader, sheet)
        lines = tuple(_lines(path, reader, name))
        return Table(path, lines, tuple(_merged(reader.archive.read(parts[name]))))
    except _TROUBLES as error:
        raise Refused(say(_DAMAGED, file=path)) from error


def _check_bounds(path: Path, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAXIMUM_PARTS or sum(each.file_size for each in members) > MAXIMUM_UNPACKED_BYTES:
        raise Refused(say(_BOMB, file=path, mebibytes=MAXIMUM_UNPACKED_BYTES >> 20))
    for member in members:
        if member.filename.endswith((".xml", ".rels")) and _declares(archive.read(member)):
            raise Refused(say(_ENTITIES, file=path))


def _declares(xml: bytes) -> bool:
    """In UTF-8 or UTF-16."""
    return b"<!DOCTYPE" in xml or b"<\0!\0D\0O\0C\0T" in xml or b"\0<\0!\0D\0O\0C\0T" in xml


def _chosen(path: Path, reader: ExcelReader, sheet: str | None) -> str:
    sheets = {each.title: each for each in reader.wb.worksheets}
    if sheet is None:
        return next((name for name, each in sheets.items() if each.sheet_state == "visible"), "")
    for name in sheets:
        if name.strip().casefold() == sheet.strip().casefold():
            return name
    raise Refused(say(_NO_SHEET, file=path, sheet=sheet, known=", ".join(sheets)))


def _lines(path: Path, reader: ExcelReader, sheet: str) -> Iterator[Line]:
    rows = reader.wb[sheet].iter_rows(min_row=1, max_row=MAXIMUM_ROWS + 1, max_col=MAXIMUM_COLUMNS)
    for number, row in enumerate(rows, 1):
        cells = tuple(_cell(each) for each in row)
        if not any(cell.text.strip() for cell in cells):
            continue
        if number > MAXIMUM_ROWS:
            raise Refused(say(TOO_MANY_ROWS, file=path, count=MAXIMUM_ROWS))
        yield Line(number, cells)


def _cell(cell: object) -> Cell:
    value = getattr(cell, "value", None)
    if value is None or isinstance(value, bool):
        return Cell()
    font = getattr(cell, "font", None)
    return Cell(_text(value), getattr(font, "name", None))


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return str(value)


def _merged(xml: bytes) -> Iterator[tuple[int, int, int]]:
    for count, found in enumerate(_MERGED.finditer(xml)):
        if count == MAXIMUM_SPANS:
            return
        first, last = (column_index_from_string(found[group].decode()) - 1 for group in (1, 3))
        if first == last:
            yield first, int(found[2]), int(found[4])
