"""Where an entry of a load stands, and what a rule may look at around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from govdir.directory.entry import Attributes
from govdir.directory.shape import Shape

if TYPE_CHECKING:
    from govdir.directory.bulk import BulkPlan


class Place:
    """An entry that others may go below: an existing record or a new entry by number."""

    __slots__ = ("ancestors", "dn", "number", "parent", "record_id", "shape_body")

    def __init__(
        self,
        dn: str,
        parent: Place | None,
        shape_body: tuple[Shape, bytes],
        record_id: int | None,
        number: int | None,
    ) -> None:
        self.dn = dn
        self.parent = parent
        self.shape_body = shape_body
        self.record_id = record_id
        self.number = number
        self.ancestors: tuple[Attributes, ...] | None = None


class LoadNear:
    """The Neighbourhood of an entry being planned."""

    def __init__(self, plan: BulkPlan, parent: Place | None, *, new_password: bool) -> None:
        self.checks: list[Callable[[], None]] = []
        self.new_password = new_password
        self.moved = False
        self._plan = plan
        self._parent = parent

    @property
    def moment(self) -> datetime:
        return self._plan.moment

    def entry(self, dn: str) -> Attributes | None:
        return self._plan.entry(dn)

    def address_holder(self, address: str) -> str | None:
        return self._plan.address_holder(address)

    def others_with(self, attribute: str, value: str) -> Sequence[Attributes]:
        return self._plan.others_with(attribute, value)

    def ancestors(self) -> Sequence[Attributes]:
        return self._plan.ancestors(self._parent)

    def ancestor_names(self) -> Sequence[str]:
        names, place = [], self._parent
        while place is not None:
            names.append(place.dn)
            place = place.parent
        return names

    def afterwards(self, check: Callable[[], None]) -> None:
        self.checks.append(check)
