"""What a known mailbox gives up is nobody's for ever, unless the operator at the host frees it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from govdir.directory.errors import (
    DirectoryError,
    InsufficientAccessRights,
    RuleViolation,
    UnwillingToPerform,
)
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from tests.directory.building import SONV, SUFFIX, Town, attribute, open_town

AN = f"uid=an,{SONV}"
ALIAS = "lean.sonv@cantho.gov.vn"
LIST = f"cn=tatca,ou=lists,{SUFFIX}"


def retired(town: Town) -> set[str]:
    return town.directory.image.retired_addresses


def with_alias(town: Town, *, days: int) -> None:
    """A mailbox with an alias, both that old."""
    town.person("an", "Lê An", mailLocalAddress=ALIAS)
    town.clock.pass_time(days=days, seconds=1)


def release(town: Town, address: str) -> None:
    town.run(town.local.release_address(address))


def at_once(town: Town, *replaced: tuple[str, ...]) -> None:
    """One request that replaces several attributes."""
    changes = tuple(Change(ModifyOperation.REPLACE, attribute(name, values)) for name, *values in replaced)
    town.run(town.local.modify(ModifyRequest(AN, changes)))


@pytest.mark.parametrize(("days", "gone"), [(0, False), (1, True)])
def test_an_alias_taken_from_a_mailbox_older_than_a_day_is_never_given_again(
    town: Town, days: int, gone: bool
) -> None:
    with_alias(town, days=days)
    town.replace(AN, "mailLocalAddress")
    assert (ALIAS in retired(town)) is gone
    if gone:
        with pytest.raises(RuleViolation):
            town.person("binh", "Trần Bình", mailLocalAddress=ALIAS)
    else:
        town.person("binh", "Trần Bình", mailLocalAddress=ALIAS)


def test_an_alias_taken_from_a_mailbox_that_was_used_is_never_given_again(town: Town) -> None:
    town.person("an", "Lê An", mailLocalAddress=ALIAS, userPassword="Hoa-sen-trang-927")
    town.bound(AN, "Hoa-sen-trang-927")
    town.replace(AN, "mailLocalAddress")
    assert retired(town) == {ALIAS}


def test_the_same_mailbox_does_not_get_it_back_either(town: Town) -> None:
    with_alias(town, days=2)
    town.replace(AN, "mailLocalAddress")
    with pytest.raises(DirectoryError):
        town.replace(AN, "mailLocalAddress", ALIAS)


def test_an_address_that_stays_as_the_mailboxs_own_alias_is_not_retired(town: Town) -> None:
    with_alias(town, days=2)
    (mail,) = town.values(AN, "mail")
    at_once(town, ("cn", "Lê Văn An"), ("mail", "lvan@cantho.gov.vn"))
    assert mail in town.values(AN, "mailLocalAddress")
    at_once(town, ("cn", "Lê An"), ("mail", mail))
    assert town.values(AN, "mail") == (mail,)
    assert retired(town) == set()


def test_the_address_of_a_list_is_for_ever_too(town: Town) -> None:
    town.add(
        LIST,
        {"objectClass": "gdMailList", "mail": "tatca@cantho.gov.vn", "mailLocalAddress": "cu@cantho.gov.vn"},
    )
    town.clock.pass_time(days=2)
    town.replace(LIST, "mailLocalAddress")
    town.delete(LIST)
    assert retired(town) == {"tatca@cantho.gov.vn", "cu@cantho.gov.vn"}


def test_an_address_goes_for_good_with_the_class_of_an_old_mailbox(town: Town) -> None:
    with_alias(town, days=2)
    (mail,) = town.values(AN, "mail")
    at_once(town, ("objectClass", "inetOrgPerson", "gdPerson"), ("mailLocalAddress",), ("mail",))
    assert retired(town) == {mail, ALIAS}


def test_the_operator_at_the_host_frees_a_retired_address_and_it_is_in_the_trail(
    town: Town, tmp_path: Path
) -> None:
    with_alias(town, days=2)
    town.replace(AN, "mailLocalAddress")
    release(town, f" {ALIAS.upper()} ")
    assert retired(town) == set()
    town.person("binh", "Trần Bình", mailLocalAddress=ALIAS)
    with closing(sqlite3.connect(tmp_path / "town.db")) as database:
        row = database.execute("SELECT actor, dn, detail FROM changes WHERE kind = 'release'").fetchall()
    assert row == [("local", SUFFIX, f"{ALIAS}\n")]


def test_only_the_operator_at_the_host_frees_addresses(town: Town) -> None:
    with_alias(town, days=2)
    town.replace(AN, "mailLocalAddress")
    with pytest.raises(InsufficientAccessRights):
        town.run(town.admin().release_address(ALIAS))
    assert retired(town) == {ALIAS}


def test_an_address_that_is_held_or_free_is_not_released_and_one_is_told_why(town: Town) -> None:
    with_alias(town, days=2)
    with pytest.raises(UnwillingToPerform, match="uid=an"):
        release(town, ALIAS)
    with pytest.raises(UnwillingToPerform, match="còn trống"):
        release(town, "khongai@cantho.gov.vn")
    assert town.values(AN, "mailLocalAddress") == (ALIAS,)


def test_other_processes_learn_of_retired_and_freed_addresses(tmp_path: Path, furnished: Path) -> None:
    path = tmp_path / "shared.db"
    with open_town(path, furnished) as one, open_town(path, furnish=False) as other:
        with_alias(one, days=2)
        one.replace(AN, "mailLocalAddress")
        other.run(other.directory.catch_up())
        with pytest.raises(DirectoryError):
            other.person("binh", "Trần Bình", mailLocalAddress=ALIAS)
        assert retired(other) == {ALIAS}

        release(one, ALIAS)
        other.run(other.directory.catch_up())
        assert retired(other) == set()
        other.person("binh", "Trần Bình", mailLocalAddress=ALIAS)


def test_two_processes_freeing_one_address_do_it_once(tmp_path: Path, furnished: Path) -> None:
    path = tmp_path / "shared.db"
    with open_town(path, furnished) as one, open_town(path, furnish=False) as other:
        with_alias(one, days=2)
        one.replace(AN, "mailLocalAddress")
        other.run(other.directory.catch_up())
        other.directory.image.retired_addresses.add(ALIAS)
        release(one, ALIAS)
        with pytest.raises(UnwillingToPerform):
            release(other, ALIAS)


def test_an_address_freed_stays_free_after_a_start(tmp_path: Path, furnished: Path) -> None:
    with open_town(tmp_path / "town.db", furnished) as town:
        with_alias(town, days=2)
        town.replace(AN, "mailLocalAddress")
        town.change(AN, ModifyOperation.ADD, "mailLocalAddress", "an.sonv@cantho.gov.vn")
        town.replace(AN, "mailLocalAddress")
        release(town, ALIAS)
    with open_town(tmp_path / "town.db", furnish=False) as again:
        assert retired(again) == {"an.sonv@cantho.gov.vn"}
