"""Paged results (RFC 2696): entries in order of id, from the position a cookie holds.

Deletions and additions between pages skip nothing and repeat nothing. A size limit bounds the whole result,
not the page; the RFC leaves that open.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from govdir.directory.access_view import AccessView
from govdir.directory.cookies import Cookies
from govdir.directory.errors import SizeLimitExceeded
from govdir.directory.image import Image, Record
from govdir.directory.matches import YIELD_EVERY, Found, Matches
from govdir.directory.options import PageRequest
from govdir.directory.query import Query
from govdir.ldap.codec.messages import Scope

# An index that leaves more than this share of the entries is not worth sorting for every page.
_WORTH_SORTING = 4


def paged(query: Query, page: PageRequest, cookies: Cookies, seen: tuple[Image, AccessView, int]) -> Matches:
    """One page as image, view and size limit let it be; raises UnwillingToPerform for a foreign cookie."""
    position, sent = cookies.open(page.cookie, query.request, seen[1].caller)
    matches = Matches()
    matches.found = _page(query, page.size, cookies, (position, sent), seen, matches)
    return matches


def _page(  # noqa: PLR0917 - a generator's state, given once by `paged`
    query: Query,
    left: int,
    cookies: Cookies,
    progress: tuple[int, int],
    seen: tuple[Image, AccessView, int],
    matches: Matches,
) -> Iterator[Found]:
    position, sent = progress
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
        if left == 0:
            matches.cookie = cookies.seal(position, sent, query.request, view.caller)
            return
        if limit and sent == limit:
            raise SizeLimitExceeded(f"more than {limit} entries match")
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
    condition = query.condition
    if condition.estimate(image) <= image.count // _WORTH_SORTING:
        found: list[Record] = []
        for record in condition.candidates(image):
            if record is None:
                yield None
            elif record.id > position:
                found.append(record)
        found.sort(key=_id)
        yield from found
        return
    yield from islice(image.records, position + 1, None)


def _id(record: Record) -> int:
    return record.id
