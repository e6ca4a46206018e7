"""Searches through a handle: scopes, limits, what a missing base tells, changes under way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory import paging as paging_module
from govdir.directory import search as search_module
from govdir.directory.caller import Role
from govdir.directory.errors import (
    AssertionFailed,
    InvalidDn,
    NoSuchObject,
    SizeLimitExceeded,
    UnwillingToPerform,
)
from govdir.directory.handle import Handle
from govdir.directory.options import PLAIN_SEARCH, PageRequest, SearchOptions
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import Scope, SearchRequest
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town, entries, names, open_town, request

DEVICE = {"objectClass": "device"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    """A town that no test of this module changes."""
    with open_town(tmp_path_factory.mktemp("search") / "town.db", furnished) as town:
        for number in range(5):
            town.add(f"cn=d{number},{SONV}", DEVICE)
        yield town


@pytest.mark.parametrize(
    ("base", "scope", "expected"),
    [
        (SONV, Scope.BASE_OBJECT, ["sonv"]),
        (SONV, Scope.SINGLE_LEVEL, ["d0", "d1", "d2", "d3", "d4"]),
        (SONV, Scope.WHOLE_SUBTREE, ["d0", "d1", "d2", "d3", "d4", "sonv"]),
        (f"ou=orgs,{SUFFIX}", Scope.SINGLE_LEVEL, ["sonv", "sotttt"]),
        (f"OU=Orgs, {SUFFIX.upper()}", Scope.SINGLE_LEVEL, ["sonv", "sotttt"]),
        (f"cn=d1,{SONV}", Scope.SINGLE_LEVEL, []),
        (f"cn=d1,{SONV}", Scope.WHOLE_SUBTREE, ["d1"]),
        (SUFFIX, Scope.SINGLE_LEVEL, ["admin", "admins", "lists", "orgs", "policies", "services"]),
    ],
)
def test_a_scope_finds(shared: Town, base: str, scope: Scope, expected: list[str]) -> None:
    assert names(shared.local, "(objectClass=*)", base=base, scope=scope) == expected
    assert names(shared.local, "(&)", base=base, scope=scope) == expected


@pytest.mark.parametrize(
    ("base", "scope", "expected"),
    [
        (SOTTTT, Scope.WHOLE_SUBTREE, []),
        (SONV, Scope.WHOLE_SUBTREE, ["d1"]),
        (SONV, Scope.SINGLE_LEVEL, ["d1"]),
        (SUFFIX, Scope.SINGLE_LEVEL, []),
        (f"cn=d1,{SONV}", Scope.BASE_OBJECT, ["d1"]),
        (f"cn=d2,{SONV}", Scope.BASE_OBJECT, []),
    ],
)
def test_what_an_index_finds_is_held_to_the_scope(
    shared: Town, base: str, scope: Scope, expected: list[str]
) -> None:
    for _ in range(2):
        assert names(shared.local, "(cn=d1)", base=base, scope=scope) == expected
        assert names(shared.local, "(cn=*1)", base=base, scope=scope) == expected


@pytest.mark.parametrize(
    ("base", "matched"),
    [
        (f"uid=x,ou=nosuch,{SONV}", SONV),
        (f"ou=nosuch,{SUFFIX}", SUFFIX),
        ("dc=elsewhere", ""),
        ("", ""),
        ("dc=gov,dc=vn", ""),
    ],
)
def test_a_missing_base_is_32_with_the_deepest_entry_there_is(shared: Town, base: str, matched: str) -> None:
    with pytest.raises(NoSuchObject) as refusal:
        shared.local.search(request("(objectClass=*)", base))
    assert (refusal.value.code, refusal.value.matched_dn) == (32, matched)


def test_matched_dn_names_only_what_the_caller_may_see(shared: Town) -> None:
    mail = shared.caller(Role.SERVICE, kind="mail")
    with pytest.raises(NoSuchObject) as refusal:
        mail.search(request("(objectClass=*)", f"cn=x,cn=d1,{SONV}"))
    assert refusal.value.matched_dn == f"cn=d1,{SONV}"
    with pytest.raises(NoSuchObject) as refusal:
        mail.search(request("(objectClass=*)", f"cn=x,{ADMIN}"))
    assert refusal.value.matched_dn == f"{SUFFIX}"


def test_a_base_that_is_no_name_is_34(shared: Town) -> None:
    with pytest.raises(InvalidDn):
        shared.local.search(request("(objectClass=*)", "sonv"))


@pytest.mark.parametrize("text", ["(objectClass=device)", "(cn=d*)", "(!(ou=*))"])
def test_exactly_as_many_as_the_limit_is_success_and_one_more_is_4(shared: Town, text: str) -> None:
    assert len(entries(shared.local.search(request(text, SONV, size_limit=5)))) == 5
    matches = iter(shared.local.search(request(text, SONV, size_limit=4)))
    sent = [next(matches) for _ in range(4)]
    assert None not in sent
    with pytest.raises(SizeLimitExceeded):
        list(matches)


def test_the_limit_granted_binds_who_asks_for_more_or_for_none(tmp_path: Path, furnished: Path) -> None:
    with open_town(tmp_path / "town.db", furnished, publication=True) as town:
        for number in range(51):
            town.add(f"ou=u{number},{SONV}", {"objectClass": "organizationalUnit"})
        anonymous = town.caller(Role.ANONYMOUS)
        for asked in (0, 1000):
            with pytest.raises(SizeLimitExceeded):
                entries(anonymous.search(request("(ou=u*)", size_limit=asked)))
        with pytest.raises(SizeLimitExceeded):
            entries(anonymous.search(request("(ou=u*)", size_limit=3)))


def test_a_long_scan_that_finds_nothing_stops_to_breathe(
    shared: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (search_module, paging_module):
        monkeypatch.setattr(module, "YIELD_EVERY", 3)
    assert None in list(shared.local.search(request("(!(objectClass=*))")))
    assert None in list(shared.local.search(request("(objectClass=device)", SOTTTT)))
    assert None in list(
        shared.local.search(request("(!(objectClass=*))"), SearchOptions(PageRequest(10, b"")))
    )


@pytest.mark.parametrize("page", [PLAIN_SEARCH, SearchOptions(PageRequest(10, b""))])
def test_the_more_an_entry_is_tried_by_the_sooner_a_scan_breathes(shared: Town, page: SearchOptions) -> None:
    parts = "".join(f"(!(|(description=*{number}*)(cn=x)))" for number in range(400))
    assert None not in list(shared.local.search(request("(!(objectClass=*))"), page))
    assert list(shared.local.search(request(f"(&{parts}(description=x))"), page)).count(None) > 3


@pytest.mark.parametrize(
    "text", ["(objectClass=*)", "(objectClass=device)", "(cn=*)", "(cn=d*)", "(!(ou=x))"]
)
def test_changes_do_not_break_a_search_under_way(town: Town, text: str) -> None:
    for number in range(6):
        town.add(f"cn=d{number},{SONV}", DEVICE)
    matches = iter(town.local.search(request(text, SONV)))
    first = next(matches)
    town.delete(f"cn=d4,{SONV}")
    town.replace(f"cn=d5,{SONV}", "description", "a new shape")
    town.add(f"cn=d6,{SONV}", {**DEVICE, "serialNumber": "another shape"})
    town.rename(f"cn=d3,{SONV}", "cn=d3", SOTTTT)
    found = [first, *matches]
    assert len(found) == len(set(found))
    seen = b"".join(content for content in found if content is not None)
    assert b"cn=d4," not in b"".join(content for content in found[1:] if content is not None)
    assert all(f"cn=d{number},{SONV}".encode() in seen for number in (0, 1, 2, 5))


# -- pages


def paged(handle: Handle, wanted: SearchRequest, size: int) -> Iterator[list[str]]:
    """Page after page, as the names on it."""
    cookie = b""
    while True:
        matches = handle.search(wanted, SearchOptions(PageRequest(size, cookie)))
        yield [entry.object_name for entry in entries(matches)]
        cookie = matches.cookie
        if not cookie:
            return


@pytest.mark.parametrize("text", ["(objectClass=device)", "(cn=d*)", "(!(ou=x))", "(cn=d1)"])
@pytest.mark.parametrize("size", [1, 2, 5, 50])
def test_pages_together_are_the_whole_result_each_entry_once(shared: Town, text: str, size: int) -> None:
    pages = list(paged(shared.local, request(text, SONV), size))
    together = [name for page in pages for name in page]
    whole = [entry.object_name for entry in entries(shared.local.search(request(text, SONV)))]
    assert sorted(together) == sorted(whole)
    assert all(len(page) == size for page in pages[:-1])
    assert pages[-1]


@pytest.mark.parametrize("scope", list(Scope))
def test_pages_keep_to_the_scope(shared: Town, scope: Scope) -> None:
    wanted = request("(objectClass=*)", SONV, scope)
    together = [name for page in paged(shared.local, wanted, 2) for name in page]
    assert sorted(together) == sorted(one.object_name for one in entries(shared.local.search(wanted)))


@pytest.mark.parametrize("text", ["(objectClass=device)", "(!(ou=x))"])
def test_adds_and_deletes_between_pages_skip_nothing_that_stays(town: Town, text: str) -> None:
    for number in range(8):
        town.add(f"cn=d{number},{SONV}", DEVICE)
    pages = paged(town.local, request(text, SONV), 2)
    seen = next(pages)
    town.delete(seen[1])
    town.delete(f"cn=d6,{SONV}")
    town.add(f"cn=d8,{SONV}", DEVICE)
    town.rename(f"cn=d5,{SONV}", "cn=renamed")
    seen += [name for page in pages for name in page]
    assert len(seen) == len(set(seen))
    assert {f"cn=d{number},{SONV}" for number in (2, 3, 4, 7, 8)} | {f"cn=renamed,{SONV}"} <= set(seen)
    assert f"cn=d6,{SONV}" not in seen


def test_several_paged_searches_go_on_at_once(shared: Town) -> None:
    one = paged(shared.local, request("(objectClass=device)", SONV), 2)
    other = paged(shared.local, request("(objectClass=organizationalUnit)"), 1)
    devices, units = [], []
    for page, unit in zip(one, other, strict=False):
        devices += page
        units += unit
    assert len(devices) == 5
    assert len(units) == 3


def test_a_cookie_altered_or_of_another_search_or_caller_is_53(shared: Town) -> None:
    wanted = request("(objectClass=device)", SONV)
    matches = shared.local.search(wanted, SearchOptions(PageRequest(1, b"")))
    list(matches)
    cookie = matches.cookie
    altered = bytes((cookie[0] ^ 1,)) + cookie[1:]
    beyond = cookie[:-1] + bytes((cookie[-1] ^ 1,))
    attempts = [
        (shared.local, wanted, altered),
        (shared.local, wanted, beyond),
        (shared.local, wanted, b"x"),
        (shared.local, request("(objectClass=person)", SONV), cookie),
        (shared.local, request("(objectClass=device)", SUFFIX), cookie),
        (shared.local, request("(objectClass=device)", SONV, Scope.SINGLE_LEVEL), cookie),
        (shared.admin(), wanted, cookie),
    ]
    for handle, search, tried in attempts:
        with pytest.raises(UnwillingToPerform) as refusal:
            handle.search(search, SearchOptions(PageRequest(1, tried)))
        assert refusal.value.code == 53
    assert len(entries(shared.local.search(wanted, SearchOptions(PageRequest(10, cookie))))) == 4


def test_a_size_limit_bounds_all_pages_together(shared: Town) -> None:
    pages = paged(shared.local, request("(objectClass=device)", SONV, size_limit=3), 2)
    assert len(next(pages)) == 2
    with pytest.raises(SizeLimitExceeded):
        next(pages)
    whole = paged(shared.local, request("(objectClass=device)", SONV, size_limit=5), 2)
    assert [len(page) for page in whole] == [2, 2, 1]


def test_a_page_of_no_entries_gives_the_paging_up_and_takes_no_foreign_cookie(shared: Town) -> None:
    search = request("(objectClass=device)", SONV)
    cookie = shared.local.search(search, SearchOptions(PageRequest(2, b"")))
    assert len(entries(cookie)) == 2
    given_up = shared.local.search(search, SearchOptions(PageRequest(0, cookie.cookie)))
    assert (entries(given_up), given_up.cookie) == ([], b"")
    with pytest.raises(UnwillingToPerform):
        shared.local.search(search, SearchOptions(PageRequest(0, b"x")))
    with pytest.raises(NoSuchObject):
        shared.local.search(request("(cn=*)", f"cn=x,{SONV}"), SearchOptions(PageRequest(0, b"")))


def test_a_page_as_long_as_the_size_limit_tells_of_the_limit(shared: Town) -> None:
    search = request("(objectClass=device)", SONV, size_limit=3)
    with pytest.raises(SizeLimitExceeded):
        entries(shared.local.search(search, SearchOptions(PageRequest(3, b""))))


def test_a_base_search_may_be_paged(shared: Town) -> None:
    matches = shared.local.search(
        request("(objectClass=*)", SONV, Scope.BASE_OBJECT), SearchOptions(PageRequest(1, b""))
    )
    assert (len(entries(matches)), matches.cookie) == (1, b"")


@pytest.mark.parametrize(
    ("asserted", "holds"),
    [("(ou=sonv)", True), ("(ou=other)", False), ("(!(nosuch=x))", False), ("(userPassword=*)", False)],
)
def test_a_search_is_made_where_its_base_is_as_asserted(shared: Town, asserted: str, holds: bool) -> None:
    options = SearchOptions(assertion=parse_filter(asserted))
    search = request("(objectClass=device)", SONV)
    if holds:
        assert len(entries(shared.local.search(search, options))) == 5
    else:
        with pytest.raises(AssertionFailed):
            shared.local.search(search, options)
