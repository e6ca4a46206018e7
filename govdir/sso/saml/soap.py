"""The SOAP 1.1 envelope of the back channel (saml-bindings §3.2)."""

from __future__ import annotations

import copy
from typing import Final

from lxml import etree

from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.xml import SAMLP, SOAP, children, name, only_child, parse, serialize

_MUST_UNDERSTAND: Final = name(SOAP, "mustUnderstand")


def read(octets: bytes) -> etree._Element:
    """The one protocol message in the body; raises MalformedMessage.

    It stays where it is in its document: its signature may count on namespaces that the envelope declares.
    """
    envelope = parse(octets)
    if envelope.tag != name(SOAP, "Envelope"):
        raise MalformedMessage("not a SOAP 1.1 envelope")
    for header in children(envelope, SOAP, "Header"):
        if any(entry.get(_MUST_UNDERSTAND) in {"1", "true"} for entry in header):
            raise MalformedMessage("a SOAP header that must be understood")
    body = only_child(envelope, SOAP, "Body")
    if body is None or len(body) != 1:
        raise MalformedMessage("not one message in the SOAP body")
    message = body[0]
    if etree.QName(message).namespace != SAMLP:
        raise MalformedMessage("not a SAML message in the SOAP body")
    return message


def wrap(element: etree._Element) -> bytes:
    """A message in an envelope, as octets; the element itself stays as it is."""
    envelope = etree.Element(name(SOAP, "Envelope"), nsmap={"soap": SOAP})
    etree.SubElement(envelope, name(SOAP, "Body")).append(copy.deepcopy(element))
    return serialize(envelope)


def fault(text: str, *, ours: bool = False) -> bytes:
    """The answer to what cannot be read: the sender's fault or ours, with a reason in plain words (SOAP 1.1
    §4.4); its status in HTTP is 500 (saml-bindings §3.2.3.3)."""
    envelope = etree.Element(name(SOAP, "Envelope"), nsmap={"soap": SOAP})
    body = etree.SubElement(envelope, name(SOAP, "Body"))
    content = etree.SubElement(body, name(SOAP, "Fault"))
    etree.SubElement(content, "faultcode").text = "soap:Server" if ours else "soap:Client"
    etree.SubElement(content, "faultstring").text = text
    return serialize(envelope)
