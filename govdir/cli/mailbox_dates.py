"""`govdir mailbox leave` and `exempt`: days from which the regulation's periods are counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import click

from govdir.cli.changes import modify, put
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import day, first_moment, last_moment
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.mailbox_view import facts_of, view_of
from govdir.cli.output import print_json
from govdir.cli.people import find_mailbox, read, who_argument
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.policy.texts import Wording

_ONE_OF = Wording("cần đúng một trong {option} và --cancel", "exactly one of {option} and --cancel is needed")


@command(
    "leave",
    Wording(
        "Ghi ngày WHO chính thức nghỉ, chuyển công tác hoặc thôi giữ chức vụ; hệ thống tính ngày khóa "
        "gửi và ngày thu hồi theo quy chế và theo cấp. --cancel bỏ ngày đã ghi.",
        "Notes the official day on which WHO leaves; when sending ends and when the mailbox is revoked "
        "follow from the regulation and the rank. --cancel takes the day back.",
    ),
    "govdir mailbox leave ./home nvminh --on 2026-08-31",
    "govdir mailbox leave ./home nvminh --cancel",
)
@home_argument
@who_argument
@option("--on", "on", callback=day, metavar="DAY", wording=Wording("Ngày chính thức.", "The official day."))
@option("--cancel", is_flag=True, wording=Wording("Bỏ ngày đã ghi.", "Take the day back."))
@json_option
def leave(*, home: Path, who: str, on: date | None, cancel: bool, as_json: bool) -> None:
    """`govdir mailbox leave`."""
    _set_time(home, who, "gdLeavingAt", _chosen("--on", on, cancel, first_moment), as_json=as_json)


@command(
    "exempt",
    Wording(
        "Miễn xét việc không sử dụng của WHO đến hết ngày DAY, như khi nghỉ theo quy định của pháp luật.",
        "Excepts WHO from the rule on unused mailboxes up to and including DAY, as during lawful leave.",
    ),
    "govdir mailbox exempt ./home nvminh --until 2027-03-31",
)
@home_argument
@who_argument
@option("--until", callback=day, metavar="DAY", wording=Wording("Đến hết ngày.", "The last day."))
@option("--cancel", is_flag=True, wording=Wording("Bỏ việc miễn.", "End the exception."))
@json_option
def exempt(*, home: Path, who: str, until: date | None, cancel: bool, as_json: bool) -> None:
    """`govdir mailbox exempt`."""
    at = _chosen("--until", until, cancel, last_moment)
    _set_time(home, who, "gdInactivityExemptUntil", at, as_json=as_json)


def _chosen(option_name: str, of: date | None, cancel: bool, moment: Callable[[date], str]) -> str | None:
    """The time to set, None to take it away. Raises UsageError."""
    if (of is None) is not cancel:
        raise click.UsageError(say(_ONE_OF, option=option_name))
    return None if of is None else moment(of)


def _set_time(home: Path, who: str, attribute: str, at: str | None, *, as_json: bool) -> None:
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        modify(local, found.dn, put(attribute, *filter(None, (at,))))
        view = view_of(local, read(local, found.dn))
    print_json(view) if as_json else print_facts(facts_of(view))
