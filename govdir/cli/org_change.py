"""`govdir org rename` and `close`: what becomes of a body."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.address_change import ASK_FOR_ADDRESS, check_one_wish, remark_former
from govdir.cli.changes import modify, put
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import day, first_moment, shown_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.org_lookup import find_body, label_of
from govdir.cli.org_show import BodyView, view_of
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, name_of, read
from govdir.config import load_config
from govdir.policy.texts import Wording

_NOTHING = Wording("cần --name, --label hoặc --mail", "--name, --label or --mail is needed")
_OTHERS_KEEP = Wording(
    "  các hộp thư bên dưới (số lượng: {count}) giữ địa chỉ đang có; "
    "“mailbox move … --to {label}” cấp địa chỉ mới cho từng người",
    "  the mailboxes below ({count}) keep their addresses; "
    '"mailbox move … --to {label}" gives a person the one of the new label',
)
_ONE_OF = Wording("cần đúng một trong --on và --cancel", "exactly one of --on and --cancel is needed")
_ENDS = Wording("{name}: đến ngày {day}", "{name}: ends on {day}")
_GOES_ON = Wording("{name}: tiếp tục hoạt động", "{name}: goes on")


class Renamed(Struct, frozen=True):
    """What is printed with --json; `previous` is the address before."""

    dn: str
    name: str
    label: str
    mail: str
    previous: str
    aliases: tuple[str, ...]


@command(
    "rename",
    Wording(
        "Đổi tên, nhãn của BODY. Nhãn đổi thì địa chỉ đổi theo quy chế và địa chỉ cũ thành bí danh. "
        "“govdir address labels” gợi ý nhãn cho tên mới.",
        "Changes BODY's name or label. With the label the address changes by the regulation, and the old "
        "one stays "
        'as an alias. "govdir address labels" suggests labels for the new name.',
    ),
    'govdir org rename ./home sotttt --name "Sở Khoa học và Công nghệ" --label sokhcn',
)
@home_argument
@click.argument("body", metavar="BODY")
@option("--name", wording=Wording("Tên mới.", "The new name."))
@option("--label", wording=Wording("Nhãn mới.", "The new label."))
@option("--mail", wording=Wording("Địa chỉ do người quản trị chọn.", "An address that the operator chooses."))
@option("--keep-address", is_flag=True, wording=Wording("Giữ nguyên địa chỉ.", "Keep the address."))
@json_option
def rename(
    *,
    home: Path,
    body: str,
    name: str | None,
    label: str | None,
    mail: str | None,
    keep_address: bool,
    as_json: bool,
) -> None:
    """`govdir org rename`."""
    if not (name or label or mail):
        raise click.UsageError(say(_NOTHING))
    check_one_wish(keep_address=keep_address, mail=mail)
    with open_directory(load_config(home)) as local:
        found = find_body(local, body)
        changes = []
        if name:
            changes.append(put("displayName", name))
        if label:
            changes.append(put("gdOrgCode", label))
        if found.mail and not keep_address and (mail or label):
            changes.append(put("mail", mail or ASK_FOR_ADDRESS))
        modify(local, found.dn, *changes)
        _tell_rename(local, found, as_json=as_json)


@command(
    "close",
    Wording(
        "Ghi ngày BODY ngừng hoạt động (giải thể, sáp nhập) và cơ quan tiếp nhận; từ ngày đó nơi này "
        "không nhận hộp thư mới. --cancel bỏ ngày đã ghi.",
        "Notes the day on which BODY ceases to exist, and what comes after it; from then on it takes no new "
        "mailboxes. --cancel takes the day back.",
    ),
    "govdir org close ./home songoaivu --on 2027-07-01 --successor sonv",
    "govdir org close ./home songoaivu --cancel",
)
@home_argument
@click.argument("body", metavar="BODY")
@option(
    "--on",
    "on",
    callback=day,
    metavar="DAY",
    wording=Wording("Ngày ngừng hoạt động.", "The first day without it."),
)
@option(
    "--successor",
    "successors",
    metavar="BODY",
    multiple=True,
    wording=Wording("Cơ quan tiếp nhận; dùng được nhiều lần.", "What comes after it; may be repeated."),
)
@option("--basis", wording=Wording("Quyết định.", "The decision it rests on."))
@option("--cancel", is_flag=True, wording=Wording("Bỏ ngày đã ghi.", "Take the day back."))
@json_option
def close(
    *,
    home: Path,
    body: str,
    on: date | None,
    successors: tuple[str, ...],
    basis: str | None,
    cancel: bool,
    as_json: bool,
) -> None:
    """`govdir org close`."""
    if (on is None) is not cancel:
        raise click.UsageError(say(_ONE_OF))
    with open_directory(load_config(home)) as local:
        found = find_body(local, body)
        after = [find_body(local, each).dn for each in successors]
        ends = () if on is None else (first_moment(on),)
        changes = [put("gdValidTo", *ends), put("gdSuccessor", *after)]
        if basis:
            changes.append(put("gdLegalBasis", *found.attributes.texts("gdLegalBasis"), basis))
        modify(local, found.dn, *changes)
        _tell_close(view_of(local, read(local, found.dn)), as_json=as_json)


def _tell_rename(local: LocalDirectory, before: Found, *, as_json: bool) -> None:
    found = read(local, before.dn)
    aliases = found.attributes.texts("mailLocalAddress")
    label = label_of(found)
    if as_json:
        name = name_of(found.attributes)
        print_json(Renamed(found.dn, name, label, found.mail, before.mail, aliases))
        return
    click.echo(", ".join(filter(None, (name_of(found.attributes), label, found.mail))))
    if before.mail != found.mail:
        remark_former(before.mail, aliases)
    below = [dn for dn in local.find("(objectClass=gdMailbox)", found.dn) if dn != found.dn]
    if below and label != label_of(before):
        remark(say(_OTHERS_KEEP, count=len(below), label=label))


def _tell_close(view: BodyView, *, as_json: bool) -> None:
    if as_json:
        print_json(view)
    elif view.valid_to is None:
        click.echo(say(_GOES_ON, name=view.name))
    else:
        click.echo(say(_ENDS, name=view.name, day=shown_moment(view.valid_to)))
        for successor in view.successors:
            remark(f"  → {successor}")
