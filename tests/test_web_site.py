"""The web site of a serving process: the configuration reaches it, and it is where it is asked for."""

from __future__ import annotations

import json
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from time import monotonic

import pytest

from govdir.assembly import outbound_of, site_of
from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.cli.local import open_directory
from govdir.cli.sso import open_sso
from govdir.config import Config, LimitSettings, MailSettings, SsoSettings, WebSettings, load_config
from govdir.directory.roles import HeldRole
from govdir.key_files import make_next_key
from govdir.policy.load import load_province
from govdir.policy.texts import Language
from govdir.sso.model import Letter
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.sessions import SessionLimits
from govdir.web.limits import WebLimits
from govdir.web.outbound_addresses import NoAnswer
from govdir.web_site import mail_from, session_limits, sign_in_settings, web_limits
from tests.cli.serving import Serving, serving

PASSWORD = "Sông Hậu 7 nhịp!"
PATIENCE_SECONDS = 10


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    pack = load_province("cantho")
    config = new_config(tmp_path_factory.mktemp("site") / "home", pack)
    with new_home(config, pack, PASSWORD):
        pass
    return config


def test_signing_in_is_as_configured(config: Config) -> None:
    sso = SsoSettings(second_factor_roles=("operator", "auditor"), password_notice_days=3)

    assert sign_in_settings(replace(config, sso=sso, language="en")) == SignInSettings(
        code_roles=frozenset({HeldRole.OPERATOR, HeldRole.AUDITOR}), notice_days=3, language=Language.ENGLISH
    )


def test_sessions_last_as_configured(config: Config) -> None:
    web = WebSettings(idle_minutes=7, session_hours=2)

    assert session_limits(replace(config, web=web)) == SessionLimits(
        idle=timedelta(minutes=7), absolute=timedelta(hours=2)
    )


def test_connections_are_bounded_as_configured(config: Config) -> None:
    limits = LimitSettings(connections=9, connections_per_address=3)

    assert web_limits(replace(config, limits=limits)) == WebLimits(connections=9, connections_per_address=3)


def test_letters_come_from_the_configured_sender_else_from_nobody_who_reads(config: Config) -> None:
    site = site_of(config, load_province("cantho"), 8443)
    assert site is not None

    assert mail_from(config, site).address == "no-reply@cantho.gov.vn"
    assert mail_from(replace(config, mail=MailSettings(sender="it@cantho.gov.vn")), site).address == (
        "it@cantho.gov.vn"
    )


def test_a_site_on_this_machine_has_its_applications_there_too(config: Config) -> None:
    elsewhere = replace(config, web=WebSettings(url="https://id.cantho.gov.vn"))
    reasons = {}
    for name, asking in (("here", config), ("elsewhere", elsewhere)):
        with pytest.raises(NoAnswer) as refused:
            outbound_of(asking).fetch("https://localhost:1/metadata")
        reasons[name] = str(refused.value)
    assert "no connection" in reasons["here"]
    assert "private address" in reasons["elsewhere"]


# -- a real process -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[1, 2], ids=["one process", "two workers"])
def server(config: Config, request: pytest.FixtureRequest) -> Iterator[Serving]:
    with serving("serve", config.home, "--workers", request.param) as running:
        yield running
        assert running.stop() == 0


def ask(
    server: Serving, config: Config, path: str, method: str = "GET", **headers: str
) -> tuple[HTTPResponse, bytes]:
    tls = ssl.create_default_context(cafile=str(config.path(config.tls.authority)))
    with closing(HTTPSConnection("localhost", server.web, context=tls, timeout=20)) as connection:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response, response.read()


def test_the_home_page_is_served_over_tls(server: Serving, config: Config) -> None:
    response, body = ask(server, config, "/", **{"Accept-Language": "en"})

    assert response.status == 200
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert f"https://localhost:{server.web}" in body.decode()


def test_metadata_names_the_site_and_every_process_signs_the_same_keys(
    server: Serving, config: Config
) -> None:
    bodies = {ask(server, config, "/saml/metadata")[1] for _ in range(6)}

    assert all(f'entityID="https://localhost:{server.web}/saml/metadata"' in body.decode() for body in bodies)
    assert len({body.partition(b"X509Certificate>")[2].partition(b"<")[0] for body in bodies}) == 1


def test_under_another_name_the_right_one_is_told(server: Serving, config: Config) -> None:
    response, body = ask(server, config, "/", Host="evil.example")

    assert response.status == 421
    assert f"https://localhost:{server.web}" in body.decode()


