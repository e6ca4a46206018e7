"""A list is made by ldapadd and looked up as Postfix and Exim look lists up."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from interop.ldap.openldap import Said, Tools
from interop.ldap.test_mail_service import wait_until_known
from interop.server import SUFFIX, Server, make_mail_service

CONSTRAINT_VIOLATION = 19
BODY = f"ou=sodanhsach,ou=orgs,{SUFFIX}"
LIST = f"cn=canbo.sodanhsach,ou=lists,{SUFFIX}"
ADDRESS = "canbo.sodanhsach@cantho.gov.vn"


def body(dn: str, name: str) -> str:
    classes = "objectClass: organizationalUnit\nobjectClass: gdOrganization\nobjectClass: gdMailbox"
    return f"dn: {dn}\n{classes}\ndisplayName: {name}\n"


def person(dn: str, name: str) -> str:
    classes = "objectClass: inetOrgPerson\nobjectClass: gdPerson\nobjectClass: gdMailbox"
    return f"dn: {dn}\n{classes}\ncn: {name}\nsn: {name.split(maxsplit=1)[0]}\n"


@pytest.fixture(scope="module")
def tools(server: Server) -> Tools:
    """An agency with two people and a list that says only whose it is."""
    tools = Tools(server)
    entries = (
        body(BODY, "Sở Danh sách"),
        person(f"uid=dtmo,{BODY}", "Đặng Thị Mơ"),
        person(f"uid=pvnui,{BODY}", "Phạm Văn Núi"),
        f"dn: {LIST}\nobjectClass: gdMailList\nmail: {ADDRESS}\nowner: {BODY}\n",
    )
    added = tools.run("ldapadd", given="\n".join(entries))
    assert added.code == 0, added.err
    return tools


@pytest.fixture(scope="module")
def service(server: Server, tools: Tools) -> tuple[str, str]:
    identity = make_mail_service(server, "exim")
    wait_until_known(server, identity)
    return identity


def asked(tools: Tools, service: tuple[str, str], base: str, *arguments: str) -> Said:
    said = tools.search(base, *arguments, dn=service[0], password=service[1])
    assert said.code == 0, said.err
    return said


def expanded(tools: Tools, service: tuple[str, str]) -> list[str]:
    """What Postfix makes of special_result_attribute = memberURL, leaf_result_attribute = mail."""
    query = f"(&(objectClass=gdMailList)(enabledService=deliver)(mail={ADDRESS}))"
    (url,) = asked(tools, service, SUFFIX, query, "memberURL").values("memberURL")
    base, attribute, scope, filter_ = unquote(url.removeprefix("ldap:///")).split("?")
    return asked(tools, service, base, "-s", scope, filter_, attribute).values("mail")


def test_postfix_finds_the_whole_staff(tools: Tools, service: tuple[str, str]) -> None:
    assert expanded(tools, service) == ["dtmo@cantho.gov.vn", "pvnui@cantho.gov.vn"]


def test_exim_finds_who_may_send(tools: Tools, service: tuple[str, str]) -> None:
    query = f"(&(objectClass=gdMailList)(mail={ADDRESS})(rfc822sender=%s))"

    assert asked(tools, service, SUFFIX, query % "SoDanhSach@cantho.gov.vn", "mail").values("mail") == [
        ADDRESS
    ]
    assert asked(tools, service, SUFFIX, query % "dtmo@cantho.gov.vn", "mail").entries == {}


def test_a_search_no_mail_server_could_make_is_refused(tools: Tools) -> None:
    url = f"ldap:///{BODY}?mail??(objectClass=gdPerson)"

    said = tools.change(f"dn: {LIST}\nchangetype: modify\nreplace: memberURL\nmemberURL: {url}\n")

    assert said.code == CONSTRAINT_VIOLATION
    assert "sub" in said.err


def test_members_and_senders_follow_the_agency(tools: Tools, service: tuple[str, str]) -> None:
    revoked = tools.change(f"dn: uid=pvnui,{BODY}\nchangetype: modify\nreplace: gdState\ngdState: revoked\n")
    assert revoked.code == 0, revoked.err
    renamed = tools.run("ldapmodrdn", "-r", given=f"{BODY}\nou=so-danh-sach\n")
    assert renamed.code == 0, renamed.err

    assert expanded(tools, service) == ["dtmo@cantho.gov.vn"]
    assert tools.search(LIST, "-s", "base", "owner").values("owner") == [
        BODY.replace("sodanhsach", "so-danh-sach")
    ]
