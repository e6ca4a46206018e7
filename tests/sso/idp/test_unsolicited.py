"""Going to applications from our own pages."""

from __future__ import annotations

from typing import Any

import pytest

from govdir.sso.idp.outcomes import (
    ConfirmStart,
    Denial,
    NeedSignIn,
    NotAllowed,
    Outcome,
    Reason,
    Refused,
    Visitor,
)
from govdir.sso.model import Encryption, Factor
from tests.directory.building import ADMIN
from tests.sso.idp.stage import AN, PERSISTENT, Application, Stage
from tests.sso.memory_ports import run


def start(
    stage: Stage,
    visitor: Visitor | None = None,
    *,
    name: str = "portal",
    relay_state: str | None = None,
    confirmed: bool = True,
) -> Outcome:
    return run(stage.idp.start(name, relay_state, visitor or Visitor(), confirmed=confirmed))


@pytest.fixture
def portal(stage: Stage) -> Application:
    return stage.register(Application("portal", acs=["acs", "other"]), idp_initiated=True, title="Cổng")


def test_a_confirmed_start_is_answered_though_nobody_asked(stage: Stage, portal: Application) -> None:
    answer = portal.read(start(stage, stage.signed_in()))

    assert (answer.status, answer.name) == ("Success", "lvan@cantho.gov.vn")
    assert answer.in_response_to is None
    assert answer.destination == "https://portal.example.vn/acs"
    assert answer.relay_state is None
    assert stage.last_line().channel == "idp-initiated"


def test_a_start_that_was_not_confirmed_asks_first(stage: Stage, portal: Application) -> None:
    outcome = start(stage, stage.signed_in(), relay_state="/x", confirmed=False)

    assert isinstance(outcome, ConfirmStart)
    assert (outcome.service.title("vi"), outcome.relay_state) == ("Cổng", "/x")
    assert stage.sessions.told == []


def test_without_a_session_one_signs_in_and_comes_back_to_confirm(stage: Stage, portal: Application) -> None:
    outcome = start(stage, relay_state="/x?a=b&c=đ")

    assert outcome == NeedSignIn("flow1")
    purpose = stage.door.begun[0].purpose
    assert purpose == "/saml/start?sp=portal&RelayState=%2Fx%3Fa%3Db%26c%3D%C4%91"
    waiting = run(stage.idp.service_waiting(purpose))
    assert waiting is not None
    assert waiting.name == "portal"


@pytest.mark.parametrize(
    ("usual", "given", "expected"),
    [("", None, None), ("/home", None, "/home"), ("/home", "/deep", "/deep"), ("", "/deep", "/deep")],
)
def test_relay_state_is_the_given_one_or_the_applications_usual_one(
    stage: Stage, usual: str, given: str | None, expected: str | None
) -> None:
    portal = stage.register(Application("portal"), idp_initiated=True, default_relay_state=usual)

    assert portal.read(start(stage, stage.signed_in(), relay_state=given)).relay_state == expected


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, Reason.NOT_IDP_INITIATED),
        ({"idp_initiated": True, "enabled": False}, Reason.SERVICE_DISABLED),
        ({"idp_initiated": True, "encryption": Encryption.REQUIRED}, Reason.CANNOT_ENCRYPT),
    ],
)
def test_what_the_settings_forbid_is_refused(stage: Stage, settings: dict[str, Any], reason: Reason) -> None:
    stage.register(Application("portal"), **settings)

    outcome = start(stage, stage.signed_in())

    assert isinstance(outcome, Refused)
    assert outcome.reason is reason
    assert stage.last_line().outcome == reason.value


def test_an_unknown_application_is_refused(stage: Stage) -> None:
    outcome = start(stage, stage.signed_in(), name="nothing")

    assert outcome == Refused(403, Reason.UNKNOWN_SERVICE)


def test_a_relay_state_of_any_length_is_refused(stage: Stage, portal: Application) -> None:
    outcome = start(stage, stage.signed_in(), relay_state="x" * 2049)

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.MALFORMED


def test_whom_the_rule_keeps_out_reads_why(stage: Stage) -> None:
    stage.register(Application("portal"), idp_initiated=True, roles=("auditor",))

    outcome = start(stage, stage.signed_in())

    assert isinstance(outcome, NotAllowed)
    assert (outcome.denial, outcome.form) == (Denial.ROLE, None)
    assert stage.last_line().outcome == "role"


def test_a_second_factor_is_asked_where_it_is_demanded(stage: Stage) -> None:
    portal = stage.register(Application("portal"), idp_initiated=True, second_factor=True)
    visitor = stage.signed_in()

    asked = start(stage, visitor)
    answer = portal.read(start(stage, stage.signed_in(AN, Factor.PASSWORD, Factor.CODE)))

    assert asked == NeedSignIn("flow1")
    assert (stage.door.begun[0].step_up, stage.door.begun[0].needs_code) == (visitor.session, True)
    assert answer.context == "https://refeds.org/profile/mfa"


def test_a_session_that_ended_this_very_moment_leads_to_the_sign_in(
    stage: Stage, portal: Application
) -> None:
    visitor = stage.signed_in()
    assert visitor.session is not None
    run(stage.sessions.end([visitor.session.key]))

    assert start(stage, visitor) == NeedSignIn("flow1")


def test_one_session_has_one_index_however_one_came(stage: Stage, portal: Application) -> None:
    visitor = stage.signed_in()

    asked = portal.read(stage.ask(portal, visitor)).session_index
    started = portal.read(start(stage, visitor)).session_index

    assert asked == started


def test_the_applications_one_may_go_to_are_listed_by_title(stage: Stage, portal: Application) -> None:
    stage.register(Application("archive"), idp_initiated=True, title="Án lưu")
    stage.register(Application("closed"), idp_initiated=True, enabled=False)
    stage.register(Application("asked"), idp_initiated=False)
    stage.register(Application("audit"), idp_initiated=True, roles=("auditor",))
    stage.register(Application("pairwise"), idp_initiated=True, name_id=PERSISTENT)

    names = [name.name for name in run(stage.idp.startable(stage.account()))]

    assert names == ["portal", "pairwise", "archive"]
    assert run(stage.idp.startable(stage.account(ADMIN))) == []
