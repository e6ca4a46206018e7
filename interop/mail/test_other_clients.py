"""Programs whose configuration govdir does not write feel the states of mailboxes too."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from interop.conftest import connect
from interop.mail.folders import open_folder
from interop.mail.other_clients import ApacheLogins, Client, DovecotLogins, service
from interop.mail.town import (
    ACTIVE,
    ALIAS_DOMAIN,
    DOMAIN,
    EXPIRED,
    MUST_CHANGE,
    PENDING,
    REVOKED,
    SEND_BLOCKED,
    SONV,
    SOTTTT,
    SUSPENDED,
    Town,
)
from interop.server import ADMIN, ADMIN_PASSWORD

CLOSED: Final = (MUST_CHANGE, EXPIRED, SUSPENDED, REVOKED, PENDING)
STATES: Final = ("tqan", SEND_BLOCKED, *CLOSED)
LET_IN: Final = {"tqan", SEND_BLOCKED}

DOVECOTS: Final = {
    # A DN that is put together, in place of a search: nothing tells the protocol.
    "a template": f"auth_bind = yes\nauth_bind_userdn = uid=%n,{SONV}",
    # Only the address; the kind of the service alone says that this is mail.
    "by address": "auth_bind = yes\npass_attrs = mail=user\npass_filter = (mail=%u)",
    "as iRedMail": "auth_bind = yes\npass_attrs = mail=user\npass_filter = (&(mail=%u)(objectClass=gdMailbox)"
    "(accountStatus=active)(enabledService=mail)(enabledService=%Ls%Lc))",
}
PASSWORDS: Final = (
    "Bưởi 5 roi ñ€",
    "#Sông\"Hậu'7;&<x>|g",
    "Dai-" + "x1" * 60,
    "P7 %s $(id) \\n \\\\ {0}",
    "*)(uid=*\\2aX7",
    " Đầu-cuối 7 ",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder("others") as folder:
        yield folder


@pytest.fixture(scope="module")
def mail(town: Town) -> tuple[str, str]:
    """A mail server's identity, its program not named."""
    return service(town, "other-mail", "mail")


@pytest.fixture(scope="module")
def apache(town: Town, folder: Path) -> Iterator[Client]:
    """Apache by its manual; what it remembers is off."""
    client = ApacheLogins(folder / "apache", town, service(town, "apache", "login"), "LDAPCacheEntries 0")
    with _running(client):
        yield client


