"""Messages of single logout as they are sent: built, signed and put into their binding."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import Final

from lxml import etree
from msgspec import Struct

from govdir.sso.idp import endpoints
from govdir.sso.idp.outcomes import PostForm, Redirect
from govdir.sso.idp.registry import Known
from govdir.sso.idp.resources import Resources, new_id
from govdir.sso.ports import Unreachable
from govdir.sso.saml import post, redirect, signatures, soap, statuses, xml
from govdir.sso.saml.errors import SamlError
from govdir.sso.saml.keys import SignatureMethod, SigningKey
from govdir.sso.saml.logout import logout_request, logout_response, read_logout_response
from govdir.sso.saml.model import Binding, LogoutRequest, LogoutResponse, NameId, Status
from govdir.sso.saml.names import REASON_ADMIN, REASON_USER

GOOD_FOR: Final = timedelta(minutes=5)
"""NotOnOrAfter of our LogoutRequests."""


class Farewell(Struct, frozen=True):
    """Whom to sign out where."""

    known: Known
    name_id: NameId
    session_index: str


class LogoutMessages:
    """Sends LogoutRequests and LogoutResponses; each is one piece of slow work."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def front_endpoint(self, known: Known) -> tuple[Binding, str] | None:
        """Where a browser takes a LogoutRequest."""
        end = endpoints.logout_endpoint(known.metadata, *endpoints.FRONT_BINDINGS)
        return None if end is None else (Binding(end.binding), end.location)

    async def request(
        self, farewell: Farewell, request_id: str, binding: Binding, location: str
    ) -> Redirect | PostForm:
        """A LogoutRequest that the browser takes there."""
        message = self._request(farewell, request_id, location, REASON_USER)
        return await self._send(
            farewell.known, logout_request(message), binding, location, is_request=True, relay_state=None
        )

    async def response(
        self,
        known: Known,
        binding: Binding,
        location: str,
        *,
        status: Status,
        in_response_to: str,
        relay_state: str | None,
    ) -> Redirect | PostForm:
        """A LogoutResponse that the browser takes there."""
        message = self._response(location, status, in_response_to)
        return await self._send(
            known, logout_response(message), binding, location, is_request=False, relay_state=relay_state
        )

    async def soap_response(self, known: Known, *, status: Status, in_response_to: str) -> bytes:
        """A LogoutResponse in its envelope."""
        message = self._response(None, status, in_response_to)
        key, method = self._signing(known)

        def work() -> bytes:
            element = logout_response(message)
            signatures.sign(element, key, method)
            return soap.wrap(element)

        return await self._resources.slow.run(work)

    async def by_soap(self, farewells: Sequence[tuple[Farewell, str]], *, by_user: bool) -> list[bool]:
        """Asks all of them from server to server, at once; whether each has signed out. The text beside each
        is the address of its end point."""
        prepared = [
            (farewell, url, self._request(farewell, new_id(), url, REASON_USER if by_user else REASON_ADMIN))
            for farewell, url in farewells
        ]

        def envelopes() -> list[bytes]:
            return [_enveloped(request, *self._signing(farewell.known)) for farewell, _, request in prepared]

        octets = await self._resources.slow.run(envelopes)
        posted = [
            self._resources.back_channel.post(url, envelope)
            for (_, url, _), envelope in zip(prepared, octets, strict=True)
        ]
        answers = [await _answer_or_none(answer) for answer in posted]

        def judged() -> list[bool]:
            return [
                answer is not None and _is_success(answer, farewell.known, request.id)
                for (farewell, _, request), answer in zip(prepared, answers, strict=True)
            ]

        return await self._resources.slow.run(judged)

    def _request(self, farewell: Farewell, request_id: str, location: str, reason: str) -> LogoutRequest:
        now = self._resources.clock.now()
        return LogoutRequest(
            id=request_id,
            issuer=self._resources.site.entity_id,
            issued_at=now,
            name_id=farewell.name_id,
            destination=location,
            not_on_or_after=now + GOOD_FOR,
            reason=reason,
            session_indexes=(farewell.session_index,),
        )

    def _response(self, location: str | None, status: Status, in_response_to: str) -> LogoutResponse:
        now, issuer = self._resources.clock.now(), self._resources.site.entity_id
        return LogoutResponse(new_id(), issuer, now, status, in_response_to, location)

    def _signing(self, known: Known) -> tuple[SigningKey, SignatureMethod]:
        return self._resources.keys.key_for(known.settings), SignatureMethod(known.settings.signature_method)

    async def _send(
        self,
        known: Known,
        element: etree._Element,
        binding: Binding,
        location: str,
        *,
        is_request: bool,
        relay_state: str | None,
    ) -> Redirect | PostForm:
        key, method = self._signing(known)

        def work() -> Redirect | PostForm:
            if binding is Binding.REDIRECT:
                octets = xml.serialize(element)
                return Redirect(
                    redirect.url(
                        location,
                        octets,
                        is_request=is_request,
                        relay_state=relay_state,
                        key=key,
                        method=method,
                    )
                )
            signatures.sign(element, key, method)
            name = "SAMLRequest" if is_request else "SAMLResponse"
            told = () if relay_state is None else (("RelayState", relay_state),)
            return PostForm(location, ((name, post.encode(xml.serialize(element))), *told))

        return await self._resources.slow.run(work)


def _enveloped(request: LogoutRequest, key: SigningKey, method: SignatureMethod) -> bytes:
    element = logout_request(request)
    signatures.sign(element, key, method)
    return soap.wrap(element)


async def _answer_or_none(answer: Awaitable[bytes]) -> bytes | None:
    try:
        return await answer
    except Unreachable:
        return None


def _is_success(envelope: bytes, known: Known, request_id: str) -> bool:
    """Whether the answer to our request says that all is done.

    A signature there is must be right. There need not be one: the server was found at the address in its
    metadata, by TLS (profiles §4.4.4.2).
    """
    try:
        root = soap.read(envelope)
        if signatures.has_signature(root) and known.keys:
            root = signatures.verified(root, known.keys)
        response = read_logout_response(root)
    except SamlError:
        return False
    is_ours = response.issuer == known.entity_id and response.in_response_to == request_id
    return is_ours and statuses.is_complete_success(response.status)
