"""`govdir admin`: roles, and who holds them."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.changes import put
from govdir.cli.local import open_directory
from govdir.config import load_config
from govdir.directory.errors import InsufficientAccessRights
from govdir.ldap.codec.messages import ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SUFFIX, answer, refused, texts

ROLES = ["administrator", "operator", "approver", "auditor"]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_granted_shown_and_taken_away(office: Path, role: str) -> None:
    assert govdir("admin", "grant", office, role, "nvminh").exit_code == 0
    held = answer("admin", "list", office)
    assert [(one["role"], one["who"], one["body"]) for one in held] == [(role, "nvminh@cantho.gov.vn", "")]
    assert role in refused("admin", "grant", office, role, "nvminh")
    assert govdir("admin", "revoke", office, role, "nvminh").exit_code == 0
    assert answer("admin", "list", office) == []
    assert role in refused("admin", "revoke", office, role, "nvminh")


def test_the_group_is_made_with_the_first_holder_and_used_by_the_next(office: Path) -> None:
    govdir("admin", "grant", office, "operator", "nvminh")
    govdir("admin", "grant", office, "operator", "ltbdao")
    group = f"cn=operators,ou=admins,{SUFFIX}"
    assert texts(office, group, "gdRoleKind") == ("operator",)
    assert texts(office, group, "member") == (MINH, MINH.replace("nvminh", "ltbdao"))


def test_a_role_takes_effect_and_ends_with_the_commands(office: Path) -> None:
    change = ModifyRequest(f"ou=sotttt,ou=orgs,{SUFFIX}", (put("description", "Cơ quan vận hành"),))
    with open_directory(load_config(office)) as local:
        password = local.set_password(MINH).encode()
    govdir("admin", "grant", office, "operator", "nvminh")
    with open_directory(load_config(office)) as local:
        own = local.directory.as_caller(local.run(local.directory.bind(MINH, password)).caller)
        local.run(own.modify(change))
    govdir("admin", "revoke", office, "operator", "nvminh")
    with open_directory(load_config(office)) as local:
        own = local.directory.as_caller(local.run(local.directory.bind(MINH, password)).caller)
        with pytest.raises(InsufficientAccessRights):
            local.run(own.modify(change))


def test_what_somebody_may_do_is_told_in_words(office: Path) -> None:
    govdir("org", "appoint", office, "sonv", "--it-admin", "tqan")
    govdir("admin", "grant", office, "auditor", "tqan")
    assert govdir("admin", "show", office, "tqan").stdout.splitlines() == [
        "audits: reads everything but passwords, writes nothing",
        "administers the mailboxes of Sở Nội vụ",
        "owns Sở Nội vụ",
    ]
    assert "phụ trách Sở Nội vụ" in govdir("admin", "show", office, "tqan", locale="vi_VN.UTF-8").stdout
    assert "nothing but" in govdir("admin", "show", office, "nvminh").stderr
    assert [one["role"] for one in answer("admin", "show", office, "tqan")] == [
        "auditor",
        "gdItAdmin",
        "owner",
    ]


def test_bodies_do_not_hold_roles_and_there_are_no_others(office: Path) -> None:
    assert "not a person's" in refused("admin", "grant", office, "operator", "sonv")
    assert govdir("admin", "grant", office, "emperor", "nvminh").exit_code == 2


def test_roles_of_bodies_are_listed_with_the_others(office: Path) -> None:
    govdir("org", "appoint", office, "sonv", "--approver", "ltbdao")
    assert answer("admin", "list", office) == [
        {
            "role": "gdApprover",
            "who": "ltbdao@cantho.gov.vn",
            "name": "Lê Thị Bích Đào",
            "body": "Sở Nội vụ",
            "text": "approves the requests of Sở Nội vụ",
        }
    ]
    assert "ltbdao@cantho.gov.vn" in govdir("admin", "list", office).stdout
