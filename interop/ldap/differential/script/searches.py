"""Searches by filter (RFC 4511 §4.5.1.7), by scope and by limit."""

from __future__ import annotations

import unicodedata
from typing import Final

from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest
from interop.ldap.differential.step import BASE, Step, search
from interop.server import SUFFIX

_FILTERS: Final = (
    "(uid=an)",
    "(UID=AN)",
    "(userid=an)",
    "(0.9.2342.19200300.100.1.1=an)",
    "(uid= an )",
    "(uid=nobody)",
    "(cn=Nguyễn Văn An)",
    "(cn=nguyễn  văn an)",
    "(cn=NGUYỄN VĂN AN)",
    "(cn=phạm đức ấn)",
    f"(cn={unicodedata.normalize('NFD', 'Phạm Đức Ấn')})",
    "(name=an)",
    "(name=Nguyễn Văn An)",
    "(name=people)",
    "(cn;lang-en=Binh Tran)",
    "(cn;lang-vi=Binh Tran)",
    "(cn=Binh Tran)",
    "(description;lang-vi=một)",
    "(description;lang-en=một)",
    "(description=một)",
    "(mail=AN@t.gov.vn)",
    "(mail=an@t.gov.vn )",
    "(telephoneNumber=+842923810001)",
    "(telephoneNumber=+84-292-3810001)",
    "(telephoneNumber=0001)",
    "(employeeNumber=7)",
    "(employeeNumber=07)",
    "(title=kế toán)",
    "(objectClass=device)",
    "(objectClass=2.5.6.14)",
    "(objectClass=person)",
    "(objectClass=organizationalPerson)",
    "(objectClass=nosuch)",
    "(objectClass=top)",
    f"(member=uid=an,ou=people,{BASE})",
    f"(member=UID = AN,OU = People,{BASE.upper()})",
    f"(member=0.9.2342.19200300.100.1.1=an,2.5.4.11=people,{BASE})",
    "(member=not a name)",
    "(member=uid=zz)",
    f"(seeAlso=uid=an,ou=people,{BASE})",
    "(serialNumber=A-1)",
    "(serialNumber=a-1)",
    "(serialNumber=a 1)",
    # presence
    "(uid=*)",
    "(mail=*)",
    "(jpegPhoto=*)",
    "(description;lang-vi=*)",
    "(description;lang-en=*)",
    "(name=*)",
    "(nosuch=*)",
    "(objectClass=*)",
    # substrings
    "(uid=a*)",
    "(uid=*n)",
    "(uid=*i*)",
    "(uid=b*n*h)",
    "(uid=b*i*n*h)",
    "(uid=b*in*nh)",
    "(uid=an*an)",
    "(uid=*an*an*)",
    "(uid=*a*n*)",
    "(cn=Nguyễn*An)",
    "(cn=*VĂN*)",
    "(cn=Ng*)",
    "(mail=*@T.GOV.VN)",
    "(mail=an@*)",
    "(telephoneNumber=+84*)",
    "(telephoneNumber=*0001)",
    "(telephoneNumber=*3810001)",
    "(serialNumber=A*)",
    "(description=f*t)",
    "(description=*irs*)",
    "(nosuch=a*)",
    "(member=uid=an*)",
    "(jpegPhoto=a*)",
    "(postalAddress=*hòa bình*)",
    "(postalAddress=1 hòa bình$ninh kiều)",
    # ordering
    "(uid>=b)",
    "(uid<=b)",
    "(cn>=n)",
    "(employeeNumber>=5)",
    "(createTimestamp>=19700101000000Z)",
    "(createTimestamp<=19700101000000Z)",
    "(createTimestamp>=20300101000000Z)",
    "(createTimestamp>=not a time)",
    "(member>=uid=a)",
    "(jpegPhoto>=a)",
    # approximation
    "(uid~=an)",
    "(objectClass~=device)",
    # three values
    "(!(uid=an))",
    "(!(uid=*))",
    "(!(nosuch=1))",
    "(!(nosuch=*))",
    "(!(member=not a name))",
    "(!(createTimestamp>=not a time))",
    "(!(jpegPhoto>=a))",
    "(|(nosuch=1)(uid=an))",
    "(&(nosuch=1)(uid=an))",
    "(&(!(nosuch=1))(uid=an))",
    "(|(!(nosuch=1))(uid=an))",
    "(!(|(nosuch=1)(uid=an)))",
    "(!(&(nosuch=1)(uid=an)))",
    "(!(&(nosuch=1)(uid=zz)))",
    "(&)",
    "(|)",
    "(!(&))",
    "(!(|))",
    "(&(&)(uid=an))",
    "(|(|)(uid=an))",
    "(&(objectClass=person)(|(uid=an)(uid=binh))(!(mail=an@t.gov.vn)))",
    "(!(!(uid=an)))",
    # extensible
    "(uid:=an)",
    "(cn:caseExactMatch:=Nguyễn Văn An)",
    "(cn:caseExactMatch:=nguyễn văn an)",
    "(cn:2.5.13.5:=Nguyễn Văn An)",
    "(cn:caseIgnoreMatch:=nguyễn văn an)",
    "(uid:caseIgnoreOrderingMatch:=b)",
    "(uid:nosuchMatch:=an)",
    "(nosuch:=an)",
    "(ou:dn:=people)",
    "(ou:dn:=things)",
    "(ou:dn:caseExactMatch:=People)",
    "(uid:dn:=an)",
    "(:distinguishedNameMatch:=uid=an,ou=people," + BASE + ")",
    "(member:distinguishedNameMatch:=uid=an,ou=people," + BASE + ")",
    "(employeeNumber:integerMatch:=7)",
    # operational attributes
    "(hasSubordinates=TRUE)",
    "(hasSubordinates=FALSE)",
    "(structuralObjectClass=device)",
    "(structuralObjectClass=inetOrgPerson)",
    f"(entryDN=ou=things,{BASE})",
    f"(entryDN:dnSubtreeMatch:=ou=things,{BASE})",
    f"(entryDN:dnSubordinateMatch:=ou=things,{BASE})",
    f"(entryDN:dnOneLevelMatch:=ou=things,{BASE})",
    "(entryUUID=not a uuid)",
)

