"""python3-saml beyond the common journeys: it signs no logout unless told to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interop.saml.python3_saml import Python3Saml
from interop.saml.service import keys
from interop.saml.stage import Stage

Setting = Callable[..., Python3Saml]


@pytest.fixture
def python3_saml(stage: Stage) -> Setting:
    """Makes one with a key for the application of that name; `security` differs from its defaults."""

    def setting(name: str, **security: object) -> Python3Saml:
        return Python3Saml(f"https://{name}.example", stage.idp.metadata, keys("python3-saml"), **security)

    return setting


def test_a_logout_it_does_not_sign_is_refused(stage: Stage, python3_saml: Setting) -> None:
    service = stage.place("onelogin-bare", python3_saml("onelogin-bare"))
    stage.enter(service)
    page = stage.browser.open(service.logout_url())
    assert (page.status, page.heading) == (400, "onelogin-bare cannot be signed out of")
    assert "The application's request is not signed." in page.said


def test_where_that_is_allowed_it_signs_out_and_is_signed_out_of(stage: Stage, python3_saml: Setting) -> None:
    service = stage.place("onelogin-lenient", python3_saml("onelogin-lenient"), "--unsigned-logout")
    stage.enter(service)
    stage.browser.open(service.logout_url())
    assert not stage.is_signed_in()
    stage.enter(service)
    page = stage.sign_out()
    assert page.heading == "You are signed out"
    assert service.log == ["signed-in", "signed-out", "signed-in", "asked-to-sign-out"]


@pytest.mark.parametrize(
    "security",
    [{"wantMessagesSigned": True}, {"wantAssertionsSigned": True}, {"wantNameId": True}],
    ids=lambda one: next(iter(one)),
)
def test_what_it_may_want_is_there(stage: Stage, python3_saml: Setting, security: dict[str, object]) -> None:
    service = stage.place("onelogin-wants", python3_saml("onelogin-wants", **security))
    stage.enter(service)
    assert service.log == ["signed-in"]


def test_any_way_of_proving_will_do_where_it_asks_for_none(stage: Stage, python3_saml: Setting) -> None:
    peer = python3_saml("onelogin-any", requestedAuthnContext=False)
    service = stage.place("onelogin-any", peer)
    stage.enter(service)
    assert service.log == ["signed-in"]


def test_metadata_that_it_signs_is_taken(stage: Stage, python3_saml: Setting) -> None:
    service = stage.place("onelogin-signed", python3_saml("onelogin-signed", signMetadata=True))
    stage.enter(service)
    assert service.log == ["signed-in"]
