"""Signing in at applications that ask for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from govdir.sso.idp.outcomes import (
    ContinueAt,
    Denial,
    NeedSignIn,
    NotAllowed,
    PostForm,
    Reason,
    Refused,
    Visitor,
)
from govdir.sso.model import Factor, Kind, ReleasedAttribute
from tests.directory.building import ADMIN
from tests.sso.idp.stage import AN, BINH, EMAIL, IDP, PERSISTENT, TRANSIENT, Application, Stage
from tests.sso.memory_ports import run

PPT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
KERBEROS = "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos"
MFA = "https://refeds.org/profile/mfa"
SFA = "https://refeds.org/profile/sfa"
TOTP = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"


def context(comparison: str, *classes: str) -> str:
    named = "".join(f"<saml:AuthnContextClassRef>{name}</saml:AuthnContextClassRef>" for name in classes)
    return f'<samlp:RequestedAuthnContext Comparison="{comparison}">{named}</samlp:RequestedAuthnContext>'


def subject(name: str, format_: str = EMAIL) -> str:
    return f'<saml:Subject><saml:NameID Format="{format_}">{name}</saml:NameID></saml:Subject>'


# -- with a session ------------------------------------------------------------------------------------


def test_somebody_signed_in_is_told_to_the_application_at_once(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    answer = portal.read(stage.ask(portal, stage.signed_in()))

    assert answer.status == "Success"
    assert answer.name == "lvan@cantho.gov.vn"
    assert answer.in_response_to == "_portal-1"
    assert answer.destination == "https://portal.example.vn/acs"
    assert answer.context == PPT
    assert answer.signed == ("response", "assertion")
    assert answer.attributes["displayName"] == ["Lê Văn An - Sở Nội vụ"]
    assert stage.door.begun == []


def test_an_answer_is_good_from_a_minute_ago_for_five_minutes(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()
    stage.clock.pass_time(minutes=20)

    root = portal.read(stage.ask(portal, visitor)).root

    assert root is not None
    (conditions,) = root.iter("{*}Conditions")
    (confirmed,) = root.iter("{*}SubjectConfirmationData")
    (statement,) = root.iter("{*}AuthnStatement")
    assert conditions.attrib == {"NotBefore": "2026-03-02T08:19:02Z", "NotOnOrAfter": "2026-03-02T08:25:02Z"}
    assert confirmed.get("NotOnOrAfter") == "2026-03-02T08:25:02Z"
    assert statement.get("AuthnInstant") == "2026-03-02T08:00:02Z"
    assert statement.get("SessionNotOnOrAfter") is None


def test_an_answer_leaves_a_line_in_the_trail_without_what_was_said(stage: Stage) -> None:
    portal = stage.register(Application("portal"), name_id=PERSISTENT)

    answer = portal.read(stage.ask(portal, stage.signed_in(), relay_state="secret place"))

    line = stage.last_line()
    assert (line.kind, line.outcome, line.who) == (Kind.ASSERTION, "ok", "lvan@cantho.gov.vn")
    assert (line.entity_id, line.channel) == ("https://portal.example.vn/metadata", "redirect")
    assert (line.factors, line.network) == ("password", "203.0.113.7")
    assert answer.name is not None
    assert answer.name not in repr(line)
    assert "secret" not in repr(line)


def test_a_repeated_answer_has_the_same_session_index_and_writes_nothing(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()
    first = portal.read(stage.ask(portal, visitor))
    written = stage.sessions.writes, stage.keeping.writes

    second = portal.read(stage.ask(portal, visitor))

    assert second.session_index == first.session_index
    assert (stage.sessions.writes, stage.keeping.writes) == written


def test_an_answer_costs_one_piece_of_slow_work_to_read_and_one_to_sign(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()
    stage.ask(portal, visitor)
    before = stage.slow.done, stage.services.reads

    stage.ask(portal, visitor)

    assert (stage.slow.done, stage.services.reads) == (before[0] + 2, before[1])


def test_each_session_has_an_index_of_its_own_at_each_application(stage: Stage) -> None:
    portal, files = stage.register(Application("portal")), stage.register(Application("files"))
    one, other = stage.signed_in(), stage.signed_in()

    indexes = {
        application.read(stage.ask(application, visitor)).session_index
        for application in (portal, files)
        for visitor in (one, other)
    }

    assert len(indexes) == 4


def test_a_session_that_ended_this_very_moment_leads_to_the_sign_in(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()
    assert visitor.session is not None
    run(stage.sessions.end([visitor.session.key]))

    assert stage.ask(portal, visitor) == NeedSignIn("flow1")


# -- without one ---------------------------------------------------------------------------------------


def test_without_a_session_one_signs_in_first_and_goes_on_to_the_application(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    asked = stage.ask(portal, relay_state="/documents?id=7")
    answer = portal.read(stage.proceed(stage.signed_in(BINH)))

    assert asked == NeedSignIn("flow1")
    assert stage.door.begun[0].purpose.startswith("/saml/sso/continue?flow=")
    assert (answer.name, answer.relay_state) == ("ttbinh@cantho.gov.vn", "/documents?id=7")
    assert answer.in_response_to == "_portal-1"


def test_the_sign_in_page_knows_which_application_asks(stage: Stage) -> None:
    portal = stage.register(Application("portal"), title="Cổng thông tin")
    stage.ask(portal)

    waiting = run(stage.idp.service_waiting(stage.door.begun[0].purpose))

    assert waiting is not None
    assert (waiting.name, waiting.title("vi")) == ("portal", "Cổng thông tin")
    assert run(stage.idp.service_waiting("/account")) is None
    assert run(stage.idp.service_waiting(b"anything")) is None


def test_two_tabs_sign_in_once_and_both_get_their_answer(stage: Stage) -> None:
    portal, files = stage.register(Application("portal")), stage.register(Application("files"))
    stage.ask(portal, relay_state="one")
    stage.ask(files, relay_state="two")
    visitor = stage.signed_in()
    first, second = stage.door.begun

    answers = [
        files.read(stage.proceed(visitor, second)).relay_state,
        portal.read(stage.proceed(visitor, first)).relay_state,
    ]

    assert answers == ["two", "one"]


def test_returning_without_having_signed_in_leads_back_to_the_sign_in(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal)

    assert stage.proceed(Visitor()) == NeedSignIn("flow2")


def test_a_request_waits_an_hour_and_no_longer(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal)
    visitor = stage.signed_in()

    stage.clock.pass_time(minutes=59)
    in_time = stage.proceed(visitor)
    stage.clock.pass_time(minutes=1)
    too_late = stage.proceed(visitor)

    assert isinstance(in_time, PostForm)
    assert too_late == Refused(400, Reason.STALE)
    assert stage.last_line().outcome == "stale"


def test_a_request_that_is_unknown_or_something_else_is_stale(stage: Stage) -> None:
    assert run(stage.idp.proceed("none", Visitor())) == Refused(400, Reason.STALE)


@pytest.mark.parametrize(
    ("settings", "reason"), [({"enabled": False}, Reason.SERVICE_DISABLED), ({}, Reason.UNKNOWN_ACS)]
)
def test_what_was_changed_while_somebody_signed_in_counts(
    stage: Stage, settings: dict[str, bool], reason: Reason
) -> None:
    portal = stage.register(Application("portal", acs=["acs", "other"]))
    stage.ask(portal)
    stage.register(Application("portal", acs=["other"]), **settings)

    outcome = stage.proceed(stage.signed_in())

    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.reason) == (403, reason)


def test_an_application_removed_while_somebody_signed_in_is_not_answered(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal)
    run(stage.services.remove(portal.entity_id))
    stage.clock.pass_time(seconds=2)

    assert stage.proceed(stage.signed_in()) == Refused(400, Reason.STALE)


def test_a_post_without_cookies_is_kept_until_the_browser_brings_them(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    octets = portal.request(stage.clock.now())

    kept = run(stage.idp.authn_request(stage.by_post(octets, relay_state="a+b", has_cookies=False)))
    assert isinstance(kept, ContinueAt)
    answer = portal.read(run(stage.idp.proceed(kept.path.rpartition("=")[2], stage.signed_in())))

    assert kept.path.startswith("/saml/sso/continue?flow=")
    assert (answer.status, answer.relay_state) == ("Success", "a+b")
    assert stage.door.begun == []


def test_a_passive_post_without_cookies_is_answered_once_they_are_known(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    octets = portal.request(stage.clock.now(), IsPassive="true")

    kept = run(stage.idp.authn_request(stage.by_post(octets, has_cookies=False)))
    assert isinstance(kept, ContinueAt)
    answer = portal.read(run(stage.idp.proceed(kept.path.rpartition("=")[2], Visitor())))

    assert (answer.status, answer.second) == ("Responder", "NoPassive")


# -- RelayState ----------------------------------------------------------------------------------------

RELAY_STATES = [None, "", "x", " leading and trailing ", "a+b&c=d%20e", "Đường dẫn/ế", "'()*~", "z" * 1500]


@pytest.mark.parametrize("relay_state", RELAY_STATES)
@pytest.mark.parametrize("signs", [False, True])
def test_relay_state_comes_back_as_it_came(stage: Stage, relay_state: str | None, signs: bool) -> None:
    portal = stage.register(Application("portal", signs=signs))

    answer = portal.read(stage.ask(portal, stage.signed_in(), relay_state=relay_state))

    assert answer.relay_state == relay_state


@pytest.mark.parametrize("relay_state", RELAY_STATES)
def test_relay_state_outlasts_a_sign_in(stage: Stage, relay_state: str | None) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal, relay_state=relay_state)

    assert portal.read(stage.proceed(stage.signed_in())).relay_state == relay_state


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(relay_state=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80))
def test_any_relay_state_comes_back_also_by_post(stage: Stage, relay_state: str) -> None:
    portal = Application("portal")
    if portal.entity_id not in stage.services.held:
        stage.register(portal)
    arrival = stage.by_post(
        portal.request(stage.clock.now()), visitor=stage.signed_in(), relay_state=relay_state
    )

    assert portal.read(run(stage.idp.authn_request(arrival))).relay_state == relay_state


# -- where the answer goes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({}, "first"),
        ({"AssertionConsumerServiceIndex": "0"}, "first"),
        ({"AssertionConsumerServiceIndex": "2"}, "third?x=1"),
        ({"AssertionConsumerServiceURL": "https://portal.example.vn/second"}, "second"),
        ({"AssertionConsumerServiceURL": "https://portal.example.vn/third?x=1"}, "third?x=1"),
    ],
)
def test_the_answer_goes_where_the_request_says(stage: Stage, attributes: dict[str, str], place: str) -> None:
    portal = stage.register(Application("portal", acs=["first", "second", "third?x=1"]))

    answer = portal.read(stage.ask(portal, stage.signed_in(), **attributes))

    assert answer.destination == f"https://portal.example.vn/{place}"


@pytest.mark.parametrize(
    "attributes",
    [
        {"AssertionConsumerServiceIndex": "7"},
        {"AssertionConsumerServiceURL": "https://evil.example/acs"},
        {"AssertionConsumerServiceURL": "https://PORTAL.example.vn/acs"},
        {"AssertionConsumerServiceURL": "https://portal.example.vn/acs/"},
        {"AssertionConsumerServiceURL": "https://portal.example.vn/acs?x"},
        {"AssertionConsumerServiceURL": "https://portal.example.vn:443/acs"},
        {"AssertionConsumerServiceURL": "https://portal.example.vn/ACS"},
        {"AssertionConsumerServiceURL": "javascript:alert(1)"},
    ],
)
@pytest.mark.parametrize("signs", [False, True])
def test_nowhere_else_though_the_request_be_signed(
    stage: Stage, attributes: dict[str, str], signs: bool
) -> None:
    portal = stage.register(Application("portal", signs=signs))

    outcome = stage.ask(portal, stage.signed_in(), **attributes)

    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.reason) == (403, Reason.UNKNOWN_ACS)
    assert "evil" not in repr(stage.trail.lines)


@pytest.mark.parametrize("signs", [False, True])
def test_another_binding_for_the_answer_is_unsupported(stage: Stage, signs: bool) -> None:
    portal = stage.register(Application("portal", signs=signs))

    answer = portal.read(
        stage.ask(portal, ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact")
    )

    assert (answer.status, answer.second) == ("Requester", "UnsupportedBinding")
    assert stage.last_line().outcome == "unsupported-binding"


def test_the_post_binding_may_be_said(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    outcome = stage.ask(
        portal,
        stage.signed_in(),
        ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
        AssertionConsumerServiceURL="https://portal.example.vn/acs",
    )

    assert portal.read(outcome).status == "Success"


# -- IsPassive and ForceAuthn --------------------------------------------------------------------------


def test_a_passive_request_never_shows_a_page(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    answer = portal.read(stage.ask(portal, IsPassive="true", relay_state="back"))

    assert (answer.status, answer.second) == ("Responder", "NoPassive")
    assert (answer.in_response_to, answer.relay_state) == ("_portal-1", "back")
    assert answer.signed == ("response",)
    assert stage.door.begun == []
    assert stage.last_line().outcome == "no-passive"


@pytest.mark.parametrize("said", ["true", "1"])
def test_a_passive_request_of_somebody_signed_in_is_answered(stage: Stage, said: str) -> None:
    portal = stage.register(Application("portal"))

    assert portal.read(stage.ask(portal, stage.signed_in(), IsPassive=said)).status == "Success"


def test_a_forced_request_proves_the_present_session_anew(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()

    asked = stage.ask(portal, visitor, ForceAuthn="true")

    assert asked == NeedSignIn("flow1")
    assert stage.door.begun[0].force == visitor.session
    assert stage.door.begun[0].step_up is None


def test_a_forced_request_is_not_met_by_the_session_there_was(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()
    stage.ask(portal, visitor, ForceAuthn="true")

    assert stage.proceed(visitor) == NeedSignIn("flow2")


def test_a_forced_request_is_met_by_a_later_proof(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal, stage.signed_in(), ForceAuthn="true")
    stage.clock.pass_time(seconds=1)

    answer = portal.read(stage.proceed(stage.signed_in()))

    assert (answer.status, answer.in_response_to) == ("Success", "_portal-1")


def test_a_forced_request_by_post_remembers_the_session_that_came_with_the_cookies(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()
    octets = portal.request(stage.clock.now(), ForceAuthn="true")
    kept = run(stage.idp.authn_request(stage.by_post(octets, has_cookies=False)))
    assert isinstance(kept, ContinueAt)

    first = run(stage.idp.proceed(kept.path.rpartition("=")[2], visitor))
    again = stage.proceed(visitor)
    stage.clock.pass_time(seconds=1)
    proved = stage.proceed(stage.signed_in())

    assert (first, again) == (NeedSignIn("flow1"), NeedSignIn("flow2"))
    assert portal.read(proved).status == "Success"


def test_a_forced_sign_in_may_be_somebody_elses(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal, stage.signed_in(AN), ForceAuthn="true")
    stage.clock.pass_time(seconds=1)

    assert portal.read(stage.proceed(stage.signed_in(BINH))).name == "ttbinh@cantho.gov.vn"


def test_forced_and_passive_at_once_cannot_be(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    answer = portal.read(stage.ask(portal, stage.signed_in(), ForceAuthn="true", IsPassive="true"))

    assert (answer.status, answer.second) == ("Responder", "NoPassive")


# -- how somebody must be proved -----------------------------------------------------------------------

ANSWERED = [
    # comparison, classes, factors, class in the answer (None: a code is asked first; "": NoAuthnContext)
    ("exact", [PPT], [], PPT),
    ("exact", [PASSWORD], [], PASSWORD),
    ("exact", [SFA], [], SFA),
    ("exact", [PPT], [Factor.CODE], PPT),
    ("exact", [MFA], [], None),
    ("exact", [MFA], [Factor.CODE], MFA),
    ("exact", [TOTP], [Factor.CODE], TOTP),
    ("exact", [KERBEROS], [], ""),
    ("exact", [KERBEROS, PPT], [], PPT),
    ("minimum", [PASSWORD], [], PASSWORD),
    ("minimum", [TOTP], [], None),
    ("minimum", [TOTP], [Factor.CODE], TOTP),
    ("minimum", [KERBEROS], [Factor.CODE], ""),
    ("better", [PPT], [], None),
    ("better", [PPT], [Factor.CODE], MFA),
    ("better", [MFA], [Factor.CODE], ""),
    ("better", [PASSWORD], [], PPT),
    ("maximum", [PPT], [Factor.CODE], PPT),
    ("maximum", [MFA], [], PPT),
    ("maximum", [PASSWORD], [], PASSWORD),
    ("maximum", [KERBEROS], [], ""),
]


@pytest.mark.parametrize(("comparison", "classes", "factors", "expected"), ANSWERED)
def test_a_context_is_answered_reached_by_a_code_or_refused(
    stage: Stage, comparison: str, classes: list[str], factors: list[Factor], expected: str | None
) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in(AN, Factor.PASSWORD, *factors)

    outcome = stage.ask(portal, visitor, content=context(comparison, *classes))

    if expected is None:
        assert outcome == NeedSignIn("flow1")
        (begun,) = stage.door.begun
        assert (begun.step_up, begun.force, begun.needs_code) == (visitor.session, None, True)
    elif expected:
        assert portal.read(outcome).context == expected
    else:
        answer = portal.read(outcome)
        assert (answer.status, answer.second) == ("Responder", "NoAuthnContext")


def test_what_nobody_can_reach_is_refused_before_anybody_signs_in(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    answer = portal.read(stage.ask(portal, content=context("exact", KERBEROS)))

    assert answer.second == "NoAuthnContext"
    assert stage.door.begun == []


def test_a_code_is_asked_within_the_first_sign_in_when_it_will_be_needed(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    stage.ask(portal, content=context("exact", MFA))

    assert [(begun.needs_code, begun.step_up, begun.force) for begun in stage.door.begun] == [
        (True, None, None)
    ]


def test_a_passive_request_for_a_code_that_was_not_given_is_not_met(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    outcome = stage.ask(portal, stage.signed_in(), content=context("exact", MFA), IsPassive="true")

    assert portal.read(outcome).second == "NoPassive"


def test_an_application_may_demand_a_second_factor_of_everybody(stage: Stage) -> None:
    portal = stage.register(Application("portal"), second_factor=True)
    visitor = stage.signed_in()

    asked = stage.ask(portal, visitor)
    answer = portal.read(stage.proceed(stage.signed_in(AN, Factor.PASSWORD, Factor.CODE)))

    assert asked == NeedSignIn("flow1")
    assert (stage.door.begun[0].step_up, stage.door.begun[0].needs_code) == (visitor.session, True)
    assert (answer.status, answer.context) == ("Success", MFA)
    assert stage.last_line().factors == "password+code"


def test_forced_with_a_code_proves_both_anew(stage: Stage) -> None:
    portal = stage.register(Application("portal"), second_factor=True)
    visitor = stage.signed_in(AN, Factor.PASSWORD, Factor.CODE)

    stage.ask(portal, visitor, ForceAuthn="true")

    (begun,) = stage.door.begun
    assert (begun.force, begun.step_up, begun.needs_code) == (visitor.session, None, True)


# -- who it is about -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lvan@cantho.gov.vn", "LVAN@CanTho.gov.vn"])
def test_a_request_about_the_account_is_answered(stage: Stage, name: str) -> None:
    portal = stage.register(Application("portal"))

    assert portal.read(stage.ask(portal, stage.signed_in(), content=subject(name))).status == "Success"


def test_a_request_about_the_accounts_persistent_name_is_answered(stage: Stage) -> None:
    portal = stage.register(Application("portal"), name_id=PERSISTENT)
    visitor = stage.signed_in()
    name = portal.read(stage.ask(portal, visitor)).name
    assert name is not None

    assert portal.read(stage.ask(portal, visitor, content=subject(name, PERSISTENT))).name == name


@pytest.mark.parametrize(
    "content", [subject("ttbinh@cantho.gov.vn"), subject("0" * 64, PERSISTENT), subject("x", TRANSIENT)]
)
def test_a_request_about_somebody_else_is_an_unknown_principal(stage: Stage, content: str) -> None:
    portal = stage.register(Application("portal"))

    answer = portal.read(stage.ask(portal, stage.signed_in(), content=content))

    assert (answer.status, answer.second) == ("Requester", "UnknownPrincipal")


def test_whom_a_request_is_about_is_written_into_the_sign_in_and_held_to(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    stage.ask(portal, content=subject("ttbinh@cantho.gov.vn"))

    as_another = portal.read(stage.proceed(stage.signed_in(AN)))
    as_asked = portal.read(stage.proceed(stage.signed_in(BINH)))

    assert stage.door.begun[0].name_hint == "ttbinh@cantho.gov.vn"
    assert (as_another.second, as_asked.status) == ("UnknownPrincipal", "Success")


# -- who may -------------------------------------------------------------------------------------------


def test_whom_the_access_rule_keeps_out_reads_why_and_may_tell_the_application(stage: Stage) -> None:
    portal = stage.register(Application("portal"), roles=("operator",), title="Cổng")

    outcome = stage.ask(portal, stage.signed_in(), relay_state="back")

    assert isinstance(outcome, NotAllowed)
    assert (outcome.denial, outcome.service.title("vi")) == (Denial.ROLE, "Cổng")
    assert outcome.form is not None
    answer = portal.read(outcome.form)
    assert (answer.status, answer.second) == ("Responder", "RequestDenied")
    assert (answer.in_response_to, answer.relay_state) == ("_portal-1", "back")
    line = stage.last_line()
    assert (line.outcome, line.detail) == ("role", "the access rule: role")


def test_a_passive_request_of_whom_the_rule_keeps_out_is_answered_without_a_page(stage: Stage) -> None:
    portal = stage.register(Application("portal"), roles=("operator",))

    answer = portal.read(stage.ask(portal, stage.signed_in(), IsPassive="true"))

    assert answer.second == "RequestDenied"


def test_nobody_is_asked_for_a_code_only_to_be_kept_out(stage: Stage) -> None:
    portal = stage.register(Application("portal"), roles=("operator",), second_factor=True)

    assert isinstance(stage.ask(portal, stage.signed_in()), NotAllowed)
    assert stage.door.begun == []


def test_an_administrator_without_a_mailbox_is_no_user_of_applications(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    outcome = stage.ask(portal, stage.signed_in(ADMIN))

    assert isinstance(outcome, NotAllowed)
    assert outcome.denial is Denial.NO_MAILBOX


# -- names, signatures, encryption ---------------------------------------------------------------------


def policy(format_: str = "", **more: str) -> str:
    said = {"Format": format_, **more} if format_ else more
    written = " ".join(f'{key}="{value}"' for key, value in said.items())
    return f"<samlp:NameIDPolicy {written}/>"


def test_the_policy_of_the_request_chooses_the_name(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    visitor = stage.signed_in()

    name_id = portal.read(stage.ask(portal, visitor, content=policy(PERSISTENT))).name_id

    assert name_id is not None
    assert name_id.attrib == {
        "Format": PERSISTENT,
        "NameQualifier": IDP,
        "SPNameQualifier": "https://portal.example.vn/metadata",
    }


@pytest.mark.parametrize(
    "content",
    [
        policy("urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos"),
        policy("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"),
        policy(PERSISTENT, SPNameQualifier="https://another.example.vn"),
    ],
)
def test_a_policy_that_cannot_be_met_is_told_before_anybody_signs_in(stage: Stage, content: str) -> None:
    portal = stage.register(Application("portal"))

    answer = portal.read(stage.ask(portal, content=content))

    assert (answer.status, answer.second) == ("Requester", "InvalidNameIDPolicy")
    assert stage.last_line().outcome == "invalid-name-id-policy"
    assert stage.door.begun == []


def test_an_application_that_may_not_know_addresses_gets_none_by_asking(stage: Stage) -> None:
    titles = (ReleasedAttribute("title"),)
    portal = stage.register(Application("portal"), name_id=PERSISTENT, attributes=titles)

    assert portal.read(stage.ask(portal, content=policy(EMAIL))).second == "InvalidNameIDPolicy"


def test_a_session_of_an_application_ends_when_its_settings_say(stage: Stage) -> None:
    portal = stage.register(Application("portal"), session_minutes=30)

    root = portal.read(stage.ask(portal, stage.signed_in())).root

    assert root is not None
    (statement,) = root.iter("{*}AuthnStatement")
    assert statement.get("SessionNotOnOrAfter") == "2026-03-02T08:30:02Z"


def test_a_visitor_with_a_session_and_no_account_counts_as_nobody(stage: Stage) -> None:
    portal = stage.register(Application("portal"))

    assert stage.ask(portal, replace(stage.signed_in(), account=None)) == NeedSignIn("flow1")


def test_a_request_an_hour_old_at_arrival_is_not_the_same_as_one_that_waited(stage: Stage) -> None:
    portal = stage.register(Application("portal"))
    octets = portal.request(stage.clock.now() - timedelta(hours=1))

    outcome = run(stage.idp.authn_request(stage.by_redirect(portal, octets)))

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.STALE
