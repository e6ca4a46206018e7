"""What one server grants its clients, each figure with its reason."""

from __future__ import annotations

from msgspec import Struct

KIB = 1024
MIB = 1024 * KIB


class ServerLimits(Struct, frozen=True):
    """Bounds on connections, requests and time; sizes in bytes, times in seconds, counts per connection."""

    # Half of the 8192 descriptors common service units grant; the rest is for the database, logs and the web.
    connections: int = 4096
    # A mail gateway opens some hundred; more from one address is a leak or an attack.
    connections_per_address: int = 1024
    # Anonymous requests are binds and root DSE searches; a megabyte of filter is an attack.
    anonymous_pdu_bytes: int = 256 * KIB
    # The largest honest request adds an entry with certificates and a photograph.
    bound_pdu_bytes: int = 16 * MIB
    # Long enough to type a password in Directory Studio.
    idle_seconds: int = 900
    # Mail servers and portals keep pools open overnight and do not expect them to be closed.
    service_idle_seconds: int = 6 * 3600
    # Before a bind a request comes in one piece; who sends it octet by octet wants to hold memory. Whoever is
    # bound may send its photograph over a slow line: for as long as it may be idle.
    request_seconds: int = 60
    # A client that takes nothing from a full buffer for so long is gone; its memory is needed.
    write_seconds: int = 60
    # From here on nothing more is read until one is done: TCP holds the client back.
    outstanding: int = 128
    # What was already read and exceeds this is answered busy(51), so that a burst cannot grow memory.
    outstanding_at_most: int = 1024
    # One turn of a search, and all of one connection's pipelined requests in one reactor turn.
    turn_seconds: float = 0.005
    # What one turn of a search may put into the output buffer; equals Twisted's own high-water mark.
    turn_bytes: int = 64 * KIB
    # A dump of a million entries to a slow client ends within it; a forgotten search does not stay for ever.
    search_seconds: int = 3600
