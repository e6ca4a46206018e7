"""`govdir address labels`: which label a new body may have."""

from __future__ import annotations

import click
from msgspec import Struct

from govdir.cli.command import command, json_option, option, province_option
from govdir.cli.language import current_language, say
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.table import print_table
from govdir.mailattrs.addresses import taken_among
from govdir.mailattrs.label_ladder import HOW_WORDINGS, Suggestions, suggest_labels
from govdir.mailattrs.names import InvalidName
from govdir.policy.load import load_named
from govdir.policy.model import MailboxKind
from govdir.policy.texts import Wording

_BODIES = tuple(kind for kind in MailboxKind if kind.is_body)
_FREE = Wording("còn trống", "free")
_REGISTERED = Wording(
    "Địa chỉ đã đăng ký theo tên: {address}. {rule}", "The address is registered by name: {address}. {rule}"
)
_NONE_FREE = Wording(
    "Không còn nhãn nào trống; người quản trị hệ thống đặt nhãn khác ở gdOrgCode.",
    "No label is free; an operator of the system gives another one in gdOrgCode.",
)


class Row(Struct, frozen=True):
    """What is printed for one label; `clash` is None where it is free."""

    label: str
    how: str
    address: str
    clash: str | None


@command(
    "labels",
    Wording(
        "In ra các nhãn có thể đặt cho cơ quan, đơn vị, từ ngắn đến dài, và nhãn nào đã có người dùng.\n\n"
        "Nhãn được chọn ghi ở gdOrgCode. Kết thúc với mã 1 khi không còn nhãn nào trống.",
        "Prints the labels that a body may have, from short to long, and which of them are in use.\n\n"
        "The one chosen is registered in gdOrgCode. Ends with status 1 when none is free.",
    ),
    'govdir address labels --province cantho --kind agency --name "Sở Ngoại vụ" --taken sonv',
    'govdir address labels --province binhphuoc --kind commune --name "Xã Lộc An" --parent ln --taken xla.ln',
)
@province_option
@option(
    "--kind",
    type=click.Choice([kind.value for kind in _BODIES]),
    required=True,
    wording=Wording("Loại cơ quan, đơn vị.", "The kind of body."),
)
@option("--name", required=True, wording=Wording("Tên cơ quan, đơn vị.", "Its name."))
@option("--parent", wording=Wording("Cơ quan cấp trên.", "The body above."))
@option(
    "--taken",
    default="",
    show_default=False,
    wording=Wording("Địa chỉ đã có người dùng, cách nhau dấu phẩy.", "Addresses in use, apart by commas."),
)
@json_option
def labels(*, province: str, kind: str, name: str, parent: str | None, taken: str, as_json: bool) -> None:
    """`govdir address labels`."""
    held = taken_among([each for each in taken.split(",") if each.strip()])
    try:
        found = suggest_labels(load_named(province), MailboxKind(kind), name, parent, held)
    except InvalidName as error:
        raise Refused(say(error.why)) from None
    rows = _rows(found)
    if as_json:
        print_json(rows)
    else:
        print_table([(row.label, row.address, row.how, row.clash or say(_FREE)) for row in rows])
        remark(found.citation.text(current_language()))
        if found.registered is not None:
            rule = found.registered.citation.text(current_language())
            remark(say(_REGISTERED, address=found.registered.address, rule=rule))
    if found.first_free is None and found.registered is None:
        raise Refused(say(_NONE_FREE))


def _rows(found: Suggestions) -> list[Row]:
    return [
        Row(each.label, say(HOW_WORDINGS[each.how]), each.address, say(each.clash) if each.clash else None)
        for each in found.labels
    ]
