"""Messages that are not taken: each check, and what falls when it is not met."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote_plus

import pytest

from govdir.sso.idp.outcomes import Arrival, Outcome, PostForm, Reason, Refused, Visitor
from govdir.sso.idp.resources import BEGINNINGS_BURST, STRANGERS_BURST, STRANGERS_SECONDS
from govdir.sso.saml import post, redirect, xml
from govdir.sso.saml.model import Binding
from tests.sso.idp.stage import PROTOCOL, SLO, SSO, Application, Stage
from tests.sso.memory_ports import run


def refusal(stage: Stage, arrival: Arrival) -> Reason:
    outcome = run(stage.idp.authn_request(arrival))
    assert isinstance(outcome, Refused), outcome
    assert stage.last_line().outcome == outcome.reason.value
    return outcome.reason


def query(stage: Stage, text: str) -> Arrival:
    return Arrival(Binding.REDIRECT, stage.signed_in(), raw_query=text.encode())


@pytest.fixture
def signing(stage: Stage) -> Application:
    """An application whose metadata says that it signs."""
    return stage.register(Application("signing", signs=True))


@pytest.fixture
def plain(stage: Stage) -> Application:
    """An application that need not sign, and has a key all the same."""
    return stage.register(Application("plain"))


# -- who sends it --------------------------------------------------------------------------------------


def test_an_unknown_service_provider_is_refused_with_its_name_in_the_trail(stage: Stage) -> None:
    stranger = Application("stranger")

    outcome = stage.ask(stranger, stage.signed_in())

    assert outcome == Refused(403, Reason.UNKNOWN_SERVICE)
    assert stage.last_line().entity_id == "https://stranger.example.vn/metadata"


def test_one_that_is_registered_and_cannot_be_used_is_told_why(stage: Stage) -> None:
    broken = stage.register(Application("broken", acs=[]))

    outcome = stage.ask(broken)

    assert isinstance(outcome, Refused)
    assert (outcome.reason, outcome.detail) == (Reason.UNKNOWN_SERVICE, stage.last_line().detail)
    assert "AssertionConsumerService" in outcome.detail


def test_relay_state_is_no_longer_by_post_than_a_query_could_hold(stage: Stage, plain: Application) -> None:
    for length, reason in ((16_384, None), (16_385, Reason.MALFORMED)):
        octets = plain.request(stage.clock.now())
        outcome = run(stage.idp.authn_request(stage.by_post(octets, relay_state="x" * length)))
        assert (outcome.reason if isinstance(outcome, Refused) else None) is reason


def test_strangers_do_not_fill_the_trail_whatever_they_send(stage: Stage) -> None:
    arrival = Arrival(Binding.REDIRECT, Visitor(network="203.0.113.7"), raw_query=b"SAMLRequest=x")
    for _ in range(STRANGERS_BURST + 3):
        assert refusal(stage, arrival) is Reason.MALFORMED
    assert len(stage.trail.lines) == STRANGERS_BURST

    stage.clock.pass_time(seconds=STRANGERS_SECONDS)
    for _ in range(3):
        refusal(stage, arrival)
    refusal(stage, Arrival(Binding.REDIRECT, Visitor(network="198.51.100.9"), raw_query=b"SAMLRequest=x"))
    refusal(stage, Arrival(Binding.REDIRECT, stage.signed_in(), raw_query=b"SAMLRequest=x"))
    assert len(stage.trail.lines) == STRANGERS_BURST + 3


def test_strangers_have_only_so_many_sign_ins_kept_for_them(stage: Stage, plain: Application) -> None:
    stranger, owner = Visitor(network="203.0.113.7"), stage.signed_in()
    for _ in range(BEGINNINGS_BURST):
        assert not isinstance(stage.ask(plain, stranger), Refused)
    kept = len(stage.keeping.held)
    for has_cookies in (True, False):
        octets = plain.request(stage.clock.now())
        arrival = stage.by_post(octets, visitor=stranger, has_cookies=has_cookies)
        outcome = run(stage.idp.authn_request(arrival))
        assert isinstance(outcome, Refused)
        assert (outcome.status, outcome.reason) == (429, Reason.TOO_MANY)
    assert len(stage.keeping.held) == kept

    assert isinstance(stage.ask(plain, owner), PostForm)
    assert not isinstance(stage.ask(plain, Visitor(network="198.51.100.9")), Refused)
    stage.clock.pass_time(seconds=1)
    assert not isinstance(stage.ask(plain, stranger), Refused)


def test_what_an_unknown_one_calls_itself_cannot_break_the_trails_lines(stage: Stage) -> None:
    octets = Application("stranger").request(stage.clock.now(), issuer="a&#10;b" + "x" * 1000)

    assert refusal(stage, stage.by_post(octets)) is Reason.UNKNOWN_SERVICE
    assert stage.last_line().entity_id == "ab" + "x" * 253


def test_one_that_was_registered_this_very_moment_is_known(stage: Stage) -> None:
    run(stage.idp.registry.refresh())
    portal = Application("portal")
    run(stage.services.put(portal.registered()))

    assert isinstance(stage.ask(portal, stage.signed_in()), PostForm)


def test_one_that_is_switched_off_is_refused_by_its_title(stage: Stage) -> None:
    portal = stage.register(Application("portal"), enabled=False, title="Cổng")

    outcome = stage.ask(portal, stage.signed_in())

    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.reason) == (403, Reason.SERVICE_DISABLED)
    assert outcome.service is not None
    assert outcome.service.title("en") == "Cổng"


# -- signatures ----------------------------------------------------------------------------------------


def test_without_the_signature_that_metadata_promises_a_request_is_refused(
    stage: Stage, signing: Application
) -> None:
    octets = signing.request(stage.clock.now())

    assert refusal(stage, stage.by_redirect(signing, octets)) is Reason.UNSIGNED
    assert refusal(stage, stage.by_post(octets)) is Reason.UNSIGNED


@pytest.mark.parametrize(("wanted", "signs"), [(True, False), (False, True)])
def test_the_administrator_decides_before_metadata(stage: Stage, wanted: bool, signs: bool) -> None:
    portal = stage.register(Application("portal", signs=signs), signed_requests=wanted)
    arrival = stage.by_redirect(portal, portal.request(stage.clock.now()), visitor=stage.signed_in())

    outcome = run(stage.idp.authn_request(arrival))

    assert isinstance(outcome, Refused if wanted else PostForm)


@pytest.mark.parametrize("name", ["signing", "plain"])
def test_a_wrong_signature_is_refused_whether_one_is_needed_or_not(
    stage: Stage, signing: Application, plain: Application, name: str
) -> None:
    application = {"signing": signing, "plain": plain}[name]
    octets = application.request(stage.clock.now())
    mallory = Application("mallory")

    by_redirect = stage.by_redirect(mallory, octets, signed=True)
    by_post = stage.by_post(mallory.signed(octets))

    assert refusal(stage, by_redirect) is Reason.BAD_SIGNATURE
    assert refusal(stage, by_post) is Reason.BAD_SIGNATURE


def test_a_signature_that_cannot_be_checked_counts_as_none(stage: Stage) -> None:
    keyless = stage.register(Application("keyless", has_key=False))
    octets = keyless.request(stage.clock.now())

    optional = run(stage.idp.authn_request(stage.by_post(keyless.signed(octets), visitor=stage.signed_in())))
    stage.register(keyless, signed_requests=True)
    needed = run(stage.idp.authn_request(stage.by_post(keyless.signed(octets))))

    assert isinstance(optional, PostForm)
    assert isinstance(needed, Refused)
    assert needed.reason is Reason.UNSIGNED


def _wrapped(octets: bytes) -> bytes:
    """The signed request as an extension of another that asks for an answer elsewhere (XSW)."""
    signed = octets.decode()
    identifier = re.search(r'ID="([^"]*)"', signed)
    assert identifier is not None
    outer = signed[: signed.index(">")].replace(identifier[1], "_evil")
    issuer = re.search(r"<saml:Issuer>.*?</saml:Issuer>", signed)
    assert issuer is not None
    return f"{outer}>{issuer[0]}<samlp:Extensions>{signed}</samlp:Extensions></samlp:AuthnRequest>".encode()


def _changed(octets: bytes) -> bytes:
    return octets.replace(b'Version="2.0"', b'Version="2.0" ForceAuthn="true"')


def _commented(octets: bytes) -> bytes:
    return octets.replace(b"/metadata</saml:Issuer>", b"/meta<!-- -->data</saml:Issuer>").replace(
        b'Version="2.0"', b'Version="2.0" IsPassive="true"'
    )


@pytest.mark.parametrize("attack", [_wrapped, _changed, _commented])
@pytest.mark.parametrize("name", ["signing", "plain"])
def test_a_signed_request_that_was_tampered_with_is_refused(
    stage: Stage, signing: Application, plain: Application, name: str, attack: Callable[[bytes], bytes]
) -> None:
    application = {"signing": signing, "plain": plain}[name]
    octets = attack(application.signed(application.request(stage.clock.now())))

    assert refusal(stage, stage.by_post(octets)) is Reason.BAD_SIGNATURE


def test_a_query_whose_signature_was_cut_off_is_unsigned(stage: Stage, signing: Application) -> None:
    signed = redirect.url(
        SSO, signing.request(stage.clock.now()), is_request=True, relay_state=None, key=signing.key
    ).partition("?")[2]

    assert refusal(stage, query(stage, signed.partition("&SigAlg")[0])) is Reason.UNSIGNED
    assert refusal(stage, query(stage, signed.partition("&Signature")[0])) is Reason.MALFORMED


def test_relay_state_is_under_the_signature(stage: Stage, signing: Application) -> None:
    signed = redirect.url(
        SSO, signing.request(stage.clock.now()), is_request=True, relay_state="a", key=signing.key
    ).partition("?")[2]

    assert (
        refusal(stage, query(stage, signed.replace("RelayState=a", "RelayState=b"))) is Reason.BAD_SIGNATURE
    )
    assert refusal(stage, query(stage, signed.replace("RelayState=a&", ""))) is Reason.BAD_SIGNATURE
    assert refusal(stage, query(stage, signed + "&RelayState=a")) is Reason.MALFORMED


# -- where and when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.example/saml/sso",
        SSO + "/",
        SSO + "?x",
        SLO,
        SSO.upper(),
        SSO[:-1],
        "",
        "http" + SSO[5:],
    ],
)
@pytest.mark.parametrize("signs", [False, True])
def test_a_request_for_another_place_is_refused(stage: Stage, destination: str, signs: bool) -> None:
    portal = stage.register(Application("portal", signs=signs))

    outcome = stage.ask(portal, stage.signed_in(), Destination=destination)

    if destination == "" and not signs:  # as good as not said
        assert isinstance(outcome, PostForm)
    else:
        assert isinstance(outcome, Refused)
        assert (outcome.status, outcome.reason) == (400, Reason.WRONG_DESTINATION)


@pytest.mark.parametrize(("signs", "taken"), [(False, True), (True, False)])
def test_a_request_that_names_no_place_is_taken_unless_it_is_signed(
    stage: Stage, signs: bool, taken: bool
) -> None:
    portal = stage.register(Application("portal", signs=signs))

    outcome = stage.ask(portal, stage.signed_in(), Destination=None)

    assert isinstance(outcome, PostForm) is taken


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (timedelta(minutes=-5), None),
        (timedelta(minutes=-5, seconds=-1), Reason.STALE),
        (timedelta(days=-400), Reason.STALE),
        (timedelta(minutes=3), None),
        (timedelta(minutes=3, seconds=1), Reason.FROM_THE_FUTURE),
    ],
)
@pytest.mark.parametrize("signs", [False, True])
def test_a_request_is_of_this_hour(
    stage: Stage, shift: timedelta, reason: Reason | None, signs: bool
) -> None:
    portal = stage.register(Application("portal", signs=signs))
    octets = portal.request(stage.clock.now() + shift)
    arrival = stage.by_redirect(portal, octets, visitor=stage.signed_in(), signed=signs)

    outcome: Outcome = run(stage.idp.authn_request(arrival))

    if reason is None:
        assert isinstance(outcome, PostForm)
    else:
        assert isinstance(outcome, Refused)
        assert outcome.reason is reason


# -- once ----------------------------------------------------------------------------------------------


def test_a_signed_request_counts_once_by_whatever_binding(stage: Stage, signing: Application) -> None:
    octets = signing.request(stage.clock.now())
    visitor = stage.signed_in()
    first = run(stage.idp.authn_request(stage.by_redirect(signing, octets, visitor=visitor, signed=True)))

    assert isinstance(first, PostForm)
    assert refusal(stage, stage.by_redirect(signing, octets, visitor=visitor, signed=True)) is Reason.REPLAYED
    assert refusal(stage, stage.by_post(signing.signed(octets), visitor=visitor)) is Reason.REPLAYED


def test_the_same_id_of_two_applications_is_two_requests(stage: Stage, signing: Application) -> None:
    other = stage.register(Application("other", signs=True))
    for application in (signing, other):
        outcome = stage.ask(application, stage.signed_in(), ID="_same")
        assert isinstance(outcome, PostForm)


def test_an_unsigned_request_may_be_reloaded(stage: Stage, plain: Application) -> None:
    octets = plain.request(stage.clock.now())
    visitor = stage.signed_in()

    for _ in range(2):
        outcome = run(stage.idp.authn_request(stage.by_redirect(plain, octets, visitor=visitor)))
        assert isinstance(outcome, PostForm)
    assert stage.keeping.writes == 0


def test_a_signed_request_is_remembered_until_it_would_be_stale(stage: Stage, signing: Application) -> None:
    now = stage.clock.now()
    stage.ask(signing, stage.signed_in())

    assert list(stage.keeping.seen.values()) == [now + timedelta(minutes=8)]


def test_a_refused_request_does_not_use_up_its_id(stage: Stage, signing: Application) -> None:
    stage.ask(signing, stage.signed_in(), AssertionConsumerServiceIndex="9", ID="_one")

    assert isinstance(stage.ask(signing, stage.signed_in(), ID="_one"), PostForm)


# -- form ----------------------------------------------------------------------------------------------


def _deflated(octets: bytes) -> str:
    compressor = zlib.compressobj(wbits=-15)
    return quote_plus(base64.b64encode(compressor.compress(octets) + compressor.flush()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SAMLRequest=",
        "SAMLRequest=%ff",
        "RelayState=x",
        "SAMLRequest=" + quote_plus(base64.b64encode(b"<x/>")),
        "SAMLRequest=" + _deflated(b"<x"),
        "SAMLRequest=" + _deflated(b"<x/>"),
        "SAMLRequest=" + _deflated(b" " * 200_000),
        "SAMLRequest=" + _deflated(b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
        "SAMLRequest=" + _deflated(b"<x/>") + "&SAMLResponse=" + _deflated(b"<x/>"),
        "SAMLResponse=" + _deflated(b"<x/>"),
    ],
)
def test_what_is_no_message_in_a_query_is_malformed(stage: Stage, text: str) -> None:
    assert refusal(stage, query(stage, text)) is Reason.MALFORMED


@pytest.mark.parametrize(
    ("saml_request", "saml_response"),
    [
        (None, None),
        ("", None),
        ("%%%", None),
        (post.encode(b"<x/>"), None),
        (post.encode(b"<x/>"), post.encode(b"<x/>")),
        (None, post.encode(b"<x/>")),
        (post.encode(b"x" * 300_000), None),
    ],
)
def test_what_is_no_message_in_a_form_is_malformed(
    stage: Stage, saml_request: str | None, saml_response: str | None
) -> None:
    arrival = Arrival(Binding.POST, Visitor(), saml_request=saml_request, saml_response=saml_response)

    assert refusal(stage, arrival) is Reason.MALFORMED


def _without(pattern: str) -> Callable[[str], str]:
    return lambda text: re.sub(pattern, "", text)


@pytest.mark.parametrize(
    "damage",
    [
        _without(r"<saml:Issuer>.*</saml:Issuer>"),
        _without(r'Version="2.0"'),
        _without(r' ID="[^"]*"'),
        _without(r'IssueInstant="[^"]*"'),
        lambda text: text.replace('Version="2.0"', 'Version="1.1"'),
        lambda text: text.replace('Version="2.0"', 'Version="2.0" ForceAuthn="maybe"'),
        lambda text: text.replace("</saml:Issuer>", "</saml:Issuer><x/>"),
        lambda text: text.replace(
            'Version="2.0"',
            'Version="2.0" AssertionConsumerServiceIndex="0"'
            ' AssertionConsumerServiceURL="https://plain.example.vn/acs"',
        ),
    ],
)
def test_a_request_that_breaks_a_rule_is_malformed(
    stage: Stage, plain: Application, damage: Callable[[str], str]
) -> None:
    octets = damage(plain.request(stage.clock.now()).decode()).encode()

    assert refusal(stage, stage.by_post(octets, visitor=stage.signed_in())) is Reason.MALFORMED


def test_a_logout_request_is_no_message_of_the_sign_on_end_point(stage: Stage, signing: Application) -> None:
    octets = signing.logout(stage.clock.now(), "lvan@cantho.gov.vn", Destination=SSO)

    assert refusal(stage, stage.by_redirect(signing, octets, signed=True)) is Reason.MALFORMED


def test_any_other_message_is_malformed(stage: Stage, plain: Application) -> None:
    octets = (
        f'<samlp:ManageNameIDRequest {PROTOCOL} ID="_1" Version="2.0" IssueInstant="2026-03-02T08:00:02Z">'
        f"<saml:Issuer>{plain.entity_id}</saml:Issuer></samlp:ManageNameIDRequest>"
    )

    assert refusal(stage, stage.by_post(octets.encode())) is Reason.MALFORMED


@pytest.mark.parametrize(("permitted", "reason"), [(True, Reason.MALFORMED), (False, Reason.UNSIGNED)])
def test_encrypted_names_are_not_decrypted_for_whoever_has_not_signed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, permitted: bool, reason: Reason
) -> None:
    portal = stage.register(Application("portal", slo=[(Binding.REDIRECT, "slo")]), unsigned_logout=permitted)
    octets = portal.logout(stage.clock.now(), "x").decode()
    encrypted = re.sub(
        r"<saml:NameID.*</saml:NameID>",
        '<saml:EncryptedID><x:EncryptedData xmlns:x="http://www.w3.org/2001/04/xmlenc#">'
        "<x:CipherData><x:CipherValue>AAAA</x:CipherValue></x:CipherData></x:EncryptedData>"
        "</saml:EncryptedID>",
        octets,
    )
    tried: list[int] = []
    monkeypatch.setattr(
        "govdir.sso.saml.logout.encryption.decrypt",
        lambda _element, keys: tried.append(len(keys)) or xml.parse(b"<x/>"),
    )

    outcome = run(stage.idp.logout_message(stage.by_post(encrypted.encode())))

    assert isinstance(outcome, Refused)
    assert outcome.reason is reason
    assert sum(tried) == 0  # with none of our keys
    assert permitted or tried == []


def test_nothing_of_a_message_is_in_a_representation(stage: Stage, signing: Application) -> None:
    arrival = stage.by_redirect(signing, signing.request(stage.clock.now()), relay_state="hush", signed=True)

    shown = repr(arrival) + repr(run(stage.idp.authn_request(arrival)))

    assert "hush" not in shown
    assert "SAMLRequest" not in shown
