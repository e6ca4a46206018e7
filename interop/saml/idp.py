"""The running govdir as applications know it, and as its operator registers them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from interop.saml.wire import DS
from interop.server import Server
from tests.cli.command_line import govdir


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
            _command("sp", "remove", home, name, "--yes")
        _command("sp", "add", home, name, "--metadata", str(file), *options)
        self.registered.append(name)

    def register_url(self, name: str, url: str) -> None:
        """Makes an application known by the address of its metadata."""
        _command("sp", "add", str(self.server.home), name, "--metadata", url)

    def change(self, name: str, *options: str) -> None:
        """Changes an application's settings."""
        _command("sp", "set", str(self.server.home), name, *options)


def _command(*arguments: str) -> None:
    """A command of govdir's in this process, where it need not start anew."""
    done = govdir(*arguments, "--lang", "en")
    assert done.exit_code == 0, f"govdir {' '.join(arguments)}: {done.output}"
