"""SASL binds on a real directory: mechanisms, steps, names, and refusals that tell nothing."""

from __future__ import annotations

import json
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdir.ldap.codec.extended import START_TLS, WHO_AM_I, decode_who_am_i_response
from govdir.ldap.codec.filters import Present
from govdir.ldap.codec.messages import AbandonRequest, ExtendedRequest, Scope
from govdir.ldap.codec.result_codes import ResultCode
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, open_town
from tests.ldap.server.doubles import bind_request, search_request
from tests.ldap.server.sasl_client import SCRAM, ScramClient, connect, plain, sasl
from tests.ldap.server.test_with_directory import attributes_of

AN = f"uid=an,{SONV}"
BINH = f"uid=binh,{SONV}"
MAIL = "lan@cantho.gov.vn"
PASSWORD = "Hoa-sen-nở-trắng-927"
WHO = ExtendedRequest(WHO_AM_I)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town") / "town.db") as town:
        town.person("an", "Lê An", userPassword=PASSWORD)
        town.replace(AN, "pwdReset")
        town.person("binh", "Trần Bình", userPassword=PASSWORD)
        town.replace(BINH, "pwdReset")
        town.person("cuc", "Lê Cúc", userPassword=PASSWORD)  # must change it
        town.person("dao", "Lê Đào")  # has none
        yield town


@pytest.fixture
def client(town):
    return connect(town)


def who(client):
    return decode_who_am_i_response(client.ask(WHO).value)


def salt(town, name):
    """What the server's first message says behind the nonce, on a connection of its own."""
    answer = connect(town).ask(ScramClient(name, "x").first)
    return answer.server_sasl_credentials.split(b",", 1)[1]


def mechanisms(client):
    (root,) = client.found("", Scope.BASE_OBJECT, Present("objectClass"), ("supportedSASLMechanisms",))
    return attributes_of(root).get("supportedSASLMechanisms", set())


# -- which there are -----------------------------------------------------------------------------------


def test_mechanisms_are_those_the_connection_may_use(town):
    assert mechanisms(connect(town)) == {"PLAIN", SCRAM}
    assert mechanisms(connect(town, host="192.0.2.7")) == {SCRAM}


@pytest.mark.parametrize(
    "mechanism", ["", "DIGEST-MD5", "GSSAPI", "EXTERNAL", "plain", "SCRAM-SHA-1", "X" * 500]
)
def test_other_mechanisms_are_not_supported(client, mechanism):
    assert client.code(sasl(mechanism, b"")) == ResultCode.AUTH_METHOD_NOT_SUPPORTED
    assert client.code(WHO) == 0


def test_a_password_in_clear_needs_a_confidential_connection(town):
    client = connect(town, host="192.0.2.7")
    assert client.code(plain("an", PASSWORD)) == ResultCode.CONFIDENTIALITY_REQUIRED
    assert ScramClient("an", PASSWORD).bind(client).result.code == 0


def test_switched_off_scram_is_not_there(tmp_path, town):
    client = connect(town)
    town.directory.scram.enabled = False
    try:
        assert mechanisms(client) == {"PLAIN"}
        assert client.code(ScramClient("an", PASSWORD).first) == ResultCode.AUTH_METHOD_NOT_SUPPORTED
    finally:
        town.directory.scram.enabled = True


# -- PLAIN ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["an", "AN", MAIL, MAIL.upper(), AN, f"dn:{AN}", "u:an", f"u:{MAIL}"])
def test_people_sign_in_by_the_names_they_know(client, name):
    assert client.code(plain(name, PASSWORD)) == 0
    assert who(client) == f"dn:{AN}"


def test_a_password_may_be_composed_as_the_keyboard_likes(client):
    assert client.code(plain("an", normalize("NFD", PASSWORD))) == 0


def test_the_name_in_the_request_counts_for_nothing(client):
    request = plain("an", PASSWORD)
    assert client.code(sasl("PLAIN", request.authentication.credentials, name="not a name")) == 0
    assert who(client) == f"dn:{AN}"


