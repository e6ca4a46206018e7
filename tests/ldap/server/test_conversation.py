"""What a client meets: binds, updates and reads in order, abandon, controls, StartTLS (RFC 4511 §4)."""

import pytest

from govdir.directory.errors import NoSuchObject, SizeLimitExceeded
from govdir.directory.matches import Annotated, Reference
from govdir.ldap.codec.controls.oids import MANAGE_DSA_IT
from govdir.ldap.codec.controls.paged_results import PagedResults, decode_paged_results, encode_paged_results
from govdir.ldap.codec.extended import PASSWORD_MODIFY, START_TLS, PasswordModify, password_modify_request
from govdir.ldap.codec.extended import WHO_AM_I as WHO_AM_I_NAME
from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    BindRequest,
    CompareRequest,
    Control,
    DeleteRequest,
    ExtendedRequest,
    ModifyDnRequest,
    ModifyRequest,
    SaslAuthentication,
    Scope,
    SearchResultDone,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.factory import PlaintextBind
from tests.ldap.server.doubles import (
    CRITICAL_UNKNOWN,
    MAIL_SERVICE,
    NO_SUCH,
    PERSON,
    SUFFIX,
    UNBIND,
    Server,
    add_request,
    bind_request,
    entry,
    search_request,
)

WHO_AM_I = ExtendedRequest(WHO_AM_I_NAME)
FAR = "192.0.2.7"


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def client(server):
    return server.connect()


def identity(client):
    return client.ask(WHO_AM_I).value.decode()


# Bind


def test_a_new_session_is_anonymous(client):
    assert identity(client) == ""


def test_a_simple_bind_gives_the_identity(client):
    assert client.bind() == 0
    assert identity(client) == f"dn:{MAIL_SERVICE.dn}"


def test_an_anonymous_bind_needs_no_directory(client, server):
    assert client.code(bind_request()) == 0
    assert server.directory.calls == []


def test_a_failed_bind_drops_the_former_identity(client):
    client.bind()
    assert client.bind(password=b"wrong") == ResultCode.INVALID_CREDENTIALS
    assert identity(client) == ""


def test_the_session_is_anonymous_while_a_bind_is_under_way(client, server):
    client.bind()
    server.directory.slow = True
    client.send(bind_request(PERSON.dn, b"right"))
    assert client.protocol._conversation.session.handle.caller.dn == ""


@pytest.mark.parametrize("version", [1, 2, 4, 127])
def test_another_protocol_version_is_a_protocol_error(client, version):
    assert client.code(bind_request(version=version)) == ResultCode.PROTOCOL_ERROR
    assert not client.closed


def test_a_password_without_a_name_is_invalid(client):
    assert client.code(bind_request("", b"right")) == ResultCode.INVALID_CREDENTIALS


def test_sasl_is_not_supported(client):
    request = BindRequest(3, "", SaslAuthentication("DIGEST-MD5", None))
    assert client.code(request) == ResultCode.AUTH_METHOD_NOT_SUPPORTED


@pytest.mark.parametrize(
    ("policy", "host", "code"),
    [
        (PlaintextBind.LOOPBACK, "127.0.0.1", 0),
        (PlaintextBind.LOOPBACK, "::1", 0),
        (PlaintextBind.LOOPBACK, FAR, ResultCode.CONFIDENTIALITY_REQUIRED),
        (PlaintextBind.ALWAYS, FAR, 0),
        (PlaintextBind.NEVER, "127.0.0.1", ResultCode.CONFIDENTIALITY_REQUIRED),
    ],
)
def test_passwords_travel_in_clear_only_where_allowed(policy, host, code):
    assert Server(plaintext_bind=policy).connect(host).bind() == code


def test_a_password_refused_for_confidentiality_is_not_even_looked_at():
    server = Server(plaintext_bind=PlaintextBind.NEVER)
    server.connect().bind()
    assert server.directory.calls == []


def test_an_anonymous_bind_in_clear_is_allowed_from_anywhere():
    assert Server().connect(FAR).code(bind_request()) == 0


def test_a_bind_abandons_what_is_outstanding(client, server):
    server.directory.slow = True
    client.send(add_request(), bind_request(MAIL_SERVICE.dn, b"right"))
    server.directory.release()
    server.directory.release()
    assert [message.message_id for message in client.received()] == [2]


def test_requests_behind_a_bind_run_under_the_new_identity(client, server):
    server.directory.slow = True
    client.send(bind_request(MAIL_SERVICE.dn, b"right"), WHO_AM_I)
    assert client.received() == []
    server.directory.release()
    assert client.received()[1].operation.value == f"dn:{MAIL_SERVICE.dn}".encode()


