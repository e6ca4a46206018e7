"""Cookies: their names and how they are set.

All are `__Host-` cookies (RFC 6265bis §4.1.3.2): for this host only, over TLS only, never from a subdomain.
SameSite=Lax, so that a form on another site brings none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

SESSION_COOKIE: Final = "__Host-govdir"
VISIT_COOKIE: Final = "__Host-govdir-visit"
DEVICE_COOKIE: Final = "__Host-govdir-device"
LANGUAGE_COOKIE: Final = "__Host-govdir-lang"

_HOST_ONLY: Final = "__Host-"
YEAR_SECONDS = 365 * 86400
# What we set ourselves: base64url tokens, language tags.
_VALUE = re.compile(r"[A-Za-z0-9_.-]*")
# Only what HTTP calls white space: a name after any other octet is another name to browsers, which let
# subdomains set it.
_PAIR = re.compile(r"[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([^;\"]*)")


class Cookie(Struct, frozen=True):
    """A cookie to be set; `max_age_seconds` None ends it with the browser, 0 now."""

    name: str
    value: str
    max_age_seconds: int | None = None

    def header(self) -> str:
        """The value of Set-Cookie. Raises ValueError for a value that would need quoting."""
        if not _VALUE.fullmatch(self.value):
            raise ValueError(self.name)
        age = "" if self.max_age_seconds is None else f"; Max-Age={self.max_age_seconds}"
        return f"{self.name}={self.value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"

    def __repr__(self) -> str:
        return f"Cookie({self.name!r}, <hidden>)"


def read_cookies(headers: Iterable[str]) -> dict[str, str]:
    """The cookies a browser sends; of two with one name the first, which is the more specific one.

    There is only one `__Host-` cookie of a name. With another value beside it one of the two was planted by
    somebody who could get round the prefix, and neither is taken.
    """
    cookies: dict[str, str] = {}
    planted = set()
    for header in headers:
        for part in header.split(";"):
            pair = _PAIR.fullmatch(part)
            if pair:
                name, value = pair[1], pair[2].strip(" \t")
                if cookies.setdefault(name, value) != value and name.startswith(_HOST_ONLY):
                    planted.add(name)
    return {name: value for name, value in cookies.items() if name not in planted}


def forget(name: str) -> Cookie:
    """Ends a cookie."""
    return Cookie(name, "", 0)
