"""Whom a letter to a list reaches and who may send one, asked of a directory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.caller import Role
from govdir.ldap.codec.messages import SearchRequest, SearchResultEntry
from govdir.mailattrs.list_members import Search, SenderVerdict, may_send, members, search_of
from govdir.mailattrs.list_membership import ListMembership
from govdir.mailattrs.named import dn_key
from govdir.policy.load import load_province
from govdir.policy.texts import Language
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, open_town

LAN, HUY = (f"uid={uid},{SONV}" for uid in ("lan", "huy"))
MAI = f"uid=mai,{SOTTTT}"
ALL, SMALL = (f"cn={name},ou=lists,{SUFFIX}" for name in ("all", "small"))
STAFF_OF_SONV = ["lqhuy@cantho.gov.vn", "ttlan@cantho.gov.vn"]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two agencies: Lan and Huy in one, Mai in the other."""
    path = tmp_path_factory.mktemp("members") / "town.db"
    with open_town(path) as town:
        town.person("lan", "Trần Thị Lan")
        town.person("huy", "Lê Quang Huy")
        town.person("mai", "Phạm Xuân Mai", SOTTTT)
    return path


@pytest.fixture
def town(tmp_path: Path, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path / "town.db", furnished) as town:
        yield town


def add_list(town: Town, dn: str = ALL, **attributes: str | tuple[str, ...]) -> str:
    local_part = dn.partition(",")[0].removeprefix("cn=")
    town.add(dn, {"objectClass": "gdMailList", "mail": f"{local_part}@cantho.gov.vn", **attributes})
    return dn


def reached(town: Town, dn: str = ALL, search: Search | None = None) -> list[str]:
    return sorted(members(dn, search or search_of(town.local)))


def verdict(town: Town, sender: str, dn: str = ALL, province: str = "cantho") -> SenderVerdict:
    pack, search = load_province(province), search_of(town.local)
    is_on = ListMembership(town.directory, search)
    return may_send(dn, town.local.read(dn), sender, search, pack, is_on=is_on)


def test_a_bodys_list_reaches_its_staff(town: Town) -> None:
    add_list(town, owner=SONV)

    assert reached(town) == STAFF_OF_SONV


def test_the_provinces_list_reaches_people_and_no_bodies(town: Town) -> None:
    add_list(town)

    assert reached(town) == sorted([*STAFF_OF_SONV, "pxmai@cantho.gov.vn"])


@pytest.mark.parametrize("how", [{"owner": SONV}, {"member": (LAN, HUY)}])
def test_who_is_revoked_is_reached_no_more(town: Town, how: dict[str, str | tuple[str, ...]]) -> None:
    add_list(town, **how)
    town.replace(HUY, "gdState", "suspended")
    assert reached(town) == STAFF_OF_SONV

    town.replace(HUY, "gdState", "revoked")

    assert reached(town) == ["ttlan@cantho.gov.vn"]


def test_a_search_that_forgot_to_ask_reaches_nobody_revoked_either(town: Town) -> None:
    add_list(town, memberURL=f"ldap:///{SONV}?mail?sub?(objectClass=gdPerson)")
    town.replace(HUY, "gdState", "revoked")

    assert reached(town) == ["ttlan@cantho.gov.vn"]


def test_members_and_searches_add_up_and_everybody_is_reached_once(town: Town) -> None:
    add_list(town, owner=SONV, memberURL=f"ldap:///{SONV}?mail?sub?(objectClass=gdPerson)", member=(MAI, LAN))

    assert reached(town) == sorted([*STAFF_OF_SONV, "pxmai@cantho.gov.vn"])


def test_lists_on_lists_are_opened_and_circles_end(town: Town) -> None:
    add_list(town, SMALL, member=(MAI,))
    add_list(town, member=(LAN, SMALL))
    town.replace(SMALL, "member", MAI, ALL)

    assert reached(town) == reached(town, SMALL) == ["pxmai@cantho.gov.vn", "ttlan@cantho.gov.vn"]


def test_a_body_on_a_list_is_reached_at_its_own_mailbox(town: Town) -> None:
    add_list(town, member=(SONV, f"ou=lists,{SUFFIX}", f"uid=khongco,{SONV}"))

    assert reached(town) == ["sonv@cantho.gov.vn"]


