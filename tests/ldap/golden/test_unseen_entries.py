"""Two directories that differ in entries the caller may not see answer it alike, octet by octet."""

# ruff: noqa: E501 - a request on a line

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock

from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.effective_rights import RightsQuestion, encode_rights_question
from govdir.ldap.codec.controls.list_view import ListView, encode_list_view
from govdir.ldap.codec.controls.matched_values import encode_matched_values
from govdir.ldap.codec.controls.paged_results import PagedResults, encode_paged_results
from govdir.ldap.codec.controls.read_entry import encode_post_read, encode_pre_read
from govdir.ldap.codec.controls.sorting import SortKey, encode_sort_request
from govdir.ldap.codec.controls.subentries import encode_subentries
from govdir.ldap.codec.extended import PasswordModify, password_modify_request
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.filters import Equality
from govdir.ldap.codec.messages import (
    CompareRequest,
    Control,
    DeleteRequest,
    DerefAliases,
    Scope,
    SearchRequest,
)
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from govdir.ldap.server.limits import ServerLimits
from govdir.ldap.server.traits import SUPPORTED_CONTROLS
from tests.directory.building import SONV, SUFFIX, Town, open_town
from tests.directory.role_town import AN, BINH, SERVICE, holder, populate
from tests.ldap.golden.stage import DELETE, PEOPLE, add, modify, rename, replace
from tests.ldap.server.doubles import bind_request
from tests.ldap.server.password_states import PASSWORD, quick
from tests.ldap.server.sasl_client import plain
from tests.ldap.server.test_with_directory import TownClient

HIDDEN = f"cn=hidden,ou=services,{SUFFIX}"
BELOW = f"cn=below,{HIDDEN}"
BESIDE = f"cn=beside,ou=services,{SUFFIX}"
WITHIN = f"cn=within,ou=services,{SUFFIX}"
NAMES = (HIDDEN, BELOW, BESIDE, WITHIN)
CALLERS = ("nobody", "person", "service")
TOLD = ("memberOf", "hasSubordinates", "numSubordinates")  # docs/protocol/deviations.md#what-counts-tell
EVERYTHING = ("*", "entryDN", "entryUUID", "entryCSN", "createTimestamp", "creatorsName", "modifyTimestamp", "modifiersName",
              "pwdPolicySubentry", "pwdChangedTime", "gdSharedGroups", "gdMemberAddress", "structuralObjectClass")  # fmt: skip


def reveal(town: Town) -> None:
    """Adds what the callers may not see: a service and something below it, a group of people, an alias, a
    referral object and a subentry."""
    town.add(
        HIDDEN,
        {
            "objectClass": "gdService",
            "gdServiceKind": "mail",
            "description": "hidden",
            "userPassword": quick(PASSWORD),
        },
    )
    town.add(BELOW, {"objectClass": ("alias", "extensibleObject"), "aliasedObjectName": AN})
    town.add(BESIDE, {"objectClass": ("referral", "extensibleObject"), "ref": "ldap://other.example/dc=x"})
    town.add(
        WITHIN, {"objectClass": "groupOfNames", "member": (AN, BINH), "description": "hidden", "owner": AN}
    )


