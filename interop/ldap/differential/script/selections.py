"""What a search returns of an entry (RFC 4511 §4.5.1.8, RFC 3673, RFC 4529, RFC 3866)."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.messages import Scope
from interop.ldap.differential.step import Step, search

_BINH: Final = "uid=binh,ou=people"
_LISTS: Final = (
    (),
    ("*",),
    ("1.1",),
    ("1.1", "cn"),
    ("cn",),
    ("CN",),
    ("commonName",),
    ("2.5.4.3",),
    ("cn", "cn", "2.5.4.3"),
    ("cn;lang-en",),
    ("cn;lang-vi",),
    ("cn;lang-",),
    ("description;lang-vi",),
    ("description",),
    ("description;lang-",),
    ("name",),
    ("nosuch",),
    ("nosuch", "cn"),
    ("*", "nosuch"),
    ("@person",),
    ("@inetOrgPerson",),
    ("@2.5.6.6",),
    ("@nosuch",),
    ("structuralObjectClass",),
    ("hasSubordinates",),
    ("entryDN",),
    ("subschemaSubentry",),
    ("objectClass",),
    ("userPassword",),
    ("creatorsName",),
    ("", "cn"),
    ("cn ",),
)

SELECTIONS: Final = (
    *(
        Step(f"read {list(names)}", search("(objectClass=*)", *names, rdn=_BINH, scope=Scope.BASE_OBJECT))
        for names in _LISTS
    ),
    Step("read types only", search("(objectClass=*)", rdn=_BINH, scope=Scope.BASE_OBJECT, types_only=True)),
    Step(
        "read one type only",
        search("(objectClass=*)", "cn", rdn=_BINH, scope=Scope.BASE_OBJECT, types_only=True),
    ),
    Step("read a container's hasSubordinates", search("(ou=things)", "hasSubordinates")),
    Step("read a photograph", search("(uid=em)", "jpegPhoto")),
    Step("read a group", search("(cn=all)", "member")),
    Step("read an escaped entry", search("(cn=a, b+c=d#)", "cn")),
)
