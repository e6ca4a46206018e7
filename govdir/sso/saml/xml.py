"""XML as it is taken from others and given to them: one parser for checking and for reading.

`parse` goes from the outside in: size, encoding, no DOCTYPE, then libxml2 without entities or network,
without comments and processing instructions (text would end at one), then identifiers that are unique.
"""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from govdir.sso.saml.errors import MalformedMessage

SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
XENC11: Final = "http://www.w3.org/2009/xmlenc11#"
EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"

MAX_MESSAGE_BYTES: Final = 256 * 1024
"""The largest request in use has some 10 kB, one with a photograph in an attribute still less than this."""

MAX_METADATA_BYTES: Final = 4 * 1024 * 1024
"""A federation's aggregate of a few hundred entities; a service provider's own metadata has some 10 kB."""

MAX_NAMESPACES: Final = 64
"""Declarations in scope at one place; honest documents have about ten, some repeat them at every level."""

MAX_ATTRIBUTES: Final = 256
"""Of one element; those of SAML have a dozen at most."""

OCTETS_AN_ELEMENT: Final = 40
"""As many octets of the size that is allowed go to each element that is: 6553 elements in a message."""

IDENTIFIERS: Final = ("ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id")
"""Attributes that some software takes for an identifier that a signature may refer to."""

_DECLARATION: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
_TAKEN_ENCODINGS: Final = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}


def name(namespace: str, local: str) -> str:
    """A qualified name as lxml writes it: `{namespace}local`."""
    return f"{{{namespace}}}{local}"


def parse(octets: bytes, *, limit: int = MAX_MESSAGE_BYTES) -> etree._Element:
    """The root element of a document from outside; raises MalformedMessage."""
    within_size(octets, limit)
    in_utf8(octets)
    no_doctype(octets)
    try:
        root = etree.fromstring(octets, parser=_parser())
    except (etree.XMLSyntaxError, ValueError):
        raise MalformedMessage("not well-formed XML") from None
    modest(root, limit // OCTETS_AN_ELEMENT)
    unique_ids(root)
    return root


def serialize(root: etree._Element) -> bytes:
    """The element as UTF-8 octets that stand alone: no XML declaration, nothing of what follows it."""
    return etree.tostring(root, encoding="utf-8", with_tail=False, xml_declaration=False)


def within_size(octets: bytes, limit: int) -> None:
    """Everything after this costs in proportion to the size."""
    if len(octets) > limit:
        raise MalformedMessage(f"larger than {limit} bytes")


def in_utf8(octets: bytes) -> None:
    """UTF-8 only: in UTF-16 or UTF-7 a DOCTYPE would not be found by its octets."""
    declaration = _DECLARATION.match(octets.removeprefix(b"\xef\xbb\xbf"))
    if declaration is not None and declaration[1].lower() not in _TAKEN_ENCODINGS:
        raise MalformedMessage("not encoded in UTF-8")
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedMessage("not encoded in UTF-8") from None


def no_doctype(octets: bytes) -> None:
    """A document type can define entities that grow without bound or name files; SAML has no use for one."""
    if b"<!DOCTYPE" in octets or b"<!ENTITY" in octets:
        raise MalformedMessage("a DOCTYPE is never taken")


def modest(root: etree._Element, max_elements: int) -> None:
    """No more elements, attributes and namespaces than honest documents have: canonicalising looks names up
    among all those in scope and sorts attributes by insertion, before anything is known of the sender."""
    elements = in_scope = 0
    for event, element in etree.iterwalk(root, events=("start", "start-ns", "end-ns")):
        if event == "start":
            elements += 1
            if elements > max_elements or len(element.attrib) > MAX_ATTRIBUTES:
                raise MalformedMessage("more elements or attributes than a message has")
        else:
            in_scope += 1 if event == "start-ns" else -1
            if in_scope > MAX_NAMESPACES:
                raise MalformedMessage("more namespaces than a message has")


def unique_ids(root: etree._Element) -> None:
    """No identifier twice, under whatever attribute name: a signature could mean either of the two."""
    seen = set()
    for element in root.iter(etree.Element):
        for attribute in IDENTIFIERS:
            value = element.get(attribute)
            if value is None:
                continue
            if value in seen:
                raise MalformedMessage("an identifier occurs twice")
            seen.add(value)


def children(parent: etree._Element, namespace: str, local: str) -> list[etree._Element]:
    """The direct children of that name."""
    return parent.findall(name(namespace, local))


def only_child(parent: etree._Element, namespace: str, local: str) -> etree._Element | None:
    """The direct child of that name, None without one; raises MalformedMessage when there are several."""
    found = children(parent, namespace, local)
    if len(found) > 1:
        raise MalformedMessage(f"several {local} elements")
    return found[0] if found else None


def _parser() -> etree.XMLParser:
    # One each: a parser is locked while it works, and makes two threads wait for each other.
    return etree.XMLParser(
        encoding="utf-8",
        attribute_defaults=False,
        dtd_validation=False,
        load_dtd=False,
        no_network=True,
        recover=False,
        huge_tree=False,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
