"""Deleting a whole subtree: everything or nothing, judged as the single deletes would be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.defer import Deferred

from govdir.cli.base_tree import CONTAINERS
from govdir.directory.access import AccessRules
from govdir.directory.caller import Role
from govdir.directory.errors import DirectoryError, InsufficientAccessRights
from govdir.directory.handle import Handle
from govdir.directory.options import WriteOptions
from govdir.directory.vocabulary import Vocabulary
from govdir.directory.writes.tree_delete import BASE_TREE
from govdir.ldap.codec.messages import AddRequest, ModifyOperation
from tests.directory.building import SONV, SOTTTT, SUFFIX, Town, attribute, names

SUBTREE = WriteOptions(subtree=True)
PHONG = f"ou=phong,{SONV}"
AN, CHI = f"uid=an,{PHONG}", f"uid=chi,{SOTTTT}"
LIST = f"cn=all,ou=lists,{SUFFIX}"
DEVICE = {"objectClass": "device"}


@pytest.fixture
def populated(town: Town) -> Town:
    """A unit of an agency with a person, and one elsewhere; both are on a list."""
    town.add(PHONG, {"objectClass": "organizationalUnit"})
    town.person("an", "Lê An", PHONG)
    town.add(f"cn=may,{AN}", DEVICE)
    town.person("chi", "Vũ Chi", SOTTTT)
    town.add(LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": (AN, CHI)})
    return town


def delete_tree(town: Town, dn: str, handle: Handle | None = None) -> None:
    town.run((handle or town.local).delete(dn, SUBTREE))


def refusal_of(town: Town, dn: str, handle: Handle | None = None) -> DirectoryError:
    before = town.directory.image.count, town.directory.image.number
    with pytest.raises(DirectoryError) as refusal:
        delete_tree(town, dn, handle)
    assert (town.directory.image.count, town.directory.image.number) == before
    return refusal.value


def test_everything_below_goes_with_the_entry_in_one_change(populated: Town) -> None:
    number = populated.directory.image.number
    delete_tree(populated, SONV)
    assert populated.directory.image.number == number + 1
    for dn in (SONV, PHONG, AN, f"cn=may,{AN}"):
        assert not populated.exists(dn)
    assert populated.exists(SOTTTT)
    assert names(populated.local, "(objectClass=device)") == []


def test_a_leaf_goes_as_it_would_without_the_control(populated: Town) -> None:
    delete_tree(populated, CHI)
    assert not populated.exists(CHI)


def test_what_names_the_deleted_entries_is_rewritten_once(populated: Town) -> None:
    populated.person("binh", "Trần Bình", PHONG)
    populated.change(LIST, ModifyOperation.ADD, "member", f"uid=binh,{PHONG}")
    populated.replace(SOTTTT, "gdItAdmin", AN)
    delete_tree(populated, PHONG)
    assert populated.values(LIST, "member") == (CHI,)
    assert populated.values(SOTTTT, "gdItAdmin") == ()


def test_references_among_the_deleted_entries_are_in_nobodys_way(populated: Town) -> None:
    populated.add(f"cn=nhom,{PHONG}", {"objectClass": "groupOfNames", "member": AN})
    delete_tree(populated, PHONG)
    assert not populated.exists(PHONG)


def test_an_entry_elsewhere_that_needs_one_of_them_keeps_them_all(populated: Town) -> None:
    populated.add(f"cn=nhom,{SOTTTT}", {"objectClass": "groupOfNames", "member": AN})
    refusal = refusal_of(populated, PHONG)
    assert refusal.code == 53
    assert populated.exists(AN)


def test_addresses_of_a_short_mistake_are_free_and_known_ones_retired(populated: Town) -> None:
    (old,) = populated.values(AN, "mail")
    populated.clock.pass_time(days=2)
    populated.person("moi", "Ngô Mới", PHONG)
    (new,) = populated.values(f"uid=moi,{PHONG}", "mail")
    delete_tree(populated, PHONG)
    assert old in populated.directory.image.retired_addresses
    assert new not in populated.directory.image.retired_addresses
    populated.person("moi", "Ngô Mới", SOTTTT)
    assert populated.values(f"uid=moi,{SOTTTT}", "mail") == (new,)


@pytest.mark.parametrize("dn", [SUFFIX, *(f"ou={name},{SUFFIX}" for name in ("orgs", "admins", "services"))])
def test_the_suffix_and_the_base_trees_containers_stay(town: Town, dn: str) -> None:
    town.add(f"cn=x,ou=services,{SUFFIX}", DEVICE)
    town.add(f"cn=x,ou=admins,{SUFFIX}", DEVICE)
    assert refusal_of(town, dn).code == 53


def test_every_container_of_the_base_tree_is_known() -> None:
    assert {f"ou={name}" for name in CONTAINERS} == BASE_TREE


def test_one_entry_that_may_not_be_deleted_keeps_them_all_without_being_told_of(populated: Town) -> None:
    populated.person("it", "Hồ IT", SOTTTT)
    populated.replace(SONV, "gdItAdmin", f"uid=it,{SOTTTT}")
    manager = populated.caller(Role.PERSON, f"uid=it,{SOTTTT}")
    populated.add(
        f"cn=truc,ou=admins,{SUFFIX}",
        {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN},
    )
    refusal = refusal_of(populated, PHONG, manager)
    assert refusal.code == 50
    assert "uid=an" not in refusal.diagnostic
    assert "nothing was deleted" in refusal.diagnostic


UNSEEN_BELOW = """
[[rule]]
name = "people see units and each other, and delete what they do not see, too"
who = "person"
under = "ou=orgs"
classes = ["organizationalUnit", "gdPerson"]
read = ["cn"]
rights = ["delete"]

