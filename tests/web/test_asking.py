"""From HTTP to a request's values: whose it is, in which language, and whether a form is ours."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from govdir.policy.texts import Language
from govdir.web.asked import Asked
from govdir.web.asking import Arrived, Reader, accepted_language, client_address

VI, EN = Language.VIETNAMESE, Language.ENGLISH
SITE = "https://thu.cantho.gov.vn"
VISIT = "v" * 43
PROXIES = [ip_network("10.0.0.0/24"), ip_network("::1")]


def read(target: str = "/", method: str = "GET", peer: str = "192.0.2.1", **headers: str) -> Asked:
    said = {"host": "thu.cantho.gov.vn", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Reader(SITE, VI, ["10.0.0.0/24"]).read(
        Arrived(method, target.encode(), {name: [value] for name, value in said.items()}, peer)
    )


def test_path_and_query_come_apart_and_the_path_is_decoded() -> None:
    asked = read("/saml%2Fsso/th%C6%B0?SAMLRequest=a%2bB&x=")

    assert (asked.path, asked.raw_query) == ("/saml/sso/thư", b"SAMLRequest=a%2bB&x=")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("vi-VN,vi;q=0.9,en;q=0.8", VI),
        ("en-US,en;q=0.9", EN),
        ("fr, en;q=0.3, vi;q=0.8", VI),
        ("en;q=0, vi;q=0.1", VI),
        ("fr-FR", None),
        ("", None),
        ("en;q=often", None),
    ],
)
def test_the_browsers_language_is_taken_by_its_weight(header: str, language: Language | None) -> None:
    assert accepted_language(header) is language


def test_the_language_is_the_one_chosen_now_else_the_remembered_else_the_browsers_else_the_provinces() -> (
    None
):
    assert read("/?lang=en", cookie="__Host-govdir-lang=vi").language is EN
    assert read("/", cookie="__Host-govdir-lang=en", accept_language="vi").language is EN
    assert read("/", accept_language="en").language is EN
    assert read("/").language is VI


def test_the_choice_of_a_language_is_no_part_of_the_query() -> None:
    asked = read("/saml/sso?SAMLRequest=a&lang=en&RelayState=lang%3Dvi")

    assert (asked.raw_query, asked.language_chosen) == (b"SAMLRequest=a&RelayState=lang%3Dvi", True)
    assert not read("/?lang=tlh").language_chosen


def test_a_visit_that_the_browser_brings_goes_on_and_another_one_is_new() -> None:
    assert not read(cookie=f"__Host-govdir-visit={VISIT}").new_visit
    first, second = read(), read(cookie="__Host-govdir-visit=short")

    assert first.new_visit
    assert second.new_visit
    assert len(first.visit) == len(second.visit) == 43
    assert first.visit != second.visit


@pytest.mark.parametrize("host", ["thu.cantho.gov.vn", "THU.cantho.gov.vn", "thu.cantho.gov.vn:443"])
def test_the_sites_own_host_is_right(host: str) -> None:
    assert read(host=host).right_host


@pytest.mark.parametrize(
    "host", ["evil.example", "thu.cantho.gov.vn:8443", "thu.cantho.gov.vn.evil.example", ""]
)
def test_any_other_host_is_wrong(host: str) -> None:
    assert not read(host=host).right_host


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({}, True),
        ({"origin": SITE}, True),
        ({"origin": SITE, "sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://thu.cantho.gov.vn"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"origin": SITE, "sec_fetch_site": "same-site"}, False),
    ],
)
def test_who_sent_a_form_is_what_the_browser_says(headers: dict[str, str], ours: bool) -> None:
    assert read(method="POST", **headers).same_origin is ours


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("10.0.0.2", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.2", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.2", ["198.51.100.1", "203.0.113.9, 10.0.0.3"], "203.0.113.9"),
        ("10.0.0.2", ["made up, 10.0.0.3"], "10.0.0.3"),
        ("10.0.0.2", [], "10.0.0.2"),
        ("::1", ["2001:db8::5"], "2001:db8::5"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        ("::ffff:10.0.0.2", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("local", ["203.0.113.9"], "local"),
    ],
)
def test_only_trusted_proxies_say_whose_request_it_is(peer: str, forwarded: list[str], address: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == address


def test_a_header_that_comes_twice_says_nothing() -> None:
    arrived = Arrived("GET", b"/", {"host": ["thu.cantho.gov.vn", "evil.example"]}, "192.0.2.1")

    assert not Reader(SITE, VI).read(arrived).right_host


def test_a_form_is_read_only_from_what_is_one() -> None:
    def form(content_type: str) -> dict[str, str]:
        headers = {"content-type": [content_type]}
        return dict(Reader(SITE, VI).read(Arrived("POST", b"/", headers, "192.0.2.1", b"a=1")).form)

    assert form("application/x-www-form-urlencoded; charset=UTF-8") == {"a": "1"}
    assert form("text/plain") == {}


def test_a_place_never_leads_to_another_site() -> None:
    assert read("//evil.example/x?a=1").place == "/evil.example/x?a=1"
    assert read("/%5Cevil.example").place == "/%5Cevil.example"


def test_a_request_shows_no_content() -> None:
    shown = repr(read("/sign-in?flow=secret", cookie="__Host-govdir=secret"))

    assert shown == "Asked(GET /sign-in)"