def requests() -> Iterator[tuple[str, object, tuple[Control, ...]]]:
    """What is asked: every operation, about the names, around them, and with values that only they have."""
    no_op = Control(oids.NO_OP, critical=True)
    texts = ("(objectClass=*)", "(cn=hidden)", "(cn=hid*)", "(description=hidden)", "(!(description=hidden))",
             "(objectClass=gdService)", f"(member={BINH})", f"(owner={AN})", "(cn>=a)", "(cn~=hidden)", f"(entryDN={HIDDEN})",
             "(ref=*)")  # fmt: skip
    for base in (
        "",
        SUFFIX,
        f"ou=services,{SUFFIX}",
        SONV,
        AN,
        BINH,
        *NAMES,
        f"cn=x,{BELOW}",
        f"cn=x,{BESIDE}",
    ):
        for scope in Scope:
            for text in texts:
                for aliases in (
                    (DerefAliases.ALWAYS,) if text != texts[0] else (DerefAliases.NEVER, DerefAliases.ALWAYS)
                ):
                    search = SearchRequest(base, scope, aliases, 0, 0, False, parse_filter(text), EVERYTHING)
                    yield f"search {base} {scope.name} {text}", search, ()
    everywhere = SearchRequest(
        SUFFIX,
        Scope.WHOLE_SUBTREE,
        DerefAliases.ALWAYS,
        0,
        0,
        False,
        parse_filter("(objectClass=*)"),
        EVERYTHING,
    )
    keys = [
        encode_sort_request((SortKey(name, reverse=back),), critical=True)
        for name in ("cn", "description", "member")
        for back in (False, True)
    ]
    for key in keys:
        yield "sorted", everywhere, (key,)
        yield "sorted pages", everywhere, (key, encode_paged_results(PagedResults(3, b""), critical=True))
        yield "a window", everywhere, (key, encode_list_view(ListView(1, 3, value=b"h"), critical=True))
        yield "a window by place", everywhere, (key, encode_list_view(ListView(1, 3, 4, 0), critical=True))
    for control in (
        encode_paged_results(PagedResults(2, b""), critical=True),
        encode_matched_values((Equality("member", BINH.encode()),), critical=True),
        encode_subentries(visible=True),
        encode_subentries(visible=False),
        Control(oids.ACCOUNT_USABLE, critical=True),
        encode_assertion(parse_filter(f"(member={BINH})")),
        Control(oids.MANAGE_DSA_IT, critical=True),
        Control(oids.DONT_USE_COPY, critical=True),
        Control(oids.PASSWORD_POLICY),
        *(encode_rights_question(RightsQuestion(f"dn:{dn}"), critical=True) for dn in NAMES),
        *(Control(oids.PROXIED_AUTHORIZATION, True, f"dn:{dn}".encode()) for dn in NAMES),
    ):
        yield f"search with {control.oid}", everywhere, (control,)
    for dn in (*NAMES, f"cn=x,{HIDDEN}", f"cn=x,{BELOW}", f"cn=x,{BESIDE}"):
        for name, value in (
            ("cn", b"hidden"),
            ("description", b"hidden"),
            ("objectClass", b"gdService"),
            ("nosuch", b"x"),
        ):
            yield f"compare {dn}", CompareRequest(dn, name, value), ()
        for controls in ((), (no_op,), (Control(oids.MANAGE_DSA_IT, critical=True),), (encode_assertion(parse_filter("(cn=hidden)")),),
                         (encode_pre_read(("*",)),), (Control(oids.PASSWORD_POLICY),)):  # fmt: skip
            yield f"modify {dn}", replace(dn, "description", "x"), controls
            yield f"password of {dn}", replace(dn, "userPassword", "Song#Hau#Giang#8"), controls
            yield f"rename {dn}", rename(dn, "cn=other"), controls
            yield f"move to {dn}", rename(AN, "uid=an", dn), controls
            yield f"delete {dn}", DeleteRequest(dn), controls
        yield (
            f"permissive {dn}",
            modify(dn, (DELETE, "description", "x")),
            (Control(oids.PERMISSIVE_MODIFY, critical=True),),
        )
        yield f"tree {dn}", DeleteRequest(dn), (Control(oids.TREE_DELETE, critical=True),)
        yield f"add {dn}", add(dn), ()
        yield f"add and read {dn}", add(dn), (encode_post_read(("*",)),)
        yield f"add below {dn}", add(f"cn=new,{dn}"), ()
        yield (
            f"Password Modify {dn}",
            password_modify_request(PasswordModify(dn, None, b"Song#Hau#Giang#8")),
            (),
        )
        yield f"bind {dn}", bind_request(dn, b"wrong"), (Control(oids.PASSWORD_POLICY),)
        yield f"PLAIN {dn}", plain(f"dn:{dn}", "wrong"), ()
    yield "refer to it", replace(AN, "manager", HIDDEN), (no_op,)


