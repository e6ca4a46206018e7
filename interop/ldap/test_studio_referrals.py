"""Apache Directory Studio follows, shows and ignores referrals, aliases and subentries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop.ldap.java_clients import JavaClient
from interop.ldap.studio import LOOP_DETECT, REFERRAL, Studio
from interop.ldap.studio_fixture import PEOPLE, Places, plant, plant_referrals, url
from interop.server import SUFFIX, Server

LOOP = "vòng 1"
TO_ALL = "mọi người"
TO_REFERRAL = "nơi chuyển đến mọi người"


@pytest.fixture(scope="module")
def studio(server: Server, directory_api: JavaClient) -> Studio:
    """Studio, connected as the administrator without TLS: so the referrals' URLs lead."""
    return Studio(directory_api, server).open("none")


@pytest.fixture(scope="module")
def at(studio: Studio) -> Places:
    """The tree with its referrals and a subentry."""
    at = plant(studio, f"ou=studio và chuyển hướng,{SUFFIX}")
    plant_referrals(studio, at)
    subentry = {"objectClass": ["top", "subentry"], "subtreeSpecification": "{}"}
    assert studio.add(at.subentry, subentry, controls=["subentries"]).code == 0
    return at


@pytest.fixture
def newcomer(studio: Studio, at: Places) -> Iterator[str]:
    """A person beside the eight; gone after the test."""
    dn = f"uid=moi,{at.people}"
    assert studio.add(dn, {"objectClass": "inetOrgPerson", "cn": "Mới", "sn": "Mới"}).code == 0
    yield dn
    studio.delete(dn)


# Searches


def test_the_tree_shows_referrals_as_entries_when_asked_to_manage_them(studio: Studio, at: Places) -> None:
    found = studio.children(at.referrals, controls=["manage"])

    assert sorted(found.names) == sorted(at.referral(name) for name in at.targets())
    assert found.references == ()
    entry = studio.attributes(at.referral(TO_ALL), controls=["manage"])
    assert entry["ref"] == [url(studio, at.people)]


@pytest.mark.parametrize(("scope", "suffix"), [("base", ""), ("one", "??one"), ("sub", "??sub")])
def test_a_search_that_begins_at_a_referral_is_sent_on_with_its_scope(
    studio: Studio, at: Places, scope: str, suffix: str
) -> None:
    found = studio.search(at.referral(TO_ALL), scope=scope)

    assert (found.code, found.entries) == (REFERRAL, ())
    assert found.references == (url(studio, at.people) + suffix,)


@pytest.mark.parametrize(("scope", "suffix"), [("one", "??base"), ("sub", "??sub")])
def test_a_search_that_meets_referrals_names_them_beside_the_entries(
    studio: Studio, at: Places, scope: str, suffix: str
) -> None:
    found = studio.search(at.referrals, scope=scope)

    assert (found.code, found.names) == (0, [at.referrals] if scope == "sub" else [])
    assert sorted(found.references) == sorted(url(studio, dn) + suffix for dn in at.targets().values())


def test_following_a_referral_finds_what_is_there(studio: Studio, at: Places) -> None:
    found = studio.search(at.referral(TO_ALL), referrals="follow")

    assert sorted(found.names) == [at.person(number) for number in range(1, PEOPLE + 1)]


def test_following_goes_on_through_a_second_referral(studio: Studio, at: Places) -> None:
    found = studio.search(at.referral(TO_REFERRAL), scope="sub", referrals="follow")

    assert sorted(found.names) == sorted([at.people, *(at.person(n) for n in range(1, PEOPLE + 1))])


def test_following_a_referral_to_its_own_parent_ends(studio: Studio, at: Places) -> None:
    found = studio.search(at.referral("chính nơi này"), referrals="follow")

    assert set(found.names) == {at.referrals, at.people, at.person(1), at.mixed}


def test_following_a_circle_of_referrals_finds_nothing_and_ends(studio: Studio, at: Places) -> None:
    found = studio.search(at.referral(LOOP), scope="sub", referrals="follow")

    assert found.names == []
    assert len(found.followed) == 2


def test_following_all_that_a_container_refers_to(studio: Studio, at: Places) -> None:
    found = studio.search(at.referrals, referrals="follow")

    assert set(found.names) == {at.referrals, at.people, at.person(1), at.mixed}


def test_ignoring_referrals_shows_what_is_here(studio: Studio, at: Places) -> None:
    assert studio.search(at.referrals, scope="sub").names == [at.referrals]


def test_pages_name_every_referral_once(studio: Studio, at: Places) -> None:
    seen: list[str] = []
    cookie = ""
    while True:
        found = studio.search(at.referrals, controls=[f"page 3 {cookie}".strip()])
        seen.extend(found.references)
        cookie = found.controls["1.2.840.113556.1.4.319"]["cookie"]
        if not cookie:
            break

    assert sorted(seen) == sorted(url(studio, dn) + "??base" for dn in at.targets().values())


# Updates