_PLACES: Final = (
    ("the base entry", "", Scope.BASE_OBJECT, 0),
    ("one level", "", Scope.SINGLE_LEVEL, 0),
    ("the tree", "", Scope.WHOLE_SUBTREE, 0),
    ("one level of a container", "ou=things", Scope.SINGLE_LEVEL, 0),
    ("one level of a leaf", "uid=an,ou=people", Scope.SINGLE_LEVEL, 0),
    ("the tree of a leaf", "uid=an,ou=people", Scope.WHOLE_SUBTREE, 0),
    ("a name in other case and spaces", "UID = AN , OU=PEOPLE", Scope.BASE_OBJECT, 0),
    ("a name by OIDs", "0.9.2342.19200300.100.1.1=an,2.5.4.11=people", Scope.BASE_OBJECT, 0),
    ("a name of two values the other way round", "serialNumber=2+cn=two,ou=things", Scope.BASE_OBJECT, 0),
    ("a name of two values with one left out", "cn=two,ou=things", Scope.BASE_OBJECT, 0),
    ("an escaped name, escaped otherwise", r"cn=a\2c b\2Bc\3Dd#,ou=things", Scope.BASE_OBJECT, 0),
    ("a quoted name", 'cn="printer",ou=things', Scope.BASE_OBJECT, 0),
    ("a missing entry", "uid=zz,ou=people", Scope.BASE_OBJECT, 0),
    ("a missing entry's tree", "cn=x,uid=zz,ou=people", Scope.WHOLE_SUBTREE, 0),
    ("a malformed name", "uid", Scope.BASE_OBJECT, 0),
    ("an unknown naming attribute", "nosuch=x", Scope.BASE_OBJECT, 0),
    ("exactly as many as the limit", "ou=people", Scope.SINGLE_LEVEL, 5),
    ("one more than the limit", "ou=people", Scope.SINGLE_LEVEL, 4),
)


def _elsewhere(base: str, scope: Scope) -> SearchRequest:
    return SearchRequest(base, scope, DerefAliases.NEVER, 0, 0, False, Present("objectClass"), ("1.1",))


_ELSEWHERE: Final = (
    Step("search outside the naming context", _elsewhere("dc=example", Scope.WHOLE_SUBTREE)),
    Step("search above the naming context", _elsewhere("dc=gov,dc=vn", Scope.WHOLE_SUBTREE)),
    Step("search the root DSE's subordinates", _elsewhere("", Scope.SINGLE_LEVEL)),
    Step("search the naming context itself", _elsewhere(SUFFIX, Scope.BASE_OBJECT)),
    Step("search as nobody", _elsewhere(BASE, Scope.WHOLE_SUBTREE), anonymous=True),
    Step(
        "search for the subschema entry",
        SearchRequest(
            "cn=subschema",
            Scope.BASE_OBJECT,
            DerefAliases.NEVER,
            0,
            0,
            False,
            Equality("objectClass", b"subschema"),
            ("cn",),
        ),
    ),
    Step(
        "search the subschema entry for another class",
        SearchRequest(
            "cn=subschema",
            Scope.BASE_OBJECT,
            DerefAliases.NEVER,
            0,
            0,
            False,
            Equality("objectClass", b"person"),
            ("cn",),
        ),
    ),
)

SEARCHES: Final = (
    *(
        Step(f"search {text.replace(BASE, 'BASE').replace(BASE.upper(), 'BASE')}", search(text, "1.1"))
        for text in _FILTERS
    ),
    *(
        Step(f"search {name}", search("(objectClass=*)", "1.1", rdn=rdn, scope=scope, size=size))
        for name, rdn, scope, size in _PLACES
    ),
    *_ELSEWHERE,
)
