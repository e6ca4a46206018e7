"""Filters of many parts on entries of many values."""

from __future__ import annotations

from govdir.directory.conditions import OnValue
from govdir.directory.long_values import LongValues
from govdir.directory.resolve import resolve
from govdir.ldap.codec.filter_text import parse_filter
from govdir.schema.matching import MatchingRule
from tests.directory.imaging import EVERYTHING, Plot


def test_keys_of_many_values_are_worked_out_once_for_all_parts_of_a_filter() -> None:
    plot = Plot()
    values = tuple(f"Phòng {number:04}" for number in range(500))
    device = plot.put("cn=x", {"objectClass": "device", "cn": "x", "description": values})
    missing = "".join(f"(description=Phòng {number})" for number in range(5000, 5300))
    assert resolve(parse_filter(f"(|{missing})"), plot.image).matches(device, EVERYTHING) is False
    assert resolve(parse_filter(f"(|{missing}(description=phòng 0499))"), plot.image).matches(
        device, EVERYTHING
    )
    assert resolve(parse_filter("(description=*0499)"), plot.image).matches(device, EVERYTHING)
    rule = device.shape.vocabulary.describe("description").attribute.equality
    assert isinstance(rule, MatchingRule)
    place = device.shape.by_attribute["description"][0]
    held = LongValues()
    keys = held.keys(rule, device, place)
    assert keys == [rule.key(value.encode()) for value in values]
    assert held.keys(rule, device, place) is keys
    for other in range(8):
        held.keys(rule, plot.put(f"cn=o{other}", {"objectClass": "device", "cn": f"o{other}"}), 0)
    assert held.keys(rule, device, place) is not keys


def test_an_entry_that_changes_is_looked_at_anew() -> None:
    plot = Plot()
    before = plot.put(
        "cn=y",
        {"objectClass": "device", "cn": "y", "description": [f"a{number}" * 9 for number in range(500)]},
    )
    condition = resolve(parse_filter("(description;lang-vi=b)"), plot.image)
    assert isinstance(condition, OnValue)
    assert condition.matches(before, EVERYTHING) is False
    after = plot.put(
        "cn=z",
        {"objectClass": "device", "cn": "z", "description;lang-vi": ["b", *("c" * n for n in range(1, 99))]},
    )
    assert condition.matches(after, EVERYTHING) is True
