"""The doctor's check of the letters that govdir sends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from govdir.cli.language import say
from govdir.config import Config
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.policy.texts import Wording
from govdir.storage import migrate
from govdir.storage.checks import waiting_letters
from govdir.storage.engine import Database
from govdir.storage.moments import moment

PATIENCE: Final = timedelta(hours=1)
"""Mail servers that ask to try again (greylisting) are content after minutes."""

_WAITING = Wording(
    "{count} thư đang chờ gửi, thư đầu từ {since:%d/%m/%Y %H:%M}: xem lại server trong [mail] và nhật ký sự "
    "kiện; thư cần govdir serve đang chạy, và bị bỏ sau hai ngày",
    "{count} {count:letter is|letters are} waiting to be sent, the first of them since "
    "{since:%d/%m/%Y %H:%M}: look at [mail] server and at the event log; it takes a running govdir serve, "
    "and they are given up after two days",
)


def check_letters(config: Config, database: Database) -> Iterator[str]:
    """That none waits for long."""
    if migrate.current_version(database) != migrate.known_version():
        return  # told by the check of the version
    count, written = waiting_letters(database)
    oldest = moment(written)
    if count and oldest < datetime.now(UTC) - PATIENCE:
        yield say(_WAITING, count=count, since=oldest.astimezone(PROVINCE_ZONE))
