"""Index keys: computed alike from an entry being written and from a stored body."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from govdir.directory.entry import Attributes
from govdir.directory.index_keys import EQUALITY, SUBSTRING, IndexKeys
from govdir.directory.shape import Shapes
from tests.directory.imaging import VOCABULARY, attributes, person

KEYS = IndexKeys(VOCABULARY)


def places(held: Attributes) -> dict[str, object]:
    return dict(zip(EQUALITY, msgpack.decode(KEYS.of(held)), strict=True))


def test_each_attribute_has_the_keys_of_its_equality_rule_in_its_place() -> None:
    found = places(attributes(person("AN", "Lê  An", mail=("An@X.vn", "b@x.vn"), title="no index")))
    assert found["uid"] == b" an "
    assert found["cn"] == " lê  an ".encode()
    assert found["mail"] == [b" an@x.vn ", b" b@x.vn "]
    assert found["member"] is None
    assert set(found) == set(EQUALITY)


def test_values_under_options_are_indexed_with_the_others() -> None:
    found = places(attributes({**person("an", "Một"), "cn;lang-vi": "Hai"}))
    assert sorted(found["cn"]) == sorted([" một ".encode(), b" hai "])  # type: ignore[call-overload]


def test_values_that_cannot_be_compared_are_left_out() -> None:
    held = attributes({**person("an", "An"), "mail": ("ân@x.vn".encode(), b"an@x.vn"), "owner": "nosuch=1"})
    found = places(held)
    assert found["mail"] == b" an@x.vn "
    assert not found["owner"]


def test_keys_do_not_depend_on_the_order_in_which_a_client_gave_the_descriptions() -> None:
    one = attributes({**person("an", "Một"), "cn;lang-vi": "Hai"})
    other = attributes({"cn;lang-vi": "Hai", **person("an", "Một")})
    shape, body = Shapes(VOCABULARY).encode(other)
    assert KEYS.of(one) == KEYS.of(other) == KEYS.of_body(shape, body)


@given(
    st.dictionaries(
        st.sampled_from(["cn;lang-vi", "mail", "title", "telephoneNumber", "createTimestamp", "owner"]),
        st.lists(
            st.sampled_from([b"An", b"an@x.vn", b"20260302080000Z", b"cn=x", b"\xff"]),
            min_size=1,
            unique=True,
        ),
    )
)
def test_a_stored_body_gives_the_keys_it_was_written_with(values: dict[str, list[bytes]]) -> None:
    held = attributes({**person("an", "An"), **values})
    shape, body = Shapes(VOCABULARY).encode(held)
    before, after = (msgpack.decode(keys) for keys in (KEYS.of(held), KEYS.of_body(shape, body)))
    for one, other in zip(before, after, strict=True):
        assert _as_set(one) == _as_set(other)


def _as_set(keys: object) -> set[object]:
    return set(keys) if isinstance(keys, list) else {keys} - {None}


def test_every_substring_index_is_of_an_attribute_with_a_substrings_rule() -> None:
    indexes = KEYS.make_indexes()
    for key in SUBSTRING:
        assert indexes[key].substring is not None
        rule = VOCABULARY.describe(key).attribute.substring
        assert rule is not None
        assert rule.is_substrings_rule


def test_no_indexed_attribute_has_subtypes_whose_values_its_index_would_lack() -> None:
    for name in EQUALITY:
        attribute = VOCABULARY.describe(name).attribute
        assert VOCABULARY.schema.subtypes(attribute) == (attribute,)
