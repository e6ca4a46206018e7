"""A client's side of SASL over a connection in memory: what it says, computed as the RFCs write it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import pbkdf2_hmac, sha256
from hmac import digest as hmac_digest

from govdir.ldap.codec.messages import BindRequest, SaslAuthentication
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from tests.ldap.server.test_with_directory import TownClient

SCRAM = "SCRAM-SHA-256"


def connect(town, *, lines=None, host="127.0.0.1", clients=None):
    """A connection to a server on that town; `lines` gets the access log."""
    from twisted.internet.task import Clock

    clock = Clock()
    log = AccessLog((lambda block: None) if lines is None else lines.append, clock)
    factory = LdapFactory(directory=town.directory, clock=clock, access_log=log, clients=clients)
    client = TownClient(factory, town, host)
    client.flush_log = log.flush
    return client


def sasl(mechanism, credentials=None, name=""):
    return BindRequest(3, name, SaslAuthentication(mechanism, credentials))


def plain(authcid, password, authzid=""):
    return sasl("PLAIN", b"\0".join(part.encode() for part in (authzid, authcid, password)))


class ScramClient:
    """One exchange of a client; `saslname` is the name as it goes into the message."""

    def __init__(self, saslname, password, authzid="", nonce="fyko+d2lbbFgONRv9qkxdawL"):
        self.header = f"n,{'a=' + authzid if authzid else ''},"
        self.bare = f"n={saslname},r={nonce}"
        self.password = password.encode() if isinstance(password, str) else password

    @property
    def first(self):
        return sasl(SCRAM, (self.header + self.bare).encode())

    def last(self, server_first):
        """What it answers to the server's first message; notes what the server must say at last."""
        nonce, salt, rounds = (part.partition("=")[2] for part in server_first.decode().split(","))
        salted = pbkdf2_hmac("sha256", self.password, b64decode(salt), int(rounds))
        client_key = hmac_digest(salted, b"Client Key", "sha256")
        without_proof = f"c={b64encode(self.header.encode()).decode()},r={nonce}"
        said = f"{self.bare},{server_first.decode()},{without_proof}".encode()
        signature = hmac_digest(sha256(client_key).digest(), said, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        server_key = hmac_digest(salted, b"Server Key", "sha256")
        self.awaited = b"v=" + b64encode(hmac_digest(server_key, said, "sha256"))
        return sasl(SCRAM, f"{without_proof},p={b64encode(proof).decode()}".encode())

    def bind(self, client):
        """The whole exchange on a connection; returns the last response."""
        answer = client.ask(self.first)
        return client.ask(self.last(answer.server_sasl_credentials)) if answer.result.code == 14 else answer
