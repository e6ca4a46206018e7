"""What the access log says of the controls of a request: as whom, and on whose behalf, a program asks.

Session tracking (draft-wahl-ldap-session) is the client's word: it is written down and trusted for nothing.
"""

from __future__ import annotations

from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Final

from govdir.ldap.codec.controls.session_tracking import TrackedSession
from govdir.ldap.server.controls import NOTHING_ASKED, Asked

MAX_TOLD: Final = 256
"""Characters of each part; what is longer is left out, for a line must not be as long as a client likes."""


def told_of(asked: Asked) -> str:
    """Members of the line's JSON object, each behind a comma; "" where there is nothing to tell."""
    if asked is NOTHING_ASKED:
        return ""
    told = "" if asked.proxied_as is None else member("as", asked.proxied_as or "anonymous")
    return told if asked.tracked is None else told + _tracked(asked.tracked)


def member(name: str, text: str) -> str:
    """One member; a text that is too long is told by its length."""
    if len(text) > MAX_TOLD:
        text = f"({len(text)} characters)"
    # Characters that turn or break a line in somebody's viewer are escaped as well.
    return f',"{name}":{encode_basestring(text) if text.isprintable() else encode_basestring_ascii(text)}'


def _tracked(session: TrackedSession) -> str:
    parts = (
        ("for", session.source_ip),
        ("forHost", session.source_name),
        ("forFormat", session.format_oid),
        ("forSession", session.identifier),
    )
    return "".join(member(name, text) for name, text in parts if text)
