"""The tree that Directory Studio's cases are tried on, in a corner of its own: people, a group, odd names,
an alias, a subentry, and referrals to all of them, to each other, and in a circle."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from interop.ldap.java_clients import Value
from interop.ldap.studio import SUCCESS, Attributes, Studio

PEOPLE: Final = 8
JPEG: Final = b"\xff\xd8\xff\xe0" + bytes(range(256)) + b"\xff\xd9"
_PERSON: Final = ["top", "person", "organizationalPerson", "inetOrgPerson"]
_REFERRAL: Final = ["top", "referral", "extensibleObject"]


class Places:
    """The names in the fixture below one container."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.mixed = f"ou=linh tinh,{root}"
        self.deep = f"ou=ba,ou=hai,ou=một,{self.mixed}"
        self.alias = f"cn=bí danh,{self.mixed}"
        self.subentry = f"cn=mục con,{self.mixed}"
        self.captain = f"uid=thuyentruong,{self.mixed}"
        self.people = f"ou=người dùng,{root}"
        self.groups = f"ou=nhóm,{root}"
        self.group = f"cn=tất cả,{self.groups}"
        self.target = f"ou=đích,{root}"
        self.referrals = f"ou=chuyển hướng,{root}"

    def person(self, number: int) -> str:
        """One of the numbered people, from 1."""
        return f"uid=nguoi.{number},{self.people}"

    def referral(self, name: str) -> str:
        """One of the referrals, by what it leads to."""
        return f"cn={name},{self.referrals}"

    def targets(self) -> dict[str, str]:
        """Where each referral leads."""
        return {
            "một người": self.person(1),
            "mọi người": self.people,
            "nơi chuyển đến mọi người": self.referral("mọi người"),
            "chính nơi này": self.referrals,
            "vòng 1": self.referral("vòng 2"),
            "vòng 2": self.referral("vòng 1"),
            "linh tinh": self.mixed,
        }


def url(studio: Studio, dn: str) -> str:
    """The LDAP URL of a name on the server under test."""
    return f"{studio.server.uri}/{quote(dn, safe='=,')}"


def plant(studio: Studio, root: str) -> Places:
    """Adds the tree through Studio's import and dialogs."""
    at = Places(root)
    _expect(studio, at.root, {"objectClass": ["top", "organizationalUnit"]})
    for dn in (at.mixed, at.people, at.groups, at.target, at.referrals):
        _expect(studio, dn, {"objectClass": ["top", "organizationalUnit"]})
    below = at.mixed
    for name in ("một", "hai", "ba"):
        below = f"ou={name},{below}"
        _expect(studio, below, {"objectClass": ["top", "organizationalUnit"], "ou": name})
    records = [_person_ldif(at, number) for number in range(1, PEOPLE + 1)]
    assert [done.code for done in studio.import_ldif("version: 1\n\n" + "\n".join(records))] == [0] * PEOPLE
    _plant_mixed(studio, at)
    members = [at.person(number) for number in range(1, PEOPLE + 1)]
    classes = ["top", "groupOfNames"]
    _expect(studio, at.group, {"objectClass": classes, "cn": "tất cả", "member": [*members, at.captain]})
    return at


def plant_referrals(studio: Studio, at: Places) -> None:
    """Adds the referrals; apart, because a server may have none."""
    for name, target in at.targets().items():
        entry = {"objectClass": _REFERRAL, "cn": name, "ref": url(studio, target)}
        done = studio.add(at.referral(name), entry, referrals="ignore", controls=["manage"])
        assert done.code == SUCCESS, done


def _plant_mixed(studio: Studio, at: Places) -> None:
    captain: Attributes = {
        "objectClass": [*_PERSON, "extensibleObject"],
        "cn": "Trần Hưng Đạo",
        "sn": "Trần",
        "description": "A Ä € Я λ ש ع 誰 ",
        "jpegPhoto": JPEG,
        "userSMIMECertificate": [bytes(range(256)), bytes(range(256)) + b"\0", bytes(range(255))],
    }
    _expect(studio, at.captain, captain)
    device = {"objectClass": ["top", "device"], "description": "máy ở chính nó"}
    _expect(studio, f"cn=loopback+serialNumber=127.0.0.1,{at.mixed}", device)
    couple = {"objectClass": _PERSON, "sn": "Bà", "givenName": "Trưng"}
    _expect(studio, f"cn=Bà Trưng+uid=batrung,{at.mixed}", couple)
    alias = {"objectClass": ["top", "alias", "extensibleObject"], "aliasedObjectName": at.mixed}
    _expect(studio, at.alias, alias)


def _person_ldif(at: Places, number: int) -> str:
    name = ("Ánh", "Bình", "Châu", "Đức", "Em", "Phúc", "Giang", "Hạnh")[number - 1]
    values: dict[str, Sequence[Value]] = {
        "dn": [at.person(number)],
        "objectClass": _PERSON,
        "cn": [f"Nguyễn {name}"],
        "sn": ["Nguyễn"],
        "givenName": [name],
        "uid": [f"nguoi.{number}"],
        "telephoneNumber": [f"+84 292 3{number:06}"],
        "employeeNumber": [str(number)],
        "postalAddress": [f"Số {number}$Đường Ba Tháng Hai$Cần Thơ"],
    }
    return ldif(values)


def ldif(record: Mapping[str, Sequence[Value]]) -> str:
    """A record in which every value is in base64: the library's reader knows no UTF-8 outside of it."""
    values = ((name, value) for name, several in record.items() for value in several)
    octets = ((name, value.encode() if isinstance(value, str) else value) for name, value in values)
    return "".join(f"{name}:: {b64encode(value).decode()}\n" for name, value in octets)


def replanted(text: str, old: str, new: str) -> str:
    """An exported LDIF with `new` for `old` in every name and value that ends in it, ready to import."""
    records = []
    for block in text.replace("\n ", "").strip().split("\n\n"):
        record: dict[str, list[Value]] = {}
        for line in block.splitlines():
            name, _, rest = line.partition(":")
            value = b64decode(rest[1:]) if rest.startswith(":") else rest.removeprefix(" ").encode()
            if value.endswith(old.encode()):
                value = value.removesuffix(old.encode()) + new.encode()
            record.setdefault(name, []).append(value)
        records.append(ldif(record))
    return "\n".join(records)


def _expect(studio: Studio, dn: str, attributes: Attributes) -> None:
    done = studio.add(dn, attributes, referrals="ignore")
    assert done.code == SUCCESS, (dn, done)
