"""What single sign-on asks of storage, on a private PostgreSQL cluster."""

from __future__ import annotations

import pytest

from tests.storage.sso_conformance import *  # noqa: F403 - the suite and its fixtures


@pytest.fixture
def url(postgres_url: str) -> str:
    return postgres_url
