"""An administrator's day over LDAP under each province's regulation: what its requests make of one person.

The same requests, told from what is written out for each province; policies as `govdir init` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from govdir.assembly import password_clockwork
from govdir.config import PasswordSettings
from govdir.directory.errors import InvalidCredentials, NotAllowedOnNonLeaf, RuleViolation
from govdir.directory.options import WriteOptions
from govdir.mailattrs.passwords import MailboxPasswords
from govdir.mailattrs.policy_tree import policy_entries
from govdir.policy.load import load_province
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, names, open_town

PERSON = {"objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"), "cn": "Quách Thị Lụa", "sn": "Quách"}
PERSONS = f"cn=person,ou=policies,{SUFFIX}"
GIVEN, CHOSEN = "Thuyen#ve#ben#cu#71", "Hoa#sen#trang#927"
RULE_OF_THE_SYSTEM = "quy tắc an toàn của hệ thống"


@dataclass(frozen=True)
class Day:
    """What comes of it: the addresses of two people of one name, that of the second after a transfer which
    asks for it; days a password lasts from early March on, or None; the articles on length and age, and
    those that the policy entry names."""

    first: str
    second: str
    transferred: str
    lasts: int | None
    length_by: str
    age_by: str | None
    policy_by: str


DAYS = {
    "cantho": Day(
        "qtlua@cantho.gov.vn",
        "qthilua@cantho.gov.vn",
        "qthilua@cantho.gov.vn",
        92,
        "Điều 10 khoản 3 điểm a, Quyết định 33/2015/QĐ-UBND",
        "Điều 10 khoản 3, Quyết định 33/2015/QĐ-UBND",
        "Điều 10 khoản 3 điểm a, Điều 10 khoản 3",
    ),
    "daklak": Day(
        "luaqt@sonv.daklak.gov.vn",
        "luaqta@sonv.daklak.gov.vn",
        "luaqt@tttt.daklak.gov.vn",
        None,
        RULE_OF_THE_SYSTEM,
        None,
        "Điều 13 khoản 2",
    ),
    "vinhphuc": Day(
        "luaqt@vinhphuc.gov.vn",
        "luaqt1@vinhphuc.gov.vn",
        "luaqt1@vinhphuc.gov.vn",
        None,
        RULE_OF_THE_SYSTEM,
        None,
        "Điều 13 khoản 1 điểm b",
    ),
    "daknong": Day(
        "luaqt.sonv@daknong.gov.vn",
        "luaqta.sonv@daknong.gov.vn",
        "luaqt.sotttt@daknong.gov.vn",
        None,
        "Điều 12 khoản 1, Quyết định 12/2012/QĐ-UBND",
        None,
        "Điều 12 khoản 1",
    ),
    "binhphuoc": Day(
        "luaqt.sonv@binhphuoc.gov.vn",
        "luaqt2.sonv@binhphuoc.gov.vn",
        "luaqt.sotttt@binhphuoc.gov.vn",
        31,
        "Điều 9, Quyết định 1956/QĐ-UBND",
        "Điều 13 khoản 3, Quyết định 1956/QĐ-UBND",
        "Điều 9, Điều 13 khoản 3, Điều 6 khoản 3 điểm c",
    ),
}


@pytest.fixture(scope="module", params=DAYS)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, Day]]:
    """A new directory of that province, its policies included."""
    province = request.param
    with open_town(tmp_path_factory.mktemp("day") / "town.db", province=province) as town:
        pack = load_province(province)
        policies = MailboxPasswords(pack, password_clockwork(PasswordSettings())).policies()
        for entry in policy_entries(SUFFIX, pack, policies):
            town.run(town.local.add(entry))
        yield town, DAYS[province]


def mail(town: Town, dn: str) -> str:
    (address,) = town.values(dn, "mail")
    return address


def test_people_come_move_and_go_with_their_body(place: tuple[Town, Day]) -> None:
    town, day = place
    admin = town.admin()
    first, second = (town.add(f"uid=*,{SONV}", PERSON, admin) for _ in range(2))
    assert (mail(town, first), mail(town, second)) == (day.first, day.second)

    rdn = second.partition(",")[0]
    town.rename(second, rdn, SOTTTT, handle=admin)
    moved = f"{rdn},{SOTTTT}"
    assert mail(town, moved) == day.second
    assert town.values(moved, "displayName") == ("Quách Thị Lụa - Sở Thông tin và Truyền thông",)

    town.rename(moved, "uid=*", handle=admin)
    (uid,) = names(town.local, "(cn=*)", base=SOTTTT)
    asked = f"uid={uid},{SOTTTT}"
    assert mail(town, asked) == day.transferred
    aliases = () if day.transferred == day.second else (day.second,)
    assert town.values(asked, "mailLocalAddress") == aliases

    body = mail(town, SOTTTT)
    town.rename(SOTTTT, "ou=khac", handle=admin)
    renamed = f"ou=khac,ou=orgs,{SUFFIX}"
    assert (mail(town, renamed), mail(town, f"uid={uid},{renamed}")) == (body, day.transferred)

    town.clock.pass_time(days=2)
    with pytest.raises(NotAllowedOnNonLeaf):
        town.delete(renamed, admin)
    town.run(admin.delete(renamed, WriteOptions(subtree=True)))
    assert names(town.local, "(gdState=*)", base=f"ou=orgs,{SUFFIX}") == [first.partition(",")[0][4:], "sonv"]
    again = town.add(f"uid=*,{SONV}", PERSON, admin)
    assert mail(town, again) not in (day.first, day.second, day.transferred)
    town.delete(again, admin)
    town.delete(first, admin)


def test_a_policy_gives_way_to_the_stricter_and_cites_the_article_to_the_looser(
    place: tuple[Town, Day],
) -> None:
    town, day = place
    admin = town.admin()

    def refused(name: str, value: str) -> str:
        with pytest.raises(RuleViolation) as refusal:
            town.replace(PERSONS, name, value, handle=admin)
        return refusal.value.diagnostic

    assert f"({day.length_by})" in refused("pwdMinLength", "7")
    assert day.length_by.rpartition(", ")[2] in refused("pwdCheckQuality", "0")
    assert "Điều" in refused("pwdMustChange", "FALSE")
    town.replace(PERSONS, "pwdMinLength", "12", handle=admin)
    town.replace(PERSONS, "pwdMinLength", "8", handle=admin)
    if day.age_by is None:
        assert town.values(PERSONS, "pwdMaxAge") == ("0",)
    else:
        assert f"({day.age_by})" in refused("pwdMaxAge", "0")
    kept = town.values(PERSONS, "pwdMaxAge")
    town.replace(PERSONS, "pwdMaxAge", "86400", handle=admin)
    town.replace(PERSONS, "pwdMaxAge", *kept, handle=admin)


def test_the_policies_tell_their_articles(place: tuple[Town, Day]) -> None:
    town, day = place
    (told,) = town.values(PERSONS, "description")

    assert told.partition(" (")[2] == f"{day.policy_by})"


def test_a_password_lasts_the_regulations_months_and_then_only_opens_its_change(
    place: tuple[Town, Day],
) -> None:
    town, day = place
    dn = town.add(f"uid=*,{SONV}", {**PERSON, "userPassword": GIVEN}, town.admin())
    assert town.run(town.directory.bind(dn, GIVEN.encode())).caller.must_change
    town.run(town.bound(dn, GIVEN).change_password(None, None, CHOSEN.encode()))
    town.clock.pass_time(days=day.lasts or 3660, seconds=-1)
    assert not town.run(town.directory.bind(dn, CHOSEN.encode())).caller.must_change
    town.clock.pass_time(seconds=1)

    bound = town.run(town.directory.bind(dn, CHOSEN.encode()))
    assert (bound.caller.must_change, bound.grace_left) == (day.lasts is not None, None)
    if day.lasts is not None:
        with pytest.raises(InvalidCredentials):
            town.run(town.directory.bind(dn, CHOSEN.encode(), "imap"))
