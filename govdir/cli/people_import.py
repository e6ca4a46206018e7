"""Importing people from a list as an agency's IT officer sends it: read, shown, asked, written at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic

import click
from msgspec import Struct

from govdir.cli.asking import make_sure
from govdir.cli.language import say
from govdir.cli.loading import write_plan
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.org_lookup import find_body
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people_import_bodies import Bodies, UnknownBody
from govdir.cli.people_import_columns import find_columns
from govdir.cli.people_import_plan import PeoplePlan, Planned
from govdir.cli.people_import_rows import Row, Rows, Skipped
from govdir.cli.people_import_text import Reader
from govdir.cli.people_import_view import (
    RowReport,
    SkippedReport,
    print_preview,
    row_report,
    shown,
    skipped_report,
)
from govdir.cli.private_files import replacing_private
from govdir.cli.tables import Table, read_table
from govdir.config import Config
from govdir.mailattrs.legacy_text import TextEncoding
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.texts import Wording

_NOBODY = Wording("{file}: không có dòng nào cần cấp hộp thư.", "{file}: no row asks for a mailbox.")
_TOLD = Wording("{file}:{row}: {name}: {why}", "{file}:{row}: {name}: {why}")
_NOTHING = Wording(
    "Không nhập gì: {count} dòng bị từ chối.", "Nothing was imported: {count} {count:row|rows} refused."
)
_NOTHING_NEW = Wording(
    "Không nhập gì: cả {count} dòng đều là người đã có hộp thư.",
    "Nothing was imported: {count} {count:row, a person who has|rows, all people who have} a "
    "mailbox already.",
)
_PARTLY = Wording(
    "{count} dòng không được cấp: {refused} bị từ chối, {present} đã có hộp thư hoặc lặp lại.",
    "{count} {count:row|rows} got no mailbox: {refused} refused, {present} there already or repeated.",
)
_KEEP_GOING = Wording(
    "--keep-going nhập các dòng còn lại và ghi các dòng bị từ chối ra một tệp CSV.",
    "--keep-going imports the other rows and writes the refused ones to a CSV file.",
)
_TO_MAKE = Wording(
    'Đơn vị nào có thật mà danh bạ chưa có thì tạo trước: govdir org create HOME --name "{unit}" --in {body}',
    "A unit that exists but is not in the directory is made first: "
    'govdir org create HOME --name "{unit}" --in {body}',
)
_QUESTION = Wording(
    "Cấp {count} hộp thư như trên?", "Make {count:this|these} {count} {count:mailbox|mailboxes}?"
)
_QUESTION_TWICE = Wording(
    "Cấp {count} hộp thư như trên? {twice} người trùng tên với người đã có ở cùng nơi: có thể đã được cấp.",
    "Make {count:this|these} {count} {count:mailbox|mailboxes}? {twice} {twice:has|have} the name of "
    "somebody in the same body already.",
)
_DONE = Wording(
    "Đã cấp {count} hộp thư trong {seconds:.1f} giây.",
    "Made {count} {count:mailbox|mailboxes} in {seconds:.1f} s.",
)
_WOULD = Wording(
    "Không có lỗi: cấp được {count} hộp thư.", "No errors: {count} {count:mailbox|mailboxes} could be made."
)
_PASSWORDS = Wording(
    "Mật mã dùng một lần ở {file}; phải đổi khi đăng nhập lần đầu.",
    "One-time passwords are in {file}; they must be changed at the first login.",
)
_EXISTS = Wording(
    "{file}: đã có tệp này; hãy chọn tên khác.", "{file}: this file exists; choose another name."
)
_LEFT = Wording("Các dòng này ở {file}", "They are in {file}")
_WHY = Wording("Lý do", "Why")
_PASSWORD_HEADS = (
    Wording("Dòng", "Row"),
    Wording("Họ và tên", "Name"),
    Wording("Nơi làm việc", "Body"),
    Wording("Địa chỉ", "Address"),
    Wording("Mật mã dùng một lần", "One-time password"),
)


class Wanted(Struct, frozen=True):
    """What the command line asks for; `body` names the place of rows that name none."""

    file: Path
    body: str | None = None
    sheet: str | None = None
    encoding: TextEncoding | None = None
    passwords: Path | None = None
    check: AddressCheck = AddressCheck.LADDER
    dry_run: bool = False
    keep_going: bool = False
    namesakes: bool = False
    yes: bool = False
    as_json: bool = False


class Report(Struct, frozen=True):
    """What is printed with --json; `present` counts rows left out because their people have a mailbox, or
    get one by an earlier row. `refused_file` holds the rows that --keep-going left behind."""

    imported: int
    refused: int
    present: int
    dry_run: bool
    encoding: str
    seconds: float
    refused_file: str
    rows: tuple[RowReport, ...]
    left_out: tuple[SkippedReport, ...]


class _List(Struct, frozen=True):
    """A list that has been read."""

    table: Table
    header: tuple[str, ...]
    encoding: TextEncoding
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]


def import_people(config: Config, wanted: Wanted) -> None:
    """Reads, shows, asks and writes. Raises Refused, also where some rows get no mailbox; EnvironmentTrouble,
    OSError."""
    if wanted.passwords is not None and wanted.passwords.exists():
        raise Refused(say(_EXISTS, file=wanted.passwords))
    started = monotonic()
    content = _read(wanted)
    with open_directory(config, wanted.check) as local:
        top = None if wanted.body is None else find_body(local, wanted.body)
        plan = PeoplePlan(local, Bodies(local, top), content.rows, take_namesakes=wanted.namesakes)
        if not wanted.as_json:
            print_preview(content.encoding, plan.planned, content.skipped)
        stopped = not plan.accepted or (bool(plan.refused) and not wanted.keep_going)
        left = None
        if not (stopped or wanted.dry_run):
            _ask(plan, wanted)
            _write(local, plan, wanted)
            left = _write_left(content, plan, wanted)
        seconds = round(monotonic() - started, 3)
        if wanted.as_json:
            print_json(_report(content, plan, wanted, seconds, left, stopped=stopped))
    if stopped:
        raise _refused(plan, wanted)
    if not wanted.as_json:
        wording = _WOULD if wanted.dry_run else _DONE
        click.echo(say(wording, count=len(plan.accepted), seconds=seconds))
    if wanted.passwords is not None and not wanted.dry_run:
        remark(say(_PASSWORDS, file=wanted.passwords))
    if plan.left:
        raise _done_partly(plan, wanted, left)


def _read(wanted: Wanted) -> _List:
    table = read_table(wanted.file, wanted.sheet)
    columns = find_columns(table)
    below = tuple(line for line in table.lines if line.number > columns.after)
    header = [line for line in table.lines if line.number == columns.after]
    reader = Reader(table.file, columns, below, wanted.encoding)
    reading = Rows(table, columns, reader, header)
    found = [reading.read(line) for line in below]
    rows = tuple(each for each in found if isinstance(each, Row))
    if not rows:
        raise Refused(say(_NOBODY, file=table.file))
    skipped = tuple(each for each in found if isinstance(each, Skipped))
    return _List(table, tuple(cell.text for cell in header[0].cells), reader.encoding, rows, skipped)


def _ask(plan: PeoplePlan, wanted: Wanted) -> None:
    twice = sum(bool(each.namesakes.in_body) for each in plan.accepted)
    wording = _QUESTION_TWICE if twice else _QUESTION
    make_sure(say(wording, count=len(plan.accepted), twice=twice), yes=wanted.yes)


def _write(local: LocalDirectory, plan: PeoplePlan, wanted: Wanted) -> None:
    """All accepted rows at once; the file of passwords is there exactly when they are."""
    if wanted.passwords is None:
        write_plan(local, plan.bulk)
        return
    bulk, chosen = plan.with_passwords()
    with replacing_private(wanted.passwords) as file:
        file.write(_csv(_password_rows(chosen)))
        file.flush()
        write_plan(local, bulk)


def _password_rows(chosen: Sequence[tuple[Planned, str]]) -> Iterator[Sequence[str]]:
    yield [say(each) for each in _PASSWORD_HEADS]
    for each, password in chosen:
        name = each.row.written if each.name is None else each.name.written
        body = "" if each.body is None else each.body.name
        yield str(each.row.number), name, body, each.address, password


def _write_left(content: _List, plan: PeoplePlan, wanted: Wanted) -> Path | None:
    """Rows without a mailbox as they were in the file, each with its reason, to mend and bring again."""
    if not (plan.left and wanted.keep_going):
        return None
    path = wanted.file.with_name(f"{wanted.file.stem}.refused.csv")
    width = max(map(_filled, (content.header, *(each.row.cells for each in plan.left))))
    rows = [(*_padded(content.header, width), say(_WHY))]
    rows += [(*_padded(each.row.cells, width), _reason(each)) for each in plan.left]
    with replacing_private(path) as file:
        file.write(_csv(rows))
    return path


def _reason(planned: Planned) -> str:
    return "" if planned.problem is None else planned.problem.text


def _padded(cells: Sequence[str], width: int) -> tuple[str, ...]:
    return (*cells[:width], *[""] * (width - len(cells)))


def _filled(cells: Sequence[str]) -> int:
    """How many there are up to the last that is not empty; workbooks have many behind it."""
    return max((number for number, text in enumerate(cells, 1) if text.strip()), default=0)


def _csv(rows: Sequence[Sequence[str]] | Iterator[Sequence[str]]) -> bytes:
    """In UTF-8 with a byte order mark, which spreadsheet programs want."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _told(rows: Sequence[Planned], wanted: Wanted) -> Iterator[str]:
    for each in rows:
        name = shown(" ".join(each.row.written.split()))
        yield say(_TOLD, file=wanted.file, row=each.row.number, name=name, why=_reason(each))


