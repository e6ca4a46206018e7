"""What callers may read and change through the directory."""

from __future__ import annotations

import pytest

from govdir.directory.errors import DirectoryError, RuleViolation
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SUFFIX, Town, names


def test_three_namesakes_get_the_three_forms_and_the_fourth_is_refused_with_the_rule(town: Town) -> None:
    for number, local_part in enumerate(("nvminh", "nvanminh", "nguyenvanminh")):
        dn = town.person(f"m{number}", "Nguyễn Văn Minh")
        assert town.values(dn, "mail") == (f"{local_part}@cantho.gov.vn",)

    admin = town.bound(ADMIN, ADMIN_PASSWORD)
    with pytest.raises(RuleViolation) as refusal:
        town.add(
            f"uid=m3,{SONV}",
            {"objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"), "cn": "Nguyễn Văn Minh"},
            admin,
        )
    assert "Điều 4" in refusal.value.diagnostic


def test_a_person_added_under_a_star_is_named_by_the_address(town: Town) -> None:
    assert town.person("*", "Nguyễn Văn Minh") == f"uid=nvminh,{SONV}"


def test_anonymous_sees_nothing(town: Town) -> None:
    anonymous = town.directory.as_caller(town.directory.anonymous)
    with pytest.raises(DirectoryError):
        names(anonymous, "(objectClass=*)", base=SUFFIX)
