"""govdir is restarted, then gone for half a minute, while mail goes on coming: all waits, and all arrives."""

from __future__ import annotations

import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from interop.mail.dovecot import Dovecot
from interop.mail.letters import delivered, letter
from interop.mail.postfix import Postfix
from interop.mail.town import BOX, DOMAIN, STAFF_LIST, Town

GONE_SECONDS: Final = 30.0
BACK_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.1
_RETRY_SECONDS: Final = 0.5
SOMEBODY: Final = "khach@example.org"
STAFF: Final = ("nvminh", "ltbdao", "tqan")


@dataclass(slots=True)
class Flow:
    """Letters sent one after another, each until it is taken, as a mail server or an outbox does it.

    `hand_in` sends a letter and returns its subject; `taken` are subjects, `temporary` and `for_good` the
    codes of refusals.
    """

    hand_in: Callable[[], str]
    taken: list[str] = field(default_factory=list)
    temporary: Counter[int] = field(default_factory=Counter)
    for_good: list[str] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until `end` is called."""
        while not self._ending.is_set():
            try:
                self.taken.append(self.hand_in())
                time.sleep(_PAUSE_SECONDS)
            except smtplib.SMTPRecipientsRefused as error:
                self._refused(*next(iter(error.recipients.values())))
            except smtplib.SMTPResponseException as error:
                self._refused(error.smtp_code, error.smtp_error)

    def _refused(self, code: int, text: bytes | str) -> None:
        if 400 <= code < 500:
            self.temporary[code] += 1
        else:
            self.for_good.append(f"{code} {text!r}")
        time.sleep(_RETRY_SECONDS)

    def end(self) -> None:
        """No letter after the present one."""
        self._ending.set()


@contextmanager
def flowing(*flows: Flow) -> Iterator[None]:
    """Each in a thread of its own, until the end."""
    threads = [threading.Thread(target=flow.run, daemon=True) for flow in flows]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for flow in flows:
            flow.end()
        for thread in threads:
            thread.join(60)


def test_mail_waits_while_the_directory_is_away_and_all_of_it_arrives_once(
    town: Town, postfix: Postfix, dovecot: Dovecot
) -> None:
    begin = len(postfix.log)

    def from_outside() -> str:
        message = letter(SOMEBODY, f"an.tran@{DOMAIN}")
        with postfix.outside() as session:
            session.send_message(message, SOMEBODY, [f"an.tran@{DOMAIN}"])
        return str(message["Subject"])

    def from_the_agency() -> str:
        message = letter(BOX, STAFF_LIST)
        with postfix.login(town.address_of("nvminh"), town.password_of("nvminh")) as session:
            session.send_message(message, BOX, [STAFF_LIST])
        return str(message["Subject"])

    outside, agency = Flow(from_outside), Flow(from_the_agency)
    with flowing(outside, agency):
        time.sleep(1)
        town.server.stop()
        town.server.start()
        time.sleep(1)
        held = _leave_in_the_queue(town, postfix)
        town.server.kill()
        postfix.set(defer_transports="")
        postfix.reload()
        postfix.flush()
        time.sleep(GONE_SECONDS)
        waiting = postfix.queued()
        town.server.start()
        back = time.monotonic()
        count = (len(outside.taken), len(agency.taken))
        while len(outside.taken) < count[0] + 5 or len(agency.taken) < count[1] + 5:
            assert time.monotonic() < back + BACK_SECONDS, (outside, agency, postfix.log[-3000:])
            time.sleep(_PAUSE_SECONDS)
    postfix.wait_until_empty(BACK_SECONDS)

    assert outside.for_good == agency.for_good == []
    assert outside.temporary.keys() <= {451}
    assert agency.temporary.keys() <= {421, 451, 454}
    assert sum(outside.temporary.values()) > 10
    assert sum(agency.temporary.values()) > 10
    assert set(held) <= set(waiting)
    assert "status=bounced" not in postfix.log[begin:]
    wanted = {"tqan": [*outside.taken, *agency.taken], "nvminh": agency.taken, "ltbdao": agency.taken}
    for uid, subjects in wanted.items():
        had = Counter(delivered(dovecot, town.address_of(uid)))
        assert {subject: had[subject] for subject in subjects} == dict.fromkeys(subjects, 1)


def _leave_in_the_queue(town: Town, postfix: Postfix) -> list[str]:
    """Letters that Postfix has taken in and not yet handed on; their queue ids."""
    postfix.set(defer_transports="lmtp")
    postfix.reload()
    with postfix.outside() as session:
        for uid in STAFF:
            session.send_message(letter(SOMEBODY, "x"), SOMEBODY, [town.address_of(uid)])
    held = postfix.queued()
    assert len(held) >= len(STAFF)
    return held
