"""Run by the system's Python: every control that python-ldap knows, told as JSON on standard output.

Arguments: URI, administrator's DN, password, a container that exists and is empty.
"""

import json
import sys

import ldap
from ldap.controls import RequestControl
from ldap.controls.libldap import AssertionControl, MatchedValuesControl, SimplePagedResultsControl
from ldap.controls.ppolicy import PasswordPolicyControl
from ldap.controls.readentry import PostReadControl, PreReadControl
from ldap.controls.sessiontrack import SessionTrackingControl
from ldap.controls.simple import ManageDSAITControl, ProxyAuthzControl
from ldap.controls.sss import SSSRequestControl
from ldap.controls.vlv import VLVRequestControl

uri, admin, password, base = sys.argv[1:]
told: dict[str, object] = {}
connection = ldap.initialize(uri)
connection.simple_bind_s(admin, password)


def refusal(call, *arguments, **more):
    try:
        call(*arguments, **more)
    except ldap.LDAPError as error:
        return type(error).__name__
    return "done"


def search(*controls, attributes=("uid",), filter_="(uid=*)"):
    """The uids in the order in which they came, and the controls of the result."""
    number = connection.search_ext(
        base, ldap.SCOPE_ONELEVEL, filter_, list(attributes), serverctrls=list(controls)
    )
    _, data, _, answered = connection.result3(number)
    return [entry["uid"][0].decode() for _, entry in data], answered


def window(**where):
    found, answered = search(SSSRequestControl(True, ["sn"]), VLVRequestControl(True, **where))
    (view,) = (each for each in answered if each.controlType == "2.16.840.1.113730.3.4.10")
    return [found, view.targetPosition, view.contentCount, view.result]


def read(answered):
    return [
        [each.dn, {name: [v.decode() for v in values] for name, values in each.entry.items()}]
        for each in answered
    ]


for uid, surname, titles in (
    ("an", "Nguyễn", ["Chuyên viên", "Kế toán"]),
    ("binh", "Trần", []),
    ("chau", "Lê", []),
):
    entry = [("objectClass", [b"inetOrgPerson"]), ("cn", [uid.encode()]), ("sn", [surname.encode()])]
    if titles:
        entry.append(("title", [title.encode() for title in titles]))
    connection.add_s(f"uid={uid},{base}", entry)
an = f"uid=an,{base}"

told["sorted"] = [search(SSSRequestControl(True, [key]))[0] for key in ("sn", "-sn", "title")]
told["sort result"] = [search(SSSRequestControl(False, [key]))[1][0].result for key in ("sn", "nosuch")]
told["no sorting"] = refusal(search, SSSRequestControl(True, ["nosuch"]))
told["sorted pages"] = search(SSSRequestControl(True, ["sn"]), SimplePagedResultsControl(True, 2, ""))[0]
told["window"] = window(before_count=0, after_count=1, offset=2, content_count=0)
told["window by value"] = window(before_count=1, after_count=0, greater_than_or_equal="Ng")
told["beyond"] = refusal(window, before_count=0, after_count=0, offset=9, content_count=3)

found = connection.search_ext_s(
    an, ldap.SCOPE_BASE, attrlist=["title"], serverctrls=[MatchedValuesControl(True, "((title=Kế*))")]
)
told["matched values"] = [value.decode() for value in found[0][1]["title"]]
told["assertion"] = [
    refusal(
        connection.modify_ext_s,
        an,
        [(ldap.MOD_REPLACE, "mobile", [b"1"])],
        serverctrls=[AssertionControl(True, filter_)],
    )
    for filter_ in ("(sn=Nguyễn)", "(sn=Lê)")
]
told["search asserted"] = [
    refusal(search, AssertionControl(True, filter_)) for filter_ in ("(objectClass=*)", "(sn=Lê)")
]

reading = [PreReadControl(True, ["mobile"]), PostReadControl(True, ["mobile"])]
told["modified"] = read(
    connection.modify_ext_s(an, [(ldap.MOD_REPLACE, "mobile", [b"2"])], serverctrls=reading)[3]
)
number = connection.rename(f"uid=chau,{base}", "uid=chau2", serverctrls=[PostReadControl(True, ["uid"])])
told["renamed"] = read(connection.result3(number)[3])
added = connection.add_ext_s(
    f"uid=em,{base}",
    [("objectClass", b"inetOrgPerson"), ("cn", b"e"), ("sn", b"e")],
    serverctrls=[PostReadControl(True, ["entryDN"])],
)
told["added"] = read(added[3])
told["deleted"] = read(
    connection.delete_ext_s(f"uid=em,{base}", serverctrls=[PreReadControl(True, ["sn"])])[3]
)

person = ldap.initialize(uri)
connection.passwd_s(an, None, "Song-Hau-7894")
person.simple_bind(an, "Song-Hau-7894", serverctrls=[PasswordPolicyControl()])
_, _, _, answered = person.result3()
told["bind"] = [[each.timeBeforeExpiration, each.graceAuthNsRemaining, each.error] for each in answered]
told["proxied person"] = refusal(
    person.search_ext_s, an, ldap.SCOPE_BASE, serverctrls=[ProxyAuthzControl(True, f"dn:{admin}".encode())]
)
try:
    connection.modify_ext_s(
        an, [(ldap.MOD_REPLACE, "userPassword", [b"abc"])], serverctrls=[PasswordPolicyControl()]
    )
except ldap.CONSTRAINT_VIOLATION as error:
    ((_, _, value),) = error.args[0]["ctrls"]
    policy = PasswordPolicyControl()
    policy.decodeControlValue(value)
    told["too short"] = int(policy.error)
told["generated"] = len(connection.passwd_s(an, None, None, extract_newpw=True)[1].genPasswd)

# It takes no objects here (3.4.3).
told["whoami"] = connection.whoami_s([("2.16.840.1.113730.3.4.18", True, f"dn:{an}".encode())])
told["proxied"] = [
    refusal(
        connection.modify_ext_s,
        an,
        [(ldap.MOD_REPLACE, "sn", [b"x"])],
        serverctrls=[ProxyAuthzControl(True, who.encode())],
    )
    for who in (f"dn:uid=binh,{base}", "u:khong-co", f"dn:{admin}")
]
told["tracked"] = search(
    SessionTrackingControl("127.0.0.1", "portal", "1.3.6.1.4.1.21008.108.63.1.3", "an"),
    ManageDSAITControl(True),
)[0]

number = connection.search(base, ldap.SCOPE_SUBTREE, "(uid=*)")
connection.result(number)
told["cancelled too late"] = refusal(connection.cancel_s, number)
told["unknown"] = refusal(search, RequestControl("1.3.6.1.4.1.99999.1", True))
told["no-op"] = refusal(
    connection.delete_ext_s, an, serverctrls=[RequestControl("1.3.6.1.4.1.4203.666.5.2", True)]
)
told["tree"] = refusal(
    connection.delete_ext_s, base, serverctrls=[RequestControl("1.2.840.113556.1.4.805", True)]
)
told["left"] = refusal(connection.search_s, base, ldap.SCOPE_BASE)
json.dump(told, sys.stdout)
