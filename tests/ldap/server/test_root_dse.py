"""What the server says of itself is what is there (RFC 4512 §4.2, §5.1)."""

import pytest

import govdir
from govdir.directory.caller import Caller, Role
from govdir.ldap.codec.extended import START_TLS
from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import CompareRequest, ExtendedRequest, Scope
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.own_entries import SelfDescription
from govdir.ldap.server.traits import EXTENDED, SUPPORTED_CONTROLS
from govdir.schema.registry import load_schema
from govdir.schema.revision import changed_at
from tests.ldap.server.doubles import SUFFIX, Server, entry, search_request

ANY = Present("objectClass")
ROOT = Caller(f"cn=admin,{SUFFIX}", 1, Role.ADMINISTRATOR)


class Asking:
    """A client that reads one attribute of the root DSE."""

    def __init__(self, client):
        self.client = client

    def ask_root(self, name):
        self.client.send(search_request("", Scope.BASE_OBJECT, ANY, (name,)))
        entry, _done = self.client.received()
        return next(({v.decode() for v in each.values} for each in entry.operation.attributes), None)


def described(factory, mechanisms):
    known = factory.described
    return SelfDescription(known.vocabulary, known.abilities, known.observed, mechanisms)


def read(server, base, scope=Scope.BASE_OBJECT, wanted=ANY, *, attributes=("*", "+"), bound=None):
    """The attributes of the entry found, None when there is none."""
    client = server.connect()
    if bound is not None:
        client.bind(bound)
    client.send(search_request(base, scope, wanted, attributes))
    server.turns(2)  # the subschema fills one alone
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


def test_without_mechanisms_no_attribute_tells_of_them():
    server = Server()
    server.factory.described = described(server.factory, lambda session: ())
    assert "supportedSASLMechanisms" not in read(server, "")


def test_the_mechanisms_told_are_those_of_the_connection_now():
    server = Server()
    server.factory.described = described(
        server.factory, lambda session: ("PLAIN",) if session.passwords_allowed else ()
    )
    near, far = server.connect("127.0.0.1"), server.connect("192.0.2.1")
    told = [client.ask_root("supportedSASLMechanisms") for client in map(Asking, (near, far))]
    assert told == [{"PLAIN"}, None]


def test_the_monitor_is_named_to_whom_it_answers():
    server = Server()
    server.directory.callers[ROOT.dn] = ROOT
    assert read(server, "", bound=ROOT)["monitorContext"] == {"cn=monitor"}
    assert "monitorContext" not in read(server, "")


def test_user_attributes_of_the_root_dse_are_told_without_the_operational_ones():
    assert read(Server(), "", attributes=()) == {"objectClass": {"top"}}


def test_the_controls_announced_are_those_accepted():
    server = Server()
    assert read(server, "")["supportedControl"] == SUPPORTED_CONTROLS


def test_every_extended_operation_announced_is_known():
    server = Server()
    client = server.connect()
    for oid in read(server, "")["supportedExtension"]:
        assert client.ask(ExtendedRequest(oid)).result.diagnostic_message != "unsupported extended operation"


@pytest.mark.parametrize(
    ("tls", "announced"), [(None, set(EXTENDED) - {START_TLS}), (object(), set(EXTENDED))]
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
        handle,
        "search",
        lambda self, request, options: requests.append(request) or search(self, request, options),
    )
    assert "mail" in read(server, "", scope)
    assert [(request.base, request.scope) for request in requests] == [(SUFFIX, asked)]


def test_the_subschema_holds_the_definitions_and_its_age():
    told = read(Server(), "cn=subschema")
    assert "( 2.5.4.3 NAME ( 'cn' 'commonName' ) SUP name )" in told["attributeTypes"]
    assert told["modifyTimestamp"] == {changed_at(load_schema()).strftime("%Y%m%d%H%M%SZ")}
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
        ("cn=subschema", b"3", ResultCode.NO_SUCH_ATTRIBUTE),
        ("ou=none,cn=subschema", b"3", ResultCode.NO_SUCH_OBJECT),
        ("cn=monitor", b"3", ResultCode.NO_SUCH_OBJECT),
    ],
)
def test_the_servers_own_entries_can_be_compared(name, value, code):
    client = Server().connect()
    assert client.code(CompareRequest(name, "supportedLDAPVersion", value)) == code
