"""What is answered from the octets is what would be answered after decoding."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from twisted.internet.task import Clock

from govdir.directory.caller import Caller, Role
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.filters import And, Equality, Or
from govdir.ldap.codec.messages import DerefAliases, LdapMessage, Scope, SearchRequest
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from govdir.ldap.server.limits import ServerLimits
from tests.directory.building import SONV, SOTTTT, SUFFIX, open_town
from tests.ldap.server.doubles import Client

MAIL_SERVER = Caller(f"cn=postfix,ou=services,{SUFFIX}", None, Role.SERVICE, "mail")

DOMAIN = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town") / "town.db") as town:
        for name in ("Nguyễn Văn Minh", "Nguyễn Văn Mạnh", "Trần Thị Lan", "Trần Thị Loan", "Lê Văn Hòa"):
            town.person("*", name)
        town.person("mail", "Phạm Thị Cúc")
        town.add(f"ou=domains,{SUFFIX}", {"objectClass": "organizationalUnit"})
        town.add(DOMAIN, {"objectClass": "gdMailDomain", "gdDomainAlias": "hgiang.gov.vn"})
        yield town


class Asking(Client):
    """A connection of the mail server; `lines` is its access log."""

    def __init__(self, town):
        self.blocks = []
        self.log = AccessLog(self.blocks.append, Clock())
        limits = ServerLimits(turn_seconds=60)  # all in one turn, however busy the machine is
        super().__init__(
            LdapFactory(directory=town.directory, clock=Clock(), access_log=self.log, limits=limits)
        )
        self.protocol._conversation.session.identify(town.directory.as_caller(MAIL_SERVER))
        self.protocol._conversation._binds._identified()

    def answer(self, request, message_id):
        before = len(self.transport.value())
        self.protocol.dataReceived(encode_message(LdapMessage(message_id, request)))
        return self.transport.value()[before:]

    def lines(self):
        self.log.flush()
        return [json.loads(line) for block in self.blocks for line in block.splitlines()]


def look_up(kind, value, scope=Scope.WHOLE_SUBTREE, attributes=("mail", "mailQuota")):
    wanted = {
        "mail": Equality("mail", value),
        "postfix": And((Equality("enabledService", b"deliver"), Equality("mail", value))),
        "dovecot": And(
            (
                Equality("objectClass", b"gdMailbox"),
                Or((Equality("mail", value), Equality("mailLocalAddress", value))),
            )
        ),
        "alias": And((Equality("enabledService", b"deliver"), Equality("mailLocalAddress", value))),
        "uid": Equality("uid", value),
        "given name": Equality("givenName", value),
    }[kind]
    return SearchRequest(SUFFIX, scope, DerefAliases.NEVER, 0, 0, False, wanted, attributes)


KINDS = st.sampled_from(("mail", "postfix", "dovecot", "alias", "uid", "given name"))
VALUES = st.sampled_from(
    [
        b"nvminh@cantho.gov.vn",
        b"nvminh@hgiang.gov.vn",
        b"nvmanh@HGIANG.gov.vn",
        b"nobody@hgiang.gov.vn",
        b"NVMINH@cantho.gov.vn",
        b"nvmanh@cantho.gov.vn",
        b"ttlan@cantho.gov.vn",
        b"nobody@cantho.gov.vn",
        b"a\\2a@cantho.gov.vn",
        b"mail",
        b"ttlan",
        b"Minh",
        b"deliver",
        "Hòa".encode(),
        b"(*)\x00",
        b"",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(KINDS, VALUES, st.sampled_from((Scope.WHOLE_SUBTREE, Scope.SINGLE_LEVEL))), max_size=24
    )
)
def test_a_connection_that_repeats_itself_is_answered_like_a_new_one(town, asked):
    one = Asking(town)
    for number, (kind, value, scope) in enumerate(asked, 1):
        request = look_up(kind, value, scope)
        assert one.answer(request, number) == Asking(town).answer(request, number)


def test_a_repeated_look_up_is_answered_without_decoding_and_logged_like_any_other(town, monkeypatch):
    asking = Asking(town)
    asking.answer(look_up("mail", b"nvminh@cantho.gov.vn"), 1)
    monkeypatch.setattr(asking.protocol, "_codec", SimpleNamespace(pending_bytes=0))

    assert b"nvmanh" in asking.answer(look_up("mail", b"nvmanh@cantho.gov.vn"), 2)

    first, second = [line for line in asking.lines() if line["op"] == "search"]
    assert second["filter"] == "(mail=nvmanh@cantho.gov.vn)"
    assert second["id"] == 2
    for line in (first, second):
        del line["filter"], line["id"], line["us"], line["time"]
    assert first == second


def test_a_value_that_is_also_an_attribute_asked_for_is_decoded_every_time(town):
    asking = Asking(town)
    asking.answer(look_up("uid", b"mail", attributes=("mail",)), 1)
    assert asking.answer(look_up("uid", b"node", attributes=("node",)), 2) == Asking(town).answer(
        look_up("uid", b"node", attributes=("node",)), 2
    )


def test_what_moved_meanwhile_is_not_found_where_it_was(town):
    from govdir.ldap.codec.messages import ModifyDnRequest

    dn = town.person("*", "Võ Thị Sáu")
    asking = Asking(town)
    below = look_up("mail", b"vtsau@cantho.gov.vn")
    request = SearchRequest(SONV, *(getattr(below, name) for name in below.__struct_fields__[1:]))
    assert b"vtsau" in asking.answer(request, 1)
    town.run(town.local.modify_dn(ModifyDnRequest(dn, "uid=vtsau", False, SOTTTT)))
    assert b"vtsau" not in asking.answer(request, 2)


def test_a_look_up_that_came_with_a_request_that_cannot_be_is_not_taken_for_one_message(town):
    asking = Asking(town)
    impossible = structs.replace(look_up("mail", b"other"), size_limit=-1)
    good = look_up("mail", b"nvminh@cantho.gov.vn")

    for number in (1, 3):
        asking.received()
        octets = encode_message(LdapMessage(number, impossible))
        asking.protocol.dataReceived(octets + encode_message(LdapMessage(2, good)))

    refused, *found = asking.received()
    assert (refused.message_id, refused.operation.result.code) == (3, ResultCode.PROTOCOL_ERROR)
    assert {message.message_id for message in found} == {2}


@pytest.mark.parametrize("kind", ["alias", "dovecot"])
def test_an_address_by_its_domain_alone_is_answered_without_decoding(town, monkeypatch, kind):
    asking = Asking(town)
    asking.answer(look_up(kind, b"nobody@hgiang.gov.vn"), 1)
    monkeypatch.setattr(asking.protocol, "_codec", SimpleNamespace(pending_bytes=0))

    for number in (2, 3, 4):
        assert b"nvminh@cantho.gov.vn" in asking.answer(look_up(kind, b"nvminh@hgiang.gov.vn"), number)
    assert b"nvmanh@cantho.gov.vn" in asking.answer(look_up(kind, b"nvmanh@hgiang.gov.vn"), 5)
    town.replace(SONV, "mailLocalAddress", "nvmanh@hgiang.gov.vn")
    assert b"sonv@cantho.gov.vn" in asking.answer(look_up(kind, b"nvmanh@hgiang.gov.vn"), 6)
    town.replace(SONV, "mailLocalAddress")
    town.replace(DOMAIN, "gdDomainAlias")
    assert b"@cantho" not in asking.answer(look_up(kind, b"nvminh@hgiang.gov.vn"), 7)
    town.replace(DOMAIN, "gdDomainAlias", "hgiang.gov.vn")
    assert b"nvminh@cantho.gov.vn" in asking.answer(look_up(kind, b"nvminh@hgiang.gov.vn"), 8)
