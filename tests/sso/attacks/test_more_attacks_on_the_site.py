"""What has no single guard: every form, odd HTTP, two at the same moment, desks left open, administrators."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from time import process_time

import pytest
from pyotp import TOTP

from govdir.sso.model import Factor
from govdir.web import form_tokens
from govdir.web.cookies import SESSION_COOKIE, VISIT_COOKIE
from govdir.web.form_tokens import FIELD
from tests.directory.role_town import AN, BINH, holder
from tests.sso.attacks.conftest import Opening
from tests.sso.attacks.place import ATTACKER, HOST, OTHER, PASSWORD, Browser, Page, Place
from tests.sso.idp.stage import Application

FOREIGN = {"/saml/sso", "/saml/slo", "/saml/slo/soap"}
"""Where other sites and servers may send to, for what comes there is signed or harmless."""
HELPER = holder("agency-admin")
ADMINISTRATION = "/administration/passwords"


def token_for(browser: Browser, path: str) -> str:
    """As a page of this session would have it; it hangs on nothing but path and session."""
    return form_tokens._token(browser.cookies[SESSION_COOKIE], path)


def routes(place: Place, method: str) -> list[str]:
    by_path = place.server._answering._router._routes
    return sorted(path for path, methods in by_path.items() if method in methods)


# -- every form of every page ---------------------------------------------------------------------------


def test_only_messages_of_saml_are_taken_from_other_sites(place: Place) -> None:
    by_path = place.server._answering._router._routes
    foreign = {path for path, methods in by_path.items() for route in methods.values() if route.foreign}

    assert foreign == FOREIGN
    assert {method for methods in by_path.values() for method in methods} == {"GET", "POST"}


def test_no_form_is_taken_without_a_token_of_its_own_path(place: Place) -> None:
    browser = place.signed_in()
    before = [one.key for one in place.sessions()]
    other = browser.token("/account/password")
    paths = [path for path in routes(place, "POST") if path not in FOREIGN]
    assert len(paths) > 12

    for path in paths:
        tokens = {"none": {}, "made up": {FIELD: "0" * 64}, "empty": {FIELD: ""}}
        if path != "/account/password":
            tokens["of another form"] = {FIELD: other}
        for kind, fields in tokens.items():
            page = browser.post(path, {**fields, "password": PASSWORD, "do": "start", "sp": "portal"})
            assert page.status == 403, (path, kind)
    assert [one.key for one in place.sessions()] == before


def test_no_form_is_taken_from_another_site_even_with_a_token(place: Place) -> None:
    browser = place.signed_in()
    token = browser.token("/account/password")
    fields = f"{FIELD}={token}&current={PASSWORD}&new={OTHER}&repeated={OTHER}".encode()

    for said in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{HOST}.evil.example"},
        {"Origin": f"http://{HOST}"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        page = browser.ask("POST", "/account/password", fields, said)
        assert page.status == 403, said
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/json", ""):
        page = browser.ask("POST", "/account/password", fields, {"Content-Type": kind})
        assert page.status == 403, kind


def test_a_token_of_one_browser_is_of_no_use_in_another(place: Place) -> None:
    token = place.signed_in(BINH).token("/account/password")
    victim = place.signed_in()

    page = victim.post(
        "/account/password", {FIELD: token, "current": PASSWORD, "new": OTHER, "repeated": OTHER}
    )

    assert page.status == 403


def test_nothing_changes_by_a_link(place: Place) -> None:
    """A GET of every path with the fields of every form, as a picture on another site sends it."""
    browser = place.signed_in()
    before = [one.key for one in place.sessions()]
    query = (
        f"password={PASSWORD}&current={PASSWORD}&new={OTHER}&repeated={OTHER}&do=start&session=others&sp=x"
    )

    for path in routes(place, "GET"):
        page = browser.get(f"{path}?{query}", from_elsewhere=True)
        assert page.status in (200, 303, 304, 400, 403, 404, 410, 422), path

    assert [one.key for one in place.sessions()] == before
    assert place.stores.factors.held == {}
    assert browser.get("/account").status == 200


# -- odd HTTP -------------------------------------------------------------------------------------------


def smuggling(inner: bytes) -> dict[str, bytes]:
    post = f"POST /saml/sso HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    length = b"Content-Length: %d\r\n" % (len(inner) + 5)
    chunked = b"Transfer-Encoding: chunked\r\n"
    return {
        "length and chunks": post + length + chunked + b"\r\n0\r\n\r\n" + inner,
        "chunks and length": post + chunked + length + b"\r\n0\r\n\r\n" + inner,
        "two lengths": post + b"Content-Length: 0\r\n" + length + b"\r\n" + inner,
        "a list of lengths": post + b"Content-Length: 0, %d\r\n\r\n" % len(inner) + inner,
        "a signed length": post + b"Content-Length: +0\r\n\r\n" + inner,
        "a negative length": post + b"Content-Length: -1\r\n\r\n" + inner,
        "a hexadecimal length": post + b"Content-Length: 0x0\r\n\r\n" + inner,
        "another spelling of chunked": post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + inner,
        "two codings": post + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n" + inner,
        "a blank before the colon": post
        + b"Transfer-Encoding : chunked\r\n"
        + length
        + b"\r\n0\r\n\r\n"
        + inner,
        "a folded header": post
        + b"X: y\r\n Transfer-Encoding: chunked\r\n"
        + b"Content-Length: 0x\r\n\r\n"
        + inner,
        "a chunk of odd length": post + chunked + b"\r\n0x0\r\n\r\n" + inner,
        "a bare line feed": post.replace(b"\r\n", b"\n") + b"Content-Length: 0\n\n" + inner,
    }


@pytest.mark.parametrize("kind", sorted(smuggling(b"")))
def test_no_request_hides_in_another(place: Place, kind: str) -> None:
    """What a proxy before us takes for a body is not answered as a request by us, or the line is closed."""
    inner = f"GET /account HTTP/1.1\r\nHost: {HOST}\r\nX-Hidden: 1\r\n\r\n".encode()
    connection = place.connect()

    heard = connection.say(smuggling(inner)[kind])

    assert heard.count(b"HTTP/1.1 ") <= 1 or connection.closed
    assert b"/sign-in?to=" not in heard  # what /account answers strangers


def test_a_request_that_trickles_in_is_cut_off(place: Place) -> None:
    connection = place.connect()
    connection.say(f"POST /saml/sso HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 200000\r\n\r\n".encode())

    for _ in range(40):
        if connection.closed:
            break
        connection.say(b"SAMLRequest="[:1])
        place.pass_time(seconds=1)

    assert connection.closed


@pytest.mark.parametrize(
    "line",
    [
        b"GET https://evil.example/account HTTP/1.1",
        b"GET //evil.example/account HTTP/1.1",
        b"CONNECT evil.example:443 HTTP/1.1",
        b"TRACE /account HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"GET /account HTTP/9.9",
        b"GET /account",
        b"G\xc3\x89T /account HTTP/1.1",
        b"get /account HTTP/1.1",
        b"GET /account%00.css HTTP/1.1",
        b"GET /static/../account HTTP/1.1",
        b"GET /static/%2e%2e/%2e%2e/keys/idp.key HTTP/1.1",
        b"GET /account/ HTTP/1.1",
        b"GET /ACCOUNT HTTP/1.1",
        b"GET * HTTP/1.1",
    ],
)
def test_odd_request_lines_show_nobodys_account(place: Place, line: bytes) -> None:
    browser = place.signed_in()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())

    heard = place.connect().say(line + f"\r\nHost: {HOST}\r\nCookie: {cookies}\r\n\r\n".encode())

    assert not heard.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
    assert b" 500 " not in heard.split(b"\r\n")[0]
    assert browser.cookies[SESSION_COOKIE].encode() not in heard


def test_answers_about_people_are_kept_by_no_cache(place: Place) -> None:
    browser = place.signed_in()
    portal = place.register(Application("portal"))

    pages = [*map(browser.get, routes(place, "GET")), browser.opens(portal), place.browser().get("/sign-in")]

    public = {"/saml/metadata"} | {path for path in routes(place, "GET") if path.startswith("/static/")}
    for path, page in zip([*routes(place, "GET"), "portal", "sign-in"], pages, strict=True):
        if path not in public:
            assert page.header("Cache-Control") == "no-store", path


# -- whose address it is --------------------------------------------------------------------------------


@pytest.mark.parametrize("proxies", [(), ("203.0.113.0/24",)], ids=["no proxy", "another proxy"])
def test_strangers_do_not_choose_the_address_they_are_braked_by(
    opened: Opening, proxies: tuple[str, ...]
) -> None:
    place = opened(proxies=proxies)

    for number in range(12):
        browser = place.browser(ATTACKER)
        page = browser.get("/sign-in")
        action, fields = page.form
        said = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.{number}", "X-Real-IP": f"192.0.2.{number}"}
        body = f"{FIELD}={fields[FIELD]}&name={place.name()}&password=Khong-phai-{number}".encode()
        page = browser.ask("POST", action, body, said)

    assert page.status == 429
    assert {line.network for line in place.stores.trail.lines} == {ATTACKER}


# -- two at the same moment -----------------------------------------------------------------------------


def both(place: Place, browsers: list[Browser], answer: Callable[[Browser, Page], tuple[str, bytes]]) -> int:
    """Sends what each browser answers to its page before either is done; how many are signed in."""
    pages = [browser.sign_in(place.name(), PASSWORD) for browser in browsers]
    sent = [answer(browser, page) for browser, page in zip(browsers, pages, strict=True)]
    connections = [place.connect(browser.network) for browser in browsers]
    octets = []
    for browser, (action, body) in zip(browsers, sent, strict=True):
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        octets.append(
            f"POST {action} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookies}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode()
            + body
        )
    for connection, each in zip(connections, octets, strict=True):
        connection.channel.dataReceived(each)
    place.wait()
    heard = [connection.say() for connection in connections]
    return sum(f"Set-Cookie: {SESSION_COOKIE}=".encode() in each for each in heard)


def test_of_two_with_the_same_code_one_is_signed_in(place: Place) -> None:
    totp, _ = place.enrolled()
    code = totp.at(place.town.clock.now())

    def answer(_browser: Browser, page: Page) -> tuple[str, bytes]:
        action, fields = page.form
        return action, f"{FIELD}={fields[FIELD]}&code={code}".encode()

    assert both(place, [place.browser(), place.browser(ATTACKER)], answer) == 1


def test_of_two_with_the_same_recovery_code_one_is_signed_in(place: Place) -> None:
    _, codes = place.enrolled()

    def answer(_browser: Browser, page: Page) -> tuple[str, bytes]:
        action, fields = page.form
        return action, f"{FIELD}={fields[FIELD]}&recovery={codes[0]}".encode()

    assert both(place, [place.browser(), place.browser(ATTACKER)], answer) == 1


def test_a_session_that_asks_while_the_password_changes_is_out(place: Place) -> None:
    """The thief's request is under way when the change is made; the next one is nobody's."""
    victim, thief = place.signed_in(), place.signed_in()
    page = victim.get("/account/password")
    action, fields = page.form

    victim.post(action, {**fields, "current": PASSWORD, "new": OTHER, "repeated": OTHER})

    assert thief.get("/account").status == 303
    assert victim.get("/account").status == 200
    assert [one.factors for one in place.sessions()] == [frozenset({Factor.PASSWORD})]


def test_a_flow_that_had_the_old_password_opens_nothing_after_the_change(place: Place) -> None:
    totp, _ = place.enrolled()
    thief = place.browser(ATTACKER)
    page = thief.sign_in(place.name(), PASSWORD)
    place.town.replace(AN, "userPassword", OTHER)

    thief.send(page, code=totp.at(place.town.clock.now()))

    assert SESSION_COOKIE not in thief.cookies


def test_a_done_flow_signs_nobody_in_again(place: Place) -> None:
    browser = place.browser()
    page = browser.go(browser.get("/sign-in"))
    action, fields = page.form
    sent = {**fields, "name": place.name(), "password": PASSWORD}
    first = browser.post(action, sent)
    flow = place.town.run(_begin(place, browser))
    browser.post(f"/sign-in?flow={flow}", sent)
    key = browser.cookies.pop(SESSION_COOKIE)
    again = browser.post(f"/sign-in?flow={flow}", sent)

    assert first.status == 303
    assert SESSION_COOKIE not in browser.cookies, again
    assert key


async def _begin(place: Place, browser: Browser) -> str:
    flow = await place.desk.sign_in.begin("/account", visit=browser.cookies[VISIT_COOKIE])
    return flow.id


# -- desks left open ------------------------------------------------------------------------------------


def test_whoever_finds_a_desk_open_takes_no_second_factor_off(place: Place) -> None:
    totp, _ = place.enrolled()
    browser = place.signed_in(code=totp.at(place.town.clock.now()))
    place.pass_time(minutes=10)
    token = browser.token("/account/second-factor")

    for fields in ({"do": "remove"}, {"do": "remove", "password": "Khong-phai-1"}, {"do": "start"}):
        browser.post("/account/second-factor", {FIELD: token, **fields})
    browser.post("/account/recovery-codes", {FIELD: browser.token("/account/recovery-codes")})

    assert place.stores.factors.held
    assert len(next(iter(place.stores.factors.held.values())).recovery) == 10


def test_a_key_shown_to_one_is_not_set_up_by_another(place: Place) -> None:
    attacker, victim = place.signed_in(BINH), place.signed_in()
    page = attacker.get("/account/second-factor")
    action, fields = page.form
    shown = attacker.post(action, {**fields, "do": "start"})
    ticket = shown.form[1]["ticket"]
    secret = shown.tree.xpath("//*[contains(@class, 'key')]")[0].text_content().replace(" ", "").strip()
    code = TOTP(secret).at(place.town.clock.now())

    token = victim.token("/account/second-factor")
    victim.post(action, {FIELD: token, "do": "confirm", "ticket": ticket, "code": code})

    assert place.stores.factors.held == {}


def test_a_session_of_somebody_else_is_not_ended_by_its_mark(place: Place) -> None:
    victim, attacker = place.signed_in(), place.signed_in(BINH)
    other = place.signed_in()
    marks = victim.get("/account/sessions").tree.xpath("//input[@name='session']/@value")
    assert marks

    for mark in marks:
        token = token_for(attacker, "/account/sessions")
        attacker.post("/account/sessions", {FIELD: token, "session": mark})

    assert len(place.sessions()) == 2
    assert other.get("/account").status == 200


# -- administrators -------------------------------------------------------------------------------------


def person_form(place: Place, browser: Browser, dn: str, do: str) -> Page:
    """The button of a person's page, whether that page is shown or not."""
    token = browser.get(ADMINISTRATION).tree.xpath(f"//input[@name='{FIELD}']/@value")
    uuid = place.account(dn).entry_uuid
    page = browser.get(f"{ADMINISTRATION}?person={uuid}")
    own = [
        dict(form.form_values())
        for form in page.tree.forms
        if str(form.get("action")).startswith(ADMINISTRATION) and form.get("method") == "post"
    ]
    fields = own[0] if own else {FIELD: (token or [token_for(browser, ADMINISTRATION)])[0]}
    path = place.town.directory.path_of(dn)
    record = None if path is None else place.town.directory.image.find(path)
    assert record is not None
    sent = {**fields, "person": uuid, "do": do, "checked": "yes", "version": str(record.version)}
    return browser.post(ADMINISTRATION, {name: value or "" for name, value in sent.items()})


