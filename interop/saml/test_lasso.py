"""Lasso beyond the common journeys: the back channel, and its own choice of signatures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from interop.saml.back_channel import listening, post_envelope
from interop.saml.lasso_sp import Lasso
from interop.saml.service import Binding, keys
from interop.saml.stage import Stage

Setting = Callable[..., Lasso]


@pytest.fixture
def lasso(stage: Stage) -> Iterator[Setting]:
    """Makes one for the application of that name; its processes end with the test."""
    made: list[Lasso] = []

    def setting(name: str, method: str = "SIGNATURE_METHOD_RSA_SHA256", soap: str = "") -> Lasso:
        slo = {Binding.SOAP: soap} if soap else None
        host, folder = f"https://{name}.example", stage.folder / name
        made.append(Lasso(host, stage.idp.metadata, folder, keys("lasso"), method=method, slo=slo))
        return made[-1]

    yield setting
    for peer in made:
        peer.close()


def test_it_signs_out_from_server_to_server(stage: Stage, lasso: Setting) -> None:
    peer = lasso("lasso-asks")
    service = stage.place("lasso-asks", peer)
    stage.enter(service)
    assert service.signed_in is not None
    going = peer.logout(Binding.SOAP, service.signed_in)
    assert going.fields is not None
    answer = post_envelope(stage.server, going.url, going.fields["SAMLRequest"])
    stage.wire.hear_soap(answer)
    peer.read_answer(answer.decode())
    assert not stage.is_signed_in()


def test_it_is_told_from_server_to_server(stage: Stage, lasso: Setting) -> None:
    def answer(envelope: bytes) -> bytes:
        stage.wire.hear_soap(envelope)
        body: str = peer.handled(envelope.decode(), service.signed_in)["body"]
        service.log.append("asked-to-sign-out")
        return body.encode()

    with listening(stage.server, answer) as url:
        peer = lasso("lasso-told", soap=url)
        service = stage.place("lasso-told", peer)
        stage.enter(service)
        page = stage.sign_out()
    assert (service.log, page.heading) == (["signed-in", "asked-to-sign-out"], "You are signed out")


def test_its_own_choice_of_signature_is_refused_with_the_reason(stage: Stage, lasso: Setting) -> None:
    service = stage.place("lasso-sha1", lasso("lasso-sha1", method=""))
    page = stage.browser.open(service.login_url())
    assert (page.status, page.heading) == (400, "lasso-sha1 cannot be signed in to")
    assert "SHA-1, which is not taken unless the application's settings allow it" in page.said


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_where_that_is_allowed_it_signs_in_and_out(stage: Stage, lasso: Setting, binding: Binding) -> None:
    service = stage.place("lasso-allowed", lasso("lasso-allowed", method=""), "--allow-sha1")
    stage.enter(service, binding)
    stage.browser.open(service.logout_url(binding))
    assert service.log == ["signed-in", "signed-out"]


def test_the_name_it_asks_for_is_a_passing_one(stage: Stage, lasso: Setting) -> None:
    service = stage.place("lasso-name", lasso("lasso-name"))
    stage.enter(service)
    assert service.signed_in is not None
    assert service.signed_in.name_id_format == "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
