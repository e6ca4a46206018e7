"""How far a search reaches where some entries are special: the base it is led to, what is in scope, and where
it goes on elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from govdir.directory.access_view import AccessView
from govdir.directory.aliases import Aliases
from govdir.directory.branches import children_of
from govdir.directory.dn import Dn
from govdir.directory.image import Image, Record
from govdir.directory.matches import Reference
from govdir.directory.options import SearchOptions
from govdir.directory.referrals import check_not_elsewhere, continuation
from govdir.directory.special import ALIAS, REFERRAL, SUBENTRY, has_special, special_records
from govdir.directory.subentries import shows
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest

_FINDING: Final = frozenset({DerefAliases.FINDING_BASE_OBJECT, DerefAliases.ALWAYS})
_SEARCHING: Final = frozenset({DerefAliases.IN_SEARCHING, DerefAliases.ALWAYS})


def base_of(
    request: SearchRequest, options: SearchOptions, suffix: Dn, image: Image, view: AccessView
) -> tuple[str, ...] | None:
    """The path below the suffix of the entry to search from; None outside it.

    Raises InvalidDn, Referral, AliasProblem, AliasDereferencingProblem.
    """
    dn = Dn.parse(request.base, image.vocabulary.schema)
    if request.deref_aliases in _FINDING:
        dn = Aliases(image, suffix, view).followed(dn)
    if not options.manage_dsa_it:
        check_not_elsewhere(dn, suffix, image, view, request.scope)
    return dn.below(suffix)


class Reach:
    """The entries that one search considers.

    Its roots are the base and what aliases lead to: in a search of the whole subtree each stands for all
    below it, in one of one level what aliases lead to for itself alone.
    """

    __slots__ = ("_base", "_follows", "_image", "_managed", "_roots", "_scope", "_subentries")

    def __init__(
        self,
        base: Record,
        request: SearchRequest,
        options: SearchOptions,
        image: Image,
        aliases: Aliases,
    ) -> None:
        self._base = base
        self._image = image
        self._scope = request.scope
        self._managed = options.manage_dsa_it
        self._subentries = options.subentries
        self._follows = request.deref_aliases in _SEARCHING and request.scope is not Scope.BASE_OBJECT
        self._roots = aliases.vertices(base, request.scope) if self._follows else set()
        if request.scope is Scope.WHOLE_SUBTREE:
            self._roots.add(base)

    def covers(self, record: Record) -> bool:
        """Whether the entry is in scope and to be returned as one."""
        if record.shape.special:
            classes = record.shape.classes
            if REFERRAL in classes and not self._managed:
                return False
            if ALIAS in classes and self._follows and record is not self._base:
                return False
        elif self._subentries is None:
            return self._holds(record)
        return shows(record, self._scope, self._subentries) and self._holds(record)

    def records(self) -> Iterator[Record | None]:
        """All that it covers, each once; None is a point to breathe at."""
        if self._subentries:
            found: Iterable[Record | None] = list(special_records(self._image, SUBENTRY))
        else:
            found = self._one_level() if self._scope is Scope.SINGLE_LEVEL else self._subtrees()
        return (record if record is not None and self.covers(record) else None for record in found)

    def references(self, view: AccessView) -> Iterator[Reference]:
        """Where the search goes on: for each referral object in scope, whatever the filter (RFC 3296
        §5.4)."""
        if self._managed or self._scope is Scope.BASE_OBJECT:
            return
        for record in list(special_records(self._image, REFERRAL)):
            if self._holds(record) and view.grant(record).visible:
                yield continuation(record, self._scope)

    @property
    def is_ordinary(self) -> bool:
        """Whether the search finds just what it would find without aliases and referral objects."""
        here = self._subentries is None and self._roots <= {self._base}
        return here and not has_special(self._image, REFERRAL)

    def _holds(self, record: Record) -> bool:
        roots = self._roots
        if self._scope is Scope.SINGLE_LEVEL:
            return record.parent is self._base or record in roots
        if self._scope is Scope.BASE_OBJECT:
            return record is self._base
        return record in roots or any(above in roots for above in record.ancestors())

    def _one_level(self) -> Iterator[Record | None]:
        yield from children_of(self._base, self._image)
        for record in self._roots:
            if record.parent is not self._base:
                yield record

    def _subtrees(self) -> Iterator[Record]:
        for root in self._roots:
            if not any(above in self._roots for above in root.ancestors()):
                yield from root.descendants()
