"""`govdir mailbox remind`: whoever breaks the regulation is reminded, and in the end the head is told."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from govdir.assembly import lifecycle_of
from govdir.cli.changes import also, modify, put, without
from govdir.cli.command import command, home_argument, json_option
from govdir.cli.language import current_language, say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import say_state
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_mailbox, record_of, who_argument
from govdir.cli.reasons import reason_option
from govdir.config import load_config
from govdir.directory.errors import NoSuchObject
from govdir.lifecycle.dues import What
from govdir.lifecycle.notices import Notice
from govdir.mailattrs.states import OPEN
from govdir.policy.texts import Wording

_COUNT = "gdReminderCount"

_REASON = Wording("Vi phạm điều gì; ghi vào gdStateReason.", "What was done; kept in gdStateReason.")
_KEPT = Wording("Nhắc nhở lần {number}: {reason}", "Reminder {number}: {reason}")
_CLOSED = Wording(
    "{mail}: trạng thái là “{state}”, không nhắc nhở người không dùng được hộp thư.",
    '{mail}: the state is "{state}"; nobody is reminded who cannot use the mailbox.',
)
_REMINDED = Wording("{mail}: nhắc nhở lần {number}, theo {by}", "{mail}: reminder {number}, by {by}")
_SEND = Wording("Thư nhắc nhở soạn sẵn, gửi đến {to}:", "The letter, to be sent to {to}:")
_HEAD = Wording(
    "Đã nhắc nhở {number} lần: {citation}. Báo cho {to}; cơ quan xử lý xong thì chạy “govdir mailbox "
    "confirm”.",
    "Reminded {number} {number:time|times}: {citation}. Tell {to}; once the agency has acted, run "
    '"govdir mailbox confirm".',
)


class Reminded(Struct, frozen=True):
    """What is printed with --json. `limit`: after so many the head is told (None: the text has no number);
    `tell` are then the addresses, head first, by `tell_citation`. `to`, `subject` and `text` are the reminder
    itself."""

    dn: str
    mail: str
    reminders: int
    limit: int | None
    citation: str
    to: tuple[str, ...]
    subject: str
    text: str
    tell: tuple[str, ...]
    tell_citation: str
    tell_subject: str
    tell_text: str


@command(
    "remind",
    Wording(
        "Ghi một lần nhắc nhở WHO chấp hành quy chế và in thư nhắc nhở soạn sẵn; chương trình không tự gửi. "
        "Đủ số lần của quy chế thì cho biết phải báo cho ai. “confirm” đưa số lần về 0; vi phạm nghiêm trọng "
        "thì dùng “suspend”.",
        "Counts a reminder of the regulation to WHO and prints the letter; nothing is sent. At the number "
        'that the regulation names it says whom to tell. "confirm" counts from 0 again; grave breaches are '
        'for "suspend".',
    ),
    'govdir mailbox remind ./home nvminh --reason "Gửi thư quảng cáo"',
)
@home_argument
@who_argument
@reason_option(required=True, wording=_REASON)
@json_option
def remind(*, home: Path, who: str, reason: str, as_json: bool) -> None:
    """`govdir mailbox remind`."""
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        if found.state not in OPEN:
            raise Refused(say(_CLOSED, mail=found.called, state=say_state(found.state)))
        _count(local, found, reason)
        reminded = _reminded(local, found, reason)
    print_json(reminded) if as_json else _tell(reminded)


def _count(local: LocalDirectory, found: Found, reason: str) -> None:
    """In one change, from the number that was seen: of two at once, one is refused and none is lost."""
    held = found.attributes.text(_COUNT)
    number = str(int(held or 0) + 1)
    seen = () if held is None else (without(_COUNT, held),)
    kept = put("gdStateReason", say(_KEPT, number=number, reason=reason))
    modify(local, found.dn, *seen, also(_COUNT, number), kept)


def _reminded(local: LocalDirectory, found: Found, reason: str) -> Reminded:
    clock, pack = lifecycle_of(local.core), local.core.pack
    record = record_of(local, found.dn)
    facts = None if record is None else clock.facts(record)
    if record is None or facts is None:
        raise NoSuchObject(found.dn)
    letter = clock.reminder(facts, reason)
    items = clock.items_of(record, facts, local.directory.clock.now())
    report = next((clock.notice(item) for item in items if item.due.what is What.MISUSE_REPORT), None)
    told = Notice(letter.contacts) if report is None else report
    rule = pack.lifecycle.reminders_citation
    return Reminded(
        dn=found.dn,
        mail=facts.address,
        reminders=facts.reminders,
        limit=pack.lifecycle.reminders,
        citation=pack.misuse.text(current_language()),
        to=letter.to,
        subject=letter.subject,
        text=letter.text,
        tell=told.to,
        tell_citation=rule.text(current_language()) if told.to and rule is not None else "",
        tell_subject=told.subject,
        tell_text=told.text,
    )


def _tell(reminded: Reminded) -> None:
    number = str(reminded.reminders)
    if reminded.limit is not None and reminded.reminders <= reminded.limit:
        number = f"{number}/{reminded.limit}"
    click.echo(say(_REMINDED, mail=reminded.mail, number=number, by=reminded.citation))
    if reminded.to:
        remark(say(_SEND, to=", ".join(reminded.to)))
        click.echo(f"\n{reminded.subject}\n\n{reminded.text}")
    if reminded.tell:
        to = ", ".join(reminded.tell)
        click.echo(say(_HEAD, number=reminded.reminders, citation=reminded.tell_citation, to=to))
