"""The applications that somebody may open from the own page."""

from __future__ import annotations

from govdir.directory.service import Directory
from govdir.mailattrs.folding import name_key
from govdir.policy.texts import Language
from govdir.sso.accounts import Account
from govdir.sso.idp.access_rule import denial
from govdir.sso.idp.outcomes import ServiceName
from govdir.sso.idp.registry import Registry


class Applications:
    """The registered service providers, as accounts may use them."""

    def __init__(self, registry: Registry, directory: Directory) -> None:
        self._registry = registry
        self._directory = directory

    async def open_to(self, account: Account, language: Language) -> tuple[ServiceName, ...]:
        """Those that start at our own page and let the account in, by title. May raise StoreUnavailable."""
        await self._registry.refresh()
        found = [
            known.name
            for known in self._registry.known.values()
            if known.settings.enabled
            and known.settings.idp_initiated
            and denial(known.settings, account, self._directory) is None
        ]
        return tuple(sorted(found, key=lambda name: (name_key(name.title(language)), name.name)))

    async def titles(self, language: Language) -> dict[str, str]:
        """What applications are called, by entity ID. May raise StoreUnavailable."""
        await self._registry.refresh()
        return {known.entity_id: known.name.title(language) for known in self._registry.known.values()}
