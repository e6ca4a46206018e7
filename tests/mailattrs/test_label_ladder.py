"""Labels to choose from: the real clashes of the five provinces."""

from __future__ import annotations

import pytest

from govdir.mailattrs.addresses import taken_among
from govdir.mailattrs.label_ladder import How, Suggestions, suggest_labels
from govdir.mailattrs.labels import InvalidBodyName
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind


def suggested(province: str, kind: str, name: str, parent: str | None = None, *taken: str) -> Suggestions:
    return suggest_labels(load_province(province), MailboxKind(kind), name, parent, taken_among(taken))


@pytest.mark.parametrize(
    ("province", "kind", "name", "parent", "taken", "labels", "free"),
    [
        ("cantho", "agency", "Sở Ngoại vụ", None, "sonv", ["sonv", "snv", "snvu", "songoaivu"], "snv"),
        (
            "binhphuoc",
            "commune",
            "Xã Lộc Thiện",
            "ln",
            "xlt.ln",
            ["xlt", "xlthien", "locthien", "xlocthien"],
            "xlthien",
        ),
        ("vinhphuc", "agency", "Sở Nội vụ", None, "", ["snv", "snvu", "sonoivu"], "snv"),
        ("daklak", "commune", "UBND phường An Bình", "buonho", "", ["anbinh", "phuonganbinh"], "anbinh"),
    ],
)
def test_labels_go_from_short_to_long_and_clashes_are_told(
    *, province: str, kind: str, name: str, parent: str | None, taken: str, labels: list[str], free: str
) -> None:
    found = suggested(province, kind, name, parent, taken)

    offered = [each.label for each in found.labels]
    assert [label for label in offered if label in labels] == labels
    assert found.first_free is not None
    assert found.first_free.label == free
    assert [each.clash is None for each in found.labels][offered.index(free)]


def test_seven_communes_of_loc_ninh_with_one_abbreviation_all_get_a_label() -> None:
    held: set[str] = set()
    for name in ("Tấn", "Thạnh", "Thiện", "Thuận", "Thành", "Thái", "Thịnh"):
        found = suggested("binhphuoc", "commune", f"Xã Lộc {name}", "ln", *held).first_free
        assert found is not None
        assert found.address not in held
        held.add(found.address)

    assert len(held) == 7


def test_how_a_label_is_made_is_told() -> None:
    found = suggested("vinhphuc", "district", "UBND huyện Tam Đảo", None, "td")

    assert {each.label: each.how for each in found.labels}["tamdao"] is How.PLACE
    assert found.labels[0].clash is not None


def test_an_address_registered_by_name_is_told() -> None:
    found = suggested("cantho", "agency", "Sở Nội vụ")

    assert found.registered is not None
    assert found.registered.address == "sonv@cantho.gov.vn"


def test_a_name_without_letters_offers_none() -> None:
    with pytest.raises(InvalidBodyName):
        suggested("cantho", "agency", "&&")
