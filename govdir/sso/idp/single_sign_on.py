"""Web browser single sign-on, begun by a service provider (saml-profiles §4.1).

A request that cannot be trusted, or has nowhere to be answered, ends on a page of ours. One that is sound is
always answered to the service provider, with an assertion or with the status that says why there is none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from govdir.directory import channels
from govdir.sso.accounts import Account
from govdir.sso.idp import endpoints, intake
from govdir.sso.idp.access_rule import denial
from govdir.sso.idp.answers import Answers
from govdir.sso.idp.intake import Received, Turned
from govdir.sso.idp.name_ids import NoAddress, UnsuitablePolicy, format_for, is_same_name
from govdir.sso.idp.outcomes import (
    Arrival,
    ContinueAt,
    Denial,
    NeedSignIn,
    NotAllowed,
    Outcome,
    PostForm,
    Reason,
    Refused,
    Visitor,
)
from govdir.sso.idp.pending import Pending, PendingRequests
from govdir.sso.idp.registry import Known
from govdir.sso.idp.resources import Resources, new_id
from govdir.sso.model import Factor, Kind, Participant, Session
from govdir.sso.saml import contexts, statuses
from govdir.sso.saml.model import AuthnRequest, Binding, NameId, NameIdFormat, Status

_HTTP_STATUS: Final = {
    Reason.UNKNOWN_SERVICE: 403,
    Reason.SERVICE_DISABLED: 403,
    Reason.UNKNOWN_ACS: 403,
    Reason.NOT_IDP_INITIATED: 403,
    Reason.TOO_MANY: 429,
}
CLOCKS_APART: Final = timedelta(seconds=30)
"""Between two nodes of this site, of which one saw the request and the other the sign-in."""


class SingleSignOn:
    """Takes AuthnRequests and brings them to their answer, over a sign-in where one is needed."""

    def __init__(self, resources: Resources, answers: Answers) -> None:
        self._resources = resources
        self._answers = answers
        self._pending = PendingRequests(resources.keeping, resources.clock)

    async def arrive(self, arrival: Arrival) -> Outcome:
        """A request at the end point."""
        channel = arrival.binding.name.lower()
        try:
            received = await receive(self._resources, arrival, self._resources.site.sso)
            return await self._take(received, arrival, channel)
        except Turned as turned:
            return refused(self._resources, turned, arrival.visitor, channel)

    async def _take(self, received: Received, arrival: Arrival, channel: str) -> Outcome:
        known, request = received.known, received.message
        if not isinstance(request, AuthnRequest):
            raise Turned(Reason.MALFORMED, "not an AuthnRequest", known)
        acs = endpoints.answering(known.metadata, request)
        if acs is None:
            raise Turned(Reason.UNKNOWN_ACS, known=known)
        await only_once(self._resources, received)
        pending = Pending(request, acs.location, received.relay_state, channel)
        if not arrival.has_cookies:
            within_pace(self._resources, known, arrival.visitor)
            return ContinueAt((await self._pending.put(pending)).path)
        return await self._decide(known, pending, arrival.visitor)

    async def proceed(self, pending_id: str, visitor: Visitor) -> Outcome:
        """The browser is back with its cookies, perhaps from a sign-in."""
        pending = await self._pending.find(pending_id)
        known = None if pending is None else await self._resources.registry.find(pending.request.issuer)
        if pending is None or known is None:
            return refused(self._resources, Turned(Reason.STALE), visitor, "web")
        channel = pending.channel
        if not known.settings.enabled:
            return refused(self._resources, Turned(Reason.SERVICE_DISABLED, known=known), visitor, channel)
        if all(pending.acs != end.location for end in known.metadata.acs):  # metadata may be newer by now
            return refused(self._resources, Turned(Reason.UNKNOWN_ACS, known=known), visitor, channel)
        try:
            return await self._decide(known, pending, visitor)
        except Turned as turned:
            return refused(self._resources, turned, visitor, channel)

    async def waiting_service(self, pending_id: str) -> Known | None:
        """Whose request that is."""
        pending = await self._pending.find(pending_id)
        return None if pending is None else await self._resources.registry.find(pending.request.issuer)

    async def _decide(self, known: Known, pending: Pending, visitor: Visitor) -> Outcome:
        """The answer, or a sign-in first. Raises Turned."""
        request = pending.request
        status = impossible(self._resources, known, request)
        if status is not None:
            return await self._answer_status(known, pending, visitor, status)
        session, account = visitor.session, visitor.account
        if session is None or account is None:
            if request.is_passive:
                return await self._answer_status(known, pending, visitor, _NO_PASSIVE)
            within_pace(self._resources, known, visitor)
            return await self._sign_in(pending, None, needs_code=wants_code(known, request), fresh=True)
        if not self._is_subject(known, request, session, account):
            return await self._answer_status(known, pending, visitor, _UNKNOWN_PRINCIPAL)
        if request.force_authn and not _is_proved_anew(pending, session):
            if request.is_passive:
                return await self._answer_status(known, pending, visitor, _NO_PASSIVE)
            return await self._sign_in(pending, session, needs_code=wants_code(known, request), fresh=True)
        return await self._admit(known, pending, visitor, session, account)

    async def _admit(
        self, known: Known, pending: Pending, visitor: Visitor, session: Session, account: Account
    ) -> Outcome:
        """For somebody signed in as freshly as was asked: the access rule, then the second factor."""
        request, resources = pending.request, self._resources
        reason = denial(known.settings, account, resources.directory)
        if reason is not None:
            return await self._deny(known, pending, visitor, reason)
        if wants_code(known, request) and Factor.CODE not in session.factors:
            if request.is_passive:
                return await self._answer_status(known, pending, visitor, _NO_PASSIVE)
            return await self._sign_in(pending, session, needs_code=True, fresh=False)
        context = contexts.answer(request.requested_context, rank_of(session))
        if context is None:
            return await self._answer_status(known, pending, visitor, _NO_AUTHN_CONTEXT)
        try:
            format_ = name_id_format(resources, known, request)
            name_id = resources.name_ids.name_id(format_, known.entity_id, account, session)
            participant = await join(resources, session, known, name_id)
        except NoAddress:
            return await self._deny(known, pending, visitor, Denial.NO_MAILBOX)
        except LookupError:  # the session was ended this very moment: as if nobody were signed in
            return await self._decide(known, pending, replace(visitor, session=None, account=None))
        form = await self._answers.assertion(
            known,
            pending.acs,
            account=account,
            session=session,
            participant=participant,
            context_class=context,
            in_response_to=request.id,
            relay_state=pending.relay_state,
        )
        resources.note(Kind.ASSERTION, "ok", visitor, entity_id=known.entity_id, channel=pending.channel)
        return form

    async def _sign_in(
        self, pending: Pending, session: Session | None, *, needs_code: bool, fresh: bool
    ) -> Outcome:
        """Over a sign-in, after which `proceed` goes on. With a session it is proved anew, or (not `fresh`)
        only by a code."""
        if pending.seen is None:
            proved = None if session is None else session.authenticated
            now = self._resources.clock.now()
            pending = await self._pending.put(replace(pending, seen=now, proved_before=proved))
        subject = pending.request.subject
        hint = subject.value if subject is not None and "@" in subject.value else ""
        flow = await self._resources.sign_ins.begin(
            pending.path,
            force=session if fresh else None,
            step_up=None if fresh else session,
            needs_code=needs_code,
            name_hint=hint,
            through=channels.SSO,
        )
        return NeedSignIn(flow.id)

    def _is_subject(self, known: Known, request: AuthnRequest, session: Session, account: Account) -> bool:
        """Whether the account is whom the request is about (core §3.4.1.2: any other may not be answered)."""
        subject = request.subject
        return subject is None or names_account(self._resources, known, subject, session, account)

    async def _answer_status(
        self, known: Known, pending: Pending, visitor: Visitor, status: Status, word: str = ""
    ) -> PostForm:
        self._resources.note(
            Kind.REFUSAL,
            word or _word(status),
            visitor,
            entity_id=known.entity_id,
            channel=pending.channel,
            detail=status.message or "",
        )
        return await self._answers.status(
            known,
            pending.acs,
            status,
            in_response_to=pending.request.id,
            relay_state=pending.relay_state,
        )

    async def _deny(self, known: Known, pending: Pending, visitor: Visitor, reason: Denial) -> Outcome:
        """A page that explains; the application learns it by the page's button, or at once when passive."""
        status = statuses.by_responder(statuses.REQUEST_DENIED, f"the access rule: {reason.value}")
        form = await self._answer_status(known, pending, visitor, status, reason.value)
        return form if pending.request.is_passive else NotAllowed(known.name, reason, form)


