"""The attributes of one entry, open for change: what policies read and fill in before it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdir.directory.vocabulary import ClassSet, Description, Vocabulary
from govdir.ldap.codec.messages import Attribute


class Attributes:
    """A mapping from attribute descriptions to values, in order.

    Names are taken in any case, by alias or OID; values are bytes. Raises UndefinedAttributeType for a name
    the schema lacks.
    """

    __slots__ = ("_held", "_vocabulary")

    def __init__(self, vocabulary: Vocabulary, held: dict[Description, list[bytes]] | None = None) -> None:
        self._vocabulary = vocabulary
        self._held: dict[Description, list[bytes]] = {} if held is None else held

    @classmethod
    def of(cls, vocabulary: Vocabulary, attributes: Iterable[Attribute]) -> Attributes:
        """The attributes of an add request or LDIF record; a description given twice is merged."""
        held: dict[Description, list[bytes]] = {}
        for attribute in attributes:
            held.setdefault(vocabulary.describe(attribute.type), []).extend(attribute.values)
        return cls(vocabulary, held)

    @property
    def vocabulary(self) -> Vocabulary:
        """The schema these names are of."""
        return self._vocabulary

    def values(self, name: str) -> tuple[bytes, ...]:
        """The values under exactly this description, () when there are none."""
        return tuple(self._held.get(self._vocabulary.describe(name), ()))

    def texts(self, name: str) -> tuple[str, ...]:
        """The values as text; bytes that are no UTF-8 show as replacement characters."""
        return tuple(value.decode("utf-8", "replace") for value in self.values(name))

    def text(self, name: str) -> str | None:
        """The first value as text, or None."""
        held = self._held.get(self._vocabulary.describe(name))
        return held[0].decode("utf-8", "replace") if held else None

    def replace(self, name: str, values: Iterable[str | bytes]) -> None:
        """These values instead of the present ones; none removes the attribute."""
        fresh = [value.encode() if isinstance(value, str) else value for value in values]
        description = self._vocabulary.describe(name)
        if fresh:
            self._held[description] = fresh
        else:
            self._held.pop(description, None)

    def remove(self, name: str) -> None:
        """Drops the attribute if it is there."""
        self._held.pop(self._vocabulary.describe(name), None)

    def __contains__(self, name: str) -> bool:
        return self._vocabulary.describe(name) in self._held

    def __iter__(self) -> Iterator[Description]:
        return iter(self._held)

    def items(self) -> Iterable[tuple[Description, list[bytes]]]:
        """Descriptions with their value lists, which must not be changed by the caller."""
        return self._held.items()

    def get(self, description: Description) -> list[bytes] | None:
        """The value list under this description, not to be changed by the caller."""
        return self._held.get(description)

    def put(self, description: Description, values: list[bytes]) -> None:
        """Takes over `values` as the description's; an empty list removes it."""
        if values:
            self._held[description] = values
        else:
            self._held.pop(description, None)

    def append(self, description: Description, value: bytes) -> None:
        """One more value."""
        held = self._held.get(description)
        if held is None:
            self._held[description] = [value]
        else:
            held.append(value)

    def copy(self) -> Attributes:
        """An independent copy."""
        return Attributes(self._vocabulary, {key: list(values) for key, values in self._held.items()})

    @property
    def class_set(self) -> ClassSet:
        """The meaning of the objectClass values; raises ObjectClassViolation or InvalidAttributeSyntax."""
        return self._vocabulary.class_set(self._held.get(self._vocabulary.object_class, ()))

    @property
    def object_classes(self) -> frozenset[str]:
        """Lower-case names of the object classes with all their superiors."""
        return self.class_set.closure

    def same_as(self, other: Attributes) -> bool:
        """Whether both hold the same values in the same order."""
        return self._held == other._held

    def as_messages(self) -> tuple[Attribute, ...]:
        """The same as protocol values."""
        return tuple(Attribute(key.text, tuple(values)) for key, values in self._held.items())
