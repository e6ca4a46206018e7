"""Searches find what an evaluator finds that is written straight from RFC 4511 §4.5.1.7 and RFC 4517.

It knows nothing of indexes, shapes or prepared values: an entry is a mapping of names to texts. Values are
chosen so that accents, by which substring filters deliberately differ, play no part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.access import AttributeSet, Grant
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filter_text import format_filter
from govdir.ldap.codec.filters import (
    And,
    Equality,
    Extensible,
    Filter,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)
from tests.directory.imaging import EVERYTHING, Plot

# The types that stand for others: a filter on the left one is on all of these.
_SUBTYPES = {
    "name": ("cn", "sn", "title"),
    "cn": ("cn",),
    "sn": ("sn",),
    "title": ("title",),
    "uid": ("uid",),
}
_NUMBERS = ("mailquota",)
_FORBIDDEN = "title"


@dataclass(frozen=True)
class Model:
    """An entry: lower-case attribute name to values; its RDNs, its own first."""

    values: Mapping[str, Sequence[str]]
    rdns: Sequence[tuple[str, str]]


def fold(text: str) -> str:
    return " ".join(text.lower().split())


def held(entry: Model, attribute: str) -> list[str]:
    return [value for name in _SUBTYPES.get(attribute, (attribute,)) for value in entry.values.get(name, ())]


def judged(wire: Filter, entry: Model, *, all_searchable: bool) -> bool | None:
    """True, False or, as None, Undefined."""
    match wire:
        case And(filters):
            verdicts = [judged(part, entry, all_searchable=all_searchable) for part in filters]
            return False if False in verdicts else None if None in verdicts else True
        case Or(filters):
            verdicts = [judged(part, entry, all_searchable=all_searchable) for part in filters]
            return True if True in verdicts else None if None in verdicts else False
        case Not(inner):
            verdict = judged(inner, entry, all_searchable=all_searchable)
            return None if verdict is None else not verdict
        case Extensible(rule, attribute, value, in_name):
            verdict = _by_rule(rule, str(attribute).lower(), value.decode(), entry, all_searchable)
            if verdict is None and not _is_denied(str(attribute).lower(), all_searchable):
                return None  # what cannot be compared cannot be compared in names either
            return (
                True if in_name and _named(rule, str(attribute).lower(), value.decode(), entry) else verdict
            )
        case _:
            attribute = wire.attribute.lower()
            if attribute not in {*_SUBTYPES, *_NUMBERS, "objectclass"} or _is_denied(
                attribute, all_searchable
            ):
                return None
            return _item(wire, attribute, entry)


def _is_denied(attribute: str, all_searchable: bool) -> bool:
    return not all_searchable and attribute == _FORBIDDEN


def _item(wire: Filter, attribute: str, entry: Model) -> bool | None:
    values = held(entry, attribute)
    match wire:
        case Present():
            return bool(values)
        case Equality(_, value):
            return _equal(attribute, values, value.decode())
        case GreaterOrEqual(_, value) | LessOrEqual(_, value):
            number = _number(value.decode())
            if attribute not in _NUMBERS or number is None:
                return None
            least = isinstance(wire, GreaterOrEqual)
            return any(int(each) >= number if least else int(each) <= number for each in values)
        case Substrings(_, initial, inner, final):
            if attribute in (*_NUMBERS, "objectclass"):
                return None
            pieces = [re.escape(piece.decode().lower()) for piece in inner]
            start = "" if initial is None else re.escape(initial.decode().lower())
            end = "" if final is None else re.escape(final.decode().lower())
            pattern = re.compile(start + "".join(f".*{piece}" for piece in pieces) + ".*" + end)
            return any(pattern.fullmatch(fold(each)) for each in values)
    raise AssertionError(wire)


def _equal(attribute: str, values: Sequence[str], value: str) -> bool | None:
    if attribute in _NUMBERS:
        number = _number(value)
        return None if number is None else any(int(each) == number for each in values)
    if attribute == "objectclass":
        if fold(value) not in {"top", "person", "device", "inetorgperson", "organizationalperson"}:
            return None
        return fold(value) in {fold(each) for each in values}
    return fold(value) in {fold(each) for each in values}


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"0|-?[1-9][0-9]*", text) else None


def _by_rule(rule: str | None, attribute: str, value: str, entry: Model, all_searchable: bool) -> bool | None:
    if attribute not in {*_SUBTYPES, *_NUMBERS} or _is_denied(attribute, all_searchable):
        return None
    values = held(entry, attribute)
    if rule is None:
        return _equal(attribute, values, value)
    if (rule in {"integerMatch", "integerOrderingMatch"}) != (attribute in _NUMBERS):
        return None
    match rule:
        case "caseExactMatch":
            return " ".join(value.split()) in {" ".join(each.split()) for each in values}
        case "caseIgnoreMatch":
            return fold(value) in {fold(each) for each in values}
        case "integerMatch":
            return _equal(attribute, values, value)
        case "integerOrderingMatch":
            number = _number(value)
            return None if number is None else any(int(each) < number for each in values)
    return None


def _named(rule: str | None, attribute: str, value: str, entry: Model) -> bool:
    names = [each for kind, each in entry.rdns if kind in _SUBTYPES.get(attribute, (attribute,))]
    if rule == "caseExactMatch":
        return value in names
    return fold(value) in {fold(each) for each in names}


_WORDS = st.sampled_from(["An", "an", "Binh", "an  binh", "Anan", "ban", "10", "9"])
_ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["An", "Binh", "Chi"]),
        st.lists(_WORDS, min_size=1, max_size=2, unique_by=fold),
        st.none() | _WORDS,
        st.none() | st.sampled_from(["9", "10", "200"]),
    ),
    max_size=5,
)
_NAMES = st.sampled_from(["cn", "CN", "sn", "uid", "name", "title", "mailQuota", "nosuch", "objectClass"])
_VALUES = st.one_of(_WORDS, st.sampled_from(["person", "device", "nothing", "200"])).map(str.encode)
_PIECES = st.sampled_from([b"a", b"an", b"n", b"nan", b"b", b"1"])
_LEAVES = st.one_of(
    st.builds(Equality, _NAMES, _VALUES),
    st.builds(Present, _NAMES),
    st.builds(GreaterOrEqual, _NAMES, _VALUES),
    st.builds(LessOrEqual, _NAMES, _VALUES),
    st.builds(Substrings, _NAMES, st.none() | _PIECES, st.lists(_PIECES, max_size=2).map(tuple), _PIECES),
    st.builds(
        Extensible,
        st.sampled_from(
            [None, "caseExactMatch", "caseIgnoreMatch", "integerMatch", "integerOrderingMatch", "no"]
        ),
        st.sampled_from(["cn", "uid", "title", "mailQuota", "nosuch", "name"]),
        _VALUES,
        st.booleans(),
    ),
)
_FILTERS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=6,
)


def planted(people: Sequence[tuple[str, list[str], str | None, str | None]]) -> tuple[Plot, list[Model]]:
    plot, models = Plot(), []
    plot.put("ou=An", {"objectClass": "organizationalUnit", "ou": "An"})
    for number, (uid, names, title, quota) in enumerate(people):
        values: dict[str, Sequence[str]] = {"cn": names, "sn": ("Le",), "uid": (uid,)}
        if title is not None:
            values["title"] = (title,)
        if quota is not None:
            values["mailquota"] = (quota,)
        rdn = f"uid={uid}+employeeNumber={number}"
        plot.put(f"{rdn},ou=An", {"objectClass": "inetOrgPerson", **values})
        classes = ("top", "person", "organizationalPerson", "inetOrgPerson")
        models.append(
            Model({**values, "objectclass": classes}, [("uid", uid), ("ou", "An"), ("dc", "cantho")])
        )
    return plot, models


@given(_ENTRIES, _FILTERS, st.booleans())
def test_every_filter_is_judged_as_the_rfc_says(
    people: list[tuple[str, list[str], str | None, str | None]], wire: Filter, all_searchable: bool
) -> None:
    plot, models = planted(people)
    some = AttributeSet(frozenset({"cn", "sn", "uid", "name", "mailquota", "objectclass"}))
    grant = EVERYTHING if all_searchable else Grant(search=some)
    condition = resolve(wire, plot.image)
    for number, model in enumerate(models):
        record = plot.record(number + 3)
        told = judged(wire, model, all_searchable=all_searchable)
        assert condition.matches(record, grant) is told, format_filter(wire)
