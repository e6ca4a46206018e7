"""Searches whose result comes in an order: all of it, page by page (RFC 2891 §3), or by windows (virtual list
views).

The matches are collected and sorted in turns; who pages or scrolls finds the sorted list again while nothing
has changed (sorted_lists). Otherwise it is made anew, and a page begins behind the last entry's sort key, so
that entries that come or go between two pages neither hide others nor bring them twice.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from typing import Final

from govdir.directory.access_view import AccessView
from govdir.directory.caller import Role
from govdir.directory.cookies import BEGINNING, Cookies, Position
from govdir.directory.errors import (
    SizeLimitExceeded,
    UnavailableCriticalExtension,
    UnwillingToPerform,
    VirtualListViewError,
)
from govdir.directory.image import Image, Record
from govdir.directory.list_view import OffsetOutOfRange, window
from govdir.directory.matches import Found, Matches, Outcome, Sent
from govdir.directory.options import PageRequest, SearchOptions
from govdir.directory.paging import paged
from govdir.directory.query import Query
from govdir.directory.sorted_lists import MAX_SORTED, SLICE, Ids, Room, SortedLists, sorted_in_turns
from govdir.directory.sorting import Order, Unsortable, id_of
from govdir.ldap.codec.controls.list_view import ListView, ListViewResult
from govdir.ldap.codec.controls.sorting import SortResult
from govdir.ldap.codec.messages import Scope
from govdir.ldap.codec.result_codes import ResultCode
from govdir.schema.errors import InvalidValue

# Entries looked at between two points to breathe at: about 2 ms.
_BREATHE_EVERY: Final = 300

_SORTED: Final = SortResult(ResultCode.SUCCESS)
_TOO_MANY: Final = (
    f"có hơn {MAX_SORTED} mục, quá nhiều để sắp xếp, hãy thu hẹp tìm kiếm"
    f" (more than {MAX_SORTED} entries match, too many to sort: narrow the search)"
)

Candidates = Callable[[], tuple[Iterable[Record | None], bool]]
"""What may match, with points to breathe at."""


class _Refused(Exception):
    """A virtual list view that cannot be had; `code` is for its control."""

    def __init__(self, code: ResultCode, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class _Result:
    """The ids of the entries in order, and their keys where entries may have changed since."""

    __slots__ = ("_key_of", "_keys", "ids")

    def __init__(self, ids: Ids, keys: list[bytes] | None, key_of: Callable[[int], bytes]) -> None:
        self.ids = ids
        self._keys = keys
        self._key_of = key_of

    def key(self, at: int) -> bytes:
        """The key of the entry at a place."""
        return self._key_of(self.ids[at]) if self._keys is None else self._keys[at]

    def before(self, target: bytes) -> int:
        """How many entries' keys are below a target."""
        if self._keys is not None:
            return bisect_left(self._keys, target)
        return bisect_left(self.ids, target, key=self._key_of)

    def behind(self, key: bytes) -> int:
        """How many entries' keys are not above a key."""
        if self._keys is not None:
            return bisect_right(self._keys, key)
        return bisect_right(self.ids, key, key=self._key_of)