def test_requests_behind_a_failing_bind_are_anonymous(client, server):
    client.bind()
    server.directory.slow = True
    client.send(bind_request(MAIL_SERVICE.dn, b"wrong"), WHO_AM_I)
    server.directory.release()
    assert client.received()[1].operation.value == b""


def test_two_binds_in_one_go_are_done_one_after_the_other(client, server):
    server.directory.slow = True
    client.send(bind_request(MAIL_SERVICE.dn, b"right"), bind_request(PERSON.dn, b"right"), WHO_AM_I)
    server.directory.release()
    server.directory.release()
    assert [message.message_id for message in client.received()] == [1, 2, 3]
    assert identity(client) == f"dn:{PERSON.dn}"


def test_a_bind_that_meets_a_bug_is_answered_and_leaves_the_session_anonymous(client, server):
    client.bind()
    server.directory.slow = True
    client.send(bind_request(PERSON.dn, b"right"))
    server.directory.release(RuntimeError("bug"))
    assert client.received()[0].operation.result.code is ResultCode.OTHER
    assert identity(client) == ""


# Unbind and abandon


def test_unbind_closes_and_nothing_after_it_is_executed(client, server):
    client.send(UNBIND, add_request())
    assert client.closed
    assert client.received() == []
    assert server.directory.calls == []


def test_unbind_abandons_what_is_outstanding(client, server):
    server.directory.slow = True
    client.send(add_request(), UNBIND)
    server.directory.release()
    assert client.received() == []


def test_unbind_drops_the_updates_that_have_not_started(client, server):
    server.directory.slow = True
    client.send(DeleteRequest("cn=first"), DeleteRequest("cn=second"), UNBIND)
    server.directory.release()
    assert server.directory.calls == [("delete", "", "cn=first")]


def test_critical_controls_on_unbind_and_abandon_are_ignored(client):
    client.send(AbandonRequest(9), controls=[CRITICAL_UNKNOWN])
    client.send(UNBIND, controls=[CRITICAL_UNKNOWN])
    assert client.received() == []
    assert client.closed


@pytest.mark.parametrize("target", [0, 1, 2, 77])
def test_abandon_is_silent_whatever_it_names(client, target):
    client.bind()
    client.send(AbandonRequest(target))
    assert client.received() == []
    assert not client.closed


def test_an_abandoned_update_is_not_answered(client, server):
    server.directory.slow = True
    number = client.send(add_request())
    client.send(AbandonRequest(number))
    server.directory.release()
    assert client.received() == []


def test_an_abandoned_search_stops_within_one_turn(server):
    server = Server(turn_bytes=1000)
    drawn = []

    def found():
        for number in range(1000):
            drawn.append(number)
            yield entry(number, 1000)

    server.directory.found = found
    client = server.connect()
    number = client.send(search_request())
    client.send(AbandonRequest(number))
    client.received()
    server.turns(5)
    assert client.received() == []
    assert len(drawn) == 1
    assert server.logged("search")["result"] is None


# Updates and reads


@pytest.mark.parametrize(
    "request_",
    [
        add_request(),
        ModifyRequest(SUFFIX, ()),
        ModifyDnRequest(SUFFIX, "dc=x", True),
        DeleteRequest(SUFFIX),
        password_modify_request(PasswordModify(new=b"n")),
    ],
    ids=lambda request: type(request).__name__,
)
@pytest.mark.parametrize("error", [None, NO_SUCH], ids=["done", "refused"])
def test_updates_are_answered_with_the_directorys_result(client, server, request_, error):
    server.directory.slow = True
    client.send(request_)
    server.directory.release(error)
    result = client.received()[0].operation.result
    expected = (0, "") if error is None else (ResultCode.NO_SUCH_OBJECT, SUFFIX)
    assert (result.code, result.matched_dn) == expected


def test_an_add_tells_the_name_the_entry_got(client, server):
    server.directory.stored_as = f"uid=nvminh,{SUFFIX}"
    assert client.ask(add_request()).result.diagnostic_message == f"stored as uid=nvminh,{SUFFIX}"


def test_a_search_behind_a_modify_sees_its_change(client, server):
    server.directory.slow = True
    client.send(ModifyRequest(SUFFIX, ()), search_request())
    assert [call[0] for call in server.directory.calls] == ["modify"]
    server.directory.release()
    assert [message.message_id for message in client.received()] == [1, 2]


def test_updates_of_one_connection_are_made_in_their_order(client, server):
    server.directory.slow = True
    client.send(add_request("ou=a"), add_request("uid=b,ou=a"), DeleteRequest("ou=c"))
    assert [call[2] for call in server.directory.calls] == ["ou=a"]
    server.directory.release()
    server.directory.release()
    assert [call[2] for call in server.directory.calls] == ["ou=a", "uid=b,ou=a", "ou=c"]


