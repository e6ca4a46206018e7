"""What a mail server may see: where a letter goes, how much fits, who it is; never a secret."""

from __future__ import annotations

import contextlib
import time

import ldap3
import pytest
from ldap3.core.exceptions import LDAPBindError

from interop.conftest import connect
from interop.ldap.openldap import Tools
from interop.server import SUFFIX, Server, make_mail_service

KNOWN_WITHIN_SECONDS = 1.0


@pytest.fixture(scope="module")
def service(server: Server, agency: str) -> tuple[str, str]:
    """DN and password of a mail server's identity; the directory has somebody to look up."""
    attributes = {
        "cn": "Phan Văn Thư",
        "sn": "Phan",
        "gdMiddleName": "Văn",
        "givenName": "Thư",
        "mailLocalAddress": "thuphan@cantho.gov.vn",
    }
    with connect(server) as admin:
        dn = f"uid=pvthu,{agency}"
        assert admin.add(f"uid=*,{agency}", ["inetOrgPerson", "gdPerson", "gdMailbox"], attributes), (
            admin.result
        )
        assert admin.extend.standard.modify_password(dn, new_password="Song-Hau-7894"), admin.result
    identity = make_mail_service(server)
    wait_until_known(server, identity)
    return identity


def wait_until_known(server: Server, identity: tuple[str, str]) -> None:
    """A running server takes in what the command line did soon, not within the command."""
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    while True:
        with contextlib.suppress(LDAPBindError), connect(server, *identity):
            return
        assert time.monotonic() < deadline, "the server does not know the new service"


def ask(
    server: Server, service: tuple[str, str], filter_: str, *attributes: str
) -> dict[str, dict[str, list[str]]]:
    dn, password = service
    said = Tools(server).search(SUFFIX, filter_, *attributes, dn=dn, password=password)
    assert said.code == 0, said.err
    return said.entries


def test_postfix_finds_a_mailbox_by_address(server: Server, service: tuple[str, str]) -> None:
    filter_ = "(&(objectClass=gdMailbox)(enabledService=deliver)(mail=pvthu@cantho.gov.vn))"
    (entry,) = ask(server, service, filter_, "mail", "uid").values()
    assert entry == {"mail": ["pvthu@cantho.gov.vn"], "uid": ["pvthu"]}


def test_postfix_finds_a_mailbox_by_alias_under_either_name(server: Server, service: tuple[str, str]) -> None:
    for name in ("mailLocalAddress", "mailAlternateAddress"):
        filter_ = f"(&(objectClass=gdMailbox)(enabledService=deliver)({name}=THUPHAN@cantho.gov.vn))"
        (entry,) = ask(server, service, filter_, "mail", name).values()
        assert entry == {"mail": ["pvthu@cantho.gov.vn"], name: ["thuphan@cantho.gov.vn"]}


def test_dovecot_finds_the_quota(server: Server, service: tuple[str, str]) -> None:
    (entry,) = ask(server, service, "(mail=pvthu@cantho.gov.vn)", "mailQuota").values()
    assert entry["mailQuota"] == [str(5 * 1024**3)]


def test_an_unknown_address_is_simply_not_there(server: Server, service: tuple[str, str]) -> None:
    assert ask(server, service, "(mail=khongco@cantho.gov.vn)", "mail") == {}


def test_who_must_change_the_password_receives_but_does_not_log_in(
    server: Server, service: tuple[str, str]
) -> None:
    assert ask(server, service, "(&(mail=pvthu@cantho.gov.vn)(enabledService=deliver))", "mail")
    assert ask(server, service, "(&(mail=pvthu@cantho.gov.vn)(enabledService=imap))", "mail") == {}


def test_no_hash_is_read_searched_or_compared(server: Server, service: tuple[str, str], agency: str) -> None:
    entries = ask(server, service, "(mail=pvthu@cantho.gov.vn)", "*", "+", "userPassword")
    assert not any("password" in name.lower() for entry in entries.values() for name in entry)
    assert ask(server, service, "(userPassword=*)", "mail") == {}
    assert ask(server, service, "(&(mail=pvthu@cantho.gov.vn)(!(userPassword=x)))", "mail") == {}
    with connect(server, *service) as connection:
        connection.compare(f"uid=pvthu,{agency}", "userPassword", "Song-Hau-7894")
        assert connection.result["result"] not in (5, 6)


def test_it_changes_nothing(server: Server, service: tuple[str, str], agency: str) -> None:
    with connect(server, *service) as connection:
        connection.modify(f"uid=pvthu,{agency}", {"title": [(ldap3.MODIFY_REPLACE, ["x"])]})
        assert connection.result["result"] == 50
        connection.delete(f"uid=pvthu,{agency}")
        assert connection.result["result"] == 50


def test_dovecot_binds_people_and_itself_in_turn_on_one_connection(
    server: Server, service: tuple[str, str], agency: str
) -> None:
    person = f"uid=pvthu,{agency}"
    with connect(server, *service) as connection:
        assert not connection.rebind(person, "Song-Hau-7894")  # it must be changed first
    with connect(server, person, "Song-Hau-7894") as own:
        chosen = {"userPassword": [(ldap3.MODIFY_REPLACE, ["Song-Hau-7895"])]}
        assert own.modify(person, chosen), own.result
    with connect(server, *service) as connection:
        for password, works in (("Song-Hau-7895", True), ("sai", False), ("Song-Hau-7895", True)):
            assert connection.rebind(person, password) is works
            assert connection.rebind(*service)
        assert connection.search(SUFFIX, "(mail=pvthu@cantho.gov.vn)", attributes=["mail"])


def test_a_repeated_look_up_sees_every_change(server: Server, service: tuple[str, str], agency: str) -> None:
    with connect(server) as admin, connect(server, *service) as mail_server:
        for alias in ("pvt1@cantho.gov.vn", "pvt2@cantho.gov.vn", "pvt3@cantho.gov.vn"):
            change = {"mailLocalAddress": [(ldap3.MODIFY_REPLACE, [alias])]}
            assert admin.modify(f"uid=pvthu,{agency}", change), admin.result
            for connection in (mail_server, admin, mail_server):
                found = look_up(connection, "(mail=pvthu@cantho.gov.vn)", ["mailLocalAddress"])
                assert found == [{"mailLocalAddress": [alias]}]


def test_a_repeated_look_up_gives_each_caller_what_that_caller_may_see(
    server: Server, service: tuple[str, str]
) -> None:
    question = ("(mail=pvthu@cantho.gov.vn)", ["uid", "sn"])
    whole, narrow = [{"uid": ["pvthu"], "sn": ["Phan"]}], [{"uid": ["pvthu"], "sn": []}]
    with connect(server) as one, connect(server, *service) as other:
        for _ in range(3):
            assert (look_up(one, *question), look_up(other, *question)) == (whole, narrow)
        assert one.rebind(*service)
        assert look_up(one, *question) == narrow
        assert not one.rebind(service[0], "sai")
        assert look_up(one, *question) == []


def look_up(connection: ldap3.Connection, filter_: str, attributes: list[str]) -> list[dict[str, list[str]]]:
    connection.search(SUFFIX, filter_, attributes=attributes)
    return [entry.entry_attributes_as_dict for entry in connection.entries]


def test_even_the_administrator_reads_no_hash(server: Server, service: tuple[str, str]) -> None:
    entries = Tools(server).search(SUFFIX, "(mail=pvthu@cantho.gov.vn)", "*", "+", "userPassword").entries
    assert len(entries) == 1
    assert not any(name.lower() == "userpassword" for entry in entries.values() for name in entry)
