"""Every refusal of a change that a client can provoke."""

# ruff: noqa: E501 - a request on a line

from __future__ import annotations

from govdir.directory.ports import Conflict, StoreUnavailable
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import CompareRequest, Control, DeleteRequest, ModifyOperation
from tests.directory.building import SONV, SOTTTT, SUFFIX
from tests.directory.role_town import AN, BINH, LIST, group
from tests.ldap.golden.stage import ADD, DELETE, REPLACE, Stage, add, modify, rename, replace

PERSON = {"objectClass": ("inetOrgPerson",), "cn": "x", "sn": "x"}
MAILBOX = {"objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"), "cn": "Lê Văn Tám"}
POLICY = {"objectClass": ("device", "pwdPolicy"), "pwdAttribute": "userPassword"}
NO_OP = Control(oids.NO_OP, critical=True)
TREE = Control(oids.TREE_DELETE, critical=True)


def adds(s: Stage) -> None:
    """Adds."""
    at = f"cn=new,{SONV}"
    s.ask("add the root DSE", "administrator", add(""))
    s.ask("add under something that is no name", "administrator", add("nonsense"))
    s.ask("add under a name of an unknown attribute", "administrator", add(f"nosuch=x,{SONV}"))
    s.ask("add elsewhere", "administrator", add("cn=x,dc=example,dc=com"))
    s.ask("add the suffix", "administrator", add(SUFFIX))
    s.ask("add below what is not there", "administrator", add(f"cn=x,ou=none,{SONV}"))
    s.ask("add as nobody", "nobody", add(at))
    s.ask("add without the right", "person", add(at))
    s.ask("add what is there", "administrator", add(AN, **PERSON))
    s.ask("add without a structural class", "administrator", add(at, objectClass="top"))
    s.ask("add with two chains", "administrator", add(at, objectClass=("person", "device"), sn="x"))
    s.ask("add with an unknown class", "administrator", add(at, objectClass=("device", "nosuch")))
    s.ask("add with an unknown attribute", "administrator", add(at, nosuch="x"))
    s.ask("add without a required attribute", "administrator", add(at, objectClass="person"))
    s.ask("add with an attribute that is not allowed", "administrator", add(at, sn="x"))
    s.ask("add several values to a single-valued attribute", "administrator",
          add(at, **{**PERSON, "employeeNumber": ("1", "2")}))  # fmt: skip
    s.ask("add a value twice", "administrator", add(at, description=("x", "X")))
    s.ask("add a value against the syntax", "administrator", add(at, description=""))
    s.ask("add a value that is not UTF-8", "administrator", add(at, description=b"\xff"))
    s.ask("add a value that cannot be compared", "administrator", add(at, seeAlso=("nosuch=1", "nosuch=2")))
    s.ask("add a value beside the name that cannot be compared with it", "administrator", add(at, cn=b"\xff"))
    s.ask("add an attribute without values", "administrator", add(at, description=()))
    s.ask("add what only the server writes", "administrator", add(at, createTimestamp="20260101000000Z"))
    s.ask("add what is worked out", "administrator", add(at, memberOf=AN))
    s.ask("add former passwords", "administrator", add(at, pwdHistory="x"))
    s.ask("add a name that cannot be one", "administrator", add(f"gdState=active,{SONV}", **MAILBOX))
    s.ask("add a name with an empty value", "administrator", add(f"cn=,{SONV}"))
    s.ask("add an agency's service", "operator", add(f"cn=x,{SONV}", objectClass="gdService"))
    s.ask(
        "add a referral object as an operator",
        "operator",
        add(at, objectClass=("referral", "extensibleObject"), ref="ldap://x"),
    )
    s.ask("add what asks for a name that nobody gives", "administrator", add(f"uid=*,{SONV}", **PERSON))
    s.ask("add another's status", "administrator", add(f"uid=*,{SONV}", **MAILBOX, accountStatus="disabled"))
    s.ask(
        "add with an attribute one may not write",
        "agency-admin",
        add(f"uid=*,{SONV}", **MAILBOX, jpegPhoto="x", userCertificate="x"),
    )
    s.ask(
        "add an address that is taken",
        "administrator",
        add(f"uid=*,{SOTTTT}", **MAILBOX, mail="lan@cantho.gov.vn"),
    )
    s.ask(
        "add a plain entry with an address that is taken",
        "administrator",
        add(f"uid=x,{SONV}", **PERSON, mail="lan@cantho.gov.vn"),
    )
    s.ask(
        "add a policy nobody has",
        "administrator",
        add(f"uid=*,{SONV}", **MAILBOX, pwdPolicySubentry=f"cn=x,ou=policies,{SUFFIX}"),
    )
    s.ask("add a role of no kind", "administrator",
          add(f"cn=x,ou=admins,{SUFFIX}", objectClass="gdRoleGroup", gdRoleKind="king", member=AN))  # fmt: skip
    s.ask("add a role for nobody", "administrator",
          add(f"cn=x,ou=admins,{SUFFIX}", objectClass="gdRoleGroup", gdRoleKind="auditor", member=f"uid=zz,{SONV}"))  # fmt: skip
    s.ask("add an office for nobody", "administrator", replace(SONV, "gdItAdmin", f"uid=zz,{SONV}"))
    s.ask(
        "add what the assertion does not hold of",
        "administrator",
        add(at),
        encode_assertion(parse_filter("(sn=x)")),
    )
    s.ask(
        "add a referral object without a URI",
        "administrator",
        add(at, objectClass=("referral", "extensibleObject"), ref="nonsense"),
    )
    s.ask(
        "add a referral object with a bad URI",
        "administrator",
        add(at, objectClass=("referral", "extensibleObject"), ref="ldap://x/dc=x?a?b?c?d?e"),
    )
    s.ask("add what is only tried", "administrator", add(at), NO_OP)
    s.ask("add by the regulation", "administrator", add(f"uid=*,{SONV}", **MAILBOX))
    s.ask(
        "tried by the regulation",
        "administrator",
        add(f"uid=*,{SONV}", **{**MAILBOX, "cn": "Lê Văn Chín"}),
        NO_OP,
    )


