"""The four libraries, each as two applications: at its defaults, and with keys that sign and decrypt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from interop.saml.conversation import Conversation
from interop.saml.idp import IdentityProvider
from interop.saml.lasso_sp import Lasso
from interop.saml.node import NodeSaml, start_node
from interop.saml.pysaml2 import Pysaml2
from interop.saml.python3_saml import Python3Saml
from interop.saml.service import Peer, keys

# node-saml signs and digests with SHA-1 unless told otherwise; digests only in what it posts.
_SHA256: Final = {"signatureAlgorithm": "sha256", "digestAlgorithm": "sha256"}
NAMES: Final = ("python3-saml", "pysaml2", "node-saml", "lasso")


@dataclass
class Applications:
    """Makes them, registered once each. node-saml has one process, Lasso one for each application."""

    idp: IdentityProvider
    folder: Path
    node: Conversation | None = None
    lassos: dict[str, Lasso] = field(default_factory=dict)

    def plain(self, library: str) -> tuple[str, Peer]:
        """The host, and the library as the minimum of its documents has it."""
        return self._registered(library, lambda host: self._plain(library, host))

    def keyed(self, library: str, kind: str = "keyed", *options: str) -> tuple[str, Peer]:
        """The same, signing with RSA and SHA-256, and with a key to encrypt for. A `kind` of its own is
        registered with options of its own."""
        name = f"{library}-{kind}"
        return self._registered(name, lambda host: self._keyed(library, host), *options)

    def start_node(self) -> Conversation:
        """The one process of node-saml."""
        if self.node is None:
            self.node = start_node()
        return self.node

    def _registered(self, name: str, make: Callable[[str], Peer], *options: str) -> tuple[str, Peer]:
        host = f"https://{name}.example"
        peer: Peer = self.lassos[name] if name in self.lassos else make(host)
        if isinstance(peer, Lasso):  # has a process, which is kept
            self.lassos[name] = peer
            peer.wants()
        if name not in self.idp.registered:
            self.idp.register(name, peer.metadata(), *options)
        return host, peer

    def close(self) -> None:
        """Ends the processes."""
        for lasso in self.lassos.values():
            lasso.close()
        if self.node is not None:
            self.node.close()

    def _plain(self, library: str, host: str) -> Peer:
        metadata = self.idp.metadata
        match library:
            case "python3-saml":
                return Python3Saml(host, metadata)
            case "pysaml2":
                return Pysaml2(host, metadata, self._folder(host), keys(library))
            case "node-saml":
                return NodeSaml(self.start_node(), host, metadata)
        return Lasso(host, metadata, self._folder(host), keys(library))

    def _keyed(self, library: str, host: str) -> Peer:
        metadata, own = self.idp.metadata, keys(f"{library}-keyed")
        match library:
            case "python3-saml":
                wanted = ("authnRequestsSigned", "logoutRequestSigned", "logoutResponseSigned")
                security = dict.fromkeys((*wanted, "wantAssertionsEncrypted"), True)
                return Python3Saml(host, metadata, own, **security)
            case "pysaml2":
                signed = ("authn_requests_signed", "logout_requests_signed", "logout_responses_signed")
                sp: dict[str, object] = dict.fromkeys(signed, True)
                sp |= {"signing_algorithm": SIG_RSA_SHA256, "digest_algorithm": DIGEST_SHA256}
                sp |= {"allow_unsolicited": True}
                return Pysaml2(host, metadata, self._folder(host), own, decrypts=True, **sp)
            case "node-saml":
                return NodeSaml(self.start_node(), host, metadata, own, **_SHA256)
        return Lasso(host, metadata, self._folder(host), own, decrypts=True)

    def _folder(self, host: str) -> Path:
        return self.folder / host.removeprefix("https://")
