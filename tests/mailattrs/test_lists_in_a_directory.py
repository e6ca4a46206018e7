"""Lists in a directory: what renames, moves, deletions and new addresses of others take along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.bulk import BulkPlan
from govdir.ldap.codec.ldif_records import ContentRecord
from govdir.mailattrs.list_place import staff_url
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, open_town

LAN = f"uid=lan,{SONV}"
LIST = f"cn=canbo.sonv,ou=lists,{SUFFIX}"
UNIT = f"ou=vanphong,{SONV}"
BODY = ("organizationalUnit", "gdOrganization", "gdMailbox")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lists") / "town.db"
    with open_town(path) as town:
        town.person("lan", "Trần Thị Lan")
        town.add(UNIT, {"objectClass": BODY, "displayName": "Văn phòng"})
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def add_list(town: Town, dn: str = LIST, **attributes: str | tuple[str, ...]) -> None:
    local_part = dn.partition(",")[0].removeprefix("cn=")
    town.add(dn, {"objectClass": "gdMailList", "mail": f"{local_part}@cantho.gov.vn", **attributes})


def test_the_members_follow_the_body_that_is_renamed(town: Town) -> None:
    add_list(town, owner=SONV)

    town.rename(SONV, "ou=noivu")

    renamed = f"ou=noivu,ou=orgs,{SUFFIX}"
    assert (town.values(LIST, "owner"), town.values(LIST, "memberURL")) == ((renamed,), (staff_url(renamed),))


def test_the_members_follow_a_unit_whose_agency_is_renamed(town: Town) -> None:
    add_list(town, owner=UNIT)

    town.rename(SONV, "ou=Sở Nội vụ")

    renamed = f"ou=vanphong,ou=Sở Nội vụ,ou=orgs,{SUFFIX}"
    assert town.values(LIST, "owner") == (renamed,)
    assert town.values(LIST, "memberURL") == (staff_url(renamed),)


def test_the_members_follow_a_unit_that_moves(town: Town) -> None:
    add_list(town, owner=UNIT)

    town.rename(UNIT, "ou=vanphong", SOTTTT)

    assert town.values(LIST, "memberURL") == (staff_url(f"ou=vanphong,{SOTTTT}"),)


def test_a_search_somebody_wrote_follows_its_base_too(town: Town) -> None:
    written = "ldap:///{}?mail?one?(&(title=x)(enabledService=deliver))"
    add_list(town, memberURL=written.format(UNIT))

    town.rename(SONV, "ou=noivu")

    assert town.values(LIST, "memberURL") == (written.format(f"ou=vanphong,ou=noivu,ou=orgs,{SUFFIX}"),)


def test_a_list_below_a_body_moves_with_it(town: Town) -> None:
    dn = f"cn=canbo.sonv,{SONV}"
    add_list(town, dn)

    town.rename(SONV, "ou=noivu")

    renamed = f"ou=noivu,ou=orgs,{SUFFIX}"
    assert town.values(f"cn=canbo.sonv,{renamed}", "memberURL") == (staff_url(renamed),)


def test_a_list_moved_to_another_body_reaches_that_bodys_staff(town: Town) -> None:
    add_list(town, f"cn=canbo.sonv,{SONV}")

    town.rename(f"cn=canbo.sonv,{SONV}", "cn=canbo.sonv", SOTTTT)

    assert town.values(f"cn=canbo.sonv,{SOTTTT}", "memberURL") == (staff_url(SOTTTT),)


def test_the_senders_follow_the_address_of_an_owner(town: Town) -> None:
    add_list(town, owner=(SONV, LAN))
    before = town.values(LIST, "entryCSN")

    town.clock.pass_time(seconds=1)
    town.replace(SONV, "mail", "so-noi-vu@cantho.gov.vn")

    assert town.values(LIST, "rfc822sender") == ("so-noi-vu@cantho.gov.vn", "ttlan@cantho.gov.vn")
    assert town.values(LIST, "entryCSN") != before


def test_the_senders_follow_a_body_that_gets_a_mailbox_later(town: Town) -> None:
    body = f"ou=bandantoc,ou=orgs,{SUFFIX}"
    town.add(body, {"objectClass": BODY[:2], "displayName": "Ban Dân tộc"})
    add_list(town, owner=body)
    assert town.values(LIST, "rfc822sender") == ()

    town.replace(body, "objectClass", *BODY)

    assert town.values(LIST, "rfc822sender") == town.values(body, "mail") != ()


def test_a_change_of_nothing_a_list_follows_leaves_it_alone(town: Town) -> None:
    add_list(town, owner=(SONV, LAN))
    before = town.values(LIST, "entryCSN")

    town.clock.pass_time(seconds=1)
    town.replace(SONV, "mailLocalAddress", "nv@cantho.gov.vn")
    town.replace(LAN, "title", "Chuyên viên")

    assert town.values(LIST, "entryCSN") == before


BELOW = f"cn=canbo.sonv,{SONV}"


@pytest.mark.parametrize(("owner", "senders"), [((), ()), ((LAN,), ("ttlan@cantho.gov.vn",))])
def test_the_body_above_a_list_counts_as_its_owner(
    town: Town, owner: tuple[str, ...], senders: tuple[str, ...]
) -> None:
    add_list(town, BELOW, **({"owner": owner} if owner else {}))
    assert town.values(BELOW, "rfc822sender") == ("sonv@cantho.gov.vn", *senders)

    town.replace(SONV, "mail", "so-noi-vu@cantho.gov.vn")

    assert town.values(BELOW, "rfc822sender") == ("so-noi-vu@cantho.gov.vn", *senders)


def test_the_body_above_has_no_say_over_a_list_that_is_another_bodys(town: Town) -> None:
    add_list(town, BELOW, owner=SOTTTT)

    assert town.values(BELOW, "rfc822sender") == ("sotttt@cantho.gov.vn",)


def test_the_senders_of_a_list_moved_below_another_body_are_that_bodys(town: Town) -> None:
    add_list(town, BELOW)

    town.rename(BELOW, "cn=canbo.sonv", SOTTTT)

    assert town.values(f"cn=canbo.sonv,{SOTTTT}", "rfc822sender") == ("sotttt@cantho.gov.vn",)


def test_a_list_below_a_unit_is_the_units_not_the_agencys(town: Town) -> None:
    dn = f"cn=canbo.sonv,{UNIT}"
    add_list(town, dn)

    town.replace(SONV, "mail", "so-noi-vu@cantho.gov.vn")

    assert town.values(dn, "rfc822sender") == town.values(UNIT, "mail") != ()


def test_who_leaves_controls_no_list_any_more(town: Town) -> None:
    add_list(town, owner=(SONV, LAN))

    town.delete(LAN)

    assert town.values(LIST, "owner") == (SONV,)
    assert town.values(LIST, "rfc822sender") == ("sonv@cantho.gov.vn",)


def test_a_list_whose_body_is_gone_does_not_become_the_provinces(town: Town) -> None:
    add_list(town, owner=UNIT)
    town.delete(UNIT)

    town.replace(LIST, "displayName", "Văn phòng cũ")

    assert town.values(LIST, "memberURL") == (staff_url(UNIT),)
    assert town.values(LIST, "rfc822sender") == ()


def test_named_senders_stay_as_they_are_written(town: Town) -> None:
    add_list(town, owner=SONV, gdSenderPolicy="listed", rfc822sender="sonv@cantho.gov.vn")

    town.replace(SONV, "mail", "so-noi-vu@cantho.gov.vn")

    assert town.values(LIST, "rfc822sender") == ("sonv@cantho.gov.vn",)


def test_in_a_load_a_list_may_come_before_its_body(town: Town) -> None:
    body = f"ou=soyt,ou=orgs,{SUFFIX}"
    records = [
        ContentRecord(
            1, LIST, [("objectClass", b"gdMailList"), ("mail", b"x@cantho.gov.vn"), ("owner", body.encode())]
        ),
        ContentRecord(2, body, [("objectClass", each.encode()) for each in BODY] + [("ou", b"soyt")]),
    ]
    plan = BulkPlan(town.directory, keep_hashes=False)

    plan.take(records)

    shape, stored = plan.entries[-1].shape, plan.entries[-1].body
    assert shape.attributes(stored).texts("rfc822sender") == ("soyt@cantho.gov.vn",)
