"""What an address book asks with a size limit: the best of what matches first, not any of it.

In this order: people whose given name begins with what was typed; whose surname does, and bodies and lists
whose name does; where another word does, or the address; then wherever it stands inside. Each in Vietnamese
order, given name first (names_in_order). The last two are sorted as far as there is room: which of too many
are left out is open.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.combined_conditions import Both, Either
from govdir.directory.conditions import UNINDEXED, Condition
from govdir.directory.containing import Containing
from govdir.directory.errors import SizeLimitExceeded
from govdir.directory.image import Image, Record
from govdir.directory.matches import Found
from govdir.directory.names_in_order import GIVEN_NAME, Key, bare_values, in_order
from govdir.directory.query import Query
from govdir.directory.selection import Planned
from govdir.directory.shape import Shape
from govdir.schema.accents import Wanted, bare, wanted

# Searches that may return more are no address book's, and come as they are found.
MAX_ORDERED = 1000

# People type a word or two; a filter with more different ones is something else's.
_MAX_TERMS = 4

# A word this short begins so many words that looking for them first is no gain.
_SHORTEST_WORD = 2

# So many entries or fewer are simply sorted, without going through the parts.
_RARE = 30

# So many are sorted; holders of a surname that are more are come by in the order of given names.
_FEW = 400

# Entries tried between two points at which the loop may breathe: about 2 ms.
_BREATHE_EVERY = 300

_NAMES = frozenset({GIVEN_NAME, "sn", "cn", "displayname", "mail"})
_WORDS_OF = frozenset({"cn", "displayname", "mail"})


def typed(condition: Condition) -> tuple[Containing, ...]:
    """The conditions of an address book's search that hold what somebody typed; () for any other search."""
    leaves = tuple(leaf for leaf in _leaves(condition) if leaf.attribute_key in _NAMES and leaf.text)
    return leaves if 0 < len({leaf.text for leaf in leaves}) <= _MAX_TERMS else ()


def _leaves(condition: Condition) -> Iterator[Containing]:
    if isinstance(condition, Containing):
        yield condition
    elif isinstance(condition, Both | Either):
        for part in condition.parts:
            yield from _leaves(part)


def _beside(condition: Condition, leaf: Containing) -> tuple[Condition, ...]:
    """What an entry that satisfies the leaf must still satisfy."""
    if condition is leaf:
        return ()
    if isinstance(condition, Either):
        return () if any(_beside(part, leaf) == () for part in condition.parts) else (condition,)
    if isinstance(condition, Both):
        for number, part in enumerate(condition.parts):
            if leaf in _leaves(part):
                return (*condition.parts[:number], *_beside(part, leaf), *condition.parts[number + 1 :])
    return (condition,)


