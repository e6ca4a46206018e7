"""Tokens of forms: good in the browser that was shown the form, for that form, from our own pages."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from govdir.policy.texts import Language
from govdir.web.asked import FORM, Asked
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.form_tokens import FIELD, form_token, is_genuine

VISIT, OTHER_VISIT = "v" * 43, "w" * 43


def asked(path: str = "/sign-in", *, visit: str = VISIT, session: str = "", method: str = "GET") -> Asked:
    cookies = {SESSION_COOKIE: session} if session else {}
    return Asked(
        method=method,
        path=path,
        language=Language.VIETNAMESE,
        network="192.0.2.1",
        visit=visit,
        cookies=cookies,
    )


def sent(shown: Asked, token: str) -> Asked:
    body = urlencode({FIELD: token}).encode()
    return replace(shown, method="POST", body=body, content_type=FORM)


def test_a_form_comes_back_to_where_it_was_shown_for() -> None:
    page = asked()

    assert is_genuine(sent(page, form_token(page, "/sign-in")))
    assert not is_genuine(sent(page, form_token(page, "/sign-out")))


def test_a_form_shown_to_another_browser_is_refused() -> None:
    assert not is_genuine(sent(asked(visit=OTHER_VISIT), form_token(asked(), "/sign-in")))


def test_a_form_shown_in_another_session_is_refused() -> None:
    page = asked("/account/password", session="s" * 43)
    token = form_token(page, page.path)

    assert is_genuine(sent(page, token))
    assert not is_genuine(sent(asked("/account/password", session="t" * 43), token))


def test_a_form_shown_before_signing_in_in_another_tab_is_good_after_it() -> None:
    token = form_token(asked(), "/sign-in")

    assert is_genuine(sent(asked(session="s" * 43), token))


def test_a_form_from_another_site_is_refused_even_with_its_token() -> None:
    page = asked()
    message = sent(page, form_token(page, page.path))

    assert not is_genuine(replace(message, same_origin=False))


def test_a_form_without_cookies_is_refused_even_with_a_token_of_the_new_visit() -> None:
    page = replace(asked(), new_visit=True)

    assert not is_genuine(sent(page, form_token(page, page.path)))


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_a_made_up_token_is_refused(token: str) -> None:
    assert not is_genuine(sent(asked(), token))
