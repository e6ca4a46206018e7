"""Searches whose result comes in an order: whole, by pages, by windows."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory import sorted_lists as lists_module
from govdir.directory import sorted_search as search_module
from govdir.directory.access import Grant
from govdir.directory.caller import Role
from govdir.directory.errors import (
    SizeLimitExceeded,
    UnavailableCriticalExtension,
    UnwillingToPerform,
    VirtualListViewError,
)
from govdir.directory.handle import Handle
from govdir.directory.image import Image, Record
from govdir.directory.matches import Found, Matches
from govdir.directory.options import PageRequest, SearchOptions
from govdir.directory.sorting import Order
from govdir.ldap.codec.controls.list_view import ListView, ListViewResult
from govdir.ldap.codec.controls.sorting import SortKey, SortResult
from govdir.ldap.codec.messages import Scope, SearchRequest
from govdir.ldap.codec.result_codes import ResultCode
from tests.directory.building import SONV, SUFFIX, Town, entries, open_town, request

BY_NAME = (SortKey("cn"),)
SORTED = SortResult(ResultCode.SUCCESS)
DEVICES = request("(objectClass=device)", SONV, Scope.SINGLE_LEVEL, ("cn",))
NAMES = ["an", "\u0111\u00e0o", "d\u01b0\u01a1ng", "\u00eam", "em", "zung", "b\u00ecnh", "ch\u00e2u"]
IN_ORDER = ["an", "b\u00ecnh", "ch\u00e2u", "d\u01b0\u01a1ng", "\u0111\u00e0o", "em", "\u00eam", "zung"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    """A town that no test of this module changes."""
    with open_town(tmp_path_factory.mktemp("sorted") / "town.db", furnished, publication=True) as town:
        _fill(town)
        yield town


@pytest.fixture
def own(town: Town) -> Town:
    """One for tests that change it."""
    _fill(town)
    return town


def _fill(town: Town) -> None:
    for name in NAMES:
        town.add(f"cn={name},{SONV}", {"objectClass": "device"})


def told(matches: Matches) -> list[str]:
    return [entry.object_name.split(",")[0].removeprefix("cn=") for entry in entries(matches)]


def found(handle: Handle, search: SearchRequest = DEVICES, **options: object) -> tuple[list[str], Matches]:
    matches = handle.search(search, SearchOptions(**options))  # type: ignore[arg-type] # whatever the test asks
    return told(matches), matches


def sorted_pages(handle: Handle, size: int, sort: tuple[SortKey, ...] = BY_NAME) -> Iterator[list[str]]:
    cookie = b""
    while True:
        names, matches = found(handle, sort=sort, page=PageRequest(size, cookie))
        assert matches.sorted == SORTED
        yield names
        cookie = matches.cookie
        if not cookie:
            return


# -- the whole result ----------------------------------------------------------------------------------------


def test_the_result_comes_in_order_and_says_so(shared: Town) -> None:
    names, matches = found(shared.local, sort=BY_NAME)
    assert (names, matches.sorted) == (IN_ORDER, SORTED)
    assert found(shared.local, sort=(SortKey("cn", reverse=True),))[0] == IN_ORDER[::-1]


@pytest.mark.parametrize(("text", "scope"), [("(cn=*a*)", Scope.WHOLE_SUBTREE), ("(&)", Scope.SINGLE_LEVEL)])
def test_every_way_in_is_sorted(shared: Town, text: str, scope: Scope) -> None:
    names, _ = found(shared.local, request(text, SONV, scope), sort=BY_NAME)
    assert len(names) > 2
    assert names == [name for name in IN_ORDER if name in names]


def test_a_base_search_is_in_order_by_itself(shared: Town) -> None:
    names, matches = found(shared.local, request("(cn=*)", f"cn=an,{SONV}", Scope.BASE_OBJECT), sort=BY_NAME)
    assert (names, matches.sorted) == (["an"], SORTED)


def test_a_size_limit_lets_the_first_in_order_through(shared: Town) -> None:
    search = request("(objectClass=device)", SONV, Scope.SINGLE_LEVEL, size_limit=3)
    matches = shared.local.search(search, SearchOptions(sort=BY_NAME))
    sent = Matches(content for content in _until_limit(matches) if content is not None)
    assert told(sent) == IN_ORDER[:3]
    assert matches.sorted == SORTED


def _until_limit(matches: Matches) -> Iterator[Found]:
    """What is sent before there is too much."""
    running = iter(matches)
    try:
        yield from running
    except SizeLimitExceeded:
        return
    pytest.fail("there was no limit")


def test_an_order_is_asked_for_instead_of_the_best_first(shared: Town) -> None:
    search = request("(cn=*n*)", SONV, Scope.SINGLE_LEVEL, size_limit=100)
    assert found(shared.local, search, sort=BY_NAME)[0] == ["an", "b\u00ecnh", "d\u01b0\u01a1ng", "zung"]


def test_what_cannot_be_sorted_comes_unsorted_with_the_reason(shared: Town) -> None:
    names, matches = found(shared.local, sort=(SortKey("nosuch"),))
    assert sorted(names) == sorted(NAMES)
    assert matches.sorted == SortResult(ResultCode.NO_SUCH_ATTRIBUTE, "nosuch")


def test_or_not_at_all_where_the_order_is_critical(shared: Town) -> None:
    options = SearchOptions(sort=(SortKey("cn", "nosuchMatch"),), sort_critical=True)
    matches = shared.local.search(DEVICES, options)
    with pytest.raises(UnavailableCriticalExtension, match="cn cannot be sorted by nosuchMatch"):
        list(matches)
    assert matches.sorted == SortResult(ResultCode.INAPPROPRIATE_MATCHING, "cn")


def test_too_many_are_not_sorted(shared: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MAX_SORTED", len(NAMES) - 1)
    names, matches = found(shared.local, sort=BY_NAME)
    assert (len(names), matches.sorted) == (len(NAMES), SortResult(ResultCode.ADMIN_LIMIT_EXCEEDED))
    with pytest.raises(UnavailableCriticalExtension, match="too many to sort"):
        list(shared.local.search(DEVICES, SearchOptions(sort=BY_NAME, sort_critical=True)))
    monkeypatch.setattr(search_module, "MAX_SORTED", len(NAMES))
    assert found(shared.local, sort=BY_NAME)[1].sorted == SORTED


def test_pages_of_too_many_come_unsorted_to_the_end(shared: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MAX_SORTED", len(NAMES) - 1)
    cookie, names = b"", []
    for _ in range(3):
        page, matches = found(shared.local, sort=BY_NAME, page=PageRequest(3, cookie))
        assert matches.sorted == SortResult(ResultCode.ADMIN_LIMIT_EXCEEDED)
        names += page
        cookie = matches.cookie
    assert (sorted(names), cookie) == (sorted(NAMES), b"")


def test_where_much_is_being_sorted_one_comes_again(shared: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists_module, "MAX_BEING_SORTED", len(NAMES) - 1)
    assert found(shared.local, sort=BY_NAME)[1].sorted == SortResult(ResultCode.BUSY)
    assert shared.directory.sorted_lists.being_sorted == 0


def test_a_search_that_is_given_up_gives_its_room_back(shared: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_BREATHE_EVERY", 1)
    running = iter(shared.local.search(DEVICES, SearchOptions(sort=BY_NAME)))
    for _ in range(4):
        next(running)
    assert shared.directory.sorted_lists.being_sorted > 0
    del running
    assert shared.directory.sorted_lists.being_sorted == 0


@pytest.mark.parametrize(
    "options",
    [
        SearchOptions(sort=BY_NAME),
        SearchOptions(sort=BY_NAME, page=PageRequest(7, b"")),
        SearchOptions(sort=BY_NAME, view=ListView(0, 6, 1)),
    ],
)
def test_who_reads_slowly_holds_no_keys(
    own: Town, monkeypatch: pytest.MonkeyPatch, options: SearchOptions
) -> None:
    orders: list[weakref.ref[Order]] = []

    class Watched(Order):
        __slots__ = ("__weakref__",)

        def __init__(self, keys: tuple[SortKey, ...], image: Image) -> None:
            super().__init__(keys, image)
            orders.append(weakref.ref(self))

    monkeypatch.setattr(search_module, "Order", Watched)
    reading = iter(own.admin().search(DEVICES, options))
    assert next(found for found in reading if found is not None)
    assert [order() for order in orders] == [None]  # and with it the list whose keys it works out
    assert len([found for found in reading if found is not None]) == (
        6 if options != SearchOptions(sort=BY_NAME) else 7
    )


def test_it_breathes_while_it_collects(shared: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_BREATHE_EVERY", 2)
    contents = list(shared.local.search(DEVICES, SearchOptions(sort=BY_NAME)))
    assert contents.count(None) >= len(NAMES) // 2


def test_who_may_not_read_an_attribute_gets_no_order_by_it(shared: Town) -> None:
    mail = shared.caller(Role.SERVICE, kind="mail")
    by_creation = (SortKey("createTimestamp", reverse=True), SortKey("cn"))
    assert found(mail, sort=by_creation)[0] == IN_ORDER


# -- pages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 3, 4, 8, 9])
def test_pages_are_parts_of_one_order(shared: Town, size: int) -> None:
    pages = list(sorted_pages(shared.local, size))
    assert [name for page in pages for name in page] == IN_ORDER
    assert {len(page) for page in pages[:-1]} <= {size}


def test_reversed_pages_too(shared: Town) -> None:
    pages = sorted_pages(shared.local, 3, (SortKey("cn", reverse=True),))
    assert [name for page in pages for name in page] == IN_ORDER[::-1]


def test_a_change_between_pages_hides_nothing_and_repeats_nothing(own: Town) -> None:
    pages = sorted_pages(own.local, 3)
    assert next(pages) == IN_ORDER[:3]
    own.delete(f"cn={IN_ORDER[2]},{SONV}")
    own.delete(f"cn={IN_ORDER[5]},{SONV}")
    own.add(f"cn=aa,{SONV}", {"objectClass": "device"})
    own.add(f"cn=dung,{SONV}", {"objectClass": "device"})
    expected = sorted(
        {*IN_ORDER[3:], "dung"} - {IN_ORDER[5]}, key=[*IN_ORDER[:3], "dung", *IN_ORDER[3:]].index
    )
    assert [name for page in pages for name in page] == expected


def test_a_change_while_a_page_is_sent_moves_no_other_to_another_page(own: Town) -> None:
    found(own.local, sort=BY_NAME, page=PageRequest(3, b""))  # the list is kept from here on
    matches = own.local.search(DEVICES, SearchOptions(sort=BY_NAME, page=PageRequest(3, b"")))
    running = iter(matches)
    first = told(Matches([next(running)]))
    own.delete(f"cn={IN_ORDER[1]},{SONV}")
    own.rename(f"cn={IN_ORDER[2]},{SONV}", "cn=zz")
    assert first + told(Matches(list(running))) == [IN_ORDER[0], "zz"]
    rest, _ = found(own.local, sort=BY_NAME, page=PageRequest(9, matches.cookie))
    assert rest == [*IN_ORDER[3:], "zz"]


def test_a_cookie_is_good_for_its_order_only(shared: Town) -> None:
    _, matches = found(shared.local, sort=BY_NAME, page=PageRequest(3, b""))
    for sort in ((SortKey("cn", reverse=True),), (), (SortKey("cn", "caseIgnoreOrderingMatch"),)):
        with pytest.raises(UnwillingToPerform):
            found(shared.local, sort=sort, page=PageRequest(3, matches.cookie))


def test_a_size_limit_bounds_all_sorted_pages_together(shared: Town) -> None:
    search = request("(objectClass=device)", SONV, Scope.SINGLE_LEVEL, size_limit=5)
    first, matches = found(shared.local, search, sort=BY_NAME, page=PageRequest(3, b""))
    assert first == IN_ORDER[:3]
    options = SearchOptions(sort=BY_NAME, page=PageRequest(3, matches.cookie))
    assert told(Matches(_until_limit(shared.local.search(search, options)))) == IN_ORDER[3:5]
    exactly = request("(objectClass=device)", SONV, Scope.SINGLE_LEVEL, size_limit=len(NAMES))
    names, matches = found(shared.local, exactly, sort=BY_NAME, page=PageRequest(len(NAMES), b""))
    assert (names, matches.cookie) == (IN_ORDER, b"")


def test_who_pages_does_not_sort_again_until_something_changes(own: Town) -> None:
    asked: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        key = Order.key

        def counted(order: Order, record: Record, grant: Grant) -> bytes:
            asked.append(record.id)
            return key(order, record, grant)

        patch.setattr(Order, "key", counted)
        pages = sorted_pages(own.local, 2)
        next(pages)
        assert len(asked) >= len(NAMES)
        asked.clear()
        next(pages)
        assert len(asked) < len(NAMES)  # only those that finding the place looks at
        own.add(f"cn=new,{SONV}", {"objectClass": "device"})
        next(pages)
        assert len(asked) > len(NAMES)


def test_a_kept_list_is_one_callers(own: Town) -> None:
    an = own.person("ntan", "Ng\u00f4 T\u00e2n")
    for number, name in enumerate(reversed(IN_ORDER)):
        own.replace(f"cn={name},{SONV}", "serialNumber", str(number))
    options = SearchOptions(sort=(SortKey("serialNumber"), *BY_NAME), page=PageRequest(99, b""))
    person = own.caller(Role.PERSON, an)
    assert told(own.local.search(DEVICES, options)) == IN_ORDER[::-1]
    assert told(person.search(DEVICES, options)) == IN_ORDER  # the serial number is not for everybody
    assert told(own.local.search(DEVICES, options)) == IN_ORDER[::-1]


# -- virtual list views --------------------------------------------------------------------------------------


def viewed(handle: Handle, view: ListView) -> tuple[list[str], ListViewResult]:
    names, matches = found(handle, sort=BY_NAME, view=view)
    assert matches.view is not None
    return names, matches.view


def test_a_window_shows_the_target_and_its_neighbours(shared: Town) -> None:
    names, result = viewed(shared.local, ListView(1, 2, 3, 0))
    assert names == IN_ORDER[1:5]
    assert (result.position, result.count, result.code) == (3, 8, ResultCode.SUCCESS)
    assert viewed(shared.local, ListView(2, 2, 8, 8))[0] == IN_ORDER[5:]


@pytest.mark.parametrize(
    ("value", "position"),
    [("an", 1), ("AN", 1), ("b", 2), ("\u0111", 5), ("d", 4), ("\u00ea", 7), ("zz", 9), ("", 1)],
)
def test_typing_finds_the_first_that_is_not_before_it(shared: Town, value: str, position: int) -> None:
    names, result = viewed(shared.local, ListView(1, 0, value=value.encode()))
    assert (result.position, result.count) == (position, 8)
    assert names == IN_ORDER[max(0, position - 2) : position]


def test_typing_in_a_reversed_list_finds_the_first_that_is_not_behind_it(shared: Town) -> None:
    options = SearchOptions(sort=(SortKey("cn", reverse=True),), view=ListView(0, 1, value=b"c"))
    matches = shared.local.search(DEVICES, options)
    assert told(matches) == ["b\u00ecnh", "an"]
    assert matches.view is not None
    assert matches.view.position == 7


def test_the_context_may_be_given_back_and_another_is_refused(shared: Town) -> None:
    _, result = viewed(shared.local, ListView(0, 1, 1, 0))
    assert viewed(shared.local, ListView(0, 1, 3, 8, context=result.context))[0] == IN_ORDER[2:4]
    other = request("(objectClass=device)", SONV, Scope.WHOLE_SUBTREE, ("cn",))
    refusals = [
        (DEVICES, SearchOptions(sort=BY_NAME, view=ListView(0, 1, context=b"x"))),
        (other, SearchOptions(sort=BY_NAME, view=ListView(0, 1, context=result.context))),
        (DEVICES, SearchOptions(sort=(SortKey("description"),), view=ListView(0, 1, context=result.context))),
    ]
    for search, options in refusals:
        refused(shared.local, options, ResultCode.PROTOCOL_ERROR, "contextID", search)


def test_the_context_of_a_view_is_no_cookie_of_a_page(shared: Town) -> None:
    _, result = viewed(shared.local, ListView(0, 1, 1, 0))
    with pytest.raises(UnwillingToPerform):
        list(shared.local.search(DEVICES, SearchOptions(sort=BY_NAME, page=PageRequest(2, result.context))))


def refused(
    handle: Handle, options: SearchOptions, code: ResultCode, why: str, search: SearchRequest = DEVICES
) -> None:
    matches = handle.search(search, options)
    with pytest.raises(VirtualListViewError, match=why) as refusal:
        list(matches)
    assert refusal.value.code == 76
    assert matches.view == ListViewResult(0, 0, code)


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (SearchOptions(view=ListView(0, 1)), ResultCode.SORT_CONTROL_MISSING, "sort control"),
        (
            SearchOptions(sort=BY_NAME, view=ListView(0, 1), page=PageRequest(1, b"")),
            ResultCode.UNWILLING_TO_PERFORM,
            "exclude each other",
        ),
        (SearchOptions(sort=BY_NAME, view=ListView(0, 1, 0, 0)), ResultCode.OFFSET_RANGE_ERROR, "8 entries"),
        (SearchOptions(sort=BY_NAME, view=ListView(0, 1, 9, 0)), ResultCode.OFFSET_RANGE_ERROR, "8 entries"),
        (
            SearchOptions(sort=(SortKey("mailQuota"),), view=ListView(0, 1, value=b"x")),
            ResultCode.INAPPROPRIATE_MATCHING,
            "cannot be compared",
        ),
        (
            SearchOptions(sort=(SortKey("member"),), view=ListView(0, 1)),
            ResultCode.INAPPROPRIATE_MATCHING,
            "member cannot be sorted",
        ),
        (
            SearchOptions(sort=(SortKey("nosuch"),), view=ListView(0, 1)),
            ResultCode.UNWILLING_TO_PERFORM,
            "nosuch",
        ),
    ],
)
def test_a_view_that_cannot_be_had_says_why(
    shared: Town, options: SearchOptions, code: ResultCode, why: str
) -> None:
    refused(shared.local, options, code, why)


def test_who_has_not_signed_in_views_no_lists(shared: Town) -> None:
    anonymous = shared.caller(Role.ANONYMOUS)
    search = request("(objectClass=*)", SUFFIX, Scope.BASE_OBJECT)
    options = SearchOptions(sort=BY_NAME, view=ListView(0, 1))
    refused(anonymous, options, ResultCode.INSUFFICIENT_ACCESS_RIGHTS, "signed in", search)
    assert found(anonymous, search, sort=BY_NAME)[1].sorted == SORTED


def test_a_size_limit_bounds_the_window_not_the_list(shared: Town) -> None:
    search = request("(objectClass=device)", SONV, Scope.SINGLE_LEVEL, size_limit=3)
    names, matches = found(shared.local, search, sort=BY_NAME, view=ListView(1, 1, 6, 0))
    assert names == IN_ORDER[4:7]
    matches = shared.local.search(search, SearchOptions(sort=BY_NAME, view=ListView(1, 2, 6, 0)))
    assert told(Matches(_until_limit(matches))) == IN_ORDER[4:7]
    assert matches.view is not None
    assert matches.view.count == 8


def test_an_empty_list_is_viewed_as_empty(shared: Town) -> None:
    search = request("(cn=nosuch)", SONV)
    names, matches = found(shared.local, search, sort=BY_NAME, view=ListView(0, 9, 1, 0))
    assert (names, matches.view and (matches.view.position, matches.view.count)) == ([], (0, 0))
