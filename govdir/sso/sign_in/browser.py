"""Whose browser it is, as far as that is known before and after signing in."""

from __future__ import annotations

from hashlib import sha256

from msgspec import Struct


class Browser(Struct, frozen=True):
    """A browser: the values of its cookies and where it is.

    `visit` is the cookie from before signing in, to which flows are bound; `device` that of a browser
    somebody has signed in with before, `session` that of a session, "" when it has none. `network` is the
    client's address, `agent` a short name of browser and system.
    """

    visit: str
    network: str
    agent: str = ""
    device: str = ""
    session: str = ""

    @property
    def mark(self) -> bytes:
        """What flows keep of the visit; b"" without one."""
        return digest_of(self.visit) if self.visit else b""

    @property
    def session_key(self) -> bytes:
        """The key of the session the browser brings, whether there is such a one or not; b"" for none."""
        return digest_of(self.session) if self.session else b""

    def __repr__(self) -> str:
        return f"Browser(network={self.network!r}, agent={self.agent!r}, <hidden>)"


def digest_of(token: str) -> bytes:
    """What is stored of a token that only the browser has; tokens are random, so nobody finds one for it."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