class SortedSearch:
    """One such search."""

    def __init__(
        self,
        query: Query,
        options: SearchOptions,
        seen: tuple[Image, AccessView, int],
        cookies: Cookies,
        lists: SortedLists,
    ) -> None:
        """`seen` as for paged: image, view and size limit."""
        self._query = query
        self._options = options
        self._seen = seen
        self._image, self._view, self._limit = seen
        self._cookies = cookies
        self._lists = lists

    def matches(self, candidates: Candidates, unsorted: Callable[[], Matches]) -> Matches:
        """What is found; `unsorted` is the same search without order, for who would rather have that than
        nothing."""
        outcome = Outcome()
        return Matches(self._found(outcome, candidates, unsorted), outcome)

    def _found(
        self, outcome: Outcome, candidates: Candidates, unsorted: Callable[[], Matches]
    ) -> Iterator[Found]:
        try:
            if self._options.view is not None:
                self._check_view(self._options.view)
            start = self._start()
            try:
                yield from self._in_order(start, outcome, candidates)
            except Unsortable as failure:
                yield from self._without_order(failure, start, outcome, unsorted)
        except _Refused as refused:
            outcome.view = ListViewResult(0, 0, refused.code)
            raise VirtualListViewError(refused.why) from None

    def _in_order(self, start: Position, outcome: Outcome, candidates: Candidates) -> Iterator[Found]:
        options = self._options
        if start.sent and not start.key:  # a page of what was too much before
            raise Unsortable(ResultCode.ADMIN_LIMIT_EXCEEDED, _TOO_MANY)
        if options.page is not None:
            part, behind = yield from self._part_for_page(options.page, start, candidates)
            outcome.sorted = _SORTED
            yield from self._page(part, behind, start.sent, outcome)
        else:
            part = yield from self._part(options.view, candidates, outcome)
            yield from self._all(part)

    # Keys and order are let go of before the first entry is sent: whoever reads slowly holds numbers alone.

    def _part_for_page(
        self, page: PageRequest, start: Position, candidates: Candidates
    ) -> Generator[None, None, tuple[Ids, bytes]]:
        """The entries of a page, settled before the first is sent: one that changes meanwhile may be missing,
        and moves none of the others to another page. And the key of the last one, b"" on the last page."""
        result = yield from self._sorted(Order(self._options.sort, self._image), candidates)
        first = result.behind(start.key) if start.key else 0
        end = first + page.size
        return result.ids[first:end], result.key(end - 1) if end < len(result.ids) else b""

    def _part(
        self, view: ListView | None, candidates: Candidates, outcome: Outcome
    ) -> Generator[None, None, Ids]:
        """The entries of a window, or all."""
        order = Order(self._options.sort, self._image)
        result = yield from self._sorted(order, candidates)
        outcome.sorted = _SORTED
        return result.ids if view is None else self._window(view, order, result, outcome)

    # -- the order -----------------------------------------------------------------------------------------

    def _sorted(self, order: Order, candidates: Candidates) -> Generator[None, None, _Result]:
        lists, now = self._lists, self._image.now()
        search = self._name()
        held = lists.get(search, now)
        if held is not None:
            return _Result(held, None, partial(self._key_of, order))
        age = lists.age
        room = Room(lists)
        try:
            collected = yield from self._collected(order, candidates, room)
            keys = yield from sorted_in_turns(collected)
            ids = array("Q")
            for start in range(0, len(keys), SLICE):
                ids.extend(map(id_of, keys[start : start + SLICE]))
                yield None
        finally:
            room.give_back()
        if self._options.page is not None or self._options.view is not None:
            lists.keep(search, ids, now, age)
        return _Result(ids, keys, partial(self._key_of, order))

    def _key_of(self, order: Order, entry_id: int) -> bytes:
        """The key of an entry that is there."""
        record = self._image.records[entry_id]
        if record is None:
            raise LookupError(entry_id)
        return order.key(record, self._view.grant(record))

    def _name(self) -> tuple[object, ...]:
        request, options = self._query.request, self._options
        aside = (request.deref_aliases, options.subentries, options.manage_dsa_it)
        base = self._query.base.id
        return (self._view.caller, base, request.scope, request.filter, options.sort, *aside)

    def _collected(
        self, order: Order, candidates: Candidates, room: Room
    ) -> Generator[None, None, list[bytes]]:
        """All matches with their keys; raises Unsortable."""
        grant_of, query = self._view.grant, self._query
        keys: list[bytes] = []
        records = (query.base,) if query.scope is Scope.BASE_OBJECT else candidates()[0]
        tried = 0
        for record in records:
            tried += query.condition.weight
            if record is None or tried >= _BREATHE_EVERY:
                tried = 0
                yield None
            if record is None or not record.alive or not query.covers(record):
                continue
            grant = grant_of(record)
            if grant.visible and query.condition.matches(record, grant) is True:
                if len(keys) == MAX_SORTED:
                    raise Unsortable(ResultCode.ADMIN_LIMIT_EXCEEDED, _TOO_MANY)
                if not room.take():
                    raise Unsortable(ResultCode.BUSY, "too much is being sorted; try again")
                keys.append(order.key(record, grant))
        return keys

    def _without_order(
        self,
        failure: Unsortable,
        start: Position,
        outcome: Outcome,
        unsorted: Callable[[], Matches],
    ) -> Iterator[Found]:
        """RFC 2891 §2, scenarios 3 and 4: no result, or one without order, and the reason with either."""
        outcome.sorted = SortResult(failure.code, failure.attribute)
        if self._options.sort_critical:
            raise UnavailableCriticalExtension(failure.why)
        if self._options.view is not None:
            raise _Refused(_code_of_view(failure.code), failure.why)
        if self._options.page is None:
            yield from unsorted()
        elif start.key:
            raise UnwillingToPerform("the result cannot be sorted any more; begin with its first page")
        else:
            rest = paged(self._query, self._options, self._cookies, self._seen)
            yield from rest
            outcome.cookie = rest.cookie

    # -- what of it is sent --------------------------------------------------------------------------------

    def _all(self, ids: Iterable[int]) -> Iterator[Found]:
        """As many as the size limit lets through."""
        left = self._limit or len(self._image.records)
        for content in self._contents(ids):
            if content is not None:
                if not left:
                    raise SizeLimitExceeded(
                        f"có hơn {self._limit} mục khớp (more than {self._limit} entries match)"
                    )
                left -= 1
            yield content

    def _start(self) -> Position:
        page = self._options.page
        if page is None:
            return BEGINNING
        return self._cookies.open(page.cookie, self._query.request, self._view.caller, self._options.sort)

    def _page(self, part: Ids, behind: bytes, sent: int, outcome: Outcome) -> Iterator[Found]:
        """Sends a page, before which `sent` entries were, and seals the cookie for what is behind its last
        key."""
        for content in self._contents(part):
            if content is not None:
                if self._limit and sent == self._limit:
                    raise SizeLimitExceeded(
                        f"có hơn {self._limit} mục khớp (more than {self._limit} entries match)"
                    )
                sent += 1
            yield content
        if not behind:
            return
        if self._limit and sent == self._limit:
            raise SizeLimitExceeded(f"có hơn {self._limit} mục khớp (more than {self._limit} entries match)")
        position = Position(id_of(behind), sent, behind)
        outcome.cookie = self._cookies.seal(
            position, self._query.request, self._view.caller, self._options.sort
        )

    def _contents(self, ids: Iterable[int]) -> Iterator[Sent | None]:
        """One for each record: None, a point to breathe at, for one that does not match any more."""
        query, image, grant_of = self._query, self._image, self._view.grant
        for entry_id in ids:
            record = image.by_id(entry_id)
            grant = None if record is None or not query.covers(record) else grant_of(record)
            if record is None or grant is None:
                yield None
            elif grant.visible and query.condition.matches(record, grant) is True:
                yield query.selection.plan(record.shape, grant).content(record, image)
            else:
                yield None

    # -- virtual list views --------------------------------------------------------------------------------

    def _check_view(self, view: ListView) -> None:
        options, caller = self._options, self._view.caller
        if not options.sort:
            raise _Refused(
                ResultCode.SORT_CONTROL_MISSING, "a virtual list view needs the server-side sort control"
            )
        if options.page is not None:
            raise _Refused(
                ResultCode.UNWILLING_TO_PERFORM, "a virtual list view and paged results exclude each other"
            )
        if caller.role is Role.ANONYMOUS:
            raise _Refused(
                ResultCode.INSUFFICIENT_ACCESS_RIGHTS, "virtual list views are for who has signed in"
            )
        request = self._query.request
        if view.context and not self._cookies.is_context(view.context, request, caller, options.sort):
            raise _Refused(ResultCode.PROTOCOL_ERROR, "the contextID is not of this list")

    def _window(self, view: ListView, order: Order, result: _Result, outcome: Outcome) -> Ids:
        count = len(result.ids)
        before = None
        try:
            if view.value is not None:
                before = result.before(order.target(view.value))
            shown = window(view, count, before)
        except InvalidValue:
            raise _Refused(
                ResultCode.INAPPROPRIATE_MATCHING, "the value asked for cannot be compared by the sort key"
            ) from None
        except OffsetOutOfRange:
            raise _Refused(
                ResultCode.OFFSET_RANGE_ERROR, f"the list has {count} entries, none at that offset"
            ) from None
        caller, sort = self._view.caller, self._options.sort
        context = self._cookies.context(self._query.request, caller, sort)
        outcome.view = ListViewResult(shown.target, count, ResultCode.SUCCESS, context)
        return result.ids[shown.first : shown.last]


def _code_of_view(code: ResultCode) -> ResultCode:
    """Why a list that cannot be sorted cannot be viewed, in the codes of the draft's §6.2."""
    known = (ResultCode.ADMIN_LIMIT_EXCEEDED, ResultCode.INAPPROPRIATE_MATCHING)
    return code if code in known else ResultCode.UNWILLING_TO_PERFORM
