"""XML signature wrapping for any message: the true, signed element hidden in a forged one, or beside it."""

from __future__ import annotations

import copy
from collections.abc import Callable

from lxml import etree

from govdir.sso.saml import xml
from tests.sso.saml.signed import SIGNATURE, signature_of

PLACES = tuple(range(1, 13))
"""1 to 10 as SAMLRaider numbers its own (3 to 10 carried over from assertions); 11: the forged element
inside the true one; 12: the true one in a comment of its own document, for readers of text."""


def wrapped(octets: bytes, forge: Callable[[etree._Element], object], place: int) -> bytes:
    """A signed message, wrapped; `forge` changes what a reader is to believe."""
    true = xml.parse(octets)
    signature = signature_of(true)
    bare = copy.deepcopy(true)
    bare.remove(signature_of(bare))
    evil = copy.deepcopy(bare)
    evil.set("ID", true.get("ID", "") if place in {9, 10} else "_evil")
    forge(evil)
    if place in {4, 6, 7, 9, 11}:
        return _boxed(true, signature, bare, evil, place)
    match place:
        case 1:
            evil.insert(1, signature)
            signature.append(bare)
        case 2:
            evil.insert(1, signature)
            evil.insert(1, bare)
        case 3:
            evil.insert(0, true)
        case 5:
            evil.insert(1, signature)
            evil.append(bare)
        case 8 | 10:
            evil.insert(1, signature)
            etree.SubElement(signature, xml.name(xml.DS, "Object")).append(bare)
        case 12:
            evil.append(etree.Comment(xml.serialize(true).decode().replace("--", "- -")))
            evil.insert(1, signature)
    return xml.serialize(evil)


def _boxed(
    true: etree._Element, signature: etree._Element, bare: etree._Element, evil: etree._Element, place: int
) -> bytes:
    """With one of them in Extensions, where the schema lets anything stand."""
    extensions = etree.Element(xml.name(etree.QName(true).namespace or "", "Extensions"))
    box = etree.SubElement(extensions, "{urn:example:harmless}box")
    match place:
        case 4:
            box.append(true)
        case 6:
            box.append(signature)
            signature.append(bare)
        case 7 | 9:
            evil.insert(1, signature)
            box.append(bare)
        case 11:
            box.append(evil)
            true.insert(2, extensions)
            return xml.serialize(true)
    evil.insert(2 if place in {7, 9} else 1, extensions)
    return xml.serialize(evil)


def without_signature(octets: bytes) -> bytes:
    """The message as if nobody had signed it."""
    root = xml.parse(octets)
    for signature in root.findall(f".//{SIGNATURE}"):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    return xml.serialize(root)
