"""The rules of a session (RFC 4511 §4.1.1, §4.2.1, §4.4.1, §4.11, §4.14), against a running server."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator

import pytest

from govdir.ldap.codec.cancel import cancel_request
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.extended import NOTICE_OF_DISCONNECTION, START_TLS, WHO_AM_I
from govdir.ldap.codec.filters import Present
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    BindRequest,
    Control,
    DeleteRequest,
    DerefAliases,
    ExtendedRequest,
    ExtendedResponse,
    LdapMessage,
    Request,
    SaslAuthentication,
    Scope,
    SearchRequest,
    SearchResultDone,
    SimpleAuthentication,
    UnbindRequest,
)
from interop.ldap.client import Client, Hung, administrator, attribute
from interop.ldap.root_dse_trials import who
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, make_home, make_mail_service

WHO = ExtendedRequest(WHO_AM_I)
READERS = 50
BIG_ENTRIES = 60
MEBIBYTE = 1024**2


def octets(request: Request, number: int = 1, *controls: Control) -> bytes:
    return encode_message(LdapMessage(number, request, controls))


def everything(
    base: str = SUFFIX, attributes: tuple[str, ...] = (), scope: Scope = Scope.WHOLE_SUBTREE
) -> SearchRequest:
    never = DerefAliases.NEVER
    return SearchRequest(base, scope, never, 0, 0, False, Present("objectClass"), attributes)


def bind(dn: str = ADMIN, password: str = ADMIN_PASSWORD, version: int = 3) -> BindRequest:
    return BindRequest(version, dn, SimpleAuthentication(password.encode()))


def unit(name: str, base: str = SUFFIX) -> AddRequest:
    return AddRequest(f"ou={name},{base}", (attribute("objectClass", "organizationalUnit"),))


def notice(client: Client) -> int:
    """The code of the notice of disconnection, behind which the server closes."""
    message = client.receive()
    operation = message.operation
    assert isinstance(operation, ExtendedResponse)
    assert (message.message_id, operation.name) == (0, NOTICE_OF_DISCONNECTION)
    assert operation.result.diagnostic_message
    with pytest.raises(Hung):
        client.receive()
    return int(operation.result.code)


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """An anonymous connection."""
    with Client(server) as connection:
        yield connection


@pytest.fixture
def admin(server: Server) -> Iterator[Client]:
    """The administrator's connection."""
    with administrator(server) as connection:
        yield connection


# Encoding

WRONG = {
    "nothing inside": "3000",
    "a message id alone": "3003020101",
    "a message id that is no number": "3005 0401 01 4200",
    "a message id without octets": "3004 0200 4200",
    "a message id of five octets": "3009 0205 0100000001 4200",
    "a negative message id": "3005 0201ff 4200",
    "message id 0": "3005 020100 4200",
    "an unbind with content": "3007 020101 4202 0500",
    "a response": "300c 020101 6507 0a0100 0400 0400",
    "an operation nobody knows": "3005 020101 5f00",
    "an operation of the wrong class": "3005 020101 0200",
    "indefinite length": "3080 020101 4200 0000",
    "indefinite length inside": "3009 020101 6080 0000 0000",
    "a length of eight octets": "3088 ffffffffffffffff",
    "a length of five octets": "3085 0100000000",
    "a length of 127 octets": "30ff" + "ff" * 127,
    "the reserved length": "30ff",
    "a length beyond the message": "3007 020101 6030 0201",
    "a length short of the content": "3005 020101 6007 020103 0400 8000",
    "a tag of many octets": "1f8101 00",
    "a set": "3105 020101 4200",
    "text": "474554202f20485454502f312e300d0a0d0a",
    "a TLS hello": "16030102000100 01fc0303" + "00" * 32,
    "zeros": "00" * 64,
    "a bind of version 4 billion": "3011 020101 600c 0206 010000000000 0400 8000",
    "a bind without authentication": "300a 020101 6005 020103 0400",
    "a search without a filter": "3018 020101 6313 0400 0a0100 0a0100 020100 020100 010100 3000",
    "a filter nested 5,000 deep": "",
    "controls of the wrong kind": "3009 020101 4200 a002 0400",
}


