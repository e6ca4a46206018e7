"""Everybody in place: the identity provider, a browser, Tuyết before it, and whatever library is tried."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interop.saml.browser import Browser, Page
from interop.saml.idp import IdentityProvider
from interop.saml.people import Person, give_password
from interop.saml.service import Binding, Peer, Service
from interop.saml.wire import Wire
from interop.server import Server


@dataclass
class Stage:
    """What one test has to hand. `folder` is for files of the libraries."""

    idp: IdentityProvider
    browser: Browser
    wire: Wire
    person: Person
    folder: Path

    @property
    def server(self) -> Server:
        """The running govdir."""
        return self.idp.server

    def place(self, name: str, peer: Peer, *options: str) -> Service:
        """The library behind https://NAME.example, registered with those options the first time."""
        if name not in self.idp.registered:
            self.idp.register(name, peer.metadata(), *options)
        return self.put(f"https://{name}.example", peer)

    def put(self, host: str, peer: Peer) -> Service:
        """A library that is registered already."""
        service = Service(peer, host)
        self.browser.applications[host] = service
        return service

    def enter(
        self, service: Service, binding: Binding = Binding.REDIRECT, relay_state: str | None = None
    ) -> Page:
        """Signs in to the application with the password."""
        page = self.browser.open(service.login_url(binding, relay_state))
        return give_password(self.browser, page, self.person)

    def sign_in(self) -> Page:
        """Signs in at the identity provider itself."""
        return give_password(self.browser, self.browser.open(f"{self.idp.url}/account"), self.person)

    def sign_out(self) -> Page:
        """Signs out there."""
        page = self.browser.open(f"{self.idp.url}/sign-out")
        return self.browser.send(page, page.form_to("/sign-out"))

    def is_signed_in(self) -> bool:
        """Whether the identity provider still has a session of this browser."""
        return self.browser.open(f"{self.idp.url}/account").heading != "Sign in"
