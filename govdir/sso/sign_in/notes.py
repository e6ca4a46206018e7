"""Lines of the trail about signing in."""

from __future__ import annotations

from govdir.directory.ports import Clock
from govdir.sso.accounts import Account
from govdir.sso.model import Factor, Happened, Kind
from govdir.sso.ports import Trail
from govdir.sso.sign_in.browser import Browser

_CHANNEL = "web"


class Notes:
    """Writes them. A name that nobody has is not written: people type passwords in its field."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock

    def note(
        self,
        kind: Kind,
        outcome: str,
        account: Account | None,
        browser: Browser,
        *,
        factors: frozenset[Factor] = frozenset(),
        detail: str = "",
    ) -> None:
        """One line, now."""
        self._trail.note(
            Happened(
                at=self._clock.now(),
                kind=kind,
                outcome=outcome,
                entry_uuid="" if account is None else account.entry_uuid,
                who="" if account is None else account.shown,
                channel=_CHANNEL,
                factors=factors_text(factors),
                network=browser.network,
                agent=browser.agent,
                detail=detail,
            )
        )


def factors_text(factors: frozenset[Factor]) -> str:
    """ "password", "password+code" or ""."""
    return "+".join(factor for factor in Factor if factor in factors)
