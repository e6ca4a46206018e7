"""Getting in as somebody else, finding out who there is, and keeping people out."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from operator import attrgetter
from typing import Any

import pytest
from msgspec.structs import replace

from govdir.directory import passwords
from govdir.directory.errors import DirectoryError
from govdir.directory.logins import Logins
from govdir.directory.proving import Outcome, Proof
from govdir.directory.sign_in_names import find_named, read_name
from govdir.sso.second_factor import SecondFactors
from govdir.sso.sign_in.browser import digest_of
from govdir.sso.sign_in.engine import SignIn
from govdir.sso.sign_in.flow import Flows, Held
from govdir.sso.sign_in.proving import Prover
from govdir.sso.sign_in.sessions import Token
from govdir.sso.sign_in.steps import Block, Blocked
from govdir.sso.sign_in.throttle import Allowance, Throttle, Ticket
from govdir.web import headers
from govdir.web.asking import Reader
from govdir.web.cookies import SESSION_COOKIE, Cookie
from govdir.web.form_tokens import FIELD
from tests.directory.role_town import BINH
from tests.sso.attacks.attack import Attack, always
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import AN, ATTACKER, OTHER, PASSWORD, Browser, Page, Place

WRONG = "Khong-phai-mat-ma-1"


def says(page: Page) -> tuple[int, str, str, str]:
    """All that tells two answers apart: status, where to, text and markup without tokens and names."""
    text = re.sub(r'value="[^"]*"|flow=[\w-]+', "", page.text)
    headers_ = sorted(name for name, _ in page.headers)
    return page.status, page.location.partition("flow=")[0], page.said, f"{headers_}{len(text.split())}"


# -- 21: signed in as somebody else ---------------------------------------------------------------------


def signed_in_by_another_sites_form(place: Place) -> bool:
    """The attacker's own name and password, in the victim's browser, even where cookies came along."""
    victim = place.browser()
    victim.get("/sign-in")
    body = f"name={place.name(BINH)}&password={PASSWORD}".encode()
    said = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    victim.ask("POST", "/sign-in", body, said)
    victim.ask("POST", "/sign-in", body, {})
    victim.ask("POST", "/sign-in", body, said, cookies=False)
    return SESSION_COOKIE in victim.cookies


PLANTED = "p" * 43


def a_planted_session_is_used(place: Place) -> bool:
    victim = place.browser()
    victim.cookies[SESSION_COOKIE] = PLANTED
    victim.sign_in(place.name(), PASSWORD)
    attacker = place.browser(ATTACKER)
    attacker.cookies[SESSION_COOKIE] = PLANTED
    return attacker.get("/account").status == 200


def the_browser_may_choose() -> Token:
    return Token(PLANTED, digest_of(PLANTED))


def a_session_outlives_the_new_password(place: Place) -> bool:
    """The session before has another token than that after: whoever had the old one is out."""
    victim = place.signed_in()
    thief = place.browser(ATTACKER)
    thief.cookies = dict(victim.cookies)
    page = victim.get("/account/password")
    action, fields = page.form
    done = victim.post(action, {**fields, "current": PASSWORD, "new": OTHER, "repeated": OTHER})
    assert done.status == 200, done
    assert victim.get("/account").status == 200
    return thief.get("/account").status == 200


async def keeps_its_token(self: Any, session: Any, account: Any, token: Any, **_named: Any) -> Any:
    fresh = replace(session, proof=account.proof)
    await self._sessions.replace(session.key, fresh)
    return fresh


def somebody_elses_flow_is_taken_on(place: Place) -> bool:
    """The victim has typed the password and is asked for a code; the attacker has that page's address."""
    totp, _ = place.enrolled()
    victim = place.browser()
    page = victim.sign_in(place.name(), PASSWORD)
    action, fields = page.form
    attacker = place.browser(ATTACKER)
    attacker.get("/sign-in")
    shown = attacker.get(action)
    if shown.status != 200:
        token = attacker.go(attacker.get("/sign-in")).form[1][FIELD]
        attacker.post(action, {FIELD: token, "code": totp.at(place.town.clock.now())})
        return SESSION_COOKIE in attacker.cookies
    attacker.post(action, {**shown.form[1], "code": totp.at(place.town.clock.now())})
    assert fields
    return SESSION_COOKIE in attacker.cookies


