"""Messages as they arrive: decoded, verified, read, and held to where and when they are for.

Reading and verifying is slow work and knows nothing but values; what is decided afterwards (`checked`) runs
on the loop. A message is read only from the element whose signature was verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from lxml import etree
from msgspec import Struct

from govdir.sso.idp.outcomes import Arrival, Reason
from govdir.sso.idp.registry import Known
from govdir.sso.saml import post, redirect, signatures, soap, xml
from govdir.sso.saml.errors import DecryptionRefused, MalformedMessage, SignatureRefused
from govdir.sso.saml.keys import SigningKey
from govdir.sso.saml.logout import read_logout_request, read_logout_response
from govdir.sso.saml.model import AuthnRequest, Binding, LogoutRequest, LogoutResponse
from govdir.sso.saml.names import saml, samlp
from govdir.sso.saml.requests import read_authn_request
from govdir.sso.saml.xml import SAMLP

MAX_AGE: Final = timedelta(minutes=5)
"""How long a request is good for: a browser brings it at once."""

MAX_SKEW: Final = timedelta(minutes=3)
"""How far a service provider's clock may be ahead of ours; Shibboleth allows as much."""

MAX_RELAY_STATE: Final = 16 * 1024
"""Characters: all that a query could bring. By POST anybody could have us keep half a megabyte for an hour,
without being signed in to anything."""

_ASYNCHRONOUS: Final = "{urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo}Asynchronous"
_CLAIMED: Final = 256  # characters of an unknown entity id that the trail keeps

Message = AuthnRequest | LogoutRequest | LogoutResponse


class Turned(Exception):
    """The message is not taken. `detail` names elements and rules, never values.

    `answers`: the request that a LogoutResponse without a good signature says it answers.
    """

    def __init__(
        self, reason: Reason, detail: str = "", known: Known | None = None, claimed: str = ""
    ) -> None:
        self.answers: str | None = None
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
        self.known = known
        self.claimed = claimed


class Received(Struct, frozen=True):
    """A message, whoever's it is (`known`), and whether that is certain (`signed`).

    `asynchronous`: the sender of a LogoutRequest wants no answer (SAML V2.0 Asynchronous Single Logout).
    """

    known: Known
    message: Message
    signed: bool
    relay_state: str | None
    asynchronous: bool = False

    def __repr__(self) -> str:
        return f"Received({type(self.message).__name__} of {self.known.entity_id!r}, signed={self.signed})"


def received(arrival: Arrival, services: Mapping[str, Known], keys: Sequence[SigningKey]) -> Received:
    """The message of a Redirect or POST; `keys` are ours, for EncryptedID. Slow. Raises Turned."""
    try:
        if arrival.binding is Binding.REDIRECT:
            return _redirected(arrival.raw_query, services, keys)
        is_request = arrival.saml_request is not None
        text = arrival.saml_request if is_request else arrival.saml_response
        if text is None or (is_request and arrival.saml_response is not None):
            raise MalformedMessage("neither SAMLRequest nor SAMLResponse, or both")
        root = xml.parse(post.read(text))
        _is_of_kind(root, is_request=is_request)
        return _embedded(root, arrival.relay_state, services, keys)
    except MalformedMessage as error:
        raise Turned(Reason.MALFORMED, str(error)) from None


def enveloped(octets: bytes, services: Mapping[str, Known], keys: Sequence[SigningKey]) -> Received:
    """The message of a SOAP envelope. Slow. Raises Turned."""
    try:
        root = soap.read(octets)
        _is_of_kind(root, is_request=root.tag == samlp("LogoutRequest"))
        return _embedded(root, None, services, keys)
    except MalformedMessage as error:
        raise Turned(Reason.MALFORMED, str(error)) from None


def checked(received: Received, location: str, now: datetime, *, by_browser: bool = True) -> Received:
    """The same, once it is for this end point and of this hour. Raises Turned.

    Destination is compared as it stands when it is said, and must be said in what is signed and comes by a
    browser (bindings §3.4.5.2, §3.5.5.2). Who is switched off still answers a sign-out.
    """
    message = received.message
    try:
        if not received.known.settings.enabled and not isinstance(message, LogoutResponse):
            raise Turned(Reason.SERVICE_DISABLED, known=received.known)
        meant_for(location, received, by_browser=by_browser)
        of_this_hour(received, now)
    except Turned as turned:
        turned.answers = message.in_response_to if isinstance(message, LogoutResponse) else None
        raise
    return received


def meant_for(location: str, received: Received, *, by_browser: bool) -> None:
    """Destination names this end point, or nothing where it need not. Raises Turned."""
    destination = received.message.destination
    must_say = by_browser and received.signed
    if destination != location and (destination is not None or must_say):
        raise Turned(Reason.WRONG_DESTINATION, known=received.known)


