"""A letter as a message of RFC 5322: plain text in UTF-8, with headers that nobody outside has written."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from msgspec import Struct

from govdir.sso.model import Outgoing

# RFC 5321 §4.1.2 without quoted local parts and address literals, which the directory gives to nobody.
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_CONTROL_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_LINE_END: Final = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


class Sender(Struct, frozen=True):
    """In whose name letters go out: an address, and the name shown beside it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What follows the @."""
        return self.address.rpartition("@")[2]


def is_address(text: str) -> bool:
    """Whether mail can be sent to or from it without any quoting."""
    local = text.rpartition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in text
    return _ADDRESS.fullmatch(text) is not None and not dots


def message(outgoing: Outgoing, sender: Sender) -> EmailMessage:
    """The message, the same at every attempt. Raises ValueError when recipient or sender is no address.

    Automatic answers to it are asked not to be sent (RFC 3834 §5, and what Exchange looks for).
    """
    letter = outgoing.letter
    if not is_address(letter.to) or not is_address(sender.address):
        raise ValueError("not an address")
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(_CONTROL.sub(" ", sender.name), addr_spec=sender.address)
    made["To"] = Address(addr_spec=letter.to)
    made["Subject"] = " ".join(_CONTROL.sub(" ", letter.subject).split())
    made["Date"] = format_datetime(outgoing.written)
    made["Message-ID"] = f"<govdir.{int(outgoing.written.timestamp())}.{outgoing.number}@{sender.domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    text = _CONTROL_IN_TEXT.sub("", _LINE_END.sub("\n", letter.text))
    made.set_content(text.rstrip("\n") + "\n", charset="utf-8", cte="quoted-printable")
    return made
