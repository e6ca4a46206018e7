"""Other servers reached through this one, and what is left lying about of people."""

from __future__ import annotations

import base64
import re
from functools import partial
from operator import attrgetter
from socket import AF_INET, AF_INET6
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from pyotp import TOTP

from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.saml.model import Binding
from govdir.web.cookies import SESSION_COOKIE
from govdir.web.form_tokens import FIELD
from govdir.web.outbound_addresses import Destinations, NoAnswer
from govdir.web.server import WebServer
from tests.sso.attacks.attack import Attack, always
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import AN, OTHER, PASSWORD, Place
from tests.sso.idp.stage import PERSISTENT, SLO, Application

# -- 31: other servers ----------------------------------------------------------------------------------

INSIDE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "2001:0:a00:1::f5ff:fffe",
    "fec0::1",
)


def an_inner_server_is_reached(place: Place, *, rebinding: bool) -> bool:
    """By a name that leads inside, alone or among addresses of the internet."""
    for address in INSIDE:
        family = AF_INET6 if ":" in address else AF_INET
        outside = [(AF_INET, "8.8.8.8")] if rebinding else []
        found = [*outside, (family, address)]
        destinations = Destinations((), resolve=lambda _host, _port, found=found: found)
        try:
            destinations.target("https://metadata.example/saml")
        except NoAnswer:
            continue
        return True
    return False


def other_schemes_are_asked(place: Place) -> bool:
    destinations = Destinations((), resolve=lambda _host, _port: [(AF_INET, "8.8.8.8")])
    for url in (
        "http://metadata.example/",
        "file:///etc/passwd",
        "ftp://metadata.example/",
        "gopher://metadata.example/",
        "https://user@metadata.example/",
        "https://metadata.example\\@evil.example/",
        "https://metadata.example/\r\nX: y",
    ):
        try:
            destinations.target(url)
        except NoAnswer:
            continue
        return True
    return False


# -- 32: what is left lying about -----------------------------------------------------------------------


def journey(place: Place, patch: pytest.MonkeyPatch) -> tuple[list[str], list[str]]:
    """Everything people do here; what was said of it, and what must not stand there."""
    said: list[str] = []

    def overheard(name: str) -> None:
        function = getattr(IdentityProvider, name)

        async def called(self: IdentityProvider, *args: Any, **named: Any) -> Any:
            outcome = await function(self, *args, **named)
            said.extend(map(repr, [each for each in (*args, outcome) if isinstance(each, Struct)]))
            return outcome

        patch.setattr(IdentityProvider, name, called)

    for name in ("authn_request", "proceed", "start", "logout_message", "proceed_logout", "sign_out"):
        overheard(name)
    relay_state = "case-4711-of-somebody"  # the same however it is spelt
    secrets = [relay_state, PASSWORD, OTHER, "Khong-phai-1"]
    portal = place.register(
        Application("portal", signs=True, slo=[(Binding.REDIRECT, "slo")]),
        name_id=PERSISTENT,
        idp_initiated=True,
    )
    browser = place.browser()
    page = browser.go(browser.brings(portal, portal.request(place.town.clock.now()), relay_state=relay_state))
    page = browser.send(page, name=place.name(), password="Khong-phai-1")
    page = browser.send(page, name=place.name(), password=PASSWORD)
    assert page.posted is not None
    secrets += [page.posted[1]["SAMLResponse"][:60], browser.cookies[SESSION_COOKIE]]
    secrets += [one.name_id.value for one in place.told()]
    secret, codes = enrol(browser, place)
    secrets += [secret, *codes, TOTP(secret).at(place.town.clock.now())]
    page = browser.get("/account/password")
    action, fields = page.form
    page = browser.post(action, {**fields, "current": PASSWORD, "new": OTHER, "repeated": OTHER})
    assert page.status == 200
    secrets += [browser.cookies[SESSION_COOKIE], *browser.cookies.values()]
    page = browser.brings(
        portal, portal.request(place.town.clock.now(), content="<broken"), relay_state=relay_state
    )
    page = browser.brings(
        portal, portal.request(place.town.clock.now(), Destination="https://x"), relay_state=relay_state
    )
    place.pass_time(minutes=2)
    stranger = place.browser()
    page = stranger.sign_in(place.name(), OTHER)
    page = stranger.send(page, code="000000")
    page = stranger.go(stranger.get(page.tree.xpath("//a[contains(@href, 'recovery=1')]/@href")[0]))
    page = stranger.send(page, recovery=codes[0])
    assert SESSION_COOKIE in stranger.cookies, page
    secrets += [stranger.cookies[SESSION_COOKIE]]
    stranger.get(f"/saml/start?sp=portal&RelayState={relay_state}")
    browser.go(browser.post("/sign-out", {FIELD: browser.token("/sign-out")}))
    stranger.opens(portal)
    name = place.told()[0].name_id.value
    stranger.brings(
        portal,
        portal.logout(place.town.clock.now(), name, format_=PERSISTENT),
        to=SLO,
        relay_state=relay_state,
    )
    said += place.log
    said += [repr(line) for line in place.stores.trail.lines]
    said += [f"{letter.subject}\n{letter.text}" for letter in place.stores.outbox.letters]
    return said, secrets


