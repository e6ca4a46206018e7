"""`govdir session`: who is signed in at the web site, and ending that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import Group, Verb, command, home_argument, json_option, option
from govdir.cli.days import shown_moment
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import who_argument
from govdir.cli.sso import LocalSso, account_of, now, open_sso
from govdir.cli.table import print_table
from govdir.config import load_config
from govdir.policy.texts import Wording
from govdir.sso.deeds import Deed, Detail
from govdir.sso.model import Happened, Kind, Session
from govdir.sso.sign_in import texts

MAX_LISTED = 100

session = Group(
    "session",
    Wording("Ai đang đăng nhập ở trang web.", "Who is signed in at the web site."),
    ("govdir session list ./home nvminh",),
    {
        "list": Verb("govdir.cli.session:list_", Wording("Các phiên đang mở.", "The sessions there are.")),
        "end": Verb("govdir.cli.session:end", Wording("Chấm dứt phiên.", "End somebody's sessions.")),
    },
)

_NONE = Wording("Không có phiên nào.", "There are no sessions.")
_NO_SUCH = Wording("{who} không có phiên “{session}”.", '{who} has no session "{session}".')
_SURE = Wording("Chấm dứt {count} phiên của {who}?", "End {count} {count:session|sessions} of {who}?")
_ENDED = Wording("Đã chấm dứt {count} phiên.", "Ended {count} {count:session|sessions}.")
_TOLD = Wording(
    "Các ứng dụng sau vẫn còn phiên riêng, hãy chấm dứt ở đó nếu cần: {names}",
    "These applications have sessions of their own, to be ended there where that matters: {names}",
)


class ShownSession(Struct, frozen=True):
    """A session; `id` tells those of one person apart and is no secret. Times are UTC."""

    id: str
    who: str
    began: datetime
    seen: datetime
    ends: datetime
    factors: tuple[str, ...]
    network: str
    agent: str
    applications: tuple[str, ...]


@command(
    "list",
    Wording(
        "Liệt kê các phiên đăng nhập ở trang web, của WHO hoặc của mọi người (100 phiên dùng gần nhất).",
        "Lists the sessions at the web site: of WHO, or everybody's, the 100 used last.",
    ),
    "govdir session list ./home",
    "govdir session list ./home nvminh",
)
@home_argument
@click.argument("who", metavar="[WHO]", required=False)
@json_option
def list_(*, home: Path, who: str | None, as_json: bool) -> None:
    """`govdir session list`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        names = {one.entity_id: one.name for one in sso.services()}
        shown = [_shown(sso, each, names) for each in _sessions(sso, who)]
    if as_json:
        print_json(shown)
    elif shown:
        print_table([_row(each) for each in shown])
    else:
        remark(say(_NONE))


@command(
    "end",
    Wording(
        "Chấm dứt các phiên của WHO ở trang web; máy chủ đang chạy nhận ra sau một giây.",
        "Ends the sessions of WHO at the web site; running servers notice within a second.",
    ),
    "govdir session end ./home nvminh --yes",
)
@home_argument
@who_argument
@option(
    "--only",
    metavar="ID",
    wording=Wording("Chỉ phiên này (cột đầu của danh sách).", "This one only (the list's first column)."),
)
@yes_option
def end(*, home: Path, who: str, only: str | None, yes: bool) -> None:
    """`govdir session end`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        account = account_of(sso, who)
        meant = [each for each in _sessions(sso, who) if only is None or _id(each) == only]
        if only is not None and not meant:
            raise Refused(say(_NO_SUCH, who=account.shown, session=only))
        if not meant:
            remark(say(_NONE))
            return
        make_sure(say(_SURE, count=len(meant), who=account.shown), yes=yes)
        deaf = sso.end_sessions([each.key for each in meant])
        happened = Happened(
            at=now(), kind=Kind.SESSION, outcome="ok", entry_uuid=account.entry_uuid, who=account.shown,
            channel="cli", detail=str(Detail(Deed.SIGNED_OUT, len(meant))),
        )  # fmt: skip
        sso.stored.trail.note(happened)
        sso.tell(account, texts.SESSIONS_ENDED, texts.SESSIONS_ENDED_TEXT)
    remark(say(_ENDED, count=len(meant)))
    if deaf:
        remark(say(_TOLD, names=", ".join(deaf)))


def _sessions(sso: LocalSso, who: str | None) -> Sequence[Session]:
    """Those that have not ended by themselves, the one used last first."""
    if who is None:
        found = sso.wait(sso.stored.sessions.latest(MAX_LISTED))
    else:
        found = sso.wait(sso.stored.sessions.of_entry(account_of(sso, who).entry_uuid))
    minutes = sso.local.core.config.web.idle_minutes
    return [each for each in found if _is_open(each, now(), minutes) and sso.accounts.stands(each)]


def _is_open(each: Session, at: datetime, idle_minutes: int) -> bool:
    return at < each.ends and (at - each.seen).total_seconds() < idle_minutes * 60


def _shown(sso: LocalSso, each: Session, names: Mapping[str, str]) -> ShownSession:
    account = sso.accounts.by_uuid(each.entry_uuid)
    told = sso.wait(sso.stored.sessions.participants(each.key))
    return ShownSession(
        id=_id(each),
        who="" if account is None else account.shown,
        began=each.began,
        seen=each.seen,
        ends=each.ends,
        factors=tuple(sorted(each.factors)),
        network=each.network,
        agent=each.agent,
        applications=tuple(sorted({names.get(one.entity_id, one.entity_id) for one in told})),
    )


def _row(one: ShownSession) -> tuple[str, ...]:
    times = f"{shown_moment(one.began)} – {shown_moment(one.seen)}"
    return one.id, one.who, times, "+".join(one.factors), one.network, one.agent, ", ".join(one.applications)


def _id(each: Session) -> str:
    return each.key.hex()[:12]
