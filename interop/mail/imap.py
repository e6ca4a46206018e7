"""What tests look at in an IMAP session."""

from __future__ import annotations

import imaplib
import time
from typing import Final

from interop.mail.dovecot import Dovecot
from interop.mail.town import BOX

AT_ONCE_SECONDS: Final = 2.0
"""On a busy machine; on an idle one it is a tenth of that."""

FOUND_SECONDS: Final = 15.0


def subjects(session: imaplib.IMAP4, mailbox: str = "INBOX") -> list[str]:
    """The subjects of a mailbox's messages, in order."""
    status, count = session.select(f'"{mailbox}"', readonly=True)
    assert status == "OK", count
    found = []
    for number in range(1, int(count[0] or b"0") + 1):
        _, told = session.fetch(str(number), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        found.append(told[0][1].decode().removeprefix("Subject: ").strip())  # type: ignore[index, union-attr]
    return found


def wait_until_closed(session: imaplib.IMAP4, seconds: float = AT_ONCE_SECONDS) -> float:
    """How long it takes until the server has ended the session. Raises AssertionError if it does not."""
    begin = time.monotonic()
    session.sock.settimeout(seconds)
    try:
        while session.sock.recv(4096):
            pass
    except TimeoutError:
        raise AssertionError("the session is still open") from None
    except ConnectionError:
        pass
    return time.monotonic() - begin


def wait_for_group(dovecot: Dovecot) -> None:
    """Until govdir has let the shared mailbox's group in: it has found Dovecot."""
    deadline = time.monotonic() + FOUND_SECONDS
    while "group=box-sonv" not in dovecot.doveadm("acl", "get", "-u", BOX, "INBOX", check=False):
        assert time.monotonic() < deadline, "govdir has not found Dovecot"
        time.sleep(0.05)


def folders(session: imaplib.IMAP4) -> list[str]:
    """The names LIST tells that can be selected."""
    status, lines = session.list()
    assert status == "OK"
    told = [line.decode() for line in lines if isinstance(line, bytes)]
    return sorted(line.rpartition(' "/" ')[2].strip('"') for line in told if "\\Noselect" not in line)
