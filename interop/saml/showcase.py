"""The two sample applications beside a running govdir, on another site than it: 127.0.0.1, not localhost."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from govdir.showcase.setup import Kind, Setup, metadata
from interop.saml.apache import connects
from interop.saml.idp import IdentityProvider
from interop.saml.service import keys
from interop.server import free_port

_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.02
# As in the demonstration: one is told addresses, the other a code; that one may be opened from our page.
_OPTIONS: Final = {Kind.PORTAL: (), Kind.DOCUMENTS: ("--name-id", "persistent", "--idp-initiated")}


@dataclass(frozen=True, slots=True)
class Showcase:
    """Where they are."""

    portal: str
    documents: str


@contextlib.contextmanager
def showcase(idp: IdentityProvider, folder: Path) -> Iterator[Showcase]:
    """Both of them, registered and running, for the block."""
    ports = {kind: free_port() for kind in Kind}
    urls = {kind: f"https://127.0.0.1:{port}" for kind, port in ports.items()}
    with contextlib.ExitStack() as stack:
        for kind in Kind:
            stack.enter_context(_running(_setup(idp, kind, urls), ports[kind], idp, folder))
        yield Showcase(urls[Kind.PORTAL], urls[Kind.DOCUMENTS])


def _setup(idp: IdentityProvider, kind: Kind, urls: dict[Kind, str]) -> Setup:
    own = keys(f"sample-{kind}")
    return Setup(
        kind=kind,
        url=urls[kind],
        other_url=urls[kind.other],
        identity_provider=idp.entity_id,
        trust=str(idp.server.ca_file),
        certificate=own.certificate.decode(),
        key=own.key.decode(),
    )


@contextlib.contextmanager
def _running(setup: Setup, port: int, idp: IdentityProvider, folder: Path) -> Iterator[None]:
    idp.register(f"sample-{setup.kind}", metadata(setup), *_OPTIONS[setup.kind])
    key, certificate = folder / f"{setup.kind}.key", folder / f"{setup.kind}.crt"
    key.write_text(setup.key)
    certificate.write_text(setup.certificate)
    of_server = idp.server.home / "keys"
    options = {
        "--url": setup.url,
        "--other-url": setup.other_url,
        "--identity-provider": setup.identity_provider,
        "--trust": setup.trust,
        "--certificate": certificate,
        "--key": key,
        "--tls-certificate": of_server / "server.crt",
        "--tls-key": of_server / "server.key",
        "--listen": f"127.0.0.1:{port}",
    }
    words = [str(word) for pair in options.items() for word in pair]
    log = folder / f"{setup.kind}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "govdir.showcase", setup.kind.value, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not connects(("127.0.0.1", port)):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)