@pytest.mark.parametrize("do", ["issue", "sessions", "factor"])
@pytest.mark.parametrize(
    "target",
    [BINH, holder("administrator"), holder("operator"), HELPER],
    ids=["elsewhere", "above", "beside", "self"],
)
def test_an_administrator_of_an_agency_reaches_nobody_outside_or_above(
    place: Place, do: str, target: str
) -> None:
    totp, _ = place.enrolled(target)
    victim = None if target == HELPER else place.signed_in(target, code=totp.at(place.town.clock.now()))
    place.pass_time(seconds=60)
    code = totp.at(place.town.clock.now()) if target == HELPER else ""
    helper = place.signed_in(HELPER, code=code)
    proof = place.account(target).proof

    page = person_form(place, helper, target, do)

    assert page.status in (200, 403, 422)
    assert place.account(target).proof == proof
    assert place.stores.factors.held[place.account(target).entry_uuid]
    assert victim is None or victim.get("/account").status == 200


def test_the_same_button_works_for_the_agencys_own_people(place: Place) -> None:
    """So that the tests before it are known to press it."""
    helper = place.signed_in(HELPER)
    proof = place.account(AN).proof

    page = person_form(place, helper, AN, "issue")

    assert page.status == 200
    assert place.account(AN).proof != proof


