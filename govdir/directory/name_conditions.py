"""The `:dn` part of an extensible match: values in an entry's own name (RFC 4511 §4.5.1.7.7)."""

from __future__ import annotations

from collections.abc import Iterator

from govdir.directory.access import Grant
from govdir.directory.conditions import UNINDEXED, Condition
from govdir.directory.dn import Dn
from govdir.directory.image import Image, Record
from govdir.schema.definitions import AttributeType
from govdir.schema.errors import InvalidValue
from govdir.schema.matching import MatchingRule

# RDNs whose verdict one condition remembers: those of the entries above many others.
_MAX_VERDICTS = 1024

# The conditions that one record counts as: its RDN is read anew.
_WEIGHT = 4


class InName(Condition):
    """Whether an RDN of the entry or of one above it has a value that equals the asserted one, or comes
    before it by an ordering rule.

    `attribute` None: of any type; otherwise of this one or a subtype. `rule` None: by each type's own
    equality rule. A value that the rule cannot compare does not match.
    """

    __slots__ = ("_attribute", "_image", "_keys", "_rule", "_value", "_verdicts")

    def __init__(
        self, image: Image, attribute: AttributeType | None, rule: MatchingRule | None, value: bytes
    ) -> None:
        self._image = image
        self._attribute = attribute
        self._rule = rule
        self._value = value
        self._keys: dict[str, bytes | None] = {}
        self._verdicts: dict[bytes, bool] = {}

    @property
    def weight(self) -> int:
        return _WEIGHT

    def matches(self, record: Record, grant: Grant) -> bool | None:
        """Names are seen by whoever sees the entry, so nothing but that is asked of the grant."""
        return any(self._holds(here) for here in (record, *record.ancestors()))

    def estimate(self, image: Image) -> int:
        return UNINDEXED

    def _holds(self, record: Record) -> bool:
        verdict = self._verdicts.get(record.rdn)
        if verdict is None:
            verdict = any(self._accepts(attribute, value) for attribute, value in self._avas(record))
            if len(self._verdicts) < _MAX_VERDICTS and record.children is not None:
                self._verdicts[record.rdn] = verdict
        return verdict

    def _avas(self, record: Record) -> Iterator[tuple[AttributeType, bytes]]:
        """The suffix has its whole name as its RDN."""
        vocabulary = self._image.vocabulary
        for rdn in Dn.parse(record.rdn.decode(), vocabulary.schema).rdns:
            for name, value in rdn:
                yield vocabulary.describe(name).attribute, value

    def _accepts(self, attribute: AttributeType, value: bytes) -> bool:
        if not self._is_asked_for(attribute):
            return False
        rule = self._rule or attribute.equality
        if rule is None or not attribute.takes(rule):
            return False
        wanted = self._wanted(rule)
        try:
            key = rule.key(value)
        except InvalidValue:
            return False
        if wanted is None:
            return False
        return key < wanted if rule.is_ordering_rule else key == wanted

    def _is_asked_for(self, attribute: AttributeType) -> bool:
        here: AttributeType | None = attribute
        while here is not None:
            if self._attribute is None or here is self._attribute:
                return True
            here = here.superior
        return False

    def _wanted(self, rule: MatchingRule) -> bytes | None:
        """The asserted value's key, None where the rule cannot compare it."""
        if rule.oid not in self._keys:
            try:
                self._keys[rule.oid] = rule.key(self._value)
            except InvalidValue:
                self._keys[rule.oid] = None
        return self._keys[rule.oid]
