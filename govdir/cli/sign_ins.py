"""`govdir sign-ins`: the trail of signing in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import shown_moment
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.output import print_json, remark
from govdir.cli.sso import account_of, open_sso
from govdir.cli.table import print_table
from govdir.config import load_config
from govdir.policy.texts import Wording
from govdir.sso.model import Happened, Kind

_NONE = Wording("Chưa có gì.", "Nothing yet.")
_KINDS: Final[Mapping[Kind, Wording]] = {
    Kind.SIGN_IN: Wording("đăng nhập", "sign-in"),
    Kind.SIGN_OUT: Wording("đăng xuất", "sign-out"),
    Kind.ASSERTION: Wording("vào ứng dụng", "let into an application"),
    Kind.REFUSAL: Wording("bị từ chối", "refused"),
    Kind.PASSWORD: Wording("đổi mật mã", "password changed"),
    Kind.FACTOR: Wording("thiết bị xác thực", "second factor"),
    Kind.SESSION: Wording("chấm dứt phiên", "session ended"),
    Kind.SERVICE: Wording("thiết lập ứng dụng", "application's settings"),
}


@command(
    "sign-ins",
    Wording(
        "Nhật ký đăng nhập của WHO hoặc của mọi người, mới nhất trước: ai, vào đâu, từ đâu, kết quả.",
        "The trail of WHO's sign-ins, or everybody's, the latest first: who, at which application, from "
        "where, and what came of it.",
    ),
    "govdir sign-ins ./home nvminh",
    "govdir sign-ins ./home --limit 500 --json",
)
@home_argument
@click.argument("who", metavar="[WHO]", required=False)
@option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    wording=Wording("Nhiều nhất từng này dòng.", "At most so many lines."),
)
@json_option
def sign_ins(*, home: Path, who: str | None, limit: int, as_json: bool) -> None:
    """`govdir sign-ins`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        trail = sso.stored.trail
        if who is None:
            happened = sso.wait(trail.latest(limit))
        else:
            happened = sso.wait(trail.of_entry(account_of(sso, who).entry_uuid, limit))
        names = {one.entity_id: one.name for one in sso.services()}
    if as_json:
        print_json(happened)
    elif happened:
        print_table([_row(each, names) for each in happened])
    else:
        remark(say(_NONE))


def _row(each: Happened, names: Mapping[str, str]) -> tuple[str, ...]:
    at_application = names.get(each.entity_id, each.entity_id)
    return (
        shown_moment(each.at),
        each.who or "–",
        say(_KINDS[each.kind]),
        each.outcome,
        at_application,
        each.factors,
        each.network or each.channel,
        each.agent,
        each.detail,
    )
