"""What the server is asked before it is spoiled: every operation with every control, SASL, and pipelines.

`Step`s are whole messages; their values name entries of the small town of `bench.fuzz_server`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct, structs

from govdir.ldap.codec import filters as f
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.effective_rights import RightsQuestion, encode_rights_question
from govdir.ldap.codec.controls.list_view import ListView, encode_list_view
from govdir.ldap.codec.controls.matched_values import encode_matched_values
from govdir.ldap.codec.controls.paged_results import PagedResults, encode_paged_results
from govdir.ldap.codec.controls.read_entry import encode_post_read, encode_pre_read
from govdir.ldap.codec.controls.session_tracking import TrackedSession, encode_tracked_session
from govdir.ldap.codec.controls.sorting import SortKey, encode_sort_request
from govdir.ldap.codec.controls.subentries import encode_subentries
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.extended import (
    PASSWORD_MODIFY,
    START_TLS,
    WHO_AM_I,
    PasswordModify,
    password_modify_request,
)
from govdir.ldap.server.traits import trait_of

SUFFIX: Final = "dc=cantho,dc=gov,dc=vn"
ADMIN: Final = f"cn=admin,{SUFFIX}"
SERVICE: Final = f"cn=postfix,ou=services,{SUFFIX}"
SONV: Final = f"ou=sonv,ou=orgs,{SUFFIX}"
PERSON: Final = f"uid=an,{SONV}"
OTHER: Final = f"uid=binh,{SONV}"
LIST: Final = f"cn=thu,ou=lists,{SUFFIX}"
PASSWORD: Final = b"Cau#Hang#Xanh#27"

CANCEL: Final = "1.3.6.1.1.8"
START_TRANSACTION: Final = "1.3.6.1.1.21.1"
END_TRANSACTION: Final = "1.3.6.1.1.21.3"
UNKNOWN: Final = "1.2.3.5"
TRANSACTION: Final = b"\x00\x00\x00\x01"
"""The identifier of every transaction: the campaign sees to it that the server gives no other."""

WORDS: Final = tuple(
    word.encode()
    for word in (
        *(SUFFIX, ADMIN, SERVICE, SONV, PERSON, OTHER, LIST, "", "cn=subschema", "cn=monitor"),
        *(f"ou=orgs,{SUFFIX}", f"ou=policies,{SUFFIX}", f"uid=*,{SONV}", f"uid=none,{SONV}", "dc=vn"),
        *("an@cantho.gov.vn", "Nguyễn Văn An", "mail", "uid", "cn", "sn", "userPassword", "objectClass"),
        *("gdState", "gdPerson", "gdMailbox", "inetOrgPerson", "memberURL", "member", "owner", "ref"),
        *("pwdReset", "pwdAccountLockedTime", "createTimestamp", "entryUUID", "jpegPhoto", "mailQuota"),
        *("2.5.13.2", "caseIgnoreMatch", "1.2.840.113556.1.4.803", "PLAIN", "EXTERNAL", "SCRAM-SHA-256"),
        *(f"dn:{PERSON}", "u:an", "dn:", "*", "+", "1.1", "@gdPerson", "n,,n=an,r=abc", "uid=an", "uid=moi"),
        *(oids.PAGED_RESULTS, oids.SORT_REQUEST, oids.PRE_READ, oids.NO_OP, oids.TREE_DELETE, WHO_AM_I),
        f"ldap:///ou=orgs,{SUFFIX}??sub?(uid=a*)",
    )
)


class Script(Struct, frozen=True):
    """Messages of one connection, in one go. `bound` is the name it is bound under before, "" for anonymous;
    `spoil` tells which of them is to be spoiled."""

    name: str
    bound: str
    messages: tuple[bytes, ...]
    spoil: int = 0


def controls() -> dict[str, m.Control]:
    """One of every kind that the server knows, by OID."""
    known = (
        m.Control(oids.ACCOUNT_USABLE, True),
        encode_assertion(f.Present("objectClass")),
        m.Control(oids.DONT_USE_COPY, True),
        encode_rights_question(RightsQuestion(f"dn:{PERSON}", ("cn", "mail"))),
        m.Control(oids.MANAGE_DSA_IT, True),
        encode_matched_values((f.Equality("mail", b"an@cantho.gov.vn"), f.Present("cn")), critical=True),
        m.Control(oids.NO_OP, True),
        encode_paged_results(PagedResults(2, b""), critical=True),
        m.Control(oids.PASSWORD_POLICY, False),
        m.Control(oids.PERMISSIVE_MODIFY, True),
        encode_pre_read(("*", "+"), critical=True),
        encode_post_read(("cn", "mail"), critical=True),
        m.Control(oids.PROXIED_AUTHORIZATION, True, f"dn:{PERSON}".encode()),
        encode_tracked_session(TrackedSession("192.0.2.1", "host", "1.2.3", "abc")),
        encode_sort_request((SortKey("cn"), SortKey("sn", "2.5.13.3", True)), critical=True),
        encode_subentries(visible=True, critical=True),
        m.Control(oids.TRANSACTION, True, TRANSACTION),
        m.Control(oids.TREE_DELETE, True),
        encode_list_view(ListView(1, 3, 1, 0), critical=True),
        m.Control("1.2.3.4", False, b"x"),
        m.Control(UNKNOWN, True),
    )
    return {control.oid: control for control in known}


def searches() -> dict[str, m.SearchRequest]:
    """Filters of every kind; scopes; the server's own entries."""
    everything = f.And(
        (
            f.Or((f.GreaterOrEqual("uid", b"1"), f.LessOrEqual("uid", b"z"), f.Approx("cn", b"an"))),
            f.Not(f.Present("seeAlso")),
            f.Substrings("cn", b"N", (b"g", b"u"), b"n"),
            f.Extensible("2.5.13.2", "cn", "Nguyễn Văn An".encode(), True),
            f.Equality("mail", b"an@cantho.gov.vn"),
        )
    )
    present = f.Present("objectClass")
    return {
        "search": _search(SUFFIX, f.Equality("mail", b"an@cantho.gov.vn")),
        "search by everything": _search(SONV, everything, ("cn", "@person", "+", "mail;lang-vi")),
        "search as typed": _search(SUFFIX, f.Or((f.Substrings("cn", b"an", (), None),)), limit=10),
        "search one level": _search(f"ou=orgs,{SUFFIX}", present, scope=m.Scope.SINGLE_LEVEL),
        "search the tree": _search(SUFFIX, present, ("*", "+")),
        "search a person": _search(PERSON, present, ("*", "+"), scope=m.Scope.BASE_OBJECT),
        "search the root DSE": _search("", present, ("*", "+"), scope=m.Scope.BASE_OBJECT),
        "search the subschema": _search("cn=subschema", present, ("cn", "modifyTimestamp"), scope=m.Scope(0)),
        "search the monitor": _search("cn=monitor", present, ("+",)),
    }


