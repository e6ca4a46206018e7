"""Tables as people send them, XLSX or CSV: rows of text with the font each cell is set in, and no opinion."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.policy.texts import Wording

MAXIMUM_FILE_BYTES: Final = 20 * 1024 * 1024
"""A list of 20,000 people is some 3 MiB; what is larger was given by mistake."""

MAXIMUM_ROWS: Final = 50_000
MAXIMUM_COLUMNS: Final = 100

_ZIP, _COMPOUND_FILE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SUFFIXES: Final = frozenset({".xlsx", ".xlsm", ".xls", ".csv", ".tsv"})
_SAMPLE_LINES: Final = 50
_DELIMITERS: Final = ",;\t|"

# The five codes that Windows-1252 leaves open stand for themselves.
_AS_WINDOWS: Final = tuple(
    bytes([octet]).decode("cp1252" if octet not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
    for octet in range(256)
)

_TOO_LARGE = Wording("{file}: tệp lớn hơn {mebibytes} MiB", "{file}: the file is larger than {mebibytes} MiB")
TOO_MANY_ROWS = Wording("{file}: quá {count} dòng", "{file}: more than {count} {count:row|rows}")
_XLS = Wording(
    "{file}: tệp .xls kiểu cũ; hãy mở bằng Excel hoặc LibreOffice, chọn Lưu thành (Save As), loại "
    "“Excel Workbook (*.xlsx)”, rồi nhập tệp .xlsx. Phông chữ của các ô được giữ nguyên.",
    "{file}: an .xls file of the old kind; open it in Excel or LibreOffice, choose Save As, type "
    '"Excel Workbook (*.xlsx)", and import the .xlsx file. The fonts of its cells are kept.',
)
_NOT_CSV = Wording("{file}:{line}: không phải CSV: {why}", "{file}:{line}: not CSV: {why}")


class Cell(Struct, frozen=True):
    """One cell's text as it stands in the file, and its font where the file says so."""

    text: str = ""
    font: str | None = None


class Line(Struct, frozen=True):
    """One row that is not empty; `number` is the spreadsheet program's, or the line in a CSV file."""

    number: int
    cells: tuple[Cell, ...]


class Table(Struct, frozen=True):
    """`merged` are vertical spans of one column: (column from 0, first row, last row).

    `delimited`: cells are text between delimiters, where a forgotten quotation mark tears one in two.
    """

    file: Path
    lines: tuple[Line, ...]
    merged: tuple[tuple[int, int, int], ...] = ()
    delimited: bool = False


def is_table(path: Path) -> bool:
    """Whether the file is named as a table; LDIF is everything else."""
    return path.suffix.lower() in _SUFFIXES


def read_table(path: Path, sheet: str | None) -> Table:
    """The table of a file, by what it holds and not by its name. Raises Refused, OSError."""
    with path.open("rb") as file:
        data = file.read(MAXIMUM_FILE_BYTES + 1)
    if len(data) > MAXIMUM_FILE_BYTES:
        raise Refused(say(_TOO_LARGE, file=path, mebibytes=MAXIMUM_FILE_BYTES >> 20))
    if data.startswith(_COMPOUND_FILE):
        raise Refused(say(_XLS, file=path))
    if data.startswith(_ZIP):
        from govdir.cli.tables_xlsx import read_workbook  # noqa: PLC0415 (openpyxl takes a while to import)

        return read_workbook(path, data, sheet)
    return Table(path, tuple(_csv_lines(path, _decoded(data))), delimited=True)


def _decoded(data: bytes) -> str:
    """The text of a CSV file; what is no Unicode is shown as Windows-1252 would, for the columns to tell."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data[1::2].count(0) > len(data) // 4:
        return data.decode("utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(_AS_WINDOWS[octet] for octet in data)


def _csv_lines(path: Path, text: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    start = 1
    try:
        for fields in reader:
            number, start = start, reader.line_num + 1
            if number > MAXIMUM_ROWS:
                raise Refused(say(TOO_MANY_ROWS, file=path, count=MAXIMUM_ROWS))
            if any(field.strip() for field in fields):
                yield Line(number, tuple(Cell(field) for field in fields[:MAXIMUM_COLUMNS]))
    except csv.Error as error:
        raise Refused(say(_NOT_CSV, file=path, line=start, why=error)) from None


def _delimiter(text: str) -> str:
    """The one that cuts the most of the first rows into equally many fields."""
    sample = text.splitlines(keepends=True)[:_SAMPLE_LINES]
    return max(_DELIMITERS, key=lambda each: _evenness(sample, each))


def _evenness(sample: Sequence[str], delimiter: str) -> tuple[int, int]:
    try:
        counts = [len(fields) for fields in csv.reader(sample, delimiter=delimiter)]
    except csv.Error:
        return 0, 0
    wide = [count for count in counts if count > 1]
    usual = max(set(wide), key=wide.count, default=1)
    return wide.count(usual) if usual > 1 else 0, usual
