"""`govdir sp test`: what an application would be told of somebody, without a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import click
from msgspec import Struct

from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.sp_findings import ATTENTION, problems, remarks
from govdir.cli.sso import account_of, open_sso
from govdir.cli.table import print_facts, print_table
from govdir.cli.trouble import told_as_trouble
from govdir.config import load_config
from govdir.key_files import load_key_ring
from govdir.policy.texts import Wording
from govdir.sso.accounts import Account, may_sign_in
from govdir.sso.idp.outcomes import Denial
from govdir.sso.idp.test_page import Preview
from govdir.sso.model import ServiceProvider

_GETS_IN = Wording("{who} vào được {name}.", "{who} gets into {name}.")
_REFUSED: Final[Mapping[Denial, Wording]] = {
    Denial.NO_MAILBOX: Wording(
        "{who} không vào được {name}: không có hộp thư.", "{who} does not get into {name}: has no mailbox."
    ),
    Denial.STATE: Wording(
        "{who} không vào được {name}: trạng thái hộp thư không được phép.",
        "{who} does not get into {name}: the mailbox is in another state than the rule asks for.",
    ),
    Denial.KIND: Wording(
        "{who} không vào được {name}: không đúng loại hộp thư.",
        "{who} does not get into {name}: another kind of mailbox.",
    ),
    Denial.AGENCY: Wording(
        "{who} không vào được {name}: không thuộc cơ quan, đơn vị được phép.",
        "{who} does not get into {name}: works in none of its bodies.",
    ),
    Denial.ROLE: Wording(
        "{who} không vào được {name}: không giữ vai trò được phép.",
        "{who} does not get into {name}: holds none of its roles.",
    ),
}
_NO_SIGN_IN = Wording(
    "{who} hiện không đăng nhập được vào đâu cả.", "{who} cannot sign in anywhere at present."
)
_DISABLED = Wording("{name} đã tắt.", "{name} is disabled.")
_UNUSABLE = Wording("{name} không dùng được.", "{name} cannot be used.")
_NOTE = Wording("Lưu ý:", "Note:")
_LABELS = {
    "acs": Wording("Câu trả lời gửi đến", "Answers go to"),
    "name_id": Wording("NameID", "NameID"),
    "format": Wording("Định dạng", "Format"),
    "slo": Wording("Đăng xuất ở", "Is logged out at"),
    "encrypted": Wording("Được mã hóa", "Encrypted"),
    "signed": Wording("Yêu cầu phải ký", "Requests must be signed"),
    "factor": Wording("Cần mã xác thực", "Second factor"),
}
_YES, _NO = Wording("có", "yes"), Wording("không", "no")
_TOLD = Wording("Được cho biết:", "Is told:")
_NOTHING = Wording("Không được cho biết thuộc tính nào.", "Is told no attributes.")


class ToldAttribute(Struct, frozen=True):
    """An attribute as it goes out."""

    name: str
    friendly_name: str
    values: tuple[str, ...]


class Tested(Struct, frozen=True):
    """For --json. `refusal` is "" or why the account does not get in: "disabled", "unusable", "no-sign-in" or
    a Denial. A transient `name_id` is an example."""

    name: str
    who: str
    refusal: str
    acs: str
    name_id: str
    name_id_format: str
    attributes: tuple[ToldAttribute, ...]
    logout: tuple[str, ...]
    encrypted: bool
    signed_requests: bool
    second_factor: bool
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


@command(
    "test",
    Wording(
        "Cho xem ứng dụng NAME sẽ nhận được gì về một người: được vào không, NameID, thuộc tính; và "
        "những gì chưa ổn ở ứng dụng. Không gửi gì đi. Kết thúc với mã 1 khi người đó không vào được.",
        "Shows what the application NAME would be told of somebody: whether they get in, NameID, attributes; "
        "and what is wrong with it. Nothing is sent. Ends with status 1 when that person does not get in.",
    ),
    "govdir sp test ./home portal --as nvminh",
)
@home_argument
@click.argument("name")
@option(
    "--as",
    "who",
    required=True,
    metavar="WHO",
    wording=Wording("Hộp thư của người đó.", "That person's mailbox."),
)
@json_option
def test(*, home: Path, name: str, who: str, as_json: bool) -> None:
    """`govdir sp test`."""
    config = load_config(home)
    with open_directory(config) as local, open_sso(local) as sso:
        service = sso.service(name)
        account = account_of(sso, who)
        preview = sso.wait(sso.identity_provider().preview(service.name, account))
        with told_as_trouble(home):
            found = tuple(problems(service, load_key_ring(config), local.directory))
    tested = _tested(service, account, preview, found)
    if as_json:
        print_json(tested)
    elif preview is not None:
        _print(tested)
    for title, lines in ((ATTENTION, tested.problems), (_NOTE, tested.remarks)):
        if lines and not as_json:
            remark("\n  ".join((say(title), *lines)))
    if tested.refusal:
        raise Refused(say(_sentence(tested.refusal), who=account.shown, name=service.name))
    if not as_json:
        remark(say(_GETS_IN, who=account.shown, name=service.name))


def _tested(
    service: ServiceProvider, account: Account, preview: Preview | None, found: tuple[str, ...]
) -> Tested:
    name_id = None if preview is None else preview.name_id
    return Tested(
        name=service.name,
        who=account.shown,
        refusal=_refusal(service, account, preview),
        acs="" if preview is None else preview.acs,
        name_id="" if name_id is None else name_id.value,
        name_id_format="" if name_id is None else name_id.format,
        attributes=()
        if preview is None
        else tuple(
            ToldAttribute(one.name, one.friendly_name or "", one.values) for one in preview.attributes
        ),
        logout=() if preview is None else preview.logout,
        encrypted=preview is not None and preview.encrypted,
        signed_requests=preview is not None and preview.signs_requests,
        second_factor=service.settings.second_factor,
        problems=found,
        remarks=tuple(remarks(service)),
    )


def _refusal(service: ServiceProvider, account: Account, preview: Preview | None) -> str:
    if preview is None or preview.cannot_encrypt or not preview.acs:
        return "unusable"
    if not service.settings.enabled:
        return "disabled"
    if preview.denial is not None:
        return preview.denial.value
    return "" if may_sign_in(account) else "no-sign-in"


def _sentence(refusal: str) -> Wording:
    others = {"unusable": _UNUSABLE, "disabled": _DISABLED, "no-sign-in": _NO_SIGN_IN}
    return others[refusal] if refusal in others else _REFUSED[Denial(refusal)]


def _print(tested: Tested) -> None:
    print_facts((say(_LABELS[label]), value) for label, value in _facts(tested))
    if not tested.attributes:
        click.echo(say(_NOTHING))
        return
    click.echo(say(_TOLD))
    print_table(
        [
            (f"  {one.friendly_name or '–'}", value, one.name)
            for one in tested.attributes
            for value in one.values
        ]
    )


def _facts(tested: Tested) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    yield "acs", tested.acs
    yield "name_id", tested.name_id
    yield "format", tested.name_id_format
    yield "slo", tested.logout
    for label, on in (
        ("encrypted", tested.encrypted),
        ("signed", tested.signed_requests),
        ("factor", tested.second_factor),
    ):
        yield label, say(_YES if on else _NO)
