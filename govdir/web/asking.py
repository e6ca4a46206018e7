"""From what HTTP says to `Asked`: who asks, in which language, from where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from secrets import token_urlsafe
from urllib.parse import unquote_to_bytes, urlsplit

from msgspec import Struct

from govdir.policy.texts import Language
from govdir.web.agents import agent_name
from govdir.web.asked import Asked
from govdir.web.cookies import LANGUAGE_COOKIE, VISIT_COOKIE, read_cookies

TOKEN_OCTETS = 32
# base64url of 32 octets; anything else is no token of ours and none to make HMACs with.
_TOKEN_LENGTH = 43
_LANGUAGES = {language.value: language for language in Language}


class Arrived(Struct, frozen=True):
    """A request as HTTP has it: `headers` by lower-case name, `target` is path and query, `peer` whose
    connection it is."""

    method: str
    target: bytes
    headers: Mapping[str, Sequence[str]]
    peer: str
    body: bytes = b""

    def header(self, name: str) -> str:
        """The one value of a header; "" when it is missing or comes several times."""
        values = self.headers.get(name, ())
        return values[0] if len(values) == 1 else ""

    def __repr__(self) -> str:
        return "Arrived(<hidden>)"


class Reader:
    """Reads requests to the site at `url`.

    `proxies` are networks whose X-Forwarded-For is believed; `language` is for who asks for none.
    """

    def __init__(self, url: str, language: Language, proxies: Sequence[str] = ()) -> None:
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc}".lower()
        self._hosts = {parts.netloc.lower(), f"{parts.hostname}:{parts.port or 443}"}
        self._language = language
        self._proxies = [ip_network(each) for each in proxies]

    def read(self, arrived: Arrived) -> Asked:
        """Everything but the fields, which are read when they are used."""
        path, _, query = arrived.target.partition(b"?")
        cookies = read_cookies(arrived.headers.get("cookie", ()))
        chosen, query = _chosen_language(query)
        visit = cookies.get(VISIT_COOKIE, "")
        known = len(visit) == _TOKEN_LENGTH
        forwarded = arrived.headers.get("x-forwarded-for", ())
        return Asked(
            method=arrived.method,
            path=unquote_to_bytes(path).decode("utf-8", "replace"),
            right_host=arrived.header("host").lower() in self._hosts,
            language=chosen or self._language_of(cookies, arrived.header("accept-language")),
            language_chosen=chosen is not None,
            network=client_address(arrived.peer, forwarded, self._proxies),
            agent=agent_name(arrived.header("user-agent")),
            visit=visit if known else token_urlsafe(TOKEN_OCTETS),
            new_visit=not known,
            raw_query=query,
            body=arrived.body,
            content_type=arrived.header("content-type").partition(";")[0].strip().lower(),
            cookies=cookies,
            same_origin=self._is_from_here(arrived),
            cross_site=arrived.header("sec-fetch-site") == "cross-site",
            if_none_match=arrived.header("if-none-match"),
        )

    def _language_of(self, cookies: Mapping[str, str], accepted: str) -> Language:
        return (
            _LANGUAGES.get(cookies.get(LANGUAGE_COOKIE, "")) or accepted_language(accepted) or self._language
        )

    def _is_from_here(self, arrived: Arrived) -> bool:
        """What browsers say of who sent a request; programs that say nothing are told by their form token."""
        if "origin" in arrived.headers and arrived.header("origin").lower() != self._origin:
            return False
        return arrived.header("sec-fetch-site") in {"", "same-origin", "none"}


def accepted_language(header: str) -> Language | None:
    """The first of our languages by weight in Accept-Language (RFC 9110 §12.5.4); None when there is none."""
    weighed: list[tuple[float, int, Language]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        language = _LANGUAGES.get(tag.strip().partition("-")[0].lower())
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if language is not None and quality > 0:
            weighed.append((-quality, position, language))
    return min(weighed)[2] if weighed else None


def client_address(peer: str, forwarded: Sequence[str], proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Whose request it is: where the connection is a trusted proxy's, the last address of X-Forwarded-For
    that no trusted proxy has. IPv4 in IPv6 is told as IPv4."""
    address = _plain(peer)
    for hop in reversed([hop.strip() for header in forwarded for hop in header.split(",")]):
        if not _is_in(address, proxies):
            break
        try:
            address = str(ip_address(_plain(hop)))
        except ValueError:
            break
    return address


def _is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _plain(address: str) -> str:
    return address.partition("%")[0].removeprefix("::ffff:")


def _chosen_language(query: bytes) -> tuple[Language | None, bytes]:
    """The language that the query switches to, and the query without it."""
    chosen: Language | None = None
    kept = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if name == b"lang":
            chosen = _LANGUAGES.get(value.decode("ascii", "replace"), chosen)
        else:
            kept.append(part)
    return chosen, b"&".join(kept)
