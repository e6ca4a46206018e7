"""What a letter looks like, whatever is in it."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from govdir.sso.model import Letter, Outgoing
from govdir.web.mail_message import Sender, is_address, message

SENDER = Sender("no-reply@cantho.gov.vn", "Thư điện tử công vụ")
OUTGOING = Outgoing(
    number=7,
    letter=Letter("nvan@cantho.gov.vn", "Mật khẩu đã được đổi", "Chào ông An,\n\nMật khẩu đã đổi.\n"),
    written=datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
    tries=1,
)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
    "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
]  # fmt: skip


def arrived(outgoing: Outgoing, sender: Sender = SENDER) -> EmailMessage:
    """The message as a recipient's program reads it."""
    octets = message(outgoing, sender).as_bytes()
    assert octets.isascii()
    return message_from_bytes(octets, EmailMessage, policy=SMTP)


def test_a_letter_arrives_in_vietnamese() -> None:
    read = arrived(OUTGOING)

    assert {name: str(read[name]) for name in HEADERS[:7]} == {
        "From": "Thư điện tử công vụ <no-reply@cantho.gov.vn>",
        "To": "nvan@cantho.gov.vn",
        "Subject": "Mật khẩu đã được đổi",
        "Date": "Sun, 22 Nov 2026 01:02:03 +0000",
        "Message-ID": "<govdir.1795309323.7@cantho.gov.vn>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    assert read.get_content_type() == "text/plain"
    assert read.get_content_charset() == "utf-8"
    assert read.get_content() == "Chào ông An,\r\n\r\nMật khẩu đã đổi.\r\n"


def test_every_attempt_is_the_same_message() -> None:
    assert message(OUTGOING, SENDER).as_bytes() == message(replace(OUTGOING, tries=9), SENDER).as_bytes()


@given(st.text(), st.text(), st.text())
def test_no_text_becomes_a_header_or_fails(subject: str, text: str, name: str) -> None:
    outgoing = replace(OUTGOING, letter=Letter("nvan@cantho.gov.vn", subject, text))

    read = arrived(outgoing, replace(SENDER, name=name))

    assert sorted(read.keys()) == sorted(HEADERS)
    assert read["To"] == "nvan@cantho.gov.vn"
    assert not read.is_multipart()
    assert not read.get_content().strip("\r\n").startswith("Bcc:") or text.lstrip().startswith("Bcc:")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_a_line_end_in_a_subject_ends_nothing(end: str) -> None:
    letter = replace(OUTGOING.letter, subject=f"Chào{end}Bcc: evil@example.vn")

    read = arrived(replace(OUTGOING, letter=letter))

    assert read["Bcc"] is None
    assert read["Subject"] == "Chào Bcc: evil@example.vn"


@pytest.mark.parametrize("good", ["nvan@cantho.gov.vn", "a.b-c_d@x.vn", "o'neil+x@mail.example"])
def test_addresses_of_the_directory_are_addresses(good: str) -> None:
    assert is_address(good)
    assert arrived(replace(OUTGOING, letter=replace(OUTGOING.letter, to=good)))["To"] == good


@pytest.mark.parametrize(
    "bad",
    [
        "", "an", "@x.vn", "an@", "an@x.vn\n", "an@x.vn\r\nBcc: b@x.vn", "an@x.vn,b@x.vn", "an b@x.vn",
        "<an@x.vn>", "an@x.vn>", '"an"@x.vn', "an@[10.0.0.1]", "ân@x.vn", "an@x.vn ", ".an@x.vn", "a..n@x.vn",
        "an@x..vn", "an@-x.vn", "an@b@x.vn", "a" * 65 + "@x.vn", "an@x.vn SIZE=1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_sent_nothing(bad: str) -> None:
    assert not is_address(bad)
    with pytest.raises(ValueError):
        message(replace(OUTGOING, letter=replace(OUTGOING.letter, to=bad)), SENDER)
    with pytest.raises(ValueError):
        message(OUTGOING, Sender(bad))
