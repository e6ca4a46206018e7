"""What a browser asked for, without its connection: all that a page needs to answer."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from msgspec import Struct

from govdir.policy.texts import Language
from govdir.web.cookies import DEVICE_COOKIE, SESSION_COOKIE
from govdir.web.fields import Fields

FORM = "application/x-www-form-urlencoded"


class Asked(Struct, frozen=True, kw_only=True):
    """A request.

    `path` is decoded, `raw_query` as it arrived, without "?" and without our own `lang`. `network` is the
    client's address, also behind a trusted proxy; `agent` a short name of browser and system. `visit` is the
    token of this browser's visit, which forms hang on; `new_visit` when it was made just now because the
    browser brought none. `same_origin` is what Origin and Sec-Fetch-Site say of who sent it, True when they
    say nothing; `cross_site` when Sec-Fetch-Site says that another site led here. `right_host`: the Host is
    this site's. `language_chosen`: by this very request. The representation shows no content.
    """

    method: str
    path: str
    language: Language
    network: str
    visit: str
    right_host: bool = True
    language_chosen: bool = False
    new_visit: bool = False
    raw_query: bytes = b""
    body: bytes = b""
    content_type: str = ""
    cookies: Mapping[str, str] = {}
    agent: str = ""
    same_origin: bool = True
    cross_site: bool = False
    if_none_match: str = ""

    @property
    def query(self) -> Fields:
        """The fields of the query; using them may raise BadFields."""
        return Fields(self.raw_query)

    @property
    def form(self) -> Fields:
        """The fields of a form that was sent, none for other bodies; using them may raise BadFields."""
        return Fields(self.body if self.content_type == FORM else b"")

    @property
    def session_token(self) -> str | None:
        """The token of a session, whether or not it still stands."""
        return self.cookies.get(SESSION_COOKIE)

    @property
    def device_token(self) -> str | None:
        """What says that somebody signed in with this browser before."""
        return self.cookies.get(DEVICE_COOKIE)

    @property
    def place(self) -> str:
        """Path and query, to come back to; never another site, whatever slashes the path begins with."""
        path = "/" + quote(self.path.lstrip("/"))
        return f"{path}?{self.raw_query.decode('latin-1')}" if self.raw_query else path

    def __repr__(self) -> str:
        return f"Asked({self.method} {self.path})"
