"""The form field of the POST binding (saml-bindings §3.5.4): base64 and no more.

Some software deflates what it posts as if it were a query (node-saml does unless told not to); that is taken.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.redirect import inflate
from govdir.sso.saml.xml import MAX_MESSAGE_BYTES

MAX_FIELD_CHARACTERS: Final = MAX_MESSAGE_BYTES * 3 // 2
"""Base64 makes a third more; some break its lines."""

_WHITE: Final = re.compile(r"[ \t\r\n]+")
_BEGINS_AS_XML: Final = re.compile(rb"(\xef\xbb\xbf)?[ \t\r\n]*<")


def read(saml_message_base64: str) -> bytes:
    """The XML in SAMLRequest or SAMLResponse, deflated or not; raises MalformedMessage."""
    octets = decode(saml_message_base64)
    return octets if _BEGINS_AS_XML.match(octets) else inflate(octets)


def decode(saml_message_base64: str) -> bytes:
    """The octets in the field, lines broken or not; raises MalformedMessage."""
    if len(saml_message_base64) > MAX_FIELD_CHARACTERS:
        raise MalformedMessage(f"larger than {MAX_MESSAGE_BYTES} bytes")
    try:
        octets = base64.b64decode(_WHITE.sub("", saml_message_base64).encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise MalformedMessage("not base64") from None
    if not octets:
        raise MalformedMessage("an empty message")
    return octets


def encode(xml: bytes) -> str:
    """The value of the form field, on one line."""
    return base64.b64encode(xml).decode("ascii")
