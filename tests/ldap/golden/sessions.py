"""Every refusal of a session, a sign-in, a search or a control that a client can provoke."""

from __future__ import annotations

from base64 import b64encode

from govdir.ldap.codec import transactions
from govdir.ldap.codec.cancel import CANCEL, cancel_request
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.effective_rights import RightsQuestion, encode_rights_question
from govdir.ldap.codec.controls.list_view import ListView, encode_list_view
from govdir.ldap.codec.controls.paged_results import PagedResults, decode_paged_results, encode_paged_results
from govdir.ldap.codec.controls.sorting import SortKey, encode_sort_request
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.extended import (
    PASSWORD_MODIFY,
    START_TLS,
    WHO_AM_I,
    PasswordModify,
    password_modify_request,
)
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import (
    BindRequest,
    CompareRequest,
    Control,
    ExtendedRequest,
    LdapMessage,
    ModifyOperation,
    SaslAuthentication,
    Scope,
)
from govdir.ldap.codec.transactions import EndTransaction
from tests.directory.building import SONV, SUFFIX
from tests.directory.role_town import AN, BINH
from tests.ldap.golden.stage import ADD, DELETE, Stage, add, begun, modify, replace, search
from tests.ldap.server.doubles import bind_request
from tests.ldap.server.password_states import PASSWORD, quick
from tests.ldap.server.sasl_client import SCRAM, ScramClient, plain, sasl

POLICY = f"cn=person,ou=policies,{SUFFIX}"
NO_OP = Control(oids.NO_OP, critical=True)
TWICE = 2 * encode_message(LdapMessage(7, add(f"cn=x,{SONV}")))


def as_somebody(authz_id: str) -> Control:
    """Proxied authorization."""
    return Control(oids.PROXIED_AUTHORIZATION, True, authz_id.encode())


def binds(s: Stage) -> None:
    """Binds that prove a password."""
    far = s.connect("192.0.2.7")
    s.ask("bind with a version of yesterday", s.connect(), bind_request(AN, b"x", version=2))
    s.ask("bind with a name and no password", s.connect(), bind_request(AN))
    s.ask("bind with something that is no name", s.connect(), bind_request("nonsense", b"x"))
    s.ask("bind without a name with a password", s.connect(), bind_request("", b"x"))
    s.ask("bind with a wrong password", s.connect(), bind_request(AN, b"x"))
    s.ask("bind under a name nobody has", s.connect(), bind_request(f"uid=zz,{SONV}", b"x"))
    s.ask("bind in clear", far, bind_request(AN, b"x"))
    s.town.replace(BINH, "gdState", "suspended")
    s.ask("bind to a closed account", s.connect(), bind_request(BINH, PASSWORD.encode()))
    s.town.replace(AN, "userPassword", quick(PASSWORD))
    s.ask("bind with a password that others have set", s.connect(), bind_request(AN, PASSWORD.encode()))
    s.again("person")
    s.ask("search before the password is changed", "person", search())
    s.ask("compare before the password is changed", "person", CompareRequest(AN, "uid", b"an"))
    s.ask("change something before the password is changed", "person", replace(AN, "title", "x"))
    s.client("approver")
    s.town.replace(f"uid=approver,{SONV}", "userPassword", quick("other"))
    s.ask("go on when others have changed the password", "approver", search())


