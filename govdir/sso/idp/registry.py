"""The registered service providers as requests need them: metadata parsed, keys loaded, all in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from govdir.directory.errors import Busy
from govdir.directory.ports import Clock, SlowWork, StoreUnavailable
from govdir.sso.idp import texts
from govdir.sso.idp.outcomes import ServiceName
from govdir.sso.model import Encryption, ServiceProvider, ServiceSettings
from govdir.sso.ports import Services
from govdir.sso.saml.encryption import EncryptionKey, EncryptionMethod
from govdir.sso.saml.errors import CannotEncrypt, SamlError, UnusableMetadata
from govdir.sso.saml.keys import DEFAULT_METHODS, VerificationKeys
from govdir.sso.saml.metadata_sp import read_service_metadata
from govdir.sso.saml.model import ServiceMetadata

FRESH: Final = timedelta(seconds=2)
"""For so long nobody asks whether the registry was changed: how late a change comes, and what it costs."""


class Known(Struct, frozen=True):
    """A service provider ready for use; `encryption` None when assertions go to it unencrypted, or cannot."""

    service: ServiceProvider
    metadata: ServiceMetadata
    keys: VerificationKeys
    encryption: EncryptionKey | None

    @property
    def entity_id(self) -> str:
        """Its name in messages."""
        return self.service.entity_id

    @property
    def settings(self) -> ServiceSettings:
        """What the administrator decided."""
        return self.service.settings

    @property
    def name(self) -> ServiceName:
        """Its name on pages: the administrator's title, else what its metadata says."""
        title = self.settings.title
        titles = (
            {"": title} if title else {language[:2]: text for language, text in self.metadata.display_names}
        )
        return ServiceName(self.service.name, self.entity_id, titles)

    @property
    def signs_requests(self) -> bool:
        """Whether its AuthnRequests must be signed."""
        decided = self.settings.signed_requests
        return self.metadata.signs_requests if decided is None else decided

    @property
    def must_encrypt_but_cannot(self) -> bool:
        """Encryption is demanded, and metadata has no key for it."""
        return self.settings.encryption is Encryption.REQUIRED and self.encryption is None


def known(service: ServiceProvider) -> Known:
    """Parses and loads what a service provider's record holds. Raises UnusableMetadata, also for settings
    that would fail each answer later."""
    if service.settings.signature_method not in DEFAULT_METHODS:
        raise UnusableMetadata(texts.UNKNOWN_METHOD.filled(setting="signature_method"))
    if service.settings.encryption_method not in set(EncryptionMethod):
        raise UnusableMetadata(texts.UNKNOWN_METHOD.filled(setting="encryption_method"))
    metadata = read_service_metadata(service.metadata, service.entity_id)
    keys = VerificationKeys.of(metadata.signing_certificates, sha1=service.settings.allow_sha1)
    return Known(service, metadata, keys, _encryption(service.settings, metadata))


def _encryption(settings: ServiceSettings, metadata: ServiceMetadata) -> EncryptionKey | None:
    """The first published key that encryption can use."""
    if settings.encryption is Encryption.NEVER:
        return None
    for certificate in metadata.encryption_certificates:
        try:
            return EncryptionKey.of(certificate)
        except CannotEncrypt:
            continue
    return None


class Registry:
    """All that are registered, as of at most `FRESH` ago. `troubles` says by entity id why one cannot be
    used."""

    def __init__(self, services: Services, slow: SlowWork, clock: Clock) -> None:
        self._services = services
        self._slow = slow
        self._clock = clock
        self._number: int | None = None
        self._asked: datetime | None = None
        self._known: Mapping[str, Known] = MappingProxyType({})
        self.troubles: Mapping[str, str] = MappingProxyType({})

    @property
    def known(self) -> Mapping[str, Known]:
        """By entity id; a mapping that never changes, for threads too."""
        return self._known

    async def find(self, entity_id: str) -> Known | None:
        """The service provider of that entity id."""
        await self.refresh()
        return self._known.get(entity_id)

    async def named(self, name: str) -> Known | None:
        """The service provider of that short name, though it was registered a moment ago."""
        await self.refresh()
        known = self._called(name)
        if known is None and await self.refresh(at_once=True):
            known = self._called(name)
        return known

    def _called(self, name: str) -> Known | None:
        return next((one for one in self._known.values() if one.service.name == name), None)

    async def refresh(self, *, at_once: bool = False) -> bool:
        """Loads what was changed, asking storage only every `FRESH` unless `at_once`; whether anything was.

        While storage is away what is known stays in use; before anything is known StoreUnavailable rises.
        """
        now = self._clock.now()
        if not at_once and self._asked is not None and self._asked <= now < self._asked + FRESH:
            return False
        try:
            return await self._load(now)
        except (StoreUnavailable, Busy):
            if self._number is None:
                raise
            return False

    async def _load(self, now: datetime) -> bool:
        self._asked = now
        number = await self._services.number()
        if number == self._number:
            return False
        before = self._known
        services = await self._services.all()
        fresh, troubles = await self._slow.run(lambda: _parsed(services, before))
        self._known = MappingProxyType(fresh)
        self.troubles = MappingProxyType(troubles)
        self._number = number
        return True


def _parsed(
    services: Sequence[ServiceProvider], before: Mapping[str, Known]
) -> tuple[dict[str, Known], dict[str, str]]:
    """Those that can be used, parsing only what is new, and why the others cannot."""
    fresh: dict[str, Known] = {}
    troubles: dict[str, str] = {}
    for service in services:
        held = before.get(service.entity_id)
        if held is not None and held.service == service:
            fresh[service.entity_id] = held
            continue
        try:
            fresh[service.entity_id] = known(service)
        except SamlError as error:
            troubles[service.entity_id] = str(error)
    return fresh, troubles