async def whoever_asks(self: Flows, flow_id: str, _browser: Any) -> Held:
    return await self._stored(flow_id)


# -- 23: framed -----------------------------------------------------------------------------------------


def pages(place: Place) -> list[Page]:
    """Every page that a GET shows, with and without somebody signed in."""
    routes = [
        route for methods in place.server._answering._router._routes.values() for route in methods.values()
    ]
    paths = sorted(route.path for route in routes if route.method == "GET")
    assert len(paths) > 20
    return [browser.get(path) for browser in (place.browser(), place.signed_in()) for path in paths]


def a_page_is_framed(place: Place) -> bool:
    return any(
        page.policy.get("frame-ancestors") != "'none'" or page.header("X-Frame-Options") != "DENY"
        for page in pages(place)
    )


def without_frames(policy: Any, **named: Any) -> dict[str, str]:
    kept = headers.security_headers(policy, **named)
    return {name: value for name, value in kept.items() if name != "X-Frame-Options"}


# -- 24: who there is -----------------------------------------------------------------------------------

NOBODY = "khong-ai@cantho.gov.vn"


def the_answer_tells_who_there_is(place: Place) -> bool:
    known = place.browser(ATTACKER).sign_in(place.name(), WRONG)
    unknown = place.browser(ATTACKER).sign_in(NOBODY, WRONG)
    return says(known) != says(unknown)


def the_cost_tells_who_there_is(place: Place) -> bool:
    """Hashes worked out for a name that somebody has and for one that nobody has."""
    hashes = set()
    for name in (place.name(), NOBODY, "x" * 400, "cn=nobody", "cn=admin", "", "an\x00", "*"):
        counted: list[bytes] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(passwords, "verify", _counting(passwords.verify, counted))
            patch.setattr(passwords, "verify_nothing", _counting(passwords.verify_nothing, counted))
            place.browser(ATTACKER).sign_in(name, WRONG)
        hashes.add(len(counted))
    return len(hashes) > 1


def _counting(function: Any, counted: list[bytes]) -> Any:
    def called(*args: Any) -> Any:
        counted.append(args[-1])
        return function(*args)

    return called


proof_of = Logins._proof


async def hashes_for_those_there_are(self: Logins, find: Any, password: bytes) -> Any:
    return None if find() is None else await proof_of(self, find, password)


password_step = SignIn.password


async def tells_of_unknown_names(self: SignIn, flow: str, browser: Any, name: str, password: str) -> Any:
    if self._accounts.find(name) is None:
        return Blocked(Block.OTHER)
    return await password_step(self, flow, browser, name, password)


def a_closed_account_is_told_without_its_password(place: Place) -> bool:
    place.town.replace(BINH, "gdState", "suspended")
    closed = place.browser(ATTACKER).sign_in(place.name(BINH), WRONG)
    unknown = place.browser(ATTACKER).sign_in(NOBODY, WRONG)
    return says(closed) != says(unknown)


named = Prover.named


async def looks_at_the_state_first(self: Prover, name: str, password: str, browser: Any, through: str) -> Any:
    record = find_named(self._directory, read_name(self._directory, name))
    if record is not None and b"suspended" in record.values("gdstate"):
        return Proof(Outcome.CLOSED, record)
    return await named(self, name, password, browser, through)


def the_brake_tells_who_there_is(place: Place) -> bool:
    """How many tries there are before one has to wait."""

    def tries(name: str, network: str) -> int:
        for number in range(1, 40):
            if place.browser(network).sign_in(name, WRONG).status == 429:
                return number
        return 0

    return tries(place.name(), "198.51.100.1") != tries(NOBODY, "203.0.114.1")


password_ticket = Throttle.password


async def brakes_only_who_there_is(self: Throttle, name: bytes, entry_uuid: str, browser: Any) -> Any:
    if not entry_uuid:
        return Ticket((), ())
    return await password_ticket(self, name, entry_uuid, browser)


# -- 25: guessing, and keeping people out ---------------------------------------------------------------


