"""Dovecot's and Postfix's files fit each other, on one host and on two."""

from __future__ import annotations

import re

import pytest

from govdir.mailservers.configurations import configuration
from govdir.mailservers.programs import PROGRAMS
from tests.mailservers.test_configurations import CITY


def texts(program: str) -> dict[str, str]:
    """What is written for it, by file name."""
    return {file.path.rpartition("/")[2]: file.text for file in configuration(PROGRAMS[program], CITY)}


@pytest.mark.parametrize("program", ["dovecot", "dovecot-2.3"])
def test_dovecot_starts_on_a_host_that_has_no_postfix(program: str) -> None:
    local = texts(program)["local.conf"]

    assert not re.findall(r"(?m)^ *(?:user|group) = postfix", local)
    assert "\n!include_try /etc/postfix/govdir/dovecot.conf\n" in local


def test_dovecot_offers_postfix_the_sockets_that_its_setup_names() -> None:
    written = texts("postfix")

    offered = re.findall(r"unix_listener /var/spool/postfix/(private/\S+)", written["dovecot.conf"])

    assert sorted(offered) == ["private/auth", "private/dovecot-lmtp", "private/quota-status"]
    assert set(re.findall(r"private/[a-z-]+", written["setup.sh"])) <= set(offered)
