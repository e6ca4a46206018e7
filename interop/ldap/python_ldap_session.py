"""Run by the system's Python: one session of python-ldap, told as JSON on standard output.

Arguments: URI, CA file, administrator's DN, password, a container that exists and is empty.
"""

import json
import sys

import ldap
import ldap.modlist
import ldap.sasl
from ldap.controls import SimplePagedResultsControl
from ldap.ldapobject import ReconnectLDAPObject
from ldap.schema import SubSchema

uri, ca_file, admin, password, base = sys.argv[1:]
told: dict[str, object] = {}


def texts(values):
    return sorted(value.decode() for value in values)


def refusal(call, *arguments):
    try:
        call(*arguments)
    except ldap.LDAPError as error:
        return type(error).__name__
    return "done"


def secured(kind=ldap.initialize):
    """A new connection after StartTLS."""
    made = kind(uri)
    made.set_option(ldap.OPT_X_TLS_CACERTFILE, ca_file)
    made.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    made.start_tls_s()
    return made


connection = secured()
connection.simple_bind_s(admin, password)
told["whoami"] = connection.whoami_s()

for number in range(7):
    entry = {
        "objectClass": [b"inetOrgPerson"],
        "cn": [f"Người {number}".encode()],
        "sn": ["Lê".encode()],
        "uid": [f"p{number}".encode()],
    }
    connection.add_s(f"uid=p{number},{base}", ldap.modlist.addModlist(entry))

(found,) = connection.search_s(base, ldap.SCOPE_ONELEVEL, "(cn=người 3)", ["cn", "uid"])
told["found"] = [found[0], texts(found[1]["cn"]), texts(found[1]["uid"])]
((_, bare),) = connection.search_ext_s(base, ldap.SCOPE_ONELEVEL, "(uid=p1)", ["cn"], attrsonly=1)
told["types_only"] = {name: texts(values) for name, values in bare.items()}

before = {"cn": ["Người 3".encode()], "sn": ["Lê".encode()]}
after = {"cn": ["Người ba".encode()], "sn": ["Lê".encode()], "title": ["Cán sự".encode()]}
connection.modify_s(found[0], ldap.modlist.modifyModlist(before, after))
told["modified"] = {
    name: texts(values)
    for name, values in connection.search_s(found[0], ldap.SCOPE_BASE, attrlist=["cn", "title"])[0][1].items()
}

told["compare"] = [
    connection.compare_s(found[0], "title", "cán sự".encode()),
    connection.compare_s(found[0], "title", b"x"),
]

connection.rename_s(f"uid=p6,{base}", "uid=p9", delold=1)
connection.rename_s(f"uid=p5,{base}", "uid=p5", f"uid=p9,{base}")
told["renamed"] = sorted(
    dn for dn, _ in connection.search_s(f"uid=p9,{base}", ldap.SCOPE_SUBTREE, attrlist=["1.1"])
)

pages, cookie = [], ""
while True:
    control = SimplePagedResultsControl(True, size=2, cookie=cookie)
    number = connection.search_ext(base, ldap.SCOPE_SUBTREE, "(uid=*)", ["uid"], serverctrls=[control])
    _, data, _, controls = connection.result3(number)
    pages.append(sorted(dn for dn, _ in data))
    cookie = controls[0].cookie
    if not cookie:
        break
told["pages"] = [len(page) for page in pages]
told["distinct"] = len({dn for page in pages for dn in page})

number = connection.search(base, ldap.SCOPE_SUBTREE, "(uid=*)")
one_by_one = []
while True:
    kind, data = connection.result(number, all=0)
    if kind == ldap.RES_SEARCH_RESULT:
        break
    one_by_one += data
told["one_by_one"] = len(one_by_one)
connection.abandon(connection.search(base, ldap.SCOPE_SUBTREE, "(uid=*)"))
connection.abandon(9_999)

connection.passwd_s(f"uid=p1,{base}", None, "Song-Hau-7894")
person = secured()
told["wrong"] = refusal(person.simple_bind_s, f"uid=p1,{base}", "sai")
told["after_wrong"] = person.whoami_s()
person.simple_bind_s(f"uid=p1,{base}", "Song-Hau-7894")
told["person"] = person.whoami_s()
person.unbind_s()

schema_dn = connection.search_subschemasubentry_s()
schema = SubSchema(connection.read_subschemasubentry_s(schema_dn))
must, may = schema.attribute_types(["inetOrgPerson"])
told["schema"] = {
    "class": schema.get_obj(ldap.schema.ObjectClass, "inetOrgPerson").names[0],
    "equality": schema.get_obj(ldap.schema.AttributeType, "mail").equality,
    "must": sorted(attribute.names[0] for attribute in must.values()),
    "may": sorted(attribute.names[0] for attribute in may.values()),
}
told["root"] = texts(connection.read_rootdse_s()["namingContexts"])

told["refusals"] = [
    refusal(connection.add_s, f"uid=p1,{base}", ldap.modlist.addModlist(entry)),
    refusal(connection.delete_s, f"uid=p9,{base}"),
    refusal(connection.delete_s, f"uid=khong,{base}"),
    refusal(connection.modify_s, f"uid=p1,{base}", [(ldap.MOD_DELETE, "mobile", None)]),
    refusal(connection.modify_s, f"uid=p1,{base}", [(ldap.MOD_ADD, "nosuch", [b"x"])]),
    refusal(connection.compare_s, f"uid=p1,{base}", "mobile", b"1"),
    refusal(connection.search_s, "x", ldap.SCOPE_BASE),
    refusal(connection.search_s, base, ldap.SCOPE_SUBTREE, "(uid=p1"),
    refusal(connection.sasl_interactive_bind_s, "", ldap.sasl.sasl({}, "NOSUCH")),
]

again = secured(ReconnectLDAPObject)
again.simple_bind_s(admin, password)
told["reconnect"] = again.whoami_s()

names = [dn for dn, _ in connection.search_s(base, ldap.SCOPE_SUBTREE, "(uid=*)", ["1.1"])]
for dn in sorted(names, key=len, reverse=True):  # what lies below has the longer name
    connection.delete_s(dn)
told["left"] = len(connection.search_s(base, ldap.SCOPE_ONELEVEL))
connection.unbind_s()
json.dump(told, sys.stdout)
