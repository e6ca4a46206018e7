"""Answers led astray: to other places, into other pages, to be used by others."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any
from urllib.parse import quote

import pytest
from jinja2 import Environment
from lxml import etree
from msgspec.structs import replace

from govdir.sso.idp import answers, endpoints
from govdir.sso.idp.unsolicited import Unsolicited
from govdir.sso.saml import xml
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.metadata_sp import read_service_metadata
from govdir.sso.saml.model import Binding, Endpoint
from govdir.sso.saml.names import saml
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.headers import ContentPolicy
from tests.sso.attacks.attack import Attack, always, first, nothing
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import Page, Place
from tests.sso.idp.stage import Application

EVIL = "https://evil.example/acs"


def assertion_in(page: Page) -> etree._Element:
    assert page.posted is not None, page
    root = xml.parse(base64.b64decode(page.posted[1]["SAMLResponse"]))
    found = root.find(saml("Assertion"))
    assert found is not None
    return found


# -- 1: where a request wants the answer ----------------------------------------------------------------


def other_places(application: Application) -> list[str]:
    """Almost the one in metadata, and not at all."""
    acs = application.acs[0]
    return [
        EVIL,
        acs + "/",
        acs + "?next=https://evil.example",
        acs + "/../evil",
        acs.upper(),
        acs.replace("https://", "https://evil.example\\@"),
        acs.replace(".example.vn", ".example.vn.evil.example"),
        acs.replace("https:", "http:"),
        acs.replace("example.vn/", "example.vn:444/"),
    ]


def answered_elsewhere(place: Place, *, signs: bool) -> bool:
    portal = place.register(Application("portal", signs=signs))
    browser = place.signed_in()
    pages = [
        browser.opens(portal, AssertionConsumerServiceURL=url.replace("&", "&amp;"))
        for url in other_places(portal)
    ]
    return any(page.posted and page.posted[0] != portal.acs[0] for page in pages)


def anywhere(metadata: Any, request: Any) -> Endpoint | None:
    return Endpoint(Binding.POST, request.acs_url) if request.acs_url else endpoints.default_acs(metadata)


# -- 2: addresses that are programs ---------------------------------------------------------------------

PROGRAMS = ("javascript:alert(1)//", "data:text/html,<script>", "http://portal.example.vn/acs", "//evil/acs")


def taken_into_metadata(place: Place) -> bool:
    portal = Application("portal")
    for program in PROGRAMS:
        portal.acs = [program.replace("<", "&lt;")]
        try:
            read_service_metadata(portal.metadata())
        except UnusableMetadata:
            continue
        return True
    return False


def used_from_the_database(place: Place) -> bool:
    """Metadata that came into the registry otherwise."""
    portal = place.register(Application("portal"))
    browser = place.signed_in()
    browser.opens(portal)
    known = place.idp.registry._known[portal.entity_id]
    evil = replace(
        known, metadata=replace(known.metadata, acs=(Endpoint(Binding.POST, PROGRAMS[0], None, 0),))
    )
    place.idp.registry._known = {portal.entity_id: evil}
    page = browser.opens(portal)
    return page.posted is not None and page.posted[0] == PROGRAMS[0]


# -- 3: markup in the form ------------------------------------------------------------------------------

MARKUP = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def markup_in_the_form(place: Place) -> bool:
    portal = place.register(Application("portal"))
    page = place.signed_in().brings(portal, portal.request(place.town.clock.now()), relay_state=MARKUP)
    assert page.posted is not None
    return bool(page.tree.xpath("//img | //script[contains(., 'alert')]"))


def a_strange_script_runs(place: Place) -> bool:
    """What the policy lets run, should markup ever get in."""
    portal = place.register(Application("portal"))
    page = place.signed_in().opens(portal)
    allowed = page.policy["script-src"].split()
    (script,) = page.tree.xpath("//script/text()")
    return (
        "'unsafe-inline'" in allowed
        or not any(each.startswith("'sha256-") for each in allowed)
        or ("alert" in script)
    )


# -- 4: where forms may go ------------------------------------------------------------------------------


def our_forms_go_elsewhere(place: Place) -> bool:
    browser = place.signed_in()
    pages = [
        place.browser().get("/sign-in"),
        *map(browser.get, ("/account", "/account/password", "/sign-out")),
    ]
    return any(page.policy.get("form-action", "*") != "'self'" for page in pages)


def a_form_of_ours_is_redirected_to_another_site(place: Place) -> bool:
    """Browsers hold the redirects after a form to its page's form-action: signing out would hang there."""
    portal = place.register(Application("portal", slo=[(Binding.REDIRECT, "slo")], signs=True))
    browser = place.signed_in()
    browser.opens(portal)
    token = browser.token("/sign-out")
    page = browser.post("/sign-out", {"form_token": token})
    while page.status == 303:
        if not page.location.startswith("/"):
            return True
        page = browser.get(page.location)
    return False


