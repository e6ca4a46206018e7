"""Headers that keep pages from misuse: what they may load, where their forms go, who may frame them."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from msgspec import Struct

SELF = "'self'"
NONE = "'none'"
# A year, as browsers' preload lists ask for.
TRANSPORT_SECURITY = "max-age=31536000"


class ContentPolicy(Struct, frozen=True):
    """What differs between pages in Content-Security-Policy: sources of scripts, and where forms may go."""

    script: str = NONE
    form_action: str = SELF
    connect: str = NONE

    def header(self) -> str:
        """The value of Content-Security-Policy."""
        return (
            f"default-src 'none'; style-src 'self'; img-src 'self' data:; script-src {self.script}; "
            f"connect-src {self.connect}; form-action {self.form_action}; frame-ancestors 'none'; "
            "base-uri 'none'"
        )


STRICT = ContentPolicy()
# Pages with one of our own scripts, which may ask our own site.
SCRIPTED = ContentPolicy(script=SELF, connect=SELF)


def hash_source(script: str) -> str:
    """The source that lets exactly this inline script run."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def security_headers(policy: ContentPolicy, *, public: bool, transport_security: bool) -> dict[str, str]:
    """For every reply. Referrer-Policy is not no-referrer: browsers would then send "Origin: null" with our
    own forms, and who sent a form could not be told."""
    headers = {
        "Content-Security-Policy": policy.header(),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if transport_security:
        headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
    if not public:
        headers["Cache-Control"] = "no-store"
    return headers
