"""Whom somebody finds who looks for people to help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.handle import Handle
from govdir.web import administration_people
from govdir.web.administration_people import Found, People
from tests.directory.building import SONV, SOTTTT, Town, open_town
from tests.directory.role_town import AN, BINH, caller, populate
from tests.sso.memory_ports import run


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("peopled") / "town.db"
    with open_town(path) as town:
        populate(town)
    return path


@pytest.fixture
def town(tmp_path: Path, peopled: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", peopled) as town:
        yield town


async def no_pause() -> None:
    """There is no loop to attend to."""


def find(town: Town, handle: Handle, text: str) -> Found:
    return run(People(town.directory, no_pause).find(handle, text))


def found(town: Town, who: str, text: str) -> list[str]:
    return [each.facts.name for each in find(town, caller(town, who), text).people]


def test_an_agencys_administrator_finds_the_agencys_people_only(town: Town) -> None:
    assert found(town, "agency-admin", "lê an") == ["Lê An"]
    assert found(town, "agency-admin", "trần bình") == []


def test_accents_and_capitals_do_not_matter(town: Town) -> None:
    assert found(town, "agency-admin", "DO GIANG") == found(town, "agency-admin", "đỗ giang") == ["Đỗ Giang"]


def test_a_part_of_the_address_is_enough(town: Town) -> None:
    address = town.values(BINH, "mail")[0]
    assert found(town, "operator", address[:6].upper()) == ["Trần Bình"]


def test_an_operator_finds_people_everywhere(town: Town) -> None:
    assert found(town, "operator", "trần bình") == ["Trần Bình"]


def test_whoever_holds_rights_that_the_caller_lacks_is_not_offered(town: Town) -> None:
    assert found(town, "agency-admin", "phạm vai") == []
    assert found(town, "operator", "phạm vai") == []
    assert found(town, "administrator", "phạm vai") == ["Phạm Vai Ba", "Phạm Vai Bốn", "Phạm Vai Hai"]


def test_nobody_is_offered_to_help_oneself(town: Town) -> None:
    assert "Vũ Việc Một" not in found(town, "agency-admin", "vũ việc")


@pytest.mark.parametrize("who", ["person", "approver", "auditor", "agency-approver", "anonymous"])
def test_whoever_administers_nothing_finds_nobody(town: Town, who: str) -> None:
    assert found(town, who, "lê an") == []


@pytest.mark.parametrize("text", ["", " ", "a", " ă "])
def test_a_single_letter_is_no_search(town: Town, text: str) -> None:
    assert found(town, "operator", text) == []


@pytest.mark.parametrize("text", ["*", "**", ")(uid=*", "\\2a", "%%", "\x00\x00", "\u00ad\u200b"])
def test_signs_of_the_filter_language_are_only_signs(town: Town, text: str) -> None:
    assert found(town, "administrator", text) == []


def test_more_than_fit_a_list_are_said_to_be_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(administration_people, "SHOWN", 2)
    for given in ("An", "Bảo", "Chi"):
        town.person("*", f"Hồ Thị {given}")
    result = find(town, caller(town, "operator"), "hồ thị")
    assert len(result.people) == 2
    assert result.more


def test_a_long_search_lets_the_loop_attend_to_others(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(administration_people, "BREATHE_EVERY", 2)
    turns = 0

    async def breathe() -> None:
        nonlocal turns
        turns += 1

    for given in ("An", "Bảo", "Chi", "Dung", "Em"):
        town.person("*", f"Hồ Thị {given}")
    found = run(People(town.directory, breathe).find(caller(town, "operator"), "hồ thị"))
    assert (len(found.people), turns) == (5, 2)


def test_people_come_by_name(town: Town) -> None:
    for given in ("Yến", "Ân", "Ba"):
        town.person("*", f"Hồ Thị {given}")
    assert found(town, "operator", "ho thi") == ["Hồ Thị Ân", "Hồ Thị Ba", "Hồ Thị Yến"]


def test_somebody_is_got_by_the_lasting_name_within_ones_reach_only(town: Town) -> None:
    people = People(town.directory, no_pause)
    office = caller(town, "agency-admin")
    mine, theirs = (town.values(dn, "entryUUID")[0] for dn in (AN, BINH))
    got = people.get(office, mine)
    assert got is not None
    assert (got.dn, got.facts.name) == (AN, "Lê An")
    assert people.get(office, theirs) is None
    assert people.get(office, "no-uuid") is None


def test_somebody_who_has_moved_away_is_out_of_reach(town: Town) -> None:
    people = People(town.directory, no_pause)
    uuid = town.values(AN, "entryUUID")[0]
    town.rename(AN, "uid=an", SOTTTT)
    assert people.get(caller(town, "agency-admin"), uuid) is None


def test_an_agencys_own_mailbox_is_found_by_its_name(town: Town) -> None:
    box = {
        "objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox"),
        "ou": "phongketoan",
        "gdOrgKind": "unit",
        "displayName": "Phòng Kế toán",
    }
    town.add(f"ou=phongketoan,{SONV}", box)
    assert found(town, "agency-admin", "Kế toán") == ["Phòng Kế toán"]
