"""Labels, mail domains and places at the directory's own doors: adds one by one, and loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.bulk import BulkPlan, LoadRefused
from govdir.directory.errors import RuleViolation
from govdir.ldap.codec.ldif_records import ContentRecord
from tests.directory.building import SOTTTT, SUFFIX, Town, open_town

BODY = ("organizationalUnit", "gdOrganization", "gdMailbox")
ORGS = f"ou=orgs,{SUFFIX}"


@pytest.fixture(scope="module")
def highland(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A province whose bodies have mail domains of their own."""
    path: Path = tmp_path_factory.mktemp("highland") / "town.db"
    with open_town(path, province="daklak") as town:
        yield town


def test_a_new_agency_finds_its_domain_taken_by_one_that_is_there(highland: Town) -> None:
    assert highland.values(SOTTTT, "associatedDomain") == ("tttt.daklak.gov.vn",)

    with pytest.raises(RuleViolation) as refused:
        highland.add(
            f"ou=tttt,{ORGS}", {"objectClass": BODY, "displayName": "Trung tâm Tin tức truyền thông"}
        )

    assert refused.value.rule == "domain-taken"


def test_an_agency_that_keeps_its_own_domain_is_no_clash(highland: Town) -> None:
    highland.replace(SOTTTT, "associatedDomain", "TTTT.daklak.gov.vn")
    highland.replace(SOTTTT, "associatedDomain", "tttt.daklak.gov.vn")

    assert highland.values(SOTTTT, "associatedDomain") == ("tttt.daklak.gov.vn",)


def test_a_load_judges_its_own_bodies_against_each_other(town: Town) -> None:
    def record(line: int, label: str, name: str, mail: str) -> ContentRecord:
        given = [("objectClass", each.encode()) for each in BODY]
        given += [("displayName", name.encode()), ("gdOrgCode", b"sotc"), ("mail", mail.encode())]
        return ContentRecord(line, f"ou={label},{ORGS}", given)

    plan = BulkPlan(town.directory, keep_hashes=False)
    with pytest.raises(LoadRefused) as refused:
        plan.take(
            [
                record(1, "sotc", "Sở Tài chính", "sotc@cantho.gov.vn"),
                record(9, "tcc", "Trung tâm Công chứng", "tcc@cantho.gov.vn"),
            ]
        )

    found = refused.value.refusals[0]
    assert (found.line, isinstance(found.error, RuleViolation) and found.error.rule) == (9, "label-taken")


def test_a_deleted_agencys_label_is_not_given_again(town: Town) -> None:
    dn = town.add(f"ou=sotp,{ORGS}", {"objectClass": BODY, "displayName": "Sở Tư pháp"})
    town.clock.pass_time(days=400)
    town.delete(dn)

    with pytest.raises(RuleViolation) as refused:
        town.add(
            f"ou=x,{ORGS}",
            {
                "objectClass": BODY,
                "displayName": "Sở Thể thao",
                "gdOrgCode": "sotp",
                "mail": "sothethao@cantho.gov.vn",
            },
        )

    assert refused.value.rule == "label-taken"


def test_people_in_a_unit_of_a_new_agency_live_in_the_agencys_domain(highland: Town) -> None:
    unit = highland.add(f"ou=phongcntt,{SOTTTT}", {"objectClass": BODY, "displayName": "Phòng CNTT"})

    person = highland.person("*", "Trần Văn Nam", below=unit)

    assert highland.values(unit, "mail") == ("phongcntt@tttt.daklak.gov.vn",)
    assert highland.values(person, "mail") == ("namtv@tttt.daklak.gov.vn",)
