"""`python -m govdir.showcase`: runs one of the sample applications."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path
from threading import Thread
from typing import cast

from OpenSSL import SSL
from twisted.internet import reactor as installed
from twisted.internet.posixbase import PosixReactorBase
from twisted.internet.ssl import ContextFactory
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python import log
from twisted.web.server import Site

from govdir.showcase.application import Application, LimitedRequest
from govdir.showcase.setup import Kind, Setup

IDLE_SECONDS = 60


class _Tls(ContextFactory):
    """The web server's certificate with its chain."""

    def __init__(self, key: Path, chain: Path) -> None:
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.set_min_proto_version(SSL.TLS1_2_VERSION)
        self._context.use_certificate_chain_file(str(chain))
        self._context.use_privatekey_file(str(key))

    def getContext(self) -> SSL.Context:  # noqa: N802 - twisted's name
        """The same for every connection."""
        return self._context


class _Site(Site):
    """Without twisted's log of requests, which would hold the messages in the URLs of logouts."""

    def log(self, request: object) -> None:
        """Nothing."""


def main() -> None:
    """Serves until it is told to stop, or until whoever started it ends (standard input closes)."""
    given = _arguments().parse_args()
    reactor = cast("PosixReactorBase", installed)
    log.startLogging(sys.stderr, setStdout=False)  # type: ignore[no-untyped-call] # twisted's
    setup = Setup(
        kind=Kind(given.kind),
        url=given.url,
        other_url=given.other_url,
        identity_provider=given.identity_provider,
        trust=str(given.trust),
        certificate=given.certificate.read_text(),
        key=given.key.read_text(),
    )
    site = _Site(Application(setup), requestFactory=LimitedRequest, timeout=IDLE_SECONDS)  # type: ignore[no-untyped-call]
    tls = _Tls(given.tls_key, given.tls_certificate)
    with socket.socket(fileno=given.fd) if given.fd is not None else _listen(given.listen) as listening:
        listening.setblocking(False)
        factory = TLSMemoryBIOFactory(tls, False, site)
        reactor.adoptStreamPort(listening.fileno(), listening.family, factory)  # type: ignore[no-untyped-call]
    if given.fd is not None:
        Thread(target=_stop_with_parent, args=(reactor,), daemon=True).start()
    reactor.run()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m govdir.showcase", description=__doc__)
    parser.add_argument("kind", choices=[each.value for each in Kind])
    parser.add_argument("--url", required=True, help="its own address, such as https://localhost:8444")
    parser.add_argument("--other-url", required=True, help="the other application's")
    parser.add_argument("--identity-provider", required=True, help="where its metadata is")
    parser.add_argument("--trust", required=True, type=Path, help="certificates to fetch it with")
    parser.add_argument("--certificate", required=True, type=Path, help="the certificate for SAML")
    parser.add_argument("--key", required=True, type=Path, help="its key")
    parser.add_argument("--tls-certificate", required=True, type=Path, help="the web server's chain")
    parser.add_argument("--tls-key", required=True, type=Path, help="its key")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--listen", metavar="ADDRESS:PORT", help="where to listen")
    where.add_argument("--fd", type=int, help="a socket that listens already, as `govdir demo` hands over")
    return parser


def _listen(endpoint: str) -> socket.socket:
    host, _, port = endpoint.rpartition(":")
    return socket.create_server((host, int(port)))


def _stop_with_parent(reactor: PosixReactorBase) -> None:
    while os.read(0, 4096):  # not sys.stdin, whose lock would be held when the interpreter ends
        pass
    reactor.callFromThread(reactor.stop)


if __name__ == "__main__":
    main()
