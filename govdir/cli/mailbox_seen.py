"""`govdir mailbox seen`: accesses that a mail server knows of and no bind tells, as of sessions left open."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import click
from msgspec import Struct
from twisted.internet.defer import Deferred, succeed

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.days import shown_moment
from govdir.cli.language import say
from govdir.cli.ldif_files import STANDARD_INPUT
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.progress import watched
from govdir.config import load_config
from govdir.directory import channels
from govdir.directory.access_days import LastAccess, MonthOfAccess
from govdir.directory.accesses import Accesses
from govdir.directory.addresses import canonical, entries_with
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle.facts import is_mailbox
from govdir.policy.texts import Wording
from govdir.storage.access_days import SqlAccessDays

_MAX_LINE: Final = 1000
"""Octets of a line: an address has 320 at most, a time and a channel some dozens."""

_MAX_SHOWN: Final = 10
"""Lines or addresses told one by one; the rest is counted."""

_CLOCKS_APART: Final = timedelta(minutes=5)
"""How far a mail server's clock may be ahead; what it says then was now."""

_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing of a province's mail is older: a time before it is a counter or a slip."""

_DELIVERIES: Final = frozenset({"lmtp", "lda", "indexer", "indexer-worker", "doveadm", "replicator"})
"""What Dovecot calls its own work on a mailbox: nobody uses it thereby."""

_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_CHANNEL: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")

_READING = Wording("Đang đọc", "Reading")
_LINE = Wording("Dòng {number}: {what}", "Line {number}: {what}")
_SHAPE = Wording(
    "không phải ADDRESS<TAB>TIME hoặc ADDRESS<TAB>TIME<TAB>CHANNEL",
    "not ADDRESS<TAB>TIME or ADDRESS<TAB>TIME<TAB>CHANNEL",
)
_NO_TIME = Wording(
    "“{text}” không phải số giây từ 1970 hay thời điểm như 2026-11-30T08:15:00+07:00",
    '"{text}" is neither seconds since 1970 nor a time such as 2026-11-30T08:15:00+07:00',
)
_FUTURE = Wording(
    "{at} chưa đến; kiểm tra đồng hồ máy chủ thư", "{at} is yet to come; look at the mail server's clock"
)
_NO_CHANNEL = Wording("“{text}” không phải tên kênh như imap", '"{text}" is no channel such as imap')
_MORE = Wording("… và {count} dòng khác.", "… and {count} more.")
_NOTHING_STORED = Wording("Không ghi nhận gì.", "Nothing was stored.")
_UNKNOWN = Wording(
    "{count} địa chỉ không phải hộp thư nào ở đây: {addresses}",
    "{count} addresses are no mailbox here: {addresses}",
)
_NOBODY = Wording("Không có địa chỉ nào là hộp thư ở đây.", "None of the addresses is a mailbox here.")
_NOTED = Wording(
    "Đã ghi nhận {lines} dòng về {mailboxes} hộp thư.",
    "{lines} lines about {mailboxes} mailboxes were stored.",
)


class Seen(Struct, frozen=True):
    """What came of it, for --json: lines that were stored, the mailboxes they were about, addresses that are
    none, and lines passed over because they tell of deliveries."""

    lines: int
    mailboxes: int
    unknown: tuple[str, ...]
    deliveries: int


class _Bad(ValueError):
    """A line that says nothing; the text says why, in the reader's language."""


@command(
    "seen",
    Wording(
        "Ghi nhận truy cập mà máy chủ thư biết: mỗi dòng của FILE (- là đầu vào chuẩn) gồm địa chỉ, thời "
        "điểm (số giây từ 1970 hoặc ISO 8601; không có múi giờ là giờ Việt Nam) và nếu có, kênh, cách nhau "
        "bằng dấu tab. Cần cho phiên IMAP mở nhiều ngày, không đăng nhập lại. Có dòng sai thì không ghi gì.",
        "Stores accesses that a mail server knows of: each line of FILE (- is standard input) has an "
        "address, a time (seconds since 1970, or ISO 8601; Vietnam's time without a zone) and perhaps a "
        "channel, with tabs between. Needed for IMAP sessions that stay open for days without signing in "
        "again. One bad line, and nothing is stored.",
    ),
    "govdir mailbox seen ./home accesses.tsv",
)
@home_argument
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@json_option
def seen(*, home: Path, file: Path, as_json: bool) -> None:
    """`govdir mailbox seen`."""
    with open_directory(load_config(home)) as local, ExitStack() as files:
        lines = sys.stdin.buffer if file == STANDARD_INPUT else files.enter_context(file.open("rb"))
        reading = _Reading(local)
        for number, line in enumerate(watched(_bounded(lines), say(_READING)), start=1):
            reading.take(number, line)
        reading.check()
        local.run(reading.accesses.flush())
    result = reading.result()
    if as_json:
        print_json(result)
    if result.unknown:
        remark(say(_UNKNOWN, count=len(result.unknown), addresses=_some(result.unknown)))
    if not as_json:
        click.echo(say(_NOTED, lines=result.lines, mailboxes=result.mailboxes))