def modifications(s: Stage) -> None:
    """Modifications."""
    for name, changes in {
        "nothing to add": [(ADD, "title", ())],
        "delete an attribute that is not there": [(DELETE, "title", ())],
        "delete a value that is not there": [(ADD, "title", "x"), (DELETE, "title", "y")],
        "delete a value of an attribute without a rule": [(ADD, "jpegPhoto", b"\xff\xd8\xff\xe0"), (DELETE, "jpegPhoto", b"\xff\xd8")],
        "add a value that is there": [(ADD, "employeeNumber", "7")],
        "put a value against the syntax": [(ADD, "telephoneNumber", "")],
        "delete a value against the syntax": [(ADD, "manager", BINH), (DELETE, "manager", "nonsense")],
        "increment by two values": [(ModifyOperation.INCREMENT, "mailQuota", ("1", "2"))],
        "increment a text": [(ModifyOperation.INCREMENT, "employeeNumber", "1")],
        "increment what is not there": [(DELETE, "maxMessageSize", ()), (ModifyOperation.INCREMENT, "maxMessageSize", "1")],
        "increment by a word": [(ModifyOperation.INCREMENT, "mailQuota", "x")],
        "change an unknown attribute": [(REPLACE, "nosuch", "x")],
        "change what only the server writes": [(REPLACE, "entryUUID", "x")],
        "change what is worked out": [(REPLACE, "memberOf", AN)],
        "change former passwords": [(REPLACE, "pwdHistory", "x")],
        "change what follows from the state": [(REPLACE, "accountStatus", "disabled")],
        "change the structural class": [(REPLACE, "objectClass", "device")],
        "add a picture that is none": [(ADD, "jpegPhoto", "x"), (ADD, "member", "nonsense")],
        "take the name away": [(REPLACE, "uid", "other")],
        "take a required attribute away": [(DELETE, "sn", ()), (DELETE, "cn", ())],
        "change the policy to none": [(REPLACE, "pwdPolicySubentry", f"cn=x,ou=policies,{SUFFIX}")],
    }.items():  # fmt: skip
        s.ask(name, "administrator", modify(AN, *changes))
    s.ask("change what is not there", "administrator", replace(f"uid=zz,{SONV}", "title", "x"))
    s.ask("change outside", "administrator", replace("dc=example", "title", "x"))
    s.ask("change without the right", "person", replace(AN, "employeeNumber", "9"))
    s.ask(
        "write more than anybody needs", "person", replace(AN, "telephoneNumber", *map(str, range(100, 133)))
    )
    s.ask("change somebody else", "person", replace(BINH, "title", "x"))
    s.ask("change as nobody", "nobody", replace(AN, "title", "x"))
    s.ask(
        "make an administrator as an operator",
        "operator",
        modify(AN, (ADD, "objectClass", "gdAdministrator")),
    )
    s.ask(
        "change on a condition that does not hold",
        "administrator",
        replace(AN, "title", "x"),
        encode_assertion(parse_filter("(title=zz)")),
    )
    s.ask("change what was tried", "administrator", replace(AN, "title", "x"), NO_OP)
    s.ask("take the last member away", "administrator", DeleteRequest(f"uid=auditor,{SONV}"))
    s.ask("take a member of what one may not see away", "agency-admin", DeleteRequest(f"uid=operator,{SONV}"))
    s.store.fault = StoreUnavailable()
    s.ask("change while the database is away", "administrator", replace(AN, "title", "y"))
    s.store.fault = None
    s.store.fault = Conflict()
    s.ask("change what others change all the time", "administrator", replace(AN, "title", "y"))
    s.store.fault = None
    s.store.away = StoreUnavailable()
    s.ask("try a change while the database is away", "administrator", replace(AN, "title", "y"), NO_OP)
    s.store.away, s.store.fault = StoreUnavailable(), Conflict()
    s.ask(
        "change what others changed when the database went away", "administrator", replace(AN, "title", "y")
    )
    s.store.away = None
    s.ask("delete a tree that others change all the time", "administrator", DeleteRequest(SOTTTT), TREE)
    s.store.fault = None