async def on_at_once(self: Any, progress: Any, _visitor: Any) -> Any:
    begun = await self._logouts.begin(progress)
    return await self._ask(begun, begun.waiting)


# -- 5: open redirects ----------------------------------------------------------------------------------

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/account",
    "/\\evil.example",
    "/account@evil.example",
    "/accounts",
    "https:evil.example",
    "javascript:alert(1)",
    "/account\t/../..//evil.example",
    "\x00/account",
)


def led_elsewhere_after_signing_in(place: Place) -> bool:
    browser = place.signed_in()
    places = [browser.get(f"/sign-in?to={quote(where)}").location for where in ELSEWHERE]
    return any(where != "/account" for where in places)


def led_elsewhere_by_the_engine(place: Place) -> bool:
    """What pages hand on is held to paths of the site once more."""
    for where in ELSEWHERE[:3]:
        try:
            place.town.run(place.desk.sign_in.begin(where))  # type: ignore[arg-type]
        except ValueError:
            continue
        return True
    return False


# -- 22: answers nobody asked for -----------------------------------------------------------------------


def an_answer_without_being_asked(place: Place) -> bool:
    """Another site's link, in a browser that is signed in."""
    portal = place.register(Application("portal"))
    return place.signed_in().get("/saml/start?sp=portal", from_elsewhere=True).posted is not None or (
        portal.entity_id in {one.entity_id for one in place.told()}
    )


def an_answer_without_a_click(place: Place) -> bool:
    """The same where the administrator permits it: a page asks first."""
    place.register(Application("portal"), idp_initiated=True)
    return place.signed_in().get("/saml/start?sp=portal", from_elsewhere=True).posted is not None


