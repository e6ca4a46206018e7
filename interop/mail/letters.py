"""Letters that can be told apart, and how their recipients read them: over IMAP, or off the server's disk."""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import itertools
import os
import re
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Final

from interop.mail.dovecot import Dovecot

ARRIVAL_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.05
_numbers = itertools.count(1)


def letter(sender: str, recipient: str, *, size: int = 0) -> EmailMessage:
    """A letter with a subject of its own, about `size` octets long in all."""
    subject = f"letter-{os.getpid()}-{next(_numbers)}"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Message-ID"] = f"<{subject}@letters.example>"
    text = "Kính gửi các đồng chí.\n"
    message.set_content(text + ("x" * 70 + "\n") * (size // 71))
    return message


@contextlib.contextmanager
def imap(dovecot: Dovecot, name: str, password: str) -> Iterator[imaplib.IMAP4]:
    """A session of a mail program. Raises imaplib.IMAP4.error where the login is refused."""
    trust = ssl.create_default_context(cafile=str(dovecot.certificate))
    with imaplib.IMAP4("localhost", dovecot.imap_port, timeout=30) as session:
        session.starttls(trust)
        session.login(name, password)
        yield session


def subjects(session: imaplib.IMAP4, folder: str = "INBOX") -> list[str]:
    """Of the letters in a folder."""
    code, said = session.select(folder, readonly=True)
    assert code == "OK", said
    _, found = session.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])") if said[0] != b"0" else ("", [])
    heads = [part[1] for part in found if isinstance(part, tuple)]
    return [str(email.message_from_bytes(head, policy=email.policy.default)["Subject"]) for head in heads]


def wait_for(
    dovecot: Dovecot, name: str, password: str, subject: str, *, folder: str = "INBOX", seconds: float = 0.0
) -> None:
    """Reads over IMAP until the letter is there, once. Raises AssertionError."""
    deadline = time.monotonic() + (seconds or ARRIVAL_SECONDS)
    with imap(dovecot, name, password) as session:
        while not (found := subjects(session, folder)).count(subject):
            assert time.monotonic() < deadline, f"{name} has {found}, not {subject}"
            time.sleep(_POLL_SECONDS)
    assert found.count(subject) == 1


def delivered(dovecot: Dovecot, address: str) -> list[str]:
    """The subjects of what lies in a mailbox whose holder may not look into it."""
    said = dovecot.doveadm("fetch", "-u", address, "hdr.subject", "mailbox", "INBOX", "all")
    return re.findall(r"(?m)^hdr\.subject: (.*)$", said)


def wait_until_delivered(dovecot: Dovecot, address: str, subject: str) -> None:
    """Until the letter lies in the mailbox, once. Raises AssertionError."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while not (found := delivered(dovecot, address)).count(subject):
        assert time.monotonic() < deadline, f"{address} has {found}, not {subject}"
        time.sleep(_POLL_SECONDS)
    assert found.count(subject) == 1