def compares(s: Stage) -> None:
    """Compares."""
    for name, who, dn, attribute, value in (
        ("compare what is not there", "administrator", f"uid=zz,{SONV}", "title", "x"),
        ("compare an attribute that is not there", "administrator", AN, "title", "x"),
        ("compare an unknown attribute", "administrator", AN, "nosuch", "x"),
        ("compare without a rule", "administrator", AN, "jpegPhoto", "x"),
        ("compare with nonsense", "administrator", AN, "manager", "x"),
        ("compare a password", "administrator", AN, "userPassword", "x"),
        ("compare without the right", "person", BINH, "employeeNumber", "7"),
        ("compare as nobody", "nobody", AN, "title", "x"),
        ("compare the root DSE's unknown", "nobody", "", "nosuch", "x"),
        ("compare the root DSE's absent", "nobody", "", "title", "x"),
    ):
        s.ask(name, who, CompareRequest(dn, attribute, value.encode()))
    asserted = encode_assertion(parse_filter("(title=zz)"))
    s.ask("compare on a condition", "administrator", CompareRequest(AN, "uid", b"an"), asserted)
    s.ask(
        "compare the root DSE on a condition", "nobody", CompareRequest("", "objectClass", b"top"), asserted
    )


def renames(s: Stage) -> None:
    """Renames and moves."""
    orgs = f"ou=orgs,{SUFFIX}"
    s.town.add(f"cn=leaf,{SONV}", {"objectClass": "device"})
    s.town.add(f"cn=alias,{SONV}", {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": AN})
    s.town.add(f"cn=sub,{SONV}", {"objectClass": "subentry", "subtreeSpecification": "{}"})
    s.town.add(
        f"cn=ref,{SONV}",
        {"objectClass": ("referral", "extensibleObject"), "ref": "ldap://other.example/dc=x"},
    )
    for name, request in {
        "rename to several": rename(AN, "uid=a,ou=b"),
        "rename to nothing": rename(AN, "nonsense"),
        "rename what is not there": rename(f"uid=zz,{SONV}", "uid=y"),
        "rename to an unknown attribute": rename(AN, "nosuch=x"),
        "rename the suffix": rename(SUFFIX, "dc=x"),
        "rename a container of the base tree": rename(orgs, "ou=others"),
        "rename to a name that is taken": rename(AN, "uid=giang"),
        "rename to what cannot name": rename(AN, "gdState=active"),
        "rename to a value that follows from others": rename(
            f"cn=all,ou=lists,{SUFFIX}", "mail=other@cantho.gov.vn"
        ),
        "rename to a display name": rename(f"uid=giang,{SONV}", "displayName=Other"),
        "rename to a value that is another's": rename(AN, "mail=binh@cantho.gov.vn"),
        "rename to what the classes forbid": rename(AN, "dc=x", keep=True),
        "move below itself": rename(SONV, "ou=sonv", SONV),
        "move to what is not there": rename(AN, "uid=an", f"ou=none,{SONV}"),
        "move below an alias": rename(f"cn=leaf,{SONV}", "cn=leaf", f"cn=alias,{SONV}"),
        "move below a subentry": rename(f"cn=leaf,{SONV}", "cn=leaf", f"cn=sub,{SONV}"),
        "move below a referral object": rename(f"cn=leaf,{SONV}", "cn=leaf", f"cn=ref,{SONV}"),
        "rename an entry to ask where nobody gives names": rename(f"cn=leaf,{SONV}", "uid=*"),
    }.items():
        s.ask(name, "administrator", request)
    s.ask("rename a referral object's below", "administrator", rename(f"cn=x,cn=ref,{SONV}", "cn=y"))
    s.ask("add below an alias", "administrator", add(f"cn=x,cn=alias,{SONV}"))
    s.ask("add below a subentry", "administrator", add(f"cn=x,cn=sub,{SONV}"))
    s.ask("add below a referral object", "administrator", add(f"cn=x,cn=ref,{SONV}"))
    manage = Control(oids.MANAGE_DSA_IT, critical=True)
    s.ask("add below a referral object as such", "administrator", add(f"cn=x,cn=ref,{SONV}"), manage)
    s.ask("rename as nobody", "nobody", rename(AN, "uid=x"))
    s.ask("rename without the right", "person", rename(AN, "uid=x"))
    s.ask("rename by what one may not write", "agency-admin", rename(f"uid=giang,{SONV}", "carLicense=1"))
    s.ask("move where one may not add", "agency-admin", rename(f"uid=giang,{SONV}", "uid=giang", SOTTTT))


def deletes(s: Stage) -> None:
    """Deletes, of trees too."""
    s.town.add(f"cn=p,ou=policies,{SUFFIX}", {**POLICY, "cn": "p"})
    s.town.replace(AN, "pwdPolicySubentry", f"cn=p,ou=policies,{SUFFIX}")
    s.ask("delete what is not there", "administrator", DeleteRequest(f"uid=zz,{SONV}"))
    s.ask("delete the root DSE", "administrator", DeleteRequest(""))
    s.ask("delete the suffix", "administrator", DeleteRequest(SUFFIX))
    s.ask("delete the suffix with all", "administrator", DeleteRequest(SUFFIX), TREE)
    s.ask(
        "delete a container of the base tree with all",
        "administrator",
        DeleteRequest(f"ou=orgs,{SUFFIX}"),
        TREE,
    )
    s.ask("delete what has entries below", "administrator", DeleteRequest(SONV))
    s.ask("delete a policy that is in force", "administrator", DeleteRequest(f"cn=p,ou=policies,{SUFFIX}"))
    s.ask("delete without the right", "person", DeleteRequest(AN))
    s.ask("delete as nobody", "nobody", DeleteRequest(AN))
    group_of_one = f"cn=one,{SUFFIX}"
    s.town.add(group_of_one, {"objectClass": "groupOfNames", "member": BINH})
    s.town.add(f"cn=two,{SUFFIX}", {"objectClass": "groupOfNames", "member": f"uid=giang,{SONV}"})
    s.ask("delete what a group needs", "administrator", DeleteRequest(BINH))
    s.ask(
        "delete what a group needs that one does not see", "agency-admin", DeleteRequest(f"uid=giang,{SONV}")
    )
    s.ask("delete somebody with a role", "operator", DeleteRequest(f"uid=auditor,{SONV}"))
    s.ask("delete a tree with what one may not", "operator", DeleteRequest(SONV), TREE)
    s.ask("delete a list's only member", "administrator", modify(LIST, (DELETE, "member", ())))
    s.ask("delete a role's only member", "administrator", replace(group("auditor"), "member"))


def policies(s: Stage) -> None:
    """Entries of password policies."""
    at = f"cn=person,ou=policies,{SUFFIX}"
    for name, given in {
        "a policy of another attribute": {"pwdAttribute": "mail"},
        "a length below none": {"pwdMinLength": "-1"},
        "a longest password below generated ones": {"pwdMaxLength": "3"},
        "passwords that expire before they may change": {"pwdMaxAge": "60", "pwdMinAge": "60"},
        "a policy looser than the regulation": {"pwdMaxAge": "999999999"},
        "a shorter password than the regulation's": {"pwdMinLength": "1"},
        "no quality": {"pwdCheckQuality": "0"},
        "no change": {"pwdMustChange": "FALSE"},
        "no change by owners": {"pwdAllowUserChange": "FALSE"},
        "too many failures": {"pwdMaxFailure": "1000"},
    }.items():
        s.ask(name, "administrator", add(at, **{**POLICY, "cn": "person", **given}))
