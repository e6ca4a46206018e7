"""Metadata is fetched again by the clock, by one process, and nothing worse replaces what works."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from govdir.directory.ports import StoreUnavailable
from govdir.policy.texts import Language, Wording
from govdir.sso.model import ServiceProvider
from govdir.sso.saml import signatures, xml
from govdir.web.metadata_refresh import MetadataRefresh, warnings
from govdir.web.outbound_addresses import NoAnswer
from tests.sso.memory_ports import (
    DirectWork,
    MemoryKeeping,
    MemoryServices,
    MemoryTrail,
    SettableClock,
    run,
)
from tests.sso.saml.samples import ACS, NAMESPACES, SP, certificate, signing_key

URL = "https://portal.vn/metadata"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
SAML2 = "urn:oasis:names:tc:SAML:2.0:protocol"


def metadata(acs: str = ACS, *, entity_id: str = SP, attributes: str = "", keys: str = "") -> bytes:
    return (
        f'<md:EntityDescriptor {NAMESPACES} entityID="{entity_id}" {attributes}>'
        f'<md:SPSSODescriptor protocolSupportEnumeration="{SAML2}">{keys}'
        f'<md:AssertionConsumerService Binding="{POST}" Location="{acs}" index="0"/>'
        "</md:SPSSODescriptor></md:EntityDescriptor>"
    ).encode()


OLD, NEW = metadata(), metadata(ACS + "/new")


class Web:
    """What the address answers; `asked` is how often it was."""

    def __init__(self) -> None:
        self.answer: bytes | Exception = NEW
        self.asked = 0

    def fetch(self, url: str) -> bytes:
        assert url == URL
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Town:
    """A registry and processes that keep it fresh."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.services = MemoryServices()
        self.keeping = MemoryKeeping()
        self.trail = MemoryTrail()
        self.web = Web()

    def register(self, **facts: object) -> ServiceProvider:
        facts = {"metadata_url": URL, "refreshed": self.clock.now(), **facts}
        service = ServiceProvider(SP, "portal", OLD, **facts)  # type: ignore[arg-type]
        assert run(self.services.put(service))
        return service

    def process(self, hours: int = 24, fetch: Callable[[str], bytes] | None = None) -> MetadataRefresh:
        return MetadataRefresh(
            services=self.services,
            keeping=self.keeping,
            trail=self.trail,
            fetch=fetch or self.web.fetch,
            slow=DirectWork(),
            clock=self.clock,
            hours=hours,
            language=Language.VIETNAMESE,
        )

    @property
    def portal(self) -> ServiceProvider:
        return self.services.held[SP]


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What the program's log says of metadata."""
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        if event["log_namespace"].startswith("govdir.web"):
            lines.append(f"{event['log_level'].name}: {formatEvent(event)}")

    globalLogPublisher.addObserver(observe)  # type: ignore[arg-type]
    yield lines
    globalLogPublisher.removeObserver(observe)  # type: ignore[arg-type]


def test_it_is_fetched_when_a_day_has_passed_and_not_before(town: Town) -> None:
    town.register()
    process = town.process()

    town.clock.pass_time(hours=23, minutes=59)
    run(process.tick())
    before = town.web.asked
    town.clock.pass_time(minutes=1)
    run(process.tick())
    run(process.tick())

    assert (before, town.web.asked) == (0, 1)
    assert town.portal.metadata == NEW
    assert town.portal.refreshed == town.clock.now()
    assert town.portal.version == 1


def test_of_an_aggregate_one_entity_is_taken_over_and_only_once(town: Town) -> None:
    other = NEW.replace(SP.encode(), b"https://other.vn")
    space = b'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
    whole = b"<md:EntitiesDescriptor %b>%b%b</md:EntitiesDescriptor>" % (space, NEW, other)
    town.register()
    process = town.process(fetch=lambda _url: whole)

    for _ in range(2):
        town.clock.pass_time(days=1)
        run(process.tick())

    assert b"other.vn" not in town.portal.metadata
    assert town.portal.version == 2
    assert len(town.trail.lines) == 1


def test_what_was_never_refreshed_is_fetched_at_once(town: Town) -> None:
    town.register(refreshed=None)

    run(town.process().tick())

    assert town.portal.metadata == NEW


@pytest.mark.parametrize(("hours", "url"), [(0, URL), (24, "")])
def test_without_an_interval_or_an_address_nothing_is_fetched(town: Town, hours: int, url: str) -> None:
    town.register(metadata_url=url)
    town.clock.pass_time(days=365)

    run(town.process(hours).tick())

    assert town.web.asked == 0
    assert town.portal.version == 0


def test_one_process_of_many_does_it(town: Town) -> None:
    town.register(refreshed=None)
    processes = [town.process() for _ in range(3)]
    town.web.answer = NoAnswer(Wording("hỏng", "broken"))

    for process in processes:
        run(process.tick())

    assert town.web.asked == 1


