"""What any message of an identity provider is held to, by the section of the specification that asks it.

The schema and the signatures themselves are `wire`'s business; this is what a schema cannot say.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from interop.saml.wire import DS, SAML, SAMLP

TOP_LEVEL: Final = frozenset({"Success", "Requester", "Responder", "VersionMismatch"})
_STATUS: Final = "urn:oasis:names:tc:SAML:2.0:status:"
_ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
_PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
_ATTRNAME: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:"
_MOMENTS: Final = frozenset(
    {"IssueInstant", "NotBefore", "NotOnOrAfter", "AuthnInstant", "SessionNotOnOrAfter"}
)
_URIS: Final = frozenset(
    {"Destination", "Recipient", "Format", "NameFormat", "Method", "Consent", "Reason", "Algorithm"}
)
_UTC: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d+)?Z")
_WINDOWS: Final = (f"{SAML}Conditions", f"{SAML}SubjectConfirmationData")


class Core:
    """Holds messages to saml-core-2.0; one object a run, for no ID may come twice (§1.3.4)."""

    def __init__(self, idp: str) -> None:
        self._idp = idp
        self._ids: set[str] = set()

    def hold(self, message: etree._Element, service: str) -> None:
        """Raises AssertionError for what breaks a rule in a message to `service`."""
        for element in message.iter(etree.Element):
            self._values(element)
            self._versions(element)
            if element.tag == f"{DS}Signature":
                _one_reference(element)
            if element.tag in (f"{SAML}NameID", f"{SAML}Issuer"):
                self._name(element, service)
            if element.tag == f"{SAML}Attribute":
                _attribute(element)
            if element.tag in _WINDOWS:
                _window(element)
        for assertion in message.iter(f"{SAML}Assertion"):
            assert assertion.find(f"{SAML}Subject") is not None, "§2.7.2, §2.7.3"
        status = message.find(f"{SAMLP}Status/{SAMLP}StatusCode")
        if status is not None:
            assert status.get("Value", "").removeprefix(_STATUS) in TOP_LEVEL, "§3.2.2.2"

    def _values(self, element: etree._Element) -> None:
        for name, value in element.attrib.items():
            assert str(value).strip(), f"§1.3.1: an empty {name}"
            if name in _MOMENTS:
                assert _UTC.fullmatch(str(value)), f"§1.3.3: {name} {value!r}"
            if name in _URIS:
                assert urlsplit(str(value)).scheme, f"§1.3.2: {name} {value!r}"
            if name == "ID":
                assert value not in self._ids, "§1.3.4"
                self._ids.add(str(value))

    def _versions(self, element: etree._Element) -> None:
        namespace = etree.QName(element).namespace or ""
        if "SAML" in namespace:
            assert ":2.0:" in namespace, "§4.2"
        if element.get("Version") is not None or element.tag == f"{SAML}Assertion":
            assert element.get("Version") == "2.0", "§4.1.2, §4.1.3"

    def _name(self, element: etree._Element, service: str) -> None:
        format_ = element.get("Format")
        text = element.text or ""
        assert text.strip(), "§2.2.2"
        if element.tag == f"{SAML}Issuer":
            assert (text, format_ or _ENTITY) == (self._idp, _ENTITY), "§8.3.6"
            assert set(element.attrib) <= {"Format"}, "§8.3.6"
        if format_ in (_PERSISTENT, _TRANSIENT):
            assert len(text) <= 256, "§8.3.7, §8.3.8"
            assert element.get("NameQualifier", self._idp) == self._idp, "§8.3.7"
            assert element.get("SPNameQualifier", service) == service, "§8.3.7"


def _one_reference(signature: etree._Element) -> None:
    references = [*signature.iter(f"{DS}Reference")]
    parent = signature.getparent()
    assert parent is not None
    assert [one.get("URI") for one in references] == [f"#{parent.get('ID')}"], "§5.4.2"
    assert not [*signature.iter(f"{DS}Object")], "§5.4.3"


def _attribute(element: etree._Element) -> None:
    name, format_ = element.get("Name", ""), element.get("NameFormat")
    if format_ == f"{_ATTRNAME}uri":
        assert urlsplit(name).scheme, "§8.2.2"
    if format_ == f"{_ATTRNAME}basic":
        assert re.fullmatch(r"[\w][\w.-]*", name), "§8.2.3"
    assert element.findall(f"{SAML}AttributeValue"), "§2.7.3.1: nothing is told that has no value"


def _window(element: etree._Element) -> None:
    begin, end = element.get("NotBefore"), element.get("NotOnOrAfter")
    if begin is not None and end is not None:
        assert datetime.fromisoformat(begin) < datetime.fromisoformat(end), "§2.4.1.2, §2.5.1.2"
