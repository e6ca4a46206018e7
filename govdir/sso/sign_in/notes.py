"""Lines of the trail about signing in."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from govdir.directory.ports import Clock
from govdir.sso.accounts import Account
from govdir.sso.deeds import Detail
from govdir.sso.model import Factor, Happened, Kind, factors_word
from govdir.sso.ports import Trail
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.throttle import network_of

_CHANNEL: Final = "web"
_ONE_LINE_IN: Final = timedelta(minutes=1)
_MAX_NOTED: Final = 4096
"""Accounts and networks remembered for that; some hundred kB."""


class Notes:
    """Writes them. A name that nobody has is not written: people type passwords in its field."""

    def __init__(self, trail: Trail, clock: Clock) -> None:
        self._trail = trail
        self._clock = clock
        self._noted: OrderedDict[tuple[str, bytes], datetime] = OrderedDict()

    def note(
        self,
        kind: Kind,
        outcome: str,
        account: Account | None,
        browser: Browser,
        *,
        factors: frozenset[Factor] = frozenset(),
        detail: Detail | None = None,
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
                factors=factors_word(factors),
                network=browser.network,
                agent=browser.agent,
                detail="" if detail is None else str(detail),
            )
        )

    def throttled(self, account: Account | None, browser: Browser) -> None:
        """A try that had to wait: one line a minute for one account and network, since refusing costs nothing
        and a line is kept for a year."""
        now = self._clock.now()
        about = ("" if account is None else account.entry_uuid, network_of(browser.network))
        last = self._noted.pop(about, None)
        if last is None or now - last >= _ONE_LINE_IN:
            self.note(Kind.REFUSAL, "throttled", account, browser)
            last = now
        self._noted[about] = last
        if len(self._noted) > _MAX_NOTED:
            self._noted.popitem(last=False)
