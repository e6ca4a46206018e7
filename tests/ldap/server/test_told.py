"""What controls leave in the access log: bounded, one line, and nobody's word but the client's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.session_tracking import TrackedSession, encode_tracked_session
from govdir.ldap.codec.extended import START_TLS, WHO_AM_I
from govdir.ldap.codec.messages import CompareRequest, DeleteRequest, ExtendedRequest
from govdir.ldap.server.controls import NOTHING_ASKED, Asked
from govdir.ldap.server.told import told_of
from tests.ldap.server.doubles import PERSON, Server, add_request, bind_request, search_request

TRACKED = TrackedSession("10.0.0.7", "portal.cantho.gov.vn", "1.3.6.1.4.1.21008.108.63.1.3", "an")
MEMBERS = {
    "for": "10.0.0.7",
    "forHost": "portal.cantho.gov.vn",
    "forFormat": "1.3.6.1.4.1.21008.108.63.1.3",
    "forSession": "an",
}


def members(asked):
    return json.loads("{" + told_of(asked)[1:] + "}")


@pytest.mark.parametrize(
    "operation",
    [
        bind_request(PERSON.dn, b"right"),
        bind_request(PERSON.dn, b"wrong"),
        search_request(),
        add_request(),
        DeleteRequest("uid=x"),
        CompareRequest("uid=x", "mail", b"yes"),
        ExtendedRequest(WHO_AM_I),
        ExtendedRequest(START_TLS),
        ExtendedRequest("1.2.3"),
    ],
)
def test_every_operation_tells_on_whose_behalf_it_was_asked(operation):
    server = Server()
    client = server.connect()
    client.send(operation, controls=[encode_tracked_session(TRACKED)])
    line = server.log[-1]
    assert {name: line[name] for name in MEMBERS} == MEMBERS


def test_it_is_trusted_for_nothing():
    server = Server()
    client = server.connect()
    claimed = encode_tracked_session(TrackedSession("127.0.0.1", PERSON.dn, "1.2", PERSON.dn))
    client.send(ExtendedRequest(WHO_AM_I), controls=[claimed])
    assert client.received()[-1].operation.value == b""


def test_without_controls_nothing_is_told():
    assert told_of(NOTHING_ASKED) == ""
    assert told_of(Asked()) == ""


def test_parts_that_are_too_long_are_told_by_their_length():
    assert members(Asked(tracked=TrackedSession("", "x" * 65_536, "", ""))) == {
        "forHost": "(65536 characters)"
    }
    assert members(Asked(proxied_as="u:" + "x" * 300)) == {"as": "(302 characters)"}


def test_no_text_breaks_out_of_its_line():
    evil = 'x","result":0}\n{"op":"bind"\u2028\u202e\x1b[2J'
    told = told_of(Asked(tracked=TrackedSession("", evil, "", ""), proxied_as=evil))
    assert told.isprintable()
    assert json.loads("{" + told[1:] + "}") == {"as": evil, "forHost": evil}


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_told_is_one_line_of_json(name, identifier):
    told = told_of(Asked(tracked=TrackedSession("", name, "", identifier)))
    assert len(told.splitlines()) <= 1
    assert not told or set(json.loads("{" + told[1:] + "}")) <= {"forHost", "forSession"}
