"""The schema as entries use it: attribute descriptions and sets of object classes, made once and shared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from weakref import WeakValueDictionary

from govdir.directory.errors import InvalidAttributeSyntax, ObjectClassViolation, UndefinedAttributeType
from govdir.ldap.codec import ber
from govdir.schema.definitions import AttributeType, ObjectClass
from govdir.schema.descriptions import ObjectClassKind
from govdir.schema.registry import Schema

# Clients choose the spellings; past this many the cache starts anew instead of growing.
MAX_CACHED_SPELLINGS = 20_000
# What is longer nobody writes twice: it is understood, and not kept.
MAX_CACHED_CHARACTERS = 256
# A description's memory of good values: so many lists, of so many short values.
MAX_SEEN = 256
MAX_SEEN_VALUES = 16
MAX_SEEN_OCTETS = 256

_OPTION = re.compile(r"[A-Za-z0-9-]+\Z")


class SeenValues:
    """Value lists of one description that were checked before, and their encodings as PartialAttribute.

    Takes short lists only, and no more once it is full: attributes without recurring values cost a failed
    look-up.
    """

    __slots__ = ("checked", "encoded")

    def __init__(self) -> None:
        self.checked: set[bytes | tuple[bytes, ...]] = set()
        self.encoded: dict[bytes | tuple[bytes, ...], bytes] = {}

    @staticmethod
    def key(values: list[bytes]) -> bytes | tuple[bytes, ...]:
        """What a value list is remembered by."""
        return values[0] if len(values) == 1 else tuple(values)

    @staticmethod
    def takes(values: list[bytes]) -> bool:
        """Whether the list is short enough to be worth remembering."""
        return len(values) <= MAX_SEEN_VALUES and sum(map(len, values)) <= MAX_SEEN_OCTETS


class Description:
    """An attribute description (RFC 4512 §2.5): a type and its options, interned by Vocabulary.

    `text` is canonical ("cn;lang-vi"), `key` its lower case, `type_tlv` the BER of `text`. `seen` remembers
    values that were found good, with their encoding: states, kinds, titles, times, classes recur in entry
    after entry.
    """

    __slots__ = ("__weakref__", "attribute", "key", "operational", "options", "seen", "text", "type_tlv")

    def __init__(self, attribute: AttributeType, options: tuple[str, ...]) -> None:
        self.attribute = attribute
        self.options = options
        self.text = ";".join((attribute.name, *options))
        self.key = self.text.lower()
        self.operational = attribute.is_operational
        self.type_tlv = ber.octet_string(self.text.encode("ascii"))
        self.seen = SeenValues()

    def __repr__(self) -> str:
        return f"Description({self.text!r})"


class ClassSet:
    """What a set of objectClass values means: closure, structural class, required and allowed attributes.

    `closure` and the attribute sets hold lower-case keys; `extensible` allows every user attribute.
    """

    __slots__ = ("_classes", "_structural", "closure", "extensible", "may", "must")

    def __init__(self, classes: Iterable[ObjectClass]) -> None:
        held = list(classes)
        self.closure = frozenset(above.key for one in held for above in one.chain)
        self.must = frozenset(key for one in held for key in one.all_must)
        self.may = self.must | frozenset(key for one in held for key in one.all_may)
        self.extensible = "extensibleobject" in self.closure
        self._classes = held
        self._structural: ObjectClass | None = None

    @property
    def structural(self) -> ObjectClass:
        """The most derived structural class; raises ObjectClassViolation unless there is one chain of them
        (RFC 4512 §2.4.2)."""
        if self._structural is None:
            self._structural = _structural(self._classes)
        return self._structural


def _structural(classes: list[ObjectClass]) -> ObjectClass:
    structural = [one for one in classes if one.kind is ObjectClassKind.STRUCTURAL]
    structural.sort(key=lambda one: one.name)  # the same words each time
    if not structural:
        raise ObjectClassViolation("thiếu objectClass cấu trúc (no structural object class provided)")
    deepest = max(structural, key=lambda one: len(one.chain))
    for one in structural:
        if one not in deepest.chain:
            raise ObjectClassViolation(
                f"objectClass: {deepest.name} và {one.name} không đi với nhau "
                f"(invalid structural object class chain ({deepest.name}/{one.name}))"
            )
    return deepest


class Vocabulary:
    """A schema with its spellings and class sets remembered."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._spellings: dict[str, Description] = {}
        self._canonical: WeakValueDictionary[str, Description] = WeakValueDictionary()
        self._class_sets: dict[frozenset[bytes], ClassSet] = {}
        self.object_class = self.describe("objectClass")

    def find(self, text: str) -> Description | None:
        """The description of this spelling (any case, alias or OID), or None when the schema lacks it."""
        held = self._spellings.get(text)
        return held if held is not None else self._learn(text)

    def describe(self, text: str) -> Description:
        """Like `find`; raises UndefinedAttributeType."""
        held = self._spellings.get(text) or self._learn(text)
        if held is None:
            raise UndefinedAttributeType(f"{text}: không có thuộc tính này (attribute type undefined)")
        return held

    def _learn(self, text: str) -> Description | None:
        base, *options = text.split(";")
        attribute = self.schema.find_attribute(base)
        if attribute is None or not all(_OPTION.match(option) for option in options):
            return None
        fresh = Description(attribute, tuple(sorted({option.lower() for option in options})))
        held = self._canonical.setdefault(fresh.key, fresh)
        if len(text) <= MAX_CACHED_CHARACTERS:
            if len(self._spellings) >= MAX_CACHED_SPELLINGS:
                self._spellings.clear()
            self._spellings[text] = held
        return held

    def class_set(self, values: Iterable[bytes]) -> ClassSet:
        """The meaning of these objectClass values; raises InvalidAttributeSyntax or ObjectClassViolation."""
        key = frozenset(values)
        held = self._class_sets.get(key)
        if held is None:
            held = ClassSet(self._classes(key))
            if sum(map(len, key)) <= MAX_CACHED_CHARACTERS:
                if len(self._class_sets) >= MAX_CACHED_SPELLINGS:
                    self._class_sets.clear()
                self._class_sets[key] = held
        return held

    def _classes(self, values: Iterable[bytes]) -> list[ObjectClass]:
        classes = []
        for value in values:
            name = value.decode("utf-8", "replace")
            found = self.schema.find_object_class(name.strip())
            if found is None:
                raise InvalidAttributeSyntax(f"objectClass: {name!r} is not an object class of the schema")
            classes.append(found)
        return classes