def sasl_binds(s: Stage) -> None:
    """Binds by SASL."""
    far = s.connect("192.0.2.7")
    s.ask("SASL with a version of yesterday", s.connect(), sasl_version(2))
    s.ask("a mechanism that is not there", s.connect(), sasl("DIGEST-MD5"))
    s.ask("EXTERNAL without a certificate", s.connect(), sasl("EXTERNAL"))
    s.ask("PLAIN in clear", far, plain("an", "x"))
    for name, credentials in {
        "PLAIN without parts": b"x",
        "PLAIN without a name": b"\0\0x",
        "PLAIN that is not UTF-8": b"\0\xff\0x",
        "PLAIN for somebody else": b"dn:cn=admin,%b\0an\0%b" % (SUFFIX.encode(), PASSWORD.encode()),
        "PLAIN with a wrong password": b"\0an\0wrong",
        "PLAIN without a password": b"\0an\0",
        "PLAIN of nobody": b"\0zz\0wrong",
    }.items():
        s.ask(name, s.connect(), sasl("PLAIN", credentials))
    for name, first in {
        "SCRAM without a header": b"x",
        "SCRAM with channel binding": b"p=tls-unique,,n=an,r=abc",
        "SCRAM with an extension": b"n,,m=x,n=an,r=abc",
        "SCRAM malformed": b"n,,n=an",
        "SCRAM without a name": b"n,,n=,r=abc",
        "SCRAM too long": b"n,,n=an,r=" + b"x" * 5000,
        "SCRAM that is not UTF-8": b"n,,n=\xff,r=abc",
        "SCRAM with NUL": b"n,,n=a\0n,r=abc",
        "SCRAM with an unknown escape": b"n,,n=a=2Dn,r=abc",
    }.items():
        s.ask(name, s.connect(), sasl(SCRAM, first))
    header = b64encode(b"n,,")
    for name, last in {
        "SCRAM's last malformed": lambda nonce: b"x",
        "SCRAM's last with another nonce": lambda nonce: (
            b"c=" + header + b",r=other,p=" + b64encode(bytes(32))
        ),
        "SCRAM's last with another header": lambda nonce: (
            b"c=" + b64encode(b"y,,") + b",r=" + nonce + b",p=" + b64encode(bytes(32))
        ),
        "SCRAM's last with a short proof": lambda nonce: (
            b"c=" + header + b",r=" + nonce + b",p=" + b64encode(b"x")
        ),
        "SCRAM's last that is not base64": lambda nonce: b"c=" + header + b",r=" + nonce + b",p=x===",
        "SCRAM's last with a wrong proof": lambda nonce: (
            b"c=" + header + b",r=" + nonce + b",p=" + b64encode(bytes(32))
        ),
    }.items():
        client = s.connect()
        answer = client.ask(ScramClient("an", "x").first)
        nonce = answer.server_sasl_credentials.split(b",")[0].removeprefix(b"r=")
        s.ask(name, client, sasl(SCRAM, last(nonce)))
    client = s.connect()
    client.ask(ScramClient("an", "x").first)
    s.ask("search in the middle of SCRAM", client, search())


def sasl_version(version):
    """A bind of that version."""
    return BindRequest(version, "", SaslAuthentication("PLAIN", b"\0an\0x"))


