"""What entries are sorted by (RFC 2891): keys of octets whose order is the order of the entries.

An attribute is sorted by its ORDERING rule or the one that the client names. Where the schema has none, text
whose case does not count is in Vietnamese order (schema.collation), other values in that of their equality
keys; names, identifiers and certificates are in no order (inappropriateMatching). What the caller may not
read does not count: the entry is sorted as one without it, so an order tells nothing that the entries do not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from govdir.directory.access import Grant
from govdir.directory.dynamic import DYNAMIC
from govdir.directory.image import Image, Record
from govdir.directory.shape import Shape
from govdir.directory.vocabulary import Description
from govdir.ldap.codec.controls.sorting import SortKey
from govdir.ldap.codec.result_codes import ResultCode
from govdir.schema.collation import collation_key
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule

# Longer values are told apart by their beginnings: a cookie holds the keys of the last entry sent.
MAX_KEY_OCTETS: Final = 256

# Values whose keys one search remembers: names and titles recur.
_REMEMBERED: Final = 4096

_ID_OCTETS: Final = 8
_PRESENT, _ABSENT = b"\x01", b"\x02"  # "NULL [is] a larger value than all other valid values", RFC 2891 §2.2
_COMPLEMENT: Final = bytes(range(255, -1, -1))
_VIETNAMESE: Final = "caseIgnoreMatch"

# Equality rules whose keys are in an order that means something.
_ORDERED_BY_EQUALITY: Final = frozenset(
    {
        "caseIgnoreIA5Match", "caseExactMatch", "caseExactIA5Match", "caseIgnoreListMatch",
        "numericStringMatch", "telephoneNumberMatch", "integerMatch", "booleanMatch", "octetStringMatch",
        "generalizedTimeMatch", "uuidMatch", "CSNMatch",
    }
)  # fmt: skip

_LDAP_SYNTAXES: Final = "1.3.6.1.4.1.1466.115.121.1."
# Directory String, IA5 String, Numeric String, Printable String, Telephone Number (RFC 4517 §3.3): the rules
# on strings compare all of them.
_STRINGS: Final = frozenset(_LDAP_SYNTAXES + number for number in ("15", "26", "36", "44", "50"))


def id_of(key: bytes) -> int:
    """The id of the entry that an Order has given this key."""
    return int.from_bytes(key[-_ID_OCTETS:], "big")


KeyOf = Callable[[bytes], bytes]


class Unsortable(Exception):
    """The entries cannot be sorted so; `code` and `attribute` are for the sort control's answer."""

    def __init__(self, code: ResultCode, why: str, attribute: str = "") -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.attribute = attribute


class Order:
    """The sort keys of one search, the most significant first."""

    __slots__ = ("_keys",)

    def __init__(self, keys: tuple[SortKey, ...], image: Image) -> None:
        """Raises Unsortable: an attribute the schema lacks (16), a rule it lacks or that does not compare the
        attribute (18), one attribute twice (53)."""
        self._keys = [_resolved(key, image) for key in keys]
        for place, key in enumerate(self._keys):
            if any(key.description is other.description for other in self._keys[:place]):
                raise Unsortable(
                    ResultCode.UNWILLING_TO_PERFORM, "an attribute is a sort key twice", keys[place].attribute
                )

    def key(self, record: Record, grant: Grant) -> bytes:
        """The place of an entry: no two have the same; what is equal by all keys is in the order of ids."""
        keys = self._keys
        first = keys[0].part(record, grant)
        if len(keys) > 1:
            first += b"".join([key.part(record, grant) for key in keys[1:]])
        return first + record.id.to_bytes(_ID_OCTETS, "big")

    def target(self, value: bytes) -> bytes:
        """What no entry from `value` on by the most significant key comes before (draft-vlv-09 §6.1); raises
        InvalidValue."""
        return self._keys[0].encoded([value])


