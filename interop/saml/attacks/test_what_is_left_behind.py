"""What a serving process leaves of people in its logs and its database, after everything they can do."""

from __future__ import annotations

import base64
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyotp
import pytest

from interop.saml.browser import Browser, Page
from interop.saml.handmade import PERSISTENT, Handmade, message_of
from interop.saml.idp import IdentityProvider
from interop.saml.people import PASSWORD, add_person
from interop.saml.service import Binding
from interop.saml.wire import SAML
from interop.server import Server

RELAY_STATE = "ho-so-4711-cua-ai-do"
MISTYPED = "Mat-ma-go-nham-31"
OTHER = "Con-duong-ra-dong-62"


def cookies(browser: Browser) -> Iterator[str]:
    for jar in browser.cookies.values():
        yield from (value for name, (value, _) in jar.items() if not name.endswith("lang"))


def fill(browser: Browser, page: Page, field: str, **typed: str) -> Page:
    return browser.send(page, page.form(field), **typed)


def dump(server: Server) -> str:
    """All that the database holds, octets as the text that they hide."""
    (file,) = [path for path in server.home.rglob("*") if path.is_file() and _is_database(path)]
    parts = []
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):
                cells = [cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row]
                parts.append(f"{table}\t" + "\t".join(cells))
    return "\n".join(parts)


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(15) == b"SQLite format 3"


@pytest.fixture(scope="module")
def lived(idp: IdentityProvider, server: Server, agency: str) -> dict[str, str]:
    """Somebody's whole day; what must lie nowhere, by what it is."""
    person = add_person(server, agency, "lvbimat", "Lê Văn Bí Mật")
    application = Handmade(idp, "https://behind.example", Binding.REDIRECT)
    idp.register("behind", application.metadata, "--name-id", "persistent")
    browser = Browser(server.ca_file)
    browser.applications[application.host] = application
    policy = f'<samlp:NameIDPolicy Format="{PERSISTENT}"/>'

    page = application.send(browser, "/saml/sso", application.authn_request(policy), RELAY_STATE)
    page = fill(browser, page, "password", name=person.mail, password=MISTYPED)
    fill(browser, page, "password", name=person.mail, password=PASSWORD)
    answer = application.visits[-1]
    assert answer.form["RelayState"] == RELAY_STATE
    assertion = message_of(answer).find(f"{SAML}Assertion")
    assert assertion is not None
    secrets = {
        "RelayState": RELAY_STATE,
        "SAMLResponse": answer.form["SAMLResponse"][200:280],
        "assertion": str(assertion.get("ID")),
        "a mistyped password": MISTYPED,
        "the password": PASSWORD,
        "the new password": OTHER,
        "persistent NameID": str(assertion.findtext(f"{SAML}Subject/{SAML}NameID")),
        **{f"cookie {number}": value for number, value in enumerate(cookies(browser))},
    }

    page = browser.open(f"{idp.url}/account/second-factor")
    page = browser.send(page, page.form_to("/account/second-factor"))
    key = page.tree.xpath("//*[contains(@class, 'key')]")[0].text_content().replace(" ", "").strip()
    code = pyotp.TOTP(key).now()
    page = fill(browser, page, "code", code=code)
    codes = re.findall(r"\b(?:[0-9a-z]{4}-){3}[0-9a-z]{4}\b", page.said)
    assert len(set(codes)) == 10, page.said
    secrets |= {"TOTP key": key, **{f"recovery code {number}": each for number, each in enumerate(codes)}}

    page = browser.open(f"{idp.url}/account/password")
    fill(browser, page, "current", current=PASSWORD, new=OTHER, repeated=OTHER)
    secrets |= {f"later cookie {number}": value for number, value in enumerate(cookies(browser))}
    application.send(
        browser, "/saml/sso", application.authn_request(policy, more={"Version": "3.0"}), RELAY_STATE
    )
    application.send(browser, "/saml/slo", application.logout_request(assertion), RELAY_STATE)
    browser.close()
    deadline = time.monotonic() + 20
    while "sign-out" not in dump(server) and time.monotonic() < deadline:
        time.sleep(0.1)  # the trail is written with others within a second
    return secrets


@pytest.mark.parametrize("log", ["access_log", "events"])
def test_no_log_has_what_proves_somebody_or_names_them_to_others(
    lived: dict[str, str], server: Server, log: str
) -> None:
    path: Path = getattr(server, log)
    text = path.read_text("utf-8")

    assert text
    for what, secret in lived.items():
        assert secret not in text, what
        assert base64.b64encode(secret.encode()).decode().rstrip("=") not in text, what


def test_the_trail_tells_what_happened(lived: dict[str, str], server: Server) -> None:
    """So that the day was there to be told of."""
    text = server.access_log.read_text("utf-8") + server.events.read_text("utf-8") + dump(server)

    assert lived
    for word in ("wrong-password", "assertion", "password-change", "second-factor", "sign-out", "malformed"):
        assert word in text, word


def test_the_database_has_nothing_that_proves_somebody(lived: dict[str, str], server: Server) -> None:
    """The persistent name is there while a session or a logout needs it, RelayState during a sign-in."""
    text = dump(server)
    everything = text + "".join(path.read_text("latin-1") for path in server.home.rglob("*-wal"))

    for what, secret in lived.items():
        if what in ("persistent NameID", "RelayState", "assertion"):
            continue
        assert secret not in everything, what
        assert secret.replace("-", "") not in everything, what
        assert base64.b64encode(secret.encode()).decode().rstrip("=") not in everything, what
    tables = {line.split("\t")[0] for line in text.splitlines() if lived["persistent NameID"] in line}
    assert tables <= {"sso_participants", "sso_kept"}
