"""Signing keys through a roll-over."""

from __future__ import annotations

import pytest

from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.model import ServiceSettings
from tests.sso.idp.stage import key

CURRENT, NEXT, OLD = key("idp"), key("portal"), key("files")


@pytest.mark.parametrize(
    ("pin", "expected"), [("current", CURRENT), ("next", NEXT), ("old", OLD), ("", CURRENT), ("x", CURRENT)]
)
def test_a_service_provider_is_answered_with_the_key_it_is_pinned_to(pin: str, expected: object) -> None:
    ring = KeyRing(CURRENT, NEXT, OLD)

    assert ring.key_for(ServiceSettings(signing_key=pin)) is expected


@pytest.mark.parametrize("pin", ["next", "old"])
def test_a_pin_to_a_key_that_is_no_more_means_the_current_one(pin: str) -> None:
    assert KeyRing(CURRENT).key_for(ServiceSettings(signing_key=pin)) is CURRENT


def test_all_keys_are_published_the_current_one_first() -> None:
    assert KeyRing(CURRENT).certificates == (CURRENT.certificate,)
    assert KeyRing(CURRENT, NEXT, OLD).certificates == (
        CURRENT.certificate,
        NEXT.certificate,
        OLD.certificate,
    )
