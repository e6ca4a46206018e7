"""Nobody gets in by another channel than the mail server meant: what tells it is not to be led astray."""

from __future__ import annotations

import pytest

from govdir.ldap.codec.controls.paged_results import PagedResults, encode_paged_results
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest, SearchResultEntry
from tests.directory.building import SONV, SUFFIX, open_town
from tests.directory.test_logins import FIRST, ssha
from tests.ldap.server.doubles import bind_request
from tests.ldap.server.test_logins_of_mail_servers import INVALID, RIGHT, Mailserver

DOVECOT = f"cn=dovecot,ou=services,{SUFFIX}"
AN, BINH, DUNG = (f"uid={uid},{SONV}" for uid in ("an", "binh", "dung"))


@pytest.fixture
def town(tmp_path):
    """An may everything, Binh is send-blocked, Dũng must change his password."""
    with open_town(tmp_path / "town.db", remembered_seconds=300) as town:
        town.add(DOVECOT, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": ssha(FIRST)})
        for dn, name in ((AN, "Lê An"), (BINH, "Trần Bình"), (DUNG, "Đỗ Dung")):
            town.person(dn.partition(",")[0][4:], name, userPassword=ssha(FIRST))
            town.replace(dn, "pwdReset")
        town.replace(BINH, "gdState", "sendblocked")
        town.replace(DUNG, "pwdReset", "TRUE")
        yield town


@pytest.fixture
def dovecot(town):
    return Mailserver(town)


def searches(client, text, *controls):
    """The names of what one search below the suffix finds."""
    wanted = SearchRequest(
        SUFFIX, Scope.WHOLE_SUBTREE, DerefAliases.NEVER, 0, 0, False, parse_filter(text), ("1.1",)
    )
    client.send(wanted, controls=controls)
    found = [each.operation for each in client.received()]
    return [each.object_name for each in found if isinstance(each, SearchResultEntry)]


def test_what_a_person_searches_for_on_the_connection_tells_nothing(dovecot):
    assert dovecot.login(AN, "imap") == 0
    assert AN in searches(dovecot, "(&(objectClass=gdMailbox)(uid=an))")
    searches(dovecot, "(enabledService=smtp)")
    assert dovecot.binds(BINH) == 0
    assert dovecot.channels()[-1] == ("uid=binh", "mail", 0)


def test_all_that_one_search_finds_come_by_its_channel(dovecot):
    assert dovecot.binds(DOVECOT) == 0
    assert {AN, BINH} <= set(searches(dovecot, "(&(objectClass=gdPerson)(enabledService=imap))"))
    for dn in (AN, BINH):
        assert dovecot.binds(dn) == 0
    assert {channel for _, channel, _ in dovecot.channels()} == {"imap"}


def test_so_do_those_of_a_page(dovecot):
    assert dovecot.binds(DOVECOT) == 0
    page = encode_paged_results(PagedResults(1, b""))
    assert searches(dovecot, "(&(uid=an)(enabledService=pop3))", page) == [AN]
    assert dovecot.binds(AN) == 0
    assert dovecot.channels() == [("uid=an", "pop3", 0)]


def test_finding_one_opens_nothing_for_another(dovecot):
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.looks_up(AN, "smtp")
    assert dovecot.binds(DUNG) == INVALID
    assert dovecot.channels() == [("uid=dung", "mail", INVALID)]


@pytest.mark.parametrize(
    "text",
    [
        "(|(enabledService=imap)(uid=binh))",
        "(!(enabledService=sieve2))",
        "(&(uid=binh)(!(enabledService=smtp)))",
        "(enabledService=*)",
    ],
)
def test_a_filter_that_asserts_no_channel_tells_none(dovecot, text):
    assert dovecot.binds(DOVECOT) == 0
    assert BINH in searches(dovecot, text)
    assert dovecot.binds(BINH) == 0
    assert dovecot.channels() == [("uid=binh", "mail", 0)]


def test_binding_anonymously_in_between_does_not_open_what_is_for_the_portal_only(dovecot, town):
    own = Mailserver(town)
    assert own.binds(DUNG) == 0  # to change the password; it is remembered from here on
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.code(bind_request("", b"")) == 0
    assert dovecot.binds(DUNG) == INVALID
    assert dovecot.channels() == [("uid=dung", "mail", INVALID)]


def test_a_name_from_before_a_renaming_binds_nobody(dovecot, town):
    assert dovecot.login(AN, "imap") == 0
    assert dovecot.binds(DOVECOT) == 0
    assert dovecot.looks_up(AN, "imap")
    town.rename(AN, "uid=lean")
    town.person("an", "Hồ An", userPassword=ssha("Mat-khau-khac-8"))
    assert dovecot.binds(AN) == INVALID
    assert dovecot.binds(AN, RIGHT) == INVALID