REQUESTS = tuple(requests())


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Town]]:
    """The same town twice, the second with more that may not be seen."""
    folder = tmp_path_factory.mktemp("towns")
    with open_town(folder / "first.db") as town:
        populate(town)
        for dn in (AN, SERVICE, holder("operator")):
            town.replace(dn, "userPassword", quick(PASSWORD))
            town.replace(dn, "pwdReset")
    with (
        open_town(folder / "one.db", furnished=folder / "first.db") as one,
        open_town(folder / "other.db", furnished=folder / "first.db") as other,
    ):
        reveal(other)
        yield one, other


def served(town: Town) -> LdapFactory:
    """A server on the town."""
    clock = Clock()
    log = AccessLog(lambda block: None, clock)
    return LdapFactory(
        directory=town.directory, clock=clock, access_log=log, limits=ServerLimits(turn_seconds=60)
    )


def entries(client: TownClient, search: SearchRequest) -> dict[str, dict[str, tuple[bytes, ...]]]:
    """The values of what is found, by name and attribute."""
    client.send(search)
    *found, _ = client.received()
    return {
        message.operation.object_name: {each.type: each.values for each in message.operation.attributes}
        for message in found
    }


def asked(town: Town, caller: str) -> dict[str, bytes]:
    """The octets of every answer."""
    factory = served(town)
    answers = {}
    client = TownClient(factory, town)
    for number, (name, request, controls) in enumerate(REQUESTS):
        if name.startswith(("bind", "PLAIN")) or client.closed:
            client = TownClient(factory, town)
        if caller != "nobody" and not client.protocol._conversation._identities.name:
            assert client.ask(bind_request(PEOPLE[caller], PASSWORD.encode())).result.code == 0
        client.send(request, controls=controls, message_id=1000)
        answers[f"{number} {name} {[each.oid for each in controls]}"] = client.transport.value()
        client.transport.clear()
    return answers


@pytest.mark.parametrize("caller", CALLERS)
def test_what_may_not_be_seen_changes_no_answer(two: tuple[Town, Town], caller: str) -> None:
    one, other = asked(two[0], caller), asked(two[1], caller)

    assert {name: (one[name], other[name]) for name in one if one[name] != other[name]} == {}


@pytest.mark.parametrize("caller", ["person", "service"])
def test_what_counts_and_names_of_groups_tell_is_all_that_differs(
    two: tuple[Town, Town], caller: str
) -> None:
    everywhere = SearchRequest(
        SUFFIX,
        Scope.WHOLE_SUBTREE,
        DerefAliases.NEVER,
        0,
        0,
        False,
        parse_filter("(objectClass=*)"),
        ("*", "+"),
    )
    found = []
    for town in two:
        client = TownClient(served(town), town)
        assert client.ask(bind_request(PEOPLE[caller], PASSWORD.encode())).result.code == 0
        found.append(entries(client, everywhere))
    one, other = found

    assert one.keys() == other.keys()
    differing = {
        name
        for dn in one
        for name in one[dn].keys() | other[dn].keys()
        if one[dn].get(name) != other[dn].get(name)
    }
    assert "numSubordinates" in differing
    assert differing <= set(TOLD)


def test_who_may_see_it_is_answered_otherwise(two: tuple[Town, Town]) -> None:
    one, other = asked(two[0], "operator"), asked(two[1], "operator")

    assert sum(one[name] != other[name] for name in one) > 100


def test_every_control_and_operation_is_among_the_questions() -> None:
    sent = {control.oid for _, _, controls in REQUESTS for control in controls}

    assert SUPPORTED_CONTROLS - sent <= {oids.SESSION_TRACKING, oids.TRANSACTION}
