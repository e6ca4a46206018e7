"""Who may do what to which entry: every role, every kind of entry, every operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from govdir.directory.errors import DirectoryError, InsufficientAccessRights, NoSuchObject
from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import Scope
from tests.directory.building import SONV, SUFFIX, Town, entries, open_town, request
from tests.directory.role_town import AN, BINH, LIST, POLICY, SERVICE, caller, group, holder, populate

CALLERS = (
    "anonymous", "person", "agency-admin", "agency-approver", "approver", "auditor", "operator",
    "administrator",
)  # fmt: skip
PLACES = {
    "container": f"ou=orgs,{SUFFIX}",
    "body": SONV,
    "colleague": f"uid=giang,{SONV}",
    "stranger": BINH,
    "auditor": holder("auditor"),
    "it": holder("agency-admin"),
    "list": LIST,
    "group": group("operator"),
    "service": SERVICE,
    "policy": POLICY,
}


def read(town: Town, handle: Handle, dn: str) -> None:
    """All of the entry, operational attributes included."""
    found = entries(handle.search(request("(&)", dn, Scope.BASE_OBJECT, ("createTimestamp",))))
    if not found or not found[0].attributes:
        raise InsufficientAccessRights


def write(town: Town, handle: Handle, dn: str) -> None:
    town.replace(dn, "description", "x", handle=handle)


def decide(town: Town, handle: Handle, dn: str) -> None:
    town.replace(dn, "gdState", "suspended", handle=handle)


def reset(town: Town, handle: Handle, dn: str) -> None:
    town.run(handle.change_password(dn, None, b"Hoa-sen-trang-927"))


def add(town: Town, handle: Handle, dn: str) -> None:
    town.add(f"cn=may,{dn}", {"objectClass": "device"}, handle)


def delete(town: Town, handle: Handle, dn: str) -> None:
    town.delete(dn, handle)


def rename(town: Town, handle: Handle, dn: str) -> None:
    town.rename(dn, "cn=khac", delete_old=False, handle=handle)


Operation = Callable[[Town, Handle, str], None]
OPERATIONS: dict[str, Operation] = {
    "r": read, "w": write, "s": decide, "p": reset, "a": add, "d": delete, "n": rename,
}  # fmt: skip


def allowed(town: Town, who: str, place: str, operation: Operation) -> bool:
    """Whether access is what an attempt fails for, if it fails; the schema and the regulation may yet."""
    try:
        operation(town, caller(town, who), PLACES[place])
    except (InsufficientAccessRights, NoSuchObject):
        return False
    except DirectoryError:
        return True
    return True


# r read all, w write, s decide the state, p set the password, a add below, d delete, n rename; - nothing.
MATRIX = """
                 container body    colleague stranger auditor it      list    group   service policy
anonymous        -         -       -         -        -       -       -       -       -       -
person           -         -       -         -        -       -       -       -       -       -
agency-admin     -         aprsw   adnprsw   -        r       adnprsw -       -       -       -
agency-approver  -         r       rs        -        r       r       -       -       -       -
approver         rs        rs      rs        rs       r       r       -       -       -       -
auditor          r         r       r         r        pr      r       r       r       r       r
operator         aprsw     adnprsw adnprsw   adnprsw  r       adnprsw adnprsw r       r       r
administrator    adnprsw   adnprsw adnprsw   adnprsw  adnprsw adnprsw adnprsw adnprsw adnprsw adnprsw
"""


def cells() -> Iterator[Any]:
    head, *rows = MATRIX.strip("\n").splitlines()
    for row in rows:
        who, *granted = row.split()
        for place, letters in zip(head.split(), granted, strict=True):
            for letter in OPERATIONS:
                yield pytest.param(who, place, letter, letter in letters, id=f"{who}-{place}-{letter}")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose changes are planned, and checked, but never made."""
    with open_town(tmp_path_factory.mktemp("matrix") / "town.db") as town:
        populate(town)

        async def only_plan(plan: Callable[[], object]) -> None:
            plan()

        town.directory.committer.commit = only_plan  # type: ignore[method-assign]
        yield town


@pytest.mark.parametrize(("who", "place", "letter", "expected"), [*cells()])
def test_each_may_do_what_the_table_says(
    town: Town, who: str, place: str, letter: str, expected: bool
) -> None:
    assert allowed(town, who, place, OPERATIONS[letter]) is expected


def test_the_table_has_every_caller_and_place() -> None:
    head, *rows = MATRIX.strip("\n").splitlines()
    assert [row.split()[0] for row in rows] == list(CALLERS)
    assert head.split() == list(PLACES)


@pytest.mark.parametrize("who", CALLERS)
def test_nobody_writes_what_the_server_alone_writes(town: Town, who: str) -> None:
    for name in ("accountStatus", "enabledService", "gdStateSince", "pwdChangedTime", "entryUUID"):
        with pytest.raises(DirectoryError):
            town.replace(AN, name, "20260101000000Z", handle=caller(town, who))


@pytest.mark.parametrize("who", ["operator", "approver", "auditor", "agency-admin", "agency-approver"])
def test_everybody_with_a_role_goes_on_being_a_person(town: Town, who: str) -> None:
    own, me = caller(town, who), holder(who)
    town.replace(me, "telephoneNumber", "0292 3812 345", handle=own)
    town.run(own.change_password(me, None, b"Hoa-sen-trang-927"))
    assert own.authz_id == f"dn:{me}"
    assert entries(own.search(request("(uid=binh)", attributes=("mail",))))
