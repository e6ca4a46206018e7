"""A mail server checks logins on one connection: itself, a search, somebody, itself again (RULES §4.5)."""

from __future__ import annotations

import json

import pytest
from twisted.internet.task import Clock

from govdir.ldap.codec.extended import WHO_AM_I
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import DerefAliases, ExtendedRequest, Scope, SearchRequest, SearchResultEntry
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from tests.directory.building import SONV, SUFFIX, open_town
from tests.directory.test_logins import FIRST, ssha
from tests.ldap.server.doubles import bind_request
from tests.ldap.server.test_with_directory import TownClient

DOVECOT = f"cn=dovecot,ou=services,{SUFFIX}"
EXIM = f"cn=exim,ou=services,{SUFFIX}"
PORTAL = f"cn=portal,ou=services,{SUFFIX}"
RADIUS = f"cn=radius,ou=services,{SUFFIX}"
PROXY = f"cn=proxy,ou=services,{SUFFIX}"
CLOUD = f"cn=cloud,ou=services,{SUFFIX}"
SERVICES = {
    DOVECOT: ("mail", ""),
    EXIM: ("mail", "smtp"),
    PORTAL: ("portal", ""),
    RADIUS: ("login", "vpn"),
    PROXY: ("login", ""),
    CLOUD: ("addressbook", ""),
}
AN, BINH, CHI, DUNG = (f"uid={uid},{SONV}" for uid in ("an", "binh", "chi", "dung"))
RIGHT = FIRST.encode()
INVALID = 49


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town") / "town.db", remembered_seconds=300) as town:
        for dn, (kind, channel) in SERVICES.items():
            more = {"gdServiceChannel": channel} if channel else {}
            town.add(
                dn, {"objectClass": "gdService", "gdServiceKind": kind, "userPassword": ssha(FIRST), **more}
            )
        for dn, name in ((AN, "Lê An"), (BINH, "Trần Bình"), (CHI, "Vũ Chi"), (DUNG, "Đỗ Dung")):
            town.person(dn.partition(",")[0][4:], name, userPassword=ssha(FIRST))
            town.replace(dn, "pwdReset")
        town.replace(BINH, "gdState", "sendblocked")
        town.replace(CHI, "gdState", "suspended")
        town.replace(DUNG, "pwdReset", "TRUE")
        yield town


class Mailserver(TownClient):
    """Dovecot's auth process; `lines` is its access log."""

    def __init__(self, town):
        self.blocks = []
        self.log = AccessLog(self.blocks.append, Clock())
        super().__init__(LdapFactory(directory=town.directory, clock=Clock(), access_log=self.log), town)

    def binds(self, name, password=RIGHT):
        return self.code(bind_request(name, password))

    def looks_up(self, dn, protocol):
        (address,) = self._town.values(dn, "mail")
        named = f"(|(mail={address})(mailLocalAddress={address}))"
        wanted = parse_filter(f"(&(objectClass=gdMailbox)(enabledService={protocol}){named})")
        self.send(
            SearchRequest(SUFFIX, Scope.WHOLE_SUBTREE, DerefAliases.NEVER, 0, 0, False, wanted, ("mail",))
        )
        return [each.operation for each in self.received() if isinstance(each.operation, SearchResultEntry)]

    def login(self, dn, protocol, password=RIGHT, service=DOVECOT):
        """The result code of Dovecot's three steps; None for somebody who is not found."""
        assert self.binds(service) == 0
        return self.binds(dn, password) if self.looks_up(dn, protocol) else None

    def channels(self):
        """Of all binds so far by people, with their result."""
        self.log.flush()
        lines = [json.loads(line) for block in self.blocks for line in block.splitlines()]
        return [
            (each["dn"].partition(",")[0], each.get("channel", "ldap"), each["result"])
            for each in lines
            if each["op"] == "bind" and each["dn"].startswith("uid=")
        ]


@pytest.fixture
def dovecot(town):
    return Mailserver(town)


def noted(town, dn):
    record = town.directory.image.find(town.directory.path_of(dn))
    return {channel for channel in town.run(town.directory.accesses.last(record.id)) if channel != "ldap"}


def test_the_protocol_that_was_searched_for_is_the_channel(dovecot, town):
    for protocol in ("imap", "pop3", "smtp", "sieve"):
        assert dovecot.login(AN, protocol) == 0
    assert dovecot.channels() == [
        ("uid=an", "imap", 0),
        ("uid=an", "pop3", 0),
        ("uid=an", "smtp", 0),
        ("uid=an", "sieve", 0),
    ]
    assert noted(town, AN) >= {"imap", "pop3", "smtp", "sieve"}


@pytest.mark.parametrize(
    ("dn", "protocol", "code"),
    [
        (AN, "imap", 0),
        (BINH, "imap", 0),
        (BINH, "smtp", None),
        (CHI, "imap", None),
        (DUNG, "imap", None),
    ],
)
def test_who_lacks_the_service_is_not_found(dovecot, dn, protocol, code):
    assert dovecot.login(dn, protocol) == code


