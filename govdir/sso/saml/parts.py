"""What several messages share: their head (core §3.2.1, §3.2.2), issuers, name identifiers, status.

Readers rely on the element having been checked against the schema, so what must be there is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from lxml import etree
from msgspec import Struct

from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.model import NameId, NameIdFormat, Status
from govdir.sso.saml.names import ENTITY_FORMAT, SAML_VERSION, saml, samlp
from govdir.sso.saml.statuses import TOP_LEVEL
from govdir.sso.saml.values import XML_SPACE, clean, read_time, said, write_time
from govdir.sso.saml.xml import SAML, SAMLP

MAX_ENTITY_ID: Final = 1024
"""Characters of an entity's name (core §8.3.6)."""
MAX_MESSAGE_ID: Final = 256
"""Characters of a message's ID. They are random numbers of some 40; each is kept against replays."""
MAX_NAME_ID: Final = 1024
"""Characters of a name identifier; persistent ones have 256 at most (core §8.3.7)."""


class Head(Struct, frozen=True):
    """ID, Issuer, IssueInstant and Destination, which all messages have."""

    id: str
    issuer: str
    issued_at: datetime
    destination: str | None


def text_of(element: etree._Element) -> str:
    """An element's text without the white space around it."""
    return (element.text or "").strip(XML_SPACE)


def expect(root: etree._Element, name: str) -> None:
    """Raises MalformedMessage when the message is of another kind than `name` (as lxml writes it)."""
    if root.tag != name:
        raise MalformedMessage(f"this is no {etree.QName(name).localname}")


def read_head(root: etree._Element) -> Head:
    """The head of a message. Raises MalformedMessage for another version and for a missing Issuer."""
    if root.get("Version") != SAML_VERSION:
        raise MalformedMessage("Version is not 2.0")
    issuer = root.find(saml("Issuer"))
    if issuer is None:
        raise MalformedMessage("there is no Issuer")
    if said(issuer.get("Format")) not in {None, ENTITY_FORMAT}:
        raise MalformedMessage("Issuer is not the name of an entity")
    name = text_of(issuer)
    if not 0 < len(name) <= MAX_ENTITY_ID:
        raise MalformedMessage("Issuer is empty or too long")
    message_id = root.get("ID", "")
    if message_id != message_id.strip(XML_SPACE) or len(message_id) > MAX_MESSAGE_ID:
        raise MalformedMessage("ID is too long or has white space")
    return Head(message_id, name, read_time(root.get("IssueInstant", "")), said(root.get("Destination")))


def start(
    name: str, message_id: str, issuer: str, issued_at: datetime, attributes: dict[str, str | None]
) -> etree._Element:
    """A new message with head and Issuer; `attributes` that are None are left out."""
    message = etree.Element(samlp(name), nsmap={"samlp": SAMLP, "saml": SAML})
    message.set("ID", message_id)
    message.set("Version", SAML_VERSION)
    message.set("IssueInstant", write_time(issued_at))
    for key, value in attributes.items():
        if value is not None:
            message.set(key, value)
    child(message, saml("Issuer"), issuer)
    return message


def child(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """A new last child, with text."""
    element = etree.SubElement(parent, name)
    element.text = text
    return element


def read_name_id(element: etree._Element) -> NameId:
    """A saml:NameID (core §2.2.3). Raises MalformedMessage when it is empty or too long."""
    value = text_of(element)
    if not 0 < len(value) <= MAX_NAME_ID:
        raise MalformedMessage("NameID is empty or too long")
    return NameId(
        value,
        said(element.get("Format")) or NameIdFormat.UNSPECIFIED,
        said(element.get("NameQualifier")),
        said(element.get("SPNameQualifier")),
    )


def add_name_id(parent: etree._Element, name_id: NameId) -> None:
    """A saml:NameID as last child. Raises ValueError when nothing of its value can be written."""
    value = clean(name_id.value)
    if not value:
        raise ValueError("an empty name identifier")
    element = child(parent, saml("NameID"), value)
    element.set("Format", name_id.format)
    if name_id.name_qualifier is not None:
        element.set("NameQualifier", name_id.name_qualifier)
    if name_id.sp_name_qualifier is not None:
        element.set("SPNameQualifier", name_id.sp_name_qualifier)


def read_status(status: etree._Element) -> Status:
    """A samlp:Status; of codes below the second level nothing is kept. Raises MalformedMessage."""
    top = status.find(samlp("StatusCode"))
    code = None if top is None else said(top.get("Value"))
    if top is None or code not in TOP_LEVEL:
        raise MalformedMessage("StatusCode is none of the top-level ones")
    second = top.find(samlp("StatusCode"))
    message = status.find(samlp("StatusMessage"))
    return Status(
        code,
        None if second is None else said(second.get("Value")),
        None if message is None else said(message.text),
    )


def add_status(parent: etree._Element, status: Status) -> None:
    """A samlp:Status as last child (core §3.2.2.1)."""
    element = child(parent, samlp("Status"))
    code = child(element, samlp("StatusCode"))
    code.set("Value", status.code)
    if status.second is not None:
        child(code, samlp("StatusCode")).set("Value", status.second)
    if status.message is not None:
        child(element, samlp("StatusMessage"), clean(status.message))
