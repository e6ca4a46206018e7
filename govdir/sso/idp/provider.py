"""The identity provider's front: what the web site and the command line call."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Protocol

from govdir.directory.ports import Clock, SlowWork
from govdir.directory.service import Directory
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.outcomes import Arrival, Outcome, ServiceName, Visitor
from govdir.sso.idp.site import Site
from govdir.sso.model import Session
from govdir.sso.ports import BackChannel, Keeping, Services, Sessions, Trail


class Flow(Protocol):
    """A sign-in under way."""

    @property
    def id(self) -> str:
        """What /sign-in?flow= takes."""


class SignIns(Protocol):
    """What is needed of sso.sign_in."""

    def begin(
        self, purpose: str, *, force: Session | None = None, needs_code: bool = False, name_hint: str = ""
    ) -> Awaitable[Flow]:
        """A sign-in that goes on at the path `purpose`. `force`: this session proves itself anew; with
        `needs_code` a second factor is proved too, which is all that a standing session lacks."""


class IdentityProvider:
    """SAML 2.0 identity provider (saml-profiles §4.1, §4.4).

    Everything it awaits may fail with StoreUnavailable or Busy; nothing else escapes.
    """

    def __init__(
        self,
        *,
        site: Site,
        keys: KeyRing,
        secret: bytes,
        directory: Directory,
        sessions: Sessions,
        keeping: Keeping,
        services: Services,
        trail: Trail,
        back_channel: BackChannel,
        sign_ins: SignIns,
        slow: SlowWork,
        clock: Clock,
    ) -> None:
        self.site = site

    async def authn_request(self, arrival: Arrival) -> Outcome:
        """/saml/sso: an AuthnRequest."""
        raise NotImplementedError

    async def proceed(self, pending_id: str, visitor: Visitor) -> Outcome:
        """/saml/sso/continue?flow=: after signing in, or after a POST that came without cookies."""
        raise NotImplementedError

    async def start(
        self, name: str, relay_state: str | None, visitor: Visitor, *, confirmed: bool
    ) -> Outcome:
        """/saml/start?sp=: from our own page to an application (profiles §4.1.5)."""
        raise NotImplementedError

    async def logout_message(self, arrival: Arrival) -> Outcome:
        """/saml/slo: a LogoutRequest or LogoutResponse."""
        raise NotImplementedError

    async def soap_logout(self, octets: bytes, network: str) -> bytes:
        """/saml/slo/soap: a LogoutRequest in a SOAP envelope; the answer's envelope."""
        raise NotImplementedError

    async def sign_out(self, visitor: Visitor) -> Outcome:
        """/sign-out: our own button, already confirmed."""
        raise NotImplementedError

    async def proceed_logout(self, logout_id: str, action: str, visitor: Visitor) -> Outcome:
        """/saml/slo/continue?logout=&action=; action "" shows the progress."""
        raise NotImplementedError

    async def end_sessions(self, keys: Iterable[bytes]) -> None:
        """Revocation: ends sessions and tells what can be told from server to server."""
        raise NotImplementedError

    async def service_waiting(self, purpose: str) -> ServiceName | None:
        """Which application a sign-in with this purpose is for, for its page."""
        raise NotImplementedError

    def metadata(self) -> bytes:
        """Our signed EntityDescriptor."""
        raise NotImplementedError

    def use_keys(self, keys: KeyRing) -> None:
        """From now on these."""
        raise NotImplementedError