@pytest.mark.parametrize(
    ("service", "admitted"),
    [
        (DOVECOT, {AN, BINH}),
        (EXIM, {AN}),
        (PORTAL, {AN, BINH, DUNG}),
        (RADIUS, {AN, BINH}),
        (PROXY, {AN, BINH}),
        (CLOUD, {AN, BINH}),
        (None, {AN, BINH, DUNG}),
    ],
)
def test_without_a_search_the_services_own_channel_decides(dovecot, service, admitted):
    found = set()
    for dn in (AN, BINH, CHI, DUNG):
        if service is not None:
            assert dovecot.binds(service) == 0
        if dovecot.binds(dn) == 0:
            found.add(dn)
    assert found == admitted


def test_the_channel_outlives_binds_that_failed_and_binds_of_others(dovecot):
    assert dovecot.binds(EXIM) == 0
    assert dovecot.binds(AN, b"wrong") == INVALID
    assert dovecot.binds(BINH) == INVALID
    assert dovecot.binds(AN) == 0
    assert dovecot.binds(BINH) == INVALID
    assert {channel for _, channel, _ in dovecot.channels()} == {"smtp"}


def test_two_that_were_found_bind_one_after_the_other(dovecot):
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.looks_up(AN, "smtp")
    assert dovecot.looks_up(BINH, "imap")
    assert dovecot.binds(AN) == 0
    assert dovecot.binds(BINH) == 0
    assert dovecot.channels() == [("uid=an", "smtp", 0), ("uid=binh", "imap", 0)]


def test_another_service_begins_anew(dovecot):
    assert dovecot.login(AN, "imap") == 0
    assert dovecot.binds(EXIM) == 0
    assert dovecot.binds(AN) == 0
    assert dovecot.channels()[-1] == ("uid=an", "smtp", 0)


def test_another_connection_knows_nothing_of_it(dovecot, town):
    assert dovecot.login(AN, "imap") == 0
    other = Mailserver(town)
    assert other.binds(AN) == 0
    assert other.channels() == [("uid=an", "ldap", 0)]


def test_what_was_bound_as_is_what_one_is(dovecot):
    assert dovecot.login(AN, "imap") == 0
    assert dovecot.ask(ExtendedRequest(WHO_AM_I)).value.decode() == f"dn:{AN}"
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.ask(ExtendedRequest(WHO_AM_I)).value.decode() == f"dn:{DOVECOT}"
    assert dovecot.binds(AN, b"wrong") == INVALID
    assert dovecot.ask(ExtendedRequest(WHO_AM_I)).value.decode() == ""


def test_a_service_goes_on_with_what_makes_its_look_ups_quick(dovecot):
    for _ in range(2):
        assert dovecot.login(AN, "imap") == 0
    repeats = dovecot.protocol._conversation._identities._serving.repeats
    assert dovecot.login(AN, "imap") == 0
    assert dovecot.protocol._conversation._identities._serving.repeats is repeats
    assert repeats._count == 1


def test_a_look_up_answered_from_its_octets_tells_the_channel_too(dovecot):
    for dn in (AN, BINH):
        assert dovecot.login(dn, "imap") == 0
        assert dovecot.login(dn, "pop3") == 0
    assert dovecot.login(AN, "imap") == 0
    assert [channel for _, channel, _ in dovecot.channels()] == ["imap", "pop3", "imap", "pop3", "imap"]


def test_a_service_whose_password_was_changed_is_another_from_then_on(dovecot, town):
    assert dovecot.login(AN, "imap") == 0
    town.replace(DOVECOT, "userPassword", ssha("Trang-sang-vuon-chuoi-5"))
    assert dovecot.binds(DOVECOT) == INVALID
    town.replace(DOVECOT, "userPassword", ssha(FIRST))
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.looks_up(AN, "imap")


def test_a_suspension_is_felt_at_the_next_login_on_the_same_connection(dovecot, town):
    assert dovecot.login(AN, "imap") == 0
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.looks_up(AN, "imap")
    town.replace(AN, "gdState", "suspended")
    try:
        assert dovecot.binds(AN) == INVALID
    finally:
        town.replace(AN, "gdState", "active")


def test_a_known_bind_is_logged_like_any_other(dovecot):
    for _ in range(2):
        assert dovecot.login(AN, "imap") == 0
    dovecot.log.flush()
    lines = [json.loads(line) for block in dovecot.blocks for line in block.splitlines()]
    first, second = (line for line in lines if line.get("dn") == AN)
    changing = ("time", "id", "us")
    assert {key: value for key, value in first.items() if key not in changing} == {
        key: value for key, value in second.items() if key not in changing
    }
