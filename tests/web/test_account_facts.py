"""Who somebody is and how long the password lasts, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govdir.directory.image import Record
from govdir.policy.citation import Citation
from govdir.policy.load import load_province
from govdir.policy.texts import Language, Wording
from govdir.web.account_facts import Facts, PasswordAge, facts_of, password_age
from tests.directory.building import SONV, Town, open_town

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # 15:00 in Vietnam
OFFICE = f"ou=vanphong,{SONV}"
CITED = Citation("Quy chế", "Điều 7 khoản 2", Wording("a", "b"))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db") as town:
        yield town


def record(town: Town, dn: str) -> Record:
    path = town.directory.path_of(dn)
    assert path is not None
    found = town.directory.image.find(path)
    assert found is not None
    return found


def facts(town: Town, dn: str) -> Facts:
    return facts_of(record(town, dn), town.local.read(dn))


def test_a_person_is_told_with_the_bodies_above_the_nearest_first(town: Town) -> None:
    unit = {
        "objectClass": ("organizationalUnit", "gdOrganization"),
        "ou": "vanphong",
        "gdOrgKind": "unit",
        "displayName": "Văn phòng",
    }
    town.add(OFFICE, unit)
    told = facts(town, town.person("minh", "Nguyễn Văn Minh", OFFICE, gdPosition="Chuyên viên"))
    assert (told.name, told.address, told.login) == (
        "Nguyễn Văn Minh",
        "nvminh@cantho.gov.vn",
        "minh",
    )
    assert told.agency == "Văn phòng, Sở Nội vụ"
    assert told.position == "Chuyên viên"
    assert told.state_in(Language.VIETNAMESE) == "đang dùng"


def test_whoever_has_no_name_is_called_by_the_address() -> None:
    nameless = Facts("", "sonv@cantho.gov.vn", (), "sonv", (), "", "active")
    assert nameless.called == "sonv@cantho.gov.vn"


def test_a_state_that_has_no_words_is_told_as_it_is() -> None:
    odd = Facts("An", "", (), "", (), "", "frozen")
    assert odd.state_in(Language.ENGLISH) == "frozen"


def test_a_password_lasts_as_long_as_the_regulation_says_and_cites_it(town: Town) -> None:
    dn = town.person("minh", "Nguyễn Văn Minh", userPassword="Hoa-sen-trang-927")
    age = password_age(town.directory, load_province("cantho"), record(town, dn))
    assert age.changed == NOW
    assert age.expires == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    assert age.citation is not None
    assert age.citation.article.startswith("Điều")


def test_whoever_never_had_a_password_has_no_expiry(town: Town) -> None:
    dn = town.person("minh", "Nguyễn Văn Minh")
    age = password_age(town.directory, load_province("cantho"), record(town, dn))
    assert age == PasswordAge(None, None, None)
    assert age.changed_text().en == "date of change unknown"
    assert age.expiry_text(NOW).en == "does not expire"


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=31), "expires 02/04/2026"),
        (timedelta(days=30), "expires 01/04/2026, in 30 days"),
        (timedelta(days=1), "expires 03/03/2026, in 1 day"),
        (timedelta(hours=9, seconds=-1), "expires today, 02/03/2026"),
        (timedelta(hours=9), "expires 03/03/2026, in 1 day"),
        (timedelta(0), "expired 02/03/2026"),
        (timedelta(days=-3), "expired 27/02/2026"),
    ],
)
def test_days_are_those_of_the_provinces_calendar(left: timedelta, told: str) -> None:
    assert PasswordAge(NOW, NOW + left, CITED).expiry_text(NOW).en == told