def test_static_files_are_found_under_the_names_pages_give_them(server: Serving, config: Config) -> None:
    _, page = ask(server, config, "/")
    path = page.decode().partition('stylesheet" href="')[2].partition('"')[0]

    response, _ = ask(server, config, path)

    assert (response.status, response.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_without_web_sockets_there_is_no_site(config: Config) -> None:
    without = replace(config, listen=replace(config.listen, web=()))

    assert site_of(without, load_province("cantho")) is None


def test_a_new_signing_key_is_published_at_a_hangup(tmp_path: Path) -> None:
    pack = load_province("cantho")
    config = new_config(tmp_path / "home", pack)
    with new_home(config, pack, PASSWORD):
        pass
    with serving("serve", config.home) as running:
        before = ask(running, config, "/saml/metadata")[1].count(b"<md:KeyDescriptor")
        make_next_key(config)
        running.process.send_signal(signal.SIGHUP)
        deadline = monotonic() + PATIENCE_SECONDS
        while (after := ask(running, config, "/saml/metadata")[1].count(b"<md:KeyDescriptor")) == before:
            assert monotonic() < deadline

        assert after == before + 1


def test_what_cannot_be_read_at_a_hangup_keeps_nothing_else_from_it(tmp_path: Path) -> None:
    pack = load_province("cantho")
    config = new_config(tmp_path / "home", pack)
    with new_home(config, pack, PASSWORD):
        pass
    settings = (config.home / "govdir.toml").read_text()
    (config.home / "govdir.toml").write_text(settings.replace('# access = "-"', 'access = "access.jsonl"'))
    with serving("serve", config.home) as running:
        make_next_key(config)
        config.path(config.tls.certificate).write_bytes(b"?")
        (config.home / "access.jsonl").rename(config.home / "moved.jsonl")
        running.process.send_signal(signal.SIGHUP)
        deadline = monotonic() + PATIENCE_SECONDS
        while ask(running, config, "/saml/metadata")[1].count(b"<md:KeyDescriptor") < 3:
            assert monotonic() < deadline
        assert running.stop() == 0

    assert "/saml/metadata" in (config.home / "access.jsonl").read_text()


def test_a_mail_server_that_hangs_holds_up_no_stop(tmp_path: Path) -> None:
    pack = load_province("cantho")
    config = new_config(tmp_path / "home", pack)
    with new_home(config, pack, PASSWORD):
        pass
    with closing(socket.create_server(("127.0.0.1", 0))) as hanging:
        settings = (config.home / "govdir.toml").read_text()
        there = f'server = "smtp://127.0.0.1:{hanging.getsockname()[1]}"'
        (config.home / "govdir.toml").write_text(settings.replace('# server = ""', there))
        with open_directory(load_config(config.home)) as local, open_sso(local) as sso:
            sso.wait(sso.stored.outbox.put(Letter("an@cantho.gov.vn", "a", "b")))
        with serving("serve", config.home) as running:
            hanging.settimeout(PATIENCE_SECONDS)
            with hanging.accept()[0]:
                begun = monotonic()
                assert running.stop() == 0
                assert monotonic() - begun < PATIENCE_SECONDS


def test_a_request_under_way_when_the_server_ends_is_answered_and_logged(tmp_path: Path) -> None:
    pack = load_province("cantho")
    config = new_config(tmp_path / "home", pack)
    with new_home(config, pack, PASSWORD):
        pass
    settings = (config.home / "govdir.toml").read_text()
    (config.home / "govdir.toml").write_text(settings.replace('# access = "-"', 'access = "access.jsonl"'))
    tls = ssl.create_default_context(cafile=str(config.path(config.tls.authority)))
    with serving("serve", config.home) as running:
        ldap = socket.create_connection(("127.0.0.1", running.ldap), PATIENCE_SECONDS)
        plain = socket.create_connection(("127.0.0.1", running.web), PATIENCE_SECONDS)
        with ldap, tls.wrap_socket(plain, server_hostname="localhost") as web:
            head = f"Host: localhost:{running.web}\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
            web.sendall(f"POST /late HTTP/1.1\r\n{head}\r\n".encode())
            assert web.recv(4096).startswith(b"HTTP/1.1 100")
            running.process.send_signal(signal.SIGTERM)
            while ldap.recv(4096):
                pass
            web.sendall(b"hi")
            assert web.recv(4096).startswith(b"HTTP/1.1 404")
        assert running.process.wait(PATIENCE_SECONDS) == 0

    assert '"path":"/late","status":404' in (config.home / "access.jsonl").read_text()


def test_the_end_of_the_server_is_orderly_and_its_lines_are_whole(tmp_path: Path) -> None:
    pack = load_province("cantho")
    config = new_config(tmp_path / "home", pack)
    with new_home(config, pack, PASSWORD):
        pass
    settings = (config.home / "govdir.toml").read_text()
    (config.home / "govdir.toml").write_text(settings.replace('# access = "-"', 'access = "access.jsonl"'))
    with serving("serve", config.home) as running:
        ask(running, config, "/?secret=1")
        assert running.stop() == 0

    lines = [json.loads(line) for line in (config.home / "access.jsonl").read_text().splitlines()]
    (line,) = [line for line in lines if line["op"] == "web"]
    assert (line["method"], line["path"], line["status"], line["peer"]) == ("GET", "/", 200, "127.0.0.1")