class _Reading:
    """Judges lines one by one; `accesses` has what is to be stored, put together by mailbox and month."""

    def __init__(self, local: LocalDirectory) -> None:
        self._image = local.directory.image
        self._now = local.directory.clock.now()
        self.accesses = Accesses(_CountedAsSignIns(local.core.store.accesses), local.directory.clock)
        self._entries: dict[str, int | None] = {}
        self._bad: list[str] = []
        self._bad_count = self._lines = self._deliveries = 0

    def take(self, number: int, line: bytes) -> None:
        """The line, unless it is empty or a remark."""
        if not line.strip() or line.startswith(b"#"):
            return
        try:
            address, at, channel = _read(line, self._now)
        except _Bad as error:
            self._bad_count += 1
            if len(self._bad) < _MAX_SHOWN:
                self._bad.append(say(_LINE, number=number, what=error))
            return
        if channel in _DELIVERIES:
            self._deliveries += 1
            return
        entry_id = self._entry(address)
        if entry_id is not None:
            self._lines += 1
            self.accesses.note(entry_id, channel, _microseconds(at))

    def check(self) -> None:
        """Raises Refused for a bad line, and when none of the addresses is known: it is the wrong file."""
        if self._bad_count:
            more = self._bad_count - len(self._bad)
            rest = (say(_MORE, count=more),) if more else ()
            raise Refused(*self._bad, *rest, say(_NOTHING_STORED))
        if self._entries and not self._lines:
            raise Refused(say(_NOBODY), f"  {_some(tuple(self._entries))}")

    def result(self) -> Seen:
        """For --json."""
        unknown = tuple(sorted(address for address, entry_id in self._entries.items() if entry_id is None))
        mailboxes = {entry_id for entry_id in self._entries.values() if entry_id is not None}
        return Seen(self._lines, len(mailboxes), unknown, self._deliveries)

    def _entry(self, address: str) -> int | None:
        if address not in self._entries:
            self._entries[address] = self._find(canonical(self._image, address))
        return self._entries[address]

    def _find(self, address: str) -> int | None:
        for attribute in ("mail", "mailLocalAddress"):
            for record in entries_with(self._image, attribute, address):
                if is_mailbox(record):
                    return record.id
        return None


class _CountedAsSignIns:
    """Implements directory.ports.AccessStore: to the clock of mailboxes these accesses are sign-ins."""

    def __init__(self, store: SqlAccessDays) -> None:
        self._store = store

    def record(self, lasts: Sequence[LastAccess], months: Sequence[MonthOfAccess]) -> Deferred[None]:
        """With their moments as last sign-ins."""
        return self._store.record_seen(lasts, months)

    def last(self, entry_id: int) -> Deferred[Mapping[str, int]]:
        """As stored."""
        return self._store.last(entry_id)

    def forget(self, before: int) -> Deferred[None]:
        """Left to servers."""
        del before
        return succeed(None)


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a file that may be none of ours: no more of one is read than is needed to refuse it."""
    return iter(partial(file.readline, _MAX_LINE + 1), b"")


def _read(line: bytes, now: datetime) -> tuple[str, datetime, str]:
    """Address in lower case, moment, channel. Raises _Bad."""
    if len(line) > _MAX_LINE:
        raise _Bad(say(_SHAPE))
    try:
        parts = line.decode("utf-8-sig").rstrip("\r\n").split("\t")
    except UnicodeDecodeError:
        raise _Bad(say(_SHAPE)) from None
    if len(parts) not in (2, 3) or "@" not in parts[0]:
        raise _Bad(say(_SHAPE))
    channel = parts[2].strip().lower() if len(parts) > 2 else channels.MAIL
    if not _CHANNEL.fullmatch(channel):
        raise _Bad(say(_NO_CHANNEL, text=parts[2]))
    return parts[0].strip().lower(), _moment(parts[1].strip(), now), channel


def _moment(text: str, now: datetime) -> datetime:
    """Raises _Bad."""
    try:
        if _SECONDS.fullmatch(text):
            at = datetime.fromtimestamp(int(text), UTC)
        else:
            at = datetime.fromisoformat(text)
            at = (at.replace(tzinfo=PROVINCE_ZONE) if at.tzinfo is None else at).astimezone(PROVINCE_ZONE)
        too_early, too_late = at < _EARLIEST, at > now + _CLOCKS_APART
    except (ValueError, OverflowError):
        raise _Bad(say(_NO_TIME, text=text)) from None
    if too_early:
        raise _Bad(say(_NO_TIME, text=text))
    if too_late:
        raise _Bad(say(_FUTURE, at=shown_moment(at)))
    return min(at, now)


def _microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _some(addresses: Sequence[str]) -> str:
    more = len(addresses) - _MAX_SHOWN
    return ", ".join(addresses[:_MAX_SHOWN]) + (" …" if more > 0 else "")
