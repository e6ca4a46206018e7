"""A CSV file of names that want addresses, as spreadsheet programs write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.policy.model import MailboxKind
from govdir.policy.texts import Wording

COLUMNS = ("kind", "name", "parent", "surname", "middle", "given", "rank")
LAST_RANK = 1_000_000  # of rows that give none: after all others

_ENCODING = Wording("{place}: tệp không phải UTF-8", "{place}: the file is not UTF-8")
_COLUMN = Wording(
    "{place}: không có cột “{column}”; các cột: {known}",
    '{place}: there is no column "{column}"; there are: {known}',
)
_KIND = Wording(
    "{place}: loại “{kind}” không có; các loại: {known}", '{place}: no kind "{kind}"; there are: {known}'
)
_NAME = Wording("{place}: thiếu họ tên hoặc tên cơ quan", "{place}: the name is missing")
_RANK = Wording("{place}: thứ bậc “{rank}” không phải số nguyên", '{place}: rank "{rank}" is no whole number')
_FIELDS = Wording("{place}: nhiều ô hơn dòng tiêu đề", "{place}: more fields than the header has")


class Row(Struct, frozen=True):
    """One name that wants an address; `line` is its place in the file, rank 1 goes first."""

    line: int
    rank: int
    kind: MailboxKind
    name: str
    parent: str | None
    surname: str | None
    middle: str | None
    given: str | None


def read_rows(path: Path, kind: str | None) -> list[Row]:
    """The rows of a file; `kind` is for rows that give none. Raises Refused naming the line, OSError."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(say(_ENCODING, place=path)) from None
    header = text.partition("\n")[0]
    # Spreadsheet programs set to Vietnamese separate with semicolons.
    delimiter = ";" if ";" in header and "," not in header else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    for column in reader.fieldnames or ():
        if column.strip() not in COLUMNS:
            raise Refused(say(_COLUMN, place=f"{path}:1", column=column, known=", ".join(COLUMNS)))
    reader.fieldnames = [column.strip() for column in reader.fieldnames or ()]
    return [_row(f"{path}:{reader.line_num}", reader.line_num, raw, kind) for raw in reader]


def _row(place: str, line: int, raw: Mapping[str | None, str | None], default_kind: str | None) -> Row:
    if None in raw:
        raise Refused(say(_FIELDS, place=place))
    cells = {key: (value or "").strip() or None for key, value in raw.items()}
    kind = cells.get("kind") or default_kind or ""
    if kind not in {each.value for each in MailboxKind}:
        raise Refused(say(_KIND, place=place, kind=kind, known=", ".join(MailboxKind)))
    name = cells.get("name") or ""
    if not name and not (cells.get("surname") and cells.get("given")):
        raise Refused(say(_NAME, place=place))
    rank = cells.get("rank") or str(LAST_RANK)
    if not (rank.isascii() and rank.isdigit()):
        raise Refused(say(_RANK, place=place, rank=rank))
    parts = (cells.get(part) for part in ("parent", "surname", "middle", "given"))
    return Row(line, int(rank), MailboxKind(kind), name, *parts)
