"""Paged results (RFC 2696): entries in order of id, from the position a cookie holds.

Deletions and additions between pages skip nothing and repeat nothing. A size limit bounds the whole result,
not the page; the RFC leaves that open. Pages in another order: sorted_search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from govdir.directory.access_view import AccessView
from govdir.directory.cookies import Cookies, Position
from govdir.directory.errors import SizeLimitExceeded
from govdir.directory.image import Image, Record
from govdir.directory.matches import YIELD_EVERY, Found, Matches, Outcome
from govdir.directory.options import SearchOptions
from govdir.directory.query import Query
from govdir.ldap.codec.messages import Scope

# An index that leaves more than this share of the entries is not worth sorting for every page.
_WORTH_SORTING: Final = 4

# Children are put in order for every page only where they are no more than this share of the entries.
_FEW_CHILDREN: Final = 64

# Entries taken at a time from all there are.
_SLICE: Final = 1000


def paged(
    query: Query, options: SearchOptions, cookies: Cookies, seen: tuple[Image, AccessView, int]
) -> Matches:
    """One page as image, view and size limit let it be; raises UnwillingToPerform for a foreign cookie.

    A page of no entries gives the paging up (RFC 2696 §3): there is nothing to forget.
    """
    page, outcome = options.page, Outcome()
    found: Iterable[Found] = ()
    if page is not None:
        start = cookies.open(page.cookie, query.request, seen[1].caller, options.sort)
        if page.size:
            behind = partial(cookies.seal, request=query.request, caller=seen[1].caller, sort=options.sort)
            found = _page(query, page.size, start, seen, outcome, behind)
    return Matches(found, outcome)


def _page(  # noqa: PLR0917 - a generator's state, given once by `paged`
    query: Query,
    left: int,
    start: Position,
    seen: tuple[Image, AccessView, int],
    outcome: Outcome,
    behind: Callable[[Position], bytes],
) -> Iterator[Found]:
    position, sent = start.last_id, start.sent
    image, view, limit = seen
    breathe_after = max(1, YIELD_EVERY // query.condition.weight)
    for count, record in enumerate(_in_order(query, image, position), 1):
        if record is None or not count % breathe_after:
            yield None
        if record is None or not record.alive or not query.covers(record):
            continue
        grant = view.grant(record)
        if not grant.visible or query.condition.matches(record, grant) is not True:
            continue
        if limit and sent == limit:
            raise SizeLimitExceeded(f"có hơn {limit} mục khớp (more than {limit} entries match)")
        if left == 0:
            outcome.cookie = behind(Position(position, sent))
            return
        position = record.id
        sent += 1
        left -= 1
        yield query.selection.plan(record.shape, grant).content(record, image)


def _in_order(query: Query, image: Image, position: int) -> Iterator[Record | None]:
    """What may match after a position, in order of id, in scope or not; None where there is nothing."""
    if query.scope is Scope.BASE_OBJECT:
        if query.base.id > position:
            yield query.base
        return
    few = _few(query, image)
    if few is not None:
        found: list[Record] = []
        for record in few:
            if record is None:
                yield None
            elif record.id > position:
                found.append(record)
        found.sort(key=_id)
        yield from found
        return
    records = image.records
    at = position + 1
    while at < len(records):
        yield from records[at : at + _SLICE]
        at += _SLICE


def _few(query: Query, image: Image) -> Iterable[Record | None] | None:
    """All that may match where it is little enough to be put in order for every page, else None."""
    condition, children = query.condition, query.base.children or {}
    estimate = condition.estimate(image)
    is_level = query.scope is Scope.SINGLE_LEVEL and query.reach is None
    if is_level and len(children) <= min(estimate, image.count // _FEW_CHILDREN):
        return list(children.values())
    return condition.candidates(image) if estimate <= image.count // _WORTH_SORTING else None


def _id(record: Record) -> int:
    return record.id
