"""Single logout (saml-profiles §4.4): our session ends first, then the applications are told.

Those with a SOAP end point are asked from server to server, all at once. The others are asked one by one
through the browser, which between two of them comes back to a page of ours: from an application that is dead
its back button leads to that page, where the application can be skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from govdir.directory.addresses import entries_with
from govdir.sso.idp import endpoints, intake
from govdir.sso.idp.intake import Received, Turned
from govdir.sso.idp.logout_messages import Farewell, LogoutMessages
from govdir.sso.idp.logout_page import PAGE, page_of
from govdir.sso.idp.logout_progress import Initiator, Logouts, Progress, Step, logout_of
from govdir.sso.idp.name_ids import is_same_name
from govdir.sso.idp.outcomes import (
    Arrival,
    ContinueAt,
    LogoutPage,
    Outcome,
    Reason,
    SoapAnswer,
    StepState,
    Visitor,
)
from govdir.sso.idp.registry import Known
from govdir.sso.idp.resources import Resources
from govdir.sso.idp.single_sign_on import only_once, receive, refused
from govdir.sso.model import Happened, Kind, Participant
from govdir.sso.saml import soap, statuses
from govdir.sso.saml.model import Binding, LogoutRequest, LogoutResponse, Status

_TRIES = 3  # of a change that other requests of the same browser may be quicker with

NOBODY = statuses.by_requester(statuses.UNKNOWN_PRINCIPAL)
PARTIAL = Status(statuses.SUCCESS, statuses.PARTIAL_LOGOUT)
"""Success above it, so that the application that asked ends its own session all the same."""


class SingleLogout:
    """Takes messages of single logout and brings logouts to their end."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._messages = LogoutMessages(resources)
        self._logouts = Logouts(resources.keeping, resources.clock)

    # -- from applications -------------------------------------------------------------------------------

    async def arrive(self, arrival: Arrival) -> Outcome:
        """A LogoutRequest or LogoutResponse that a browser brings."""
        try:
            received = await receive(self._resources, arrival, self._resources.site.slo)
            match received.message:
                case LogoutRequest() as request:
                    return await self._asked(received, request, arrival)
                case LogoutResponse() as response:
                    return await self._answered(received.known, response)
            raise Turned(Reason.MALFORMED, "not a message of single logout", received.known)
        except Turned as turned:
            page = refused(self._resources, turned, arrival.visitor, arrival.binding.name.lower())
            if turned.known is not None and turned.answers is not None:
                return await self._unconfirmed(turned.known, turned.answers) or page
            return page

    async def soap(self, octets: bytes, network: str) -> SoapAnswer:
        """A LogoutRequest from server to server, and its answer."""
        resources, visitor = self._resources, Visitor(network=network)
        await resources.registry.refresh()
        keys = resources.keys.keys
        try:
            received = await resources.slow.run(
                lambda: intake.enveloped(octets, resources.registry.known, keys)
            )
            location, now = resources.site.slo_soap, resources.clock.now()
            intake.checked(received, location, now, by_browser=False)
            request, known = received.message, received.known
            if not isinstance(request, LogoutRequest):
                raise Turned(Reason.MALFORMED, "not a LogoutRequest", known)
            if not received.signed:  # there is no browser whose own session could be meant
                raise Turned(Reason.UNSIGNED, known=known)
            await only_once(resources, received)
        except Turned as turned:
            refused(resources, turned, visitor, "soap")
            return SoapAnswer(soap.fault(turned.reason.value), is_fault=True)
        status = await self._soap_status(known, request, visitor)
        envelope = await self._messages.soap_response(known, status=status, in_response_to=request.id)
        return SoapAnswer(envelope)

    async def _soap_status(self, known: Known, request: LogoutRequest, visitor: Visitor) -> Status:
        meant = await self._meant(known, request)
        if not meant:
            self._note_nobody(visitor, known.entity_id, "soap")
            return NOBODY
        keys = {one.session_key for one in meant}
        steps = await self._end(known.entity_id, keys, b"", visitor, "soap")
        return statuses.OK if Progress(steps=steps).is_complete else PARTIAL

    async def _asked(self, received: Received, request: LogoutRequest, arrival: Arrival) -> Outcome:
        known = received.known
        await only_once(self._resources, received)
        place = None if received.asynchronous else endpoints.logout_answer(known.metadata, arrival.binding)
        binding, location = place or ("", "")
        initiator = Initiator(known.entity_id, request.id, received.relay_state, binding, location)
        progress = Progress(initiator, request, received.signed)
        if not arrival.has_cookies:
            return ContinueAt(PAGE + (await self._logouts.begin(progress)).id)
        return await self._carry_out(known, progress, request, arrival.visitor)

    async def _carry_out(
        self, known: Known, progress: Progress, request: LogoutRequest, visitor: Visitor
    ) -> Outcome:
        """Ends what the request means, and tells the others."""
        own = b"" if visitor.session is None else visitor.session.key
        told = await self._resources.sessions.participants(own) if own else ()
        here = [one for one in told if one.entity_id == known.entity_id]
        if progress.signed:
            meant = await self._meant(known, request)
        else:
            meant = [one for one in here if _is_meant(one, request)]
        done = replace(progress, request=None)
        if not meant:
            # Nobody is signed in there any more, which is what was wished; or somebody else is.
            return await self._conclude(done, visitor, NOBODY if here else statuses.OK)
        keys = {one.session_key for one in meant}
        steps = await self._end(known.entity_id, keys, own, visitor, "web")
        return await self._go_on(replace(done, steps=steps), visitor)

    async def _meant(self, known: Known, request: LogoutRequest) -> list[Participant]:
        """The sessions of this service provider that the request names."""
        named = await self._resources.sessions.named(
            known.entity_id, request.name_id, request.session_indexes
        )
        return [one for one in named if one.entity_id == known.entity_id and _is_meant(one, request)]

    async def _answered(self, known: Known, response: LogoutResponse) -> Outcome:
        """An application's answer. It counts only for the request that it was sent last, and once."""
        state = StepState.DONE if statuses.is_complete_success(response.status) else StepState.FAILED
        logout_id = logout_of(response.in_response_to)
        for _ in range(_TRIES):
            progress = None if logout_id is None else await self._logouts.find(logout_id)
            step = None if progress is None else _step_by(progress, known, response.in_response_to)
            if progress is None or step is None or step.state is StepState.SKIPPED:
                raise Turned(Reason.UNEXPECTED_ANSWER, "InResponseTo", known)
            if step.state is not StepState.ASKED:  # the same answer again, by a reload
                return ContinueAt(PAGE + progress.id)
            changed = await self._logouts.change(progress.with_step(step, state=state))
            if changed is not None and state is StepState.FAILED:
                self._note_missed(known.entity_id, "failed", Visitor())
            if changed is not None and changed.is_finished and changed.is_complete:
                return await self._finish(changed, Visitor())
            if changed is not None:
                break
        return ContinueAt(f"{PAGE}{logout_id}")

    async def _unconfirmed(self, known: Known, request_id: str) -> Outcome | None:
        """An answer that is not believed: the application may have its session still, and the next is asked.
        None when it was not asked that."""
        logout_id = logout_of(request_id)
        progress = None if logout_id is None else await self._logouts.find(logout_id)
        step = None if progress is None else _step_by(progress, known, request_id)
        if progress is None or step is None or step.state is not StepState.ASKED:
            return None
        await self._logouts.change(progress.with_step(step, state=StepState.FAILED))
        self._note_missed(known.entity_id, "failed", Visitor())
        return ContinueAt(PAGE + progress.id)

    # -- from our own pages ------------------------------------------------------------------------------

    async def sign_out(self, visitor: Visitor) -> Outcome:
        """The button on our pages."""
        if visitor.session is None:
            return LogoutPage()
        key = visitor.session.key
        steps = await self._end("", {key}, key, visitor, "web")
        return await self._go_on(Progress(steps=steps), visitor)

    async def end_sessions(self, keys: Iterable[bytes]) -> None:
        """Ends sessions whose browsers are elsewhere; only servers can be told."""
        await self.tell(await self._resources.sessions.end(keys))

    async def tell(self, ended: Sequence[Participant]) -> None:
        """That sessions have ended already, whose browsers are elsewhere."""
        await self._told(ended, b"", by_user=False)

    async def proceed(self, logout_id: str, action: str, visitor: Visitor) -> Outcome:
        """The page between two applications, and its buttons."""
        progress = await self._logouts.of_browser(logout_id, visitor.mark)
        if progress is None:
            return refused(self._resources, Turned(Reason.STALE), visitor, "web")
        if progress.request is not None:
            known = await self._resources.registry.find(progress.request.issuer)
            if known is None:
                return refused(self._resources, Turned(Reason.UNKNOWN_SERVICE), visitor, "web")
            return await self._carry_out(known, progress, progress.request, visitor)
        match action:
            case "next" if progress.is_finished:
                return await self._finish(progress, visitor)
            case "next" if progress.asked is None and progress.waiting is not None:
                return await self._ask(progress, progress.waiting)
            case "retry" if progress.asked is not None:
                return await self._ask(progress, progress.asked)
            case "skip" if progress.asked is not None:
                await self._logouts.change(progress.with_step(progress.asked, state=StepState.SKIPPED))
                self._note_missed(progress.asked.entity_id, "skipped", visitor)
                return ContinueAt(PAGE + progress.id)
        return page_of(progress, self._resources.registry.known)

    async def _ask(self, progress: Progress, step: Step) -> Outcome:
        """Sends the browser to an application."""
        known = await self._resources.registry.find(step.entity_id)
        end = None if known is None else self._messages.front_endpoint(known)
        if known is None or end is None:  # changed meanwhile
            await self._logouts.change(progress.with_step(step, state=StepState.FAILED))
            return ContinueAt(PAGE + progress.id)
        request_id = progress.new_request_id()
        asked = progress.with_step(step, state=StepState.ASKED, request_id=request_id)
        if await self._logouts.change(asked) is None:  # another tab was quicker, and is at an application
            return ContinueAt(PAGE + progress.id)
        farewell = Farewell(known, step.name_id, step.session_index)
        return await self._messages.request(farewell, request_id, *end)

    # -- what both have in common ------------------------------------------------------------------------

    async def _end(
        self, issuer: str, keys: Iterable[bytes], own: bytes, visitor: Visitor, channel: str
    ) -> tuple[Step, ...]:
        """Ends the sessions and tells all applications but the one that asked."""
        people = []
        for key in keys:
            session = await self._resources.sessions.get(key)
            people.append("" if session is None else session.entry_uuid)
        told = await self._resources.sessions.end(keys)
        for entry_uuid in people:
            self._note_done(entry_uuid, visitor, issuer, channel)
        return await self._told([one for one in told if one.entity_id != issuer], own, by_user=True)

    async def _told(self, told: Sequence[Participant], own: bytes, *, by_user: bool) -> tuple[Step, ...]:
        """Asks servers; those left for the browser, of its own session, are waiting."""
        told = newest(told)
        await self._resources.registry.refresh()
        services = self._resources.registry.known
        posts: dict[int, tuple[Farewell, str]] = {}
        for place, one in enumerate(told):
            known = services.get(one.entity_id)
            end = None if known is None else endpoints.logout_endpoint(known.metadata, Binding.SOAP)
            if known is not None and end is not None:
                posts[place] = Farewell(known, one.name_id, one.session_index), end.location
        answered = await self._messages.by_soap(list(posts.values()), by_user=by_user) if posts else []
        succeeded = dict(zip(posts, answered, strict=True))
        steps = []
        for place, one in enumerate(told):
            known = services.get(one.entity_id)
            if succeeded.get(place, False):
                state = StepState.DONE
            elif known and own and one.session_key == own and self._messages.front_endpoint(known):
                state = StepState.WAITING
            else:
                state = StepState.FAILED
                self._note_missed(one.entity_id, "not-reached", Visitor())
            steps.append(Step(one.entity_id, one.name_id, one.session_index, state))
        return tuple(steps)

    async def _go_on(self, progress: Progress, visitor: Visitor) -> Outcome:
        """Keeps it and shows the page; or, with nothing worth showing, straight to the end."""
        if progress.is_finished and progress.is_complete:
            return await self._finish(progress, visitor)
        if not progress.id:
            progress = await self._logouts.begin(replace(progress, browser=visitor.mark))
        else:
            await self._logouts.change(progress)
        return ContinueAt(PAGE + progress.id)

    async def _finish(self, progress: Progress, visitor: Visitor) -> Outcome:
        return await self._conclude(progress, visitor, statuses.OK if progress.is_complete else PARTIAL)

    async def _conclude(self, progress: Progress, visitor: Visitor, status: Status) -> Outcome:
        """The answer to the application that began it, once; or the page that says it is done."""
        initiator = progress.initiator
        known = None if initiator is None else await self._resources.registry.find(initiator.entity_id)
        if status is NOBODY and initiator is not None:
            self._note_nobody(visitor, initiator.entity_id, "web")
        over = replace(progress, answered=True)
        if initiator is None or known is None or progress.answered or not initiator.location:
            return page_of(over, self._resources.registry.known)
        if progress.id and await self._logouts.change(over) is None:  # another tab was quicker
            return ContinueAt(PAGE + progress.id)
        return await self._messages.response(
            known,
            Binding(initiator.binding),
            initiator.location,
            status=status,
            in_response_to=initiator.request_id,
            relay_state=initiator.relay_state,
        )

    def _note_missed(self, entity_id: str, outcome: str, visitor: Visitor) -> None:
        """An application that may still have its session."""
        self._resources.note(Kind.SIGN_OUT, outcome, visitor, entity_id=entity_id, channel="logout")

    def _note_nobody(self, visitor: Visitor, entity_id: str, channel: str) -> None:
        """An application named somebody who is not signed in to it."""
        where = Visitor(network=visitor.network, agent=visitor.agent)
        self._resources.note(Kind.REFUSAL, "unknown-principal", where, entity_id=entity_id, channel=channel)

    def _note_done(self, entry_uuid: str, visitor: Visitor, entity_id: str, channel: str) -> None:
        """A session has ended, whosever it was: not always the visitor's."""
        entries = entries_with(self._resources.directory.image, "entryUUID", entry_uuid) if entry_uuid else ()
        record = next(iter(entries), None)
        mail = b"" if record is None else next(iter(record.values("mail")), record.dn)
        self._resources.trail.note(
            Happened(
                at=self._resources.clock.now(),
                kind=Kind.SIGN_OUT,
                outcome="ok",
                entry_uuid=entry_uuid,
                who=mail.decode("utf-8", "replace"),
                entity_id=entity_id,
                channel=channel,
                network=visitor.network,
                agent=visitor.agent,
            )
        )


def newest(told: Sequence[Participant]) -> list[Participant]:
    """For each session at each application the last one: with a new name (a transient one changes with the
    session's id) an application has replaced what it had in that browser."""
    latest: dict[tuple[bytes, str], Participant] = {}
    for one in sorted(told, key=lambda one: one.since):
        latest[one.session_key, one.entity_id] = one
    return [one for one in told if latest[one.session_key, one.entity_id] is one]


def _is_meant(one: Participant, request: LogoutRequest) -> bool:
    indexes = request.session_indexes
    return is_same_name(request.name_id, one.name_id) and (not indexes or one.session_index in indexes)


def _step_by(progress: Progress, known: Known, request_id: str | None) -> Step | None:
    """The step that an answer to this request is of: of that very application, sent to it last."""
    for step in progress.steps:
        if step.entity_id == known.entity_id and step.request_id == request_id:
            return step
    return None