def changes() -> dict[str, m.Request]:
    """Every kind of update."""
    person = (
        m.Attribute("objectClass", (b"inetOrgPerson", b"gdPerson", b"gdMailbox")),
        m.Attribute("cn", ("Lê Văn Mới".encode(),)),
        m.Attribute("title", ("Chuyên viên".encode(),)),
    )
    return {
        "add": m.AddRequest(f"uid=moi,{SONV}", person),
        "add by rule": m.AddRequest(f"uid=*,{SONV}", person),
        "add a unit": m.AddRequest(
            f"ou=moi,{SUFFIX}", (m.Attribute("objectClass", (b"organizationalUnit",)),)
        ),
        "modify": m.ModifyRequest(
            PERSON,
            (
                m.Change(m.ModifyOperation.ADD, m.Attribute("title", (b"a", b"b"))),
                m.Change(m.ModifyOperation.DELETE, m.Attribute("title", (b"a",))),
                m.Change(m.ModifyOperation.REPLACE, m.Attribute("description;lang-vi", ("thử".encode(),))),
            ),
        ),
        "modify a number": m.ModifyRequest(
            PERSON, (m.Change(m.ModifyOperation.INCREMENT, m.Attribute("mailQuota", (b"1",))),)
        ),
        "modify a password": m.ModifyRequest(
            OTHER,
            (
                m.Change(m.ModifyOperation.DELETE, m.Attribute("userPassword", (PASSWORD,))),
                m.Change(m.ModifyOperation.ADD, m.Attribute("userPassword", (b"Bo#Song#Hau#28",))),
            ),
        ),
        "modify a list": m.ModifyRequest(
            LIST, (m.Change(m.ModifyOperation.ADD, m.Attribute("member", (OTHER.encode(),))),)
        ),
        "rename": m.ModifyDnRequest(OTHER, "uid=binh2", True),
        "move": m.ModifyDnRequest(OTHER, "uid=binh", False, f"ou=sotttt,ou=orgs,{SUFFIX}"),
        "delete": m.DeleteRequest(OTHER),
        "delete a tree": m.DeleteRequest(f"ou=orgs,{SUFFIX}"),
    }