def test_a_change_is_told_in_log_and_trail_and_the_same_again_is_not(town: Town, logged: list[str]) -> None:
    town.register(refreshed=None)
    process = town.process()

    run(process.tick())
    town.clock.pass_time(days=1)
    run(process.tick())

    assert town.web.asked == 2
    assert logged == ["info: metadata of portal has changed and was taken over"]
    assert [(line.kind, line.channel, line.entity_id) for line in town.trail.lines] == [
        ("service-provider", "refresh", SP)
    ]


@pytest.mark.parametrize(
    "answer",
    [
        NoAnswer(Wording("portal.vn: không kết nối được", "portal.vn: no connection")),
        b"",
        b"<html>Please sign in</html>",
        metadata(entity_id="https://other.vn/saml"),
        metadata("http://portal.vn/acs"),
        metadata(attributes='validUntil="2026-03-01T00:00:00Z"'),
        RuntimeError("odd"),
    ],
)
def test_nothing_worse_replaces_what_works(town: Town, answer: bytes | Exception) -> None:
    town.register(refreshed=None)
    town.web.answer = answer

    run(town.process().tick())

    assert town.portal.metadata == OLD
    assert town.portal.entity_id == SP
    assert town.portal.refreshed is None
    assert bool(town.portal.trouble) != isinstance(answer, RuntimeError)


def test_a_failure_is_kept_in_the_homes_language_and_tried_again_after_an_hour(
    town: Town, logged: list[str]
) -> None:
    town.register(refreshed=None)
    process = town.process()
    town.web.answer = NoAnswer(Wording("portal.vn: không kết nối được", "portal.vn: no connection"))

    run(process.tick())
    town.clock.pass_time(minutes=59)
    run(process.tick())
    failed = town.portal
    town.clock.pass_time(minutes=1)
    run(process.tick())
    again = town.portal
    town.web.answer = NEW
    town.clock.pass_time(hours=1)
    run(process.tick())

    assert failed.trouble == "portal.vn: không kết nối được"
    assert failed.version == again.version == 1, "the same trouble is no change"
    assert (town.portal.trouble, town.portal.metadata) == ("", NEW)
    assert town.web.asked == 3
    assert logged[0] == (
        "warn: metadata of portal was not refreshed, the former stays in use: portal.vn: không kết nối được"
    )
    assert "info: metadata of portal can be had again" in logged


def test_metadata_whose_signer_is_pinned_must_be_signed_by_it(town: Town) -> None:
    element = xml.parse(metadata(attributes='ID="_m1"'))
    signatures.sign(element, signing_key())
    signed = xml.serialize(element)
    town.register(refreshed=None, metadata_signer=signing_key().certificate)
    process = town.process()

    run(process.tick())
    unsigned = town.portal
    town.web.answer = signed
    town.clock.pass_time(hours=1)
    run(process.tick())

    assert unsigned.metadata == OLD
    assert unsigned.trouble
    assert town.portal.metadata == signed


def test_what_an_administrator_changed_meanwhile_stands(town: Town) -> None:
    service = town.register(refreshed=None)

    def fetch(_url: str) -> bytes:
        assert run(town.services.put(replace(service, version=1, metadata_url="")))
        return NEW

    run(town.process(fetch=fetch).tick())

    assert town.portal == replace(service, version=1, metadata_url="")


def test_a_database_that_is_away_costs_no_turn(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.register(refreshed=None)
    process = town.process()

    async def away(*_: object) -> bool:
        raise StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(town.keeping, "first_time", away)
        with pytest.raises(StoreUnavailable):
            run(process.tick())
    run(process.tick())

    assert town.portal.metadata == NEW


def test_what_runs_out_is_told_once_a_day(town: Town, logged: list[str]) -> None:
    ending = metadata(attributes='validUntil="2026-03-10T00:00:00Z"')
    run(town.services.put(ServiceProvider(SP, "portal", ending)))
    processes = [town.process(), town.process()]

    for _hour in range(48):
        for process in processes:
            run(process.tick())
        town.clock.pass_time(hours=1)

    assert len(logged) == 3, "two days reach into three"
    assert logged[0].startswith("warn: metadata of portal: ")
    assert "10/03/2026" in logged[0]


def test_certificates_are_told_of_before_they_expire_and_not_after() -> None:
    def told(ends: datetime) -> list[str]:
        now = SettableClock().now()
        text = base64.b64encode(certificate(began=now - timedelta(days=300), ended=ends)).decode()
        keys = (
            '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>'
            f"{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        )
        return [each.en for each in warnings(ServiceProvider(SP, "portal", metadata(keys=keys)), now)]

    now = SettableClock().now()
    (soon,) = told(now + timedelta(days=13))
    assert soon.startswith("certificate 1 expires on 15/03/2026;")
    assert told(now + timedelta(days=15)) == []
    assert told(now - timedelta(days=1)) == []


def test_metadata_that_can_no_longer_be_read_is_told_of() -> None:
    (told,) = warnings(ServiceProvider(SP, "portal", b"<x/>"), SettableClock().now())

    assert told.vi != told.en