@pytest.fixture
def thao(town: Town) -> Iterator[Callable[[str], str]]:
    """Somebody who can be given any password of their own; their uid."""
    first, dn = "Lua-chin-tam-thoi-1", f"uid=ntthao,{SOTTTT}"
    with connect(town.server) as admin:
        person = {"cn": "Nguyễn Thị Thảo", "sn": "Nguyễn", "userPassword": first}
        assert admin.add(dn, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
    known = [first]

    def choose(password: str) -> str:
        with connect(town.server, dn, known[-1]) as herself:
            done = herself.extend.standard.modify_password(dn, known[-1], password)
            assert done, herself.result
        known.append(password)
        return "ntthao"

    try:
        yield choose
    finally:
        with connect(town.server) as admin:
            assert admin.delete(dn), admin.result


@contextlib.contextmanager
def _running(client: Client) -> Iterator[Client]:
    client.start()
    try:
        yield client
    finally:
        client.stop()


def _let_in(client: Client, asked: Mapping[str, tuple[str, str]]) -> set[str]:
    """All at once, as Dovecot answers what it refuses half a second later."""
    with ThreadPoolExecutor(len(asked)) as threads:
        answers = threads.map(lambda each: client.lets_in(*each), asked.values())
        return {name for name, answer in zip(asked, answers, strict=True) if answer}


@pytest.mark.parametrize("way", DOVECOTS)
def test_dovecot_set_up_otherwise_lets_the_same_people_in(
    town: Town, folder: Path, mail: tuple[str, str], way: str
) -> None:
    place = folder / way.replace(" ", "-")
    with _running(DovecotLogins(place, town, mail, DOVECOTS[way])) as dovecot:
        tqan = town.address_of("tqan")
        asked = {uid: (town.address_of(uid), town.password_of(uid)) for uid in STATES}
        wrong = {"empty": (tqan, ""), "somebody else's": (tqan, town.password_of("nvminh"))}
        assert _let_in(dovecot, {**asked, **wrong}) == LET_IN


def test_dovecot_that_would_compare_passwords_itself_lets_nobody_in(
    town: Town, folder: Path, mail: tuple[str, str]
) -> None:
    settings = "auth_bind = no\npass_attrs = mail=user, userPassword=password\npass_filter = (mail=%u)"
    with _running(DovecotLogins(folder / "compares", town, mail, settings)) as dovecot:
        assert not dovecot.lets_in(town.address_of("tqan"), town.password_of("tqan"))
        assert not dovecot.lets_in(town.address_of("tqan"), "")
        assert "No password returned" in dovecot.log


def test_a_web_server_that_finds_people_by_uid_alone_feels_each_state(town: Town, apache: Client) -> None:
    assert {uid for uid in STATES if apache.lets_in(uid, town.password_of(uid))} == LET_IN


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("tqan", ""),
        ("tqan", " "),
        ("tqan", "sai"),
        ("", ""),
        ("*", "Lua-chin"),
        ("*)(uid=tqan", ""),
        (f"tqan@{DOMAIN}", ""),
        (f"tqan@{ALIAS_DOMAIN}", "sai"),
    ],
)
def test_a_web_server_lets_nobody_in_by_less_than_the_password(
    apache: Client, name: str, password: str
) -> None:
    assert not apache.lets_in(name, password)


def test_passwords_of_any_signs_pass_through_a_web_server_and_dovecot(
    town: Town,
    folder: Path,
    mail: tuple[str, str],
    apache: Client,
    thao: Callable[[str], str],
) -> None:
    settings = "auth_bind = yes\npass_filter = (uid=%u)"
    with _running(DovecotLogins(folder / "signs", town, mail, settings)) as dovecot:
        for password in PASSWORDS:
            uid = thao(password)
            assert apache.lets_in(uid, password), password
            assert dovecot.lets_in(uid, password), password
            assert not apache.lets_in(uid, password[:-1]), password


def test_a_state_counts_at_the_next_request_where_apache_remembers_nothing(
    town: Town, apache: Client
) -> None:
    asked = ("mvxuan", town.password_of("mvxuan"))
    assert apache.lets_in(*asked)
    with town.changed(town.dn_of("mvxuan"), gdState="suspended"):
        assert not apache.lets_in(*asked)
    assert apache.lets_in(*asked)


@pytest.mark.parametrize("job", ["login", "addressbook", "reader"])
def test_one_connection_for_everybody_takes_nobodys_rights_along(town: Town, job: str) -> None:
    who = service(town, f"pooled-{job}", job)
    found = set()
    with connect(town.server, *who) as pooled:
        for uid in (*STATES, *ACTIVE):
            assert pooled.rebind(*who)
            pooled.search(SONV, f"(uid={uid})")
            if pooled.rebind(town.dn_of(uid), town.password_of(uid)):
                found.add(uid)
                assert pooled.extend.standard.who_am_i() == f"dn:{town.dn_of(uid)}"
        assert pooled.rebind(*who)
        assert pooled.extend.standard.who_am_i() == f"dn:{who[0]}"
    assert found == {*ACTIVE, SEND_BLOCKED}


def test_a_service_may_be_shared_with_the_administrators_own_logins(town: Town) -> None:
    with connect(town.server, *service(town, "pooled-admin", "login")) as pooled:
        assert pooled.rebind(ADMIN, ADMIN_PASSWORD)
