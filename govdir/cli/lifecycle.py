"""`govdir lifecycle`: what the clock makes due, shown or done at the operator's command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click
from msgspec import Struct, structs

from govdir.assembly import lifecycle_of
from govdir.cli.command import Group, Verb, command, home_argument, json_option, option
from govdir.cli.days import day, shown_moment
from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.progress import watched
from govdir.cli.table import print_table
from govdir.config import load_config
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle.dues import Due, What
from govdir.lifecycle.notices import Notice
from govdir.lifecycle.run import Item, Lifecycle, Outcome, Result
from govdir.mailattrs.moments import day_of, start_of
from govdir.policy.texts import Wording

lifecycle = Group(
    "lifecycle",
    Wording("Những việc đến hạn của hộp thư.", "What falls due for mailboxes."),
    ("govdir lifecycle run ./home --dry-run",),
    {
        "run": Verb(
            "govdir.cli.lifecycle:run",
            Wording("Xem hoặc làm những việc đến hạn.", "Show or do what is due."),
        )
    },
)

_WORDS = {
    What.SEND_BLOCK: Wording("khóa chức năng gửi", "block sending"),
    What.REVOCATION: Wording("thu hồi", "revoke"),
    What.DELEGATION_END: Wording("hết hạn ủy quyền", "end the authorisation"),
    What.PASSWORD_EXPIRED: Wording("mật mã hết hạn, phải đổi", "password expired, must change"),
    What.SERVICES: Wording("chỉnh dịch vụ theo quy chế", "set services right"),
    What.EXPIRY_WARNING: Wording("báo mật mã sắp hết hạn", "tell: password expires soon"),
    What.INACTIVITY_WARNING: Wording("báo sắp thu hồi vì không dùng", "warn: unused"),
    What.INACTIVITY_ALERT: Wording("báo cơ quan: hộp thư không dùng", "tell the agency: unused"),
    What.INACTIVITY_SUSPENSION: Wording("tạm khóa vì không dùng", "suspend: unused"),
    What.INACTIVITY_REVOCATION: Wording("thu hồi vì không dùng", "revoke: unused"),
    What.UNCONFIRMED_REVOCATION: Wording("thu hồi vì không xác nhận", "revoke: not confirmed"),
    What.MISUSE_REPORT: Wording("báo Thủ trưởng: đã nhắc nhở đủ số lần", "tell the head: reminded in vain"),
    What.OWNER_LEFT: Wording("báo cơ quan: người phụ trách đã nghỉ", "tell the agency: its owner has left"),
    What.ADDRESS_WARNING: Wording("báo địa chỉ cũ sắp thôi nhận thư", "tell: old address ends soon"),
    What.ADDRESS_END: Wording("địa chỉ cũ thôi nhận thư", "end an old address"),
}
_HEAD = (
    Wording("Đến hạn", "Due since"),
    Wording("Hộp thư", "Mailbox"),
    Wording("Tên", "Name"),
    Wording("Việc", "What"),
    Wording("Theo", "By"),
    Wording("Báo cho", "Tell"),
)
_LOOKING = Wording("Đang xem hộp thư", "Looking at mailboxes")
_DOING = Wording("Đang làm", "Working")
_NOTHING = Wording("Không có việc nào đến hạn đến {at}.", "Nothing is due by {at}.")
_WOULD = Wording(
    "Đến {at} có {count} việc đến hạn ({kinds}); chưa làm việc nào.",
    "{count} {count:thing is|things are} due by {at} ({kinds}); nothing was done.",
)
_DONE = Wording("Đã làm {count} việc đến hạn đến {at}.", "Did {count} {count:thing|things} due by {at}.")
_TELL = Wording(
    "{count} việc chỉ cần báo cho người liên quan; danh bạ không thay đổi. Chương trình không tự gửi thư: "
    "thư soạn sẵn có trong --json.",
    "{count} {count:is|are} for telling people; {count:it changes|they change} nothing in the directory. "
    "Nothing is sent: --json has the letters.",
)
_REFUSED = Wording("{mail}: {what}: {why}", "{mail}: {what}: {why}")
_AHEAD = Wording(
    "ngày {day} chưa đến: thêm --dry-run để xem trước, hoặc --ahead để làm ngay bây giờ",
    "{day} has not come yet: add --dry-run to see what it will bring, or --ahead to do it now",
)
_TOO_FAR = Wording("ngày {day} ngoài khoảng từ {first} đến {last}", "{day} is not between {first} and {last}")

_FIRST = date(1900, 1, 1)
_YEARS_AHEAD = 30


class Step(Struct, frozen=True):
    """Something due and what came of it; None where nothing was tried."""

    item: Item
    notice: Notice
    result: Result | None = None

    @property
    def outcome(self) -> Outcome | None:
        """Of the result."""
        return None if self.result is None else self.result.outcome


class DueView(Struct, frozen=True):
    """One line of --json; `since` is a time of the province's zone, `outcome` "" in a dry run.

    `address` is the further address that ends, "" where none does.
    `owner`, `agency` and `head` are addresses, "" where there is none: of the holder, of the agency's
    mailbox, of its head. `tell` are those the letter (`subject`, `text`, in Vietnamese) goes to; empty:
    nobody is told.
    """

    dn: str
    mail: str
    name: str
    body: str
    what: What
    since: datetime
    article: str
    citation: str
    owner: str
    agency: str
    head: str
    tell: tuple[str, ...]
    subject: str
    text: str
    outcome: str = ""
    why: str = ""
    address: str = ""


class RunView(Struct, frozen=True):
    """What --json prints."""

    until: datetime
    dry_run: bool
    items: tuple[DueView, ...]


class _Standing:
    """A clock that stands at the moment the run is for; implements directory.ports.Clock."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """Always the same."""
        return self._moment


def _near_day(context: click.Context, parameter: click.Parameter, text: str | None) -> date | None:
    """A day that terms can be counted to."""
    chosen = day(context, parameter, text)
    last = date(date.today().year + _YEARS_AHEAD, 12, 31)  # noqa: DTZ011 - a day more or less is no matter
    if chosen is not None and not _FIRST <= chosen <= last:
        raise click.BadParameter(say(_TOO_FAR, day=chosen, first=_FIRST, last=last))
    return chosen


@command(
    "run",
    Wording(
        "Làm những việc đến hạn theo quy chế: khóa gửi và thu hồi của người nghỉ, hết hạn ủy quyền và mật "
        "mã, hộp thư không sử dụng. Máy chủ tự làm khi đang chạy; lệnh này để xem trước, để làm khi máy chủ "
        "được đặt không tự làm, và sau khi máy chủ báo có quá nhiều hộp thư không sử dụng.\n\n"
        "--on xét đến hết ngày đó theo giờ Việt Nam. Chạy lại không làm lại việc đã làm.",
        "Does what the regulation makes due: sending ends and mailboxes are revoked for leavers, "
        "authorisations and passwords end, unused mailboxes are suspended or revoked. A running server does "
        "so by itself; this command shows it beforehand, does it where the server is set not to, and after "
        "the server has said that too many mailboxes are unused.\n\n"
        "--on looks at everything up to the end of that day in Vietnam. Run again, it does nothing twice.",
    ),
    "govdir lifecycle run ./home --dry-run",
    "govdir lifecycle run ./home --on 2027-02-28 --dry-run",
)
@home_argument
@option(
    "--on",
    callback=_near_day,
    metavar="DAY",
    wording=Wording(
        "Đến hết ngày; mặc định đến lúc này.", "Up to the end of that day; by default up to now."
    ),
)
@option("--dry-run", is_flag=True, wording=Wording("Chỉ xem, không làm.", "Only show."))
@option(
    "--ahead",
    is_flag=True,
    wording=Wording(
        "Với ngày chưa đến: làm ngay, như thể đã đến ngày đó.",
        "For a day that has not come: do it now, as if it had.",
    ),
)
@json_option
def run(*, home: Path, on: date | None, dry_run: bool, ahead: bool, as_json: bool) -> None:
    """`govdir lifecycle run`."""
    present = datetime.now(UTC)
    until = _moment(on, present)
    if until > present and not (dry_run or ahead):
        raise Refused(say(_AHEAD, day=on))
    with open_directory(load_config(home)) as local:
        if until > present:
            local.directory.clock = _Standing(until)
        clock = lifecycle_of(local.core)
        items = list(watched(clock.all_items(until), say(_LOOKING)))
        items.sort(key=lambda item: (item.due.since, item.facts.dn))
        steps = [Step(item, clock.notice(item)) for item in items]
        if not dry_run:
            steps = _apply(local, clock, steps, until)
    if as_json:
        print_json(RunView(until.astimezone(PROVINCE_ZONE), dry_run, tuple(map(_view, steps))))
    else:
        _print(steps, until)
    _refuse(steps)


def _moment(on: date | None, present: datetime) -> datetime:
    """The end of a day; of today, now."""
    if on is None or on == day_of(present):
        return present
    return start_of(on) + timedelta(days=1, seconds=-1)


def _apply(local: LocalDirectory, clock: Lifecycle, due: Sequence[Step], until: datetime) -> list[Step]:
    """What came of each; without what an earlier step, or somebody else, has made needless."""
    done = (
        structs.replace(step, result=local.run(clock.apply(step.item, until)))
        for step in watched(due, say(_DOING))
    )
    return [step for step in done if step.outcome is not Outcome.NOT_DUE]


def _print(steps: Sequence[Step], until: datetime) -> None:
    at = shown_moment(until)
    if not steps:
        remark(say(_NOTHING, at=at))
        return
    print_table([tuple(map(say, _HEAD)), *map(_row, steps)])
    if any(step.result is None for step in steps):
        kinds = Counter(say(_WORDS[step.item.due.what]) for step in steps)
        summary = ", ".join(f"{kind}: {count}" for kind, count in kinds.most_common())
        remark(say(_WOULD, count=len(steps), at=at, kinds=summary))
        return
    remark(say(_DONE, count=sum(step.outcome is Outcome.DONE for step in steps), at=at))
    told = sum(step.outcome is Outcome.TOLD for step in steps)
    if told:
        remark(say(_TELL, count=told))


def _row(step: Step) -> tuple[str, ...]:
    facts, due = step.item.facts, step.item.due
    return (
        shown_moment(due.since),
        facts.address,
        ", ".join(filter(None, (facts.name, step.item.body))),
        _said(due),
        due.citation.place_in(current_language()),
        ", ".join(step.notice.to),
    )


def _said(due: Due) -> str:
    """What is due, and of which address where it is none of the whole mailbox."""
    words = say(_WORDS[due.what])
    return words if due.term is None else f"{words}: {due.term.address}"


def _view(step: Step) -> DueView:
    facts, due, notice = step.item.facts, step.item.due, step.notice
    return DueView(
        dn=facts.dn,
        mail=facts.address,
        name=facts.name,
        body=step.item.body,
        what=due.what,
        since=due.since.astimezone(PROVINCE_ZONE),
        article=due.citation.reference,
        citation=due.citation.text(current_language()),
        owner=notice.contacts.owner,
        agency=notice.contacts.agency,
        head=notice.contacts.head,
        tell=notice.to,
        subject=notice.subject,
        text=notice.text,
        outcome="" if step.outcome is None else step.outcome.value,
        why="" if step.result is None else step.result.why,
        address="" if due.term is None else due.term.address,
    )


def _refuse(steps: Sequence[Step]) -> None:
    """Ends with what rules refused, if anything."""
    lines = [
        say(_REFUSED, mail=step.item.facts.address, what=_said(step.item.due), why=step.result.why)
        for step in steps
        if step.result is not None and step.outcome is Outcome.REFUSED
    ]
    if lines:
        raise Refused(*lines)
