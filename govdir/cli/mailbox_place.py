"""`govdir mailbox move` and `rename`: another body, another name; the address follows the regulation."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.address_change import ASK_FOR_ADDRESS, check_one_wish, remark_former
from govdir.cli.address_reason import Reason, reason_of, remark_reason
from govdir.cli.changes import modify, put
from govdir.cli.command import command, home_argument, json_option, name_part_options, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.org_lookup import find_body
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_person, read, who_argument
from govdir.config import load_config
from govdir.directory.dn import Dn, rdn_text
from govdir.ldap.codec.filter_text import escape_value
from govdir.ldap.codec.messages import ModifyDnRequest
from govdir.policy.texts import Wording

_KEEP = Wording("Giữ nguyên địa chỉ và tên đăng nhập.", "Keep the address and the login name.")
_KEPT = Wording("  địa chỉ không đổi", "  the address stays")


class Placed(Struct, frozen=True):
    """What is printed with --json; `previous` is the address before, `reason` None where a human chose it."""

    dn: str
    mail: str
    previous: str
    aliases: tuple[str, ...]
    reason: Reason | None


@command(
    "move",
    Wording(
        "Chuyển WHO sang cơ quan, đơn vị BODY. Nơi mới cho địa chỉ khác thì địa chỉ đổi theo quy chế và "
        "địa chỉ cũ thành bí danh; một thay đổi duy nhất.",
        "Moves WHO to BODY. Where the new place gives another address, it changes by the regulation and "
        "the old one stays as an alias; one single change.",
    ),
    "govdir mailbox move ./home nvminh --to sotttt",
)
@home_argument
@who_argument
@option("--to", "body", required=True, metavar="BODY", wording=Wording("Nơi đến.", "The new body."))
@option("--keep-address", is_flag=True, wording=_KEEP)
@json_option
def move(*, home: Path, who: str, body: str, keep_address: bool, as_json: bool) -> None:
    """`govdir mailbox move`."""
    with open_directory(load_config(home)) as local:
        person, place = find_person(local, who), find_body(local, body)
        own = rdn_text(Dn.parse(person.dn, local.directory.schema).rdn)
        rdn = own if keep_address else f"uid={ASK_FOR_ADDRESS}"
        local.run(local.handle.modify_dn(ModifyDnRequest(person.dn, rdn, True, place.dn)))
        _tell(local, person, as_json=as_json)


@command(
    "rename",
    Wording(
        "Ghi họ tên mới của WHO. Địa chỉ đổi theo quy chế nếu không còn là dạng nào của họ tên mới; địa "
        "chỉ cũ thành bí danh.",
        "Gives WHO a new name. The address changes by the regulation unless it still is a form of the "
        "new name; the old one stays as an alias.",
    ),
    'govdir mailbox rename ./home ltbdao --name "Lê Thị Bích Hoa"',
)
@home_argument
@who_argument
@option("--name", required=True, wording=Wording("Họ tên mới.", "The new name."))
@name_part_options
@option("--keep-address", is_flag=True, wording=Wording("Giữ nguyên địa chỉ.", "Keep the address."))
@option("--mail", wording=Wording("Địa chỉ do người quản trị chọn.", "An address that the operator chooses."))
@json_option
def rename(
    *,
    home: Path,
    who: str,
    name: str,
    surname: str | None,
    middle: str | None,
    given: str | None,
    keep_address: bool,
    mail: str | None,
    as_json: bool,
) -> None:
    """`govdir mailbox rename`."""
    check_one_wish(keep_address=keep_address, mail=mail)
    parts = {"sn": surname, "gdMiddleName": middle, "givenName": given}
    changes = [put("cn", name), *(put(part, text) for part, text in parts.items() if text is not None)]
    if not keep_address:
        changes.append(put("mail", mail or ASK_FOR_ADDRESS))
    with open_directory(load_config(home)) as local:
        person = find_person(local, who)
        modify(local, person.dn, *changes)
        _tell(local, person, as_json=as_json)


def _tell(local: LocalDirectory, before: Found, *, as_json: bool) -> None:
    uuid = before.attributes.text("entryUUID") or ""
    found = read(local, next(local.find(f"(entryUUID={escape_value(uuid)})"), before.dn))
    reason = reason_of(local, found)
    aliases = found.attributes.texts("mailLocalAddress")
    if as_json:
        print_json(Placed(found.dn, found.mail, before.mail, aliases, reason))
        return
    click.echo(found.mail)
    remark(f"  {found.dn}")
    if found.mail == before.mail:
        remark(say(_KEPT))
        return
    remark_reason(reason)
    remark_former(before.mail, aliases)