class BestFirst:
    """One such search; `contents` yields encoded entries as an ordinary search does."""

    def __init__(
        self, query: Query, leaves: tuple[Containing, ...], seen: tuple[Image, AccessView], limit: int
    ) -> None:
        self._query = query
        self._texts = {leaf.text: leaf for leaf in leaves}
        self._leaves = {(leaf.attribute_key, leaf.text): leaf for leaf in leaves}
        self._image, self._view = seen
        self._names = self._image.names
        self._left = limit
        self._limit = limit
        self._taken: set[Record] = set()
        self._plans: dict[tuple[Shape, Grant], Planned] = {}

    def contents(self, everything: Callable[[], tuple[Iterable[Record | None], bool]]) -> Iterator[Found]:
        """The best entries, then, unless there are too many, those of `everything`: what may match, and
        whether it comes from an index.

        Raises SizeLimitExceeded behind the last that may be sent; None is a point to breathe at.
        """
        few = yield from self._narrowest(_FEW if len(self._texts) > 1 else _RARE)
        if few is not None:
            known = self._query.condition if len(self._texts) == 1 else None
            matching = [record for record in self._accepted(few, known, ()) if record is not None]
            if len(matching) > 1:
                matching.sort(key=self._rank)
            yield from self._send(iter(matching))
            return
        for text in self._texts:
            yield from self._send(self._given_names(text))
        for text in self._texts:
            yield from self._send(self._surnames(text))
            yield from self._send(self._bodies(text))
        yield from self._send(self._sorted(self._other_words()))
        records, indexed = everything()
        condition = self._query.condition
        yield from self._send(self._sorted(self._accepted(records, condition if indexed else None, ())))

    # -- the parts ------------------------------------------------------------------------------------------

    def _given_names(self, text: bytes) -> Iterator[Record | None]:
        leaf = self._leaves.get((GIVEN_NAME, text))
        if leaf is None and self._texts[text].is_initial:
            return iter(())  # the starts of whole names are surnames
        given_names = self._names.matching_given_names(_starting(text))
        return self._accepted_by(leaf, (one for name in given_names for one in self._names.holders(name)))

    def _surnames(self, text: bytes) -> Iterator[Record | None]:
        """Those with the surnames: few are sorted, many are come by in the order of everybody."""
        postings = [posting for posting in self._postings("sn", _starting(text)) if posting is not None]
        many = [posting for posting in postings if isinstance(posting, set)]
        single = {posting for posting in postings if not isinstance(posting, set)}
        leaf = self._leaves.get(("sn", text))
        if sum(map(len, many)) + len(single) <= _FEW:
            return self._accepted_by(leaf, in_order(self._names, single.union(*many)))
        return self._accepted_by(leaf, self._among([held for held in (single, *many) if held]))

    def _among(self, chosen: list[set[Record]]) -> Iterator[Record | None]:
        first, others = chosen[0], chosen[1:]
        for given_name in self._names.given_names():
            for record in self._names.holders(given_name):
                if record is None or record in first or (others and any(record in held for held in others)):
                    yield record

    def _bodies(self, text: bytes) -> Iterator[Record | None]:
        return self._accepted_by(None, self._names.nameless(_starting(text)))

    def _other_words(self) -> Iterator[Record | None]:
        for (attribute, text), leaf in self._leaves.items():
            if len(text) < _SHORTEST_WORD or attribute not in _WORDS_OF:
                continue
            begins = attribute == "mail" or leaf.is_initial
            where = _starting(text) if begins else wanted((None, (b" " + text,), None))
            yield from self._accepted_by(leaf, self._holders(attribute, where))

    def _rank(self, record: Record) -> tuple[int, Key]:
        """The order of the parts above, for few records: what it is for each text, added up."""
        parts = sum(_part(record, bare(text)) for text in self._texts)
        return parts, self._names.key(record)

    # -- shared ----------------------------------------------------------------------------------------------

    def _postings(self, attribute: str, where: Wanted) -> Iterator[Record | set[Record] | None]:
        """Who has a value with what is wanted, value by value; None is a point to breathe at."""
        index = self._image.indexes[attribute]
        keys = () if index.substring is None else index.substring.search(where)
        return (None if key is None else index.table.get(key) for key in keys)

    def _holders(self, attribute: str, where: Wanted) -> Iterator[Record | None]:
        for posting in self._postings(attribute, where):
            if isinstance(posting, set):
                yield from tuple(posting)
            else:
                yield posting

    def _narrowest(self, most: int) -> Generator[None, None, list[Record] | None]:
        """All that may match, if that is so few: of several words one may be rare, whichever it is."""
        condition = self._query.condition
        for part in condition.parts if isinstance(condition, Both) else (condition,):
            if part.estimate(self._image) < UNINDEXED and any(True for _ in _leaves(part)):
                found: list[Record] = []
                for record in part.candidates(self._image):
                    if record is None:
                        yield None
                    elif len(found) < most:
                        found.append(record)
                    else:
                        break
                else:
                    return found
        return None

    def _accepted_by(
        self, leaf: Containing | None, records: Iterable[Record | None]
    ) -> Iterator[Record | None]:
        """Those of the records, which satisfy the leaf where there is one, that satisfy everything else."""
        condition = self._query.condition
        if leaf is None or not leaf.is_one_piece:
            return self._accepted(records, None, ())
        return self._accepted(records, leaf, _beside(condition, leaf))

    def _accepted(
        self, records: Iterable[Record | None], known: Condition | None, others: tuple[Condition, ...]
    ) -> Iterator[Record | None]:
        """Those in scope, to be seen and not taken yet that match, with points to breathe at; all satisfy
        `known`, as far as the caller may search that, and match if they satisfy the others, too."""
        grant_of, taken, query = self._view.grant, self._taken, self._query
        covers = None if query.covers_all else query.covers
        conditions: tuple[Condition, ...] = ()
        grant: Grant | None = None
        idle = 0
        for record in records:
            idle += 1
            if record is None or idle == _BREATHE_EVERY:
                idle = 0
                yield None
            if (
                record is None
                or record in taken
                or not record.alive
                or (covers is not None and not covers(record))
            ):
                continue
            granted = grant_of(record)
            if granted is not grant:
                grant = granted
                sure = known is not None and known.certain(granted)
                conditions = others if sure else (query.condition,)
            if granted.visible and (
                not conditions or all(one.matches(record, granted) is True for one in conditions)
            ):
                taken.add(record)
                yield record

    def _sorted(self, found: Iterator[Record | None]) -> Iterator[Record | None]:
        """As many as there is room for, and one more to tell that there are too many, in order."""
        held: list[Record] = []
        for record in found:
            if record is None:
                yield None
                continue
            held.append(record)
            if len(held) > self._left:
                break
        yield from in_order(self._names, held)

    def _send(self, found: Iterator[Record | None]) -> Iterator[Found]:
        plans, image, grant_of = self._plans, self._image, self._view.grant
        left = self._left
        try:
            for record in found:
                if record is None:
                    yield None
                    continue
                if not left:
                    raise SizeLimitExceeded(
                        f"có hơn {self._limit} mục khớp (more than {self._limit} entries match)"
                    )
                left -= 1
                kind = (record.shape, grant_of(record))
                plan = plans.get(kind)
                if plan is None:
                    plan = plans[kind] = self._query.selection.plan(*kind)
                yield plan.content(record, image)
        finally:
            self._left = left


def _starting(text: bytes) -> Wanted:
    """A value that begins with the text."""
    return wanted((b" " + text, (), None))


def _part(record: Record, text: bytes) -> int:
    """0 where a given name begins with the bare text, 1 a surname or body's name, 2 a word or an address."""
    begins = b" " + text
    given = bare_values(record, GIVEN_NAME)
    if any(key.startswith(begins) for key in given):
        return 0
    if any(key.startswith(begins) for key in bare_values(record, "sn")) and given:
        return 1
    names = [key for attribute in ("displayname", "cn") for key in bare_values(record, attribute)]
    if not given and any(key.startswith(begins) for key in names):
        return 1
    addresses = bare_values(record, "mail")
    return 2 if any(begins in key for key in (*names, *addresses)) else 3
