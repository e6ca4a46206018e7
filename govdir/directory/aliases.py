"""Aliases: entries that stand for others (RFC 4512 §2.6), followed where a search asks for it (RFC 4511
§4.5.1.3).

Whoever may not see an alias, or what it stands for, is not led anywhere by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from govdir.directory.access_view import AccessView
from govdir.directory.dn import Dn
from govdir.directory.errors import AliasDereferencingProblem, AliasProblem, InvalidDn
from govdir.directory.image import Image, Record
from govdir.directory.special import ALIAS, special_records
from govdir.ldap.codec.messages import Scope

_STANDS_FOR: Final = "aliasedobjectname"

# Aliases followed for one name; who meets more is going round in a circle.
MAX_FOLLOWED: Final = 32

_NOTHING: Final = "bí danh chỉ tới mục không có (an alias stands for an entry that does not exist)"
_CIRCLE: Final = "các bí danh chỉ vòng quanh nhau (aliases lead in a circle)"


class Aliases:
    """The aliases of an image as one caller may follow them."""

    __slots__ = ("_image", "_suffix", "_view")

    def __init__(self, image: Image, suffix: Dn, view: AccessView) -> None:
        self._image = image
        self._suffix = suffix
        self._view = view

    def followed(self, dn: Dn) -> Dn:
        """The name without aliases: each on the way to the entry is replaced by what it stands for.

        Raises AliasProblem where one stands for nothing the caller may know of, AliasDereferencingProblem
        where they go round in a circle.
        """
        alias: Record | None = None
        promised = 0  # so many of the topmost RDNs an alias has promised to be those of an entry
        for _ in range(MAX_FOLLOWED):
            path = dn.below(self._suffix)
            here = None if path is None else self._image.deepest(path)
            if here is None or path is None or not self._is_alias(here):
                self._check_kept(path, promised, alias)
                return dn
            alias = here
            depth = sum(1 for _ in here.ancestors())
            target = self._named_by(here)
            rest = len(path) - depth
            promised = len(target.keys) - len(self._suffix.keys) + max(0, promised - depth)
            dn = Dn((*dn.rdns[:rest], *target.rdns), (*dn.keys[:rest], *target.keys))
        raise AliasDereferencingProblem(_CIRCLE, matched_dn=self._last(alias))

    def target(self, alias: Record) -> Record | None:
        """The entry that a visible alias stands for in the end; None where a search passes over it."""
        try:
            path = self.followed(self._named_by(alias)).below(self._suffix)
        except (AliasProblem, AliasDereferencingProblem):
            return None
        record = None if path is None else self._image.find(path)
        return record if record is not None and self._view.grant(record).visible else None

    def vertices(self, base: Record, scope: Scope) -> set[Record]:
        """Where a search from `base` goes on: what the aliases in its scope stand for, and so on from there
        where the scope is the whole subtree."""
        seen = self._view.grant
        aliases = [alias for alias in special_records(self._image, ALIAS) if seen(alias).visible]
        if scope is Scope.SINGLE_LEVEL:
            aliases = [alias for alias in aliases if alias.parent is base]
            return {target for alias in aliases if (target := self.target(alias)) is not None}
        below = _by_ancestor(aliases)
        found = {base}
        waiting = [base]
        while waiting:
            for alias in below.get(waiting.pop(), ()):
                target = self.target(alias)
                if target is not None and target not in found:
                    found.add(target)
                    waiting.append(target)
        found.discard(base)
        return found

    def _is_alias(self, record: Record) -> bool:
        return ALIAS in record.shape.classes and self._view.grant(record).visible

    def _named_by(self, alias: Record) -> Dn:
        """The name that the alias has; raises AliasProblem for one outside this tree."""
        for value in alias.values(_STANDS_FOR):
            try:
                dn = Dn.parse(value.decode(), self._image.vocabulary.schema)
            except (InvalidDn, UnicodeDecodeError):
                break
            if dn.below(self._suffix) is not None:
                return dn
        raise AliasProblem(_NOTHING, matched_dn=alias.dn_text)

    def _check_kept(self, path: tuple[str, ...] | None, promised: int, alias: Record | None) -> None:
        if alias is None or path is None:
            return
        record = self._image.find(path[:promised])
        if record is None or not self._view.grant(record).visible:
            raise AliasProblem(_NOTHING, matched_dn=alias.dn_text)

    @staticmethod
    def _last(alias: Record | None) -> str:
        return "" if alias is None else alias.dn_text


def _by_ancestor(records: Iterable[Record]) -> dict[Record, list[Record]]:
    """The records by each of the entries above them."""
    found: dict[Record, list[Record]] = {}
    for record in records:
        for above in record.ancestors():
            found.setdefault(above, []).append(record)
    return found
