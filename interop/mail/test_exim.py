"""Debian's Exim works for a town: who gets mail, who may hand it in, what becomes of it while govdir is away."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from interop.mail.exim import Exim
from interop.mail.folders import open_folder
from interop.mail.lmtp import Sink, running_sink
from interop.mail.town import (
    ALIAS_DOMAIN,
    BOX,
    DOMAIN,
    EXPIRED,
    INTERNAL,
    MUST_CHANGE,
    NESTED_LIST,
    OPERATOR,
    PENDING,
    RENAMED,
    REVOKED,
    SEND_BLOCKED,
    STAFF_LIST,
    SUSPENDED,
    Town,
)

OUTSIDER = "khach@example.com"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder("exim") as folder:
        yield folder


@pytest.fixture(scope="module")
def sink(folder: Path) -> Iterator[Sink]:
    with running_sink(folder / "lmtp") as sink:
        yield sink


@pytest.fixture(scope="module")
def exim(town: Town, folder: Path, sink: Sink) -> Iterator[Exim]:
    """Exim as an administrator sets it up, in front of the sink."""
    files = town.files(folder / "files", "exim", "exim")
    exim = Exim(folder, files, folder / "lmtp")
    exim.start()
    try:
        yield exim
    finally:
        exim.stop()


def letter(subject: str, sender: str = OUTSIDER, size: int = 0) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "undisclosed-recipients:;", subject
    message.set_content("Kính gửi.\n" + "x" * 70 * 0)
    return message.as_bytes() + b"x" * 70 + (b"\n" + b"x" * 70) * (size // 71)


@contextlib.contextmanager
def session(exim: Exim, town: Town | None = None, login: str = "", password: str = "") -> Iterator[smtplib.SMTP]:
    """An SMTP session; with a login one at port 587, under TLS."""
    port = exim.submission_port if login else exim.smtp_port
    with smtplib.SMTP("127.0.0.1", port, "client.example.com", timeout=30) as smtp:
        if login:
            smtp.starttls(context=ssl._create_unverified_context())
            smtp.login(login, password)
        yield smtp


def signed_in(exim: Exim, town: Town, uid: str) -> contextlib.AbstractContextManager[smtplib.SMTP]:
    return session(exim, town, town.address_of(uid), town.password_of(uid))


def answer(smtp: smtplib.SMTP, sender: str, recipient: str) -> tuple[int, str]:
    """To RCPT, and what MAIL was refused with."""
    smtp.rset()
    code, text = smtp.mail(sender)
    if code == 250:
        code, text = smtp.rcpt(recipient)
    return code, text.decode()


def send(smtp: smtplib.SMTP, sender: str, recipient: str, subject: str) -> None:
    assert smtp.sendmail(sender, [recipient], letter(subject, sender)) == {}


def test_try(town: Town, exim: Exim, sink: Sink) -> None:
    with session(exim) as smtp:
        try: send(smtp, OUTSIDER, town.address_of("nvminh"), "hello")
        except Exception: print(exim.log); raise
    print(sink.wait_for("hello"))
    print(exim.log)
    with signed_in(exim, town, "tqan") as smtp:
        print(answer(smtp, town.address_of("tqan"), town.address_of("nvminh")))
        print(answer(smtp, town.address_of("nvminh"), town.address_of("nvminh")))
    print(exim.log)
    assert 0