def sessions(s: Stage) -> None:
    """Extended operations, controls in general, transactions."""
    for name, request in {
        "an operation that is not there": ExtendedRequest("1.2.3"),
        "StartTLS with a value": ExtendedRequest(START_TLS, b"x"),
        "StartTLS without a certificate": ExtendedRequest(START_TLS),
        "Who Am I with a value": ExtendedRequest(WHO_AM_I, b"x"),
        "Password Modify malformed": ExtendedRequest(PASSWORD_MODIFY, b"x"),
        "Password Modify of nobody": password_modify_request(PasswordModify(None, None, b"x")),
        "Cancel malformed": ExtendedRequest(CANCEL, b"x"),
        "Cancel of nothing": cancel_request(99),
        "a transaction begun with a value": ExtendedRequest(transactions.START_TRANSACTION, b"x"),
        "a transaction of nobody": transactions.start_transaction_request(),
        "a transaction ended malformed": ExtendedRequest(transactions.END_TRANSACTION, b"x"),
    }.items():
        s.ask(name, s.connect(), request)
    client = s.connect()
    s.ask("Cancel of itself", client, cancel_request(1))
    s.ask(
        "Password Modify in clear",
        s.connect("192.0.2.7"),
        password_modify_request(PasswordModify(AN, None, b"x")),
    )
    adding = add(f"cn=y,{SONV}")
    s.ask_together("StartTLS behind a change", s.bound("administrator"), adding, ExtendedRequest(START_TLS))
    adding = add(f"cn=z,{SONV}")
    s.ask_together("Cancel of a change that has begun", s.bound("administrator"), adding, cancel_request(2))
    twice = Control(oids.MANAGE_DSA_IT, critical=True)
    s.ask("a control twice", "administrator", search(), twice, twice)
    s.ask("a critical control that is not there", "administrator", search(), Control("1.2.3", critical=True))
    s.ask(
        "a control with a value that is none",
        "administrator",
        search(),
        Control(oids.PAGED_RESULTS, True, b"x"),
    )
    s.ask(
        "a control without the value it needs",
        "administrator",
        search(),
        Control(oids.SORT_REQUEST, critical=True),
    )
    s.ask(
        "a control with a value it has not",
        "administrator",
        search(),
        Control(oids.MANAGE_DSA_IT, True, b"x"),
    )
    s.ask("a control that must be critical", "administrator", search(), Control(oids.DONT_USE_COPY))
    s.ask("act as nobody there is", "administrator", search(), as_somebody("u:zz"))
    s.ask("act as somebody without the right", "person", search(), as_somebody("u:binh"))
    s.town.replace(BINH, "gdState", "suspended")
    s.ask("act as somebody who is closed", "administrator", search(), as_somebody(f"dn:{BINH}"))
    admin = s.client("administrator")
    s.ask(
        "an update of no transaction",
        "administrator",
        add(f"cn=x,{SONV}"),
        Control(oids.TRANSACTION, True, b"x"),
    )
    s.ask(
        "the end of no transaction",
        "administrator",
        transactions.end_transaction_request(EndTransaction(b"x", True)),
    )
    inside = Control(oids.TRANSACTION, True, begun(admin))
    s.ask("tried in a transaction", "administrator", add(f"cn=x,{SONV}"), inside, NO_OP)
    s.ask("as somebody in a transaction", "administrator", add(f"cn=x,{SONV}"), inside, as_somebody("u:an"))
    s.ask(
        "a new password in a transaction",
        "administrator",
        password_modify_request(PasswordModify(AN, None, b"x")),
        inside,
    )
    own = s.client("person")
    identifier = begun(own)
    own.send(
        replace(AN, "userPassword", "Song#Hau#Giang#8"),
        controls=(Control(oids.TRANSACTION, True, identifier),),
    )
    own.received()
    end = transactions.end_transaction_request(EndTransaction(identifier, True))
    s.ask("one's own password in a transaction without the old one", "person", end)
    for _ in range(3):
        begun(admin)
    s.ask("one transaction too many", "administrator", transactions.start_transaction_request())
    for number in range(1000):
        admin.send(add(f"cn=x{number},{SONV}"), controls=(inside,))
    admin.received()
    admin.send(add(f"cn=y,{SONV}"), controls=(inside,))
    notice, answer = sorted(admin.received(), key=lambda message: message.message_id)
    s.note(
        "the notice of a transaction that has grown too large", "administrator", add(f"cn=y,{SONV}"), notice
    )
    s.note("an update too many for a transaction", "administrator", add(f"cn=y,{SONV}"), answer)


def notices(s: Stage) -> None:
    """What ends a connection."""
    for name, octets in {
        "no BER": b"GET / HTTP/1.1\r\n\r\n",
        "a response": bytes.fromhex("300c020101650 70a010004000400".replace(" ", "")),
        "an unknown operation": bytes.fromhex("3005020101 7e00".replace(" ", "")),
        "message id 0": bytes.fromhex("3005020100 4200".replace(" ", "")),
        "an indefinite length": bytes.fromhex("30800201014200 0000".replace(" ", "")),
        "a length of five octets": bytes.fromhex("3085000000000502 01014200".replace(" ", "")),
        "a request that is too large": bytes.fromhex("3084 7fffffff".replace(" ", "")),
        "a bind of an unknown kind": bytes.fromhex("300c 020101 6007 020103 0400 8500".replace(" ", "")),
    }.items():
        client = s.connect()
        client.protocol.dataReceived(octets)
        *before, last = client.received()
        s.note(name, "a connection of its own", octets, last)
        for message in before:
            s.note(f"{name}: the answer before", "a connection of its own", octets, message)
    client = s.bound("administrator")
    client.protocol.dataReceived(TWICE)
    s.note("a message id that is outstanding", "administrator", add(f"cn=x,{SONV}"), client.received()[0])


