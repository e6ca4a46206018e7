"""What single sign-on asks of storage, on SQLite files."""

from __future__ import annotations

import pytest

from tests.storage.sso_conformance import *  # noqa: F403 - the suite and its fixtures


@pytest.fixture
def url(sqlite_url: str) -> str:
    return sqlite_url
