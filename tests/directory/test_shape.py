"""Bodies give back what was put into them, whatever its size."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.shape import Shapes, encode_values, partial_attribute_values
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.messages import SearchResultEntry
from tests.directory.imaging import SCHEMA, VOCABULARY, attributes, person

NAMES = ("description", "jpegPhoto", "cn;lang-vi", "telephoneNumber", "createTimestamp", "title")
VALUES = st.lists(
    st.one_of(st.binary(max_size=8), st.integers(120, 135).map(bytes), st.integers(250, 260).map(bytes)),
    min_size=1,
    max_size=4,
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_a_body_gives_back_every_value_in_order(values: dict[str, list[bytes]]) -> None:
    held = attributes({**person("an", "Nguyễn Văn An"), **values})
    shape, body = Shapes(VOCABULARY).encode(held)
    assert {key: list(one) for key, one in shape.attributes(body).items()} == dict(held.items())
    for name, expected in values.items():
        assert shape.values(body, shape.position[VOCABULARY.describe(name)]) == expected


def test_bodies_beyond_64_kib_are_kept_with_wide_offsets() -> None:
    members = [b"uid=person%05d,ou=sonv,dc=vn" % number for number in range(5000)]
    held = attributes({**person("an", "An"), "jpegPhoto": [bytes(100_000)], "seeAlso": members})
    shape, body = Shapes(VOCABULARY).encode(held)
    assert len(body) > 0xFFFF
    assert shape.values(body, shape.position[VOCABULARY.describe("seeAlso")]) == members
    assert shape.values(body, shape.position[VOCABULARY.describe("jpegPhoto")]) == [bytes(100_000)]


def test_the_width_changes_exactly_where_offsets_would_overflow() -> None:
    widths = {}
    for size in range(65_300, 65_600):
        shape, body = Shapes(VOCABULARY).encode(
            attributes({**person("an", "An"), "jpegPhoto": [bytes(size)]})
        )
        assert len(shape.values(body, shape.position[VOCABULARY.describe("jpegPhoto")])[0]) == size
        widths[shape.descriptor[0]] = len(body)
    assert widths["H"] <= 0xFFFF < widths["I"]


def test_entries_with_the_same_attributes_share_a_shape_whatever_the_order_they_came_in() -> None:
    shapes = Shapes(VOCABULARY)
    one, _ = shapes.encode(attributes(person("an", "An")))
    other, _ = shapes.encode(attributes(dict(reversed(person("binh", "Bình").items()))))
    assert one is other
    assert one is shapes.get(one.descriptor)


def test_user_attributes_come_first_and_classes_are_closed_upwards() -> None:
    shape, _ = Shapes(VOCABULARY).encode(
        attributes({"createTimestamp": "20260302080000Z", **person("an", "An"), "title": "Chuyên viên"})
    )
    assert [one.text for one in shape.descriptions] == [
        "objectClass", "cn", "sn", "title", "uid", "createTimestamp",
    ]  # fmt: skip
    assert shape.user_count == 5
    assert {"inetorgperson", "organizationalperson", "person", "top"} <= shape.classes


def test_a_supertype_leads_to_all_its_subtypes() -> None:
    shape, _ = Shapes(VOCABULARY).encode(attributes({**person("an", "An"), "cn;lang-vi": "An"}))
    names = {shape.descriptions[place].text for place in shape.by_attribute["name"]}
    assert names == {"cn", "cn;lang-vi", "sn"}


def test_a_shape_is_rebuilt_from_its_descriptor_in_another_process() -> None:
    held = attributes(person("an", "An", title="Chuyên viên"))
    shape, body = Shapes(VOCABULARY).encode(held)
    fresh = Vocabulary(SCHEMA)
    again = Shapes(fresh).get(shape.descriptor)
    assert again.attributes(body).texts("title") == ("Chuyên viên",)


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_an_encoded_attribute_is_the_protocols_partial_attribute(values: list[bytes]) -> None:
    encoded = encode_values(VOCABULARY.describe("description").type_tlv, values)
    assert partial_attribute_values(encoded, 0, len(encoded)) == values
    content = b"\x04\x00" + b"\x30" + _length(len(encoded)) + encoded
    operation = decode_message(search_entry(1, content)).operation
    assert isinstance(operation, SearchResultEntry)
    assert operation.attributes[0].type == "description"
    assert list(operation.attributes[0].values) == values


def _length(size: int) -> bytes:
    return bytes((size,)) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
