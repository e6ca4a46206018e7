"""What all tests share: passwords are hashed at little cost, for what a hash costs is a test of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from govdir.directory import passwords


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "MEMORY_KIB", 128)
        patch.setattr(passwords, "TIME_COST", 1)
        yield
