"""Requests for tests, as a browser would send them, and coroutines run to their end."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from msgspec.structs import replace

from govdir.policy.texts import Language
from govdir.web.asked import FORM, Asked
from govdir.web.form_tokens import FIELD, form_token

SITE = "https://thu.cantho.gov.vn"
VISIT = "v" * 43


def get(
    place: str = "/", language: Language = Language.ENGLISH, cookies: Mapping[str, str] | None = None
) -> Asked:
    path, _, query = place.partition("?")
    return Asked(
        method="GET",
        path=path,
        raw_query=query.encode(),
        language=language,
        network="203.0.113.7",
        agent="Firefox, Linux",
        visit=VISIT,
        cookies=cookies or {},
    )


def post(
    place: str,
    fields: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    *,
    genuine: bool = True,
) -> Asked:
    """A form; with the token that its page has, if it is genuine."""
    asked = get(place, cookies=cookies)
    token = {FIELD: form_token(asked, asked.path)} if genuine else {}
    body = urlencode({**token, **(fields or {})}).encode()
    return replace(asked, method="POST", body=body, content_type=FORM)
