"""`govdir mailbox access`: the days on which a mailbox was used, by channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import click
from msgspec import Struct

from govdir.assembly import working_days_of
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import day, moment, shown_moment
from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_mailbox, record_of, who_argument
from govdir.cli.table import print_facts, print_table
from govdir.config import load_config
from govdir.directory.access_days import MonthOfAccess, dates_of
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle.days_of_use import days_of_use, is_too_little
from govdir.policy.texts import Wording

_QUARTER_MONTHS = 3

_LABELS = {
    "mail": Wording("Địa chỉ", "Address"),
    "period": Wording("Thời gian", "Period"),
    "working": Wording("Số ngày làm việc", "Working days"),
    "used": Wording("Có truy cập", "With access"),
    "unused": Wording("Không truy cập", "Without access"),
    "too_little": Wording("Bị coi là không sử dụng", "Counts as unused"),
}
_HEADINGS = (
    Wording("Kênh", "Channel"),
    Wording("Số ngày", "Days"),
    Wording("Ngày làm việc", "Working days"),
    Wording("Lần gần nhất", "Last access"),
)
_PERIOD = Wording("{first} – {last}", "{first} – {last}")
_YES, _NO = Wording("có: {rule}", "yes: {rule}"), Wording("không: {rule}", "no: {rule}")
_OFF = Wording("{day} (ngày nghỉ)", "{day} (day off)")
_COUNTED = Wording(
    "Tính từ {day}: trước đó chưa có hộp thư, hoặc chưa ghi nhận truy cập.",
    "Counted from {day}: before it there was no mailbox, or nothing recorded accesses.",
)
_BACKWARDS = Wording("--from phải không sau --to", "--from must not be after --to")
_FUTURE = Wording("Ngày {day} chưa đến.", "{day} has not come yet.")


class DayOfAccess(Struct, frozen=True):
    """A day with access, and through what."""

    day: date
    working: bool
    channels: tuple[str, ...]


class ChannelOfAccess(Struct, frozen=True):
    """What came through one channel in the period; `last` is the last access ever."""

    days: int
    working_days: int
    last: datetime | None


class AccessView(Struct, frozen=True):
    """The days of a period. Working days count from `counted_from`, which is later than `first` for a mailbox
    made since then; `counts_as_unused` is None where the regulation has no such rule."""

    mail: str
    first: date
    last: date
    counted_from: date
    working_days: int
    working_days_with_access: int
    working_days_without: int
    counts_as_unused: bool | None
    channels: dict[str, ChannelOfAccess]
    days: tuple[DayOfAccess, ...]


@command(
    "access",
    Wording(
        "Cho biết hộp thư WHO được truy cập vào những ngày nào, qua kênh nào (imap, pop3, smtp, web, sso …), "
        "và bao nhiêu ngày làm việc không có truy cập. Mặc định: quý này đến hôm nay. Lưu 25 tháng.",
        "Tells on which days the mailbox WHO was used, through what (imap, pop3, smtp, web, sso …), and on "
        "how many working days it was not. By default this quarter until today. Kept for 25 months.",
    ),
    "govdir mailbox access ./home nvminh",
    "govdir mailbox access ./home sonv@cantho.gov.vn --from 2026-07-01 --to 30/9/2026 --json",
)
@home_argument
@who_argument
@option("--from", "first", callback=day, metavar="DAY", wording=Wording("Từ ngày.", "The first day."))
@option("--to", "last", callback=day, metavar="DAY", wording=Wording("Đến hết ngày.", "The last day."))
@json_option
def access(*, home: Path, who: str, first: date | None, last: date | None, as_json: bool) -> None:
    """`govdir mailbox access`."""
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        view = _view(local, found, *_period(local, first, last))
        rule = local.core.pack.usage
        citation = "" if rule is None else rule.citation.text(current_language())
    if as_json:
        print_json(view)
        return
    print_facts(_facts(view, citation))
    if view.channels:
        click.echo()
        print_table([tuple(map(say, _HEADINGS)), *_rows(view.channels)])
        click.echo()
        print_table([(_shown(each), ", ".join(each.channels)) for each in view.days])
    if view.counted_from > view.first:
        remark(say(_COUNTED, day=view.counted_from.isoformat()))


def _period(local: LocalDirectory, first: date | None, last: date | None) -> tuple[date, date]:
    """The days asked for; a day that has not come yet says nothing. Raises UsageError, Refused."""
    today = local.directory.clock.now().astimezone(PROVINCE_ZONE).date()
    if first is not None and last is not None and first > last:
        raise click.UsageError(say(_BACKWARDS))
    last = today if last is None else min(last, today)
    begin = last.month - (last.month - 1) % _QUARTER_MONTHS
    first = last.replace(month=begin, day=1) if first is None else first
    if first > today:
        raise Refused(say(_FUTURE, day=first.isoformat()))
    return first, last


class _Stored(Struct, frozen=True):
    """What is known of a mailbox's use."""

    months: Sequence[MonthOfAccess]
    last: Mapping[str, datetime]
    since: datetime | None