def deep_filter() -> str:
    """A search whose filter is NOT in NOT, far beyond what is taken, within the size of a request."""
    inner = b"\x87\x02cn"
    for _ in range(5_000):
        size = len(inner)
        inner = b"\xa2" + (bytes((size,)) if size < 0x80 else b"\x83" + size.to_bytes(3, "big")) + inner
    head = bytes.fromhex("0400 0a0100 0a0100 020100 020100 010100")
    content = head + inner + b"\x30\x00"
    operation = b"\x63\x83" + len(content).to_bytes(3, "big") + content
    return (b"\x30\x83" + (len(operation) + 3).to_bytes(3, "big") + b"\x02\x01\x01" + operation).hex()


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_message_ends_in_an_answer_or_a_notice_and_nobody_else_notices(
    server: Server, what: str
) -> None:
    with Client(server) as client:
        client.peer.sendall(bytes.fromhex(WRONG[what] or deep_filter()))
        message = client.receive()
        result = message.operation.result  # type: ignore[union-attr]
        assert int(result.code) in (2, 11)
        assert result.diagnostic_message
        if message.message_id == 0:
            with pytest.raises(Hung):
                client.receive()
    with Client(server) as other:
        assert who(other) == ""


def who_spelled(*, long: bool, behind: bytes = b"") -> bytes:
    """Who Am I, with lengths in four octets or in one, and something behind the operation."""

    def element(tag: int, content: bytes) -> bytes:
        length = b"\x84" + len(content).to_bytes(4, "big") if long else bytes((len(content),))
        return bytes((tag,)) + length + content

    return element(0x30, element(2, b"\x01") + element(0x77, element(0x80, WHO_AM_I.encode())) + behind)


@pytest.mark.parametrize(
    "spelled",
    [who_spelled(long=False), who_spelled(long=True), who_spelled(long=False, behind=b"\x85\x01x")],
    ids=["the shortest", "lengths in four octets", "an element that RFCs to come may define"],
)
def test_what_others_write_otherwise_is_understood(client: Client, spelled: bytes) -> None:
    client.peer.sendall(spelled)
    message = client.receive()
    assert (message.message_id, int(message.operation.result.code)) == (1, 0)  # type: ignore[union-attr]


def test_true_may_be_any_octet_but_zero(client: Client) -> None:
    octets_of = octets(everything("", ()))
    typed = octets_of.replace(b"\x01\x01\x00", b"\x01\x01\x01", 1)
    assert typed != octets_of
    client.peer.sendall(typed)
    while not isinstance((message := client.receive()).operation, SearchResultDone):
        pass
    assert message.message_id == 1


# Message ids, abandon, unbind


def test_a_message_id_that_is_in_use_ends_the_connection(admin: Client) -> None:
    admin.peer.sendall(octets(unit("hai lần"), 7) + octets(WHO, 7))
    assert notice(admin) == 2


def test_a_message_id_may_be_used_again_once_its_request_has_ended(client: Client) -> None:
    for _ in range(3):
        client.send(WHO, number=2147483647)
        assert client.receive().message_id == 2147483647


@pytest.mark.parametrize("number", [0, 1, 5, 4711])
def test_an_abandon_is_never_answered(client: Client, number: int) -> None:
    client.send(AbandonRequest(number), Control("1.2.3.4", critical=True), number=5)
    client.send(WHO, number=6)
    assert client.receive().message_id == 6


def test_an_abandoned_search_sends_nothing_more(admin: Client) -> None:
    admin.peer.sendall(octets(everything("cn=monitor"), 2) + octets(AbandonRequest(2), 3) + octets(WHO, 4))
    while (message := admin.receive()).message_id != 4:
        assert message.message_id == 2
    admin.peer.settimeout(0.3)
    with pytest.raises(TimeoutError):
        admin.receive()


def test_nothing_behind_an_unbind_is_done(server: Server, admin: Client) -> None:
    name = "sau khi chào"
    unbind = octets(UnbindRequest(), 3, Control("1.2.3.4", critical=True))
    admin.peer.sendall(octets(WHO, 2) + unbind + octets(unit(name), 4))
    assert admin.receive().message_id == 2
    with pytest.raises(Hung):
        admin.receive()
    with administrator(server) as other:
        assert other.search(f"ou={name},{SUFFIX}").code == 32


