"""The clock takes further addresses away when their terms are over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.directory.errors import RuleViolation
from govdir.lifecycle.dues import What
from govdir.lifecycle.run import Item, Outcome
from tests.directory.building import SONV, SUFFIX, Town, entries, open_town, request
from tests.lifecycle.test_clock import Clockwork, modify, person


@pytest.fixture
def cantho(tmp_path: Path) -> Iterator[Clockwork]:
    with open_town(tmp_path / "town.db") as town:
        yield Clockwork(town, "cantho")


OLD, NEW = "lvan@cantho.gov.vn", "lvanh@cantho.gov.vn"
RELOCATED = f"(&(enabledService=deliver)(gdPreviousAddress={OLD})(!(mail={OLD}))(!(mailLocalAddress={OLD})))"


def reached(town: Town, wanted: str) -> list[str]:
    """The primary addresses that a mail server finds."""
    mail = town.caller(Role.SERVICE, kind="mail")
    found = entries(mail.search(request(wanted, SUFFIX, attributes=("mail",))))
    return [each.attributes[0].values[0].decode() for each in found]


def test_an_old_address_receives_until_its_moment_and_is_nobodys_ever_after(cantho: Clockwork) -> None:
    town = cantho.at("2026-03-02T08:00").town
    dn = person(town)
    modify(town, dn, cn="Lê Văn Anh", mail=NEW, gdAddressUntil=f"{OLD} 20260430170000Z")

    cantho.at("2026-04-30T23:59:59")
    assert reached(town, f"(mailLocalAddress={OLD})") == [NEW]
    assert reached(town, RELOCATED) == []

    cantho.at("2026-05-01T00:00:00")
    assert cantho.did() == [What.ADDRESS_END]
    assert reached(town, f"(|(mail={OLD})(mailLocalAddress={OLD}))") == []
    assert reached(town, RELOCATED) == [NEW]
    assert town.values(dn, "gdAddressUntil") == ()
    with pytest.raises(RuleViolation, match="đã có người dùng hoặc đã được giữ lại"):
        town.replace(SONV, "mailLocalAddress", OLD)
    cantho.pass_time(days=1)
    assert (cantho.did(), cantho.told.refusals) == ([], [])


def test_an_address_whose_term_ends_the_day_it_was_given_is_nobodys_ever_after_all_the_same(
    cantho: Clockwork,
) -> None:
    town = cantho.at("2026-03-02T08:00").town
    dn = town.person("an", "Lê Văn An")  # never signed in
    modify(town, dn, cn="Lê Văn Anh", mail=NEW, gdAddressUntil=f"{OLD} 20260302020000Z")

    cantho.at("2026-03-02T09:00")

    assert OLD in town.directory.image.retired_addresses
    assert reached(town, RELOCATED) == [NEW]


@pytest.mark.parametrize("state", ["revoked", "deleted"])
def test_the_address_of_a_closed_mailbox_ends_too_and_tells_nobody(cantho: Clockwork, state: str) -> None:
    town = cantho.at("2026-03-02T08:00").town
    dn = person(town)
    modify(town, dn, cn="Lê Văn Anh", mail=NEW, gdAddressUntil=f"{OLD} 20260430170000Z")
    modify(town, dn, gdState=state)

    cantho.at("2026-05-01T00:00:00")

    assert (cantho.did(), cantho.told.refusals) == ([What.ADDRESS_END], [])
    assert reached(town, RELOCATED) == []
    assert OLD in town.directory.image.retired_addresses


def test_a_lists_old_address_ends_too(cantho: Clockwork) -> None:
    town = cantho.at("2026-03-02T08:00").town
    dn = f"cn=canbo,ou=lists,{SUFFIX}"
    town.add(dn, {"objectClass": "gdMailList", "mail": "canbo.sonv@cantho.gov.vn", "owner": SONV})
    modify(town, dn, mail="cb.sonv@cantho.gov.vn", gdAddressUntil="canbo.sonv@cantho.gov.vn 20260430170000Z")

    cantho.at("2026-05-01T00:00:00")

    assert cantho.did() == [What.ADDRESS_END]
    assert (town.values(dn, "mailLocalAddress"), town.values(dn, "gdPreviousAddress")) == (
        (),
        ("canbo.sonv@cantho.gov.vn",),
    )


def test_a_bodys_old_address_ends_too_and_one_put_off_does_not(cantho: Clockwork) -> None:
    town = cantho.at("2026-03-02T08:00").town
    modify(
        town,
        SONV,
        mail="noivu@cantho.gov.vn",
        gdAddressUntil="sonv@cantho.gov.vn 20260430170000Z",
    )
    modify(town, SONV, gdAddressUntil="sonv@cantho.gov.vn 20260531170000Z")

    cantho.at("2026-05-31T00:00:00")
    assert cantho.did() == []
    cantho.at("2026-06-01T00:00:00")
    assert cantho.did() == [What.ADDRESS_END]
    assert reached(town, "(mailLocalAddress=sonv@cantho.gov.vn)") == []


def test_an_address_is_taken_away_once_however_many_processes_try(cantho: Clockwork) -> None:
    town = cantho.at("2026-03-02T08:00").town
    dn = person(town)
    modify(town, dn, cn="Lê Văn Anh", mail=NEW, gdAddressUntil=f"{OLD} 20260430170000Z")
    town.clock.moment = datetime(2026, 4, 30, 17, tzinfo=UTC)
    (item,) = ends(cantho)

    for outcome in (Outcome.DONE, Outcome.NOT_DUE):
        assert town.run(cantho.lifecycle.apply(item, town.clock.moment)).outcome is outcome


def test_an_address_of_an_alias_domain_ends_with_the_one_it_stands_for(cantho: Clockwork) -> None:
    town = cantho.at("2026-03-02T08:00").town
    town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
    domain = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"
    town.add(domain, {"objectClass": "gdMailDomain", "gdDomainAlias": "haugiang.gov.vn"})
    dn = person(town)
    modify(town, dn, cn="Lê Văn Anh", mail=NEW, gdAddressUntil=f"{OLD} 20260430170000Z")
    other = OLD.replace("cantho", "haugiang")
    assert reached(town, f"(mailLocalAddress={other})") == [NEW]

    cantho.at("2026-05-01T00:00:00")

    assert reached(town, f"(mailLocalAddress={other})") == []
    assert reached(town, f"(mailLocalAddress={NEW.replace('cantho', 'haugiang')})") == [NEW]


def ends(clockwork: Clockwork) -> list[Item]:
    """The addresses that are due to end."""
    now = clockwork.town.clock.now()
    return [item for item in clockwork.lifecycle.all_items(now) if item.due.what is What.ADDRESS_END]
