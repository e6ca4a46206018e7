"""Certificates from files, and TLS on real connections (RFC 4511 §4.14, RFC 4513 §3)."""

import socket
import ssl
from time import monotonic

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.extended import START_TLS, WHO_AM_I
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import ExtendedRequest, LdapMessage
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory, PlaintextBind, stop
from govdir.ldap.server.tls import ServerTls
from govdir.ldap.server.tls_files import TlsFilesError
from govdir.ldap.server.transport import adopt, listen
from tests.ldap.server.certificates import write_certificate
from tests.ldap.server.doubles import (
    MAIL_SERVICE,
    UNBIND,
    FakeDirectory,
    bind_request,
    entry,
    search_request,
)

WHO = ExtendedRequest(WHO_AM_I)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_certificate(tmp_path_factory.mktemp("tls"))


class Wire:
    """A blocking client, for a thread of its own."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.codec = Connection(AFTER_BIND)
        self.number = 0

    def start_tls(self, newest=None):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if newest is not None:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        self.socket = context.wrap_socket(self.socket)
        return self

    def send(self, *requests):
        octets = b""
        for request in requests:
            self.number += 1
            octets += encode_message(LdapMessage(self.number, request))
        self.socket.sendall(octets)

    def receive(self, count):
        messages = []
        while len(messages) < count:
            message = self.codec.next_message()
            if message is NEED_DATA:
                data = self.socket.recv(1 << 16)
                if not data:
                    break
                self.codec.feed(data)
            else:
                messages.append(message)
        return messages

    def ask(self, request):
        self.send(request)
        return self.receive(1)[0].operation

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except OSError:
            return True


@pytest.fixture
def serve(files):
    """Starts a server and runs a blocking client function against its port."""
    directory = FakeDirectory()
    ports = []

    async def run(client, *, ldaps=False, adopted=False):
        tls = ServerTls(*files)
        factory = LdapFactory(
            directory=directory,
            clock=reactor,
            access_log=AccessLog(lambda block: None, reactor),
            tls=tls,
            plaintext_bind=PlaintextBind.NEVER,
        )
        run.factory = factory
        if adopted:
            with socket.create_server(("127.0.0.1", 0)) as opened:
                opened.setblocking(False)
                listening = adopt(reactor, opened.fileno(), opened.family, factory, tls if ldaps else None)
        else:
            listening = listen(reactor, factory, "127.0.0.1", 0, tls if ldaps else None)
        ports.append(listening)
        try:
            return await deferToThread(client, listening.getHost().port)
        finally:
            await listening.stopListening()
            await factory.drain(0.1)

    run.directory = directory
    return run


@pytest_twisted.ensureDeferred
async def test_ldaps_serves_under_tls_from_the_first_octet(serve):
    serve.directory.found = [entry(number, 1000) for number in range(200)]

    def client(port):
        wire = Wire(port).start_tls()
        assert wire.ask(bind_request(MAIL_SERVICE.dn, b"right")).result.code == 0
        wire.send(search_request())
        assert len(wire.receive(201)) == 201
        wire.send(UNBIND)
        assert wire.is_closed()

    await serve(client, ldaps=True)


@pytest.mark.parametrize("ldaps", [False, True])
@pytest_twisted.ensureDeferred
async def test_a_socket_opened_before_is_served(serve, ldaps):
    def client(port):
        wire = Wire(port)
        if ldaps:
            wire.start_tls()
        assert wire.ask(WHO).value == b""

    await serve(client, ldaps=ldaps, adopted=True)


@pytest_twisted.ensureDeferred
async def test_start_tls_protects_what_follows(serve):
    serve.directory.found = [entry(number, 1000) for number in range(200)]

    def client(port):
        wire = Wire(port)
        assert wire.ask(bind_request(MAIL_SERVICE.dn, b"right")).result.code == 13
        assert wire.ask(ExtendedRequest(START_TLS)).result.code == 0
        wire.start_tls()
        assert wire.ask(bind_request(MAIL_SERVICE.dn, b"right")).result.code == 0
        wire.send(search_request())
        assert len(wire.receive(201)) == 201
        assert wire.ask(ExtendedRequest(START_TLS)).result.code == 1

    await serve(client)


@pytest_twisted.ensureDeferred
async def test_octets_injected_in_clear_do_not_act_under_tls(serve):
    def client(port):
        wire = Wire(port)
        wire.send(ExtendedRequest(START_TLS), bind_request(MAIL_SERVICE.dn, b"right"))
        assert len(wire.receive(1)) == 1
        wire.start_tls()
        assert wire.ask(WHO).value == b""

    await serve(client)
    assert serve.directory.calls == []


@pytest_twisted.ensureDeferred
async def test_answers_in_clear_come_at_once(serve):
    def client(port):
        wire = Wire(port)
        started = monotonic()
        for _ in range(50):
            wire.ask(WHO)
        return monotonic() - started

    assert await serve(client) < 2  # Nagle's algorithm with delayed acknowledgements takes 40 ms each


@pytest.mark.filterwarnings("ignore:.*TLSv1:DeprecationWarning")
@pytest_twisted.ensureDeferred
async def test_tls_older_than_1_2_is_refused(serve):
    def client(port):
        with pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"):
            Wire(port).start_tls(newest=ssl.TLSVersion.TLSv1_1)

    await serve(client, ldaps=True)


@pytest_twisted.ensureDeferred
async def test_a_notice_reaches_the_client_before_the_connection_closes(serve):
    def client(port):
        wire = Wire(port)
        wire.socket.sendall(b"garbage")
        (notice,) = wire.receive(1)
        assert notice.message_id == 0
        assert wire.is_closed()

    await serve(client)


def _in_handshake(port):
    return Wire(port)


def _idle_under_ldaps(port):
    wire = Wire(port).start_tls()
    assert wire.ask(WHO).value == b""
    return wire


def _idle_under_start_tls(port):
    wire = Wire(port)
    assert wire.ask(ExtendedRequest(START_TLS)).result.code == 0
    wire.start_tls()
    assert wire.ask(WHO).value == b""
    return wire


@pytest.mark.parametrize(
    ("arrive", "ldaps"),
    [(_in_handshake, True), (_idle_under_ldaps, True), (_idle_under_start_tls, False)],
)
@pytest_twisted.ensureDeferred
async def test_an_end_waits_for_no_idle_client_under_tls(files, arrive, ldaps):
    tls = ServerTls(*files)
    access_log = AccessLog(lambda block: None, reactor)
    factory = LdapFactory(directory=FakeDirectory(), clock=reactor, access_log=access_log, tls=tls)
    listening = listen(reactor, factory, "127.0.0.1", 0, tls if ldaps else None)
    wire = await deferToThread(arrive, listening.getHost().port)  # and neither reads nor answers from now on
    while not factory.connections:
        await deferLater(reactor, 0)
    started = monotonic()
    await stop([listening], factory, 10)
    assert monotonic() - started < 5
    wire.socket.close()


@pytest_twisted.ensureDeferred
async def test_an_end_is_said_under_tls(serve):
    def client(port):
        wire = _idle_under_ldaps(port)
        serve.factory.clock.callFromThread(serve.factory.drain, 10)
        (notice,) = wire.receive(1)
        assert (notice.message_id, notice.operation.result.code) == (0, 52)
        assert wire.socket.recv(1) == b""  # close_notify; without it there would be an error

    await serve(client, ldaps=True)


def test_a_renewed_certificate_is_used_after_reloading(files, tmp_path):
    certificate, key = write_certificate(tmp_path)
    tls = ServerTls(certificate, key)
    before = tls._context
    for path, renewed in zip((certificate, key), files, strict=True):
        path.write_bytes(renewed.read_bytes())
    tls.reload()
    assert tls._context is not before


def test_a_renewal_that_cannot_be_used_leaves_the_former_in_use(tmp_path):
    certificate, key = write_certificate(tmp_path)
    tls = ServerTls(certificate, key)
    before = tls._context
    key.write_text("half written")
    with pytest.raises(TlsFilesError):
        tls.reload()
    assert tls._context is before


def test_a_missing_file_is_named(files, tmp_path):
    with pytest.raises(TlsFilesError, match=r"gone\.pem: No such file"):
        ServerTls(tmp_path / "gone.pem", files[1])


def test_a_file_that_is_no_certificate_is_named(files):
    with pytest.raises(TlsFilesError, match=r"\.key: not a PEM certificate"):
        ServerTls(files[1], files[1])


def test_a_key_of_another_certificate_is_refused(files, tmp_path):
    with pytest.raises(TlsFilesError, match=r"other\.key: not an unencrypted PEM key of the certificate"):
        ServerTls(files[0], write_certificate(tmp_path, "other")[1])


def test_an_encrypted_key_is_refused_without_asking_the_terminal(tmp_path):
    certificate, key = write_certificate(tmp_path, passphrase=b"secret")
    with pytest.raises(TlsFilesError, match="unencrypted"):
        ServerTls(certificate, key)
