"""Running a search over the image: base and scope, the narrowest way in, limits, paging (RFC 4511 §4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from govdir.directory.access import AccessView, Grant
from govdir.directory.conditions import Condition
from govdir.directory.cookies import Cookies
from govdir.directory.errors import SizeLimitExceeded
from govdir.directory.image import Image, Record
from govdir.directory.resolve import resolve
from govdir.directory.selection import Selection
from govdir.ldap.codec.messages import Scope, SearchRequest

# A scan that has found nothing for so many entries lets the loop breathe; about 2 ms of work.
YIELD_EVERY = 1000


class PageRequest(Struct, frozen=True):
    """RFC 2696: the page size and the cookie of the previous page, b"" for the first."""

    size: int
    cookie: bytes


class Matches:
    """The entries of a search, as encoded SearchResultEntry contents; None is a point to yield at.

    Raises SizeLimitExceeded after the last entry that may be sent. `cookie` is set once a page is exhausted:
    b"" when it was the last.
    """

    __slots__ = ("_found", "cookie")

    def __init__(self, found: Iterable[bytes | None]) -> None:
        self._found = found
        self.cookie = b""

    def __iter__(self) -> Iterator[bytes | None]:
        return iter(self._found)


class Searching:
    """One caller's searches: the image, what it may see, the limits it has."""

    __slots__ = ("_cookies", "_image", "_limit", "_view")

    def __init__(self, image: Image, view: AccessView, limit: int, cookies: Cookies) -> None:
        self._image = image
        self._view = view
        self._limit = limit
        self._cookies = cookies

    def run(
        self, base: Record, request: SearchRequest, selection: Selection, page: PageRequest | None
    ) -> Matches:
        """The matches below a visible base."""
        condition = resolve(request.filter, self._image)
        limit = self._effective_limit(request.size_limit)
        if page is not None:
            return self._page(base, request, condition, selection, page, limit)
        scope = request.scope
        if scope is Scope.BASE_OBJECT:
            return Matches(self._at_base(base, condition, selection))
        estimate = condition.estimate(self._image)
        if estimate == 0:
            return Matches(())
        if estimate == 1:
            return Matches(self._single(base, scope, condition, selection))
        records, indexed = self._records(base, scope, condition, estimate)
        contents = self._contents(records, condition, selection, (base, scope) if indexed else None)
        return Matches(self._limited(contents, limit))

    def _effective_limit(self, asked: int) -> int:
        granted = self._limit
        return min(asked, granted) if asked and granted else asked or granted

    def _at_base(self, base: Record, condition: Condition, selection: Selection) -> tuple[bytes, ...]:
        grant = self._view.grant(base)
        if grant.visible and condition.matches(base, grant) is True:
            return (selection.plan(base.shape, grant).content(base, self._image),)
        return ()

    def _single(
        self, base: Record, scope: Scope, condition: Condition, selection: Selection
    ) -> tuple[bytes, ...]:
        """At most one candidate: the mail server's lookup, done without a generator."""
        for record in condition.candidates(self._image):
            if not _in_scope(record, base, scope):
                continue
            grant = self._view.grant(record)
            if grant.visible and condition.matches(record, grant) is True:
                return (selection.plan(record.shape, grant).content(record, self._image),)
        return ()

    def _records(
        self, base: Record, scope: Scope, condition: Condition, estimate: int
    ) -> tuple[Iterable[Record], bool]:
        """Candidates through the index (True; in scope or not) or down the tree, whichever is narrower."""
        children = base.children or {}
        if scope is Scope.SINGLE_LEVEL and len(children) <= estimate:
            return list(children.values()), False
        if estimate >= self._image.count:
            return base.descendants(), False
        return condition.candidates(self._image), True

    def _contents(
        self,
        records: Iterable[Record],
        condition: Condition,
        selection: Selection,
        within: tuple[Record, Scope] | None,
    ) -> Iterator[bytes | None]:
        """Those of the records that match; `within` is the scope to check where they come from an index."""
        view, image = self._view, self._image
        certain: dict[Grant, bool] = {}
        idle = 0
        for record in records:
            if record.alive and (within is None or _in_scope(record, *within)):
                grant = view.grant(record)
                sure = certain.get(grant)
                if sure is None:
                    sure = certain[grant] = within is not None and condition.certain(grant)
                if grant.visible and (sure or condition.matches(record, grant) is True):
                    idle = 0
                    yield selection.plan(record.shape, grant).content(record, image)
                    continue
            idle += 1
            if idle >= YIELD_EVERY:
                idle = 0
                yield None

    @staticmethod
    def _limited(contents: Iterator[bytes | None], limit: int) -> Iterator[bytes | None]:
        if not limit:
            yield from contents
            return
        sent = 0
        for content in contents:
            if content is not None:
                if sent == limit:
                    raise SizeLimitExceeded(f"more than {limit} entries match")
                sent += 1
            yield content

    def _page(
        self,
        base: Record,
        request: SearchRequest,
        condition: Condition,
        selection: Selection,
        page: PageRequest,
        limit: int,
    ) -> Matches:
        position, sent = self._cookies.open(page.cookie, request, self._view.caller)
        matches = Matches(())
        matches._found = self._paged(  # noqa: SLF001 - the generator sets the cookie of its own Matches
            matches, base, request, condition, selection, page, (position, sent, limit)
        )
        return matches

    def _paged(
        self,
        matches: Matches,
        base: Record,
        request: SearchRequest,
        condition: Condition,
        selection: Selection,
        page: PageRequest,
        progress: tuple[int, int, int],
    ) -> Iterator[bytes | None]:
        """Entries in order of id from a position on: deletions and additions between pages skip nothing.

        A size limit bounds the whole result, not the page (RFC 2696 leaves it open).
        """
        position, sent, limit = progress
        left = page.size
        view, image = self._view, self._image
        for count, record in enumerate(self._in_order(base, request.scope, condition, position), 1):
            if not count % YIELD_EVERY:
                yield None
            if record is None or not record.alive or not _in_scope(record, base, request.scope):
                continue
            grant = view.grant(record)
            if not grant.visible or condition.matches(record, grant) is not True:
                continue
            if left == 0:
                matches.cookie = self._cookies.seal(position, sent, request, view.caller)
                return
            if limit and sent == limit:
                raise SizeLimitExceeded(f"more than {limit} entries match")
            position = record.id
            sent += 1
            left -= 1
            yield selection.plan(record.shape, grant).content(record, image)

    def _in_order(
        self, base: Record, scope: Scope, condition: Condition, position: int
    ) -> Iterable[Record | None]:
        """What may match after a position, in order of id, in scope or not."""
        image = self._image
        if scope is Scope.BASE_OBJECT:
            return (base,) if base.id > position else ()
        if condition.estimate(image) <= image.count // 4:
            found = [record for record in condition.candidates(image) if record.id > position]
            found.sort(key=_id)
            return found
        return islice(image.records, position + 1, None)


def _id(record: Record) -> int:
    return record.id


def _in_scope(record: Record, base: Record, scope: Scope) -> bool:
    if scope is Scope.SINGLE_LEVEL:
        return record.parent is base
    if scope is Scope.BASE_OBJECT:
        return record is base
    if base.parent is None:
        return True
    return record.is_under(base)
