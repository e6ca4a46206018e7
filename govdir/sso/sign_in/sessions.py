"""The sessions of browsers: from the cookie's token to whoever is signed in, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from secrets import token_urlsafe
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory.ports import Clock
from govdir.sso.accounts import Account, Accounts
from govdir.sso.model import Factor, Participant, Session
from govdir.sso.ports import Sessions
from govdir.sso.sign_in.browser import Browser, digest_of

TOKEN_OCTETS: Final = 32
"""Nobody guesses 256 bits, so their digest needs no salt."""

TOUCH_SECONDS: Final = 60
"""`seen` is to the minute: a busy session writes no more often."""

RECENT_MINUTES: Final = 5
"""Whoever proved the password so recently is not asked again before changing a second factor."""

_MAX_TOKEN: Final = 128

Farewell = Callable[[Sequence[Participant]], None]
"""Tells service providers that sessions they were told of have ended; nobody waits for it."""


class SessionLimits(Struct, frozen=True):
    """How long a session lives without use, and in any case."""

    idle: timedelta = timedelta(minutes=60)
    absolute: timedelta = timedelta(hours=10)


DEFAULT_LIMITS: Final = SessionLimits()


class Token(Struct, frozen=True):
    """What the browser gets, and the key it is stored under."""

    text: str
    key: bytes

    def __repr__(self) -> str:
        return "Token(<hidden>)"


def new_token() -> Token:
    """256 random bits, base64url."""
    text = token_urlsafe(TOKEN_OCTETS)
    return Token(text, digest_of(text))


def nobody_is_told(ended: Sequence[Participant]) -> None:
    """Where there are no service providers."""


class SessionBook:
    """All sessions. `farewell` may be set once there is somebody to tell."""

    def __init__(
        self,
        sessions: Sessions,
        accounts: Accounts,
        clock: Clock,
        limits: SessionLimits = DEFAULT_LIMITS,
        farewell: Farewell = nobody_is_told,
    ) -> None:
        self._sessions = sessions
        self._accounts = accounts
        self._clock = clock
        self.limits = limits
        self.farewell = farewell

    async def current(self, token: str) -> tuple[Session, Account] | None:
        """Whose session the cookie's token is; None when there is none, it is over, or the account does not
        stand as it did (then it is ended)."""
        if not token or len(token) > _MAX_TOKEN:
            return None
        return await self.standing(digest_of(token))

    async def standing(self, key: bytes) -> tuple[Session, Account] | None:
        """The same by the session's key; counts as a use."""
        session = await self._sessions.get(key)
        if session is None or not self._lives(session):
            return None
        account = self._accounts.stands(session)
        if account is None:
            await self.end((key,))
            return None
        now = self._clock.now()
        if now - session.seen >= timedelta(seconds=TOUCH_SECONDS):
            self._sessions.touch(key, now)
            session = replace(session, seen=now)
        return session, account

    def is_recent(self, session: Session, minutes: int = RECENT_MINUTES) -> bool:
        """Whether the factors were proved less than so many minutes ago."""
        return self._clock.now() - session.authenticated < timedelta(minutes=minutes)

    async def begin(
        self,
        account: Account,
        factors: frozenset[Factor],
        browser: Browser,
        token: Token,
        *,
        instead_of: bytes = b"",
    ) -> Session:
        """A session under `token` for whoever has just proved to be `account`.

        It takes the place of the session with the key `instead_of`, and its service providers with it, when
        that is the same account's; another account's is ended.
        """
        old = await self._sessions.get(instead_of) if instead_of else None
        now = self._clock.now()
        session = Session(
            key=token.key,
            entry_uuid=account.entry_uuid,
            began=now,
            seen=now,
            ends=now + self.limits.absolute,
            authenticated=now,
            factors=factors,
            proof=account.proof,
            network=browser.network,
            agent=browser.agent,
        )
        if old is not None and old.entry_uuid == account.entry_uuid and self._lives(old):
            session = replace(session, began=old.began)
            await self._replace(old.key, session, revive=True)
        else:
            if old is not None:
                await self.end((old.key,))
            await self._sessions.add(session)
        return session

    async def renew(
        self,
        session: Session,
        account: Account,
        token: Token,
        *,
        proved: bool = False,
        factors: frozenset[Factor] = frozenset(),
        revive: bool = False,
    ) -> Session:
        """The same session under a new token, with the account as it is now: after its own change.

        `proved`: all factors were proved just now; `factors`: these are added. A session that was ended
        meanwhile stays so, and the token is nobody's; `revive`: it begins again, for what ended it was its
        owner's change, seen by another request.
        """
        now = self._clock.now()
        fresh = replace(
            session,
            key=token.key,
            seen=now,
            authenticated=now if proved else session.authenticated,
            factors=session.factors | factors,
            proof=account.proof,
        )
        await self._replace(session.key, fresh, revive=revive)
        return fresh

    async def _replace(self, key: bytes, session: Session, *, revive: bool) -> None:
        try:
            await self._sessions.replace(key, session)
        except LookupError:
            if revive:
                await self._sessions.add(session)

    async def of_entry(self, entry_uuid: str) -> Sequence[Session]:
        """Somebody's sessions that live, the one used last first."""
        return [session for session in await self._sessions.of_entry(entry_uuid) if self._lives(session)]

    async def end(self, keys: Iterable[bytes]) -> Sequence[Participant]:
        """Ends sessions and has their service providers told."""
        ended = await self._sessions.end(keys)
        if ended:
            self.farewell(ended)
        return ended

    async def end_one(self, account: Account, key: bytes) -> bool:
        """Ends a session of that account's; False when it has none of that key."""
        session = await self._sessions.get(key)
        if session is None or session.entry_uuid != account.entry_uuid:
            return False
        await self.end((key,))
        return True

    async def end_all(self, entry_uuid: str, but: bytes = b"") -> int:
        """Ends all sessions of an entry (other than one); how many there were."""
        sessions = await self._sessions.of_entry(entry_uuid)
        keys = [session.key for session in sessions if session.key != but]
        if keys:
            await self.end(keys)
        return sum(self._lives(session) for session in sessions if session.key != but)

    def _lives(self, session: Session) -> bool:
        now = self._clock.now()
        return now < session.ends and now - session.seen < self.limits.idle
