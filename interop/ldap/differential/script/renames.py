"""Modify DN (RFC 4511 §4.9)."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.messages import ModifyDnRequest
from interop.ldap.differential.step import BASE, Step, rename, search
from interop.server import SUFFIX

_PRINTER: Final = "cn=printer,ou=things"

_RENAMED: Final = (
    ("rename", rename("cn=other,ou=things", "cn=fax")),
    ("rename and keep the old value", rename("cn=fax,ou=things", "cn=telefax", keep=True)),
    ("rename to the kept value", rename("cn=telefax,ou=things", "cn=fax")),
    ("rename in other case", rename("cn=fax,ou=things", "cn=FAX")),
    ("rename to itself", rename("cn=FAX,ou=things", "cn=FAX")),
    ("rename to a taken name", rename("cn=fax,ou=things", "cn=printer")),
    ("rename to a taken name in other case", rename("cn=fax,ou=things", "cn=PRINTER")),
    ("rename to an unknown attribute", rename("cn=fax,ou=things", "nosuch=x")),
    ("rename to an attribute that is not allowed", rename("cn=fax,ou=things", "sn=x")),
    ("rename to an empty name", rename("cn=fax,ou=things", "")),
    ("rename to two parts", rename("cn=fax,ou=things", "cn=a,cn=b")),
    ("rename to another attribute", rename("cn=fax,ou=things", "serialNumber=9", keep=True)),
    ("rename away from a required attribute", rename("serialNumber=9,ou=things", "serialNumber=10")),
    ("rename to two values", rename("serialNumber=10,ou=things", "cn=fax+serialNumber=10")),
    ("rename two values the other way round", rename("serialNumber=10+cn=fax,ou=things", "cn=fax")),
    ("rename dropping a required value", rename("uid=em,ou=people", "sn=Em", keep=False)),
    ("move", rename("cn=fax,ou=things", "cn=fax", to="ou=inner,ou=things")),
    ("move to the same superior", rename("cn=fax,ou=inner,ou=things", "cn=fax2", to="ou=inner,ou=things")),
    ("move to a missing superior", rename("cn=fax2,ou=inner,ou=things", "cn=fax", to="ou=nowhere")),
    ("move a tree", rename("ou=inner,ou=things", "ou=inner", to="ou=people")),
    ("move a tree below itself", rename("ou=inner,ou=people", "ou=inner", to="cn=fax2,ou=inner,ou=people")),
    ("move a tree below its own top", rename("ou=inner,ou=people", "ou=inner", to="ou=inner,ou=people")),
    ("rename a container", rename("ou=inner,ou=people", "ou=deep")),
    ("rename with a child", rename(_PRINTER, "cn=press")),
    ("move onto a taken name", rename("ou=deep,ou=people", "ou=people", to="")),
    ("rename a missing entry", rename("cn=zz,ou=things", "cn=x")),
    ("rename a malformed name", rename("cn", "cn=x")),
    (
        "move outside the naming context",
        ModifyDnRequest(f"cn=press,ou=things,{BASE}", "cn=x", True, "dc=example"),
    ),
    ("rename the naming context", ModifyDnRequest(SUFFIX, "dc=x", True)),
    ("rename to an escaped name", rename("cn=press,ou=things", r"cn=\ p\, q\ ")),
    ("rename from an escaped name", rename(r"cn=\20p\2c q\20,ou=things", "cn=press")),
)

RENAMES: Final = (
    *(
        step
        for name, request in _RENAMED
        for step in (
            Step(name, request),
            Step(f"{name}: then", search("(|(ou=*)(objectClass=device))", "ou", "cn", "serialNumber")),
        )
    ),
    Step("rename as nobody", rename("cn=press,ou=things", "cn=x"), anonymous=True),
    Step("references are searched for", search("(|(member=*)(owner=*)(seeAlso=*))", "1.1")),
)
