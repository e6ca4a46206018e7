"""An application as the tests see one, whatever library speaks SAML for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Protocol
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from interop.saml.browser import Page, Visit, post_on, send_on, show


class Binding(StrEnum):
    """How a message travels."""

    REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
    POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
    SOAP = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"


class NotBelieved(Exception):
    """The library refuses a message, or was told that nobody is signed in; in its own words."""


@dataclass(frozen=True, slots=True)
class Going:
    """Where an application sends the browser: by a link, or with a form's fields."""

    url: str
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the library understood of an assertion. `raw` is whatever it needs to sign out again."""

    name_id: str
    name_id_format: str
    attributes: Mapping[str, list[str]]
    session_index: str | None = None
    raw: object = None


class Peer(Protocol):
    """A library, set up for one application."""

    def metadata(self) -> bytes:
        """Its own metadata, as the library writes it."""

    def wants(self, *, force: bool = False, passive: bool = False, name_format: str | None = None) -> None:
        """What the next sign-ins ask for; nothing of it by default."""

    def login(self, binding: Binding, relay_state: str | None) -> Going:
        """Begins a sign-in."""

    def answered(self, form: Mapping[str, str]) -> SignedIn:
        """Reads a SAMLResponse. Raises NotBelieved."""

    def logout(self, binding: Binding, who: SignedIn) -> Going | None:
        """Begins a logout; None when it was done from server to server."""

    def signed_out(self, binding: Binding, visit: Visit) -> None:
        """Reads a LogoutResponse. Raises NotBelieved."""

    def asked_to_sign_out(self, binding: Binding, visit: Visit, who: SignedIn | None) -> Going:
        """Reads a LogoutRequest and answers it. Raises NotBelieved."""


@dataclass
class Service:
    """The application at one host: /login, /acs (and /acs2), /logout, /slo."""

    peer: Peer
    host: str
    signed_in: SignedIn | None = None
    relay_state: str | None = None
    log: list[str] = field(default_factory=list)
    """What happened: "signed-in", "not-believed: …", "signed-out", "asked-to-sign-out"."""

    def __call__(self, visit: Visit) -> Page:
        """Answers the browser."""
        try:
            return self._answer(visit)
        except NotBelieved as error:
            self.log.append(f"not-believed: {error}")
            return show(f"<h1>Not believed</h1><p>{str(error).translate(_ESCAPED)}</p>")

    def login_url(self, binding: Binding = Binding.REDIRECT, relay_state: str | None = None) -> str:
        """What somebody opens to sign in."""
        query = "" if relay_state is None else f"&RelayState={quote(relay_state, safe='')}"
        return f"{self.host}/login?binding={binding.name}{query}"

    def logout_url(self, binding: Binding = Binding.REDIRECT) -> str:
        """What somebody opens to sign out."""
        return f"{self.host}/logout?binding={binding.name}"

    def _answer(self, visit: Visit) -> Page:
        match urlsplit(visit.url).path:
            case "/login":
                binding = Binding[visit.query["binding"]]
                return _sent(self.peer.login(binding, visit.query.get("RelayState")))
            case "/acs" | "/acs2":
                self.relay_state = visit.form.get("RelayState")
                self.signed_in = self.peer.answered(visit.form)
                self.log.append("signed-in")
                return show("<h1>Signed in</h1>")
            case "/logout":
                assert self.signed_in is not None
                going = self.peer.logout(Binding[visit.query["binding"]], self.signed_in)
                if going is None:
                    return self._ended()
                return _sent(going)
            case "/slo":
                binding = Binding.POST if visit.method == "POST" else Binding.REDIRECT
                if "SAMLResponse" in (visit.form or visit.query):
                    self.peer.signed_out(binding, visit)
                    return self._ended()
                going = self.peer.asked_to_sign_out(binding, visit, self.signed_in)
                self.log.append("asked-to-sign-out")
                self.signed_in = None
                return _sent(going)
        raise AssertionError(f"the application has no {visit.url}")

    def _ended(self) -> Page:
        self.signed_in = None
        self.log.append("signed-out")
        return show("<h1>Signed out</h1>")


def _sent(going: Going) -> Page:
    return send_on(going.url) if going.fields is None else post_on(going.url, going.fields)


_ESCAPED = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;"})


@dataclass(frozen=True, slots=True)
class Keys:
    """An application's key and its certificate, both PEM."""

    key: bytes
    certificate: bytes

    @property
    def bare_certificate(self) -> str:
        """Without the lines around it."""
        return "".join(self.certificate.decode().split("\n")[1:-2])


@cache
def keys(name: str) -> Keys:
    """Keys of the application of that name."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
        .sign(private, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    key = private.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return Keys(key, certificate.public_bytes(pem))
