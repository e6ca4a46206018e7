"""Requests with controls (RFC 4511 §4.1.11), and extended operations."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.list_view import ListView, encode_list_view
from govdir.ldap.codec.controls.matched_values import encode_matched_values
from govdir.ldap.codec.controls.paged_results import PagedResults, encode_paged_results
from govdir.ldap.codec.controls.read_entry import encode_post_read, encode_pre_read
from govdir.ldap.codec.controls.sorting import SortKey, encode_sort_request
from govdir.ldap.codec.controls.subentries import encode_subentries
from govdir.ldap.codec.extended import who_am_i_request
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import Control, ExtendedRequest, Request, Scope
from interop.ldap.differential.step import (
    ADD,
    DELETE,
    REPLACE,
    Step,
    add,
    compare,
    delete,
    modify,
    rename,
    search,
)
from interop.server import ADMIN

_AN: Final = "uid=an,ou=people"
_PEOPLE: Final = search("(uid=*)", "uid", rdn="ou=people", scope=Scope.SINGLE_LEVEL)
_ONE: Final = search("(objectClass=*)", "title", rdn=_AN, scope=Scope.BASE_OBJECT)
_DEVICE: Final = {"objectClass": ("top", "device"), "cn": "made"}
_ASSERTS: Final = ("(uid=an)", "(uid=zz)", "(nosuch=1)", "(!(nosuch=1))", "(&)", "(|)")


def _sorted(*keys: SortKey, critical: bool = True) -> Control:
    return encode_sort_request(keys, critical=critical)


def _key(attribute: str, *, reverse: bool = False) -> SortKey:
    return SortKey(attribute, "caseIgnoreOrderingMatch", reverse)


_SORTED: Final[tuple[tuple[str, tuple[Control, ...]], ...]] = (
    ("sort by uid", (_sorted(_key("uid")),)),
    ("sort by an attribute without an ordering rule", (_sorted(SortKey("uid")),)),
    ("sort by uid backwards", (_sorted(_key("uid", reverse=True)),)),
    ("sort by uid under a rule by its OID", (_sorted(SortKey("uid", "2.5.13.3")),)),
    ("sort by two keys", (_sorted(_key("title"), _key("uid")),)),
    ("sort by mail, which some lack", (_sorted(_key("mail"), _key("uid")),)),
    ("sort by an unknown attribute", (_sorted(SortKey("nosuch")),)),
    ("sort by an unknown attribute, if possible", (_sorted(SortKey("nosuch"), critical=False),)),
    ("sort under an unknown rule", (_sorted(SortKey("uid", "1.2.3.4")),)),
    ("view the first two", (_sorted(_key("uid")), encode_list_view(ListView(0, 1, 1, 0), critical=True))),
    (
        "view around the third",
        (_sorted(_key("uid")), encode_list_view(ListView(1, 1, 3, 5), critical=True)),
    ),
    ("view the last", (_sorted(_key("uid")), encode_list_view(ListView(0, 0, 5, 5), critical=True))),
    (
        "view from a value",
        (_sorted(_key("uid")), encode_list_view(ListView(0, 1, value=b"c"), critical=True)),
    ),
    (
        "view beyond the last value",
        (_sorted(_key("uid")), encode_list_view(ListView(0, 1, value=b"z"), critical=True)),
    ),
    ("view without sorting", (encode_list_view(ListView(0, 1, 1, 0), critical=True),)),
    (
        "view offset nought of many",
        (_sorted(_key("uid")), encode_list_view(ListView(0, 1, 0, 5), critical=True)),
    ),
)

_READ: Final[tuple[tuple[str, Request, tuple[Control, ...]], ...]] = (
    ("page with room for all", _PEOPLE, (encode_paged_results(PagedResults(100), critical=True),)),
    ("page of nothing", _PEOPLE, (encode_paged_results(PagedResults(0), critical=True),)),
    (
        "page with a foreign cookie",
        _PEOPLE,
        (encode_paged_results(PagedResults(2, b"\x01" * 8), critical=True),),
    ),
    ("page a base search", _ONE, (encode_paged_results(PagedResults(2), critical=True),)),
    ("an unknown control", _ONE, (Control("1.2.3.4", critical=False),)),
    ("an unknown critical control", _ONE, (Control("1.2.3.4", critical=True),)),
    ("a control twice", _ONE, (Control(oids.MANAGE_DSA_IT), Control(oids.MANAGE_DSA_IT))),
    ("a malformed paged results control", _ONE, (Control(oids.PAGED_RESULTS, True, b"x"),)),
    ("a paged results control without a value", _ONE, (Control(oids.PAGED_RESULTS, True),)),
    ("ManageDsaIT", _ONE, (Control(oids.MANAGE_DSA_IT, critical=True),)),
    ("ManageDsaIT with a value", _ONE, (Control(oids.MANAGE_DSA_IT, True, b"x"),)),
    ("don't use copy", _ONE, (Control(oids.DONT_USE_COPY, critical=True),)),
    ("don't use copy, not critical", _ONE, (Control(oids.DONT_USE_COPY, critical=False),)),
    ("subentries only", _PEOPLE, (encode_subentries(visible=True, critical=True),)),
    ("no subentries", _PEOPLE, (encode_subentries(visible=False, critical=True),)),
    ("matched values", _ONE, (encode_matched_values((parse_filter("(title=kế*)"),), critical=True),)),
    (
        "matched values that match none",
        _ONE,
        (encode_matched_values((parse_filter("(title=zz)"),), critical=True),),
    ),
    ("a malformed assertion", _ONE, (Control(oids.ASSERTION, True, b"x"),)),
    ("act as nobody", _ONE, (Control(oids.PROXIED_AUTHORIZATION, True, b""),)),
    (
        "act as oneself",
        who_am_i_request(),
        (Control(oids.PROXIED_AUTHORIZATION, True, f"dn:{ADMIN}".encode()),),
    ),
    ("act as somebody malformed", _ONE, (Control(oids.PROXIED_AUTHORIZATION, True, b"x:y"),)),
    ("act as somebody, not critical", _ONE, (Control(oids.PROXIED_AUTHORIZATION, False, b""),)),
    ("who am I", who_am_i_request(), ()),
    ("who am I with a value", ExtendedRequest("1.3.6.1.4.1.4203.1.11.3", b"x"), ()),
    ("an unknown extended operation", ExtendedRequest("1.2.3.4"), ()),
    ("cancel what is not there", ExtendedRequest("1.3.6.1.1.8", bytes.fromhex("3004020203e7")), ()),
    ("a malformed cancel", ExtendedRequest("1.3.6.1.1.8", b"x"), ()),
    ("a control on a compare", compare(_AN, "uid", "an"), (Control(oids.PAGED_RESULTS, True, b""),)),
)

_WRITE: Final[tuple[tuple[str, Request, tuple[Control, ...]], ...]] = (
    (
        "pre-read a modify",
        modify(_AN, (REPLACE, "title", "mới")),
        (encode_pre_read(("title",), critical=True),),
    ),
    (
        "post-read a modify",
        modify(_AN, (REPLACE, "title", ["Chuyên viên", "Kế toán"])),
        (encode_post_read(("title",), critical=True),),
    ),
    (
        "read both",
        modify(_AN, (ADD, "title", "3")),
        (encode_pre_read(("title",)), encode_post_read(("title",))),
    ),
    ("read nothing", modify(_AN, (DELETE, "title", "3")), (encode_post_read(("1.1",), critical=True),)),
    ("read a change that fails", modify(_AN, (DELETE, "title", "3")), (encode_pre_read(("title",)),)),
    (
        "post-read an add",
        add("cn=made,ou=things", dict(_DEVICE)),
        (encode_post_read(("cn",), critical=True),),
    ),
    ("pre-read an add", add("cn=made2,ou=things", dict(_DEVICE)), (encode_pre_read(("cn",), critical=True),)),
    (
        "pre-read a rename",
        rename("cn=made,ou=things", "cn=made3"),
        (encode_pre_read(("cn",), critical=True),),
    ),
    (
        "post-read a rename",
        rename("cn=made3,ou=things", "cn=made4"),
        (encode_post_read(("cn",), critical=True),),
    ),
    ("pre-read a delete", delete("cn=made4,ou=things"), (encode_pre_read(("cn",), critical=True),)),
    (
        "permissive add of a value that is there",
        modify(_AN, (ADD, "title", "kế toán")),
        (Control(oids.PERMISSIVE_MODIFY, critical=True),),
    ),
    (
        "permissive delete of a value that is not",
        modify(_AN, (DELETE, "title", "zz")),
        (Control(oids.PERMISSIVE_MODIFY, critical=True),),
    ),
    (
        "permissive delete of an attribute that is not",
        modify(_AN, (DELETE, "roomNumber", ())),
        (Control(oids.PERMISSIVE_MODIFY, critical=True),),
    ),
    (
        "permissive replace by nothing",
        modify(_AN, (REPLACE, "roomNumber", ())),
        (Control(oids.PERMISSIVE_MODIFY, critical=True),),
    ),
    (
        "permissive breach of the schema",
        modify(_AN, (DELETE, "sn", ())),
        (Control(oids.PERMISSIVE_MODIFY, critical=True),),
    ),
    ("no-op modify", modify(_AN, (ADD, "title", "noop")), (Control(oids.NO_OP, critical=True),)),
    ("no-op modify that would fail", modify(_AN, (DELETE, "sn", ())), (Control(oids.NO_OP, critical=True),)),
    (
        "no-op add",
        add("cn=noop,ou=things", {"objectClass": "device", "cn": "noop"}),
        (Control(oids.NO_OP, critical=True),),
    ),
    ("no-op delete", delete("cn=all,ou=things"), (Control(oids.NO_OP, critical=True),)),
    ("no-op rename", rename("cn=all,ou=things", "cn=none"), (Control(oids.NO_OP, critical=True),)),
    ("tree delete", delete("cn=nothing,ou=things"), (Control(oids.TREE_DELETE, critical=True),)),
    *(
        (
            f"modify if {text}",
            modify(_AN, (ADD, "title", f"if {text}")),
            (encode_assertion(parse_filter(text)),),
        )
        for text in _ASSERTS
    ),
    *((f"search if {text}", _ONE, (encode_assertion(parse_filter(text)),)) for text in _ASSERTS),
    *(
        (f"compare if {text}", compare(_AN, "uid", "an"), (encode_assertion(parse_filter(text)),))
        for text in _ASSERTS
    ),
    (
        "rename if not so",
        rename("cn=all,ou=things", "cn=none"),
        (encode_assertion(parse_filter("(cn=none)")),),
    ),
    ("delete if not so", delete("cn=all,ou=things"), (encode_assertion(parse_filter("(cn=none)")),)),
    ("what the controls have left", search("(|(uid=an)(cn=all)(cn=made*)(cn=noop))", "cn", "title"), ()),
)

CONTROLS: Final = (
    *(Step(name, _PEOPLE, controls) for name, controls in _SORTED),
    *(Step(name, request, controls) for name, request, controls in (*_READ, *_WRITE)),
)
