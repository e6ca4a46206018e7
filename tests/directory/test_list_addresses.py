"""Whom letters to lists reach, as entries come, change and go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.image import Record
from govdir.directory.journal import MAX_CHANGES
from govdir.directory.list_addresses import ListAddresses
from tests.directory.imaging import SUFFIX, Plot

STAFF = f"ldap:///ou=orgs,{SUFFIX}?mail?sub?(&(objectClass=gdPerson)(enabledService=deliver))"
CLOSED: tuple[str, ...] = ()
OPEN = ("mail", "deliver")


class Lists(Plot):
    """People and lists."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses = ListAddresses(self.image)
        for name in ("orgs", "lists"):
            self.put(f"ou={name}", {"objectClass": "organizationalUnit", "ou": name})
        self.body = self.put("ou=sonv,ou=orgs", self.body_values("sonv"))

    @staticmethod
    def body_values(label: str) -> dict[str, str | tuple[str, ...]]:
        classes = ("organizationalUnit", "gdOrganization", "gdMailbox")
        return {"objectClass": classes, "ou": label, "mail": f"{label}@x.vn", "enabledService": OPEN}

    @staticmethod
    def person_values(uid: str, services: tuple[str, ...] = OPEN) -> dict[str, str | tuple[str, ...]]:
        classes = ("inetOrgPerson", "gdPerson", "gdMailbox")
        values: dict[str, str | tuple[str, ...]] = {"objectClass": classes, "uid": uid, "cn": uid, "sn": uid}
        return {**values, "mail": f"{uid.upper()}@x.vn", **({"enabledService": services} if services else {})}

    def person(self, uid: str, services: tuple[str, ...] = OPEN, body: str = "ou=sonv,ou=orgs") -> Record:
        return self.put(f"uid={uid},{body}", self.person_values(uid, services))

    def list(self, name: str, services: tuple[str, ...] = OPEN, **more: str | tuple[str, ...]) -> Record:
        return self.put(f"cn={name},ou=lists", self.list_values(name, services, **more))

    @staticmethod
    def list_values(
        name: str, services: tuple[str, ...] = OPEN, **more: str | tuple[str, ...]
    ) -> dict[str, str | tuple[str, ...]]:
        values: dict[str, str | tuple[str, ...]] = {
            "objectClass": "gdMailList",
            "cn": name,
            "mail": f"{name}@x.vn",
        }
        return {**values, **more, **({"enabledService": services} if services else {})}

    def reached(self, record: Record) -> list[str]:
        return sorted(address.decode() for address in self.addresses.of(record))

    def everybody_anew(self, record: Record) -> list[str]:
        return sorted(address.decode() for address in ListAddresses(self.image).of(record))


@pytest.fixture
def town() -> Lists:
    return Lists()


def dn(rdns: str) -> str:
    return f"{rdns},{SUFFIX}"


def test_a_search_finds_those_who_take_mail(town: Lists) -> None:
    town.person("an")
    town.person("binh", CLOSED)
    assert town.reached(town.list("all", memberURL=STAFF)) == ["an@x.vn"]


def test_a_search_without_a_word_on_mail_still_leaves_out_who_takes_none(town: Lists) -> None:
    town.person("an")
    town.person("binh", CLOSED)
    url = f"ldap:///ou=orgs,{SUFFIX}?mail?sub?(objectClass=gdPerson)"
    assert town.reached(town.list("all", memberURL=url)) == ["an@x.vn"]


def test_named_members_who_take_no_mail_are_left_out(town: Lists) -> None:
    town.person("an")
    town.person("binh", CLOSED)
    members = tuple(dn(f"uid={uid},ou=sonv,ou=orgs") for uid in ("an", "binh"))
    assert town.reached(town.list("few", member=members)) == ["an@x.vn"]


def test_lists_on_the_list_are_opened_each_once(town: Lists) -> None:
    town.person("an")
    first = town.list("first", member=(dn("uid=an,ou=sonv,ou=orgs"),))
    second = town.list("second", member=(dn("cn=first,ou=lists"), dn("ou=sonv,ou=orgs")))
    both = (dn("uid=an,ou=sonv,ou=orgs"), dn("cn=second,ou=lists"))
    town.change(first, "cn=first,ou=lists", town.list_values("first", member=both))
    assert town.reached(first) == town.reached(second) == ["an@x.vn", "sonv@x.vn"]


