"""Running a search over the image: base and scope, the narrowest way in, limits (RFC 4511 §4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.assertions import check_assertion
from govdir.directory.best_first import MAX_ORDERED, BestFirst, typed
from govdir.directory.branches import children_of
from govdir.directory.cookies import Cookies
from govdir.directory.errors import SizeLimitExceeded
from govdir.directory.image import Image, Record
from govdir.directory.matched_values import with_matched_values
from govdir.directory.matches import YIELD_EVERY, Found, Matches, Sent
from govdir.directory.options import PLAIN_SEARCH, SearchOptions
from govdir.directory.paging import paged
from govdir.directory.query import Query
from govdir.directory.reach import Reach
from govdir.directory.resolve import resolve
from govdir.directory.selection import Planned, Selecting
from govdir.directory.shape import Shape
from govdir.directory.sorted_lists import SortedLists
from govdir.directory.sorted_search import SortedSearch
from govdir.ldap.codec.messages import Scope, SearchRequest

# Counted down from where there is no limit.
NO_LIMIT = 1 << 62


class Searching:
    """One caller's searches: the image, what it may see, the limits it has."""

    __slots__ = ("_cookies", "_image", "_lists", "_view")

    def __init__(
        self, image: Image, view: AccessView, cookies: Cookies, lists: SortedLists | None = None
    ) -> None:
        """`lists` keeps sorted results; None: none are kept."""
        self._image = image
        self._view = view
        self._cookies = cookies
        self._lists = lists

    def run(
        self,
        base: Record,
        request: SearchRequest,
        selection: Selecting,
        options: SearchOptions,
        reach: Reach | None = None,
    ) -> Matches:
        """The matches below a visible base; `reach` where some entries are special."""
        query = Query(base, request, resolve(request.filter, self._image), selection, reach)
        limit = self._effective_limit(request.size_limit)
        if options is not PLAIN_SEARCH:
            matches = self._by_controls(query, options, limit)
            found = self._plain(query, limit) if matches is None else matches
            return with_matched_values(found, request, options, self._image)
        return self._plain(query, limit)

    def _by_controls(self, query: Query, options: SearchOptions, limit: int) -> Matches | None:
        """What the request's controls make of the search; None where they leave it what it is."""
        seen = (self._image, self._view, limit)
        base = query.base
        check_assertion(options.assertion, base, self._view.grant(base), self._image)
        if options.page is not None and not options.page.size:
            return paged(query, options, self._cookies, seen)
        if options.sort or options.view is not None:
            lists = SortedLists() if self._lists is None else self._lists
            search = SortedSearch(query, options, seen, self._cookies, lists)
            return search.matches(
                lambda: self._records(query, query.condition.estimate(self._image)),
                lambda: self._plain(query, limit),
            )
        return None if options.page is None else paged(query, options, self._cookies, seen)

    def _plain(self, query: Query, limit: int) -> Matches:
        """The matches in no order, or the best first."""
        if query.scope is Scope.BASE_OBJECT:
            return Matches(self._single(query, (query.base,)))
        condition = query.condition
        estimate = condition.estimate(self._image)
        if estimate <= 1:
            return Matches(self._single(query, condition.candidates(self._image)))
        if 0 < limit <= MAX_ORDERED and (leaves := typed(condition)):
            search = BestFirst(query, leaves, (self._image, self._view), limit)
            return Matches(search.contents(lambda: self._records(query, estimate)))
        records, indexed = self._records(query, estimate)
        return Matches(self._contents(query, records, limit, indexed=indexed))

    def _effective_limit(self, asked: int) -> int:
        granted = self._view.search_limit
        return min(asked, granted) if asked and granted else asked or granted

    def _single(self, query: Query, candidates: Iterable[Record | None]) -> tuple[Sent, ...]:
        """At most one candidate: a base search or a mail server's look-up, done without a generator."""
        for record in candidates:
            if record is not None and record.alive and query.covers(record):
                grant = self._view.grant(record)
                if grant.visible and query.condition.matches(record, grant) is True:
                    return (query.selection.plan(record.shape, grant).content(record, self._image),)
        return ()

    def _records(self, query: Query, estimate: int) -> tuple[Iterable[Record | None], bool]:
        """Candidates through the index (True; in scope or not) or down the tree, whichever is narrower; None
        is a point to breathe at."""
        children = query.base.children or {}
        if query.scope is Scope.SINGLE_LEVEL and len(children) <= estimate:
            reach = query.reach
            return children_of(query.base, self._image) if reach is None else reach.records(), False
        if estimate >= self._image.count:
            return query.base.descendants() if query.reach is None else query.reach.records(), False
        return query.condition.candidates(self._image), True

    def _contents(
        self, query: Query, records: Iterable[Record | None], limit: int, *, indexed: bool
    ) -> Iterator[Found]:
        """Those of the records that match, up to the limit; what comes from an index may be out of scope, but
        need not be tried where the index is certain."""
        view, image, matches = self._view, self._image, query.condition.matches
        in_scope = query.covers if indexed and not query.covers_all else None
        left = limit or NO_LIMIT
        breathe_after = YIELD_EVERY // query.condition.weight
        idle = 0
        grant: Grant | None = None
        for record in records:
            if record is None:
                yield None
                continue
            if record.alive and (in_scope is None or in_scope(record)):
                granted = view.grant(record)
                if granted is not grant:
                    grant = granted
                    sure = indexed and query.condition.certain(granted)
                    plans: dict[Shape, Planned] = {}
                if granted.visible and (sure or matches(record, granted) is True):
                    if not left:
                        raise SizeLimitExceeded(f"có hơn {limit} mục khớp (more than {limit} entries match)")
                    left -= 1
                    idle = 0
                    plan = plans.get(record.shape)
                    if plan is None:
                        plan = plans[record.shape] = query.selection.plan(record.shape, granted)
                    yield plan.content(record, image)
                    continue
            idle += 1
            if idle >= breathe_after:
                idle = 0
                yield None
