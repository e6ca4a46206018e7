"""The organisation and unit of a person, from the bodies it stands in, where the entry does not say itself.

People stand inside their bodies, so nobody writes `o` and `ou` into them; address books show these as company
and department. Given when asked for by name only: a program that copies entries (`*`) copies what is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from govdir.directory.dn import Dn
from govdir.directory.image import Image, Record

PERSON_CLASS = "gdperson"
_BODY_CLASS = "gdorganization"
_UNIT = b"unit"


def _organisation(image: Image, person: Record) -> list[bytes]:
    """The body that the person's unit belongs to, or in which the person stands."""
    return _nearest(image, person, unit=False)


def _unit(image: Image, person: Record) -> list[bytes]:
    """The unit (phòng, ban) in which the person stands, if it does in one."""
    return _nearest(image, person, unit=True)


def _nearest(image: Image, person: Record, *, unit: bool) -> list[bytes]:
    for above in _bodies(image, person):
        kinds = above.values("gdorgkind") or above.values("gdmailboxkind")
        if unit == (kinds[:1] == [_UNIT]):
            return (above.values("displayname") or above.values("description") or above.values("ou"))[:1]
        if unit:
            return []
    return []


def _bodies(image: Image, person: Record) -> Iterator[Record]:
    """Where the person works, nearest first: what `gdOrg` names, else what the entry stands in."""
    named = _named(image, person)
    for above in person.ancestors() if named is None else (named, *named.ancestors()):
        if _BODY_CLASS in above.shape.classes:
            yield above


def _named(image: Image, person: Record) -> Record | None:
    for name in person.values("gdorg"):
        schema = image.vocabulary.schema
        suffix = None if image.root is None else Dn.parse(image.root.dn_text, schema)
        path = None if suffix is None else Dn.parse(name.decode(), schema).below(suffix)
        return None if path is None else image.find(path)
    return None


# By attribute key, as directory.dynamic has operational ones.
FROM_BODIES: Mapping[str, Callable[[Image, Record], list[bytes]]] = {"o": _organisation, "ou": _unit}
