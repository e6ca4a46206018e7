"""One town for all mail servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop.mail.town import Town, running_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running govdir with people in every state, an agency's mailbox, lists."""
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running