def test_updates_of_several_connections_run_side_by_side(server):
    server.directory.slow = True
    for _ in range(3):
        server.connect().send(add_request())
    assert len(server.directory.calls) == 3


def test_reads_do_not_wait_for_a_long_search(server):
    server = Server(turn_bytes=100)
    server.directory.found = lambda: (entry(number, 200) for number in range(50))
    client = server.connect()
    client.send(search_request(), WHO_AM_I)
    assert client.received()[-1].message_id == 2


@pytest.mark.parametrize(("value", "code"), [(b"yes", 6), (b"no", 5)])
def test_compare_tells_true_from_false(client, value, code):
    assert client.code(CompareRequest(SUFFIX, "cn", value)) == code


def test_a_compare_that_is_refused_says_why(client, server):
    server.directory.found = NoSuchObject("gone")
    assert client.ask(CompareRequest(SUFFIX, "cn", b"x")).result.diagnostic_message == "gone"


def test_a_bug_in_a_read_is_answered_and_the_connection_lives_on(client, server):
    server.directory.found = ZeroDivisionError("1/0")
    assert client.code(CompareRequest(SUFFIX, "cn", b"x")) == ResultCode.OTHER
    assert client.code(search_request()) == ResultCode.OTHER
    assert not client.closed


def test_work_that_ends_after_the_connection_is_lost_harms_nobody(client, server):
    server.directory.slow = True
    client.send(add_request(), add_request("uid=never"))
    client.lose()
    server.directory.release()
    assert [call[2] for call in server.directory.calls] == [add_request().entry]
    assert server.log[-1]["result"] is None


# Controls


@pytest.mark.parametrize(
    "request_",
    [bind_request(), search_request(), add_request(), CompareRequest(SUFFIX, "cn", b"x"), WHO_AM_I],
    ids=lambda request: type(request).__name__,
)
def test_an_unknown_critical_control_is_refused_before_any_effect(client, server, request_):
    assert client.code(request_, CRITICAL_UNKNOWN) == ResultCode.UNAVAILABLE_CRITICAL_EXTENSION
    assert server.directory.calls == []


def test_a_bind_refused_for_its_control_has_no_effect_on_the_identity(client):
    client.bind()
    client.ask(bind_request(), CRITICAL_UNKNOWN)
    assert identity(client) == f"dn:{MAIL_SERVICE.dn}"


def test_a_control_twice_is_a_protocol_error(client):
    twice = [Control(MANAGE_DSA_IT), Control(MANAGE_DSA_IT)]
    assert client.code(search_request(), *twice) == ResultCode.PROTOCOL_ERROR


def test_a_page_is_answered_with_the_cookie_to_go_on_with(client, server):
    server.directory.found = (entry(1), entry(2))
    server.directory.cookie = b"next"
    client.send(search_request(), controls=[encode_paged_results(PagedResults(2), critical=True)])
    done = client.received()[-1]
    assert decode_paged_results(done.controls[0]).cookie == b"next"


def test_an_entry_is_sent_with_its_own_controls_and_a_reference_as_such(client, server):
    own = Control("1.2.3", False, b"x")
    server.directory.found = (entry(1), Annotated(entry(2), (own,)), Reference(("ldap://b/", "ldap://c/")))

    client.send(search_request())
    plain, annotated, reference, done = client.received()

    assert [plain.controls, annotated.controls, reference.controls] == [(), (own,), ()]
    assert annotated.operation.object_name == f"uid=a2,{SUFFIX}"
    assert reference.operation.uris == ("ldap://b/", "ldap://c/")
    assert done.operation.result.code == 0
    assert server.logged("search")["entries"] == 2


# Searches


def test_a_search_answers_entries_and_then_the_result(client, server):
    server.directory.found = (entry(1), None, entry(2))
    client.send(search_request())
    names = [getattr(message.operation, "object_name", None) for message in client.received()]
    assert names == [f"uid=a1,{SUFFIX}", f"uid=a2,{SUFFIX}", None]


def test_entries_before_a_size_limit_are_sent(client, server):
    def found():
        yield entry(1)
        raise SizeLimitExceeded("more than 1")

    server.directory.found = found
    client.send(search_request())
    first, done = client.received()
    assert first.operation.object_name == f"uid=a1,{SUFFIX}"
    assert done.operation.result.code is ResultCode.SIZE_LIMIT_EXCEEDED


def test_a_base_that_is_not_there_tells_how_far_it_goes(client, server):
    server.directory.found = NO_SUCH
    assert client.ask(search_request()).result.matched_dn == SUFFIX