def test_only_what_the_caller_may_see_is_told(town: Town) -> None:
    add_list(town, owner=SONV)

    assert reached(town, search=search_of(town.caller(Role.ANONYMOUS))) == []


# -- senders


@pytest.mark.parametrize("sender", ["sonv@cantho.gov.vn", "TTLan@cantho.gov.vn"])
def test_the_owners_may_send(town: Town, sender: str) -> None:
    add_list(town, owner=(SONV, LAN))

    answer = verdict(town, sender)

    assert (answer.allowed, answer.citation.article) == (True, "Điều 11 khoản 5")


@pytest.mark.parametrize("owner", [(), (LAN,)])
def test_the_body_a_list_stands_below_may_send(town: Town, owner: tuple[str, ...]) -> None:
    dn = add_list(town, f"cn=nhom,{SONV}", **({"owner": owner} if owner else {}))

    assert verdict(town, "sonv@cantho.gov.vn", dn).allowed
    assert not verdict(town, "sotttt@cantho.gov.vn", dn).allowed
    assert not verdict(town, "lqhuy@cantho.gov.vn", dn).allowed


def test_a_body_that_is_closed_sends_to_the_list_below_it_no_more(town: Town) -> None:
    dn = add_list(town, f"cn=nhom,{SONV}")
    town.replace(SONV, "gdState", "revoked")

    assert not verdict(town, "sonv@cantho.gov.vn", dn).allowed


def test_the_body_above_may_not_send_to_another_bodys_list(town: Town) -> None:
    dn = add_list(town, f"cn=nhom,{SONV}", owner=SOTTTT)

    assert not verdict(town, "sonv@cantho.gov.vn", dn).allowed
    assert verdict(town, "sotttt@cantho.gov.vn", dn).allowed


@pytest.mark.parametrize(
    ("role", "allowed"), [("operator", True), ("administrator", True), ("auditor", False)]
)
def test_who_runs_the_system_announces_to_the_whole_province_and_to_no_bodys_list(
    town: Town, role: str, allowed: bool
) -> None:
    add_list(town)
    add_list(town, SMALL, owner=SOTTTT)
    group = {"objectClass": "gdRoleGroup", "gdRoleKind": role, "member": LAN}
    town.add(f"cn=group,ou=admins,{SUFFIX}", group)

    assert verdict(town, "ttlan@cantho.gov.vn").allowed is allowed
    assert not verdict(town, "lqhuy@cantho.gov.vn").allowed
    assert not verdict(town, "ttlan@cantho.gov.vn", SMALL).allowed


def test_where_lists_are_for_administrators_they_announce_to_every_bodys_list(tmp_path: Path) -> None:
    """Đắk Nông, Điều 5 khoản 1 điểm e: to the whole province, to one body or to several."""
    with open_town(tmp_path / "town.db", province="daknong") as town:
        town.person("lan", "Trần Thị Lan")
        town.person("mai", "Phạm Xuân Mai", SOTTTT)
        group = {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": LAN}
        town.add(f"cn=group,ou=admins,{SUFFIX}", group)
        town.add(ALL, {"objectClass": "gdMailList", "owner": SOTTTT})
        lan, mai, box = (town.values(dn, "mail")[0] for dn in (LAN, MAI, SOTTTT))
        lan, mai, box = (verdict(town, sender, province="daknong") for sender in (lan, mai, box))
    assert [(each.allowed, each.citation.article) for each in (lan, mai, box)] == [
        (True, "Điều 5 khoản 1 điểm e"),
        (False, "Điều 5 khoản 1 điểm e"),
        (True, "Điều 5 khoản 1 điểm e"),
    ]
    assert "runs the system" in lan.why.en


def test_an_owner_may_send_from_an_older_address_too(town: Town) -> None:
    add_list(town, owner=SONV)
    town.replace(SONV, "mail", "so-noi-vu@cantho.gov.vn")

    assert verdict(town, "sonv@cantho.gov.vn").allowed
    assert verdict(town, "so-noi-vu@cantho.gov.vn").allowed


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ("owners", set()),
        ("listed", {"thongbao@chinhphu.vn", "pxmai@cantho.gov.vn"}),
        ("members", {"lqhuy@cantho.gov.vn"}),
        ("org", {"lqhuy@cantho.gov.vn", "nhom.sonv@cantho.gov.vn"}),
        (
            "any",
            {
                "lqhuy@cantho.gov.vn",
                "pxmai@cantho.gov.vn",
                "thongbao@chinhphu.vn",
                "nhom.sonv@cantho.gov.vn",
                "la@example.vn",
            },
        ),
    ],
)
def test_each_policy_lets_those_it_names(town: Town, policy: str, allowed: set[str]) -> None:
    town.add(
        f"cn=nhom,{SONV}",
        {"objectClass": ("applicationProcess", "gdMailbox"), "mail": "nhom.sonv@cantho.gov.vn"},
    )
    named = {"rfc822sender": "thongbao@chinhphu.vn", "dnsender": MAI} if policy == "listed" else {}
    add_list(town, owner=(SONV, LAN), gdSenderPolicy=policy, **named)
    senders = {
        "lqhuy@cantho.gov.vn",
        "pxmai@cantho.gov.vn",
        "thongbao@chinhphu.vn",
        "nhom.sonv@cantho.gov.vn",
        "la@example.vn",
    }

    assert {sender for sender in senders if verdict(town, sender).allowed} == allowed
    assert verdict(town, "ttlan@cantho.gov.vn").allowed