def others() -> dict[str, m.Request]:
    """What is neither a search nor an update."""
    plain = b"\0an\0" + PASSWORD
    return {
        "compare": m.CompareRequest(PERSON, "cn", "Nguyễn Văn An".encode()),
        "compare the root DSE": m.CompareRequest("", "supportedLDAPVersion", b"3"),
        "bind": m.BindRequest(3, PERSON, m.SimpleAuthentication(PASSWORD)),
        "bind anonymously": m.BindRequest(3, "", m.SimpleAuthentication(b"")),
        "bind PLAIN": m.BindRequest(3, "", m.SaslAuthentication("PLAIN", plain)),
        "bind EXTERNAL": m.BindRequest(3, "", m.SaslAuthentication("EXTERNAL", None)),
        "bind SCRAM": m.BindRequest(3, "", m.SaslAuthentication("SCRAM-SHA-256", b"n,,n=an,r=fyko+d2lbbFg")),
        "unbind": m.UnbindRequest(),
        "abandon": m.AbandonRequest(1),
        "who am I": m.ExtendedRequest(WHO_AM_I),
        "start TLS": m.ExtendedRequest(START_TLS),
        "cancel": m.ExtendedRequest(CANCEL, b"\x30\x03\x02\x01\x01"),
        "password modify": password_modify_request(PasswordModify(OTHER, PASSWORD, b"Bo#Song#Hau#28")),
        "password generate": m.ExtendedRequest(PASSWORD_MODIFY, b"\x30\x00"),
        "begin a transaction": m.ExtendedRequest(START_TRANSACTION),
        "end a transaction": m.ExtendedRequest(END_TRANSACTION, b"\x30\x06\x04\x04" + TRANSACTION),
        "unknown": m.ExtendedRequest("1.2.3.4", b"x"),
    }


def corpus() -> list[Script]:
    """Each operation alone, with each control, with some controls together, and in pipelines."""
    known = controls()
    scripts: list[Script] = []
    asked: dict[str, m.Request] = {**searches(), **changes(), **others()}
    for name, request in asked.items():
        scripts += [Script(name, bound, (_message(request),)) for bound in ("", ADMIN, PERSON, SERVICE)]
        for control in known.values():
            # What an operation does not take is to be passed over: refused at once it would reach nothing.
            taken = control.oid in trait_of(request).controls or control.oid == UNKNOWN
            asked_for = control if taken else structs.replace(control, critical=False)
            messages: tuple[bytes, ...] = (_message(request, asked_for),)
            if taken and control.oid == oids.TRANSACTION:
                messages = (_message(asked["begin a transaction"], number=9), *messages)
            scripts.append(Script(f"{name} with {control.oid}", ADMIN, messages, len(messages) - 1))
    scripts += _together(asked, known)
    scripts += _pipelines(asked, known)
    return scripts


def _together(asked: dict[str, m.Request], known: dict[str, m.Control]) -> Iterator[Script]:
    several = (
        (oids.SORT_REQUEST, oids.VIRTUAL_LIST_VIEW_REQUEST),
        (oids.SORT_REQUEST, oids.PAGED_RESULTS),
        (oids.MATCHED_VALUES, oids.EFFECTIVE_RIGHTS, oids.ACCOUNT_USABLE, oids.MANAGE_DSA_IT),
        (oids.ASSERTION, oids.PRE_READ, oids.POST_READ, oids.NO_OP, oids.PERMISSIVE_MODIFY),
        (oids.PASSWORD_POLICY, oids.SESSION_TRACKING, oids.PROXIED_AUTHORIZATION),
        (oids.PAGED_RESULTS, oids.PAGED_RESULTS),
    )
    for name, request in asked.items():
        for names in several:
            taken = trait_of(request).controls
            message = _message(
                request, *(structs.replace(known[oid], critical=oid in taken) for oid in names)
            )
            yield Script(f"{name} with {len(names)} controls", ADMIN, (message,))


def _pipelines(asked: dict[str, m.Request], known: dict[str, m.Control]) -> Iterator[Script]:
    in_transaction = known[oids.TRANSACTION]
    plans: Sequence[tuple[str, Sequence[tuple[str, Sequence[m.Control]]]]] = (
        ("a search behind a change", (("modify", ()), ("search a person", ()))),
        ("a bind among searches", (("search the tree", ()), ("bind", ()), ("search the tree", ()))),
        ("an abandoned search", (("search the tree", ()), ("abandon", ()), ("who am I", ()))),
        ("a cancelled search", (("search the tree", ()), ("cancel", ()))),
        ("requests behind an unbind", (("add", ()), ("unbind", ()), ("delete", ()))),
        ("clear text behind StartTLS", (("start TLS", ()), ("bind", ()), ("who am I", ()))),
        ("two steps of SCRAM", (("bind SCRAM", ()), ("bind SCRAM", ()))),
        (
            "a transaction",
            (
                ("begin a transaction", ()),
                ("add", (in_transaction,)),
                ("modify", (in_transaction,)),
                ("end a transaction", ()),
            ),
        ),
    )
    for name, steps in plans:
        messages = tuple(
            _message(asked[each], *more, number=number) for number, (each, more) in enumerate(steps, 1)
        )
        for spoil in range(len(messages)):
            yield Script(name, ADMIN, messages, spoil)


def _search(
    base: str,
    wanted: f.Filter,
    attributes: tuple[str, ...] = (),
    *,
    scope: m.Scope = m.Scope.WHOLE_SUBTREE,
    limit: int = 0,
) -> m.SearchRequest:
    return m.SearchRequest(base, scope, m.DerefAliases.ALWAYS, limit, 0, False, wanted, attributes)


def _message(request: m.Request, *more: m.Control, number: int = 1) -> bytes:
    return encode_message(m.LdapMessage(number, request, more))
