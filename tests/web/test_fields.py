"""Fields of queries and forms: each at most once, and nothing that cannot be read."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.web.fields import MAX_FIELDS, BadFields, Fields

WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def test_values_are_decoded_and_blank_ones_are_kept() -> None:
    assert dict(Fields(b"RelayState=&name=Nguy%E1%BB%85n+V%C4%83n")) == {
        "RelayState": "",
        "name": "Nguyễn Văn",
    }


def test_a_field_that_is_not_there_is_missing() -> None:
    assert Fields(b"a=1").get("RelayState") is None


@pytest.mark.parametrize(
    "octets",
    [
        b"a=1&a=2",
        b"a=1&a=1",
        b"a=%FF",
        "a=é".encode(),
        b"&".join([b"a%d=1" % n for n in range(MAX_FIELDS + 1)]),
    ],
    ids=["twice", "twice the same", "not UTF-8", "not ASCII", "too many"],
)
def test_what_could_be_read_in_two_ways_is_refused(octets: bytes) -> None:
    with pytest.raises(BadFields):
        dict(Fields(octets))


def test_nothing_is_read_before_it_is_asked_for() -> None:
    assert repr(Fields(b"a=%FF")) == "Fields(<hidden>)"


@given(st.dictionaries(WORDS.filter(bool), WORDS, max_size=10))
def test_what_a_browser_encodes_comes_back(fields: dict[str, str]) -> None:
    assert dict(Fields(urlencode(fields).encode())) == fields