def test_a_search_done_at_once_is_sent_in_one_piece_and_never_outstanding(client, server):
    server.directory.found = [entry(number) for number in range(100)]
    pieces = []
    client.transport.write = pieces.append
    client.send(search_request())
    assert len(pieces) == 1
    assert client.protocol._conversation.session.load == 0


# Extended operations


def test_an_unknown_extended_operation_is_a_protocol_error_without_a_name(client):
    response = client.ask(ExtendedRequest("1.2.3", b"value"))
    assert response.result.code is ResultCode.PROTOCOL_ERROR
    assert (response.name, response.value) == (None, None)


def test_who_am_i_takes_no_value(client):
    assert client.code(ExtendedRequest(WHO_AM_I_NAME, b"")) == ResultCode.PROTOCOL_ERROR


def test_a_generated_password_is_returned(client):
    assert client.ask(password_modify_request(PasswordModify())).value == b"\x30\x0b\x80\x09generated"


def test_a_password_modify_value_that_is_none_is_a_protocol_error(client):
    assert client.code(ExtendedRequest(PASSWORD_MODIFY, b"\x30\x05")) == ResultCode.PROTOCOL_ERROR


def test_passwords_are_not_changed_in_clear():
    client = Server().connect(FAR)
    request = password_modify_request(PasswordModify(PERSON.dn, b"old", b"new"))
    assert client.code(request) == ResultCode.CONFIDENTIALITY_REQUIRED


class FakeTls:
    pass


@pytest.fixture
def tls_server():
    return Server(tls=FakeTls())


def test_start_tls_is_answered_in_clear_and_then_started(tls_server):
    client = tls_server.connect()
    response = client.ask(ExtendedRequest(START_TLS))
    assert (response.result.code, response.name) == (ResultCode.SUCCESS, START_TLS)
    assert client.transport.tls is tls_server.factory.tls


def test_what_is_pipelined_in_clear_behind_start_tls_is_dropped(tls_server):
    client = tls_server.connect()
    client.send(ExtendedRequest(START_TLS), add_request(), WHO_AM_I)
    assert len(client.received()) == 1
    assert tls_server.directory.calls == []
    assert identity(client) == ""


def test_a_request_cut_by_start_tls_is_not_completed_under_tls(tls_server):
    from govdir.ldap.codec.encode import encode_message
    from govdir.ldap.codec.messages import LdapMessage

    client = tls_server.connect()
    start = encode_message(LdapMessage(1, ExtendedRequest(START_TLS)))
    injected = encode_message(LdapMessage(2, add_request("uid=evil")))
    client.protocol.dataReceived(start + injected[:10])
    client.received()
    assert identity(client) == ""
    assert tls_server.directory.calls == []


def test_passwords_are_allowed_after_start_tls(tls_server):
    client = tls_server.connect(FAR)
    client.ask(ExtendedRequest(START_TLS))
    assert client.bind() == 0


def test_start_tls_under_tls_is_an_operations_error(tls_server):
    client = tls_server.connect()
    client.ask(ExtendedRequest(START_TLS))
    assert client.code(ExtendedRequest(START_TLS)) == ResultCode.OPERATIONS_ERROR


@pytest.mark.parametrize("before", [add_request(), bind_request(MAIL_SERVICE.dn, b"right")])
def test_start_tls_with_requests_outstanding_is_an_operations_error(tls_server, before):
    client = tls_server.connect()
    tls_server.directory.slow = True
    client.send(before)
    assert client.code(ExtendedRequest(START_TLS)) == ResultCode.OPERATIONS_ERROR
    assert client.transport.tls is None


def test_start_tls_without_a_certificate_is_unavailable(client):
    assert client.code(ExtendedRequest(START_TLS)) == ResultCode.UNAVAILABLE


def test_start_tls_takes_no_value(tls_server):
    client = tls_server.connect()
    assert client.code(ExtendedRequest(START_TLS, b"")) == ResultCode.PROTOCOL_ERROR


# The server's own entries


@pytest.mark.parametrize("base", ["", "cn=subschema", "CN = Subschema"])
def test_root_dse_and_subschema_are_read_without_the_tree(client, server, base):
    client.send(search_request(base, Scope.BASE_OBJECT, Present("objectClass")))
    assert len(client.received()) == 2
    assert server.directory.calls == []


def test_the_subschema_answers_the_filter_clients_use(client):
    client.send(search_request("cn=subschema", Scope.BASE_OBJECT, Equality("objectClass", b"subschema")))
    found, done = client.received()
    assert found.operation.object_name == "cn=subschema"
    assert isinstance(done.operation, SearchResultDone)


def test_an_empty_add_request_name_goes_to_the_directory(client, server):
    client.ask(AddRequest("", ()))
    assert server.directory.calls == [("add", "", "")]
