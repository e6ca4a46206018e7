"""pysaml2 beyond the common journeys: the back channel it prefers, and what it signs of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

from interop.saml.back_channel import listening
from interop.saml.pysaml2 import Pysaml2
from interop.saml.service import Binding, keys
from interop.saml.stage import Stage
from interop.saml.wire import DS, SAML, SAMLP

SIGNED: Final[dict[str, Any]] = {
    "logout_requests_signed": True,
    "logout_responses_signed": True,
    "signing_algorithm": SIG_RSA_SHA256,
    "digest_algorithm": DIGEST_SHA256,
}
Setting = Callable[..., Pysaml2]


@pytest.fixture
def pysaml2(stage: Stage) -> Setting:
    """Makes one for the application of that name."""

    def setting(name: str, **more: Any) -> Pysaml2:
        host, folder = f"https://{name}.example", stage.folder / name
        authority = stage.server.ca_file
        return Pysaml2(host, stage.idp.metadata, folder, keys("pysaml2"), authority=authority, **more)

    return setting


@pytest.fixture
def usual_prefixes(monkeypatch: pytest.MonkeyPatch) -> None:
    """pysaml2 writes the body of an envelope anew, with prefixes of its own, before it checks the signature
    (IdentityPython/pysaml2#551). Whoever uses it so registers the usual prefixes, which are ours."""
    prefixes = ET._namespace_map  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way back
    for prefix, namespace in (("samlp", SAMLP), ("saml", SAML), ("ds", DS)):
        monkeypatch.setitem(prefixes, namespace.strip("{}"), prefix)


@pytest.mark.usefixtures("usual_prefixes")
def test_it_signs_out_from_server_to_server(stage: Stage, pysaml2: Setting) -> None:
    peer = pysaml2("pysaml2-asks", **SIGNED)
    service = stage.place("pysaml2-asks", peer)
    stage.enter(service)
    peer.heard = stage.wire.hear_soap
    stage.browser.open(service.logout_url(Binding.SOAP))
    assert service.log == ["signed-in", "signed-out"]
    assert not stage.is_signed_in()


@pytest.mark.usefixtures("usual_prefixes")
def test_it_is_told_from_server_to_server(stage: Stage, pysaml2: Setting) -> None:
    def answer(envelope: bytes) -> bytes:
        stage.wire.hear_soap(envelope)
        info = peer.handled(envelope.decode(), Binding.SOAP, service.signed_in, {})
        service.log.append("asked-to-sign-out")
        return str(info["data"]).encode()

    with listening(stage.server, answer) as url:
        peer = pysaml2("pysaml2-told", slo={Binding.SOAP: url}, **SIGNED)
        service = stage.place("pysaml2-told", peer)
        stage.enter(service)
        page = stage.sign_out()
    assert (service.log, page.heading) == (["signed-in", "asked-to-sign-out"], "You are signed out")


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_its_own_choice_of_signature_is_refused_with_the_reason(
    stage: Stage, pysaml2: Setting, binding: Binding
) -> None:
    service = stage.place("pysaml2-sha1", pysaml2("pysaml2-sha1", authn_requests_signed=True))
    page = stage.browser.open(service.login_url(binding))
    assert (page.status, page.heading) == (400, "pysaml2-sha1 cannot be signed in to")
    assert "SHA-1, which is not taken unless the application's settings allow it" in page.said


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_where_that_is_allowed_it_signs_in(stage: Stage, pysaml2: Setting, binding: Binding) -> None:
    peer = pysaml2("pysaml2-allowed", authn_requests_signed=True)
    service = stage.place("pysaml2-allowed", peer, "--allow-sha1")
    stage.enter(service, binding)
    assert service.log == ["signed-in"]


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_a_logout_it_does_not_sign_is_refused(stage: Stage, pysaml2: Setting, binding: Binding) -> None:
    service = stage.place("pysaml2-bare", pysaml2("pysaml2-bare"))
    stage.enter(service)
    page = stage.browser.open(service.logout_url(binding))
    assert (page.status, page.heading) == (400, "pysaml2-bare cannot be signed out of")
    assert "The application's request is not signed." in page.said
    assert stage.is_signed_in()


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_where_that_is_allowed_it_signs_out(stage: Stage, pysaml2: Setting, binding: Binding) -> None:
    service = stage.place("pysaml2-lenient", pysaml2("pysaml2-lenient"), "--unsigned-logout")
    stage.enter(service)
    stage.browser.open(service.logout_url(binding))
    assert service.log == ["signed-in", "signed-out"]
    assert not stage.is_signed_in()


def test_an_answer_it_does_not_sign_leaves_the_logout_unconfirmed(stage: Stage, pysaml2: Setting) -> None:
    service = stage.place("pysaml2-bare", pysaml2("pysaml2-bare"))
    stage.enter(service)
    page = stage.sign_out()
    assert service.log == ["signed-in", "asked-to-sign-out"]
    assert page.heading == "Not signed out everywhere"
    assert not stage.is_signed_in()
