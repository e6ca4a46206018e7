"""A prepared search answers what an ordinary one would, whatever happened since."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from govdir.directory.caller import Role
from govdir.directory.errors import InsufficientAccessRights, NoSuchObject
from govdir.directory.matches import Matches
from govdir.directory.prepared import MAX_FORM_OCTETS
from govdir.ldap.codec.filters import And, Equality, Filter, Or
from govdir.ldap.codec.messages import Scope, SearchRequest
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, entries, names, open_town, request

ORGS = f"ou=orgs,{SUFFIX}"
DOMAIN = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("prepared") / "town.db", furnished) as town:
        town.person("an", "Lê An")
        town.person("binh", "Trần Bình", SOTTTT)
        town.person("twin", "Lê An", SOTTTT)
        town.replace(f"uid=an,{SONV}", "mailLocalAddress", "anle@cantho.gov.vn")
        town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
        town.add(DOMAIN, {"objectClass": "gdMailDomain", "gdDomainAlias": "haugiang.gov.vn"})
        yield town


TEXTS = (
    "an",
    "AN ",
    "binh",
    "nobody",
    "Lê An",
    "sonv",
    "anle@CANTHO.gov.vn",
    "tbinh@cantho.gov.vn",
    "tbinh@HAUGIANG.gov.vn",
    "anle@haugiang.gov.vn",
    "@haugiang.gov.vn",
    "haugiang.gov.vn",
    "ân@x.vn",
    "",
)
VALUES = st.one_of(st.sampled_from(TEXTS).map(str.encode), st.just(b"\xff"))
INDEXED = st.sampled_from(
    ["uid", "mail", "mailAlternateAddress", "gdPreviousAddress", "cn", "ou", "entryUUID"]
)


@st.composite
def look_ups(draw: st.DrawFn) -> tuple[Filter, ...]:
    """One filter with a few values put in."""
    attributes = draw(st.lists(INDEXED, min_size=1, max_size=3))
    guard = draw(
        st.sampled_from([None, Equality("objectClass", b"gdMailbox"), Equality("accountStatus", b"active")])
    )
    filters = []
    for value in draw(st.lists(VALUES, min_size=2, max_size=3)):
        parts = tuple(Equality(attribute, value) for attribute in attributes)
        inner: Filter = parts[0] if len(parts) == 1 else Or(parts)
        filters.append(inner if guard is None else And((guard, inner)))
    return tuple(filters)


@given(look_ups(), st.sampled_from([Scope.SINGLE_LEVEL, Scope.WHOLE_SUBTREE]), st.sampled_from([ORGS, SONV]))
def test_every_value_gets_the_answer_of_an_ordinary_search(
    shared: Town, filters: tuple[Filter, ...], scope: Scope, base: str
) -> None:
    for role in (Role.LOCAL, Role.SERVICE, Role.ADMINISTRATOR):
        prepared = shared.caller(role, kind="mail")
        for wire in filters:
            wanted = _asked(wire, base, scope)
            ordinary = shared.caller(role, kind="mail")  # a handle that has prepared nothing
            assert _sorted(prepared.search(wanted)) == _sorted(ordinary.search(wanted))


def _asked(wire: Filter, base: str, scope: Scope) -> SearchRequest:
    like = request("(uid=x)", base, scope, ("mail", "uid"))
    return SearchRequest(base, scope, like.deref_aliases, 0, 0, False, wire, like.attributes)


def _sorted(matches: Matches) -> list[bytes]:
    """Without the points to breathe at."""
    return sorted(content for content in matches if isinstance(content, bytes))


def test_renames_deletions_and_changes_are_seen_at_once(town: Town) -> None:
    mail = town.caller(Role.SERVICE, kind="mail")
    town.person("an", "Lê An")

    def found(value: str) -> list[str]:
        return [entry.object_name for entry in entries(mail.search(request(f"(uid={value})", ORGS)))]

    assert found("an") == found("an") == [f"uid=an,{SONV}"]
    town.rename(f"uid=an,{SONV}", "uid=anl", SOTTTT)
    assert found("an") == []
    assert found("anl") == [f"uid=anl,{SOTTTT}"]
    town.delete(f"uid=anl,{SOTTTT}")
    assert found("anl") == []


def test_a_base_renamed_or_gone_is_missing_from_then_on(town: Town) -> None:
    town.add(f"ou=phong,{SONV}", {"objectClass": "organizationalUnit"})
    wanted = request("(uid=an)", f"ou=phong,{SONV}")
    assert list(town.local.search(wanted)) == list(town.local.search(wanted)) == []
    town.rename(f"ou=phong,{SONV}", "ou=ban")
    with pytest.raises(NoSuchObject):
        town.local.search(wanted)
    town.rename(f"ou=ban,{SONV}", "ou=phong")
    assert list(town.local.search(wanted)) == []
    town.delete(f"ou=phong,{SONV}")
    with pytest.raises(NoSuchObject):
        town.local.search(wanted)


def test_a_changed_attribute_no_longer_passes_the_conditions_that_stay(town: Town) -> None:
    town.person("an", "Lê An")
    mail = town.caller(Role.SERVICE, kind="mail")
    text = "(&(accountStatus=active)(uid=an))"
    assert names(mail, text, base=ORGS) == names(mail, text, base=ORGS) == ["an"]
    town.replace(f"uid=an,{SONV}", "gdState", "suspended")
    assert names(mail, text, base=ORGS) == []


def test_an_identity_that_is_gone_gets_no_prepared_answer_either(town: Town) -> None:
    town.person("an", "Lê An")
    dn = f"cn=postfix,ou=services,{SUFFIX}"
    town.add(dn, {"objectClass": "gdService", "gdServiceKind": "mail"})
    mail = town.caller(Role.SERVICE, dn, "mail")
    assert names(mail, "(uid=an)", base=ORGS) == names(mail, "(uid=an)", base=ORGS) == ["an"]
    town.delete(dn)
    with pytest.raises(InsufficientAccessRights):
        mail.search(request("(uid=an)", ORGS))


def test_a_changed_base_is_looked_at_anew(town: Town) -> None:
    dn = town.person("*", "Trần Thị Mận")
    wanted = request(f"(mail={town.values(dn, 'mail')[0]})", base=SONV)
    assert len(entries(town.local.search(wanted))) == 1
    assert town.local.prepared(wanted) is not None

    town.replace(SONV, "description", "đổi")

    assert town.local.prepared(wanted) is None
    assert len(entries(town.local.search(wanted))) == 1


def test_a_search_that_is_too_long_to_be_kept_is_not_prepared(shared: Town) -> None:
    long = Equality("description", b"x" * MAX_FORM_OCTETS)
    for rest, kept in ((Equality("description", b"x"), True), (long, False)):
        search = replace(request("(&)"), filter=And((rest, Equality("uid", b"an"))))
        list(shared.local.search(search))
        assert (shared.local.prepared(search) is not None) is kept
