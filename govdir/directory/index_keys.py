"""Which attributes are indexed, and the keys an entry has in those indexes."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import msgpack

from govdir.directory.entry import Attributes
from govdir.directory.indexes import EqualityIndex
from govdir.directory.shape import Shape
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule

# Kept with the stored keys: when it differs, keys are made anew. Raise it whenever a line below, a matching
# rule or string preparation changes.
INDEX_VERSION = 4

# What mail servers, address books and administrators look up by. Attributes that few values share among all
# entries (states, kinds, services) are left out: their postings would name everybody.
EQUALITY = (
    "uid", "mail", "mailLocalAddress", "cn", "sn", "givenName", "displayName", "ou", "gdOrgCode", "entryUUID",
    "employeeNumber", "telephoneNumber", "member", "owner", "gdDelegate", "gdItAdmin", "createTimestamp",
    "modifyTimestamp", "gdApprover", "manager", "associatedDomain", "gdNameKey",
    "gdDomainAlias", "gdPreviousAddress", "title", "o", "mobile",
)  # fmt: skip
SUBSTRING = frozenset({"uid", "mail", "maillocaladdress", "cn", "sn", "givenname", "displayname"})
ORDERING = frozenset({"createtimestamp", "modifytimestamp"})

_pack = msgpack.Encoder().encode


class IndexKeys:
    """Computes packed keys: a msgpack array with one place per indexed attribute, nil, bytes or an array."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._attributes: tuple[AttributeType, ...] = tuple(
            vocabulary.describe(name).attribute for name in EQUALITY
        )
        self._place = {attribute.key: place for place, attribute in enumerate(self._attributes)}
        self._last_time: tuple[tuple[bytes, ...], list[bytes]] = ((), [])
        self._blank: list[bytes | list[bytes] | None] = [None] * len(self._attributes)

    def make_indexes(self) -> dict[str, EqualityIndex]:
        """Empty indexes by attribute key, in the order of the packed keys."""
        return {
            attribute.key: EqualityIndex(
                ordering=attribute.key in ORDERING, substring=attribute.key in SUBSTRING
            )
            for attribute in self._attributes
        }

    def of(self, attributes: Attributes) -> bytes:
        """The keys of an entry."""
        return self._packed((description.attribute, values) for description, values in attributes.items())

    def of_body(self, shape: Shape, body: bytes) -> bytes:
        """The keys of a stored entry."""
        place = self._place
        return self._packed(
            (description.attribute, shape.values(body, at))
            for at, description in enumerate(shape.descriptions)
            if description.attribute.key in place
        )

    def of_attribute(self, key: str, shape: Shape, body: bytes) -> set[bytes]:
        """The keys of a stored entry in one index."""
        rule = self._attributes[self._place[key]].equality
        values = [value for place in shape.by_attribute.get(key, ()) for value in shape.values(body, place)]
        return set() if rule is None else set(_keys(rule, values))

    def _times(self, rule: MatchingRule, values: list[bytes]) -> list[bytes]:
        """Entries written together have one time: its key is made once."""
        moment = tuple(values)
        if moment != self._last_time[0]:
            self._last_time = (moment, _keys(rule, values))
        return self._last_time[1].copy()

    def _packed(self, held: Iterable[tuple[AttributeType, list[bytes]]]) -> bytes:
        keys = self._blank.copy()
        places = self._place
        for attribute, values in held:
            place = places.get(attribute.key)
            rule = attribute.equality
            if place is None or rule is None:
                continue
            fresh = self._times(rule, values) if attribute.key in ORDERING else _keys(rule, values)
            before = keys[place]
            if before is not None:  # sorted: the order of descriptions is the client's, keys are compared
                fresh = sorted([*fresh, *(before if isinstance(before, list) else [before])])
            keys[place] = fresh[0] if len(fresh) == 1 else fresh
        return _pack(keys)


def _keys(rule: MatchingRule, values: list[bytes]) -> list[bytes]:
    keys = []
    for value in values:
        try:
            keys.append(rule.key(value))
        except InvalidValue:  # stored before the syntax was tightened: not found by equality
            continue
    return keys
