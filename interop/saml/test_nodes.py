"""Several processes of one directory are one identity provider: what one knows the other knows.

Each test stands for two nodes on a PostgreSQL database, and for two workers on an SQLite one.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import ldap3
import pyotp
import pytest

from govdir.sso.saml.keys import make_signing_key
from interop.conftest import connect
from interop.saml.browser import Browser, Page
from interop.saml.handmade import Handmade, message_of, status_of
from interop.saml.idp import IdentityProvider
from interop.saml.nodes import Balanced, Door, Nodes, two_nodes, two_workers
from interop.saml.people import Person, add_person, give_password
from interop.saml.service import Binding
from interop.saml.wire import SAML
from interop.server import SUFFIX, Server, govdir
from tests.storage.postgres import Cluster, private_cluster

SOON_SECONDS = 2.5
"""Two seconds is what is promised; the rest is the machine's."""

HOST = "https://application.example"
_given_names = itertools.cycle(
    ["An", "Binh", "Chi", "Dung", "Em", "Giang", "Hoa", "Khanh", "Lan", "Mai", "Nga", "Oanh", "Phong"]
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with private_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module", params=["nodes", "workers"])
def nodes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder: Path = tmp_path_factory.mktemp("several")
    if request.param == "workers":
        with two_workers(folder) as nodes:
            yield nodes
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    cluster.execute("CREATE DATABASE directory")
    with two_nodes(folder, cluster.url("directory")) as nodes:
        yield nodes


@pytest.fixture(scope="module")
def agency(nodes: Nodes) -> str:
    return make_agency(nodes)


def make_agency(nodes: Nodes) -> str:
    dn = f"ou=sotn,ou=orgs,{SUFFIX}"
    with connect(nodes.first) as admin:
        classes = ["organizationalUnit", "gdOrganization", "gdMailbox"]
        assert admin.add(dn, classes, {"displayName": "Sở Thử nghiệm"}), admin.result
    return dn


@pytest.fixture
def person(nodes: Nodes, agency: str) -> Person:
    """Somebody of this test's own."""
    given = next(_given_names)
    made = add_person(nodes.first, agency, f"lt{given.lower()}", f"Lê Thị {given}")
    known_everywhere(nodes, made.dn)
    return made


@pytest.fixture
def application(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Handmade:
    folder = tmp_path_factory.mktemp("application")
    idp = IdentityProvider(replace(nodes.first), b"", folder)
    service = Handmade(idp, HOST, Binding.REDIRECT)
    if "application" not in nodes.command("sp", "list"):
        idp.register("application", service.metadata)
    return service


@pytest.fixture
def browse(nodes: Nodes, application: Handmade) -> Iterator[Callable[[], Balanced]]:
    made: list[Balanced] = []

    def browser() -> Balanced:
        made.append(Balanced(nodes))
        made[-1].applications[application.host] = application
        return made[-1]

    yield browser
    for each in made:
        each.close()


@pytest.fixture
def browser(browse: Callable[[], Balanced]) -> Balanced:
    return browse()


def known_everywhere(nodes: Nodes, dn: str) -> None:
    """Waits for what feeds bring in milliseconds."""
    for server in nodes.servers:
        with connect(server) as admin:
            soon(lambda: admin.search(dn, "(objectClass=*)", ldap3.BASE))


def soon(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def sign_in(browser: Browser, nodes: Nodes, person: Person) -> Page:
    """To the page of one's own account."""
    page = browser.open(f"{nodes.url}/account")
    return give_password(browser, page, person)


def is_signed_in(browser: Balanced, nodes: Nodes, door: Door) -> bool:
    browser.at = door
    page = browser.open(f"{nodes.url}/account")
    assert page.status == 200, page.said
    return not any("password" in dict(form.fields) for form in page.forms)


def test_a_sign_in_goes_on_wherever_the_browser_is_sent(
    browser: Balanced, application: Handmade, person: Person
) -> None:
    page = application.send(browser, "/saml/sso", application.authn_request(), "x=1")
    give_password(browser, page, person)

    response = message_of(application.visits[-1])
    assert status_of(response) == ("Success",)
    assert application.visits[-1].form["RelayState"] == "x=1"


def test_a_session_is_one_at_all_of_them(browser: Balanced, nodes: Nodes, person: Person) -> None:
    sign_in(browser, nodes, person)

    assert all(is_signed_in(browser, nodes, door) for door in nodes.doors)


def test_signed_out_at_one_is_signed_out_at_the_other(
    browser: Balanced, nodes: Nodes, person: Person
) -> None:
    sign_in(browser, nodes, person)
    here, there = nodes.doors
    assert is_signed_in(browser, nodes, there)
    stolen = dict(browser.cookies["localhost"])
    browser.at = here
    page = browser.open(f"{nodes.url}/sign-out")
    form = next(each for each in page.forms if each.action.endswith("/sign-out"))
    browser.send(page, form)
    browser.cookies["localhost"] = stolen

    soon(lambda: not is_signed_in(browser, nodes, there))


def test_a_session_ended_by_command_is_over_at_all_of_them(
    browser: Balanced, nodes: Nodes, person: Person
) -> None:
    sign_in(browser, nodes, person)
    assert all(is_signed_in(browser, nodes, door) for door in nodes.doors)

    nodes.command("session", "end", person.uid, "--yes")

    for door in nodes.doors:
        soon(lambda: not is_signed_in(browser, nodes, door))  # noqa: B023 - called at once


def test_a_password_changed_at_one_ends_sessions_at_the_other(
    browse: Callable[[], Balanced], nodes: Nodes, person: Person
) -> None:
    here, elsewhere = browse(), browse()
    sign_in(here, nodes, person)
    sign_in(elsewhere, nodes, person)
    here.at, there = nodes.doors
    page = here.open(f"{nodes.url}/account/password")
    new = "Gio-mua-dong-bac-71"
    page = here.send(page, page.form("new"), current=person.password, new=new, repeated=new)
    assert page.status == 200, page.said

    soon(lambda: not is_signed_in(elsewhere, nodes, there))
    assert is_signed_in(here, nodes, there)


def test_an_application_added_by_command_is_known_at_all_of_them(
    browser: Balanced, nodes: Nodes, person: Person, tmp_path: Path
) -> None:
    idp = IdentityProvider(replace(nodes.first), b"", tmp_path)
    service = Handmade(idp, "https://later.example", Binding.REDIRECT)
    for browser.at in nodes.doors:
        assert service.send(browser, "/saml/sso", service.authn_request()).status == 403

    idp.register("later", service.metadata)

    for browser.at in nodes.doors:
        assert service.send(browser, "/saml/sso", service.authn_request()).form("password")
    nodes.command("sp", "set", "later", "--disable")
    for browser.at in nodes.doors:
        soon(lambda: service.send(browser, "/saml/sso", service.authn_request()).status == 403)
    nodes.command("sp", "remove", "later", "--yes")


def test_a_message_is_taken_once_by_all_of_them(
    browser: Balanced, nodes: Nodes, application: Handmade
) -> None:
    browser.at, there = nodes.doors
    request = application.authn_request()
    assert application.send(browser, "/saml/sso", request).form("password")

    browser.at = there
    assert application.send(browser, "/saml/sso", request).status == 400


def test_a_code_used_at_one_is_refused_at_the_other(
    browse: Callable[[], Balanced], nodes: Nodes, person: Person
) -> None:
    totp = pyotp.TOTP(enrolled(browse(), nodes, person))
    code = totp.at(time.time() + 30)  # the present one was used for enrolling; the next is taken already
    here, there = browse(), browse()
    here.at, there.at = nodes.doors
    pages = [sign_in(each, nodes, person) for each in (here, there)]

    first = here.send(pages[0], pages[0].form("code"), code=code)
    second = there.send(pages[1], pages[1].form("code"), code=code)

    assert is_signed_in(here, nodes, nodes.doors[0]), first.said
    assert second.form("code")


def enrolled(browser: Balanced, nodes: Nodes, person: Person) -> str:
    """The secret of the second factor that somebody sets up."""
    sign_in(browser, nodes, person)
    page = browser.open(f"{nodes.url}/account/second-factor")
    while not page.tree.xpath("//*[contains(@class, 'key')]"):
        (form,) = [each for each in page.forms if "second-factor" in each.action]
        page = browser.send(page, form)
    secret = "".join(page.tree.xpath("string(//*[contains(@class, 'key')])").split())
    page = browser.send(page, page.form("code"), code=pyotp.TOTP(secret).now())
    assert page.status == 200, page.said
    return secret


def test_a_name_that_was_tried_too_often_waits_at_all_of_them(
    browser: Balanced, nodes: Nodes, person: Person
) -> None:
    browser.at, there = nodes.doors
    guess = replace(person, password="khong-phai-mat-ma-1")
    failures = 0
    while failures < 7:  # the next try has to wait four seconds
        failures += sign_in(browser, nodes, guess).status != 429
        time.sleep(0.2)

    browser.at = there
    page = sign_in(browser, nodes, person)

    assert page.status == 429, page.said


def test_the_trail_has_what_each_of_them_did(
    browse: Callable[[], Balanced], nodes: Nodes, person: Person
) -> None:
    for door in nodes.doors:
        browser = browse()
        browser.at = door
        sign_in(browser, nodes, person)

    soon(lambda: len(trail(nodes, person.uid)) >= 2)

    assert [(each["kind"], each["outcome"]) for each in trail(nodes, person.uid)] == [("sign-in", "ok")] * 2


def trail(nodes: Nodes, *who: str) -> list[dict[str, str]]:
    """The latest first."""
    told: list[dict[str, str]] = json.loads(nodes.command("sign-ins", *who, "--json"))
    return told


def test_names_for_applications_are_the_same_at_all_of_them(
    browse: Callable[[], Balanced], nodes: Nodes, application: Handmade, person: Person
) -> None:
    names = set()
    for door in nodes.doors:
        browser = browse()
        browser.at = door
        policy = '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/>'
        page = application.send(browser, "/saml/sso", application.authn_request(policy))
        give_password(browser, page, person)
        response = message_of(application.visits[-1])
        names.add(response.findtext(f"{SAML}Assertion/{SAML}Subject/{SAML}NameID"))

    assert len(names) == 1


def test_while_the_database_is_away_pages_say_so_and_afterwards_all_goes_on(
    tmp_path: Path, cluster: Cluster
) -> None:
    cluster.execute("CREATE DATABASE comes_and_goes")
    with two_nodes(tmp_path, cluster.url("comes_and_goes")) as nodes:
        an = add_person(nodes.first, make_agency(nodes), "ltan", "Lê Thị An")
        service = Handmade(IdentityProvider(nodes.first, b"", tmp_path), HOST, Binding.REDIRECT)
        service.idp.register("application", service.metadata)
        signed_in, english, vietnamese = Balanced(nodes), Balanced(nodes), Balanced(nodes, "vi")
        for browser in (signed_in, english, vietnamese):
            browser.applications[HOST] = service
            browser.at = nodes.doors[0]
        sign_in(signed_in, nodes, an)
        waiting = service.send(english, "/saml/sso", service.authn_request())
        asked = vietnamese.open(f"{nodes.url}/sign-in")
        (style,) = asked.tree.xpath("//link[@rel='stylesheet']/@href")

        cluster.stop()
        try:
            time.sleep(1.1)  # for so long memory may answer
            refused = [
                give_password(english, waiting, an),
                give_password(vietnamese, asked, an),
                signed_in.open(f"{nodes.url}/account"),
                service.send(signed_in, "/saml/sso", service.authn_request()),
            ]
            public = [signed_in.open(f"{nodes.url}{path}") for path in ("/saml/metadata", style)]
            with connect(nodes.first, an.dn, an.password) as ldap:
                assert ldap.search(an.dn, "(objectClass=*)", ldap3.BASE)
            unsigned = service.send(vietnamese, "/saml/sso", service.authn_request(), signed=False)
            soon(lambda: "does not answer" in told(nodes, "the database"))
        finally:
            cluster.start()

        assert [(page.status, page.headers["retry-after"]) for page in refused] == [(503, "5")] * 4
        assert [page.heading for page in refused[:2]] == ["The system is busy", "Hệ thống đang bận"]
        assert [page.status for page in (*public, unsigned)] == [200, 200, 400]
        soon(lambda: signed_in.open(f"{nodes.url}/account").heading == f"Welcome, {an.name}")
        give_password(english, waiting, an)
        assert status_of(message_of(service.visits[-1])) == ("Success",)
        soon(lambda: "answers again" in told(nodes, "the database"))
        assert told(nodes, "the database").count("does not answer") == 1
        assert "Traceback" not in nodes.first.events.read_text("utf-8")
        refusals = [each["outcome"] for each in trail(nodes) if each["kind"] == "refusal"]
        assert refusals == ["unsigned"]  # noted while the database was away


def told(nodes: Nodes, what: str) -> str:
    """Lines of the first node's event log."""
    lines = nodes.first.events.read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if what in line)


def test_a_node_without_the_others_keys_does_not_start(tmp_path: Path, cluster: Cluster) -> None:
    cluster.execute("CREATE DATABASE guarded")
    with two_nodes(tmp_path, cluster.url("guarded")) as nodes:
        stranger = Server(nodes.servers[1].home)
        nodes.servers.pop().stop()
        for name in ("keys/sso", "keys/saml/current.pem"):
            path = stranger.home / name
            held = path.read_bytes()
            path.unlink()
            assert name in refused_to_start(stranger)
            assert name in govdir("doctor", str(stranger.home), "--json", check=False).stdout
            path.write_bytes(held)
        key, certificate = make_signing_key("SAML")
        for name, other in (("keys/saml/current.pem", key + certificate), ("keys/sso", b"x" * 32)):
            (stranger.home / name).write_bytes(other)
            assert name in refused_to_start(stranger)
            assert name in govdir("doctor", str(stranger.home), "--json", check=False).stdout


def refused_to_start(server: Server) -> str:
    with pytest.raises(AssertionError, match="ended with") as caught:
        server.start()
    server.process = None
    return str(caught.value)
