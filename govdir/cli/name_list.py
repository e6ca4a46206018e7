"""A CSV file of names that want addresses, as spreadsheet programs write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.cli.output import remark
from govdir.mailattrs.folding import name_key
from govdir.mailattrs.legacy_text import TextEncoding, convert, vote
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Wording

COLUMNS = (
    "kind", "name", "parent", "parent_kind", "unit", "surname", "middle", "given", "rank", "position",
)  # fmt: skip
LAST_RANK = 1_000_000  # of rows that give none: after all others

# Headers as people in Vietnam write them, folded.
_VIETNAMESE = {
    "loai": "kind", "ho ten": "name", "ho va ten": "name", "ten co quan": "name", "co quan": "parent",
    "phong": "unit", "ho": "surname", "chu lot": "middle", "ten dem": "middle", "ten": "given",
    "cap bac": "rank", "thu bac": "rank", "chuc vu": "position",
}  # fmt: skip

_BODIES = tuple(kind.value for kind in MailboxKind if kind.is_body and kind is not MailboxKind.UNIT)

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
_LOOKS_LIKE = Wording(
    "  “{name}” có vẻ thuộc bảng mã {encoding}, đọc là “{read}”: nếu đúng, thêm --encoding {encoding}",
    '  "{name}" looks like {encoding} and would read "{read}": if so, add --encoding {encoding}',
)
_FIELDS = Wording("{place}: nhiều ô hơn dòng tiêu đề", "{place}: more fields than the header has")


class Row(Struct, frozen=True):
    """One name that wants an address; `line` is its place in the file, `position` a post, rank 1 is first."""

    kind: MailboxKind
    name: str
    line: int = 0
    rank: int = LAST_RANK
    position: str = ""
    parent: str | None = None
    parent_kind: MailboxKind | None = None
    unit: str | None = None
    surname: str | None = None
    middle: str | None = None
    given: str | None = None


def in_order_of_choice(pack: Pack, rows: Iterable[Row]) -> list[Row]:
    """Who chooses first: by rank; by post, where the regulation says so; then as they stand in the file."""

    def post(row: Row) -> int:
        return 0 if pack.ranks.priority is None else pack.ranks.precedence(row.position)

    return sorted(rows, key=lambda row: (row.rank, post(row), row.line))


def in_unicode(rows: list[Row], encoding: TextEncoding) -> list[Row]:
    """The rows with the names that are in `encoding` converted; tells when they look like another one."""
    if encoding is TextEncoding.UNICODE:
        names = [row.name or " ".join(filter(None, (row.surname, row.middle, row.given))) for row in rows]
        verdict = vote(names)
        if verdict.sure and verdict.encoding is not TextEncoding.UNICODE:
            read = convert(names[0], verdict.encoding)
            remark(say(_LOOKS_LIKE, encoding=verdict.encoding, name=names[0], read=read))
        return rows
    return [
        replace(
            row,
            name=convert(row.name, encoding),
            surname=_converted(row.surname, encoding),
            middle=_converted(row.middle, encoding),
            given=_converted(row.given, encoding),
        )
        for row in rows
    ]


def _converted(text: str | None, encoding: TextEncoding) -> str | None:
    return None if text is None else convert(text, encoding)


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
    names = [_column(column) for column in reader.fieldnames or ()]
    for column, name in zip(reader.fieldnames or (), names, strict=True):
        if name not in COLUMNS:
            raise Refused(say(_COLUMN, place=f"{path}:1", column=column, known=", ".join(COLUMNS)))
    reader.fieldnames = names
    return [_row(f"{path}:{reader.line_num}", reader.line_num, raw, kind) for raw in reader]


def _column(header: str) -> str:
    """The column that a header means, itself where it means none."""
    text = header.strip()
    return _VIETNAMESE.get(name_key(text), text)


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
    parent_kind = cells.get("parent_kind")
    if parent_kind is not None and parent_kind not in _BODIES:
        raise Refused(say(_KIND, place=place, kind=parent_kind, known=", ".join(_BODIES)))
    return Row(
        MailboxKind(kind),
        name,
        line=line,
        rank=int(rank),
        position=cells.get("position") or "",
        parent=cells.get("parent"),
        parent_kind=MailboxKind(parent_kind) if parent_kind else None,
        unit=cells.get("unit"),
        surname=cells.get("surname"),
        middle=cells.get("middle"),
        given=cells.get("given"),
    )
