"""Where requests to other servers may go: addresses are looked up once, judged, and used as they were judged.

Who may name a URL (metadata of a service provider does) must not reach through govdir what only govdir can
reach: this host, its network, the cloud's own services.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from govdir.policy.texts import Wording
from govdir.sso.ports import Unreachable
from govdir.sso.saml.locations import is_safe_location, is_this_machine

MAX_ADDRESSES: Final = 4
"""Addresses of one host that are tried one after the other."""

_NAT64: Final = IPv6Network("64:ff9b::/96")

_NOT_A_URL: Final = Wording(
    "địa chỉ không dùng được: phải bắt đầu bằng https://, không có tên người dùng, mật mã hay dấu #",
    "the address cannot be used: it must begin with https:// and have no user name, password or #",
)
_PLAIN: Final = Wording(
    "{host}: chỉ dùng http:// cho ứng dụng chạy thử trên chính máy này",
    "{host}: http:// is for trying out applications on this machine only",
)
_UNKNOWN: Final = Wording("{host}: không tìm thấy tên máy này", "{host}: no such host is known")
_PRIVATE: Final = Wording(
    "{host} có địa chỉ nội bộ; nếu đúng ý, hãy ghi tên máy này vào private_hosts trong [sso]",
    "{host} has a private address; if that is meant, list the host in [sso] private_hosts",
)

Address = tuple[socket.AddressFamily, str]
Resolve = Callable[[str, int], Sequence[Address]]


class NoAnswer(Unreachable):
    """Another server was not asked, or not answered as it should; `why` for the operator, who is told the
    host but nothing of what was sent or received."""

    def __init__(self, why: Wording) -> None:
        super().__init__(why.en)
        self.why = why


class Target:
    """A URL that may be asked, and the addresses at which; `path` has the query."""

    __slots__ = ("addresses", "host", "path", "port", "tls")

    def __init__(self, parts: SplitResult, addresses: Sequence[Address]) -> None:
        self.tls = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.tls else 80)
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.addresses = addresses


def resolve(host: str, port: int) -> Sequence[Address]:
    """The system's answer, in its order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys((family, str(address[0])) for family, _type, _proto, _name, address in found))


class Destinations:
    """`private_hosts` may be reached at any address; with `loopback`, this machine by its own names too."""

    def __init__(
        self, private_hosts: Collection[str], *, loopback: bool = False, resolve: Resolve = resolve
    ) -> None:
        self._private_hosts = frozenset(host.lower() for host in private_hosts)
        self._loopback = loopback
        self._resolve = resolve

    def target(self, url: str) -> Target:
        """Looks the host up. Blocking. Raises NoAnswer for a URL that may not be asked or an unknown host."""
        if not is_safe_location(url):
            raise NoAnswer(_NOT_A_URL)
        parts = urlsplit(url)
        host = parts.hostname or ""
        trusted = host in self._private_hosts or (self._loopback and is_this_machine(host))
        if parts.scheme != "https" and not trusted:
            raise NoAnswer(_PLAIN.filled(host=host))
        try:
            addresses = self._resolve(host, parts.port or 443)
        except (OSError, UnicodeError):
            addresses = ()
        if not addresses:
            raise NoAnswer(_UNKNOWN.filled(host=host))
        # One private address among public ones is how rebinding begins: then none is used.
        if host not in self._private_hosts and not all(
            is_public(address) or (trusted and _is_loopback(address)) for _family, address in addresses
        ):
            raise NoAnswer(_PRIVATE.filled(host=host))
        return Target(parts, addresses[:MAX_ADDRESSES])


def is_public(text: str) -> bool:
    """Whether an address is on the internet at large, those that carry another one in them included."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return all(_is_public(each) for each in _carried(address))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    site_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not site_local


def _carried(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address a packet goes to in the end: mapped, 6to4, Teredo and NAT64 lead to IPv4."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64:
        yield IPv4Address(int(address) & 0xFFFFFFFF)


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
