"""The service providers in memory."""

from __future__ import annotations

import pytest

from govdir.directory.ports import StoreUnavailable
from govdir.sso.idp.registry import Registry, known
from govdir.sso.model import Encryption
from govdir.sso.saml.errors import UnusableMetadata
from tests.sso.idp.stage import Application, Stage
from tests.sso.memory_ports import DirectWork, MemoryServices, SettableClock, run


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def registry(services: MemoryServices, clock: SettableClock) -> Registry:
    return Registry(services, DirectWork(), clock)


PORTAL, FILES = Application("portal"), Application("files")


def test_a_service_provider_is_found_by_entity_id_and_by_name(
    registry: Registry, services: MemoryServices
) -> None:
    run(services.put(PORTAL.registered()))

    found = run(registry.find("https://portal.example.vn/metadata"))

    assert found is not None
    assert found == run(registry.named("portal"))
    assert found.metadata.acs[0].location == "https://portal.example.vn/acs"
    assert run(registry.find("https://PORTAL.example.vn/metadata")) is None
    assert run(registry.named("files")) is None


def test_storage_is_asked_every_two_seconds_and_read_only_after_a_change(
    registry: Registry, services: MemoryServices, clock: SettableClock
) -> None:
    run(services.put(PORTAL.registered()))
    run(registry.refresh())
    run(services.put(FILES.registered()))

    at_once = run(registry.find(FILES.entity_id))
    clock.pass_time(seconds=2)
    later = run(registry.find(FILES.entity_id))
    clock.pass_time(seconds=2)
    run(registry.refresh())

    assert at_once is None
    assert later is not None
    assert services.reads == 2


def test_a_name_that_is_not_known_is_looked_for_at_once(registry: Registry, services: MemoryServices) -> None:
    run(services.put(PORTAL.registered()))
    run(registry.refresh())
    run(services.put(FILES.registered()))

    found = run(registry.named("files"))

    assert found is not None
    assert found.entity_id == FILES.entity_id


def test_what_did_not_change_is_not_parsed_anew(
    registry: Registry, services: MemoryServices, clock: SettableClock
) -> None:
    run(services.put(PORTAL.registered()))
    before = run(registry.find(PORTAL.entity_id))
    run(services.put(FILES.registered()))
    clock.pass_time(seconds=2)

    assert run(registry.find(PORTAL.entity_id)) is before


def test_changed_settings_and_removals_are_followed(
    registry: Registry, services: MemoryServices, clock: SettableClock
) -> None:
    run(services.put(PORTAL.registered()))
    run(services.put(FILES.registered()))
    run(registry.refresh())
    changed = PORTAL.registered(title="Cổng")
    services.held[PORTAL.entity_id] = changed
    run(services.remove(FILES.entity_id))

    assert run(registry.refresh(at_once=True))

    assert [one.name.title("vi") for one in registry.known.values()] == ["Cổng"]


def test_a_clock_that_was_set_back_does_not_stop_the_looking(
    registry: Registry, services: MemoryServices, clock: SettableClock
) -> None:
    run(registry.refresh())
    run(services.put(PORTAL.registered()))
    clock.pass_time(days=-1)

    assert run(registry.find(PORTAL.entity_id)) is not None


def test_one_with_unusable_metadata_is_left_out_and_said_so(
    registry: Registry, services: MemoryServices
) -> None:
    broken = Application("broken", acs=[])
    run(services.put(broken.registered()))
    run(services.put(PORTAL.registered()))

    run(registry.refresh())

    assert list(registry.known) == [PORTAL.entity_id]
    assert list(registry.troubles) == [broken.entity_id]
    assert registry.troubles[broken.entity_id] != ""
    with pytest.raises(UnusableMetadata):
        known(broken.registered())


@pytest.mark.parametrize(
    "settings",
    [
        {"signature_method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
        {"signature_method": "http://no"},
        {"encryption_method": "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"},
    ],
)
def test_settings_that_would_fail_each_answer_are_found_when_they_are_loaded(
    registry: Registry, services: MemoryServices, settings: dict[str, str]
) -> None:
    run(services.put(PORTAL.registered(**settings)))

    run(registry.refresh())

    (setting,) = settings
    assert registry.troubles == {PORTAL.entity_id: f"The setting {setting} is no method that is supported."}


def test_while_storage_is_away_what_is_known_stays_in_use(
    registry: Registry,
    services: MemoryServices,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(services.put(PORTAL.registered()))
    run(registry.refresh())

    async def away() -> int:
        raise StoreUnavailable

    monkeypatch.setattr(services, "number", away)
    clock.pass_time(minutes=1)

    assert run(registry.find(PORTAL.entity_id)) is not None
    with pytest.raises(StoreUnavailable):
        run(Registry(services, DirectWork(), clock).refresh())


@pytest.mark.parametrize(
    ("encrypts", "setting", "has_key", "cannot"),
    [
        (True, Encryption.OFFERED, True, False),
        (False, Encryption.OFFERED, False, False),
        (True, Encryption.REQUIRED, True, False),
        (False, Encryption.REQUIRED, False, True),
        (True, Encryption.NEVER, False, False),
    ],
)
def test_encryption_is_as_metadata_and_settings_say(
    encrypts: bool, setting: Encryption, has_key: bool, cannot: bool
) -> None:
    found = known(Application("portal", encrypts=encrypts).registered(encryption=setting))

    assert (found.encryption is not None, found.must_encrypt_but_cannot) == (has_key, cannot)


def test_pages_call_it_by_its_title_else_by_metadata_else_by_its_short_name(stage: Stage) -> None:
    class Named(Application):
        def metadata(self) -> bytes:
            names = "".join(
                f'<mdui:DisplayName xml:lang="{language}">{text}</mdui:DisplayName>'
                for language, text in (("en", "Portal"), ("vi-VN", "Cổng thông tin"))
            )
            extensions = (
                '<md:Extensions><mdui:UIInfo xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui">'
                f"{names}</mdui:UIInfo></md:Extensions><md:KeyDescriptor"
            )
            return super().metadata().replace(b"<md:KeyDescriptor", extensions.encode(), 1)

    named = known(Named("portal").registered()).name
    titled = known(Named("portal").registered(title="Của chúng tôi")).name
    plain = known(PORTAL.registered()).name

    assert (named.title("vi"), named.title("en"), named.title("fr")) == ("Cổng thông tin", "Portal", "Portal")
    assert (titled.title("vi"), titled.title("en")) == ("Của chúng tôi", "Của chúng tôi")
    assert plain.title("vi") == "portal"
