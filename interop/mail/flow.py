"""Letters in an unbroken stream, as other mail servers and people's outboxes send them."""

from __future__ import annotations

import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

_PAUSE_SECONDS: Final = 0.1
_RETRY_SECONDS: Final = 0.5


@dataclass(slots=True)
class Flow:
    """Letters sent one after another, each until it is taken, as a mail server or an outbox does it.

    `hand_in` makes a letter, tells its subject and sends it. `taken` and `refused` are subjects, `temporary`
    and `for_good` the codes of refusals.
    """

    hand_in: Callable[[Callable[[str], None]], None]
    taken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    temporary: Counter[int] = field(default_factory=Counter)
    for_good: list[str] = field(default_factory=list)
    _ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until `end` is called."""
        while not self._ending.is_set():
            tried: list[str] = []
            try:
                self.hand_in(tried.append)
                self.taken += tried
                time.sleep(_PAUSE_SECONDS)
            except smtplib.SMTPRecipientsRefused as error:
                self._refuse(tried, *next(iter(error.recipients.values())))
            except smtplib.SMTPResponseException as error:
                self._refuse(tried, error.smtp_code, error.smtp_error)

    def _refuse(self, tried: list[str], code: int, text: bytes | str) -> None:
        self.refused += tried
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