def guessed(place: Place, *, networks: int) -> bool:
    """A hundred and thirty guesses within half a minute, the right one at the end."""
    guesses = [f"{WRONG}{number}" for number in range(130)] + [PASSWORD]
    for number, guess in enumerate(guesses):
        browser = place.browser(f"198.51.{number % networks}.7")
        place.pass_time(seconds=0.2)
        page = browser.get("/sign-in")
        action, fields = page.form
        browser.post(action, {**fields, "name": place.name(), "password": guess})
        if SESSION_COOKIE in browser.cookies:
            return True
    return False


def codes_are_guessed(place: Place) -> bool:
    """By whoever has the password: how many of the codes of a quarter of an hour are looked at."""
    place.enrolled()
    looked_at: list[bytes] = []
    attacker = place.browser(ATTACKER)
    page = attacker.sign_in(place.name(), PASSWORD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SecondFactors, "is_code", _counting(SecondFactors.is_code, looked_at))
        for number in range(225):
            place.pass_time(seconds=4)
            if not page.tree.xpath("//input[@name='code']"):
                page = attacker.sign_in(place.name(), PASSWORD)
                continue
            page = attacker.send(page, code=f"{number:06}")
    return len(looked_at) > 20


def the_owner_is_kept_out(place: Place, *, of: str) -> bool:
    """After a day of somebody else's failures."""
    owner = place.signed_in()
    owner.cookies.pop(SESSION_COOKIE)
    for number in range(110):
        network = "203.0.113.200" if of == "the office" else f"198.51.{number}.1"
        place.browser(network).sign_in(place.name(), f"{WRONG}{number}")
        place.pass_time(seconds=1)
    owner.sign_in(place.name(), PASSWORD)
    return SESSION_COOKIE not in owner.cookies


async def knows_no_browser(self: Throttle, name: bytes, entry_uuid: str, browser: Any) -> Any:
    everywhere = replace(browser, device="", network="0.0.0.0")
    return await password_ticket(self, name, entry_uuid, everywhere)


def ldap_is_locked_from_the_web(place: Place) -> bool:
    for number in range(30):
        place.browser(f"198.51.{number}.1").sign_in(place.name(), WRONG)
        place.pass_time(seconds=1)
    try:
        place.town.bound(AN, PASSWORD)
    except DirectoryError:
        return True
    return False


prove = Logins.prove


async def counts_for_ldap_too(self: Logins, find: Any, password: bytes, channel: str) -> Any:
    record = find()
    if record is not None:
        with suppress(DirectoryError):
            await self.bind(record.dn_text, password)
    return await prove(self, find, password, channel)


# -- 27: cookies ----------------------------------------------------------------------------------------


def a_cookie_is_loose(place: Place) -> bool:
    browser = place.browser()
    said = [
        value
        for page in (browser.get("/sign-in?lang=vi"), _sign_in_only(place, browser), _sign_out(browser))
        for name, value in page.headers
        if name == "Set-Cookie"
    ]
    assert len({value.partition("=")[0] for value in said}) == 4, said
    wanted = ("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax")
    return any(
        not value.startswith("__Host-") or "omain" in value or not all(part in value for part in wanted)
        for value in said
    )


def _sign_in_only(place: Place, browser: Browser) -> Page:
    action, fields = browser.get("/sign-in").form
    return browser.post(action, {**fields, "name": place.name(), "password": PASSWORD})


def _sign_out(browser: Browser) -> Page:
    return browser.post("/sign-out", {FIELD: browser.token("/sign-out")})


def a_subdomain_plants_a_session(place: Place) -> bool:
    """The attacker's own session, under a name that browsers let subdomains set."""
    attacker = place.signed_in(BINH)
    token = attacker.cookies[SESSION_COOKIE]
    victim = place.browser()
    for blank in ("\xa0", "\x85", "\x0b", "\x1f"):
        page = victim.ask("GET", "/account", headers={"Cookie": f"{blank}{SESSION_COOKIE}={token}"})
        if page.status == 200:
            return True
    return False


# -- 28: other hosts ------------------------------------------------------------------------------------


