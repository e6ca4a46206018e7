"""The searches of one connection: begun, gone on with in turns, paused, stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from twisted.internet.task import CooperativeTask

from govdir.directory.handle import Handle
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.messages import LdapMessage, SearchRequest, SearchResultDone
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import is_plain, repeated_line
from govdir.ldap.server.answers import Answers, Link
from govdir.ldap.server.controls import Asked
from govdir.ldap.server.identities import Identities
from govdir.ldap.server.operations.cancel import CANCELED
from govdir.ldap.server.operations.search import SearchRun
from govdir.ldap.server.own_entries import OwnEntries
from govdir.ldap.server.session import Manner, Outstanding, Session

if TYPE_CHECKING:
    from govdir.ldap.server.factory import LdapFactory


class Searches:
    """Those under way; nearly all are done in their first turn and never enter here.

    `answered` is the last request if it was a search that was answered in full and may be repeated.
    """

    def __init__(
        self,
        link: Link,
        factory: LdapFactory,
        session: Session,
        identities: Identities,
        answers: Answers,
        *,
        own: OwnEntries,
    ) -> None:
        self._link = link
        self._factory = factory
        self._limits = factory.limits
        self._own = own
        self._session = session
        self._identities = identities
        self._answers = answers
        self._running: dict[Outstanding, tuple[SearchRun, CooperativeTask[Iterator[None]]]] = {}
        self.answered: SearchRequest | None = None

    def start(
        self, message: LdapMessage, request: SearchRequest, handle: Handle, asked: Asked, started: float
    ) -> None:
        """Performs a search that nothing stands in the way of."""
        witness = self._identities.witness_of(request)
        run = SearchRun(message.message_id, request, started, asked, witness)
        messages = run.begin(handle, self._own, self._limits)
        if run.code is None:
            # Entered before anything is written: the write may fill the output buffer and pause it.
            outstanding = self._session.begin(message, Manner.READ, started)
            task = self._factory.turns.cooperate(self._go_on(outstanding, run))
            self._running[outstanding] = (run, task)
            self._link.load_changed()
        self._link.send(b"".join(messages))
        if run.code is not None:
            self._answers.log_search(run, run.code)
            if run.code is ResultCode.SUCCESS and not message.controls:
                self.answered = request

    def _go_on(self, outstanding: Outstanding, run: SearchRun) -> Iterator[None]:
        """The turns of a search that was not done in its first; the cooperator takes one at a time."""
        while run.code is None:
            messages = run.advance(self._limits)
            if run.code is not None:
                self._running.pop(outstanding)
                self._session.finish(outstanding)
                self._answers.log_search(run, run.code)
            if messages:
                self._link.send(b"".join(messages))
            yield None
        self._link.go_on()

    def pause(self) -> None:
        """The client does not take what it is sent."""
        for _, task in self._running.values():
            task.pause()

    def resume(self) -> None:
        """It does again."""
        for _, task in self._running.values():
            task.resume()

    def stop(self, outstanding: Outstanding) -> bool:
        """Stops an abandoned search within its current turn; False when it is none of these."""
        held = self._running.pop(outstanding, None)
        if held is None:
            return False
        run, task = held
        task.stop()
        self._answers.log_search(run, None)
        return True

    def cancel(self, outstanding: Outstanding) -> bool:
        """Stops it as `stop` does, with an answer; False when it is none of these."""
        held = self._running.pop(outstanding, None)
        if held is None:
            return False
        run, task = held
        task.stop()
        self._link.send(encode_message(LdapMessage(run.message_id, SearchResultDone(CANCELED))))
        self._answers.log_search(run, CANCELED.code)
        return True

    def learn(self, data: bytes) -> None:
        """`data` was one whole message; if it was a search and has been answered, the next may repeat it."""
        request, self.answered = self.answered, None
        prepared = None if request is None else self._session.handle.prepared(request)
        if request is None or prepared is None:
            return
        value, search = prepared
        line = repeated_line(self._identities.origin, request, value) if is_plain(value) else None
        if line is not None:
            witness = self._identities.witness_of(request)
            self._identities.repeats.learn(data, value, search, line, witness)
