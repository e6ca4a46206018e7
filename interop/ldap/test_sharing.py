"""An agency's mailbox changes hands by ldapmodify: refused without a new password, recorded with one."""

from __future__ import annotations

import pytest

from interop.ldap.openldap import Tools
from interop.server import SUFFIX, Server

CONSTRAINT_VIOLATION = 19
INVALID_CREDENTIALS = 49
FIRST, SECOND = "Hoa-sen-trang-927", "Song-xanh-biec-358"
BOX = f"ou=sobangiao,ou=orgs,{SUFFIX}"
LAN, HUY = (f"uid={uid},{BOX}" for uid in ("ttlan", "lqhuy"))


def modify(*lines: str) -> str:
    return "\n".join((f"dn: {BOX}", "changetype: modify", *lines, ""))


def person(uid: str, name: str) -> str:
    classes = "objectClass: inetOrgPerson\nobjectClass: gdPerson\nobjectClass: gdMailbox"
    surname = name.split(maxsplit=1)[0]
    return f"dn: uid={uid},{BOX}\n{classes}\ncn: {name}\nsn: {surname}\n"


@pytest.fixture(scope="module")
def tools(server: Server) -> Tools:
    """Sở Bàn giao: its head owns the mailbox, which has a password."""
    tools = Tools(server)
    classes = "objectClass: organizationalUnit\nobjectClass: gdOrganization\nobjectClass: gdMailbox"
    body = f"dn: {BOX}\n{classes}\ndisplayName: Sở Bàn giao\n"
    added = tools.run(
        "ldapadd", given="\n".join((body, person("ttlan", "Trần Thị Lan"), person("lqhuy", "Lê Quang Huy")))
    )
    assert added.code == 0, added.err
    shared = tools.change(
        modify("add: objectClass", "objectClass: gdSharedMailbox", "-", "add: owner", f"owner: {LAN}")
    )
    assert shared.code == 0, shared.err
    given = tools.change(modify("replace: userPassword", f"userPassword: {FIRST}"))
    assert given.code == 0, given.err
    return tools


def test_a_handover_without_a_new_password_is_refused_and_says_what_to_do(tools: Tools) -> None:
    said = tools.change(modify("replace: owner", f"owner: {HUY}"))

    assert said.code == CONSTRAINT_VIOLATION
    assert "userPassword" in said.err
    assert tools.search(BOX, "-s", "base", "owner").values("owner") == [LAN]


def test_the_owner_is_not_deleted_before_the_handover(tools: Tools) -> None:
    said = tools.run("ldapdelete", LAN)

    assert (said.code, "sobangiao@cantho.gov.vn" in said.err) == (CONSTRAINT_VIOLATION, True)


def test_one_delegate_is_authorised_and_not_two(tools: Tools) -> None:
    assert tools.change(modify("add: gdDelegate", f"gdDelegate: {HUY}")).code == 0

    said = tools.change(modify("add: gdDelegate", f"gdDelegate: uid=*,{BOX}"))

    assert said.code == CONSTRAINT_VIOLATION
    assert "Điều 11" in said.err


def test_a_handover_with_a_new_password_is_recorded_and_ends_the_old_one(tools: Tools) -> None:
    said = tools.change(
        modify("replace: owner", f"owner: {HUY}", "-", "replace: userPassword", f"userPassword: {SECOND}")
    )

    assert said.code == 0, said.err
    lines = tools.search(BOX, "-s", "base", "gdHandoverRecord").values("gdHandoverRecord")
    assert "Trần Thị Lan" in lines[-1]
    assert "Lê Quang Huy" in lines[-1]
    assert tools.run("ldapwhoami", dn=BOX, password=FIRST).code == INVALID_CREDENTIALS
    assert tools.run("ldapwhoami", dn=BOX, password=SECOND).code == 0
    rewritten = tools.change(modify("delete: gdHandoverRecord"))
    assert rewritten.code == CONSTRAINT_VIOLATION


def test_a_mail_server_finds_the_mailboxes_somebody_uses(tools: Tools) -> None:
    uses = f"(&(objectClass=gdSharedMailbox)(|(owner={HUY})(gdDelegate={HUY})))"

    assert tools.search(SUFFIX, uses, "gdAclGroups").values("gdAclGroups") == ["box-sobangiao"]
