"""What one client of the web site may cost the others, each figure with its reason."""

from __future__ import annotations

from msgspec import Struct

KIB = 1024


class WebLimits(Struct, frozen=True):
    """Bounds on connections, requests and time; sizes in bytes, times in seconds."""

    connections: int = 4096
    # Behind one address of the province's network sit whole agencies, with six connections a browser.
    connections_per_address: int = 1024
    # A signed AuthnRequest has 5 KiB, a logout with an encrypted name 10.
    body_bytes: int = 512 * KIB
    # The address of a signed message by Redirect, and the cookies besides; servers before us allow 8 to 32.
    head_bytes: int = 32 * KIB
    # Browsers send some twenty.
    headers: int = 100
    # From the first octet to the last; half a megabyte over a poor line takes less.
    request_seconds: int = 30
    # Between requests. A browser opens a new one as quickly.
    idle_seconds: int = 60
    # A logout waits for other servers; beyond this nobody waits before the screen.
    answer_seconds: int = 60
