"""Which addresses a browser may be sent to."""

from __future__ import annotations

import pytest

from govdir.sso.saml.locations import is_safe_location


@pytest.mark.parametrize(
    "location",
    [
        "https://portal.example.vn",
        "https://portal.example.vn/acs?tenant=1&x=%20a",
        "https://portal.example.vn:8443/acs",
        "HTTPS://Portal.Example.vn/acs",
        "https://10.0.0.1/acs",
        "https://[2001:db8::1]/acs",
        "https://intranet/acs",
        "https://a_b.example.vn/acs",
        "http://localhost:8444/acs",
        "http://127.0.0.1/acs",
        "http://127.8.9.10:80/acs",
        "http://[::1]:8444/acs",
    ],
)
def test_https_anywhere_and_http_on_this_machine_are_safe(location: str) -> None:
    assert is_safe_location(location)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/acs",
        "//portal.example.vn/acs",
        "https:portal.example.vn",
        "https:///acs",
        "http://portal.example.vn/acs",
        "http://127.evil.vn/acs",
        "http://127.0.0.1.evil.vn/acs",
        "http://localhost.evil.vn/acs",
        "http://2130706433/acs",
        "http://0177.0.0.1/acs",
        "http://[::ffff:127.0.0.1]/acs",
        "http://[::2]/acs",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "ftp://portal.example.vn/acs",
        "https://user@portal.example.vn/acs",
        "https://portal.example.vn:pass@evil.vn/acs",
        "https://portal.example.vn/acs#top",
        "https://portal.example.vn/acs#",
        "https://portal.example.vn\\@evil.vn/acs",
        "https://portal.example.vn/a b",
        "https://portal.example.vn/acs\n",
        "ht\ntps://portal.example.vn/acs",
        "https://portal.example.vn/\x00",
        'https://portal.example.vn/"onload="x',
        "https://portal.example.vn/<script>",
        "https://cổng.example.vn/acs",
        "https://portal.example.vn/đăng",
        "https://portal%2eexample.vn/acs",
        "https://portal.example.vn:/acs",
        "https://portal.example.vn:0/acs",
        "https://portal.example.vn:99999/acs",
        "https://portal.example.vn:80a/acs",
        "https://[::1/acs",
        "https://[fe80::1%25eth0]/acs",
        "https://[v1.x]/acs",
        "https://-/acs",
        "https://portal.example.vn/" + "a" * 2048,
    ],
)
def test_everything_else_is_not(location: str) -> None:
    assert not is_safe_location(location)