@pytest.mark.parametrize("dn", [AN, BINH])
def test_people_without_an_office_press_no_such_button(place: Place, dn: str) -> None:
    browser = place.signed_in(dn)
    other = BINH if dn == AN else AN
    proof = place.account(other).proof

    assert person_form(place, browser, other, "issue").status == 403
    assert place.account(other).proof == proof


# -- what is typed --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "an)(uid=*",
        "x" * 100_000,
        "%00",
        "../an",
        "='",
    ],
)
def test_strange_names_are_nobodys_and_cost_no_more(place: Place, name: str) -> None:
    browser = place.browser(ATTACKER)
    page = browser.get("/sign-in")
    action, fields = page.form
    began = process_time()

    answer = browser.post(action, {**fields, "name": name, "password": PASSWORD})

    assert process_time() - began < 1
    assert SESSION_COOKIE not in browser.cookies
    assert answer.status in (200, 303, 413, 422)


def test_a_name_spelt_otherwise_is_braked_as_the_same(place: Place) -> None:
    spellings = ("an", "AN", " an ", "an\x00", "\u202ean", "\uff41n", "a\u00adn", "An")

    pages = [
        place.browser(ATTACKER).sign_in(spellings[number % 8], f"Khong-phai-{number}") for number in range(8)
    ]

    assert [page.status for page in pages[-2:]] == [429, 429]


