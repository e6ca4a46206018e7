"""What one protocol data unit may cost before it is refused.

Every limit bounds memory or time per octet received, so a client can never make the server work out of
proportion to what it sent. Others bound the PDU too: 389 DS at 2 MiB, OpenLDAP at 256 KiB before and 4 MiB
after a bind.
"""

from __future__ import annotations

from msgspec import Struct

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


class DecodeLimits(Struct, frozen=True):
    """The defaults are those of a connection that has not bound; sizes in octets, the rest are counts."""

    pdu_size: int = 256 * KIBIBYTE  # no bind or anonymous search needs more; bounds what strangers can park
    filter_depth: int = 64  # people write 3 levels, generated filters 10; far below Python's own recursion
    filter_nodes: int = 2048  # address books ask for some hundred names at once; bounds evaluation per entry
    controls: int = 32  # clients send 0 to 3; each is looked up
    attributes: int = (
        4096  # of a selection, entry or modification; an entry of all known types has under 1000
    )
    values: int = 262_144  # of a whole PDU: the largest lists; an empty value costs 2 octets but 40 in memory


BEFORE_BIND = DecodeLimits()
# A jpegPhoto or a list of 100,000 members fits; what authenticated clients send is answerable.
AFTER_BIND = DecodeLimits(pdu_size=16 * MEBIBYTE)
