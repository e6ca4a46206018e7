"""Times as people in the province read them."""

from __future__ import annotations

from datetime import datetime

from govdir.directory.password_policy import PROVINCE_ZONE


def moment_text(moment: datetime) -> str:
    """The province's day and time: 31/08/2021 07:05."""
    return f"{moment.astimezone(PROVINCE_ZONE):%d/%m/%Y %H:%M}"


def day_text(moment: datetime) -> str:
    """The province's day: 31/08/2021."""
    return f"{moment.astimezone(PROVINCE_ZONE):%d/%m/%Y}"