# Binds


def test_a_bind_abandons_what_is_outstanding_and_what_follows_is_done_as_who_was_bound(admin: Client) -> None:
    requests: tuple[Request, ...] = (everything("cn=monitor"), bind(password="wrong"), WHO)
    admin.peer.sendall(b"".join(octets(each, number) for number, each in enumerate(requests, 2)))
    while (message := admin.receive()).message_id == 2:
        pass
    assert (message.message_id, int(message.operation.result.code)) == (3, 49)  # type: ignore[union-attr]
    operation = admin.receive().operation
    assert isinstance(operation, ExtendedResponse)
    assert operation.value == b""


def test_a_bind_that_fails_leaves_nobody(admin: Client) -> None:
    assert who(admin) == f"dn:{ADMIN}"
    assert admin.bind(ADMIN, "wrong").code == 49
    assert who(admin) == ""


@pytest.mark.parametrize("version", [1, 2, 4, 127])
def test_only_version_3_is_spoken(client: Client, version: int) -> None:
    assert client.ask(bind("", "", version)).code == 2


@pytest.mark.parametrize(("dn", "password", "code"), [(ADMIN, "", 53), ("", "x", 49), ("", "", 0)])
def test_neither_a_name_nor_a_password_stands_alone(
    client: Client, dn: str, password: str, code: int
) -> None:
    assert client.ask(bind(dn, password)).code == code


def scram() -> BindRequest:
    return BindRequest(3, "", SaslAuthentication("SCRAM-SHA-256", b"n,,n=an,r=abcdefgh"))


@pytest.mark.parametrize("request_", [WHO, everything("", ()), ExtendedRequest(START_TLS)])
def test_within_a_sasl_bind_nothing_else_is_done(client: Client, request_: Request) -> None:
    assert client.ask(scram()).code == 14
    assert client.ask(request_).code == 1


def test_another_bind_ends_one_by_sasl(client: Client) -> None:
    assert client.ask(scram()).code == 14
    assert client.bind().code == 0
    assert who(client) == f"dn:{ADMIN}"


# StartTLS


def test_clear_text_behind_a_start_tls_is_not_taken_for_protected(client: Client) -> None:
    client.peer.sendall(octets(ExtendedRequest(START_TLS)) + octets(bind(), 2))
    assert int(client.receive().operation.result.code) == 0  # type: ignore[union-attr]
    client.under_tls()
    assert who(client) == ""


def test_tls_is_not_started_while_something_is_outstanding(admin: Client) -> None:
    admin.peer.sendall(octets(unit("tls"), 2) + octets(ExtendedRequest(START_TLS), 3))
    answers = {message.message_id: message for message in (admin.receive(), admin.receive())}
    assert int(answers[3].operation.result.code) == 1  # type: ignore[union-attr]
    assert who(admin) == f"dn:{ADMIN}"


# Extended operations and controls


def test_an_extended_operation_that_nobody_knows_is_answered_without_a_name(client: Client) -> None:
    answer = client.ask(ExtendedRequest("1.2.3.4"))
    operation = answer.messages[-1].operation
    assert isinstance(operation, ExtendedResponse)
    assert (answer.code, operation.name) == (2, None)


@pytest.mark.parametrize(
    ("controls", "code"),
    [
        ((Control("1.2.3.4", critical=True),), 12),
        ((Control("1.2.3.4", critical=False),), 0),
        ((Control("1.2.840.113556.1.4.319", critical=True, value=b"\x30\x00"),), 2),
        ((Control("2.16.840.1.113730.3.4.2"), Control("2.16.840.1.113730.3.4.2")), 2),
    ],
    ids=["unknown and critical", "unknown", "a wrong value", "twice"],
)
def test_controls_are_judged_before_anything_is_done(
    client: Client, controls: tuple[Control, ...], code: int
) -> None:
    assert (
        client.ask(
            SearchRequest("", Scope(0), DerefAliases(0), 0, 0, False, Present("cn"), ()), *controls
        ).code
        == code
    )