class _Key:
    """One resolved sort key."""

    __slots__ = ("_image", "_key_of", "_known", "_places", "_reverse", "description")

    def __init__(self, description: Description, key_of: KeyOf, image: Image, *, reverse: bool) -> None:
        self.description = description
        self._key_of = key_of
        self._image = image
        self._reverse = reverse
        self._places: dict[tuple[Shape, Grant], tuple[int, ...]] = {}
        self._known: dict[bytes, bytes] = {}

    def part(self, record: Record, grant: Grant) -> bytes:
        """The entry's least value by this key, as octets that end where no other value's go on."""
        computed = DYNAMIC.get(self.description.attribute.key)
        if computed is not None:
            attribute = self.description.attribute
            readable = grant.read.holds(attribute.key, attribute.is_operational)
            return self._least(computed(self._image, record) if readable else [])
        shape = record.shape
        places = self._places.get((shape, grant))
        if places is None:
            places = self._places[shape, grant] = self._readable(shape, grant)
        if not places:
            return self._least([])
        body = record.body
        if len(places) > 1:
            return self._least([value for place in places for value in shape.values(body, place)])
        offsets = shape.offsets(body)
        octets = body[offsets[places[0]] : offsets[places[0] + 1]]
        held = self._known.get(octets)
        if held is None:
            held = self._least(shape.values(body, places[0]))
            if len(self._known) < _REMEMBERED and len(octets) <= MAX_KEY_OCTETS:
                self._known[octets] = held
        return held

    def _readable(self, shape: Shape, grant: Grant) -> tuple[int, ...]:
        """Where the shape has values of the type and its subtypes that the caller may read."""
        wanted = set(self.description.options)
        places = shape.by_attribute.get(self.description.attribute.key, ())
        found = [(place, shape.descriptions[place]) for place in places]
        return tuple(
            place
            for place, held in found
            if wanted.issubset(held.options) and grant.read.holds(held.attribute.key, held.operational)
        )

    def _least(self, values: list[bytes]) -> bytes:
        comparable = []
        for value in values:
            try:
                comparable.append(self._key_of(value))
            except InvalidValue:  # stored before the syntax was tightened: in no order
                continue
        return self._encoded(min(comparable) if comparable else None)

    def encoded(self, values: list[bytes]) -> bytes:
        """As `part`, of values that must be comparable; raises InvalidValue."""
        return self._encoded(min(map(self._key_of, values)))

    def _encoded(self, key: bytes | None) -> bytes:
        if key is None:
            octets = _ABSENT
        else:
            octets = _PRESENT + key[:MAX_KEY_OCTETS].replace(b"\0", b"\0\xff") + b"\0\0"
        return octets.translate(_COMPLEMENT) if self._reverse else octets


def _resolved(key: SortKey, image: Image) -> _Key:
    description = image.vocabulary.find(key.attribute)
    if description is None:
        raise Unsortable(
            ResultCode.NO_SUCH_ATTRIBUTE, f"{key.attribute}: attribute type undefined", key.attribute
        )
    attribute = description.attribute
    key_of = _own_order(attribute)
    if key.ordering_rule:
        rule = image.vocabulary.schema.find_matching_rule(key.ordering_rule)
        key_of = rule.key if rule is not None and _compares(rule, attribute) else None
    if key_of is None:
        named = f" by {key.ordering_rule}" if key.ordering_rule else ""
        why = f"{attribute.name} cannot be sorted{named}"
        raise Unsortable(ResultCode.INAPPROPRIATE_MATCHING, why, key.attribute)
    return _Key(description, key_of, image, reverse=key.reverse)


def _own_order(attribute: AttributeType) -> KeyOf | None:
    if attribute.ordering is not None:
        return attribute.ordering.key
    equality = attribute.equality
    if equality is None:
        return None
    if equality.name == _VIETNAMESE:
        return _vietnamese
    return equality.key if equality.name in _ORDERED_BY_EQUALITY else None


def _vietnamese(value: bytes) -> bytes:
    return collation_key(value.decode("utf-8", "replace"))


def _compares(rule: MatchingRule, attribute: AttributeType) -> bool:
    """Whether it is an ordering rule for values of the attribute's syntax."""
    if not rule.is_ordering_rule:
        return False
    syntax = attribute.syntax.oid
    return rule.syntax == syntax or (rule.syntax in _STRINGS and syntax in _STRINGS)
