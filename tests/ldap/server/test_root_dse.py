"""What the server says of itself is what is there (RFC 4512 §4.2, §5.1)."""

import pytest

import govdir
from govdir.ldap.codec.controls.oids import MANAGE_DSA_IT, PAGED_RESULTS
from govdir.ldap.codec.extended import PASSWORD_MODIFY, START_TLS, WHO_AM_I
from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import CompareRequest, ExtendedRequest, Scope
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.server.doubles import SUFFIX, Server, entry, search_request

ANY = Present("objectClass")


def read(server, base, scope=Scope.BASE_OBJECT, wanted=ANY):
    """The attributes of the entry found, None when there is none."""
    client = server.connect()
    client.send(search_request(base, scope, wanted))
    messages = client.received()
    assert messages[-1].operation.result.code == 0
    if len(messages) == 1:
        return None
    return {each.type: {value.decode() for value in each.values} for each in messages[0].operation.attributes}


def test_the_root_dse_tells_context_schema_versions_and_vendor():
    told = read(Server(), "")
    assert told["namingContexts"] == {SUFFIX}
    assert told["subschemaSubentry"] == {"cn=subschema"}
    assert told["supportedLDAPVersion"] == {"3"}
    assert (told["vendorName"], told["vendorVersion"]) == ({"govdir"}, {govdir.__version__})


def test_no_sasl_mechanism_is_announced():
    assert "supportedSASLMechanisms" not in read(Server(), "")


def test_the_controls_announced_are_those_accepted():
    server = Server()
    assert read(server, "")["supportedControl"] == {PAGED_RESULTS, MANAGE_DSA_IT}


def test_every_extended_operation_announced_is_known():
    server = Server()
    client = server.connect()
    for oid in read(server, "")["supportedExtension"]:
        assert client.ask(ExtendedRequest(oid)).result.diagnostic_message != "no such extended operation"


@pytest.mark.parametrize(
    ("tls", "announced"),
    [(None, {WHO_AM_I, PASSWORD_MODIFY}), (object(), {WHO_AM_I, PASSWORD_MODIFY, START_TLS})],
)
def test_start_tls_is_announced_where_it_is_offered(tls, announced):
    assert read(Server(tls=tls), "")["supportedExtension"] == announced


@pytest.mark.parametrize(
    ("scope", "asked"), [(Scope.SINGLE_LEVEL, Scope.BASE_OBJECT), (Scope.WHOLE_SUBTREE, Scope.WHOLE_SUBTREE)]
)
def test_below_the_root_is_the_naming_context(scope, asked, monkeypatch):
    server = Server()
    server.directory.found = (entry(1),)
    requests = []
    handle = type(server.factory.anonymous)
    search = handle.search
    monkeypatch.setattr(
        handle, "search", lambda self, request: requests.append(request) or search(self, request)
    )
    assert "mail" in read(server, "", scope)
    assert [(request.base, request.scope) for request in requests] == [(SUFFIX, asked)]


def test_the_subschema_holds_the_definitions_and_its_age():
    told = read(Server(), "cn=subschema")
    assert "( 2.5.4.3 NAME 'cn' )" in told["attributeTypes"]
    assert told["modifyTimestamp"] == {"19700101000000Z"}
    assert "subschema" in told["objectClass"]


@pytest.mark.parametrize("name", ["cn=subschema", "CN=Subschema", "cn = subschema", "2.5.4.3=subschema"])
def test_the_subschema_is_found_under_any_spelling(name):
    assert read(Server(), name, wanted=Equality("objectClass", b"subschema")) is not None


def test_nothing_is_below_the_subschema():
    assert read(Server(), "cn=subschema", Scope.SINGLE_LEVEL) is None


def test_a_filter_that_does_not_match_finds_no_root_dse():
    assert read(Server(), "", wanted=Present("mail")) is None


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("", b"3", ResultCode.COMPARE_TRUE),
        ("", b"2", ResultCode.COMPARE_FALSE),
        ("cn=subschema", b"3", ResultCode.COMPARE_FALSE),
    ],
)
def test_the_servers_own_entries_can_be_compared(name, value, code):
    client = Server().connect()
    assert client.code(CompareRequest(name, "supportedLDAPVersion", value)) == code
