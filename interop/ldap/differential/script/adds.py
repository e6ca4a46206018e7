"""Adds (RFC 4511 §4.7): what the later steps look at, and what must be refused."""

from __future__ import annotations

import unicodedata
from typing import Final

from govdir.ldap.codec.messages import AddRequest, Attribute
from interop.ldap.differential.step import BASE, PERSON, Step, add, delete, person
from interop.server import SUFFIX

_OU: Final = ("top", "organizationalUnit")
_DEVICE: Final = ("top", "device")
_NFD: Final = unicodedata.normalize("NFD", "Phạm Đức Ấn")

_MADE: Final = (
    Step(
        "add the base",
        AddRequest(
            BASE,
            (
                Attribute("objectClass", (b"top", b"organizationalUnit")),
                Attribute("ou", ("so sánh".encode(),)),
            ),
        ),
    ),
    Step("add a container", add("ou=people", {"objectClass": _OU, "ou": "people"})),
    Step(
        "add another container",
        add("ou=things", {"objectClass": _OU, "ou": "things", "description": ["first", "second"]}),
    ),
    Step("add a container inside", add("ou=inner,ou=things", {"objectClass": _OU, "ou": "inner"})),
    Step(
        "add a person",
        person(
            "uid=an,ou=people",
            cn="Nguyễn Văn An",
            uid="an",
            mail="an@t.gov.vn",
            givenName="An",
            telephoneNumber="+84 292 381-0001",
            employeeNumber="7",
            title=["Chuyên viên", "Kế toán"],
            description="x",
        ),
    ),
    Step(
        "add a person with options",
        person(
            "uid=binh,ou=people",
            "Trần",
            cn="Trần Thị Bình",
            uid="binh",
            mail="binh@t.gov.vn",
            **{"description;lang-vi": "một", "description;lang-en": "one", "cn;lang-en": "Binh Tran"},
        ),
    ),
    Step(
        "add a person in another composition",
        person("uid=duc,ou=people", "Phạm", cn=_NFD, uid="duc", mail="duc@t.gov.vn"),
    ),
    Step(
        "add a person without the class top",
        add(
            "uid=chau,ou=people",
            {
                "objectClass": "inetOrgPerson",
                "cn": "Lê Minh Châu",
                "sn": "Lê",
                "uid": "chau",
                "seeAlso": f"uid=an,ou=people,{BASE}",
            },
        ),
    ),
    Step(
        "add a device",
        add(
            "cn=printer,ou=things",
            {
                "objectClass": _DEVICE,
                "cn": "printer",
                "serialNumber": "A-1",
                "owner": f"uid=an,ou=people,{BASE}",
            },
        ),
    ),
    Step(
        "add a group",
        add(
            "cn=all,ou=things",
            {
                "objectClass": ("top", "groupOfNames"),
                "cn": "all",
                "member": [f"uid=an,ou=people,{BASE}", f"UID=BINH, ou=people,{BASE}"],
            },
        ),
    ),
    Step(
        "add a locality with a postal address",
        add(
            "l=Ninh Kiều,ou=things",
            {"objectClass": ("top", "locality"), "l": "Ninh Kiều", "postalAddress": "1 Hòa Bình$Ninh Kiều"},
        ),
    ),
    Step("add by OIDs", add("2.5.4.3=oid,ou=things", {"2.5.4.0": ("2.5.6.0", "2.5.6.14"), "2.5.4.3": "oid"})),
    Step(
        "add under a name of two values",
        add("cn=two+serialNumber=2,ou=things", {"objectClass": _DEVICE, "cn": "two", "serialNumber": "2"}),
    ),
    Step(
        "add under an escaped name",
        add(r"cn=a\, b\+c\=d\23,ou=things", {"objectClass": _DEVICE, "cn": "a, b+c=d#"}),
    ),
    Step(
        "add under a name with a leading space",
        add(r"cn=\ x\20,ou=things", {"objectClass": _DEVICE, "cn": " x "}),
    ),
    Step(
        "add without the naming value",
        add("cn=unnamed,ou=things", {"objectClass": _DEVICE, "description": "no cn given"}),
    ),
    Step(
        "add with another value than the naming one",
        add("cn=other,ou=things", {"objectClass": _DEVICE, "cn": "another"}),
    ),
    Step(
        "add with a photograph",
        person("uid=em,ou=people", "Em", uid="em", jpegPhoto=b"\xff\xd8\xff\xe0 not really"),
    ),
)

