"""One town for all mail servers, and one Postfix and one Dovecot that work together for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interop.mail.certificates import make_certificate
from interop.mail.dovecot import Dovecot
from interop.mail.folders import open_folder
from interop.mail.postfix import Postfix
from interop.mail.town import Town, running_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running govdir with people in every state, an agency's mailbox, lists."""
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture(scope="session")
def dovecot(town: Town) -> Iterator[Dovecot]:
    """Where mail lies and is read; govdir ends sessions on it."""
    with open_folder("dovecot") as folder:
        make_certificate(folder / "imap", "localhost")
        files = town.files(folder / "files", "dovecot-imap", "dovecot-2.3")
        made = Dovecot(
            folder / "instance", files, folder / "imap.crt", folder / "imap.key", town.doveadm_port
        )
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def postfix(town: Town, dovecot: Dovecot) -> Iterator[Postfix]:
    """Takes mail in, from outside and from mail programs, and hands it to Dovecot."""
    with open_folder("postfix") as folder:
        files = town.files(folder / "files", "postfix", "postfix")
        made = Postfix(folder, files, dovecot.lmtp_port, dovecot.auth_port, dovecot.quota_port)
        made.start()
        try:
            yield made
        finally:
            made.stop()
