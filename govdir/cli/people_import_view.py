"""An agency's list before it is imported, for people and for programs: row by row, before and after."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import click
from msgspec import Struct

from govdir.cli.language import current_language, say
from govdir.cli.people_import_plan import Fate, Namesakes, Planned
from govdir.cli.people_import_rows import Skipped
from govdir.cli.table import print_table
from govdir.mailattrs.legacy_text import TextEncoding
from govdir.policy.texts import Wording

_HEADS = (
    Wording("Dòng", "Row"),
    Wording("Họ và tên", "Name"),
    Wording("Họ", "Surname"),
    Wording("Tên đệm", "Middle"),
    Wording("Tên", "Given"),
    Wording("Nơi làm việc", "Body"),
    Wording("Địa chỉ", "Address"),
    Wording("Bước", "Step"),
    Wording("Ghi chú", "Remarks"),
)
_ENCODING = Wording("Bảng mã của cột họ tên: {encoding}.", "The names are in: {encoding}.")
_WAS = Wording("trong tệp: {before}", "in the file: {before}")
_REFUSED = Wording("BỊ TỪ CHỐI ({why})", "REFUSED ({why})")
_BELOW = Wording("xem bên dưới", "see below")
_LEFT_OUT = Wording("BỎ QUA ({why})", "LEFT OUT ({why})")
_ROWS = Wording("trùng tên với dòng {rows}", "same name as row {rows}")
_IN_BODY = Wording("ĐÃ CÓ người trùng tên ở nơi này: {mails}", "SAME NAME ALREADY in this body: {mails}")
_ELSEWHERE = Wording("trùng tên với {mails}", "same name as {mails}")
_SKIPPED = Wording("Dòng {number} bỏ qua ({why}): {text}", "Row {number} left out ({why}): {text}")
_NO_SURNAME = Wording("“{word}” có phải là họ không?", "is “{word}” a surname?")
_ONE_WORD = Wording("chỉ có một tiếng: đã đủ họ tên chưa?", "one word: is that the whole name?")
_FORMS_OF_ADDRESS = frozenset(
    ("ông", "bà", "anh", "chị", "cô", "chú", "bác", "đc", "đ/c", "gs", "pgs", "ts", "ths", "bs", "ks", "cn")
)
_SHOWN_MAILS = 3
_SHOWN_CHARACTERS = 60  # no name is longer, and one that is must not push the other columns out of sight


class RowReport(Struct, frozen=True):
    """One row with --json; `step` counts the ladder's steps from 1, `refusal` says why it gets no mailbox."""

    row: int
    fate: Fate
    before: str
    name: str
    surname: str
    middle: str
    given: str
    body: str
    dn: str
    address: str
    step: int | None
    rule: str
    citation: str
    refusal: str
    same_name_rows: tuple[int, ...]
    same_name_in_body: tuple[str, ...]
    same_name_elsewhere: tuple[str, ...]


class SkippedReport(Struct, frozen=True):
    """A row that names nobody to be added, with --json."""

    row: int
    text: str
    why: str


def print_preview(encoding: TextEncoding, planned: Sequence[Planned], skipped: Sequence[Skipped]) -> None:
    """On standard output."""
    click.echo(say(_ENCODING, encoding=encoding.value))
    print_table([tuple(map(say, _HEADS)), *map(_cells, planned)])
    for each in skipped:
        click.echo(say(_SKIPPED, number=each.number, why=say(each.why), text=each.text))


def _cells(planned: Planned) -> tuple[str, ...]:
    row, name, form = planned.row, planned.name, planned.form
    parts = ("", "", "") if name is None else tuple(map(shown, (name.surname, name.middle, name.given)))
    return (
        str(row.number),
        shown(row.written if name is None else name.written),
        *parts,
        "" if planned.body is None else planned.body.name,
        planned.address,
        "" if form is None else str(form.rank),
        "; ".join(_remarks(planned)),
    )


def shown(text: str) -> str:
    """Control characters of a refused name must not reach the terminal; TCVN3's ư is one that none shows."""
    if len(text) > _SHOWN_CHARACTERS:
        text = f"{text[:_SHOWN_CHARACTERS]}…"
    visible = text.replace("\N{SOFT HYPHEN}", "-").replace("\N{NO-BREAK SPACE}", " ")
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in visible)


def _remarks(planned: Planned) -> Iterator[str]:
    row = planned.row
    if planned.problem is not None:
        problem = planned.problem
        if problem.fate is Fate.REFUSED:
            yield say(_REFUSED, why=problem.citation or say(_BELOW))
        else:
            yield say(_LEFT_OUT, why=problem.text)
    if row.before and unicodedata.normalize("NFC", row.before) != row.written:
        yield say(_WAS, before=shown(row.before))
    yield from _doubts(row.written)
    if planned.fate is not Fate.PRESENT:
        yield from _same_names(planned.namesakes)


def _doubts(name: str) -> Iterator[str]:
    """What is likely more or less than a name; there are people called Ông and Mai, so it only asks."""
    first, *others = name.split() or [""]
    if others and (first.endswith(".") or first.lower().replace(".", "") in _FORMS_OF_ADDRESS):
        yield say(_NO_SURNAME, word=first)
    if first and not others:
        yield say(_ONE_WORD)


def _same_names(namesakes: Namesakes) -> Iterator[str]:
    if namesakes.rows:
        yield say(_ROWS, rows=", ".join(map(str, namesakes.rows)))
    if namesakes.in_body:
        yield say(_IN_BODY, mails=_few(namesakes.in_body))
    if namesakes.elsewhere:
        yield say(_ELSEWHERE, mails=_few(namesakes.elsewhere))


def _few(mails: Sequence[str]) -> str:
    return ", ".join(mails[:_SHOWN_MAILS]) + (", …" if len(mails) > _SHOWN_MAILS else "")


def row_report(planned: Planned) -> RowReport:
    """The same for programs."""
    row, name, form, problem = planned.row, planned.name, planned.form, planned.problem
    citation = "" if form is None else form.citation.text(current_language())
    return RowReport(
        row=row.number,
        fate=planned.fate,
        before=row.before,
        name=row.written if name is None else name.written,
        surname="" if name is None else name.surname,
        middle="" if name is None else name.middle,
        given="" if name is None else name.given,
        body="" if planned.body is None else planned.body.name,
        dn="" if planned.entry is None or planned.body is None else f"{planned.entry.rdn},{planned.body.dn}",
        address=planned.address,
        step=None if form is None else form.rank,
        rule="" if problem is None else problem.rule,
        citation=citation if problem is None else problem.citation,
        refusal="" if problem is None else problem.text,
        same_name_rows=planned.namesakes.rows,
        same_name_in_body=planned.namesakes.in_body,
        same_name_elsewhere=planned.namesakes.elsewhere,
    )


def skipped_report(skipped: Skipped) -> SkippedReport:
    """The same for rows left out."""
    return SkippedReport(skipped.number, skipped.text, say(skipped.why))