_MALFORMED: Final = (
    ("an empty value", "uid=b1,ou=people", {"objectClass": PERSON, "sn": "", "cn": "x"}),
    ("a value that is not UTF-8", "uid=b2,ou=people", {"objectClass": PERSON, "sn": b"\xff\xfe", "cn": "x"}),
    ("a missing required attribute", "uid=b3,ou=people", {"objectClass": PERSON, "cn": "x"}),
    ("an attribute that no class allows", "cn=b4,ou=things", {"objectClass": _DEVICE, "cn": "b4", "sn": "x"}),
    ("an unknown attribute", "cn=b5,ou=things", {"objectClass": _DEVICE, "cn": "b5", "nosuch": "x"}),
    ("an unknown class", "cn=b6,ou=things", {"objectClass": ("top", "nosuch"), "cn": "b6"}),
    ("no class", "cn=b7,ou=things", {"cn": "b7"}),
    ("no structural class", "cn=b8,ou=things", {"objectClass": "top", "cn": "b8"}),
    ("two structural classes", "cn=b9,ou=things", {"objectClass": ("device", "locality"), "cn": "b9"}),
    (
        "an abstract class alone with an auxiliary one",
        "uid=b10,ou=people",
        {"objectClass": ("top", "uidObject"), "uid": "b10"},
    ),
    (
        "an auxiliary class without what it requires",
        "cn=b11,ou=things",
        {"objectClass": ("device", "uidObject"), "cn": "b11"},
    ),
    (
        "the same value twice",
        "cn=b12,ou=things",
        {"objectClass": _DEVICE, "cn": "b12", "description": ["x", "x"]},
    ),
    (
        "the same value in other case and spaces",
        "cn=b13,ou=things",
        {"objectClass": _DEVICE, "cn": "b13", "description": ["a  b", "A B"]},
    ),
    (
        "the same value in another composition",
        "cn=b14,ou=things",
        {"objectClass": _DEVICE, "cn": "b14", "description": ["Ấn", unicodedata.normalize("NFD", "Ấn")]},
    ),
    (
        "two values of a single one",
        "uid=b15,ou=people",
        {"objectClass": PERSON, "sn": "x", "cn": "x", "preferredLanguage": ["vi", "en"]},
    ),
    (
        "an attribute that users may not set",
        "cn=b16,ou=things",
        {"objectClass": _DEVICE, "cn": "b16", "creatorsName": "cn=x"},
    ),
    (
        "a malformed name as a value",
        "cn=b17,ou=things",
        {"objectClass": _DEVICE, "cn": "b17", "owner": "not a name"},
    ),
    (
        "a telephone number with letters",
        "cn=b18,ou=things",
        {"objectClass": ("top", "locality"), "l": "b18", "telephoneNumber": "x"},
    ),
    ("an empty attribute", "cn=b19,ou=things", {"objectClass": _DEVICE, "cn": "b19", "description": ()}),
    (
        "the same attribute under two names",
        "cn=b20,ou=things",
        {"objectClass": _DEVICE, "cn": "b20", "commonName": "x"},
    ),
    ("a group without members", "cn=b21,ou=things", {"objectClass": ("top", "groupOfNames"), "cn": "b21"}),
)

_MISPLACED: Final = (
    ("below a missing entry", "cn=x,ou=nowhere,ou=things"),
    ("below a missing entry in a missing container", "cn=x,ou=a,ou=b"),
    ("again", "cn=printer,ou=things"),
    ("again in other case and spaces", "CN = Printer , OU=Things"),
    ("below a leaf that becomes a parent", "cn=tray,cn=printer,ou=things"),
    ("under an unknown naming attribute", "nosuch=x,ou=things"),
    ("under a malformed name", "cn=x,,ou=things"),
    ("under a name without a value", "cn,ou=things"),
    ("under a name with an open escape", "cn=x\\,ou=things\\"),
    ("under a name in hexadecimal", "cn=#04036f6865,ou=things"),
    ("under an empty naming value", "cn=,ou=things"),
)


def _device(rdn: str) -> AddRequest:
    return add(rdn, {"objectClass": _DEVICE, "cn": "x"})


_OUTSIDE: Final = (
    Step(
        "add outside the naming context",
        AddRequest("cn=x,dc=example", (Attribute("objectClass", (b"device",)), Attribute("cn", (b"x",)))),
    ),
    Step(
        "add above the naming context",
        AddRequest("dc=gov,dc=vn", (Attribute("objectClass", (b"device",)), Attribute("cn", (b"x",)))),
    ),
    Step(
        "add the root DSE", AddRequest("", (Attribute("objectClass", (b"device",)), Attribute("cn", (b"x",))))
    ),
    Step(
        "add the naming context again",
        AddRequest(SUFFIX, (Attribute("objectClass", (b"device",)), Attribute("cn", (b"x",)))),
    ),
    Step("add as nobody", person("uid=nobody,ou=people"), anonymous=True),
)

ADDS: Final = (
    *_MADE,
    *(Step(f"add {name}", add(rdn, attributes)) for name, rdn, attributes in _MALFORMED),
    *(Step(f"add {name}", _device(rdn)) for name, rdn in _MISPLACED),
    *_OUTSIDE,
    # What only one of the two has taken is gone before anything is searched for.
    Step("take away the attribute under two names", delete("cn=b20,ou=things")),
    Step("take away the name in hexadecimal", delete("cn=ohe,ou=things")),
)
