"""The window of a virtual list view (draft-ietf-ldapext-ldapv3-vlv-09 §5): what of a list it shows."""

from __future__ import annotations

from msgspec import Struct

from govdir.ldap.codec.controls.list_view import ListView


class OffsetOutOfRange(Exception):
    """The offset is none of a list of that many entries."""


class Window(Struct, frozen=True):
    """The entries from `first` up to, but without, `last`, counted from 0.

    `target` is the target's position, counted from 1: one more than there are entries where nothing is at or
    behind the value asked for; 0 in an empty list.
    """

    first: int
    last: int
    target: int


def window(view: ListView, count: int, before_value: int | None = None) -> Window:
    """What of `count` entries the view shows; `before_value` of them come before the value it asks for.

    Raises OffsetOutOfRange.
    """
    target = before_value + 1 if before_value is not None else _target(view.offset, view.count, count)
    first = max(0, target - 1 - view.before)
    last = min(count, target + view.after)
    return Window(min(first, count), max(last, 0), target)


def _target(offset: int, believed: int, count: int) -> int:
    """The client's offset by the number of entries it believes there are, as one by their real number."""
    if offset == 0 or (believed and offset > believed):
        raise OffsetOutOfRange
    if offset == believed:
        return count
    if offset == 1:
        return min(1, count)
    if not believed:
        if offset > count:
            raise OffsetOutOfRange
        return offset
    scaled = (2 * count * offset + believed) // (2 * believed)  # rounded to the nearest integer
    return min(max(scaled, 1), count)
