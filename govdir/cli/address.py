"""`govdir address`: what address the regulation gives, without any directory."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.address_words import remark_aliases, skipped_forms, skipped_line
from govdir.cli.command import Group, Verb, command, json_option, name_part_options, option, province_option
from govdir.cli.language import current_language, say
from govdir.cli.name_list import Row, in_order_of_choice, in_unicode, read_rows
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.mailattrs.addresses import HumanDecides, Proposal, propose_address
from govdir.mailattrs.legacy_text import TextEncoding
from govdir.mailattrs.names import InvalidName
from govdir.policy.load import load_named
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Wording

address = Group(
    "address",
    Wording("Địa chỉ thư theo quy chế.", "What address the regulation gives."),
    ('govdir address propose --province cantho --kind person --name "Nguyễn Văn Minh"',),
    {
        "propose": Verb(
            "govdir.cli.address:propose",
            Wording("Cho biết địa chỉ theo quy chế.", "Tell the address the regulation gives."),
        ),
        "labels": Verb(
            "govdir.cli.address_labels:labels",
            Wording("Cho biết các nhãn có thể đặt.", "Tell which labels an agency or unit may have."),
        ),
        "keep": Verb(
            "govdir.cli.address_keep:keep",
            Wording(
                "Xem, đặt hạn nhận thư của địa chỉ cũ.", "Show or set until when an old address receives."
            ),
        ),
        "release": Verb(
            "govdir.cli.address_release:release",
            Wording("Cho phép cấp lại địa chỉ đã giữ.", "Let a retired address be given again."),
        ),
    },
)

_NEEDS_NAME = Wording(
    "cần --kind và --name (hoặc --surname với --given), hay --from",
    "--kind and --name (or --surname with --given) are needed, or --from",
)
_EITHER = Wording("--from không đi cùng {other}", "--from does not go with {other}")
_UNSOLVED = Wording(
    "{count} dòng cần người quyết định hoặc phải sửa.",
    "{count} {count:row needs|rows need} a person to decide, or mending.",
)


class Answer(Struct, frozen=True):
    """What is printed for one name; `rank` is the step of the ladder, 0 = registered by name.

    `outcome` is "given", "human" (a person decides) or "refused"; where it is not "given", `address` is None
    and `rule` says why.
    """

    outcome: str
    kind: str
    name: str
    address: str | None
    rank: int | None
    rule: str
    aliases: tuple[str, ...] = ()
    skipped: tuple[dict[str, str], ...] = ()


@command(
    "propose",
    Wording(
        "In ra địa chỉ mà quy chế của tỉnh, thành phố đặt cho họ tên hoặc cơ quan; không cần danh bạ.\n\n"
        "Kết thúc với mã 1 và lý do khi phải do con người quyết định.",
        "Prints the address that the province's regulation gives a person or body; needs no directory.\n\n"
        "Ends with status 1 and the reason where a human must decide.",
    ),
    'govdir address propose --province cantho --kind person --name "Nguyễn Văn Minh" --taken nvminh',
    'govdir address propose --province cantho --kind unit --name "Văn phòng" --parent sokhdt',
    "govdir address propose --province cantho --from names.csv > addresses.csv",
)
@province_option
@option(
    "--kind",
    type=click.Choice([kind.value for kind in MailboxKind]),
    wording=Wording("Loại hộp thư.", "Whose mailbox it is."),
)
@option(
    "--name",
    wording=Wording("Họ tên đầy đủ, hoặc tên cơ quan, đơn vị.", "The full name, or the body's name."),
)
@option(
    "--parent",
    wording=Wording(
        "Cơ quan chủ quản: nhãn (sokhdt; pnv.cujut là phòng hoặc xã thuộc huyện) hoặc tên.",
        "The body above: its label (sokhdt; pnv.cujut for a unit or commune of a district) or name.",
    ),
)
@option(
    "--parent-kind",
    type=click.Choice([kind.value for kind in MailboxKind if kind.is_body and kind is not MailboxKind.UNIT]),
    wording=Wording(
        "Loại của cơ quan chủ quản, khi nhãn không nói rõ.",
        "The kind of the body above, where labels leave it open.",
    ),
)
@option(
    "--unit",
    wording=Wording(
        "Nhãn của phòng, đơn vị: xin dạng địa chỉ có tên phòng khi quy chế cho phép.",
        "The label of the unit: asks for the form made with it, where the regulation has one.",
    ),
)
@option(
    "--taken",
    default="",
    show_default=False,
    wording=Wording("Địa chỉ đã có người dùng, cách nhau dấu phẩy.", "Addresses in use, apart by commas."),
)
@name_part_options
@option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    wording=Wording(
        "Tệp CSV có cột kind, name và tùy ý parent, unit, surname, middle, given, rank (1 đứng trước), "
        "position (chức vụ).",
        "A CSV file with columns kind, name and at will parent, unit, surname, middle, given, rank (1 goes "
        "first), position (post).",
    ),
)
@option(
    "--encoding",
    type=click.Choice([encoding.value for encoding in TextEncoding]),
    default=TextEncoding.UNICODE.value,
    wording=Wording("Bảng mã của họ tên trong danh sách cũ.", "How names of an old list are written."),
)
@json_option
def propose(
    *,
    province: str,
    kind: str | None,
    name: str | None,
    parent: str | None,
    parent_kind: str | None,
    unit: str | None,
    taken: str,
    surname: str | None,
    middle: str | None,
    given: str | None,
    source: Path | None,
    encoding: str,
    as_json: bool,
) -> None:
    """`govdir address propose`."""
    pack = load_named(province)
    held = {each.strip().lower() for each in taken.split(",") if each.strip()}
    if source is not None:
        single = {
            "--name": name,
            "--parent": parent,
            "--parent-kind": parent_kind,
            "--unit": unit,
            "--surname": surname,
            "--middle": middle,
            "--given": given,
        }
        if given_too := [flag for flag, value in single.items() if value is not None]:
            raise click.UsageError(say(_EITHER, other=given_too[0]))
        _propose_batch(pack, in_unicode(read_rows(source, kind), TextEncoding(encoding)), held, as_json)
        return
    if kind == MailboxKind.LIST and name is None and pack.list_words:
        name = kind  # the regulation calls lists by a word of its own, whatever their names
    if kind is None or (name is None and (surname is None or given is None)):
        raise click.UsageError(say(_NEEDS_NAME))
    row = Row(
        MailboxKind(kind),
        name or "",
        parent=parent,
        parent_kind=MailboxKind(parent_kind) if parent_kind else None,
        unit=unit,
        surname=surname,
        middle=middle,
        given=given,
    )
    _propose_one(pack, in_unicode([row], TextEncoding(encoding))[0], held, as_json)


def _propose_one(pack: Pack, row: Row, held: set[str], as_json: bool) -> None:
    found = _found(pack, row, held)
    if as_json:
        print_json(_answer(row, found))
    if isinstance(found, InvalidName):
        raise Refused(say(found.why))
    if isinstance(found, HumanDecides):
        raise Refused(found.text(current_language()), *map(skipped_line, skipped_forms(found.skipped)))
    if not as_json:
        click.echo(found.address)
        remark(found.citation.text(current_language()))
        for form in skipped_forms(found.skipped):
            remark(skipped_line(form))
        remark_aliases(found.aliases)


def _propose_batch(pack: Pack, rows: list[Row], held: set[str], as_json: bool) -> None:
    """Rows of a higher rank or post choose first, then in the order of the file, which the answers keep."""
    answers: dict[int, Answer] = {}
    for row in in_order_of_choice(pack, rows):
        found = _found(pack, row, held)
        answers[row.line] = _answer(row, found)
        if isinstance(found, Proposal):
            held.update((found.address, *found.aliases))
    in_order = [answers[row.line] for row in rows]
    if as_json:
        print_json(in_order)
    else:
        _print_csv(in_order)
    if unsolved := sum(answer.address is None for answer in in_order):
        raise Refused(say(_UNSOLVED, count=unsolved))


def _found(pack: Pack, row: Row, held: set[str]) -> Proposal | HumanDecides | InvalidName:
    try:
        return propose_address(
            pack,
            row.kind,
            row.name,
            parent=row.parent,
            parent_kind=row.parent_kind,
            unit=row.unit,
            taken=lambda address: address in held or address.partition("@")[0] in held,
            surname=row.surname,
            middle=row.middle,
            given=row.given,
        )
    except InvalidName as error:
        return error


def _answer(row: Row, found: Proposal | HumanDecides | InvalidName) -> Answer:
    name = row.name or " ".join(part for part in (row.surname, row.middle, row.given) if part)
    match found:
        case InvalidName():
            return Answer("refused", row.kind.value, name, None, None, say(found.why))
        case HumanDecides():
            why = found.text(current_language())
            return Answer("human", row.kind.value, name, None, None, why, (), skipped_forms(found.skipped))
    citation = found.citation.text(current_language())
    rank, skipped = found.candidate.rank, skipped_forms(found.skipped)
    return Answer("given", row.kind.value, name, found.address, rank, citation, found.aliases, skipped)


def _print_csv(answers: list[Answer]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("kind", "name", "address", "rank", "rule"))
    for each in answers:
        rank = "" if each.rank is None else each.rank
        writer.writerow((each.kind, each.name, each.address or "", rank, each.rule))
    sys.stdout.write(text.getvalue())
