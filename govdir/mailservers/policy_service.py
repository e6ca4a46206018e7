"""Answers one question of a mail server after the other; what cannot be judged meets the configured end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final, Protocol

from msgspec import Struct
from twisted.logger import Logger

from govdir.directory.errors import Busy
from govdir.directory.ports import StoreUnavailable
from govdir.mailattrs.sending import Message, Verdict
from govdir.mailservers import policy_answers as answers
from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_log import PolicyLog
from govdir.mailservers.policy_memory import SmallestLimits
from govdir.mailservers.policy_request import PolicyRequest
from govdir.mailservers.seldom import Seldom

# The states (SMTP commands) at which there is a message to judge; "" is a client that does not say.
_JUDGED: Final = frozenset({"", "MAIL", "RCPT", "DATA", "BDAT", "END-OF-MESSAGE"})

_log = Logger(namespace="govdir.policy")


class Judge(Protocol):
    """mailattrs.sending.Sending, or a test's."""

    def decide(self, message: Message) -> Verdict:
        """The verdict."""


class PolicySettings(Struct, frozen=True):
    """[mail_servers] as the service takes it: `trusted` are the relays whose senders are believed, `enforce`
    false only warns, `defer` false lets pass what cannot be judged."""

    trusted: Networks
    enforce: bool = True
    defer: bool = True


class News(Struct, frozen=True):
    """How late the directory in memory is: `current` is false once it is too old to judge by, `behind` true
    when others have committed what `catch_up` would bring."""

    current: Callable[[], bool] = lambda: True
    behind: Callable[[], bool] = lambda: False
    catch_up: Callable[[], Awaitable[object]] | None = None


class PolicyService:
    """The service of one process. `seconds` is the reactor's clock; `log` may be None."""

    def __init__(
        self,
        judge: Judge,
        settings: PolicySettings,
        *,
        seconds: Callable[[], float],
        news: News | None = None,
        log: PolicyLog | None = None,
    ) -> None:
        self._judge = judge
        self._settings = settings
        self._news = news or News()
        self._policy_log = log
        self._limits = SmallestLimits(seconds)
        self._seldom = Seldom(seconds)

    async def answer(self, request: PolicyRequest, peer: str) -> bytes:
        """The octets of the answer to a mail server at `peer`; never raises."""
        started = perf_counter()
        if request.state not in _JUDGED:
            return answers.encoded(answers.NO_OPINION)
        try:
            rule, action = await self._action(request, peer)
        except Exception:
            if self._seldom.is_due("fault"):
                _log.failure("a fault of the program while judging a message")
            rule, action = "fault", self._unsure()
        if rule and self._policy_log is not None:
            self._policy_log.note(request, peer, rule, action, perf_counter() - started)
        return answers.encoded(action)

    async def _action(self, request: PolicyRequest, peer: str) -> tuple[str, str]:
        """The rule, "" where nothing stands against the message, and the action."""
        if not self._news.current():
            if self._seldom.is_due("stale"):
                _log.error("the directory is too old to judge messages by: the database is away too long")
            return "stale", self._unsure()
        verdict = self._verdict(request, peer)
        if not verdict.passes and await self._learnt_more():
            verdict = self._verdict(request, peer)
        if verdict.passes:
            if verdict.limit is not None and request.instance and request.state == "RCPT":
                self._limits.note((peer, request.instance), verdict.limit)
            return "", answers.NO_OPINION
        shape = answers.refusal if self._settings.enforce else answers.warning
        return verdict.rule, shape(verdict)

    def _verdict(self, request: PolicyRequest, peer: str) -> Verdict:
        return self._judge.decide(
            Message(
                login=request.login,
                sender=request.sender,
                recipient=request.recipient,
                size=request.size,
                believed=self._settings.trusted.holds(request.client),
                remembered=self._limits.of((peer, request.instance)) if not request.recipient else None,
            )
        )

    async def _learnt_more(self) -> bool:
        """Whether others have changed something meanwhile: nobody is refused by what is no longer true.

        What cannot be asked about holds as long as the directory counts as current.
        """
        news = self._news
        if news.catch_up is None or not news.behind():
            return False
        try:
            await news.catch_up()
        except (StoreUnavailable, Busy):
            return False
        return True

    def _unsure(self) -> str:
        if not self._settings.enforce:
            return answers.unsure_warning()
        return answers.deferral() if self._settings.defer else answers.NO_OPINION
