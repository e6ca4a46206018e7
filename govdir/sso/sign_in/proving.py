"""Proving a password on a web page: braked, at the cost of one hash whoever it is."""

from __future__ import annotations

from collections.abc import Callable

from govdir.directory import channels
from govdir.directory.image import Record
from govdir.directory.proving import Outcome, Proof
from govdir.directory.service import Directory
from govdir.directory.sign_in_names import find_named, read_name
from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.steps import Throttled
from govdir.sso.sign_in.throttle import Throttle


class Prover:
    """Asks the directory, if the throttle lets it."""

    def __init__(self, directory: Directory, throttle: Throttle) -> None:
        self._directory = directory
        self._throttle = throttle

    async def named(
        self, name: str, password: str, browser: Browser, through: str = channels.WEB
    ) -> Proof | Throttled:
        """Whether it is the password of whoever is called so; `through` is the channel of that access."""
        typed = read_name(self._directory, name)
        return await self._prove(
            lambda: find_named(self._directory, typed), typed.canonical, password, browser, through
        )

    async def of_record(self, record: Record, password: str, browser: Browser) -> Proof | Throttled:
        """Whether it is the password of this entry."""
        return await self._prove(
            lambda: record if record.alive else None,
            str(record.id).encode(),
            password,
            browser,
            channels.WEB,
        )

    async def _prove(
        self,
        find: Callable[[], Record | None],
        name: bytes,
        password: str,
        browser: Browser,
        through: str,
    ) -> Proof | Throttled:
        ticket = await self._throttle.password(name, _entry_uuid(find()), browser)
        if isinstance(ticket, Throttled):
            return ticket
        try:
            octets = password.encode("utf-8", "surrogatepass")
            proof = await self._directory.logins.prove(find, octets, through)
            if proof.outcome is Outcome.WRONG:
                await self._throttle.failed(ticket)
            else:
                await self._throttle.succeeded(ticket)
        finally:
            self._throttle.close(ticket)
        return proof


def _entry_uuid(record: Record | None) -> str:
    values = () if record is None else record.values("entryuuid")
    return values[0].decode() if values else ""
