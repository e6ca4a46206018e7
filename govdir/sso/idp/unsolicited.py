"""Single sign-on begun on our own pages, without a request (saml-profiles §4.1.5)."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from govdir.directory import channels
from govdir.sso.idp import endpoints
from govdir.sso.idp.access_rule import denial
from govdir.sso.idp.answers import Answers
from govdir.sso.idp.intake import Turned
from govdir.sso.idp.name_ids import NoAddress
from govdir.sso.idp.outcomes import (
    ConfirmStart,
    Denial,
    NeedSignIn,
    NotAllowed,
    Outcome,
    PostForm,
    Reason,
    Visitor,
)
from govdir.sso.idp.registry import Known
from govdir.sso.idp.resources import Resources
from govdir.sso.idp.single_sign_on import join, name_id_format, rank_of, refused, wants_code
from govdir.sso.model import Factor, Kind, Session
from govdir.sso.saml import contexts

START: Final = "/saml/start"
CHANNEL: Final = "idp-initiated"

_MAX_RELAY_STATE: Final = 2048  # a deep link into the application; more is nobody's


def started_in(path: str) -> str | None:
    """The application's name when a sign-in with this purpose is for starting one."""
    parts = urlsplit(path)
    return next(iter(parse_qs(parts.query).get("sp", ())), None) if parts.path == START else None


class Unsolicited:
    """Answers nobody asked for, where the administrator permits them and the person confirms.

    Another site can send a browser here. It must not thereby sign somebody in to an application, as whomever
    it likes: hence the confirmation.
    """

    def __init__(self, resources: Resources, answers: Answers) -> None:
        self._resources = resources
        self._answers = answers

    async def start(
        self, name: str, relay_state: str | None, visitor: Visitor, *, confirmed: bool
    ) -> Outcome:
        """To the application of that short name; `relay_state` None for its usual one."""
        try:
            known = await self._permitted(name, relay_state)
        except Turned as turned:
            return refused(self._resources, turned, visitor, CHANNEL)
        session, account = visitor.session, visitor.account
        if session is None or account is None:
            if not self._resources.may_begin(visitor):
                return refused(self._resources, Turned(Reason.TOO_MANY, known=known), visitor, CHANNEL)
            return await self._sign_in(name, relay_state, None, needs_code=wants_code(known, None))
        reason = denial(known.settings, account, self._resources.directory)
        if reason is not None:
            return self._deny(known, visitor, reason)
        if wants_code(known, None) and Factor.CODE not in session.factors:
            return await self._sign_in(name, relay_state, session, needs_code=True)
        if not confirmed:
            return ConfirmStart(known.name, relay_state)
        try:
            return await self._answer(known, relay_state, visitor, session)
        except NoAddress:
            return self._deny(known, visitor, Denial.NO_MAILBOX)
        except LookupError:
            return await self._sign_in(name, relay_state, None, needs_code=wants_code(known, None))
        except Turned as turned:
            return refused(self._resources, turned, visitor, CHANNEL)

    async def _permitted(self, name: str, relay_state: str | None) -> Known:
        known = await self._resources.registry.named(name)
        if known is None:
            raise Turned(Reason.UNKNOWN_SERVICE)
        if not known.settings.enabled:
            raise Turned(Reason.SERVICE_DISABLED, known=known)
        if not known.settings.idp_initiated:
            raise Turned(Reason.NOT_IDP_INITIATED, known=known)
        if relay_state is not None and len(relay_state) > _MAX_RELAY_STATE:
            raise Turned(Reason.MALFORMED, "RelayState", known)
        return known

    async def _answer(
        self, known: Known, relay_state: str | None, visitor: Visitor, session: Session
    ) -> PostForm:
        """Raises NoAddress, LookupError (the session is gone), Turned."""
        resources, account = self._resources, visitor.account
        acs = endpoints.default_acs(known.metadata)
        if acs is None or account is None:
            raise Turned(Reason.UNKNOWN_ACS, known=known)
        if known.must_encrypt_but_cannot:
            raise Turned(Reason.CANNOT_ENCRYPT, known=known)
        format_ = name_id_format(resources, known, None)
        name_id = resources.name_ids.name_id(format_, known.entity_id, account, session)
        participant = await join(resources, session, known, name_id)
        context = contexts.answer(None, rank_of(session)) or contexts.UNSPECIFIED
        form = await self._answers.assertion(
            known,
            acs.location,
            account=account,
            session=session,
            participant=participant,
            context_class=context,
            in_response_to=None,
            relay_state=relay_state or known.settings.default_relay_state or None,
        )
        resources.note(Kind.ASSERTION, "ok", visitor, entity_id=known.entity_id, channel=CHANNEL)
        return form

    async def _sign_in(
        self, name: str, relay_state: str | None, session: Session | None, *, needs_code: bool
    ) -> Outcome:
        query = {"sp": name} if relay_state is None else {"sp": name, "RelayState": relay_state}
        flow = await self._resources.sign_ins.begin(
            f"{START}?{urlencode(query)}", step_up=session, needs_code=needs_code, through=channels.SSO
        )
        return NeedSignIn(flow.id)

    def _deny(self, known: Known, visitor: Visitor, reason: Denial) -> NotAllowed:
        self._resources.note(Kind.REFUSAL, reason.value, visitor, entity_id=known.entity_id, channel=CHANNEL)
        return NotAllowed(known.name, reason)