async def _read(local: LocalDirectory, entry_id: int, first: date, last: date) -> _Stored:
    store = local.core.store.accesses
    months = await store.months_of(entry_id, first, last)
    return _Stored(months, await local.directory.accesses.last(entry_id), await store.since())


def _view(local: LocalDirectory, found: Found, first: date, last: date) -> AccessView:
    record = record_of(local, found.dn)
    stored = _Stored((), {}, None) if record is None else local.run(_read(local, record.id, first, last))
    channels_of: dict[date, list[str]] = defaultdict(list)
    for row in stored.months:
        for each in dates_of(row.month, row.days):
            if first <= each <= last:
                channels_of[each].append(row.channel)
    calendar, usage = working_days_of(local.core.config), local.core.pack.usage
    use = days_of_use(
        channels_of,
        first,
        last,
        calendar,
        created=_date(moment(found.attributes.text("createTimestamp"))),
        recorded=_date(stored.since),
    )
    days = tuple(
        DayOfAccess(each, calendar.is_working(each), tuple(channels))
        for each, channels in sorted(channels_of.items())
    )
    return AccessView(
        mail=found.mail,
        first=first,
        last=last,
        counted_from=use.first,
        working_days=use.working,
        working_days_with_access=use.used,
        working_days_without=use.unused,
        counts_as_unused=None if usage is None else is_too_little(use, usage),
        channels=_by_channel(days, stored.last),
        days=days,
    )


def _date(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(PROVINCE_ZONE).date()


def _by_channel(days: Sequence[DayOfAccess], last: Mapping[str, datetime]) -> dict[str, ChannelOfAccess]:
    """Those of the period, and those that were used at another time, in order of their names."""
    names = {*last, *(channel for each in days for channel in each.channels)}
    return {
        name: ChannelOfAccess(
            sum(name in each.channels for each in days),
            sum(name in each.channels for each in days if each.working),
            last[name].astimezone(PROVINCE_ZONE) if name in last else None,
        )
        for name in sorted(names)
    }


def _facts(view: AccessView, rule: str) -> Iterator[tuple[str, str]]:
    verdict = "" if view.counts_as_unused is None else say(_YES if view.counts_as_unused else _NO, rule=rule)
    for name, value in {
        "mail": view.mail,
        "period": say(_PERIOD, first=view.first.isoformat(), last=view.last.isoformat()),
        "working": str(view.working_days),
        "used": str(view.working_days_with_access),
        "unused": str(view.working_days_without),
        "too_little": verdict,
    }.items():
        yield say(_LABELS[name]), value


def _rows(channels: Mapping[str, ChannelOfAccess]) -> Iterator[tuple[str, str, str, str]]:
    for name, each in channels.items():
        yield name, str(each.days), str(each.working_days), shown_moment(each.last)


def _shown(of: DayOfAccess) -> str:
    return of.day.isoformat() if of.working else say(_OFF, day=of.day.isoformat())
