"""A password is judged by the same rules, in the same words, whichever door it comes through."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from govdir.cli.local import LocalDirectory, open_directory
from govdir.config import load_config
from govdir.directory.errors import RuleViolation
from govdir.ldap.codec.messages import AddRequest, Attribute, Change, ModifyOperation, ModifyRequest
from tests.cli.command_line import govdir

SUFFIX = "dc=cantho,dc=gov,dc=vn"
SONV = f"ou=sonv,ou=orgs,{SUFFIX}"
MINH = f"uid=nvminh,{SONV}"
OWN = ("Nguyễn Văn Minh", "nvminh", "sonv", "Sở Nội vụ")
CLASSES = ("inetOrgPerson", "gdPerson", "gdMailbox")
BODIES = f"""\
dn: {SONV}
objectClass: organizationalUnit
objectClass: gdOrganization
objectClass: gdMailbox
displayName: Sở Nội vụ
gdMailboxKind: org

dn: {MINH}
objectClass: inetOrgPerson
objectClass: gdPerson
objectClass: gdMailbox
cn: Nguyễn Văn Minh
sn: Nguyễn
"""


@pytest.fixture
def sonv(home: Path, tmp_path: Path) -> Path:
    path = tmp_path / "bodies.ldif"
    path.write_text(BODIES)
    assert govdir("import", home, path).exit_code == 0
    return home


Door = Callable[[LocalDirectory, bytes], Coroutine[Any, Any, object]]


def by_modify(local: LocalDirectory, candidate: bytes) -> Coroutine[Any, Any, object]:
    change = Change(ModifyOperation.REPLACE, Attribute("userPassword", (candidate,)))
    return local.handle.modify(ModifyRequest(MINH, (change,)))


def by_password_modify(local: LocalDirectory, candidate: bytes) -> Coroutine[Any, Any, object]:
    return local.handle.change_password(MINH, None, candidate)


def by_add(local: LocalDirectory, candidate: bytes) -> Coroutine[Any, Any, object]:
    given = {"objectClass": CLASSES, "cn": (OWN[0],), "sn": ("Nguyễn",)}
    attributes = [
        Attribute(name, tuple(value.encode() for value in values)) for name, values in given.items()
    ]
    return local.handle.add(
        AddRequest(f"uid=*,{SONV}", (*attributes, Attribute("userPassword", (candidate,))))
    )


CANDIDATES = [
    "matkhau",
    "Sonv@2026",
    "NguyenVanMinh#1",
    "Vieetnam#12",
    "1qaz@WSX",
    "MatKhau$7894",
    "Sở Nội Vụ 7!",
]


@pytest.mark.parametrize("door", [by_modify, by_password_modify, by_add])
@pytest.mark.parametrize("candidate", CANDIDATES)
def test_ldap_says_what_the_command_says(sonv: Path, door: Door, candidate: str) -> None:
    own = [option for text in OWN for option in ("--own", text)]
    told = govdir(
        "password", "check", "--province", "cantho", "--kind", "person", *own, stdin=candidate + "\n"
    ).stderr.strip()

    with open_directory(load_config(sonv)) as local, pytest.raises(RuleViolation) as refused:
        local.run(door(local, candidate.encode()))

    assert refused.value.diagnostic == told


@pytest.mark.parametrize("candidate", CANDIDATES)
def test_an_import_says_it_too(sonv: Path, tmp_path: Path, candidate: str) -> None:
    path = tmp_path / "person.ldif"
    lines = [
        f"dn: uid=*,{SONV}",
        *(f"objectClass: {each}" for each in CLASSES),
        f"cn: {OWN[0]}",
        "sn: Nguyễn",
    ]
    path.write_text("\n".join([*lines, f"userPassword: {candidate}", ""]))
    with open_directory(load_config(sonv)) as local, pytest.raises(RuleViolation) as refused:
        local.run(by_add(local, candidate.encode()))

    result = govdir("import", sonv, path)

    assert result.exit_code == 1
    assert refused.value.diagnostic in result.stderr
