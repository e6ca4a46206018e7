"""The substring index finds what a walk over all keys finds, at every stage of its making."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory import substring_keys
from govdir.directory.substring_keys import PORTION, SubstringKeys
from govdir.schema.accents import Wanted, matches_substrings, wanted

PIECE = st.text("ab c", min_size=1, max_size=4).map(str.encode)
PARTS = st.tuples(st.none() | PIECE, st.lists(PIECE, max_size=2).map(tuple), st.none() | PIECE).filter(
    lambda parts: parts != (None, (), None)
)
KEYS = st.sets(st.text("ab c", max_size=8).map(str.encode), max_size=30)


def found(search: Iterator[bytes | None]) -> list[bytes]:
    """In order, without the points to breathe at."""
    return sorted(key for key in search if key is not None)


def naive(keys: set[bytes], parts: tuple[bytes | None, tuple[bytes, ...], bytes | None]) -> list[bytes]:
    return sorted(key for key in keys if matches_substrings(key, *parts))


@given(KEYS, KEYS, KEYS, PARTS)
def test_it_finds_what_a_walk_finds_while_keys_come_and_go(
    first: set[bytes],
    gone: set[bytes],
    later: set[bytes],
    parts: tuple[bytes | None, tuple[bytes, ...], bytes | None],
) -> None:
    index = SubstringKeys()
    for key in first:
        index.add(key)
    assert found(index.search(Wanted(parts))) == naive(first, parts)
    for key in gone & first:
        index.remove(key)
    for key in later - (first - gone):
        index.add(key)
    for _ in range(2):
        assert found(index.search(Wanted(parts))) == naive((first - gone) | later, parts)


@pytest.fixture
def words() -> list[bytes]:
    random = Random(7)
    return [b" %08x  nguyen  van " % random.getrandbits(32) for _ in range(3 * PORTION)]


def test_collecting_in_portions_changes_no_answer(words: list[bytes]) -> None:
    index = SubstringKeys()
    for word in set(words):
        index.add(word)
    expected = naive(set(words), (None, (b"abc",), None))
    assert expected
    for _ in range(5):
        assert found(index.search(Wanted((None, (b"abc",), None)))) == expected


def test_trigrams_in_every_key_are_not_kept_and_still_found(
    words: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(substring_keys, "_COMMON_LEAST", 50)
    index = SubstringKeys()
    for word in set(words):
        index.add(word)
    for _ in range(5):
        assert len(found(index.search(Wanted((None, (b"nguyen",), None))))) == len(set(words))
    assert found(index.search(Wanted((words[0][:5], (b"van",), None)))) == naive(
        set(words), (words[0][:5], (b"van",), None)
    )


def test_keys_that_come_and_go_leave_nothing_behind(words: list[bytes]) -> None:
    index = SubstringKeys()
    index.add(b" stays ")
    for word in words:
        index.add(word)
        index.remove(word)
    assert len(index._keys) <= PORTION + 2
    assert found(index.search(Wanted((None, (b"stay",), None)))) == [b" stays "]


def test_a_search_under_way_survives_a_new_start(words: list[bytes]) -> None:
    index = SubstringKeys()
    for word in words:
        index.add(word)
    under_way = index.search(Wanted((None, (b"van",), None)))
    first = next(under_way)
    for word in words[: 2 * PORTION]:
        index.remove(word)
    assert first is not None
    all_found = [first, *found(under_way)]
    assert set(all_found) >= set(words[2 * PORTION :])
    assert len(all_found) == len(set(all_found))


@pytest.mark.parametrize("common", [1, 4096])
@pytest.mark.parametrize("united", [0, 2048])
def test_one_and_two_letters_are_found_among_the_trigrams_that_have_them(
    common: int, united: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(substring_keys, "_COMMON_LEAST", common)
    monkeypatch.setattr(substring_keys, "_MOST_UNITED", united)
    index = SubstringKeys()
    keys = {b" an ", b" van ", b" hoa ", b"w", b"xa", b""}
    for key in keys:
        index.add(key)
    for text in (b"a", b"w", b"an", b"xa", b" v", b"zz"):
        assert found(index.search(Wanted((None, (text,), None)))) == sorted(
            key for key in keys if text in key
        )
    index.add(b" zza ")
    for _ in range(2):
        assert found(index.search(Wanted((None, (b"zz",), None)))) == [b" zza "]


def test_letters_that_nobody_has_cost_no_walk(words: list[bytes]) -> None:
    index = SubstringKeys()
    for word in words:
        index.add(word)
    while index.collect():
        pass
    assert (index.narrowed(b"w"), index.narrowed(b"zz")) == (0, 0)


def test_what_was_found_narrows_the_next_letter_and_not_what_comes_later(words: list[bytes]) -> None:
    index = SubstringKeys()
    for word in words:
        index.add(word)
    while index.collect():
        pass
    typed = [words[5][:length] for length in (4, 5, 6)]
    for text in typed:
        keys = found(index.search(Wanted((None, (text,), None))))
        assert keys == sorted(word for word in words if text in word)
        assert index.narrowed(text) == len(keys)
    index.add(typed[-1] + b" later")
    for text in typed:
        assert typed[-1] + b" later" in found(index.search(Wanted((None, (text,), None))))


def test_a_search_under_way_does_not_hide_what_comes_meanwhile(words: list[bytes]) -> None:
    index = SubstringKeys()
    for word in words:
        index.add(word)
    while index.collect():
        pass
    under_way = index.search(Wanted((None, (b"van",), None)))
    next(under_way)
    index.add(b" a new  van ")
    while index.collect():
        pass
    found(under_way)
    assert b" a new  van " in found(index.search(Wanted((None, (b"van",), None))))


def test_a_mark_few_keys_have_is_looked_for_before_the_letters() -> None:
    index = SubstringKeys()
    keys = [f" {word} {number} ".encode() for number in range(1500) for word in ("thị", "thi", "thí")]
    keys.insert(3000, " thỉ ".encode())
    for key in keys:
        index.add(key)
    while index.collect():
        pass
    assert found(index.search(Wanted((None, ("thỉ".encode(),), None)))) == [" thỉ ".encode()]
    assert len(found(index.search(Wanted((None, ("thí".encode(),), None))))) == 1500


def test_others_have_their_turn_while_many_keys_are_looked_at_in_vain() -> None:
    index = SubstringKeys()
    for number in range(5000):
        index.add(b" van %d " % number)
    looked = list(index.search(Wanted((None, (b"van", b"x"), None))))
    assert (found(iter(looked)), looked.count(None) >= 5) == ([], True)


@pytest.mark.parametrize(
    ("parts", "matches"),
    [
        ((b"ab", (), b"ba"), True),
        ((b"aba", (), b"ba"), True),
        ((b"abab", (), b"aba"), False),
        ((None, (b"ab", b"ab"), None), True),
        ((None, (b"ab", b"ab", b"ab"), None), False),
        ((b"abab", (b"b",), b"a"), False),
    ],
)
def test_parts_use_no_octet_twice(
    parts: tuple[bytes | None, tuple[bytes, ...], bytes | None], matches: bool
) -> None:
    assert matches_substrings(b"ababa", *parts) is matches


def test_keys_taken_back_in_reverse_leave_no_gaps_and_trigrams_stay() -> None:
    keys = SubstringKeys()
    held = [b"nguyen %d" % number for number in range(50)]
    for key in held:
        keys.add(key)
    while keys.collect():
        pass
    ready = keys._ready
    newest = [b"may tinh %d" % number for number in range(1500)]
    for _ in range(3):
        for key in newest:
            keys.add(key)
        for key in reversed(newest):
            keys.remove(key)
    assert (len(keys._keys), keys._ready, keys._removed) == (50, ready, 0)
    keys.add(newest[0])
    keys.remove(held[7])
    assert keys._keys == [*held[:7], None, *held[8:], newest[0]]


def test_texts_that_are_too_long_to_be_words_are_found_and_not_remembered() -> None:
    long = b"a" * 257
    keys = SubstringKeys()
    keys.add(b"x" + long + b"x")
    while keys.collect():
        pass
    for text in (long, long[1:]):
        wanted_parts = wanted((None, (text,), None))
        assert [key for key in keys.search(wanted_parts) if key is not None] == [b"x" + long + b"x"]
    assert long not in keys._places
    assert long[1:] in keys._places