def test_a_sender_is_known_by_a_domain_that_stands_for_the_systems(town: Town) -> None:
    town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
    dn = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"
    town.add(dn, {"objectClass": "gdMailDomain", "gdDomainAlias": "haugiang.gov.vn"})
    add_list(town, owner=SONV, gdSenderPolicy="listed", rfc822sender="pxmai@cantho.gov.vn")

    assert verdict(town, "pxmai@haugiang.gov.vn").allowed
    assert not verdict(town, "lqhuy@haugiang.gov.vn").allowed


def test_members_of_a_list_on_the_list_count_as_members(town: Town) -> None:
    add_list(town, SMALL, member=(MAI,))
    add_list(town, member=(SMALL,), gdSenderPolicy="members")
    town.replace(SMALL, "member", MAI, ALL)

    assert verdict(town, "pxmai@cantho.gov.vn").allowed
    assert not verdict(town, "ttlan@cantho.gov.vn").allowed


@pytest.mark.parametrize("state", ["sendblocked", "suspended", "revoked"])
def test_a_mailbox_that_may_not_send_sends_to_no_list(town: Town, state: str) -> None:
    add_list(town, owner=LAN, gdSenderPolicy="any")
    town.replace(LAN, "gdState", state)

    answer = verdict(town, "ttlan@cantho.gov.vn")

    assert (answer.allowed, answer.citation) == (False, load_province("cantho").state_citation)


def test_a_refusal_says_why_and_by_which_rule(town: Town) -> None:
    add_list(town, owner=SONV)

    told, foreign = verdict(town, "lqhuy@cantho.gov.vn"), verdict(town, "la@example.vn")

    assert told.text(Language.VIETNAMESE).startswith("KHÔNG được gửi: lqhuy@cantho.gov.vn không thuộc")
    assert "Điều 11 khoản 5" in told.text(Language.ENGLISH)
    assert "la@example.vn is no address of the directory" in foreign.text(Language.ENGLISH)


def test_a_member_is_found_without_walking_the_members(town: Town) -> None:
    """The cost of an answer must not grow with the list: at most one entry is looked at per question."""
    add_list(town, gdSenderPolicy="members")
    searching, found = search_of(town.local), []

    def counting(request: SearchRequest) -> Iterator[SearchResultEntry]:
        for one in searching(request):
            found.append(one.object_name)
            yield one

    pack, is_on = load_province("cantho"), ListMembership(town.directory, counting)
    answer = may_send(ALL, town.local.read(ALL), "pxmai@cantho.gov.vn", counting, pack, is_on=is_on)

    schema = town.directory.schema
    assert answer.allowed
    assert {dn_key(name, schema) for name in found} & {dn_key(LAN, schema), dn_key(HUY, schema)} == set()
