"""The applications that somebody may open from the own page, and what those in the history are called."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from govdir.mailattrs.folding import name_key
from govdir.policy.texts import Language
from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import ServiceName
from govdir.sso.idp.registry import Registry


class Provider(Protocol):
    """What is needed of sso.idp.provider.IdentityProvider."""

    @property
    def registry(self) -> Registry: ...

    def startable(self, account: Account) -> Awaitable[Sequence[ServiceName]]:
        """The applications that this account can go to from our own pages."""


class Applications:
    """The registered service providers, by what people call them. May raise StoreUnavailable, Busy."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def open_to(self, account: Account, language: Language) -> Sequence[ServiceName]:
        """Those that start at our own page and let the account in, by title."""
        names = await self._provider.startable(account)
        return sorted(names, key=lambda name: (name_key(name.title(language)), name.name))

    async def titles(self, language: Language) -> dict[str, str]:
        """What applications are called, by entity ID."""
        registry = self._provider.registry
        await registry.refresh()
        return {known.entity_id: known.name.title(language) for known in registry.known.values()}
