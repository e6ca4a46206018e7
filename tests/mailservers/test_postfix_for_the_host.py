"""What Postfix's setup does for the host it runs on."""

from __future__ import annotations

from govdir.mailservers.configurations import configuration
from govdir.mailservers.programs import PROGRAMS
from tests.mailservers.test_configurations import CITY


def test_mail_of_the_hosts_own_accounts_is_not_taken_for_the_directorys() -> None:
    (setup,) = [
        file.text for file in configuration(PROGRAMS["postfix"], CITY) if file.path.endswith("setup.sh")
    ]

    assert "\npostconf -e 'myorigin = $myhostname'\n" in setup
    assert "\npostconf -e 'mydestination = $myhostname, localhost.$mydomain, localhost'\n" in setup