def test_credentials_may_follow_an_empty_challenge(client):
    answer = client.ask(sasl("PLAIN"))
    assert (answer.result.code, answer.server_sasl_credentials) == (ResultCode.SASL_BIND_IN_PROGRESS, b"")
    assert client.code(plain("an", PASSWORD)) == 0


@pytest.mark.parametrize(
    "name",
    ["an", "dao", "nobody", "nobody@cantho.gov.vn", f"uid=x,{SONV}", "uid==,=", "x" * 321, " "],
)
def test_every_refusal_is_the_same_and_costs_a_hash(client, town, name):
    before = town.slow.done
    result = client.ask(plain(name, "wrong")).result
    assert (result.code, result.matched_dn, result.diagnostic_message) == (
        ResultCode.INVALID_CREDENTIALS,
        "",
        "",
    )
    assert town.slow.done == before + 1


@pytest.mark.parametrize(
    "credentials",
    [b"", b"\0", b"\0an", b"an\0x", b"\0an\0x\0y", b"\xff\0an\0x", b"\0\xff\0x", b"\0\0x", b"\0\0\0"],
)
def test_credentials_of_another_form_are_a_protocol_error(client, credentials):
    assert client.code(sasl("PLAIN", credentials)) == ResultCode.PROTOCOL_ERROR


def test_an_empty_password_proves_nothing(client):
    assert client.code(plain("an", "")) == ResultCode.INVALID_CREDENTIALS


def test_one_may_ask_to_act_as_oneself_and_as_nobody_else(client):
    assert client.code(plain("an", PASSWORD, authzid=f"dn:{AN}")) == 0
    assert client.code(plain("an", PASSWORD, authzid="u:an")) == 0
    for other in (f"dn:{BINH}", "u:binh", "u:nobody", f"dn:{ADMIN}", "dn:", "binh"):
        assert client.code(plain("an", PASSWORD, authzid=other)) == ResultCode.INVALID_CREDENTIALS
        assert who(client) == ""


def test_an_administrator_may_act_as_somebody(client):
    assert client.code(plain(ADMIN, ADMIN_PASSWORD, authzid=f"dn:{AN}")) == 0
    assert who(client) == f"dn:{AN}"


def test_a_password_that_must_be_changed_says_so(client):
    result = client.ask(plain("cuc", PASSWORD)).result
    assert result.code == 0
    assert "must be changed" in result.diagnostic_message


# -- SCRAM-SHA-256 -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["an", MAIL, AN.replace("=", "=3D").replace(",", "=2C"), "u:an"])
def test_a_password_is_proved_without_being_sent(client, name):
    exchange = ScramClient(name, PASSWORD)
    answer = exchange.bind(client)
    assert (answer.result.code, answer.server_sasl_credentials) == (0, exchange.awaited)
    assert who(client) == f"dn:{AN}"


def test_a_decomposed_password_was_stored_as_the_composed_one(town, client):
    town.person("em", "Lê Em", userPassword=normalize("NFD", "Hoa-sứ-nở-trắng-38"))
    assert ScramClient("em", normalize("NFC", "Hoa-sứ-nở-trắng-38")).bind(client).result.code == 0


def test_the_server_proves_nothing_to_who_has_not_proved_the_password(client):
    answer = ScramClient("an", "wrong").bind(client)
    assert (answer.result.code, answer.server_sasl_credentials) == (ResultCode.INVALID_CREDENTIALS, None)
    assert who(client) == ""