def an_answer_by_another_sites_form(place: Place) -> bool:
    place.register(Application("portal"), idp_initiated=True)
    browser = place.signed_in()
    # even where a browser sent cookies with it
    page = browser.ask(
        "POST",
        "/saml/start",
        b"sp=portal",
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    return page.posted is not None


async def permits(self: Unsolicited, name: str, _relay_state: str | None) -> Any:
    return await self._resources.registry.named(name)


start = Unsolicited.start


async def starts_at_once(
    self: Unsolicited, name: str, relay: str | None, visitor: Any, *, confirmed: bool
) -> Any:
    return await start(self, name, relay, visitor, confirmed=True)


# -- 29: an assertion that was stolen -------------------------------------------------------------------


def usable(assertion: etree._Element, audience: str, acs: str, request: str | None, now: datetime) -> bool:
    """As an honest application judges it."""
    data = assertion.find(f".//{saml('SubjectConfirmationData')}")
    conditions = assertion.find(saml("Conditions"))
    assert data is not None
    audiences = [one.text for one in assertion.iter(saml("Audience"))]
    ends = [
        datetime.fromisoformat(value)
        for value in (
            data.get("NotOnOrAfter"),
            None if conditions is None else conditions.get("NotOnOrAfter"),
        )
        if value
    ]
    return (
        all(now < end for end in ends)
        and audience in (audiences or [audience])
        and data.get("Recipient", acs) == acs
        and data.get("InResponseTo", request) == request
    )


def stolen(place: Place, judged: Callable[[etree._Element, Application, datetime], bool]) -> bool:
    portal = place.register(Application("portal"))
    page = place.signed_in().opens(portal, ID="_asked")
    assertion = assertion_in(page)
    now = place.town.clock.now()
    assert usable(assertion, portal.entity_id, portal.acs[0], "_asked", now)
    return judged(assertion, portal, now)


def good_after_ten_minutes(place: Place) -> bool:
    return stolen(
        place,
        lambda assertion, portal, now: usable(
            assertion, portal.entity_id, portal.acs[0], "_asked", now + timedelta(minutes=10)
        ),
    )


def good_for_another_application(place: Place) -> bool:
    return stolen(
        place,
        lambda assertion, portal, now: usable(
            assertion, "https://other.example.vn/metadata", portal.acs[0], "_asked", now
        ),
    )


def good_for_another_request(place: Place) -> bool:
    return stolen(
        place,
        lambda assertion, portal, now: usable(assertion, portal.entity_id, portal.acs[0], "_other", now),
    )


made = answers.Answers.assertion


async def to_no_request(self: Any, *args: Any, **named: Any) -> Any:
    return await made(self, *args, **{**named, "in_response_to": None})


# -- 30: a cipher text to try things on -----------------------------------------------------------------


def a_changed_cipher_text_is_looked_at(place: Place) -> bool:
    """Without a signature over the whole an application decrypts whatever is posted to it."""
    portal = place.register(Application("portal", encrypts=True))
    page = place.signed_in().opens(portal)
    assert page.posted is not None
    root = xml.parse(base64.b64decode(page.posted[1]["SAMLResponse"]))
    assert root.find(saml("EncryptedAssertion")) is not None
    return root.find(xml.name(xml.DS, "Signature")) is None


def only_the_assertion(*args: Any, **named: Any) -> bytes:
    from govdir.sso.saml.responses import signed_response

    return signed_response(*args, **{**named, "sign_response": False})


ATTACKS = (
    Attack(
        1,
        "an answer to an address of the requests own choice",
        partial(answered_elsewhere, signs=False),
        {
            "govdir.sso.idp.endpoints:answering": anywhere,
            "govdir.sso.idp.endpoints:is_safe_location": always(True),
        },
    ),
    Attack(
        1,
        "the same in a signed request",
        partial(answered_elsewhere, signs=True),
        {"govdir.sso.idp.endpoints:answering": anywhere},
    ),
    Attack(
        2,
        "an address in metadata that is a program",
        taken_into_metadata,
        {"govdir.sso.saml.metadata_sp:is_safe_location": always(True)},
    ),
    Attack(
        2,
        "such an address that is in the database already",
        used_from_the_database,
        {"govdir.sso.idp.endpoints:is_safe_location": always(True)},
    ),
    Attack(
        3,
        "markup in RelayState",
        markup_in_the_form,
        {"govdir.web.pages:Environment": lambda **named: Environment(**{**named, "autoescape": False})},
    ),
    Attack(
        3,
        "a script of others on the page that posts",
        a_strange_script_runs,
        {"govdir.web.saml_views:posting_policy": always(ContentPolicy(script="'unsafe-inline'"))},
    ),
    Attack(
        4,
        "our forms sent to another site",
        our_forms_go_elsewhere,
        {"govdir.web.headers:ContentPolicy.header": always("default-src 'none'")},
    ),
    Attack(
        4,
        "a form of ours answered by a redirect to another site",
        a_form_of_ours_is_redirected_to_another_site,
        {"govdir.sso.idp.single_logout:SingleLogout._go_on": on_at_once},
    ),
    Attack(
        5,
        "a link to the sign-in page that leads elsewhere afterwards",
        led_elsewhere_after_signing_in,
        {"govdir.web.sign_in_pages:_place": lambda asked: asked.query.get("to", "/account")},
    ),
    Attack(
        5,
        "a sign-in for another site",
        led_elsewhere_by_the_engine,
        {"govdir.sso.sign_in.engine:_checked": first},
    ),
    Attack(
        22,
        "an answer without a request where none are permitted",
        an_answer_without_being_asked,
        {
            "govdir.sso.idp.unsolicited:Unsolicited._permitted": permits,
            "govdir.sso.idp.unsolicited:Unsolicited.start": starts_at_once,
        },
    ),
    Attack(
        22,
        "an answer without a request and without a click",
        an_answer_without_a_click,
        {"govdir.sso.idp.unsolicited:Unsolicited.start": starts_at_once},
    ),
    Attack(
        22,
        "an answer without a request by another sites form",
        an_answer_by_another_sites_form,
        {"govdir.web.router:is_genuine": always(True)},
    ),
    Attack(
        29,
        "a stolen assertion ten minutes later",
        good_after_ten_minutes,
        {"govdir.sso.idp.answers:GOOD_FOR": timedelta(days=1)},
    ),
    Attack(
        29,
        "an assertion at another application",
        good_for_another_application,
        {"govdir.sso.saml.assertions:_add_conditions": nothing},
    ),
    Attack(
        29,
        "an assertion for another request",
        good_for_another_request,
        {"govdir.sso.idp.answers:Answers.assertion": to_no_request},
    ),
    Attack(
        30,
        "a changed cipher text in an answer",
        a_changed_cipher_text_is_looked_at,
        {"govdir.sso.idp.answers:signed_response": only_the_assertion},
    ),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("id"))
def test_the_attack_fails(attack: Attack, opened: Opening) -> None:
    assert not attack.succeeds(opened())


@pytest.mark.parametrize("attack", ATTACKS, ids=attrgetter("id"))
def test_without_its_guards_it_succeeds(
    attack: Attack, opened: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    attack.weaken(monkeypatch)

    assert attack.succeeds(opened())


# -- more of the kind -----------------------------------------------------------------------------------


def test_relay_state_leads_nowhere(place: Place) -> None:
    portal = place.register(Application("portal"))

    page = place.signed_in().brings(
        portal, portal.request(place.town.clock.now()), relay_state="https://evil.example/"
    )

    assert page.location == ""
    assert page.posted == (portal.acs[0], page.posted[1] if page.posted else {})
    assert "evil.example" not in str(page.headers)


def test_an_end_point_that_left_metadata_meanwhile_gets_no_answer(place: Place) -> None:
    portal = place.register(Application("portal", acs=("old", "acs")))
    browser = place.browser()
    page = browser.go(browser.opens(portal, AssertionConsumerServiceURL=portal.acs[0]))
    portal.acs = portal.acs[1:]
    place.register(portal)

    page = browser.send(page, name=place.name(), password="Hoa-sen-trang-927")

    assert page.status == 403
    assert page.posted is None
    assert SESSION_COOKIE in browser.cookies


@pytest.mark.parametrize(
    "where", ["/account", "/sign-in", "/sign-in?flow=x", "/nowhere", "/saml/sso?SAMLRequest=x"]
)
def test_the_switch_of_languages_stays_on_the_site(place: Place, where: str) -> None:
    for prefix in ("", "//evil.example", "/\\evil.example", "https://evil.example"):
        page = place.browser().get(
            prefix + where + ("&" if "?" in where else "?") + "lang=vi&lang=//evil.example"
        )
        links = page.tree.xpath("//a/@href | //form/@action | //link/@href")
        assert all(link[0] in "/#" and not link.startswith(("//", "/\\")) for link in links), links


@pytest.mark.parametrize("end", ["%0d%0aSet-Cookie:%20a=b", "%0aX:%201", "\r", "%E2%80%A8", "%00"])
def test_nothing_typed_becomes_a_header(place: Place, end: str) -> None:
    for target in (
        f"/sign-in?to=/account{end}",
        f"/account{end}",
        f"/account/history?x={end}",
        f"/saml/start?sp=portal&RelayState={end}",
        f"/saml/sso/continue?flow={end}",
        f"/sign-in?flow={end}&lang={end}",
    ):
        page = place.browser().ask("GET", quote(target, safe="%/?=&:"))
        names = [name.lower() for name, _ in page.headers]
        assert "x" not in names
        assert all(name == name.strip() and name.replace("-", "").isalnum() for name in names), names
        cookies = [value for name, value in page.headers if name.lower() == "set-cookie"]
        assert all(cookie.startswith("__Host-govdir") for cookie in cookies)
