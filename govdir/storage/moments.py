"""Times as the tables hold them: microseconds since the epoch, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def stored(moment: datetime) -> int:
    """Exact; `moment` must be aware."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """Aware, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
