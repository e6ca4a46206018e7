"""Answers to service providers: signed responses in the form that a browser posts (bindings §3.5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from govdir.directory import channels
from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import PostForm
from govdir.sso.idp.registry import Known
from govdir.sso.idp.resources import Resources, new_id
from govdir.sso.model import Participant, Session
from govdir.sso.saml import post, statuses
from govdir.sso.saml.keys import SignatureMethod
from govdir.sso.saml.model import Assertion, Response, Status
from govdir.sso.saml.responses import signed_response

GOOD_FOR: Final = timedelta(minutes=5)
"""NotOnOrAfter: how long an assertion may be on its way."""

EARLIER: Final = timedelta(seconds=60)
"""NotBefore: how far a service provider's clock may be behind ours; some allow nothing themselves."""


class Answers:
    """Makes answers; signing goes on a pool thread, one piece of work an answer."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def assertion(
        self,
        known: Known,
        acs: str,
        *,
        account: Account,
        session: Session,
        participant: Participant,
        context_class: str,
        in_response_to: str | None,
        relay_state: str | None,
    ) -> PostForm:
        """Success: who it is, how that was proved, and the attributes for this service provider."""
        site, now = self._resources.site, self._resources.clock.now()
        self._note_access(account)
        settings = known.settings
        ends = now + timedelta(minutes=settings.session_minutes) if settings.session_minutes else None
        assertion = Assertion(
            id=new_id(),
            issuer=site.entity_id,
            issued_at=now,
            audience=known.entity_id,
            recipient=acs,
            name_id=participant.name_id,
            not_before=now - EARLIER,
            not_on_or_after=now + GOOD_FOR,
            authenticated_at=session.authenticated,
            context_class=context_class,
            session_index=participant.session_index,
            in_response_to=in_response_to,
            session_ends=ends,
            attributes=self._resources.release.attributes(settings, known.entity_id, account),
        )
        response = self._response(acs, statuses.OK, in_response_to)
        return await self._form(known, response, assertion, relay_state)

    def _note_access(self, account: Account) -> None:
        """Whoever is signed in here already uses the mailbox all the same."""
        directory = self._resources.directory
        record = directory.image.by_id(account.record_id)
        if record is not None:
            directory.logins.used(record, channels.SSO)

    async def status(
        self, known: Known, acs: str, status: Status, *, in_response_to: str | None, relay_state: str | None
    ) -> PostForm:
        """Anything but success; always signed."""
        return await self._form(known, self._response(acs, status, in_response_to), None, relay_state)

    def _response(self, acs: str, status: Status, in_response_to: str | None) -> Response:
        now, issuer = self._resources.clock.now(), self._resources.site.entity_id
        return Response(new_id(), issuer, now, acs, status, in_response_to)

    async def _form(
        self, known: Known, response: Response, assertion: Assertion | None, relay_state: str | None
    ) -> PostForm:
        settings, key = known.settings, self._resources.keys.key_for(known.settings)
        sign_assertion = settings.sign_assertion or known.metadata.wants_assertions_signed

        def work() -> str:
            return post.encode(
                signed_response(
                    response,
                    assertion,
                    key=key,
                    method=SignatureMethod(settings.signature_method),
                    sign_assertion=sign_assertion,
                    sign_response=settings.sign_response or assertion is None or not sign_assertion,
                    encrypt_for=known.encryption,
                    encryption_method=settings.encryption_method,
                )
            )

        message = await self._resources.slow.run(work)
        told = () if relay_state is None else (("RelayState", relay_state),)
        return PostForm(response.destination, (("SAMLResponse", message), *told))
