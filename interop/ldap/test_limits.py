"""Clients that misbehave harm themselves only."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Iterator

import pytest

from interop.conftest import connect
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, running_server

NOTICE_OF_DISCONNECTION = b"1.3.6.1.4.1.1466.20036"
MANY_CONNECTIONS = 200
MANY_REQUESTS = 200
IDLE_SECONDS = 1
FEW_CONNECTIONS = 20
MEBIBYTE = 1024**2


def element(tag: int, content: bytes) -> bytes:
    """A BER element with a definite length."""
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    return bytes((tag, 0x82)) + len(content).to_bytes(2, "big") + content


def message(number: int, operation: bytes) -> bytes:
    """An LDAPMessage; the number is up to 32767."""
    identifier = number.to_bytes(2, "big") if number > 0x7F else bytes((number,))
    return element(0x30, element(2, identifier) + operation)


def bind_request(dn: str, password: str) -> bytes:
    """A simple bind as message 1."""
    content = b"\x02\x01\x03" + element(4, dn.encode()) + element(0x80, password.encode())
    return message(1, element(0x60, content))


def search_request(base: str, scope: int, number: int = 2) -> bytes:
    """A search for all there is in a scope, as that message (up to 32767)."""
    limits = bytes((0x0A, 1, scope)) + b"\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00"
    content = element(4, base.encode()) + limits + element(0x87, b"objectClass") + b"\x30\x00"
    return message(number, element(0x63, content))


ROOT_DSE = search_request("", scope=0)
FOUND = b"\x65\x07\x0a\x01\x00"  # SearchResultDone, success


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with little patience and room for few."""
    settings = {"idle_seconds": str(IDLE_SECONDS), "connections": str(FEW_CONNECTIONS)}
    with running_server(tmp_path_factory.mktemp("strict"), settings) as running:
        yield running


def dial(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), 5)


def read_to_end(peer: socket.socket) -> bytes:
    """Everything until the server closes; a reset counts as closing."""
    said = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while chunk := peer.recv(65536):
            said += chunk
    return bytes(said)


def is_answered(peer: socket.socket) -> bool:
    """Whether a request that was sent is answered with success; False when the server hangs up."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while FOUND not in said:
            chunk = peer.recv(65536)
            if not chunk:
                return False
            said += chunk
        return True
    return False


def is_alive(server: Server) -> bool:
    """Whether somebody else is answered at once."""
    with contextlib.suppress(ConnectionError), dial(server) as peer:
        peer.settimeout(5)
        peer.sendall(ROOT_DSE)
        return is_answered(peer)
    return False


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(32),
        b"\x30\x80\x02\x01\x01\x60\x80",
        b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01",
        b"\x30\x83\x10\x00\x00\x02\x01\x01",
        b"\x30\x0c\x02\x01\x01\x7f\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00",
        ROOT_DSE.replace(b"\x02\x01\x02", b"\x02\x01\x00", 1),
        b"\x30\x03\x02\x01\x01",
        b"\x00",
    ],
    ids=[
        "http",
        "tls",
        "indefinite",
        "2 GiB",
        "1 MiB",
        "no operation",
        "a response",
        "id 0",
        "empty",
        "zero",
    ],
)
def test_what_is_no_ldap_ends_with_a_notice_and_a_closed_connection(server: Server, octets: bytes) -> None:
    with dial(server) as peer:
        peer.sendall(octets)
        said = read_to_end(peer)
    assert NOTICE_OF_DISCONNECTION in said
    assert said[4:5] == b"\x00", "the notice has messageID 0"
    assert is_alive(server)


def test_random_octets_never_stop_the_server(server: Server) -> None:
    chance = random.Random(4511)
    for _ in range(200):
        with dial(server) as peer, contextlib.suppress(OSError):  # it may have hung up already
            peer.sendall(chance.randbytes(chance.randrange(1, 400)))
            peer.shutdown(socket.SHUT_WR)
            read_to_end(peer)
    assert is_alive(server)


def test_a_request_octet_by_octet_is_answered(server: Server) -> None:
    with dial(server) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in ROOT_DSE:
            peer.sendall(bytes([octet]))
        assert is_answered(peer)


def test_many_requests_in_one_write_are_all_answered(server: Server) -> None:
    with dial(server) as peer:
        peer.sendall(ROOT_DSE * MANY_REQUESTS)
        said = b""
        while said.count(FOUND) < MANY_REQUESTS:
            chunk = peer.recv(65536)
            assert chunk, "the server hung up"
            said += chunk


def test_two_hundred_connections_are_served_at_once(server: Server) -> None:
    peers = [dial(server) for _ in range(MANY_CONNECTIONS)]
    for peer in peers:
        peer.sendall(ROOT_DSE)
    answered = sum(is_answered(peer) for peer in peers)
    for peer in peers:
        peer.close()
    assert answered == MANY_CONNECTIONS


def test_who_does_not_read_costs_nobody_else(server: Server) -> None:
    base = f"ou=chậm,{SUFFIX}"
    with connect(server) as admin:
        admin.add(base, "organizationalUnit")
        for number in range(100):
            big = {"cn": "Lớn", "sn": "Lớn", "description": f"{number}" * 8000}
            assert admin.add(f"uid=lon{number},{base}", "inetOrgPerson", big), admin.result
    before = server.resident_bytes()
    with dial(server) as peer:
        peer.sendall(bind_request(ADMIN, ADMIN_PASSWORD))
        assert b"\x61\x07\x0a\x01\x00" in peer.recv(1000)  # the bind succeeded
        peer.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            for number in range(2, 402):  # a number that is still in use would end the connection
                peer.sendall(search_request(base, 2, number))
        begin = time.monotonic()
        assert is_alive(server)
        assert time.monotonic() - begin < 2
        assert server.resident_bytes() - before < 64 * MEBIBYTE
    assert is_alive(server)


def test_an_idle_connection_gets_a_notice(strict: Server) -> None:
    with dial(strict) as peer:
        said = read_to_end(peer)
    assert NOTICE_OF_DISCONNECTION in said
    assert b"\x0a\x01\x34" in said, "unavailable (52)"


def test_more_connections_than_allowed_are_turned_away_and_room_is_found_again(strict: Server) -> None:
    peers = [dial(strict) for _ in range(FEW_CONNECTIONS * 2)]
    answers = []
    for peer in peers:
        with contextlib.suppress(ConnectionError):
            peer.sendall(ROOT_DSE)
        answers.append(is_answered(peer))
    for peer in peers:
        peer.close()
    assert sum(answers) == FEW_CONNECTIONS
    deadline = time.monotonic() + 10
    while not is_alive(strict):
        assert time.monotonic() < deadline


def test_a_large_request_needs_a_login(server: Server) -> None:
    with dial(server) as peer:
        peer.sendall(b"\x30\x83\x05\x00\x00")
        assert NOTICE_OF_DISCONNECTION in read_to_end(peer)
    with connect(server) as admin:
        dn = f"ou=to,{SUFFIX}"
        assert admin.add(dn, "organizationalUnit", {"description": "x" * 400_000}), admin.result
