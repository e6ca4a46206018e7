"""`govdir org create`: a body, with or without a mailbox of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.address_reason import Reason, reason_of, remark_reason
from govdir.cli.address_words import remark_aliases
from govdir.cli.changes import Values, add
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import day, first_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_sharing import SHARED_CLASS
from govdir.cli.org_lookup import find_body, label_of
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_person, read
from govdir.config import load_config
from govdir.policy.kinds import MailboxKind
from govdir.policy.texts import Wording

BODY_CLASSES = ("organizationalUnit", "gdOrganization")
OTHER = "other"

_BOTH = Wording("--no-mailbox không đi cùng {option}", "--no-mailbox does not go with {option}")
_LABEL = Wording("  nhãn: {label}", "  label: {label}")


class CreatedBody(Struct, frozen=True):
    """What is printed with --json; `mail` is "" for a body without a mailbox."""

    dn: str
    label: str
    mail: str
    aliases: tuple[str, ...]
    reason: Reason | None


@command(
    "create",
    Wording(
        "Thêm một cơ quan, đơn vị. Nhãn và địa chỉ do quy chế đặt, trừ khi nêu --label, --mail.",
        "Adds a body. The regulation gives its label and address, unless --label or --mail name them.",
    ),
    'govdir org create ./home --name "Sở Ngoại vụ" --kind agency',
    'govdir org create ./home --name "Thanh tra" --in sonv --head nvminh',
    'govdir org create ./home --name "Tổ Một cửa" --in sonv --kind other --no-mailbox',
)
@home_argument
@option("--name", required=True, wording=Wording("Tên đầy đủ.", "The full name."))
@option(
    "--kind",
    type=click.Choice([*(kind.value for kind in MailboxKind if kind.is_body), OTHER]),
    wording=Wording(
        "Loại; mặc định theo nơi đứng: agency, hoặc unit trong một cơ quan.",
        "What it is; by its place by default: agency, or unit inside another body.",
    ),
)
@option("--label", wording=Wording("Nhãn trong địa chỉ.", "Its label in addresses."))
@option("--in", "parent", metavar="BODY", wording=Wording("Cơ quan cấp trên.", "The body above."))
@option("--mail", wording=Wording("Địa chỉ do người quản trị chọn.", "An address that the operator chooses."))
@option("--no-mailbox", is_flag=True, wording=Wording("Không có hộp thư.", "It has no mailbox."))
@option(
    "--head", metavar="WHO", wording=Wording("Người phụ trách hộp thư.", "Who owns the mailbox: its head.")
)
@option("--from", "begins", callback=day, metavar="DAY", wording=Wording("Ngày thành lập.", "Since when."))
@option("--basis", wording=Wording("Quyết định thành lập.", "The decision it rests on."))
@json_option
def create(
    *,
    home: Path,
    name: str,
    kind: str | None,
    label: str | None,
    parent: str | None,
    mail: str | None,
    no_mailbox: bool,
    head: str | None,
    begins: date | None,
    basis: str | None,
    as_json: bool,
) -> None:
    """`govdir org create`."""
    for flag, value in (("--mail", mail), ("--head", head)):
        if no_mailbox and value is not None:
            raise click.UsageError(say(_BOTH, option=flag))
    with open_directory(load_config(home)) as local:
        above = find_body(local, parent).dn if parent else f"ou=orgs,{local.core.config.suffix}"
        owner = find_person(local, head).dn if head else None
        classes = [*BODY_CLASSES]
        if not no_mailbox:
            classes += ["gdMailbox", *([SHARED_CLASS] if owner else [])]
        stated: dict[str, Values] = {
            "displayName": name,
            "gdOrgKind": kind,
            "gdOrgCode": label,
            "mail": mail,
            "owner": owner,
            "gdValidFrom": first_moment(begins) if begins else None,
            "gdLegalBasis": basis,
        }
        found = read(local, add(local, f"ou=*,{above}", classes, stated))
        _tell(local, found, as_json=as_json)


def _tell(local: LocalDirectory, found: Found, *, as_json: bool) -> None:
    reason = reason_of(local, found) if found.mail else None
    aliases = found.attributes.texts("mailLocalAddress")
    if as_json:
        print_json(CreatedBody(found.dn, label_of(found), found.mail, aliases, reason))
        return
    click.echo(found.mail or found.dn)
    remark(f"  {found.dn}")
    remark(say(_LABEL, label=label_of(found)))
    if found.mail:
        remark_reason(reason)
    remark_aliases(aliases)
