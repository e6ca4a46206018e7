"""The demonstration's two applications: registered like any others, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from govdir.assembly import site_of
from govdir.cli.command import Function, option
from govdir.cli.local import LocalDirectory
from govdir.cli.private_files import replacing_private
from govdir.cli.serve import endpoint
from govdir.cli.sp_metadata import read_metadata
from govdir.cli.sso import LocalSso, open_sso
from govdir.config import Config
from govdir.config_kinds import Endpoint
from govdir.listening import Listening, Service, close_sockets, open_web_sockets
from govdir.policy.texts import Wording
from govdir.showcase.setup import Kind, Setup, metadata
from govdir.sso.model import ReleasedAttribute, ServiceProvider, ServiceSettings
from govdir.sso.saml.keys import make_signing_key

PORTAL_PORT, DOCUMENTS_PORT = 8444, 8445
FOLDER = "applications"
_SETTINGS = {
    Kind.PORTAL: ServiceSettings(),
    Kind.DOCUMENTS: ServiceSettings(
        name_id="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        attributes=tuple(map(ReleasedAttribute, ("cn", "title", "agency", "unit", "mail"))),
        idp_initiated=True,
    ),
}
_STOP_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Application:
    """One of them, on a socket that is open already."""

    setup: Setup
    listening: Listening


def application_options(function: Function) -> Function:
    """Decorates a function with `--portal` and `--documents`, each an Endpoint."""
    portal = Wording("Nghe cổng thông tin mẫu ở đây.", "Listen for the sample portal here.")
    documents = Wording("Nghe ứng dụng văn bản mẫu ở đây.", "Listen for the sample document manager here.")
    for name, port, wording in (
        ("--documents", DOCUMENTS_PORT, documents),
        ("--portal", PORTAL_PORT, portal),
    ):
        default = f"127.0.0.1:{port}"
        function = option(name, default=default, callback=endpoint, metavar="A:P", wording=wording)(function)
    return function


@contextmanager
def application_sockets(portal: Endpoint, documents: Endpoint) -> Iterator[dict[Kind, Listening]]:
    """Their sockets, for the block. Raises CannotListen."""
    opened = open_web_sockets((portal, documents))
    try:
        yield dict(zip((Kind.PORTAL, Kind.DOCUMENTS), opened, strict=True))
    finally:
        close_sockets(opened)


def prepare(
    local: LocalDirectory, server: Sequence[Listening], sockets: dict[Kind, Listening]
) -> list[Application]:
    """Gives them keys and registers them; none where the server has no web site. Raises Refused, OSError."""
    config = local.core.config
    ports = [each.endpoint.port for each in server if each.service is Service.WEB]
    site = site_of(config, local.core.pack, ports[0]) if ports else None
    if site is None:
        return []
    urls = {kind: f"https://localhost:{each.endpoint.port}" for kind, each in sockets.items()}
    made = []
    for kind, listening in sockets.items():
        key, certificate = _files(config, kind)
        setup = Setup(
            kind=kind,
            url=urls[kind],
            other_url=urls[kind.other],
            identity_provider=site.entity_id,
            trust=str(config.path(config.tls.authority)),
            certificate=certificate.read_text(),
            key=key.read_text(),
        )
        made.append(Application(setup, listening))
    with open_sso(local) as sso:
        for each in made:
            _register(sso, each.setup)
    return made


@contextmanager
def running(config: Config, applications: Sequence[Application]) -> Iterator[None]:
    """Their processes, for the block; they end by themselves should this one be killed."""
    started = [_start(config, each) for each in applications]
    try:
        yield
    finally:
        for process in started:
            if process.stdin is not None:
                process.stdin.close()
        for process in started:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(config: Config, application: Application) -> subprocess.Popen[bytes]:
    setup, listening = application.setup, application.listening
    key, certificate = _files(config, setup.kind)
    options = {
        "--url": setup.url,
        "--other-url": setup.other_url,
        "--identity-provider": setup.identity_provider,
        "--trust": setup.trust,
        "--certificate": certificate,
        "--key": key,
        "--tls-certificate": config.path(config.tls.certificate),
        "--tls-key": config.path(config.tls.key),
        "--fd": listening.socket.fileno(),
    }
    words = [str(word) for pair in options.items() for word in pair]
    log = config.home / "log" / f"{setup.kind.value}.log"
    log.parent.mkdir(exist_ok=True)
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own module with our own words
            [sys.executable, "-m", "govdir.showcase", setup.kind.value, *words],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=(listening.socket.fileno(),),
        )


def _files(config: Config, kind: Kind) -> tuple[Path, Path]:
    """Key and certificate for SAML, made at the first start."""
    folder = config.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    key, certificate = folder / f"{kind.value}.key", folder / f"{kind.value}.crt"
    if not (key.exists() and certificate.exists()):
        key_pem, certificate_pem = make_signing_key(f"govdir {kind.value}")
        for path, octets in ((key, key_pem), (certificate, certificate_pem)):
            with replacing_private(path) as file:
                file.write(octets)
    return key, certificate


def _register(sso: LocalSso, setup: Setup) -> None:
    """As `govdir sp add` would; again when it is found at another port, with the settings it had."""
    octets = metadata(setup)
    read = read_metadata(octets, setup.url).metadata
    known = next((each for each in sso.services() if each.name == setup.kind.value), None)
    if known is None:
        settings = _SETTINGS[setup.kind]
        sso.change(ServiceProvider(read.entity_id, setup.kind.value, octets, settings))
    elif known.entity_id == read.entity_id:
        if known.metadata != octets:
            sso.change(replace(known, metadata=octets, version=known.version + 1))
    else:
        sso.wait(sso.stored.services.remove(known.entity_id))
        sso.change(ServiceProvider(read.entity_id, known.name, octets, known.settings))