[[rule]]
name = "devices"
who = "person"
under = "ou=orgs"
classes = ["device"]
rights = ["delete"]
"""


def test_what_the_caller_does_not_see_does_not_go_with_what_it_does(populated: Town) -> None:
    vocabulary = Vocabulary(populated.directory.schema)
    populated.directory.access = AccessRules.parse(UNSEEN_BELOW, vocabulary, publication=False)
    person = populated.caller(Role.PERSON, CHI)
    assert refusal_of(populated, PHONG, person).code == 50
    populated.delete(f"cn=may,{AN}")
    delete_tree(populated, PHONG, person)
    assert not populated.exists(PHONG)


def test_an_entry_nobody_sees_is_refused_as_unknown(populated: Town) -> None:
    assert (
        refusal_of(populated, PHONG, populated.directory.as_caller(populated.directory.anonymous)).code == 32
    )


@pytest.fixture
def breathing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop has its turn after every entry."""
    for module in ("image", "writes.tree_delete"):
        monkeypatch.setattr(f"govdir.directory.{module}.SLICE_SECONDS", 0)


class Meddling:
    """Breathes by doing something to the directory meanwhile, once."""

    def __init__(self, town: Town, meddle: Callable[[], object]) -> None:
        self._town = town
        self._meddle = meddle
        self.breaths = 0

    async def __call__(self) -> None:
        self.breaths += 1
        if self.breaths == 1:
            self._meddle()


def crowd(town: Town, count: int = 7) -> None:
    for number in range(count):
        town.add(f"cn=d{number},{PHONG}", DEVICE)


@pytest.mark.usefixtures("breathing")
def test_what_comes_while_it_is_judged_goes_along(populated: Town) -> None:
    crowd(populated)
    other: list[Deferred[object]] = []

    def meddle() -> None:
        request = AddRequest(f"cn=moi,{PHONG}", (attribute("objectClass", "device"),))
        other.append(Deferred.fromCoroutine(populated.local.add(request)))  # type: ignore[arg-type]

    populated.directory.committer.breathe = Meddling(populated, meddle)
    delete_tree(populated, PHONG)
    populated.run(_all(other))
    assert not populated.exists(PHONG)
    assert names(populated.local, "(objectClass=device)") == []


@pytest.mark.usefixtures("breathing")
def test_who_comes_to_hold_more_rights_after_being_judged_keeps_them_all(populated: Town) -> None:
    crowd(populated)
    populated.person("it", "Hồ IT", SOTTTT)
    populated.replace(SONV, "gdItAdmin", f"uid=it,{SOTTTT}")
    role = {"objectClass": "gdRoleGroup", "gdRoleKind": "operator", "member": AN}
    given = tuple(attribute(name, value) for name, value in role.items())
    breaths = 0

    async def meddle() -> None:
        nonlocal breaths
        breaths += 1
        if breaths == 2:  # the unit and the person have been judged, what is below them has not
            await populated.local.add(AddRequest(f"cn=truc,ou=admins,{SUFFIX}", given))

    populated.directory.committer.breathe = meddle
    with pytest.raises(InsufficientAccessRights, match="nothing was deleted"):
        delete_tree(populated, PHONG, populated.caller(Role.PERSON, f"uid=it,{SOTTTT}"))
    assert populated.exists(AN)


async def _all(waiting: list[Deferred[object]]) -> None:
    for each in waiting:
        await each


@pytest.mark.usefixtures("breathing")
def test_nobody_sees_a_part_of_it_while_its_keys_are_taken_out(populated: Town) -> None:
    crowd(populated)
    seen: list[list[str]] = []

    class Looking:
        async def __call__(self) -> None:
            seen.append(
                names(populated.local, "(objectClass=device)")
                + names(populated.local, "(cn=d1)")
                + names(populated.local, "(cn=d*)")
                + names(populated.local, "(uid=an)")
            )

    whole = len(names(populated.local, "(objectClass=device)"))
    populated.directory.committer.breathe = Looking()
    delete_tree(populated, PHONG)
    assert {len(each) for each in seen[:1]} == {whole + 1 + whole - 1 + 1}
    assert all(not each for each in seen if len(each) != len(seen[0]))
    assert seen[-1] == []
    assert populated.values(LIST, "member") == (CHI,)