def test_a_list_that_takes_no_mail_is_not_opened_until_it_does(town: Lists) -> None:
    town.person("an")
    inner = town.list("inner", CLOSED, memberURL=STAFF)
    outer = town.list("outer", member=dn("cn=inner,ou=lists"))
    assert town.reached(outer) == []
    town.change(inner, "cn=inner,ou=lists", town.list_values("inner", memberURL=STAFF))
    assert town.reached(outer) == ["an@x.vn"]


def test_what_is_no_list_reaches_nobody(town: Lists) -> None:
    assert town.reached(town.person("an")) == []


@pytest.mark.parametrize("named", [True, False])
def test_who_is_revoked_is_gone_and_comes_back(town: Lists, named: bool) -> None:
    an = town.person("an")
    all_ = town.list("all", **({"member": an.dn_text} if named else {"memberURL": STAFF}))
    assert town.reached(all_) == ["an@x.vn"]
    town.change(an, "uid=an,ou=sonv,ou=orgs", town.person_values("an", CLOSED))
    assert town.reached(all_) == []
    town.change(an, "uid=an,ou=sonv,ou=orgs", town.person_values("an"))
    assert town.reached(all_) == ["an@x.vn"]


def test_new_people_and_those_who_are_deleted_count_at_once(town: Lists) -> None:
    all_ = town.list("all", memberURL=STAFF)
    assert town.reached(all_) == []
    an = town.person("an")
    assert town.reached(all_) == ["an@x.vn"]
    town.image.remove(an.id)
    assert town.reached(all_) == []


def test_another_address_takes_the_place_of_the_old_one(town: Lists) -> None:
    an = town.person("an")
    all_ = town.list("all", memberURL=STAFF)
    town.reached(all_)
    town.change(an, "uid=an,ou=sonv,ou=orgs", {**town.person_values("an"), "mail": "nvan@x.vn"})
    assert town.reached(all_) == ["nvan@x.vn"]


def test_a_body_that_moves_takes_its_people_along(town: Lists) -> None:
    town.person("an")
    url = STAFF.replace("ou=orgs,", "ou=soyte,ou=orgs,")
    town.put("ou=soyte,ou=orgs", town.body_values("soyte"))
    health = town.list("health", memberURL=url)
    assert town.reached(health) == []
    town.change(town.body, "ou=sonv,ou=soyte,ou=orgs", town.body_values("sonv"))
    assert town.reached(health) == ["an@x.vn"]


def test_a_base_that_comes_later_counts_from_then_on(town: Lists) -> None:
    health = town.list("health", memberURL=STAFF.replace("ou=orgs,", "ou=soyte,ou=orgs,"))
    assert town.reached(health) == []
    town.put("ou=soyte,ou=orgs", town.body_values("soyte"))
    town.person("an", body="ou=soyte,ou=orgs")
    assert town.reached(health) == ["an@x.vn"]


def test_more_changes_than_are_remembered_are_taken_in_too(town: Lists) -> None:
    an = town.person("an")
    all_ = town.list("all", memberURL=STAFF)
    town.reached(all_)
    for number in range(MAX_CHANGES + 1):
        town.change(an, "uid=an,ou=sonv,ou=orgs", town.person_values(f"an{number}", CLOSED))
    assert town.reached(all_) == []


STEPS = st.lists(
    st.tuples(st.sampled_from(["an", "binh", "chau"]), st.sampled_from(["open", "close", "remove", "ask"])),
    max_size=24,
)


@given(STEPS)
def test_following_changes_comes_to_what_asking_anew_does(steps: list[tuple[str, str]]) -> None:
    town = Lists()
    inner = town.list("inner", memberURL=STAFF)
    outer = town.list("outer", member=(inner.dn_text, dn("uid=an,ou=sonv,ou=orgs")))
    people: dict[str, Record] = {}
    for uid, step in steps:
        if step == "remove" and uid in people:
            town.image.remove(people.pop(uid).id)
        elif step in ("open", "close") and uid in people:
            services = OPEN if step == "open" else CLOSED
            town.change(people[uid], f"uid={uid},ou=sonv,ou=orgs", town.person_values(uid, services))
        elif step in ("open", "close"):
            people[uid] = town.person(uid, OPEN if step == "open" else CLOSED)
        assert step != "ask" or town.reached(outer) == town.everybody_anew(outer)
    assert town.reached(outer) == town.everybody_anew(outer)
