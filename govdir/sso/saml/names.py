"""Namespaces of SAML 2.0 and what it builds on, and the URIs that stand in its attributes."""

from __future__ import annotations

from typing import Final

from govdir.sso.saml.xml import DS, MD, SAML, SAMLP

MDUI: Final = "urn:oasis:names:tc:SAML:metadata:ui"
SHIBMD: Final = "urn:mace:shibboleth:metadata:1.0"
ALG: Final = "urn:oasis:names:tc:SAML:metadata:algsupport"
XS: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"

SAML_VERSION: Final = "2.0"
ENTITY_FORMAT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
"""Format of an Issuer (core §8.3.6); also what it means when it has none."""
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
"""Method of a SubjectConfirmation: whoever brings the assertion (profiles §3.3)."""

NAME_FORMAT_URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
NAME_FORMAT_BASIC: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
NAME_FORMAT_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"

REASON_USER: Final = "urn:oasis:names:tc:SAML:2.0:logout:user"
"""Reason of a LogoutRequest: its subject wished it (core §3.7.3)."""
REASON_ADMIN: Final = "urn:oasis:names:tc:SAML:2.0:logout:admin"
"""Reason of a LogoutRequest: an administrator wished it (core §3.7.3)."""


def saml(local_name: str) -> str:
    """The element name in the assertion namespace, as lxml writes it."""
    return f"{{{SAML}}}{local_name}"


def samlp(local_name: str) -> str:
    """The element name in the protocol namespace, as lxml writes it."""
    return f"{{{SAMLP}}}{local_name}"


def md(local_name: str) -> str:
    """The element name in the metadata namespace, as lxml writes it."""
    return f"{{{MD}}}{local_name}"


def ds(local_name: str) -> str:
    """The element name in the XML signature namespace, as lxml writes it."""
    return f"{{{DS}}}{local_name}"
