"""`govdir list create`: a list whose members follow from the tree, or are named."""

from __future__ import annotations

from pathlib import Path

import click

from govdir.cli.address_reason import reason_of, remark_reason
from govdir.cli.changes import Values, add
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.list_show import view_of
from govdir.cli.local import open_directory
from govdir.cli.org_lookup import find_body
from govdir.cli.output import print_json, remark
from govdir.cli.people import find_mailbox, find_person, name_of, read
from govdir.config import load_config
from govdir.policy.duties import SenderPolicy
from govdir.policy.texts import Language, Wording
from govdir.schema.dn_text import escape_value

_STAFF = Wording("Cán bộ {body}", "Staff of {body}")
_MEMBERS = Wording("  số thành viên: {count}", "  members: {count}")


@command(
    "create",
    Wording(
        "Lập danh sách toàn thể cán bộ của BODY, hoặc của toàn tỉnh khi không có --for. Thành viên suy "
        "ra từ danh bạ và luôn theo kịp; địa chỉ và ai được gửi do quy chế đặt.",
        "Makes the list of the whole staff of BODY, or of the province without --for. Its members follow "
        "from the directory at any time; the regulation gives its address and who may send to it.",
    ),
    "govdir list create ./home --for sonv --label canbo.sonv",
    'govdir list create ./home --for sonv --label toluong --name "Tổ công tác" --member nvminh --member tqan '
    "--mail tocongtac.sonv@cantho.gov.vn",
)
@home_argument
@option("--for", "body", metavar="BODY", wording=Wording("Của cơ quan, đơn vị này.", "Of this body's staff."))
@option("--name", wording=Wording("Tên danh sách.", "The list's name."))
@option("--label", wording=Wording("Tên ngắn (cn).", "Its short name (cn)."))
@option("--mail", wording=Wording("Địa chỉ được chọn.", "An address of one's choice."))
@option(
    "--member",
    "members",
    metavar="WHO",
    multiple=True,
    wording=Wording(
        "Chỉ những hộp thư này, thay cho toàn thể; dùng được nhiều lần.",
        "Only these mailboxes, in place of the whole staff; may be repeated.",
    ),
)
@option(
    "--controlled-by",
    "owners",
    metavar="WHO",
    multiple=True,
    wording=Wording("Người được gửi và kiểm soát.", "Who may send to it and controls it; may be repeated."),
)
@option(
    "--senders",
    type=click.Choice([each.value for each in SenderPolicy]),
    wording=Wording("Ai được gửi; mặc định theo quy chế.", "Who may send; the regulation's by default."),
)
@json_option
def create(
    *,
    home: Path,
    body: str | None,
    name: str | None,
    label: str | None,
    mail: str | None,
    members: tuple[str, ...],
    owners: tuple[str, ...],
    senders: str | None,
    as_json: bool,
) -> None:
    """`govdir list create`."""
    with open_directory(load_config(home)) as local:
        place = find_body(local, body) if body else None
        of = name_of(place.attributes) if place else local.core.pack.name.in_language(Language.VIETNAMESE)
        called = name or _STAFF.filled(body=of).in_language(Language.VIETNAMESE)
        stated: dict[str, Values] = {
            "displayName": called,
            "mail": mail,
            "owner": [*([place.dn] if place else []), *(find_person(local, who).dn for who in owners)],
            "member": [find_mailbox(local, who).dn for who in members],
            "gdSenderPolicy": senders,
        }
        rdn = f"cn={escape_value(label or called)}"
        dn = add(local, f"{rdn},ou=lists,{local.core.config.suffix}", ("gdMailList",), stated)
        found = read(local, dn)
        view = view_of(local, found)
        if as_json:
            print_json(view)
            return
        click.echo(view.mail)
        remark(f"  {dn}")
        remark_reason(reason_of(local, found))
        remark(say(_MEMBERS, count=view.members))