_NO_PASSIVE: Final = statuses.by_responder(statuses.NO_PASSIVE)
_NO_AUTHN_CONTEXT: Final = statuses.by_responder(statuses.NO_AUTHN_CONTEXT)
_UNKNOWN_PRINCIPAL: Final = statuses.by_requester(statuses.UNKNOWN_PRINCIPAL)


async def receive(resources: Resources, arrival: Arrival, location: str) -> Received:
    """The message, verified and for us. One piece of slow work, unless the sender has just been registered.

    Raises Turned.
    """
    registry = resources.registry
    await registry.refresh()
    keys = resources.keys.keys

    def work() -> Received:
        return intake.received(arrival, registry.known, keys)

    try:
        received = await resources.slow.run(work)
    except Turned as turned:
        if turned.reason is not Reason.UNKNOWN_SERVICE or not await registry.refresh(at_once=True):
            raise
        received = await resources.slow.run(work)
    return intake.checked(received, location, resources.clock.now())


def within_pace(resources: Resources, known: Known, visitor: Visitor) -> None:
    """Strangers make us keep what waits for them only so often. Raises Turned."""
    if not resources.may_begin(visitor):
        raise Turned(Reason.TOO_MANY, known=known)


async def only_once(resources: Resources, received: Received) -> None:
    """Signed messages count once: whoever overheard one cannot use it. Raises Turned."""
    if received.signed and not await resources.keeping.first_time(
        received.known.entity_id, received.message.id, intake.forget_after(received)
    ):
        raise Turned(Reason.REPLAYED, known=received.known)