def searches(s: Stage) -> None:
    """Searches and their controls."""
    orgs = f"ou=orgs,{SUFFIX}"
    s.town.add(
        f"cn=lost,{SONV}",
        {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": f"uid=zz,{SONV}"},
    )
    s.town.add(
        f"cn=away,{SONV}", {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": "dc=example"}
    )
    s.town.add(
        f"cn=one,{SONV}",
        {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": f"cn=two,{SONV}"},
    )
    s.town.add(
        f"cn=two,{SONV}",
        {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": f"cn=one,{SONV}"},
    )
    s.town.add(
        f"cn=ref,{SONV}",
        {"objectClass": ("referral", "extensibleObject"), "ref": "ldap://other.example/dc=x"},
    )
    base = Scope.BASE_OBJECT
    s.ask("search what is not there", "administrator", search(f"uid=zz,{SONV}"))
    s.ask("search as nobody", "nobody", search())
    s.ask("search under something that is no name", "nobody", search("nonsense"))
    s.ask("search the monitor as nobody", "nobody", search("cn=monitor", scope=base))
    s.ask("search what the monitor has not", "administrator", search("cn=zz,cn=monitor", scope=base))
    s.ask("search below the subschema", "nobody", search("cn=zz,cn=subschema", scope=base))
    s.ask("search by an alias of nothing", "administrator", search(f"cn=lost,{SONV}"))
    s.ask("search by an alias of what is elsewhere", "administrator", search(f"cn=away,{SONV}"))
    s.ask("search by aliases in a circle", "administrator", search(f"cn=one,{SONV}"))
    s.ask("search at a referral object", "administrator", search(f"cn=ref,{SONV}"))
    s.ask("search more than asked for", "administrator", search(orgs, size=1))
    s.ask("search names, more than asked for", "administrator", search(orgs, "(cn=*a*)", size=1))
    s.ask("search on a condition", "administrator", search(orgs), encode_assertion(parse_filter("(ou=zz)")))
    page = encode_paged_results(PagedResults(2, b""), critical=True)
    s.ask("search pages, more than asked for", "administrator", search(orgs, size=1), page)
    s.ask(
        "search with somebody's cookie",
        "administrator",
        search(orgs),
        encode_paged_results(PagedResults(2, b"made up"), critical=True),
    )
    keys = encode_sort_request((SortKey("cn"),), critical=True)
    sorted_page = s.ask("the first page in order", "administrator", search(orgs), keys, page)
    cookie = decode_paged_results(
        next(each for each in sorted_page.controls if each.oid == oids.PAGED_RESULTS)
    ).cookie
    s.ask(
        "another page in no order",
        "administrator",
        search(orgs),
        encode_paged_results(PagedResults(2, cookie), critical=True),
    )
    s.ask("sorted, more than asked for", "administrator", search(orgs, size=1), keys)
    s.ask("sorted pages, more than asked for", "administrator", search(orgs, size=1), keys, page)
    s.ask("sorted pages, just as many as asked for", "administrator", search(orgs, size=2), keys, page)
    s.ask(
        "sorted by an unknown attribute",
        "administrator",
        search(orgs),
        encode_sort_request((SortKey("nosuch"),), critical=True),
    )
    s.ask(
        "sorted by pictures",
        "administrator",
        search(orgs),
        encode_sort_request((SortKey("jpegPhoto"),), critical=True),
    )
    s.ask(
        "sorted by an unknown rule",
        "administrator",
        search(orgs),
        encode_sort_request((SortKey("cn", "nosuch"),), critical=True),
    )
    s.ask(
        "a list view without order",
        "administrator",
        search(orgs),
        encode_list_view(ListView(0, 1, 1, 0), critical=True),
    )
    s.ask(
        "a list view beyond the list",
        "administrator",
        search(orgs),
        keys,
        encode_list_view(ListView(0, 1, 0, 5), critical=True),
    )
    s.ask(
        "a list view of another list",
        "administrator",
        search(orgs),
        keys,
        encode_list_view(ListView(0, 1, 1, 0, context=b"x"), critical=True),
    )
    s.ask(
        "a list view of pages",
        "administrator",
        search(orgs),
        keys,
        page,
        encode_list_view(ListView(0, 1, 1, 0), critical=True),
    )
    s.ask(
        "a list view by nonsense",
        "administrator",
        search(orgs),
        encode_sort_request((SortKey("createTimestamp"),), critical=True),
        encode_list_view(ListView(0, 1, value=b"x"), critical=True),
    )
    s.ask(
        "rights of somebody else",
        "person",
        search(orgs),
        encode_rights_question(RightsQuestion(f"dn:{BINH}"), critical=True),
    )
    s.ask(
        "rights of nobody there is",
        "auditor",
        search(orgs),
        encode_rights_question(RightsQuestion("u:zz"), critical=True),
    )


def passwords(s: Stage) -> None:
    """Passwords: set by others, changed by owners."""
    s.town.add(
        POLICY,
        {
            "objectClass": ("device", "pwdPolicy"),
            "cn": "person",
            "pwdAttribute": "userPassword",
            "pwdMaxLength": "24",
        },
    )
    new = lambda *given: replace(AN, "userPassword", *given)  # noqa: E731
    for name, request in {
        "no password": modify(AN, (ModifyOperation.INCREMENT, "userPassword", "1")),
        "nothing to add to a password": modify(AN, (ADD, "userPassword", ())),
        "two passwords": new("a", "b"),
        "two old passwords": modify(AN, (DELETE, "userPassword", ("a", "b")), (ADD, "userPassword", "c")),
        "a password that is not UTF-8": new(b"\xff\xfe\xfd"),
        "a hash": new("{SSHA}AAAA"),
        "a password that is too short": new("aB1#"),
        "a password that is too long": new("aB1#" * 7),
        "a password that is guessable": new("Nguyenvana-123"),
        "a password without signs": new("abcdefghijkl"),
        "a password with NUL": new(b"aB1#ef\0gh#K9"),
        "an empty password": new(""),
        "a wrong old password": modify(
            AN, (DELETE, "userPassword", "x"), (ADD, "userPassword", "Song#Hau#Giang#8")
        ),
        "a password under an option": replace(AN, "userPassword;lang-vi", "x"),
        "a new entry with two passwords": add(
            f"cn=x,{SONV}", objectClass=("person",), sn="x", userPassword=("a", "b")
        ),
        "a new entry with a hash": add(
            f"uid=*,{SONV}",
            objectClass=("inetOrgPerson", "gdPerson", "gdMailbox"),
            cn="Lê Văn Tám",
            userPassword="{SSHA}AAAA",
        ),
    }.items():
        s.ask(name, "administrator", request)
    s.ask(
        "a password tried with the old one",
        "administrator",
        modify(AN, (DELETE, "userPassword", "x"), (ADD, "userPassword", "Song#Hau#Giang#8")),
        NO_OP,
    )
    s.ask(
        "somebody else's password",
        "person",
        password_modify_request(PasswordModify(BINH, None, b"Song#Hau#Giang#8")),
    )
    s.ask("one's own password taken away", "person", modify(AN, (DELETE, "userPassword", ())))
    s.ask("one's present password again", "person", new(PASSWORD))
    s.ask(
        "a wrong old one by Password Modify",
        "person",
        password_modify_request(PasswordModify(None, b"x", b"Song#Hau#Giang#8")),
    )
    s.ask(
        "a person's password for somebody acting as it",
        "administrator",
        new("Song#Hau#Giang#8"),
        as_somebody(f"dn:{AN}"),
    )
    s.town.replace(POLICY, "pwdSafeModify", "TRUE")
    s.ask("a change without the old one", "person", new("Song#Hau#Giang#8"))
    s.town.replace(POLICY, "pwdSafeModify", "FALSE")
    s.town.replace(POLICY, "pwdMinAge", "86400")
    s.ask("a change too soon", "person", new("Song#Hau#Giang#8"))
    s.town.delete(POLICY)
    administrators = f"cn=administrator,ou=policies,{SUFFIX}"
    s.town.add(
        administrators,
        {
            "objectClass": ("device", "pwdPolicy"),
            "pwdAttribute": "userPassword",
            "pwdAllowUserChange": "FALSE",
        },
    )
    s.town.replace(AN, "pwdPolicySubentry", administrators)
    s.town.replace(administrators, "pwdMinLength", "20")
    s.ask("a password shorter than its policy asks", "administrator", new("Song#Hau#Giang#8"))
    s.town.replace(administrators, "pwdMinLength", "8")
    s.town.replace(administrators, "pwdMaxLength", "20")
    s.ask("a password longer than its policy takes", "administrator", new("Song#Hau#Giang#8#Mekong#Delta"))
    s.town.replace(administrators, "pwdCheckQuality", "0")
    s.ask("a hash of which nothing is known", "administrator", new("{SSHA}AAAA"))
    s.ask("a password of any quality with NUL", "administrator", new(b"a\0b"))
    s.ask("a change that owners do not make", "person", new("Song#Hau#Giang#8"))
    s.ask(
        "a new entry with a password by who may set none",
        "agency-admin",
        add(f"cn=x,{SONV}", sn="x", objectClass="person", userPassword="Song#Hau#Giang#8"),
    )
    s.ask(
        "the password of what is not there",
        "administrator",
        password_modify_request(PasswordModify(f"uid=zz,{SONV}", None, b"x")),
    )
