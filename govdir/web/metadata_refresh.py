"""Metadata of service providers, fetched again by the clock; what was usable stays until something better is.

Several processes may run it: each round of a service provider is claimed by one of them, and what it stores
rests on the version it read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from cryptography import x509
from msgspec.structs import replace
from twisted.logger import Logger

from govdir.directory.errors import Busy
from govdir.directory.ports import Clock, SlowWork, StoreUnavailable
from govdir.policy.texts import Language, Wording
from govdir.sso.model import Happened, Kind, ServiceProvider
from govdir.sso.ports import Keeping, Services, Trail
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.metadata_sp import NOTICE, expiry_warning, read_service_metadata, take_over
from govdir.sso.saml.model import ServiceMetadata
from govdir.web.outbound_addresses import NoAnswer

TICK_SECONDS: Final = 60.0
"""How often `tick` is to be called; without anything due it reads the registry and no more."""

RETRY: Final = timedelta(hours=1)
"""A service provider whose metadata could not be had is asked again so much later, by one process."""

_CLAIM: Final = "govdir:metadata-refresh"
_WARNING: Final = "govdir:metadata-warning"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)

_CERTIFICATE: Final = Wording(
    "chứng thư số {number} hết hạn ngày {day}; govdir chỉ dùng khóa trong đó nên đăng nhập vẫn chạy, nhưng "
    "ứng dụng có thể sắp đổi khóa",
    "certificate {number} expires on {day}; govdir uses only its key, so signing in goes on, but the "
    "application may be about to change it",
)


class MetadataRefresh:
    """`fetch` is Outbound.fetch, run on the pool `slow`; `hours` between rounds, 0 for never. What is wrong
    is kept with the service provider in `language`, and logged."""

    _log = Logger()

    def __init__(
        self,
        *,
        services: Services,
        keeping: Keeping,
        trail: Trail,
        fetch: Callable[[str], bytes],
        slow: SlowWork,
        clock: Clock,
        hours: int,
        language: Language,
    ) -> None:
        self._services = services
        self._keeping = keeping
        self._trail = trail
        self._fetch = fetch
        self._slow = slow
        self._clock = clock
        self._every = timedelta(hours=hours)
        self._language = language
        self._claimed: dict[tuple[str, str], int] = {}

    async def tick(self) -> None:
        """Does what is due, one service provider after the other. Raises StoreUnavailable, Busy."""
        now = self._clock.now()
        services = await self._services.all()
        known = {each.entity_id for each in services}
        self._claimed = {claim: turn for claim, turn in self._claimed.items() if claim[1] in known}
        for service in services:
            if self._is_due(service, now) and await self._claim(_CLAIM, service, now, RETRY):
                await self._refresh(service)
            if await self._claim(_WARNING, service, now, _DAY):
                await self._warn(service, now)

    def _is_due(self, service: ServiceProvider, now: datetime) -> bool:
        if not self._every or not service.metadata_url:
            return False
        return service.refreshed is None or service.refreshed + self._every <= now

    async def _claim(self, what: str, service: ServiceProvider, now: datetime, length: timedelta) -> bool:
        """Whether this turn of so much time is ours, of all processes'."""
        turn = (now - _EPOCH) // length
        if self._claimed.get((what, service.entity_id)) == turn:
            return False
        first = await self._keeping.first_time(what, f"{turn} {service.entity_id}", now + 2 * length)
        self._claimed[what, service.entity_id] = turn
        return first

    async def _refresh(self, service: ServiceProvider) -> None:
        now = self._clock.now()
        try:
            octets = await self._slow.run(partial(self._read, service, now))
        except (NoAnswer, UnusableMetadata) as error:
            await self._keep_former(service, error.why.in_language(self._language))
            return
        except (StoreUnavailable, Busy):
            raise
        except Exception:  # one that is odd beyond all checks must not keep the others from their turn
            self._log.failure("metadata of {name} could not be read", name=service.name)
            return
        changed = octets != service.metadata
        following = replace(service, version=service.version + 1, metadata=octets, refreshed=now, trouble="")
        if not await self._services.put(following):
            return  # an administrator was quicker; the next round sees to what stands then
        if service.trouble:
            self._log.info("metadata of {name} can be had again", name=service.name)
        if changed:
            self._log.info("metadata of {name} has changed and was taken over", name=service.name)
            self._trail.note(
                Happened(
                    at=now,
                    kind=Kind.SERVICE,
                    outcome="ok",
                    entity_id=service.entity_id,
                    channel="refresh",
                    detail="metadata",
                )
            )

    def _read(self, service: ServiceProvider, now: datetime) -> bytes:
        """What to keep; on a thread of the pool. Read as a registration would be, for this entity ID only."""
        octets = self._fetch(service.metadata_url)
        signer = VerificationKeys.of([service.metadata_signer]) if service.metadata_signer else None
        return take_over(octets, service.entity_id, signer, now=now).octets

    async def _keep_former(self, service: ServiceProvider, why: str) -> None:
        self._log.warn(
            "metadata of {name} was not refreshed, the former stays in use: {why}",
            name=service.name,
            why=why,
        )
        if why != service.trouble:
            await self._services.put(replace(service, version=service.version + 1, trouble=why))

    async def _warn(self, service: ServiceProvider, now: datetime) -> None:
        for warning in await self._slow.run(lambda: tuple(warnings(service, now))):
            self._log.warn(
                "metadata of {name}: {warning}",
                name=service.name,
                warning=warning.in_language(self._language),
            )


def warnings(service: ServiceProvider, now: datetime) -> Iterator[Wording]:
    """What in the metadata runs out within `metadata_sp.NOTICE`, or has. Blocking for a millisecond or so."""
    try:
        metadata = read_service_metadata(service.metadata, service.entity_id)
    except UnusableMetadata as error:
        yield error.why
        return
    ends = expiry_warning(metadata, now)
    if ends is not None:
        yield ends
    yield from _old_certificates(metadata, now)


def _old_certificates(metadata: ServiceMetadata, now: datetime) -> Iterator[Wording]:
    certificates = dict.fromkeys((*metadata.signing_certificates, *metadata.encryption_certificates))
    for number, octets in enumerate(certificates, 1):
        ends = x509.load_der_x509_certificate(octets).not_valid_after_utc
        if now < ends <= now + NOTICE:
            yield _CERTIFICATE.filled(number=number, day=f"{ends:%d/%m/%Y}")
