"""Modifies (RFC 4511 §4.6, RFC 4525)."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.messages import ModifyRequest, Scope
from interop.ldap.differential.step import ADD, BASE, DELETE, INCREMENT, REPLACE, Step, modify, search

_AN: Final = "uid=an,ou=people"
_THINGS: Final = "ou=things"
_PRINTER: Final = "cn=printer,ou=things"
_CHANGES: Final = (
    ("add a value", _AN, [(ADD, "description", "y")]),
    ("add a value that is there", _AN, [(ADD, "description", "y")]),
    ("add a value that is there in other case", _AN, [(ADD, "description", "Y")]),
    ("add two equal values", _AN, [(ADD, "description", ["z", " Z"])]),
    ("add no value", _AN, [(ADD, "description", ())]),
    ("add an empty value", _AN, [(ADD, "description", "")]),
    ("add to a single-valued attribute", _AN, [(ADD, "preferredLanguage", "vi")]),
    ("add to it again", _AN, [(ADD, "preferredLanguage", "en")]),
    ("delete a value", _AN, [(DELETE, "description", "Y")]),
    ("delete a value that is not there", _AN, [(DELETE, "description", "zz")]),
    ("delete an attribute", _AN, [(DELETE, "preferredLanguage", ())]),
    ("delete an attribute that is not there", _AN, [(DELETE, "preferredLanguage", ())]),
    ("delete one value of two, the other is not there", _AN, [(DELETE, "title", ["Kế toán", "zz"])]),
    ("delete a required attribute", _AN, [(DELETE, "sn", ())]),
    ("delete the last value of a required attribute", _AN, [(DELETE, "sn", "Nguyễn")]),
    ("delete the naming value", _AN, [(DELETE, "uid", "an")]),
    ("delete the naming attribute", _AN, [(DELETE, "uid", ())]),
    ("replace the naming value", _AN, [(REPLACE, "uid", "anh")]),
    ("replace the naming value and keep it", _AN, [(REPLACE, "uid", ["an", "anh"])]),
    ("replace the naming value by itself in other case", _AN, [(REPLACE, "uid", "AN")]),
    ("replace by two values", _AN, [(REPLACE, "title", ["Trưởng phòng", "Phó phòng"])]),
    ("replace by the same value twice", _AN, [(REPLACE, "title", ["a", "A"])]),
    ("replace by nothing", _AN, [(REPLACE, "title", ())]),
    ("replace what is not there by nothing", _AN, [(REPLACE, "title", ())]),
    ("replace a required attribute by nothing", _AN, [(REPLACE, "sn", ())]),
    ("delete and add a required attribute", _AN, [(DELETE, "sn", ()), (ADD, "sn", "Lý")]),
    ("add and delete the same value", _AN, [(ADD, "title", "t"), (DELETE, "title", "t")]),
    ("do something right and something wrong", _AN, [(ADD, "title", "kept?"), (DELETE, "roomNumber", ())]),
    ("set an unknown attribute", _AN, [(ADD, "nosuch", "x")]),
    ("set an attribute that is not allowed", _AN, [(ADD, "serialNumber", "x")]),
    ("delete an attribute that is not allowed", _AN, [(DELETE, "serialNumber", ())]),
    ("set an operational attribute", _AN, [(REPLACE, "createTimestamp", "20200101000000Z")]),
    ("set a malformed name", _PRINTER, [(REPLACE, "owner", "x")]),
    ("set a value that is not UTF-8", _AN, [(REPLACE, "sn", b"\xff")]),
    ("add an unknown class", _AN, [(ADD, "objectClass", "nosuch")]),
    ("add an auxiliary class without what it requires", _PRINTER, [(ADD, "objectClass", "uidObject")]),
    ("add an auxiliary class", _PRINTER, [(ADD, "objectClass", "uidObject"), (ADD, "uid", "p")]),
    ("delete an auxiliary class and leave its attribute", _PRINTER, [(DELETE, "objectClass", "uidObject")]),
    ("delete an auxiliary class", _PRINTER, [(DELETE, "objectClass", "uidObject"), (DELETE, "uid", ())]),
    ("change the structural class", _PRINTER, [(REPLACE, "objectClass", ["top", "locality"])]),
    (
        "make the structural class another below it",
        "uid=chau,ou=people",
        [(REPLACE, "objectClass", ["person"])],
    ),
    ("delete all classes", _PRINTER, [(DELETE, "objectClass", ())]),
    ("replace classes by themselves", _PRINTER, [(REPLACE, "objectClass", ["top", "device"])]),
    ("add a value with an option", _AN, [(ADD, "description;lang-vi", "vi")]),
    ("delete the value without the option", _AN, [(DELETE, "description", "vi")]),
    ("delete the value with the option", _AN, [(DELETE, "description;lang-vi", "vi")]),
    ("add a value with a strange option", _AN, [(ADD, "description;x-strange", "vi")]),
    ("take the strange option away", _AN, [(REPLACE, "description;x-strange", ())]),
    ("change by OID", _AN, [(REPLACE, "2.5.4.13", "by OID")]),
    ("change by another name", _AN, [(REPLACE, "surname", "Nguyễn")]),
    ("increment text", _AN, [(INCREMENT, "description", "1")]),
    ("increment what is not there", _AN, [(INCREMENT, "roomNumber", "1")]),
    ("increment by nothing", _AN, [(INCREMENT, "description", ())]),
    ("delete a member", "cn=all,ou=things", [(DELETE, "member", f"uid=an,ou=people,{BASE}")]),
    ("delete the last member", "cn=all,ou=things", [(DELETE, "member", f"uid=binh,ou=people,{BASE}")]),
    ("replace a photograph", "uid=em,ou=people", [(REPLACE, "jpegPhoto", b"\xff\xd8 other")]),
    ("delete a photograph by value", "uid=em,ou=people", [(DELETE, "jpegPhoto", b"\xff\xd8 other")]),
    ("delete a telephone number written otherwise", _AN, [(DELETE, "telephoneNumber", "+842923810001")]),
    ("change a container", _THINGS, [(ADD, "description", "third"), (DELETE, "description", "first")]),
    ("change nothing", _AN, []),
    ("change a missing entry", "uid=zz,ou=people", [(ADD, "description", "x")]),
    ("change below a missing entry", "cn=x,uid=zz,ou=people", [(ADD, "description", "x")]),
)


def _steps() -> tuple[Step, ...]:
    """Every change, and behind each what the entry then is."""
    steps = []
    for name, rdn, changes in _CHANGES:
        steps.append(Step(f"modify: {name}", modify(rdn, *changes)))
        steps.append(
            Step(f"modify: {name}: then", search("(objectClass=*)", rdn=rdn, scope=Scope.BASE_OBJECT))
        )
    return tuple(steps)


MODIFIES: Final = (
    *_steps(),
    Step("change as nobody", modify(_AN, (ADD, "description", "x")), anonymous=True),
    Step("change outside the naming context", ModifyRequest("dc=example", ())),
    Step("change the root DSE", ModifyRequest("", ())),
)
