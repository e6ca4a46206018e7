"""The identity provider's front: what the web site and the command line call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from govdir.directory.ports import Clock, SlowWork
from govdir.directory.service import Directory
from govdir.sso.accounts import Account
from govdir.sso.idp.access_rule import denial
from govdir.sso.idp.answers import Answers
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.name_ids import NameIds
from govdir.sso.idp.outcomes import Arrival, Outcome, ServiceName, SoapAnswer, Visitor
from govdir.sso.idp.pending import waiting_in
from govdir.sso.idp.registry import Known, Registry
from govdir.sso.idp.release import USUAL_SOURCES, Release
from govdir.sso.idp.resources import (
    BEGINNINGS_BURST,
    BEGINNINGS_SECONDS,
    STRANGERS_BURST,
    STRANGERS_SECONDS,
    Resources,
    SignIns,
)
from govdir.sso.idp.single_logout import SingleLogout
from govdir.sso.idp.single_sign_on import SingleSignOn
from govdir.sso.idp.site import Site
from govdir.sso.idp.test_page import Preview, preview
from govdir.sso.idp.unsolicited import Unsolicited, started_in
from govdir.sso.model import Participant
from govdir.sso.pace import Pace
from govdir.sso.ports import BackChannel, Keeping, Services, Sessions, Trail
from govdir.sso.saml.metadata_idp import IdpDescription, OfferedAttribute, Organization, idp_metadata


class IdentityProvider:
    """SAML 2.0 identity provider (saml-profiles §4.1, §4.4).

    Everything it awaits may fail with StoreUnavailable or Busy, and nothing else.
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
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """`seconds` is a clock that never goes back."""
        self.site = site
        self.registry = Registry(services, slow, clock)
        name_ids = NameIds(secret, site.entity_id)
        self._resources = Resources(
            site=site,
            keys=keys,
            name_ids=name_ids,
            release=Release(directory, name_ids, site.mail_domain),
            registry=self.registry,
            directory=directory,
            sessions=sessions,
            keeping=keeping,
            trail=trail,
            back_channel=back_channel,
            sign_ins=sign_ins,
            slow=slow,
            clock=clock,
            strangers=Pace(STRANGERS_BURST, STRANGERS_SECONDS, seconds),
            beginnings=Pace(BEGINNINGS_BURST, BEGINNINGS_SECONDS, seconds),
        )
        answers = Answers(self._resources)
        self._sign_on = SingleSignOn(self._resources, answers)
        self._unsolicited = Unsolicited(self._resources, answers)
        self._logout = SingleLogout(self._resources)
        self._metadata: bytes | None = None

    async def authn_request(self, arrival: Arrival) -> Outcome:
        """/saml/sso: an AuthnRequest."""
        return await self._sign_on.arrive(arrival)

    async def proceed(self, pending_id: str, visitor: Visitor) -> Outcome:
        """/saml/sso/continue?flow=: after signing in, or after a POST that came without cookies."""
        return await self._sign_on.proceed(pending_id, visitor)

    async def start(
        self, name: str, relay_state: str | None, visitor: Visitor, *, confirmed: bool
    ) -> Outcome:
        """/saml/start?sp=: from our own page to an application. `confirmed`: by a POST of our own form."""
        return await self._unsolicited.start(name, relay_state, visitor, confirmed=confirmed)

    async def logout_message(self, arrival: Arrival) -> Outcome:
        """/saml/slo: a LogoutRequest or LogoutResponse. The visitor's session may be over afterwards."""
        return await self._logout.arrive(arrival)

    async def soap_logout(self, octets: bytes, network: str) -> SoapAnswer:
        """/saml/slo/soap: a LogoutRequest in a SOAP envelope."""
        return await self._logout.soap(octets, network)

    async def sign_out(self, visitor: Visitor) -> Outcome:
        """Our own button, by a POST of our own form. The visitor's session is over afterwards."""
        return await self._logout.sign_out(visitor)

    async def proceed_logout(self, logout_id: str, action: str, visitor: Visitor) -> Outcome:
        """/saml/slo/continue?logout=&action=: "next", "retry", "skip", or "" for the page."""
        return await self._logout.proceed(logout_id, action, visitor)

    async def end_sessions(self, keys: Iterable[bytes]) -> None:
        """Revocation: ends sessions and tells what can be told from server to server."""
        await self._logout.end_sessions(keys)

    async def tell(self, ended: Sequence[Participant]) -> None:
        """The same for sessions that have ended already (SessionBook.farewell)."""
        await self._logout.tell(ended)

    async def service_waiting(self, purpose: bytes | str) -> ServiceName | None:
        """Which application a sign-in with this purpose is for, for its page; None for our own."""
        if isinstance(purpose, bytes):
            return None
        pending_id, started = waiting_in(purpose), started_in(purpose)
        known: Known | None = None
        if pending_id is not None:
            known = await self._sign_on.waiting_service(pending_id)
        elif started is not None:
            known = await self.registry.named(started)
        return None if known is None else known.name

    async def startable(self, account: Account) -> list[ServiceName]:
        """The applications that this account can go to from our own pages, by title."""
        await self.registry.refresh()
        names = [
            known.name
            for known in self.registry.known.values()
            if known.settings.enabled
            and known.settings.idp_initiated
            and denial(known.settings, account, self._resources.directory) is None
        ]
        return sorted(names, key=lambda name: name.title("vi").casefold())

    async def preview(self, name: str, account: Account) -> Preview | None:
        """What the service provider of that short name would be told; None when there is none."""
        known = await self.registry.named(name)
        if known is None:
            return None
        resources = self._resources
        return preview(
            known,
            account,
            directory=resources.directory,
            name_ids=resources.name_ids,
            release=resources.release,
        )

    def metadata(self) -> bytes:
        """Our signed EntityDescriptor; made once for each ring of keys."""
        if self._metadata is None:
            self._metadata = idp_metadata(self._described(), self._resources.keys.current)
        return self._metadata

    def use_keys(self, keys: KeyRing) -> None:
        """From now on these."""
        self._resources.keys = keys
        self._metadata = None

    def _described(self) -> IdpDescription:
        site, keys = self.site, self._resources.keys
        return IdpDescription(
            entity_id=site.entity_id,
            sso_redirect=site.sso,
            sso_post=site.sso,
            slo_redirect=site.slo,
            slo_post=site.slo,
            slo_soap=site.slo_soap,
            signing_certificates=keys.certificates,
            encryption_certificates=(keys.current.certificate,),
            scope=site.mail_domain,
            display_names=site.titles,
            organization=Organization(site.organization, site.url) if site.organization else None,
            contact=site.contact,
            attributes=tuple(
                OfferedAttribute(name, name_format, friendly)
                for name, name_format, friendly in map(self._resources.release.usual_name, USUAL_SOURCES)
            ),
        )
