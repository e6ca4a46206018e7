"""Which addresses belong to somebody's networks."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

# Mail servers ask about many clients, most of them strangers; past so many the memory starts anew.
MAX_REMEMBERED: Final = 4096


class Networks:
    """IPv4 and IPv6 networks, as a configuration names them. Raises ValueError for what is none."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._networks = tuple(ip_network(text) for text in texts)
        self._known: dict[str, bool] = {}

    def holds(self, host: str) -> bool:
        """Whether that address (text) is in one of them; False for what is no address. IPv4 mapped into IPv6
        is IPv4."""
        if not self._networks:
            return False
        known = self._known.get(host)
        if known is None:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            known = self._known[host] = self._find(host)
        return known

    def _find(self, host: str) -> bool:
        address = _address(host)
        return address is not None and any(address in network for network in self._networks)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.removeprefix("IPv6:").partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
