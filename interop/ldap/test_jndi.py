"""JNDI, the LDAP client in every Java runtime, does its whole job: what Java applications ask and change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from interop.conftest import connect
from interop.ldap.java_clients import JavaClient, Value, octets
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server

BASE = f"ou=jndi,{SUFFIX}"
PASSWORD = "Ruộng-bậc-thang-57"
PHOTO = b"\xff\xd8\xff\xe0\x00\x01\x02\xff\xd9"
TARGET = f"uid=nguoi.1,{BASE}"
ELSEWHERE = f"ou=nơi khác,{BASE}"
REFERRAL = f"cn=sang,{ELSEWHERE}"


@pytest.fixture(scope="module")
def people(server: Server) -> list[str]:
    """Seven people that JNDI finds, and a referral to the first beside them."""
    with connect(server) as admin:
        assert admin.add(BASE, "organizationalUnit"), admin.result
        for number in range(1, 8):
            person = {"cn": f"Nguyễn {number}", "sn": "Nguyễn", "employeeNumber": str(number)}
            if number < 3:
                person["userPassword"] = PASSWORD
            assert admin.add(f"uid=nguoi.{number},{BASE}", "inetOrgPerson", person), admin.result
        assert admin.add(ELSEWHERE, "organizationalUnit"), admin.result
        referral = {"ref": f"{server.uri}/{TARGET}"}
        manage = [("2.16.840.1.113730.3.4.2", True, None)]
        assert admin.add(REFERRAL, ["referral", "extensibleObject"], referral, manage), admin.result
    return [f"uid=nguoi.{number},{BASE}" for number in range(1, 8)]


Ask = Callable[..., Any]


@pytest.fixture
def ask(jndi: JavaClient, server: Server, people: list[str]) -> Ask:
    """A context of the administrator over StartTLS."""
    assert open_as(jndi, server) == "TLSv1.3"
    return jndi.ask


@pytest.fixture
def newcomer(ask: Ask) -> Iterator[str]:
    """A person that JNDI added; gone after the test."""
    dn = f"uid=moi,{BASE}"
    assert (
        add(ask, dn, {"objectClass": ["inetOrgPerson"], "cn": ["Mới"], "sn": ["Mới"], "jpegPhoto": [PHOTO]})
        is True
    )
    yield dn
    ask("delete", dn=dn)


def open_as(jndi: JavaClient, server: Server, dn: str | None = ADMIN, **more: Any) -> Any:
    """A context; over StartTLS unless `url` says otherwise."""
    words = {"url": server.uri, "start_tls": "url" not in more, "ca": str(server.ca_file)}
    return jndi.ask("connect", dn=dn, password=more.pop("password", ADMIN_PASSWORD), **{**words, **more})


def add(ask: Ask, dn: str, attributes: Mapping[str, Sequence[Value]]) -> Any:
    return ask("add", dn=dn, value=[octets(name, values=values) for name, values in attributes.items()])


def modify(ask: Ask, dn: str, how: str, name: str, *values: Value) -> Any:
    return ask("modify", dn=dn, change=[octets(how, name, values=values)])


def names(found: Mapping[str, Any]) -> list[str]:
    return [entry["dn"] for entry in found["entries"]]


def test_it_binds_over_ldaps_and_starttls_and_in_clear_from_this_machine(
    jndi: JavaClient, server: Server
) -> None:
    assert open_as(jndi, server) == "TLSv1.3"
    assert open_as(jndi, server, url=f"ldaps://localhost:{server.ldaps_port}") is True
    assert open_as(jndi, server, url=server.uri) is True


def test_a_wrong_password_is_an_authentication_exception(jndi: JavaClient, server: Server) -> None:
    told = open_as(jndi, server, password="Sai-mật-khẩu-1")

    assert told["refused"] == "AuthenticationException"
    assert told["message"].startswith("[LDAP: error code 49")


def test_a_mechanism_that_is_not_spoken_is_told_so(jndi: JavaClient, server: Server) -> None:
    told = open_as(jndi, server, url=server.uri, mechanism="DIGEST-MD5")

    assert told["refused"] == "AuthenticationNotSupportedException"


def test_it_becomes_another_on_the_same_connection(ask: Ask, people: list[str]) -> None:
    assert ask("again", dn=people[0], password=PASSWORD) is True
    assert ask("read", dn=people[0], attribute=["cn"]) == {"cn": ["Nguyễn 1"]}
    assert ask("again", dn=ADMIN, password=ADMIN_PASSWORD) is True


def test_tls_may_end_and_nothing_is_served_in_its_place_but_a_new_connection(
    ask: Ask, jndi: JavaClient, server: Server
) -> None:
    assert ask("end-tls") is True
    assert open_as(jndi, server) == "TLSv1.3"


def test_reading_gives_text_as_text_and_octets_as_octets(ask: Ask, newcomer: str) -> None:
    entry = ask("read", dn=newcomer, attribute=["cn", "jpegPhoto", "entryUUID"])

    assert (entry["cn"], entry["jpegPhoto"]) == (["Mới"], [PHOTO])
    assert len(entry["entryUUID"][0]) == 36


def test_listing_names_the_children(ask: Ask, people: list[str]) -> None:
    assert sorted(ask("list", dn=BASE)) == sorted([*people, ELSEWHERE])


def test_a_missing_name_is_told_with_how_far_it_got(ask: Ask) -> None:
    told = ask("read", dn=f"uid=khongco,{BASE}", attribute=["cn"])

    assert told["refused"] == "NameNotFoundException"
    assert told["remaining"] == f"uid=khongco,{BASE}"


def test_a_count_limit_is_a_size_limit_exception_behind_what_was_found(ask: Ask) -> None:
    found = ask("search", base=BASE, filter="(uid=nguoi.*)", count=3)

    assert (len(found["entries"]), found["refused"]) == (3, "SizeLimitExceededException")


def test_pages_hold_everybody_once(ask: Ask, people: list[str]) -> None:
    pages: list[list[str]] = []
    cookie = ""
    while not pages or cookie:
        found = ask("search", base=BASE, filter="(uid=nguoi.*)", control=[f"page 3 {cookie}".strip()])
        pages.append(names(found))
        cookie = found["controls"]["page"]

    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(dn for page in pages for dn in page) == people


def test_sorted_results_come_sorted_also_in_pages(ask: Ask, people: list[str]) -> None:
    words = {"base": BASE, "filter": "(uid=nguoi.*)"}
    whole = ask("search", **words, control=["sort -employeeNumber"])
    first = ask("search", **words, control=["sort -employeeNumber", "page 4"])
    cookie = first["controls"]["page"]
    rest = ask("search", **words, control=["sort -employeeNumber", f"page 4 {cookie}"])

    assert whole["controls"] == {"sorted": True}
    assert names(whole) == people[::-1]
    assert names(first) + names(rest) == people[::-1]


def test_what_it_changes_is_changed(ask: Ask, newcomer: str) -> None:
    assert modify(ask, newcomer, "add", "title", "Chuyên viên", "Kế toán") is True
    assert modify(ask, newcomer, "delete", "title", "Kế toán") is True
    assert modify(ask, newcomer, "replace", "sn", "Khác") is True

    entry = ask("read", dn=newcomer, attribute=["title", "sn"])
    assert entry == {"title": ["Chuyên viên"], "sn": ["Khác"]}


def test_what_it_may_not_change_has_an_exception_of_its_own(ask: Ask, newcomer: str) -> None:
    refused = {
        "AttributeInUseException": modify(ask, newcomer, "add", "sn", "Mới"),
        "NoSuchAttributeException": modify(ask, newcomer, "delete", "title", "Kế toán"),
        "InvalidAttributeIdentifierException": modify(ask, newcomer, "add", "khongCo", "1"),
        "InvalidAttributeValueException": modify(ask, newcomer, "replace", "telephoneNumber", "số?"),
        "SchemaViolationException": modify(ask, newcomer, "delete", "sn"),
        "NameAlreadyBoundException": add(
            ask, newcomer, {"objectClass": ["person"], "cn": ["x"], "sn": ["x"]}
        ),
        "ContextNotEmptyException": ask("delete", dn=BASE),
    }

    assert {name: told["refused"] for name, told in refused.items()} == {name: name for name in refused}


def test_it_renames_and_moves(ask: Ask, newcomer: str) -> None:
    moved = f"uid=đã dọn,{ELSEWHERE}"

    assert ask("rename", dn=newcomer, new=moved) is True
    assert ask("read", dn=moved, attribute=["uid"]) == {"uid": ["đã dọn"]}
    assert ask("rename", dn=moved, new=newcomer) is True


@pytest.mark.parametrize("handling", ["ignore", "throw", "follow"])
def test_a_referral_is_ignored_thrown_or_followed(
    jndi: JavaClient, server: Server, people: list[str], handling: str
) -> None:
    assert open_as(jndi, server, url=server.uri, referral=handling) is True

    told = jndi.ask("search", base=ELSEWHERE, scope="one", attribute=["cn"])

    # JNDI ignores referrals by asking for the entries that make them (ManageDsaIT).
    shown = {"ignore": [REFERRAL], "throw": [], "follow": [TARGET]}[handling]
    assert [unquote(urlsplit(dn).path).removeprefix("/") for dn in names(told)] == shown
    assert told.get("refused") == ("LdapReferralException" if handling == "throw" else None)


def test_with_manage_referral_it_sees_the_referral_itself(
    jndi: JavaClient, server: Server, people: list[str]
) -> None:
    assert open_as(jndi, server, referral="throw") == "TLSv1.3"

    found = jndi.ask("search", base=ELSEWHERE, scope="one", attribute=["ref"], control=["manage"])

    assert found["entries"] == [{"dn": REFERRAL, "attributes": {"ref": [f"{server.uri}/{TARGET}"]}}]


def test_a_pool_of_connections_gives_each_caller_its_own_rights(
    jndi: JavaClient, server: Server, people: list[str]
) -> None:
    seen = jndi.ask("pooled", url=server.uri, who=people[:2], password=PASSWORD, rounds=10)

    assert seen == 20


def test_the_schema_tree_shows_classes_and_types(ask: Ask) -> None:
    told = ask("schema", class_="inetOrgPerson", type="mail")

    assert told["class"]["NUMERICOID"] == ["2.16.840.1.113730.3.2.2"]
    assert "jpegPhoto" in told["class"]["MAY"]
    assert told["type"]["EQUALITY"] == ["caseIgnoreIA5Match"]
