"""`govdir serve`: how it starts, what it says when it cannot, and how signals end it."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import ldap3
import pytest

from govdir.cli.keys import write_certificates
from govdir.cli.serve import divided
from govdir.config_kinds import Endpoint
from govdir.listening import Listening, Service, close_sockets
from tests.cli.command_line import govdir
from tests.cli.serving import Serving, serving

ADMIN = "cn=admin,dc=cantho,dc=gov,dc=vn"
PASSWORD = "Sông Hậu 7 nhịp!"
PATIENCE_SECONDS = 10
KEY_FILES = {"authority": "ca.crt", "certificate": "server.crt", "key": "server.key"}


@contextmanager
def signed_in(server: Serving, home: Path, *, tls_first: bool = False) -> Iterator[ldap3.Connection]:
    """The administrator's connection, over StartTLS or LDAPS, trusting the home's own authority."""
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(home / "keys" / "ca.crt"))
    port = server.ldaps if tls_first else server.ldap
    target = ldap3.Server("localhost", port, use_ssl=tls_first, tls=tls)
    how = ldap3.AUTO_BIND_NO_TLS if tls_first else ldap3.AUTO_BIND_TLS_BEFORE_BIND
    connection = ldap3.Connection(target, ADMIN, PASSWORD, auto_bind=how)
    yield connection
    connection.unbind()


def who_am_i(server: Serving, home: Path, *, tls_first: bool = False) -> str:
    with signed_in(server, home, tls_first=tls_first) as connection:
        return str(connection.extend.standard.who_am_i())


def names_under(connection: ldap3.Connection, base: str) -> set[str]:
    connection.search(f"{base},dc=cantho,dc=gov,dc=vn", "(objectClass=*)", ldap3.LEVEL)
    return {entry.entry_dn for entry in connection.entries}


def test_a_port_that_is_taken_is_told_with_how_to_mend_it(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"127.0.0.1:{taken.getsockname()[1]}"
        result = govdir("serve", home, "--ldap", endpoint, "--ldaps", "127.0.0.1:0", "--web", "127.0.0.1:0")
    assert result.exit_code == 3
    assert f"{endpoint} is in use" in result.stderr
    assert "[listen] of govdir.toml or with --ldap" in result.stderr


def test_an_address_that_is_no_address_is_a_usage_error(home: Path) -> None:
    assert govdir("serve", home, "--ldap", "389").exit_code == 2


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("govdir.toml", "limits = 3", "province"),
        ("access.toml", "[[rule]]\nwho = 'everybody'", "access rules"),
        ("keys/secret", "guess me", "32 random bytes"),
        ("keys/server.key", "no key", "certificate cannot be used"),
        ("govdir.sqlite", "no database, but long enough to be looked at" * 10, "database"),
    ],
)
def test_a_broken_home_is_told_without_a_traceback(home: Path, file: str, text: str, told: str) -> None:
    (home / file).write_text(text)
    result = govdir("serve", home, "--ldap", "127.0.0.1:0", "--ldaps", "127.0.0.1:0", "--web", "127.0.0.1:0")
    assert result.exit_code == 3
    assert told in result.stderr
    assert "Traceback" not in result.output


def test_a_lost_database_is_told_and_not_served_empty(home: Path) -> None:
    (home / "govdir.sqlite").unlink()
    result = govdir("serve", home, "--ldap", "127.0.0.1:0", "--ldaps", "127.0.0.1:0", "--web", "127.0.0.1:0")
    assert result.exit_code == 3
    assert "holds no directory" in result.stderr


def test_the_database_of_another_suffix_is_told(home: Path) -> None:
    config = home / "govdir.toml"
    config.write_text(config.read_text().replace("dc=cantho,dc=gov,dc=vn", "dc=daklak,dc=gov,dc=vn"))
    result = govdir("export", home)
    assert result.exit_code == 3
    assert "holds dc=cantho,dc=gov,dc=vn" in result.stderr


def test_a_damaged_database_is_told_with_the_way_to_find_out_more(home: Path) -> None:
    with closing(sqlite3.connect(home / "govdir.sqlite")) as database:
        database.execute("UPDATE entries SET parent_id = 999999 WHERE rdn = 'ou=orgs'")
        database.commit()
    result = govdir("export", home)
    assert result.exit_code == 3
    assert "govdir doctor" in result.stderr


def test_a_home_that_was_never_made_is_told(tmp_path: Path) -> None:
    result = govdir("serve", tmp_path / "nowhere")
    assert result.exit_code == 3
    assert "nowhere/govdir.toml" in result.stderr


def test_clients_are_served_over_both_ports_until_sigterm(home: Path) -> None:
    with serving("serve", home) as server:
        assert who_am_i(server, home) == f"dn:{ADMIN}"
        assert who_am_i(server, home, tls_first=True) == f"dn:{ADMIN}"
        assert server.stop(signal.SIGTERM) == 0


def test_ctrl_c_ends_it_cleanly(home: Path) -> None:
    with serving("serve", home) as server:
        assert server.stop(signal.SIGINT) == 0


def test_what_another_process_writes_is_seen_at_once(home: Path) -> None:
    with serving("serve", home) as server, signed_in(server, home) as connection:
        govdir("service", "add", home, "postfix", "--for", "mail")
        deadline = monotonic() + PATIENCE_SECONDS
        while not names_under(connection, "ou=services") and monotonic() < deadline:
            sleep(0.02)
        assert names_under(connection, "ou=services") == {"cn=postfix,ou=services,dc=cantho,dc=gov,dc=vn"}


def test_a_renewed_certificate_is_served_after_sighup(home: Path) -> None:
    with serving("serve", home) as server:
        before = ssl.get_server_certificate(("127.0.0.1", server.ldaps))
        for path in filter(Path.is_file, (home / "keys").iterdir()):
            path.unlink()
        files = {role: home / "keys" / name for role, name in KEY_FILES.items()}
        write_certificates(**files, organization="Cần Thơ")
        server.process.send_signal(signal.SIGHUP)
        deadline = monotonic() + PATIENCE_SECONDS
        while ssl.get_server_certificate(("127.0.0.1", server.ldaps)) == before and monotonic() < deadline:
            sleep(0.02)
        assert ssl.get_server_certificate(("127.0.0.1", server.ldaps)) == files["certificate"].read_text()


def test_the_supervisor_is_told_when_it_is_ready(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(path))
        supervisor.settimeout(PATIENCE_SECONDS)
        with serving("serve", home, NOTIFY_SOCKET=str(path)):
            assert supervisor.recv(100) == b"READY=1"


def test_workers_share_the_ports_and_end_together(home: Path) -> None:
    with serving("serve", home, "--workers", "2") as server:
        assert len(children(server)) == 2
        assert who_am_i(server, home) == f"dn:{ADMIN}"
        assert server.stop(signal.SIGTERM) == 0


def test_the_web_may_have_a_process_of_its_own(home: Path) -> None:
    with serving("serve", home, "--workers", "1", "--web-workers", "1") as server:
        assert len(children(server)) == 2
        assert who_am_i(server, home) == f"dn:{ADMIN}"
        trusting = ssl.create_default_context(cafile=home / "keys" / "ca.crt")
        with urlopen(f"https://localhost:{server.web}/sign-in", context=trusting) as page:
            assert page.status == 200
        assert server.stop(signal.SIGTERM) == 0


def test_each_process_serves_its_share_of_the_sockets() -> None:
    ldap, ldaps, web = (
        Listening(socket.socket(), Endpoint("127.0.0.1", port), service)
        for port, service in ((389, Service.LDAP), (636, Service.LDAPS), (443, Service.WEB))
    )
    every = [ldap, ldaps, web]
    assert divided(every, 1, 0) == [every]
    assert divided(every, 2, 0) == [every, every]
    assert divided(every, 2, 1) == [[ldap, ldaps], [ldap, ldaps], [web]]
    assert divided([ldap, ldaps], 1, 1) == [[ldap, ldaps]]
    assert divided([web], 2, 1) == [[web], [web]]
    close_sockets(every)


def test_workers_whose_parent_is_killed_end_and_leave_the_ports(home: Path) -> None:
    with serving("serve", home, "--workers", "2") as server:
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        deadline = monotonic() + PATIENCE_SECONDS
        while is_open(server.ldap):
            assert monotonic() < deadline
            sleep(0.05)


def test_a_worker_that_dies_ends_all_with_an_error(home: Path) -> None:
    with serving("serve", home, "--workers", "2") as server:
        os.kill(children(server)[0], signal.SIGKILL)
        assert server.process.wait(PATIENCE_SECONDS) == 3


def is_open(port: int) -> bool:
    """Whether anybody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children(server: Serving) -> list[int]:
    """The process ids of the workers."""
    pid = server.process.pid
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
