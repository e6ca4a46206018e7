"""Who may use a service provider."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from govdir.directory.entry import Attributes
from govdir.directory.roles import HeldRole
from govdir.sso.idp.access_rule import denial
from govdir.sso.idp.outcomes import Denial
from govdir.sso.model import ServiceSettings
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX
from tests.directory.role_town import give
from tests.sso.idp.stage import AN, BINH, Stage


def judged(stage: Stage, dn: str = AN, **settings: Any) -> Denial | None:
    return denial(ServiceSettings(**settings), stage.account(dn), stage.town.directory)


def test_a_service_provider_without_a_rule_is_open_to_every_mailbox(stage: Stage) -> None:
    assert judged(stage, AN) is None
    assert judged(stage, BINH) is None
    assert judged(stage, SONV) is None


def test_what_is_no_mailbox_is_kept_out(stage: Stage) -> None:
    assert judged(stage, ADMIN) is Denial.NO_MAILBOX


@pytest.mark.parametrize(
    ("state", "states", "expected"),
    [
        ("active", ("active",), None),
        ("sendblocked", ("active", "sendBlocked"), None),
        ("sendblocked", ("active", "send-blocked"), None),
        ("sendblocked", ("active",), Denial.STATE),
        ("", ("active",), None),
        ("", ("sendBlocked",), Denial.STATE),
        ("suspended", ("active", "sendBlocked"), Denial.STATE),
    ],
)
def test_the_state_is_one_of_those_let_in(
    stage: Stage, state: str, states: tuple[str, ...], expected: Denial | None
) -> None:
    account = replace(stage.account(), state=state)

    assert denial(ServiceSettings(states=states), account, stage.town.directory) is expected


@pytest.mark.parametrize(
    ("kind", "kinds", "expected"),
    [
        ("person", ("person",), None),
        ("leader", ("person",), Denial.KIND),
        ("Leader", ("person", "LEADER"), None),
        ("org", ("agency",), None),
        ("", ("person",), Denial.KIND),
    ],
)
def test_the_kind_of_mailbox_is_one_of_those_let_in(
    stage: Stage, kind: str, kinds: tuple[str, ...], expected: Denial | None
) -> None:
    attributes = Attributes(stage.town.directory.vocabulary)
    attributes.replace("gdMailboxKind", [kind] if kind else [])
    account = replace(stage.account(), attributes=attributes)

    assert denial(ServiceSettings(kinds=kinds), account, stage.town.directory) is expected


@pytest.mark.parametrize(
    ("dn", "agencies", "expected"),
    [
        (AN, (SONV,), None),
        (AN, (SONV.upper(),), None),
        (AN, (SOTTTT, SONV), None),
        (SONV, (SONV,), None),
        (BINH, (SONV,), Denial.AGENCY),
        (BINH, (f"ou=orgs,{SUFFIX}",), None),
        (AN, (f"ou=gone,ou=orgs,{SUFFIX}",), Denial.AGENCY),
        (AN, ("dc=elsewhere",), Denial.AGENCY),
        (AN, ("no name",), Denial.AGENCY),
        (AN, (f"ou=nv,ou=orgs,{SUFFIX}",), Denial.AGENCY),
    ],
)
def test_the_account_is_of_the_agency_or_in_it(
    stage: Stage, dn: str, agencies: tuple[str, ...], expected: Denial | None
) -> None:
    assert judged(stage, dn, agencies=agencies) is expected


def test_an_account_that_is_gone_is_in_no_agency(stage: Stage) -> None:
    account = stage.account(BINH)
    stage.town.delete(BINH)

    assert denial(ServiceSettings(agencies=(SOTTTT,)), account, stage.town.directory) is Denial.AGENCY


def test_the_account_holds_one_of_the_roles(stage: Stage) -> None:
    give(stage.town, "operator", AN)

    assert stage.account(AN).roles == {HeldRole.OPERATOR}
    assert judged(stage, AN, roles=("auditor", "Operator")) is None
    assert judged(stage, AN, roles=("auditor",)) is Denial.ROLE
    assert judged(stage, BINH, roles=("operator",)) is Denial.ROLE


def test_all_parts_of_the_rule_hold_together(stage: Stage) -> None:
    give(stage.town, "operator", AN)

    assert judged(stage, AN, agencies=(SOTTTT,), roles=("operator",)) is Denial.AGENCY
    assert judged(stage, AN, agencies=(SONV,), roles=("operator",), kinds=("person",)) is None