def of_this_hour(received: Received, now: datetime) -> None:
    """It was made a moment ago, and is not past its own end. Raises Turned."""
    known, message = received.known, received.message
    if message.issued_at < now - MAX_AGE:
        raise Turned(Reason.STALE, "IssueInstant", known=known)
    if message.issued_at > now + MAX_SKEW:
        raise Turned(Reason.FROM_THE_FUTURE, "IssueInstant", known=known)
    ends = message.not_on_or_after if isinstance(message, LogoutRequest) else None
    if ends is not None and ends + MAX_SKEW <= now:
        raise Turned(Reason.STALE, "NotOnOrAfter", known=known)


def forget_after(received: Received) -> datetime:
    """Until when the message's ID must be remembered, so that nobody brings it again."""
    return received.message.issued_at + MAX_AGE + MAX_SKEW


def _redirected(raw_query: bytes, services: Mapping[str, Known], keys: Sequence[SigningKey]) -> Received:
    message = redirect.read(raw_query)
    root = xml.parse(message.xml)
    _is_of_kind(root, is_request=message.is_request)
    known = _sender(root, services)
    is_signed = message.signature is not None and bool(known.keys)
    with _told_what_it_answers(root):
        if is_signed:
            try:
                redirect.check(message, known.keys)
            except SignatureRefused as error:
                raise Turned(Reason.BAD_SIGNATURE, str(error), known) from None
        return _read(root, known, keys, is_signed=is_signed, relay_state=message.relay_state)


def _embedded(
    root: etree._Element, relay_state: str | None, services: Mapping[str, Known], keys: Sequence[SigningKey]
) -> Received:
    """A message with its signature inside. Any signature in it counts as one, so that a broken one is not
    taken for none."""
    known = _sender(root, services)
    is_signed = signatures.has_signature(root) and bool(known.keys)
    with _told_what_it_answers(root):
        if is_signed:
            try:
                root = signatures.verified(root, known.keys)
            except SignatureRefused as error:
                raise Turned(Reason.BAD_SIGNATURE, str(error), known) from None
        return _read(root, known, keys, is_signed=is_signed, relay_state=relay_state)


@contextmanager
def _told_what_it_answers(root: etree._Element) -> Iterator[None]:
    """Not believed, a LogoutResponse still says that the browser is back from the application."""
    try:
        yield
    except Turned as turned:
        if root.tag == samlp("LogoutResponse"):
            turned.answers = root.get("InResponseTo")
        raise


def _is_of_kind(root: etree._Element, *, is_request: bool) -> None:
    """A message in SAMLRequest is a request, one in SAMLResponse a response."""
    name = etree.QName(root)
    if name.namespace != SAMLP or name.localname.endswith("Request") is not is_request:
        raise MalformedMessage("the message is not what its parameter says")


def _sender(root: etree._Element, services: Mapping[str, Known]) -> Known:
    """Whose keys to verify with, by what the message claims; nothing else is believed of it yet."""
    issuer = root.find(saml("Issuer"))
    if issuer is None or len(issuer):
        raise MalformedMessage("there is no Issuer")
    claimed = (issuer.text or "").strip()
    known = services.get(claimed)
    if known is None:
        shown = "".join(character for character in claimed[:_CLAIMED] if character.isprintable())
        raise Turned(Reason.UNKNOWN_SERVICE, claimed=shown)
    return known


def _read(
    root: etree._Element,
    known: Known,
    keys: Sequence[SigningKey],
    *,
    is_signed: bool,
    relay_state: str | None,
) -> Received:
    settings = known.settings
    if relay_state is not None and len(relay_state) > MAX_RELAY_STATE:
        raise Turned(Reason.MALFORMED, "RelayState", known)
    try:
        message: Message
        if root.tag == samlp("AuthnRequest"):
            must_be_signed = known.signs_requests
            message = read_authn_request(root)
        elif root.tag == samlp("LogoutRequest"):
            must_be_signed = not settings.unsigned_logout
            if must_be_signed and not is_signed:  # before anything is decrypted
                raise Turned(Reason.UNSIGNED, known=known)
            message = read_logout_request(root, keys if is_signed else ())
        elif root.tag == samlp("LogoutResponse"):
            must_be_signed = not settings.unsigned_logout
            message = read_logout_response(root)
        else:
            raise MalformedMessage("not a message of this end point")
    except (MalformedMessage, DecryptionRefused) as error:
        raise Turned(Reason.MALFORMED, str(error), known) from None
    if must_be_signed and not is_signed:
        raise Turned(Reason.UNSIGNED, known=known)
    if message.issuer != known.entity_id:
        raise Turned(Reason.MALFORMED, "Issuer", known)
    is_asynchronous = next(root.iterfind(f"{samlp('Extensions')}/{_ASYNCHRONOUS}"), None) is not None
    return Received(known, message, is_signed, relay_state, is_asynchronous)
