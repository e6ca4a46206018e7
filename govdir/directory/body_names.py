"""The organisation and unit of a person, from the bodies it stands in, where the entry does not say itself.

People stand inside their bodies, so nobody writes `o` and `ou` into them; address books show these as company
and department. Given when asked for by name only: a program that copies entries (`*`) copies what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from govdir.directory.image import Image, Record

PERSON_CLASS = "gdperson"
_BODY_CLASS = "gdorganization"
_UNIT = b"unit"


def _organisation(_image: Image, person: Record) -> list[bytes]:
    """The body that the person's unit belongs to, or in which the person stands."""
    return _nearest(person, unit=False)


def _unit(_image: Image, person: Record) -> list[bytes]:
    """The unit (phòng, ban) in which the person stands, if it does in one."""
    return _nearest(person, unit=True)


def _nearest(person: Record, *, unit: bool) -> list[bytes]:
    for above in person.ancestors():
        if _BODY_CLASS not in above.shape.classes:
            continue
        kinds = above.values("gdorgkind") or above.values("gdmailboxkind")
        if unit == (kinds[:1] == [_UNIT]):
            return (above.values("displayname") or above.values("description") or above.values("ou"))[:1]
        if unit:
            return []
    return []


# By attribute key, as directory.dynamic has operational ones.
FROM_BODIES: Mapping[str, Callable[[Image, Record], list[bytes]]] = {"o": _organisation, "ou": _unit}