@pytest.mark.parametrize("name", [TO_ALL, TO_REFERRAL])
def test_an_add_below_a_referral_is_made_where_it_leads(studio: Studio, at: Places, name: str) -> None:
    dn = f"uid=moi,{at.people}"

    done = studio.add(f"uid=moi,{at.referral(name)}", {"objectClass": "inetOrgPerson", "cn": "x", "sn": "x"})

    assert done.code == 0
    assert done.followed[-1] == url(studio, dn)
    assert studio.attributes(dn)["sn"] == ["x"]
    assert studio.delete(dn).code == 0


@pytest.mark.parametrize("name", [TO_ALL, TO_REFERRAL])
def test_a_modify_below_a_referral_changes_what_it_leads_to(
    studio: Studio, at: Places, newcomer: str, name: str
) -> None:
    assert studio.modify(f"uid=moi,{at.referral(name)}", ("replace", "sn", ["đã sửa"])).code == 0
    assert studio.attributes(newcomer)["sn"] == ["đã sửa"]


@pytest.mark.parametrize("name", [TO_ALL, TO_REFERRAL])
def test_a_delete_below_a_referral_takes_away_what_it_leads_to(
    studio: Studio, at: Places, newcomer: str, name: str
) -> None:
    assert studio.delete(f"uid=moi,{at.referral(name)}").code == 0
    assert studio.entry(newcomer) is None


def test_updates_in_a_circle_of_referrals_are_seen_to_go_round(
    studio: Studio, at: Places, newcomer: str
) -> None:
    dn = f"uid=moi,{at.referral(LOOP)}"

    assert studio.add(dn, {"objectClass": "inetOrgPerson", "cn": "x", "sn": "x"}).code == LOOP_DETECT
    assert studio.modify(dn, ("replace", "sn", ["đã sửa"])).code == LOOP_DETECT
    assert studio.delete(dn).code == LOOP_DETECT
    assert studio.attributes(newcomer)["sn"] == ["Mới"]


def test_a_referral_itself_is_edited_renamed_and_deleted_by_managing_it(studio: Studio, at: Places) -> None:
    dn, new = at.referral("tạm"), at.referral("tạm thời")
    referral = {"objectClass": ["referral", "extensibleObject"], "ref": url(studio, at.people)}
    manage = ["manage"]

    assert studio.add(dn, referral, controls=manage).code == 0
    assert studio.modify(dn, ("replace", "ref", [url(studio, at.mixed)]), controls=manage).code == 0
    assert studio.rename(dn, new, controls=manage).code == 0
    assert studio.attributes(new, controls=manage)["ref"] == [url(studio, at.mixed)]
    assert studio.rename(new, dn).code == REFERRAL
    assert studio.delete(new, controls=manage).code == 0


def test_a_copy_of_a_referral_is_a_referral(studio: Studio, at: Places) -> None:
    copy = f"cn=bản sao,{at.target}"

    assert studio.copy(at.referral(TO_ALL), copy).code == 0
    assert studio.attributes(copy, controls=["manage"])["ref"] == [url(studio, at.people)]
    assert studio.delete(copy, controls=["manage"]).code == 0


# Aliases


@pytest.mark.parametrize(
    ("aliases", "scope", "shown"),
    [
        ("never", "base", "alias"),
        ("searching", "base", "alias"),
        ("finding", "base", "mixed"),
        ("always", "base", "mixed"),
    ],
)
def test_an_alias_is_itself_or_what_it_stands_for(
    studio: Studio, at: Places, aliases: str, scope: str, shown: str
) -> None:
    found = studio.search(at.alias, scope=scope, aliases=aliases)

    assert found.names == [getattr(at, shown)]


def test_an_alias_among_what_is_found_is_followed_when_searching(studio: Studio, at: Places) -> None:
    plain = studio.search(at.mixed, aliases="never").names
    followed = studio.search(at.mixed, aliases="searching").names

    assert at.alias in plain
    assert set(followed) == {*plain, at.mixed} - {at.alias}


def test_an_alias_that_leads_nowhere_is_a_problem_with_a_name(studio: Studio, at: Places) -> None:
    dn = f"cn=lạc,{at.target}"
    gone = {"objectClass": ["alias", "extensibleObject"], "aliasedObjectName": f"cn=khong co,{at.target}"}
    assert studio.add(dn, gone).code == 0

    assert studio.search(dn, scope="base", aliases="always").code == 33  # aliasProblem
    assert studio.search(dn, scope="base", aliases="never").names == [dn]
    assert studio.delete(dn).code == 0


# Subentries


def test_a_subentry_is_shown_by_the_option_that_fetches_them_and_not_without(
    studio: Studio, at: Places
) -> None:
    assert at.subentry not in studio.children(at.mixed).names
    assert studio.children(at.mixed, subentries=True).names == [at.subentry]
    assert studio.attributes(at.subentry)["subtreeSpecification"] == ["{}"]


def test_a_subentry_is_edited_and_goes(studio: Studio, at: Places) -> None:
    dn = f"cn=tạm,{at.mixed}"
    subentry = {"objectClass": ["top", "subentry"], "subtreeSpecification": "{}"}

    assert studio.add(dn, subentry, controls=["subentries"]).code == 0
    changed = ("replace", "subtreeSpecification", ['{ base "ou=một" }'])
    assert studio.modify(dn, changed, controls=["subentries"]).code == 0
    assert studio.delete(dn, controls=["subentries"]).code == 0