def refused(resources: Resources, turned: Turned, visitor: Visitor, channel: str) -> Refused:
    """The page for a message that is not taken, with its line in the trail. Of a service provider that is
    registered and cannot be used both say why."""
    known = turned.known
    detail = turned.detail or resources.registry.troubles.get(turned.claimed, "")
    resources.note(
        Kind.REFUSAL,
        turned.reason.value,
        visitor,
        entity_id=turned.claimed if known is None else known.entity_id,
        channel=channel,
        detail=detail,
    )
    status = _HTTP_STATUS.get(turned.reason, 400)
    return Refused(status, turned.reason, None if known is None else known.name, detail)


def impossible(resources: Resources, known: Known, request: AuthnRequest) -> Status | None:
    """What nobody's signing in could change; None when an answer is possible."""
    if request.protocol_binding not in (None, Binding.POST):
        return statuses.by_requester(statuses.UNSUPPORTED_BINDING, "ProtocolBinding")
    try:
        name_id_format(resources, known, request)
    except UnsuitablePolicy as error:
        return statuses.by_requester(statuses.INVALID_NAME_ID_POLICY, str(error))
    if contexts.rank_needed(request.requested_context) is None:
        return _NO_AUTHN_CONTEXT
    if known.must_encrypt_but_cannot:
        return statuses.by_responder(statuses.REQUEST_UNSUPPORTED, "metadata has no key to encrypt for")
    return None


def name_id_format(resources: Resources, known: Known, request: AuthnRequest | None) -> str:
    """The format of the name in the answer. Raises UnsuitablePolicy."""
    policy = None if request is None else request.name_id_policy
    knows_address = resources.release.tells_address(known.settings)
    return format_for(policy, known.entity_id, known.settings.name_id, may_know_address=knows_address)


def wants_code(known: Known, request: AuthnRequest | None) -> bool:
    """Whether a second factor is demanded, by the administrator or by the request."""
    needed = None if request is None else contexts.rank_needed(request.requested_context)
    return known.settings.second_factor or needed == contexts.Rank.SECOND_FACTOR


def rank_of(session: Session) -> contexts.Rank:
    """How strongly a session was proved: always over TLS."""
    if Factor.CODE in session.factors:
        return contexts.Rank.SECOND_FACTOR
    return contexts.Rank.PROTECTED_PASSWORD


def names_account(
    resources: Resources, known: Known, subject: NameId, session: Session, account: Account
) -> bool:
    """Whether the service provider's name for somebody is this account: one of its names there, or any of
    its addresses."""
    for format_ in (NameIdFormat.PERSISTENT, NameIdFormat.TRANSIENT):
        if is_same_name(subject, resources.name_ids.name_id(format_, known.entity_id, account, session)):
            return True
    if subject.format not in (NameIdFormat.EMAIL, NameIdFormat.UNSPECIFIED):
        return False
    addresses = (account.address, *account.attributes.texts("mailLocalAddress"))
    return subject.value.strip().casefold() in {address.casefold() for address in addresses if address}


async def join(resources: Resources, session: Session, known: Known, name_id: NameId) -> Participant:
    """The service provider's part in the session; a new one the first time. Raises LookupError when the
    session is gone."""
    now = resources.clock.now()
    return await resources.sessions.join(Participant(session.key, known.entity_id, new_id(), name_id, now))


def _is_proved_anew(pending: Pending, session: Session) -> bool:
    """Whether the session was proved for this request: later than it had been when the request came, and
    since then. For the request may come back in another browser than it began in, to a session from before.
    """
    if pending.seen is None or session.authenticated < pending.seen - CLOCKS_APART:
        return False
    return pending.proved_before is None or session.authenticated > pending.proved_before


def _word(status: Status) -> str:
    """The second-level code as the trail's word: "no-passive"."""
    code = (status.second or status.code).rpartition(":")[2]
    spelt = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in code)
    return spelt.lstrip("-").replace("-i-d-", "-id-")
