"""A domain that stands for another, and a renamed mailbox, as mail servers look them up."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Tools
from interop.ldap.test_mail_service import wait_until_known
from interop.server import SUFFIX, Server, govdir, make_mail_service

CONSTRAINT_VIOLATION = 19
ENDS_WITHIN_SECONDS = 10.0
ALIAS = "haugiang.gov.vn"
MAIN = "cantho.gov.vn"
BODY = f"ou=sotenmien,ou=orgs,{SUFFIX}"
PERSON = f"uid=dvmien,{BODY}"
DOMAIN = f"associatedDomain={MAIN},ou=domains,{SUFFIX}"

DOMAINS = "(|(associatedDomain=%s)(gdDomainAlias=%s))"
ALIASES = "(&(enabledService=deliver)(mailLocalAddress=%s))"
USERS = "(&(objectClass=gdMailbox)(enabledService=deliver)(|(mail=%s)(mailLocalAddress=%s)))"
RELOCATED = "(&(enabledService=deliver)(gdPreviousAddress=%s)(!(mail=%s))(!(mailLocalAddress=%s)))"


@pytest.fixture(scope="module")
def tools(server: Server) -> Iterator[Tools]:
    """An agency with one person, and a domain of the province that came to this one."""
    tools = Tools(server)
    body = "objectClass: organizationalUnit\nobjectClass: gdOrganization\nobjectClass: gdMailbox"
    person = "objectClass: inetOrgPerson\nobjectClass: gdPerson\nobjectClass: gdMailbox"
    added = tools.run(
        "ldapadd",
        given=f"dn: {BODY}\n{body}\ndisplayName: Sở Tên miền\n\n"
        f"dn: {PERSON}\n{person}\ncn: Đặng Văn Miền\nsn: Đặng\n",
    )
    assert added.code == 0, added.err
    assert change(tools, DOMAIN, "add: gdDomainAlias", f"gdDomainAlias: {ALIAS}") == 0
    yield tools
    assert change(tools, DOMAIN, "delete: gdDomainAlias", f"gdDomainAlias: {ALIAS}") == 0


@pytest.fixture(scope="module")
def service(server: Server, tools: Tools) -> tuple[str, str]:
    identity = make_mail_service(server, "postfix-domains")
    wait_until_known(server, identity)
    return identity


def change(tools: Tools, dn: str, *lines: str) -> int:
    return tools.change("\n".join((f"dn: {dn}", "changetype: modify", *lines, ""))).code


class Postfix:
    """A mail server's tables: each filter is asked for one key after another on one connection."""

    def __init__(self, connection: ldap3.Connection) -> None:
        self._connection = connection

    def found(self, query: str, *keys: str) -> list[str]:
        """The primary addresses the keys come to, in their order; "" for none."""
        return [self._one(query.replace("%s", key)) for key in keys]

    def _one(self, wanted: str) -> str:
        self._connection.search(SUFFIX, wanted, attributes=["mail"])
        return ",".join(str(entry.mail) for entry in self._connection.entries)

    def takes_mail_for(self, domain: str) -> bool:
        """What virtual_mailbox_domains asks."""
        self._connection.search(SUFFIX, DOMAINS.replace("%s", domain), attributes=["associatedDomain"])
        return bool(self._connection.entries)


@pytest.fixture(scope="module")
def postfix(server: Server, service: tuple[str, str]) -> Iterator[Postfix]:
    with connect(server, *service) as connection:
        yield Postfix(connection)


def test_ldapsearch_finds_address_after_address_of_the_domain(
    tools: Tools, service: tuple[str, str], tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"dvmien@{ALIAS}\nnobody@{ALIAS}\nsotenmien@{ALIAS}\nDVMien@{ALIAS}\ndvmien@{MAIN}\n")
    said = tools.search(SUFFIX, "-f", str(keys), ALIASES, "mail", dn=service[0], password=service[1])
    assert said.code == 0, said.err
    found = [line for line in said.out.splitlines() if line.startswith("mail: ")]
    assert found == [f"mail: dvmien@{MAIN}", f"mail: sotenmien@{MAIN}", f"mail: dvmien@{MAIN}"]


@pytest.mark.parametrize("query", [ALIASES, USERS])
def test_every_further_look_up_gives_the_same(postfix: Postfix, query: str) -> None:
    mine = f"dvmien@{MAIN}"
    keys = (f"dvmien@{ALIAS}", f"nobody@{ALIAS}", f"dvmien@{ALIAS}", f"sotenmien@{ALIAS}", f"dvmien@{ALIAS}")
    assert postfix.found(query, *keys) == [mine, "", mine, f"sotenmien@{MAIN}", mine]
    assert postfix.found("(mail=%s)", *keys) == [""] * 5


def test_mail_is_taken_for_both_domains(postfix: Postfix) -> None:
    asked = (MAIN, ALIAS, "soctrang.gov.vn", ALIAS.upper(), MAIN)
    assert [postfix.takes_mail_for(domain) for domain in asked] == [True, True, False, True, True]


def test_who_holds_the_address_himself_goes_before_while_he_does(postfix: Postfix, tools: Tools) -> None:
    address = f"dvmien@{ALIAS}"
    assert postfix.found(USERS, address) == [f"dvmien@{MAIN}"]
    assert change(tools, BODY, "add: mailLocalAddress", f"mailLocalAddress: {address}") == 0
    assert postfix.found(USERS, *[address] * 3) == [f"sotenmien@{MAIN}"] * 3
    assert change(tools, BODY, "delete: mailLocalAddress", f"mailLocalAddress: {address}") == 0


def test_the_sender_is_told_the_new_address_when_the_old_one_has_ended(
    postfix: Postfix, tools: Tools, server: Server
) -> None:
    old = f"dvmien@{MAIN}"
    rename = ("replace: cn", "cn: Đặng Văn Miền Quê", "-", "replace: givenName", "givenName: Quê")
    assert change(tools, PERSON, *rename, "-", "replace: mail", "mail: *") == 0
    (new,) = tools.search(PERSON, "-s", "base", "mail").values("mail")
    assert new != old
    assert postfix.found(ALIASES, old, f"dvmien@{ALIAS}") == [new, new]
    assert postfix.found(RELOCATED, old, new) == ["", ""]

    govdir("address", "keep", str(server.home), old, "--until", "2026-01-01")
    deadline = time.monotonic() + ENDS_WITHIN_SECONDS
    while postfix.found(ALIASES, old) != [""]:
        assert time.monotonic() < deadline, "the address receives although its term is over"
        time.sleep(0.05)

    assert postfix.found(USERS, old, f"dvmien@{ALIAS}", new) == ["", "", new]
    assert postfix.found(RELOCATED, old, new) == [new, ""]
    assert change(tools, BODY, "add: mailLocalAddress", f"mailLocalAddress: {old}") == CONSTRAINT_VIOLATION
