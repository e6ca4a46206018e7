"""What entries of ou=domains may say, and addresses in the domains they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import DirectoryError, RuleViolation
from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import SearchRequest
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, open_town, request

DOMAINS = f"ou=domains,{SUFFIX}"
MAIN = f"associatedDomain=cantho.gov.vn,{DOMAINS}"
MINH = f"uid=minh,{SONV}"
AN = f"uid=an,{SONV}"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hậu Giang has come to Cần Thơ."""
    path = tmp_path_factory.mktemp("domains") / "town.db"
    with open_town(path) as town:
        town.add(DOMAINS, {"objectClass": "organizationalUnit"})
        town.add(MAIN, {"objectClass": "gdMailDomain", "gdDomainAlias": "haugiang.gov.vn"})
        town.person("minh", "Lê Văn Minh")
    return path


@pytest.fixture
def merged(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def domain(town: Town, name: str, *aliases: str, below: str = DOMAINS, by: Handle | None = None) -> str:
    values = {"objectClass": "gdMailDomain"} | ({"gdDomainAlias": aliases} if aliases else {})
    return town.add(f"associatedDomain={name},{below}", values, by)


def refusal(town: Town, name: str, *aliases: str, below: str = DOMAINS) -> str:
    with pytest.raises(RuleViolation) as refused:
        domain(town, name, *aliases, below=below)
    return refused.value.diagnostic.partition(" (")[0].partition(" Căn cứ")[0]


def test_a_domain_and_those_that_stand_for_it_are_kept_in_lower_case(merged: Town) -> None:
    domain(merged, "soctrang.gov.vn", "SocTrang.VN", "st.gov.vn")
    dn = f"associatedDomain=soctrang.gov.vn,{DOMAINS}"
    assert merged.values(dn, "gdDomainAlias") == ("soctrang.vn", "st.gov.vn")


@pytest.mark.parametrize(
    ("name", "aliases", "why"),
    [
        ("a.vn", ("a.vn",), "không thể thay cho chính nó"),
        ("a.vn", ("CanTho.gov.vn",), "là tên miền của hệ thống theo quy chế"),
        ("a.vn", ("haugiang.gov.vn",), "đang thay cho tên miền cantho.gov.vn"),
        ("haugiang.gov.vn", (), "đang thay cho tên miền cantho.gov.vn"),
        ("a.vn", ("-b.vn",), "không phải tên miền thư"),
        ("a.vn", ("b",), "không phải tên miền thư"),
        ("a..vn", (), "không phải tên miền thư"),
    ],
)
def test_a_domain_that_could_not_be_told_from_another_is_refused(
    merged: Town, name: str, aliases: tuple[str, ...], why: str
) -> None:
    assert why in refusal(merged, name, *aliases)


def test_there_is_no_chain_of_domains_from_either_end(merged: Town) -> None:
    domain(merged, "a.vn", "b.vn")
    assert "có địa chỉ riêng" in refusal(merged, "c.vn", "a.vn")
    assert "đang thay cho tên miền a.vn" in refusal(merged, "b.vn", "d.vn")


def test_a_domain_has_one_entry_below_ou_domains(merged: Town) -> None:
    assert "ngay dưới ou=domains" in refusal(merged, "a.vn", below=SONV)
    assert "ngay dưới ou=domains" in refusal(merged, "a.vn", below=MAIN)


def test_a_bodys_domain_stands_for_no_other_and_no_alias_becomes_a_bodys(merged: Town) -> None:
    merged.replace(SONV, "associatedDomain", "sonv.cantho.gov.vn")
    assert "là tên miền của Sở Nội vụ" in refusal(merged, "a.vn", "sonv.cantho.gov.vn")
    with pytest.raises(RuleViolation, match="đang thay cho tên miền"):
        merged.replace(SOTTTT, "associatedDomain", "haugiang.gov.vn")


def test_a_bodys_domain_may_have_domains_that_stand_for_it(merged: Town) -> None:
    merged.replace(SONV, "associatedDomain", "sonv.cantho.gov.vn")
    domain(merged, "sonv.cantho.gov.vn", "sonv.haugiang.gov.vn")
    merged.replace(SONV, "associatedDomain", "noivu.cantho.gov.vn", "sonv.cantho.gov.vn")
    assert merged.values(SONV, "associatedDomain") == ("noivu.cantho.gov.vn", "sonv.cantho.gov.vn")


def test_the_systems_own_domain_is_neither_deleted_nor_renamed(merged: Town) -> None:
    for act in (lambda: merged.delete(MAIN), lambda: merged.rename(MAIN, "associatedDomain=a.vn")):
        with pytest.raises(RuleViolation, match="không xóa được"):
            act()
    other = domain(merged, "a.vn")
    merged.rename(other, "associatedDomain=b.vn")
    merged.delete(f"associatedDomain=b.vn,{DOMAINS}")


@pytest.mark.parametrize("role", [Role.PERSON, Role.ANONYMOUS])
def test_nobody_but_administrators_names_domains(merged: Town, role: Role) -> None:
    minh = merged.caller(role, MINH if role is Role.PERSON else "")
    with pytest.raises(DirectoryError):
        domain(merged, "a.vn", by=minh)
    with pytest.raises(DirectoryError):
        merged.replace(MAIN, "gdDomainAlias", "b.vn", handle=minh)
    domain(merged, "a.vn", by=merged.admin())


def test_further_addresses_may_be_in_any_domain_that_is_named(merged: Town) -> None:
    domain(merged, "soctrang.gov.vn")
    merged.replace(MINH, "mailLocalAddress", "lvminh@soctrang.gov.vn", "minh@haugiang.gov.vn")
    with pytest.raises(RuleViolation, match="không thuộc tên miền"):
        merged.replace(MINH, "mailLocalAddress", "minh@elsewhere.vn")
    with pytest.raises(RuleViolation, match="không thuộc tên miền"):
        merged.replace(MINH, "mail", "lvminh2@soctrang.gov.vn")


def test_an_operator_gives_an_address_of_an_alias_domain_to_somebody_else(merged: Town) -> None:
    merged.person("an", "Lê Văn An")
    merged.replace(AN, "mailLocalAddress", "lvminh@haugiang.gov.vn")
    found = list(merged.local.search(_asking("lvminh@haugiang.gov.vn")))
    assert [AN.encode() in content for content in found] == [True]


def test_a_comparison_holds_by_the_domain_as_a_search_does(merged: Town) -> None:
    asked = (b"lvminh@haugiang.gov.vn", b"lvminh@soctrang.gov.vn")
    merged.replace(MINH, "mailLocalAddress", "minh@cantho.gov.vn")
    assert [merged.local.compare(MINH, "mailLocalAddress", each) for each in asked] == [True, False]


def test_an_agencys_administrator_does_not(merged: Town) -> None:
    merged.person("an", "Lê Văn An")
    merged.person("qt", "Hồ Quản Trị")
    merged.replace(SONV, "gdItAdmin", f"uid=qt,{SONV}")
    agency = merged.caller(Role.PERSON, f"uid=qt,{SONV}")
    merged.replace(SONV, "mailLocalAddress", "hop.sonv@cantho.gov.vn")
    with pytest.raises(RuleViolation, match=r"là của người giữ hop\.sonv@cantho"):
        merged.replace(AN, "mailLocalAddress", "hop.sonv@haugiang.gov.vn", handle=agency)
    merged.replace(AN, "mailLocalAddress", "an.sonv@haugiang.gov.vn", handle=agency)


def _asking(address: str) -> SearchRequest:
    return request(f"(|(mail={address})(mailLocalAddress={address}))", SUFFIX)