def another_host_is_served(place: Place) -> bool:
    browser = place.signed_in()
    for said in (
        {"Host": "evil.example"},
        {"Host": "sso.cantho.gov.vn.evil.example"},
        {"Host": "sso.cantho.gov.vn:444"},
        {"Host": "sso.cantho.gov.vn@evil.example"},
        {"Host": ""},
    ):
        if browser.ask("GET", "/account", headers=said).status == 200:
            return True
    forwarded = browser.ask(
        "GET", "/sign-in", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    )
    return "evil.example" in forwarded.text + str(forwarded.headers)


read = Reader.read


def any_host(self: Reader, arrived: Any) -> Any:
    return replace(read(self, arrived), right_host=True)


ATTACKS = (
    Attack(
        21,
        "signed in by another sites form",
        signed_in_by_another_sites_form,
        {"govdir.web.router:is_genuine": always(True)},
    ),
    Attack(
        21,
        "a session that was planted before signing in",
        a_planted_session_is_used,
        {"govdir.sso.sign_in.progress:new_token": the_browser_may_choose},
    ),
    Attack(
        21,
        "a session that was stolen before the password changed",
        a_session_outlives_the_new_password,
        {
            "govdir.sso.sign_in.sessions:SessionBook.renew": keeps_its_token,
            "govdir.web.account_password:under_new_token": lambda asked, _token: (
                asked,
                Cookie("__Host-x", ""),
            ),
        },
    ),
    Attack(
        21,
        "a sign in that somebody else began",
        somebody_elses_flow_is_taken_on,
        {"govdir.sso.sign_in.flow:Flows.find": whoever_asks},
    ),
    Attack(
        23, "a page in a frame", a_page_is_framed, {"govdir.web.answering:security_headers": without_frames}
    ),
    Attack(
        24,
        "who there is by the answer",
        the_answer_tells_who_there_is,
        {"govdir.sso.sign_in.engine:SignIn.password": tells_of_unknown_names},
    ),
    Attack(
        24,
        "who there is by the cost",
        the_cost_tells_who_there_is,
        {"govdir.directory.logins:Logins._proof": hashes_for_those_there_are},
    ),
    Attack(
        24,
        "a closed account without its password",
        a_closed_account_is_told_without_its_password,
        {"govdir.sso.sign_in.proving:Prover.named": looks_at_the_state_first},
    ),
    Attack(
        24,
        "who there is by the brake",
        the_brake_tells_who_there_is,
        {"govdir.sso.sign_in.throttle:Throttle.password": brakes_only_who_there_is},
    ),
    Attack(
        25,
        "guessing from one network",
        partial(guessed, networks=1),
        {"govdir.sso.sign_in.throttle:Allowance.wait": always(0)},
    ),
    Attack(
        25,
        "guessing from many networks",
        partial(guessed, networks=130),
        {"govdir.sso.sign_in.throttle:ACCOUNT_ELSEWHERE": Allowance(free=10**6, longest=0)},
    ),
    Attack(
        25,
        "guessing codes",
        codes_are_guessed,
        {"govdir.sso.sign_in.throttle:CODES": Allowance(free=10**6, longest=0)},
    ),
    *(
        Attack(
            25,
            f"keeping the owner out from {of}",
            partial(the_owner_is_kept_out, of=of),
            {"govdir.sso.sign_in.throttle:Throttle.password": knows_no_browser},
        )
        for of in ("everywhere", "the office")
    ),
    Attack(
        25,
        "locking the mailbox from the web",
        ldap_is_locked_from_the_web,
        {"govdir.directory.logins:Logins.prove": counts_for_ldap_too},
    ),
    Attack(
        27,
        "a cookie that scripts or subdomains reach",
        a_cookie_is_loose,
        {"govdir.web.cookies:Cookie.header": lambda self: f"{self.name}={self.value}; Path=/"},
    ),
    Attack(
        27,
        "a session that a subdomain plants",
        a_subdomain_plants_a_session,
        {"govdir.web.cookies:_PAIR": re.compile(r"\s*([\w-]+)=([^;\"]*)")},
    ),
    Attack(28, "another host", another_host_is_served, {"govdir.web.asking:Reader.read": any_host}),
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
