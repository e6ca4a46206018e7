"""Tokens that show that a form came from a page of ours, shown to this very browser.

A token is an HMAC over the form's path under a cookie that only this browser has: that of its session, and
before there is one, that of its visit. A form shown before signing in, in another tab, is good after it too.
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest, new

from govdir.web.asked import Asked

FIELD = "form_token"
_PURPOSE = b"govdir form token\0"


def form_token(asked: Asked, path: str) -> str:
    """The token of the form that is sent to `path`."""
    return _token(asked.session_token or asked.visit, path)


def is_genuine(asked: Asked) -> bool:
    """Whether the form that was sent came from this site, and from a page this browser was shown.

    May raise BadFields.
    """
    if not asked.same_origin or (asked.new_visit and asked.session_token is None):
        return False
    shown = asked.form.get(FIELD, "")
    secrets = (asked.session_token, None if asked.new_visit else asked.visit)
    good = [
        compare_digest(_token(secret, asked.path).encode(), shown.encode()) for secret in secrets if secret
    ]
    return any(good)


def _token(secret: str, path: str) -> str:
    return new(secret.encode(), _PURPOSE + path.encode(), sha256).hexdigest()
