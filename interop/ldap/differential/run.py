"""The script on one server."""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.controls.oids import SORT_REQUEST
from interop.ldap.differential.client import Client
from interop.ldap.differential.outcome import Outcome, outcome_of
from interop.ldap.differential.script import STEPS
from interop.server import ADMIN, ADMIN_PASSWORD

CLOSED: Final = "the connection was closed"


def run(port: int) -> dict[str, Outcome | str]:
    """Every step's outcome by its name, in order."""
    administrator, nobody = Client(port), Client(port)
    bound = administrator.bind(ADMIN, ADMIN_PASSWORD)
    assert bound.code == 0, bound
    outcomes: dict[str, Outcome | str] = {}
    for step in STEPS:
        client = nobody if step.anonymous else administrator
        ordered = any(control.oid == SORT_REQUEST for control in step.controls)
        try:
            outcomes[step.name] = outcome_of(client.ask(step.request, step.controls), ordered=ordered)
        except ConnectionError:
            outcomes[step.name] = CLOSED
            administrator = Client(port)
            administrator.bind(ADMIN, ADMIN_PASSWORD)
    administrator.close()
    nobody.close()
    return outcomes
