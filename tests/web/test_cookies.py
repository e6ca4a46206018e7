"""Cookies: bound to this host and TLS, and read as browsers send them."""

from __future__ import annotations

import pytest

from govdir.web.cookies import Cookie, forget, read_cookies


def test_a_cookie_is_for_this_host_over_tls_only_and_no_script_reads_it() -> None:
    assert (
        Cookie("__Host-govdir", "abc_-9").header()
        == "__Host-govdir=abc_-9; Path=/; Secure; HttpOnly; SameSite=Lax"
    )


def test_a_cookie_may_last_and_may_be_forgotten() -> None:
    assert Cookie("__Host-govdir-lang", "en", 60).header().endswith("; Max-Age=60")
    assert forget("__Host-govdir").header().startswith("__Host-govdir=; ")
    assert forget("__Host-govdir").header().endswith("; Max-Age=0")


@pytest.mark.parametrize("value", ["a;b", "a b", "a\r\nSet-Cookie: x=1", '"a"'])
def test_a_value_that_could_end_the_header_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        Cookie("name", value).header()


def test_cookies_are_read_from_all_headers_and_the_first_of_a_name_counts() -> None:
    assert read_cookies(["a=1; b=two=2 ;c", "b=3; d="]) == {"a": "1", "b": "two=2", "d": ""}


def test_neither_name_nor_value_of_what_is_no_cookie_is_taken() -> None:
    assert read_cookies(['a="1"; b c=2; =3']) == {}


@pytest.mark.parametrize("blank", ["\x85", "\xa0", "\x0b", "\x0c", "\x1f"])
def test_a_subdomain_cannot_set_our_cookies_behind_a_blank_of_unicode(blank: str) -> None:
    assert read_cookies([f"{blank}__Host-govdir=planted; __Host-govdir=own"]) == {"__Host-govdir": "own"}
    assert read_cookies([f"{blank}__Host-govdir=planted"]) == {}


def test_of_two_values_of_a_cookie_that_there_is_only_one_of_neither_is_taken() -> None:
    assert read_cookies(["__Host-govdir=planted; a=1; __Host-govdir=own; a=2"]) == {"a": "1"}
    assert read_cookies(["__Host-govdir=own; __Host-govdir=own"]) == {"__Host-govdir": "own"}


def test_a_cookie_shows_no_value() -> None:
    assert "secret" not in repr(Cookie("__Host-govdir", "secret"))
