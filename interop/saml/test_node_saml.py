"""node-saml beyond the common journeys: its signatures, and how somebody was proved."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from lxml import etree

from interop.saml.applications import Applications
from interop.saml.node import NodeSaml
from interop.saml.service import Binding, keys
from interop.saml.stage import Stage

Setting = Callable[..., NodeSaml]


@pytest.fixture
def node_saml(applications: Applications, stage: Stage) -> Setting:
    """Makes one with a key for the application of that name; SHA-1 is its default."""

    def setting(name: str, **options: object) -> NodeSaml:
        host = f"https://{name}.example"
        return NodeSaml(applications.start_node(), host, stage.idp.metadata, keys("node-saml"), **options)

    return setting


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_its_own_choice_of_signature_is_refused_with_the_reason(
    stage: Stage, node_saml: Setting, binding: Binding
) -> None:
    service = stage.place("node-sha1", node_saml("node-sha1"))
    page = stage.browser.open(service.login_url(binding))
    assert (page.status, page.heading) == (400, "node-sha1 cannot be signed in to")
    assert "The application's signature is not right." in page.said
    assert "SHA-1, which is not taken unless the application's settings allow it" in page.said


@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST], ids=lambda one: one.name)
def test_where_that_is_allowed_it_signs_in_and_out(
    stage: Stage, node_saml: Setting, binding: Binding
) -> None:
    service = stage.place("node-allowed", node_saml("node-allowed"), "--allow-sha1")
    stage.enter(service, binding, "a b'(c)*+%20")
    assert (service.log, service.relay_state) == (["signed-in"], "a b'(c)*+%20")
    stage.browser.open(service.logout_url())
    assert service.log == ["signed-in", "signed-out"]


def test_a_way_of_proving_that_there_is_not_gets_its_status(stage: Stage, node_saml: Setting) -> None:
    certificates = ["urn:oasis:names:tc:SAML:2.0:ac:classes:X509"]
    peer = node_saml("node-context", signatureAlgorithm="sha256", authnContext=certificates)
    service = stage.place("node-context", peer)
    stage.browser.open(service.login_url())
    assert service.log == ["not-believed: SAML provider returned Responder error: NoAuthnContext"]


@pytest.mark.parametrize("comparison", ["minimum", "maximum", "exact"])
def test_a_password_is_enough_where_it_is_asked_for(
    stage: Stage, node_saml: Setting, comparison: str
) -> None:
    peer = node_saml("node-password", signatureAlgorithm="sha256", racComparison=comparison)
    service = stage.place("node-password", peer)
    stage.enter(service)
    assert service.log == ["signed-in"]


def test_an_answer_belongs_to_its_request_and_is_taken_once(stage: Stage, node_saml: Setting) -> None:
    peer = node_saml("node-request", signatureAlgorithm="sha256", validateInResponseTo="always")
    service = stage.place("node-request", peer)
    stage.enter(service)
    again = base64.b64encode(etree.tostring(stage.wire.last("Response"))).decode()
    stage.browser.post(stage.idp.url, f"{service.host}/acs", {"SAMLResponse": again})
    assert service.log == ["signed-in", "not-believed: InResponseTo is not valid"]


def test_so_does_the_answer_to_a_logout_when_that_comes_by_redirect(stage: Stage, node_saml: Setting) -> None:
    """Of a LogoutResponse that is posted, as its metadata asks for, the library says that it answers nothing:
    hence what our page has changed in that metadata."""
    peer = node_saml("node-logout", signatureAlgorithm="sha256", validateInResponseTo="always")
    published = peer.metadata().replace(
        b'<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"',
        b'<SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"',
    )
    assert published != peer.metadata()
    stage.idp.register("node-logout", published)
    service = stage.put("https://node-logout.example", peer)
    stage.enter(service)
    stage.browser.open(service.logout_url())
    assert service.log == ["signed-in", "signed-out"]
