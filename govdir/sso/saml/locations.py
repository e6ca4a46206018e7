"""Which addresses of service providers may be written into pages and redirects."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Final
from urllib.parse import urlsplit

MAX_LOCATION: Final = 2048
"""Characters; what browsers and proxies take without trouble."""

_NO_URL_CHARACTER: Final = re.compile(r"[^!-~]|[\"<>\\^`{|}]")
"""Anything outside RFC 3986: browsers read a backslash as a slash and drop line ends."""
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)
_IPV6: Final = re.compile(r"[0-9a-f:.]+", re.IGNORECASE)


def is_safe_location(location: str) -> bool:
    """Whether a browser may be sent there: https anywhere, http on this machine only.

    No user information (it makes one host look like another), no fragment, nothing but ASCII. To be asked
    when metadata is taken over and again when a location is used.
    """
    if len(location) > MAX_LOCATION or _NO_URL_CHARACTER.search(location) or "#" in location:
        return False
    try:
        parts = urlsplit(location)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or parts.netloc.endswith(":") or port == 0:
        return False
    host = parts.hostname or ""
    bracketed = parts.netloc.startswith("[")
    if not (_IPV6 if bracketed else _HOST).fullmatch(host):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def is_this_machine(host: str) -> bool:
    """Whether a host (lower case, without brackets) is this machine whatever a name server says."""
    if host in {"localhost", "::1"}:
        return True
    try:
        return IPv4Address(host).is_loopback
    except AddressValueError:
        return False