@pytest.mark.parametrize("name", ["nobody", "nobody@cantho.gov.vn", "dao"])
def test_names_of_nobody_get_one_salt_and_fail_at_the_end(client, name):
    salts = {salt(client._town, name) for _ in range(3)}
    assert len(salts) == 1
    (rest,) = salts
    assert len(rest) == len(b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=65536")
    assert rest.endswith(b",i=65536")
    answer = ScramClient(name, "x").bind(client)
    assert (answer.result.code, answer.result.diagnostic_message) == (ResultCode.INVALID_CREDENTIALS, "")


@pytest.mark.parametrize("uid", ["nobody", "an", "dao"])
def test_a_uid_has_one_salt_however_it_is_asked_for_and_whether_or_not_there_is_such_a_person(client, uid):
    spellings = (
        uid,
        uid.upper(),
        f"{uid[0]}\u00ad{uid[1:]}",
        "".join(chr(ord(letter) + 0xFEE0) for letter in uid),
        f"{uid}@nowhere.example",
        f"{uid}@cantho.gov.vn",
        f"uid=3D{uid}=2C" + SONV.replace("=", "=3D").replace(",", "=2C"),
        f"uid=3D{uid}",
    )
    assert len({salt(client._town, each) for each in spellings}) == 1


def test_a_salt_does_not_tell_that_the_password_was_changed(town, client):
    town.person("giang", "Đỗ Giang", userPassword=PASSWORD)
    before = salt(town, "giang")
    town.run(town.local.change_password(f"uid=giang,{SONV}", None, b"Hoa-mai-vang-38"))
    assert salt(town, "giang") == before
    town.delete(f"uid=giang,{SONV}")
    assert salt(town, "giang") == before


def test_a_last_message_cannot_be_sent_again(client):
    exchange = ScramClient("an", PASSWORD)
    last = exchange.last(client.ask(exchange.first).server_sasl_credentials)
    assert client.code(last) == 0
    assert client.code(last) == ResultCode.PROTOCOL_ERROR  # it is taken for a first one
    assert who(client) == ""


def test_another_exchange_takes_no_proof_of_the_one_before(client):
    exchange = ScramClient("an", PASSWORD)
    last = exchange.last(client.ask(exchange.first).server_sasl_credentials)
    other = connect(client._town)
    other.ask(exchange.first)
    assert other.code(last) == ResultCode.PROTOCOL_ERROR


def test_a_password_changed_meanwhile_ends_the_exchange(town, client):
    town.person("giang", "Lê Giang", userPassword=PASSWORD)
    exchange = ScramClient("giang", PASSWORD)
    last = exchange.last(client.ask(exchange.first).server_sasl_credentials)
    town.replace(f"uid=giang,{SONV}", "userPassword", "Song-Hậu-chảy-mãi-38")
    assert client.code(last) == ResultCode.INVALID_CREDENTIALS
    assert ScramClient("giang", "Song-Hậu-chảy-mãi-38").bind(client).result.code == 0


def test_wrong_proofs_lock_the_account_for_every_kind_of_bind(town, client):
    town.person("hoa", "Lê Hoa", userPassword=PASSWORD)
    hoa = f"uid=hoa,{SONV}"
    town.replace(hoa, "pwdReset")
    assert ScramClient("hoa", PASSWORD).bind(client).result.code == 0
    for _ in range(10):
        ScramClient("hoa", "wrong").bind(client)
    refused = ScramClient("hoa", PASSWORD).bind(client)
    assert (refused.result.code, refused.server_sasl_credentials) == (ResultCode.INVALID_CREDENTIALS, None)
    assert client.code(plain("hoa", PASSWORD)) == ResultCode.INVALID_CREDENTIALS
    assert client.code(bind_request(hoa, PASSWORD.encode())) == ResultCode.INVALID_CREDENTIALS


def test_who_has_no_keys_is_not_locked_by_clients_that_try_scram_first(town, client):
    town.person("khue", "Lê Khuê", userPassword="{SSHA}" + "jvTQhz3a2NDXoIl6YmSUuKjiyXBzYWx0")
    for _ in range(12):
        assert ScramClient("khue", "x").bind(client).result.code == ResultCode.INVALID_CREDENTIALS
    assert town.directory.logins.last_success(1) is None
    assert town.values(f"uid=khue,{SONV}", "pwdAccountLockedTime") == ()


def test_a_closed_account_is_refused(town, client):
    town.person("lan", "Lê Lan", userPassword=PASSWORD)
    town.replace(f"uid=lan,{SONV}", "gdState", "suspended")
    assert ScramClient("lan", PASSWORD).bind(client).result.code == ResultCode.INVALID_CREDENTIALS
    assert client.code(plain("lan", PASSWORD)) == ResultCode.INVALID_CREDENTIALS


def test_who_must_change_the_password_is_told_so_by_scram_too(client):
    result = ScramClient("cuc", PASSWORD).bind(client).result
    assert result.code == 0
    assert "must be changed" in result.diagnostic_message


def test_scram_takes_an_authorization_identity(client):
    admin = ADMIN.replace("=", "=3D").replace(",", "=2C")
    assert ScramClient(admin, ADMIN_PASSWORD, authzid="u:an").bind(client).result.code == 0
    assert who(client) == f"dn:{AN}"
    assert ScramClient("an", PASSWORD, authzid="u:binh").bind(client).result.code == 49


# -- exchanges of several steps ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "operation", [WHO, search_request(), ExtendedRequest(START_TLS), ExtendedRequest("1.2.3")]
)
def test_while_an_exchange_is_under_way_nothing_else_is_answered(client, operation):
    exchange = ScramClient("an", PASSWORD)
    first = client.ask(exchange.first).server_sasl_credentials
    assert client.code(operation) == ResultCode.OPERATIONS_ERROR
    assert client.code(exchange.last(first)) == 0


