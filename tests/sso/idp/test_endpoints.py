"""Where answers go: locations of metadata, and only safe ones."""

from __future__ import annotations

import pytest

from govdir.sso.idp import endpoints
from govdir.sso.saml.model import AuthnRequest, Binding, Endpoint, ServiceMetadata
from tests.sso.memory_ports import SettableClock

NOW = SettableClock().now()


def acs(location: str, index: int | None = None, *, is_default: bool | None = None) -> Endpoint:
    return Endpoint(Binding.POST, location, None, index, is_default)


def request(url: str | None = None, index: int | None = None) -> AuthnRequest:
    return AuthnRequest("_1", "sp", NOW, acs_url=url, acs_index=index)


def place(end: Endpoint | None) -> str | None:
    return None if end is None else end.location


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ((None, None), 0),
        ((None, True), 1),
        ((False, None), 1),
        ((False, False), 0),
        ((True, True), 0),
        ((False, None, True), 2),
    ],
)
def test_the_default_is_the_one_marked_so_or_the_first_not_marked_otherwise(
    flags: tuple[bool | None, ...], expected: int
) -> None:
    ends = tuple(acs(f"https://x/{place}", place, is_default=flag) for place, flag in enumerate(flags))

    assert endpoints.answering(ServiceMetadata("sp", ends), request()) == ends[expected]


@pytest.mark.parametrize(
    "location",
    ["javascript:alert(1)", "data:text/html,x", "http://portal.example.vn/acs", "//portal/acs", "/acs", ""],
)
def test_a_location_that_came_into_the_database_otherwise_is_never_used(location: str) -> None:
    metadata = ServiceMetadata("sp", (acs(location, 0),), slo=(Endpoint(Binding.REDIRECT, location),))

    assert endpoints.answering(metadata, request()) is None
    assert endpoints.answering(metadata, request(url=location)) is None
    assert endpoints.answering(metadata, request(index=0)) is None
    assert endpoints.logout_endpoint(metadata, Binding.REDIRECT) is None
    assert endpoints.logout_answer(metadata, Binding.REDIRECT) is None


def test_the_default_is_sought_among_those_that_can_be_used() -> None:
    metadata = ServiceMetadata("sp", (acs("javascript:x", 0, is_default=True), acs("https://x/2", 1)))

    assert place(endpoints.default_acs(metadata)) == "https://x/2"


@pytest.mark.parametrize("location", ["https://x/acs", "http://localhost:8444/acs", "http://127.0.0.1/acs"])
def test_https_and_this_machine_are_good(location: str) -> None:
    assert place(endpoints.default_acs(ServiceMetadata("sp", (acs(location),)))) == location


def test_a_logout_is_answered_by_its_own_binding_if_that_can_be() -> None:
    metadata = ServiceMetadata(
        "sp",
        (acs("https://x"),),
        slo=(
            Endpoint(Binding.SOAP, "https://x/soap"),
            Endpoint(Binding.REDIRECT, "https://x/redirect"),
            Endpoint(Binding.POST, "https://x/post", "https://x/posted"),
        ),
    )

    assert endpoints.logout_answer(metadata, Binding.POST) == (Binding.POST, "https://x/posted")
    assert endpoints.logout_answer(metadata, Binding.REDIRECT) == (Binding.REDIRECT, "https://x/redirect")


def test_a_logout_is_answered_by_the_other_binding_else_and_never_by_soap() -> None:
    posts = ServiceMetadata("sp", (), slo=(Endpoint(Binding.POST, "https://x/post"),))
    servers = ServiceMetadata("sp", (), slo=(Endpoint(Binding.SOAP, "https://x/soap"),))

    assert endpoints.logout_answer(posts, Binding.REDIRECT) == (Binding.POST, "https://x/post")
    assert endpoints.logout_answer(servers, Binding.REDIRECT) is None


def test_a_response_location_is_held_to_the_same_rule() -> None:
    end = Endpoint(Binding.REDIRECT, "https://x/slo", "javascript:x")

    assert endpoints.logout_answer(ServiceMetadata("sp", (), slo=(end,)), Binding.REDIRECT) is None
