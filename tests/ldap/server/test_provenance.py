"""What a service asked last about somebody tells what a login is for."""

from __future__ import annotations

import pytest

from govdir.directory.caller import Caller, Role
from govdir.ldap.codec.encode import entry_content
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.server.provenance import MAX_FOUND, Serving, asserted_channel
from govdir.ldap.server.repeats import Repeats
from tests.ldap.server.doubles import SUFFIX, FakeDirectory

DOVECOT = Caller(f"cn=dovecot,ou=services,{SUFFIX}", 7, Role.SERVICE, "mail", channel="mail")


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("(enabledService=imap)", "imap"),
        ("(EnabledService=IMAP)", "imap"),
        ("(1.3.6.1.4.1.32349.1.2.2.13=pop3)", "pop3"),
        ("(&(objectClass=gdMailbox)(enabledService=smtp)(|(mail=a@b)(mailLocalAddress=a@b)))", "smtp"),
        ("(&(objectClass=gdMailbox)(&(enabledService=sieve)(mail=a@b)))", "sieve"),
        ("(&(objectClass=gdMailbox)(enabledService=deliver)(mail=a@b))", None),
        ("(&(enabledService=deliver)(enabledService=imap)(mail=a@b))", "imap"),
        ("(|(enabledService=imap)(mail=a@b))", None),
        ("(!(enabledService=imap))", None),
        ("(enabledService=*)", None),
        ("(enabledService=im*)", None),
        ("(enabledService=webmail)", None),
        ("(accountStatus=imap)", None),
        ("(mail=imap)", None),
    ],
)
def test_a_filter_tells_a_channel_when_all_it_finds_is_open_for_it(text: str, channel: str | None) -> None:
    assert asserted_channel(parse_filter(text)) == channel


@pytest.fixture
def serving() -> Serving:
    return Serving(FakeDirectory().as_caller(DOVECOT), Repeats())


def find(serving: Serving, name: str, text: str = "(enabledService=imap)") -> None:
    witness = serving.witness_of(parse_filter(text))
    assert witness is not None
    witness(entry_content(name, ()))


@pytest.mark.parametrize("name", ["uid=a", f"uid=a,{SUFFIX}", "ou=" + "x" * 200, "ou=" + "ộ" * 40_000])
def test_an_entry_that_was_found_has_the_channel_asked_for(serving: Serving, name: str) -> None:
    find(serving, name)
    assert serving.channel_of(name.encode()) == "imap"


def test_others_have_the_services_own(serving: Serving) -> None:
    find(serving, f"uid=a,{SUFFIX}")
    assert serving.channel_of(f"uid=b,{SUFFIX}".encode()) == "mail"


def test_the_last_question_counts(serving: Serving) -> None:
    find(serving, "uid=a")
    find(serving, "uid=a", "(enabledService=smtp)")
    assert serving.channel_of(b"uid=a") == "smtp"


def test_searches_that_tell_no_channel_are_not_witnessed(serving: Serving) -> None:
    assert serving.witness_of(parse_filter("(&(enabledService=deliver)(mail=a@b))")) is None


def test_the_service_itself_comes_by_ldap(serving: Serving) -> None:
    assert serving.channel_of(DOVECOT.dn.encode()) == "ldap"


def test_a_search_that_finds_everybody_takes_no_memory(serving: Serving) -> None:
    for number in range(MAX_FOUND + 1):
        find(serving, f"uid={number}")
        find(serving, "uid=often")
    assert serving.channel_of(b"uid=0") == "mail"
    assert serving.channel_of(b"uid=often") == "imap"
    assert serving.channel_of(f"uid={MAX_FOUND}".encode()) == "imap"
