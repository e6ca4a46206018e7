"""The store's promises on SQLite files."""

from __future__ import annotations

import pytest

from tests.storage.conformance import *  # noqa: F403 - the suite and its fixtures


@pytest.fixture
def url(sqlite_url: str) -> str:
    return sqlite_url
