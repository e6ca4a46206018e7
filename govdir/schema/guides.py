"""Guide and Enhanced Guide (RFC 4517 §3.3.14 and §3.3.10): suggested search criteria as text."""

from __future__ import annotations

import re
from typing import Final

from govdir.schema.errors import InvalidValue

MAX_GUIDE_LENGTH: Final = 4096
"""Keeps the reduction of nested criteria, quadratic at worst, short."""

_OID: Final = r"(?:[A-Za-z][A-Za-z0-9-]*|[0-2](?:\.(?:0|[1-9][0-9]*))+)"
_TERM: Final = re.compile(rf"{_OID}\$(?:EQ|SUBSTR|GE|LE|APPROX)|\?true|\?false")
_GROUP: Final = re.compile(r"!T|\(T(?:[&|]T)*\)")
_REDUCED: Final = re.compile(r"T(?:[&|]T)*")
_CLASS: Final = re.compile(rf" *{_OID} *")
_SUBSETS: Final = frozenset({"baseobject", "oneLevel", "wholeSubtree"})


def _are_criteria(text: str) -> bool:
    """Whether terms, negations and groups reduce to one row of terms."""
    if "T" in _TERM.sub("", text):
        return False
    reduced, count = _TERM.sub("T", text), 1
    while count:
        reduced, count = _GROUP.subn("T", reduced)
    return _REDUCED.fullmatch(reduced) is not None


def _parts(value: bytes) -> list[str]:
    if not value.isascii() or len(value) > MAX_GUIDE_LENGTH:
        raise InvalidValue("not a search guide")
    return value.decode("ascii").split("#")


def check_guide(value: bytes) -> None:
    """`[object class #] criteria`; raises InvalidValue."""
    *classes, criteria = _parts(value)
    if len(classes) > 1 or not all(map(_CLASS.fullmatch, classes)) or not _are_criteria(criteria.strip(" ")):
        raise InvalidValue("not a search guide such as person#sn$EQ")


def check_enhanced_guide(value: bytes) -> None:
    """`object class # criteria # subset`; raises InvalidValue."""
    parts = _parts(value)
    if (
        len(parts) != 3
        or _CLASS.fullmatch(parts[0]) is None
        or not _are_criteria(parts[1].strip(" "))
        or parts[2].strip(" ") not in _SUBSETS
    ):
        raise InvalidValue("not an enhanced search guide such as person#(sn$EQ)#oneLevel")