def enrol(browser: Any, place: Place) -> tuple[str, tuple[str, ...]]:
    """Sets up a second factor on the page for it: the key and the recovery codes."""
    page = browser.get("/account/second-factor")
    action, fields = page.form
    page = browser.post(action, {**fields, "do": "start", "password": PASSWORD})
    secret = page.tree.xpath("//*[contains(@class, 'key')]")[0].text_content().replace(" ", "").strip()
    action, fields = page.form
    code = TOTP(secret).at(place.town.clock.now())
    page = browser.post(action, {**fields, "do": "confirm", "code": code})
    codes = tuple(re.findall(r"\b(?:[0-9a-z]{4}-){3}[0-9a-z]{4}\b", page.said))
    assert len(set(codes)) == 10, page
    return secret, codes


def something_is_said(place: Place) -> bool:
    with pytest.MonkeyPatch.context() as patch:
        said, secrets = journey(place, patch)
    assert len(said) > 20
    found = [line for line in said if any(secret in line for secret in secrets)]
    return bool(found)


def shows_all(self: Any) -> str:
    return ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__)


told = WebServer.told


def tells_the_query(self: WebServer, number: int, asked: Any, reply: Any, started: float) -> None:
    told(self, number, replace(asked, path=f"{asked.path}?{asked.raw_query.decode()}"), reply, started)


ATTACKS = (
    Attack(
        31,
        "a server inside by its name",
        partial(an_inner_server_is_reached, rebinding=False),
        {"govdir.web.outbound_addresses:is_public": always(True)},
    ),
    Attack(
        31,
        "a server inside among others",
        partial(an_inner_server_is_reached, rebinding=True),
        {"govdir.web.outbound_addresses:is_public": always(True)},
    ),
    Attack(
        31,
        "addresses that are not of the web",
        other_schemes_are_asked,
        {"govdir.web.outbound_addresses:is_safe_location": always(True)},
    ),
    Attack(
        32,
        "an answer in a representation",
        something_is_said,
        {"govdir.sso.idp.outcomes:PostForm.__repr__": shows_all},
    ),
    Attack(
        32,
        "a message in a representation",
        something_is_said,
        {"govdir.sso.idp.outcomes:Arrival.__repr__": shows_all},
    ),
    Attack(
        32,
        "RelayState in the access log",
        something_is_said,
        {"govdir.web.server:WebServer.told": tells_the_query},
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


def test_what_is_stored_holds_no_secret_in_the_clear(place: Place) -> None:
    """Whoever reads the database: names of applications are there, for logouts are sent to them; what proves
    somebody is not."""
    with pytest.MonkeyPatch.context() as patch:
        _, secrets = journey(place, patch)
    stores = place.stores
    stored = repr(
        [
            [(key, vars_of(one)) for key, one in stores.sessions.held.items()],
            [vars_of(one) for one in stores.factors.held.values()],
            stores.attempts.failed_at,
            stores.attempts.marks,
            [(one.id, one.payload) for one in stores.keeping.held.values()],
            stores.keeping.seen,
        ]
    )
    pairwise = {secret for secret in secrets if len(secret) == 64}  # a logout under way has the name
    assert len(pairwise) == 1
    for secret in set(secrets) - pairwise - {secrets[0]}:
        assert secret not in stored, secret
        assert base64.b64encode(secret.encode()).decode() not in stored
    assert place.account(AN).entry_uuid in stored


def vars_of(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}