def test_a_cancelled_operation_is_answered_for_both(admin: Client) -> None:
    admin.peer.sendall(octets(everything("cn=monitor"), 2) + octets(cancel_request(2), 3))
    ended: dict[int, int] = {}
    while len(ended) < 2:
        message = admin.receive()
        result = getattr(message.operation, "result", None)
        if result is not None:
            ended[message.message_id] = int(result.code)
    assert ended in ({2: 118, 3: 0}, {2: 0, 3: 119})  # cancelled, or it had ended before


# Too much


def test_what_exceeds_the_room_for_requests_is_answered_busy_and_the_rest_is_done(admin: Client) -> None:
    many = 2_000
    admin.peer.sendall(
        b"".join(octets(DeleteRequest(f"ou=không,{SUFFIX}"), number) for number in range(2, many + 2))
    )
    codes = [int(admin.receive().operation.result.code) for _ in range(many)]  # type: ignore[union-attr]
    assert set(codes) <= {32, 51}
    assert codes.count(32) >= 128
    assert who(admin) == f"dn:{ADMIN}"


@pytest.fixture(scope="module")
def heavy(server: Server) -> str:
    """A container with some MiB in it."""
    base = f"ou=nặng,{SUFFIX}"
    with administrator(server) as admin:
        assert admin.ask(unit("nặng")).code == 0
        for number in range(BIG_ENTRIES):
            big = (
                attribute("objectClass", "organizationalUnit"),
                attribute("description", f"{number} " + "x" * 100_000),
            )
            assert admin.ask(AddRequest(f"ou={number},{base}", big)).code == 0
    return base


@pytest.mark.parametrize("tls", [False, True], ids=["in clear", "under TLS"])
def test_readers_that_do_not_read_cost_a_buffer_each(server: Server, heavy: str, *, tls: bool) -> None:
    with contextlib.ExitStack() as stack:
        clients = []
        for _ in range(READERS):
            client = stack.enter_context(Client(server))
            if tls:
                assert client.ask(ExtendedRequest(START_TLS)).code == 0
                client.under_tls()
            assert client.bind().code == 0
            clients.append(client)
        before = server.resident_bytes()
        for client in clients:
            client.peer.sendall(b"".join(octets(everything(heavy), number) for number in range(10, 20)))
        time.sleep(1)
        grown = server.resident_bytes() - before
        with Client(server) as other:
            begun = time.monotonic()
            assert who(other) == ""
            assert time.monotonic() - begun < 2
    # Of 60 MiB each asks for: entries of 100 KB in the buffers of its searches, and what malloc keeps.
    assert grown < READERS * 2 * MEBIBYTE, f"{grown / MEBIBYTE:.0f} MiB for {READERS} clients"


# The end


def test_a_shutdown_answers_what_is_under_way_then_tells_persons_and_lets_services_go(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = make_home(tmp_path_factory.mktemp("ending"))
    dn, password = make_mail_service(server)
    server.start()
    with (
        Client(server) as idle,
        Client(server) as service,
        administrator(server) as busy,
        Client(server) as at_bind,
    ):
        assert service.bind(dn, password).code == 0
        assert who(idle) == ""
        busy.peer.sendall(b"".join(octets(unit(f"cuối {number}"), number) for number in range(2, 22)))
        assert server.process is not None
        assert busy.receive().message_id == 2
        at_bind.send(bind())
        server.process.send_signal(signal.SIGTERM)
        answered = []
        while (message := busy.receive()).message_id:
            answered.append(int(message.operation.result.code))  # type: ignore[union-attr]
        assert answered == [0] * len(answered)
        assert notice(idle) == 52
        with pytest.raises(Hung):
            service.receive()
        last = at_bind.receive()
        assert last.message_id in (0, 1)
    assert server.stop() == 0
    server.start()
    try:
        with administrator(server) as admin:
            kept = admin.search(SUFFIX, wanted="(ou=cuối *)").names
        assert len(kept) == len(answered) + 1
    finally:
        server.stop()