def test_an_abandon_does_not_disturb_an_exchange(client):
    exchange = ScramClient("an", PASSWORD)
    first = client.ask(exchange.first).server_sasl_credentials
    client.send(AbandonRequest(1))
    assert client.received() == []
    assert client.code(exchange.last(first)) == 0


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (bind_request(), 0),
        (bind_request(AN, PASSWORD.encode()), 0),
        (bind_request(AN, b"wrong"), 49),
        (plain("an", PASSWORD), 0),
        (sasl(""), 7),
    ],
)
def test_another_bind_ends_an_exchange(client, other, code):
    exchange = ScramClient("an", PASSWORD)
    first = client.ask(exchange.first).server_sasl_credentials
    assert client.code(other) == code
    assert client.code(WHO) == 0
    assert client.code(exchange.last(first)) == ResultCode.PROTOCOL_ERROR


def test_the_identity_is_gone_from_the_first_step_on(client):
    client.as_admin()
    client.ask(ScramClient("an", PASSWORD).first)
    client.code(bind_request())
    assert who(client) == ""


# -- the access log ------------------------------------------------------------------------------------


def test_the_access_log_tells_mechanism_and_name_and_no_credentials(town):
    lines = []
    client = connect(town, lines=lines)
    client.ask(plain(MAIL, PASSWORD))
    client.ask(plain("nobody\n{}", "Bí-mật-của-tôi"))
    client.flush_log()
    text = "".join(lines)
    binds = [line for line in map(json.loads, text.splitlines()) if line["op"] == "bind"]
    assert [(line["method"], line["authcid"], line["caller"], line["result"]) for line in binds] == [
        ("sasl PLAIN", MAIL, AN, 0),
        ("sasl PLAIN", "nobody\n{}", "", 49),
    ]
    assert PASSWORD not in text
    assert "Bí-mật" not in text


def test_who_acts_as_somebody_stands_in_every_line(town):
    lines = []
    client = connect(town, lines=lines)
    client.ask(plain(ADMIN, ADMIN_PASSWORD, authzid="u:an"))
    client.ask(WHO)
    client.flush_log()
    *_, last = map(json.loads, "".join(lines).splitlines())
    assert (last["op"], last["caller"], last["by"]) == ("who_am_i", AN, ADMIN)


@settings(max_examples=60)
@given(st.sampled_from(["PLAIN", SCRAM, "EXTERNAL"]), st.binary(max_size=60), st.binary(max_size=60))
def test_any_credentials_are_answered_by_a_code_that_says_nothing_else(town, mechanism, first, second):
    client = connect(town)
    for octets in (first, second):
        assert client.code(sasl(mechanism, octets)) in (2, 7, 14, 49)


def test_several_steps_may_come_in_one_go(client):
    exchange = ScramClient("an", PASSWORD)
    client.send(exchange.first, sasl(SCRAM, b"c=biws,r=x,p=AAAA"), plain("an", PASSWORD))
    assert [int(message.operation.result.code) for message in client.received()] == [14, 2, 0]
