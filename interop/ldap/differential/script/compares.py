"""Compares (RFC 4511 §4.10)."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.messages import CompareRequest
from interop.ldap.differential.step import BASE, Step, compare

_AN: Final = "uid=an,ou=people"
_COMPARED: Final = (
    ("a value", _AN, "uid", "an"),
    ("a value in other case", _AN, "uid", "AN"),
    ("another value", _AN, "uid", "binh"),
    ("one of several values", _AN, "title", "kế toán"),
    ("by OID", _AN, "2.5.4.4", "nguyễn"),
    ("a supertype", _AN, "name", "an"),
    ("an absent attribute", _AN, "roomNumber", "1"),
    ("an unknown attribute", _AN, "nosuch", "1"),
    ("with an option", "uid=binh,ou=people", "description;lang-vi", "một"),
    ("with another option", "uid=binh,ou=people", "description;lang-fr", "un"),
    ("an attribute without equality", "uid=em,ou=people", "jpegPhoto", b"\xff"),
    ("a malformed value", "cn=printer,ou=things", "owner", "not a name"),
    ("a name in other case", "cn=printer,ou=things", "owner", f"UID=AN,OU=PEOPLE,{BASE}"),
    ("a class", _AN, "objectClass", "person"),
    ("an inherited class", "uid=chau,ou=people", "objectClass", "organizationalPerson"),
    ("an operational attribute", _AN, "structuralObjectClass", "inetOrgPerson"),
    ("hasSubordinates", "ou=things", "hasSubordinates", "TRUE"),
    ("a password that is not there", _AN, "userPassword", "x"),
    ("a missing entry", "uid=zz,ou=people", "uid", "zz"),
    ("below a missing entry", "cn=x,uid=zz,ou=people", "cn", "x"),
    ("a malformed name", "uid", "uid", "x"),
)

COMPARES: Final = (
    *(Step(f"compare {name}", compare(rdn, attribute, value)) for name, rdn, attribute, value in _COMPARED),
    Step("compare outside the naming context", CompareRequest("dc=example", "dc", b"example")),
    Step("compare as nobody", compare(_AN, "uid", "an"), anonymous=True),
)
