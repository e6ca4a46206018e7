"""A govdir with people of Cần Thơ, applications registered by command, and a browser that is overheard."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import pytest
from lxml import etree

from interop.saml.browser import Browser
from interop.saml.people import Person, add_person
from interop.saml.service import Peer, Service
from interop.saml.wire import DS, Wire
from interop.server import Server, govdir


@dataclass
class IdentityProvider:
    """The running govdir as applications know it: by its metadata."""

    server: Server
    metadata: bytes
    folder: Path
    registered: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where its pages are."""
        return self.server.web_url

    @property
    def entity_id(self) -> str:
        """Its name in messages."""
        return f"{self.url}/saml/metadata"

    @property
    def certificate(self) -> bytes:
        """DER of what signs."""
        found = etree.fromstring(self.metadata).find(f".//{DS}X509Certificate")
        assert found is not None
        return ssl.PEM_cert_to_DER_cert(
            f"-----BEGIN CERTIFICATE-----\n{(found.text or '').strip()}\n-----END CERTIFICATE-----\n"
        )

    def register(self, name: str, metadata: bytes, *options: str) -> None:
        """Makes an application known, anew if it is already."""
        file = self.folder / f"{name}.xml"
        file.write_bytes(metadata)
        home = str(self.server.home)
        if name in self.registered:
            govdir("sp", "remove", home, name, "--yes")
        govdir("sp", "add", home, name, "--metadata", str(file), *options)
        self.registered.append(name)

    def change(self, name: str, *options: str) -> None:
        """Changes an application's settings."""
        govdir("sp", "set", str(self.server.home), name, *options)


@pytest.fixture(scope="session")
def idp(server: Server, tmp_path_factory: pytest.TempPathFactory) -> IdentityProvider:
    """The identity provider, its metadata fetched as an application would."""
    trust = ssl.create_default_context(cafile=str(server.ca_file))
    with urlopen(f"{server.web_url}/saml/metadata", context=trust, timeout=10) as answer:
        return IdentityProvider(server, answer.read(), tmp_path_factory.mktemp("applications"))


@pytest.fixture(scope="session")
def tuyet(server: Server, agency: str) -> Person:
    """Somebody with marks over and under every vowel, and two titles."""
    return add_person(server, agency, "natuyet", "Nguyễn Thị Ánh Tuyết", "Phó trưởng phòng", "Kế toán trưởng")


@pytest.fixture(scope="session")
def ybhok(server: Server, agency: str) -> Person:
    """Somebody whose name is Ê Đê, and whose title needs escaping in XML."""
    return add_person(server, agency, "ybhok", "Y Bhŏk Êban", "Tổ trưởng “R&D” <M'Nông>")


@pytest.fixture(scope="session")
def all_messages(idp: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """Everything the identity provider said to the browsers of this run."""
    wire = Wire(idp.certificate, tmp_path_factory.mktemp("wire"))
    yield wire
    wire.check()


@pytest.fixture
def wire(all_messages: Wire) -> Iterator[Wire]:
    """What it says during one test, judged at the end."""
    yield all_messages
    all_messages.check()


@pytest.fixture
def browser(server: Server, wire: Wire) -> Iterator[Browser]:
    """Somebody's browser, signed in nowhere."""
    made = Browser(server.ca_file, heard=wire.hear)
    yield made
    made.close()


@pytest.fixture
def visit(browser: Browser) -> Callable[[str, Peer], Service]:
    """Puts a library behind a host name that the browser knows."""

    def placed(host: str, peer: Peer) -> Service:
        service = Service(peer, host)
        browser.applications[host] = service
        return service

    return placed
