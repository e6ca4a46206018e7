"""/account, its sessions and its history: who somebody is here, where signed in, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct

from govdir.directory.ports import Clock
from govdir.policy.model import Pack
from govdir.policy.texts import Language
from govdir.sso.model import Kind, Session
from govdir.sso.sign_in.self_service import Owner, SelfService
from govdir.web import account_texts as texts
from govdir.web.account_accesses import by_programs
from govdir.web.account_applications import Applications
from govdir.web.account_facts import password_age
from govdir.web.account_frame import HISTORY, HOME, SESSIONS, Frame
from govdir.web.account_trail import TrailLine, lines_of
from govdir.web.asked import Asked
from govdir.web.door import Door
from govdir.web.reply import Reply, redirect
from govdir.web.router import Route

LATEST: Final = 5
"""Sign-ins shown at home: enough to notice a strange one."""

HISTORY_LENGTH: Final = 100
"""Lines of the history: weeks of daily use."""

WARNED_DAYS: Final = 14
"""A password that ends so soon is marked."""

_OTHERS: Final = "others"


class SessionLine(Struct, frozen=True):
    """A session in the list; `mark` tells the forms' sessions apart, `here` the one of this browser."""

    mark: str
    agent: str
    network: str
    began: datetime
    seen: datetime
    here: bool


class AccountPages:
    """The pages."""

    def __init__(
        self,
        *,
        frame: Frame,
        door: Door,
        service: SelfService,
        applications: Applications,
        pack: Pack,
        clock: Clock,
    ) -> None:
        self._frame = frame
        self._door = door
        self._service = service
        self._applications = applications
        self._pack = pack
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """All for those who are signed in."""
        signed_in = self._door.signed_in
        return (
            Route("GET", HOME, signed_in(self.home)),
            Route("GET", SESSIONS, signed_in(self.sessions)),
            Route("POST", SESSIONS, signed_in(self.end)),
            Route("GET", HISTORY, signed_in(self.history)),
        )

    async def home(self, asked: Asked, owner: Owner) -> Reply:
        """Who somebody is, and the way to everything else."""
        account, now, language = owner.account, self._clock.now(), asked.language
        age = password_age(self._frame.directory, self._pack, self._frame.record(account))
        trail = await self._trail(owner, HISTORY_LENGTH, language, only=(Kind.SIGN_IN, Kind.REFUSAL))
        return self._frame.page(
            asked,
            owner,
            "account/home.html",
            HOME,
            state=self._frame.facts(account).state_in(language),
            changed=age.changed_text(),
            expiry=age.expiry_text(now),
            expiring=age.ends_within(WARNED_DAYS, now),
            expiry_rule=age.citation.place_in(language) if age.citation else "",
            factor=await self._service.factor(account),
            sessions=len(await self._service.sessions(account)),
            applications=await self._applications.open_to(account, language),
            trail=trail[:LATEST],
        )

    async def history(self, asked: Asked, owner: Owner) -> Reply:
        """What happened to the account, the latest first."""
        trail = await self._trail(owner, HISTORY_LENGTH, asked.language)
        accesses = await self._frame.directory.accesses.last(owner.account.record_id)
        return self._frame.page(
            asked, owner, "account/history.html", HISTORY, trail=trail, programs=by_programs(accesses)
        )

    async def sessions(self, asked: Asked, owner: Owner) -> Reply:
        """Where somebody is signed in."""
        lines = _lines(await self._service.sessions(owner.account), owner.session.key)
        told = _told(asked.query.get("ended", ""), asked.language)
        return self._frame.page(asked, owner, "account/sessions.html", SESSIONS, sessions=lines, told=told)

    async def end(self, asked: Asked, owner: Owner) -> Reply:
        """One session, or all but this one."""
        wanted = asked.form.get("session", "")
        if wanted == _OTHERS:
            ended = await self._service.end_other_sessions(owner)
            return _after(str(ended))
        for session in await self._service.sessions(owner.account):
            if _mark(session) == wanted and session.key != owner.session.key:
                done = await self._service.end_session(owner, session.key)
                return _after("one" if done else "gone")
        return _after("gone")

    async def _trail(
        self, owner: Owner, limit: int, language: Language, only: Sequence[Kind] = tuple(Kind)
    ) -> tuple[TrailLine, ...]:
        happened = await self._service.history(owner.account, limit)
        titles = await self._applications.titles(language)
        return lines_of([each for each in happened if each.kind in only], titles)


def _lines(sessions: Sequence[Session], here: bytes) -> tuple[SessionLine, ...]:
    """The present one first."""
    ordered = sorted(sessions, key=lambda session: session.key != here)
    return tuple(
        SessionLine(
            _mark(session), session.agent, session.network, session.began, session.seen, session.key == here
        )
        for session in ordered
    )


def _mark(session: Session) -> str:
    """Tells a session in a form without its key."""
    return sha256(b"form\0" + session.key).hexdigest()[:32]


def _after(ended: str) -> Reply:
    return redirect(f"{SESSIONS}?{urlencode({'ended': ended})}")


def _told(ended: str, language: Language) -> str:
    """What became of the form before; "" for what it never says."""
    if ended == "one":
        return texts.SESSION_ENDED.in_language(language)
    if ended == "gone":
        return texts.SESSION_GONE.in_language(language)
    if ended.isascii() and ended.isdigit() and len(ended) <= 4:
        return texts.ENDED_ELSEWHERE.render(language, count=int(ended))
    return ""
