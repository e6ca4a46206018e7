"""A govdir with people of Cần Thơ, applications registered by command, and a browser that is overheard."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from interop.saml.applications import NAMES, Applications
from interop.saml.browser import Browser
from interop.saml.idp import IdentityProvider
from interop.saml.people import Person, add_person
from interop.saml.service import keys
from interop.saml.stage import Stage
from interop.saml.wire import Wire
from interop.server import Server


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
    ours = f"{server.web_url}/"
    made = Browser(server.ca_file, heard=lambda page: wire.hear(page) if page.url.startswith(ours) else None)
    yield made
    made.close()


@pytest.fixture(scope="session")
def applications(
    idp: IdentityProvider, all_messages: Wire, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Applications]:
    """The four libraries."""
    made = Applications(idp, tmp_path_factory.mktemp("libraries"))
    all_messages.keys = [keys(name + more).key for name in NAMES for more in ("", "-keyed")]
    yield made
    made.close()


@pytest.fixture
def stage(idp: IdentityProvider, browser: Browser, wire: Wire, tuyet: Person, tmp_path: Path) -> Stage:
    """Everybody in place."""
    return Stage(idp, browser, wire, tuyet, tmp_path)
