"""Transactions on the wire (RFC 5805): begun, filled, settled, and ended with the session they belong to."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from govdir.ldap.codec import transactions as codec
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.extended import START_TLS, WHO_AM_I, PasswordModify, password_modify_request
from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    Control,
    DeleteRequest,
    ExtendedRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from govdir.ldap.codec.transactions import EndTransaction
from govdir.ldap.server import transactions
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, open_town
from tests.ldap.server.doubles import bind_request
from tests.ldap.server.test_with_directory import TownClient


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town") / "town.db", remembered_seconds=300) as town:
        yield town


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def client(town, clock):
    log = AccessLog(lambda block: None, clock)
    return TownClient(LdapFactory(directory=town.directory, clock=clock, access_log=log), town).as_admin()


_numbers = iter(range(1, 1000))


@pytest.fixture
def dn():
    return f"cn=g{next(_numbers)},{SONV}"


def device(dn):
    return AddRequest(dn, (Attribute("objectClass", (b"device",)),))


def describing(dn, value=b"x"):
    return ModifyRequest(dn, (Change(ModifyOperation.REPLACE, Attribute("description", (value,))),))


def inside(identifier, *others):
    return (Control(oids.TRANSACTION, True, identifier), *others)


def begun(client):
    answer = client.ask(codec.start_transaction_request())
    assert answer.result.code == 0
    assert answer.name is None
    return answer.value


def settled(client, identifier, *, commit=True):
    answer = client.ask(codec.end_transaction_request(EndTransaction(identifier, commit)))
    return answer.result.code, codec.decode_transaction_ended(answer.value)


def put(client, identifier, request, *others):
    number = client.send(request, controls=inside(identifier, *others))
    (message,) = client.received()
    return number, message.operation.result.code


def is_there(client, dn):
    return bool(client.found(dn, scope=Scope.BASE_OBJECT, wanted=Present("objectClass")))


def test_updates_are_accepted_at_once_and_made_at_the_end(client, dn):
    identifier = begun(client)
    assert put(client, identifier, device(dn))[1] == 0
    assert put(client, identifier, describing(dn))[1] == 0
    assert not is_there(client, dn)
    assert settled(client, identifier) == (0, codec.TransactionEnded())
    assert is_there(client, dn)


def test_nothing_is_made_of_one_that_is_given_up(client, dn):
    identifier = begun(client)
    put(client, identifier, device(dn))
    assert settled(client, identifier, commit=False) == (0, codec.TransactionEnded())
    assert not is_there(client, dn)
    assert settled(client, identifier)[0] == 1


def test_the_end_names_the_first_update_that_failed(client, dn):
    identifier = begun(client)
    put(client, identifier, device(dn))
    put(client, identifier, device(f"cn=x{dn[3:]}"))
    failing, code = put(client, identifier, device(dn))
    put(client, identifier, DeleteRequest(f"cn=nobody,{SONV}"))
    assert code == 0
    assert settled(client, identifier) == (68, codec.TransactionEnded(failing))
    assert not is_there(client, dn)


def test_what_updates_answer_in_controls_comes_with_the_end(client, dn):
    identifier = begun(client)
    put(client, identifier, device(dn))
    attributes = b"\x30\x0d\x04\x0bdescription"
    read = (Control(oids.PRE_READ, True, attributes), Control(oids.POST_READ, True, attributes))
    number, code = put(client, identifier, describing(dn, b"moi"), *read)
    assert code == 0
    code, ended = settled(client, identifier)
    assert (code, ended.message_id) == (0, None)
    (update,) = ended.updates
    assert update.message_id == number
    before, after = update.controls
    assert (before.oid, after.oid) == (oids.PRE_READ, oids.POST_READ)
    assert b"moi" not in before.value
    assert b"moi" in after.value


def test_an_assertion_inside_is_judged_at_the_end(client, dn):
    identifier = begun(client)
    put(client, identifier, device(dn))
    put(client, identifier, describing(dn, b"mot"))
    asserted = encode_assertion(Equality("description", b"hai"))
    failing, _ = put(client, identifier, describing(dn, b"ba"), asserted)
    assert settled(client, identifier) == (122, codec.TransactionEnded(failing))


@pytest.mark.parametrize("request_of", [device, describing, DeleteRequest])
def test_an_identifier_that_is_none_is_refused(client, dn, request_of):
    assert put(client, b"nonsense", request_of(dn))[1] == 1
    assert settled(client, b"nonsense")[0] == 1


def test_an_identifier_of_another_connection_is_none(client, town, clock, dn):
    log = AccessLog(lambda block: None, clock)
    factory = LdapFactory(directory=town.directory, clock=clock, access_log=log)
    other = TownClient(factory, town).as_admin()
    assert put(other, begun(client), device(dn))[1] == 1


def test_identifiers_are_long_and_never_the_same(client):
    identifiers = {begun(client) for _ in range(4)}
    assert len(identifiers) == 4
    assert {len(identifier) for identifier in identifiers} == {16}


def test_the_control_must_be_critical(client, dn):
    client.send(device(dn), controls=(Control(oids.TRANSACTION, False, begun(client)),))
    assert client.received()[-1].operation.result.code == 2


def test_a_no_op_and_an_update_as_somebody_else_have_no_place_in_one(client, dn):
    identifier = begun(client)
    for other in (
        Control(oids.NO_OP, True, None),
        Control(oids.PROXIED_AUTHORIZATION, True, f"dn:{ADMIN}".encode()),
    ):
        assert put(client, identifier, device(dn), other)[1] == 53
    assert put(client, identifier, device(dn))[1] == 0
    assert settled(client, identifier)[0] == 0


def test_a_password_modify_has_none_either(client):
    request = password_modify_request(PasswordModify(ADMIN, None, b"x"))
    client.send(request, controls=inside(begun(client)))
    assert client.received()[-1].operation.result.code == 12


@pytest.mark.parametrize(
    "value", [b"", b"\x30\x00", None, b"\x30\x03\x01\x01\x00"], ids=["empty", "bare", "none", "no identifier"]
)
def test_an_end_that_is_none_is_a_protocol_error(client, value):
    assert client.ask(ExtendedRequest(codec.END_TRANSACTION, value)).result.code == 2


def test_a_start_with_a_value_is_a_protocol_error(client):
    assert client.ask(ExtendedRequest(codec.START_TRANSACTION, b"")).result.code == 2


def test_nobody_begins_one_without_a_bind(town, clock):
    log = AccessLog(lambda block: None, clock)
    stranger = TownClient(LdapFactory(directory=town.directory, clock=clock, access_log=log), town)
    assert stranger.ask(codec.start_transaction_request()).result.code == 50


def notices(client):
    return [
        (message.operation.result.code, message.operation.value)
        for message in client.received()
        if message.message_id == 0 and message.operation.name == codec.ABORTED_TRANSACTION
    ]


def test_a_bind_ends_them_with_a_notice(client, dn):
    identifiers = [begun(client), begun(client)]
    put(client, identifiers[0], device(dn))
    client.send(bind_request(ADMIN, ADMIN_PASSWORD.encode()))
    assert notices(client) == [(1, identifiers[0]), (1, identifiers[1])]
    assert settled(client, identifiers[0])[0] == 1
    assert not is_there(client, dn)


def test_a_bind_that_is_known_ends_them_too(client):
    octets = bind_request(ADMIN, ADMIN_PASSWORD.encode())
    for _ in range(3):
        client.send(octets)
    client.received()
    identifier = begun(client)
    client.send(octets)
    assert notices(client) == [(1, identifier)]


def test_start_tls_ends_them_with_a_notice(town, clock):
    log = AccessLog(lambda block: None, clock)
    factory = LdapFactory(directory=town.directory, clock=clock, access_log=log, tls=object())
    client = TownClient(factory, town).as_admin()
    identifier = begun(client)
    client.send(ExtendedRequest(START_TLS))
    assert notices(client) == [(1, identifier)]
    assert settled(client, identifier)[0] == 1


def test_one_that_is_open_too_long_ends_with_a_notice(client, clock, dn):
    identifier = begun(client)
    put(client, identifier, device(dn))
    clock.advance(transactions.MAX_SECONDS)
    assert notices(client) == [(3, identifier)]
    assert put(client, identifier, device(dn))[1] == 1


def test_one_that_was_settled_has_no_notice_later(client, clock):
    settled(client, begun(client))
    clock.advance(transactions.MAX_SECONDS + 1)
    assert notices(client) == []


def test_the_end_of_the_connection_leaves_nothing_behind(client, clock):
    begun(client)
    waiting = len(clock.getDelayedCalls())
    client.protocol.connectionLost()
    assert len(clock.getDelayedCalls()) < waiting


@pytest.mark.parametrize(("bound", "value"), [("MAX_UPDATES", 2), ("MAX_OCTETS", 250)])
def test_one_that_grows_too_large_ends_with_a_notice(client, monkeypatch, dn, bound, value):
    monkeypatch.setattr(transactions, bound, value)
    identifier = begun(client)
    for number in range(2):
        assert put(client, identifier, device(f"cn={number}{dn[3:]}"))[1] == 0
    client.send(device(f"cn=2{dn[3:]}"), controls=inside(identifier))
    notice, answer = client.received()
    assert (notice.message_id, notice.operation.value) == (0, identifier)
    assert notice.operation.result.code == answer.operation.result.code == 11
    assert settled(client, identifier)[0] == 1


def test_all_connections_together_let_only_so_much_wait(town, clock, monkeypatch, dn):
    monkeypatch.setattr(transactions, "MAX_WAITING_OCTETS", 250)
    log = AccessLog(lambda block: None, clock)
    factory = LdapFactory(directory=town.directory, clock=clock, access_log=log)
    one, other = (TownClient(factory, town).as_admin() for _ in range(2))
    first, second = begun(one), begun(other)
    for number in range(2):
        assert put(one, first, device(f"cn={number}{dn[3:]}"))[1] == 0
    other.send(device(dn), controls=inside(second))
    notice, answer = other.received()
    assert notice.operation.result.code == answer.operation.result.code == 51
    one.protocol.connectionLost()
    assert put(other, begun(other), device(dn))[1] == 0


def test_a_connection_has_few_open(client):
    for _ in range(transactions.MAX_OPEN):
        begun(client)
    assert client.ask(codec.start_transaction_request()).result.code == 11


def test_the_session_goes_on_beside_one(client, dn):
    identifier = begun(client)
    put(client, identifier, device(dn))
    assert client.ask(ExtendedRequest(WHO_AM_I)).value == f"dn:{ADMIN}".encode()
    client.send(device(f"cn=y{dn[3:]}"))
    client.received()
    assert is_there(client, f"cn=y{dn[3:]}")
    assert settled(client, identifier)[0] == 0


def test_the_root_dse_names_control_and_operations(client):
    wanted = ("supportedControl", "supportedExtension")
    (found,) = client.found("", Scope.BASE_OBJECT, Present("objectClass"), wanted)
    values = {value for attribute in found.attributes for value in attribute.values}
    assert {b"1.3.6.1.1.21.1", b"1.3.6.1.1.21.2", b"1.3.6.1.1.21.3", b"1.2.840.113556.1.4.805"} <= values