def test_what_is_typed_is_text_on_every_page(place: Place) -> None:
    markup = '"><script>alert(1)</script>'
    browser = place.signed_in(HELPER)

    pages = [
        browser.get(f"{ADMINISTRATION}?find=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        browser.get("/account/sessions?ended=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        place.browser().sign_in(markup, "x"),
        place.browser().get("/sign-in?flow=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        place.browser().get("/saml/start?sp=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
        place.browser().get("/%22%3E%3Cscript%3Ealert(1)%3C/script%3E"),
    ]

    for page in pages:
        assert "<script>alert" not in page.text
        assert "alert(1)" not in unescape("".join(page.tree.xpath("//script/text()")))


def test_a_line_of_the_access_log_is_one_line(place: Place) -> None:
    place.browser().ask("GET", "/x%0a%0d1%20web%20{'status':%20200}%E2%80%A8")

    assert all("\n" not in line and "\u2028" not in line for line in place.log)


def test_the_same_answer_takes_the_same_path_whoever_is_asked_for(place: Place) -> None:
    """Writes and hashes of a failed sign-in do not tell whether there is such a name."""
    costs: list[tuple[int, ...]] = []
    for name in (place.name(), "khong-ai@cantho.gov.vn"):
        hashes, writes = place.town.slow.done, place.stores.keeping.writes
        failed = sum(map(len, place.stores.attempts.failed_at.values()))
        place.browser(ATTACKER).sign_in(name, "Khong-phai-1")
        costs.append(
            (
                place.town.slow.done - hashes,
                place.stores.keeping.writes - writes,
                sum(map(len, place.stores.attempts.failed_at.values())) - failed,
            )
        )
    assert costs[0] == costs[1]