def _refused(plan: PeoplePlan, wanted: Wanted) -> Refused:
    told = _told(plan.left, wanted)
    if not plan.refused:
        return Refused(*told, say(_NOTHING_NEW, count=len(plan.left)))
    hint = [say(_KEEP_GOING)] if plan.accepted else []
    return Refused(*told, *_to_make(plan, wanted), say(_NOTHING, count=len(plan.refused)), *hint)


def _to_make(plan: PeoplePlan, wanted: Wanted) -> list[str]:
    """How to make the first unit that is missing, said once for however many rows."""
    missing = (
        each for each in plan.refused if each.problem is not None and each.problem.rule == UnknownBody.rule
    )
    unit = next((shown(each.row.unit) for each in missing if each.row.unit), None)
    return [] if unit is None or wanted.body is None else [say(_TO_MAKE, unit=unit, body=wanted.body)]


def _done_partly(plan: PeoplePlan, wanted: Wanted, left: Path | None) -> Refused:
    count, refused = len(plan.left), len(plan.refused)
    summary = say(_PARTLY, count=count, refused=refused, present=count - refused)
    file = [] if left is None else [say(_LEFT, file=left)]
    return Refused(*_told(plan.left, wanted), *_to_make(plan, wanted), summary, *file)


def _report(
    content: _List, plan: PeoplePlan, wanted: Wanted, seconds: float, left: Path | None, *, stopped: bool
) -> Report:
    return Report(
        imported=0 if stopped or wanted.dry_run else len(plan.accepted),
        refused=len(plan.refused),
        present=len(plan.left) - len(plan.refused),
        dry_run=wanted.dry_run,
        encoding=content.encoding.value,
        seconds=seconds,
        refused_file="" if left is None else str(left),
        rows=tuple(map(row_report, plan.planned)),
        left_out=tuple(map(skipped_report, content.skipped)),
    )
