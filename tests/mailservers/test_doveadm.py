"""What is said to Dovecot's HTTP interface, and what its answers mean."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from govdir.cli.keys import write_certificates
from govdir.mailservers.doveadm import RIGHTS, Doveadm, DoveadmTrouble

KEY = "một khóa của bài thử"


class Interface:
    """A server that answers one request with what the test says."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answer = b""
        self.drops = b""
        self._tls = tls
        self.asked = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def says(self, body: object, status: str = "200 OK") -> None:
        octets = json.dumps(body).encode()
        self.answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(octets)}\r\n\r\n".encode() + octets

    @property
    def command(self) -> list[object]:
        """The one command that was asked for."""
        ((name, parameters, _tag),) = json.loads(self.asked.partition(b"\r\n\r\n")[2])
        return [name, parameters]

    def close(self) -> None:
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            peer, _ = self._listening.accept()
            if self._tls is not None:
                peer = self._tls.wrap_socket(peer, server_side=True)
        except OSError:
            return
        with peer:
            self.asked = peer.recv(65536)
            with suppress(OSError):
                peer.sendall(self.answer)
                while self.drops:
                    sleep(0.01)
                    peer.sendall(self.drops)


@pytest.fixture
def interface() -> Iterator[Interface]:
    made = Interface()
    yield made
    made.close()


@pytest.fixture
def doveadm(interface: Interface, tmp_path: Path) -> Doveadm:
    key_file = tmp_path / "doveadm"
    key_file.write_text(f"{KEY}\n", "utf-8")
    return Doveadm(f"http://127.0.0.1:{interface.port}", key_file)


def trouble(doveadm: Doveadm) -> str:
    with pytest.raises(DoveadmTrouble) as raised:
        doveadm.kick("an@cantho.gov.vn")
    assert KEY not in str(raised.value)
    return raised.value.why.en


def test_sessions_of_one_user_are_ended(interface: Interface, doveadm: Doveadm) -> None:
    interface.says([["doveadmResponse", [{"result": "an@cantho.gov.vn"}], "govdir"]])
    assert doveadm.kick("an@cantho.gov.vn")
    assert interface.command == ["kick", {"mask": ["an@cantho.gov.vn"]}]
    assert interface.asked.startswith(b"POST /doveadm/v1 HTTP/1.1\r\n")
    assert b"Authorization: X-Dovecot-API " in interface.asked


@pytest.mark.parametrize(
    "answer",
    [
        [["error", {"type": "exitCode", "exitCode": 68}, "govdir"]],
        [["doveadmResponse", [{"count": "0"}], "govdir"]],
    ],
    ids=["2.3", "2.4"],
)
def test_nobody_there_is_no_trouble(interface: Interface, doveadm: Doveadm, answer: object) -> None:
    interface.says(answer)
    assert not doveadm.kick("an@cantho.gov.vn")


def test_a_group_is_let_into_the_inbox_with_every_right_but_that_to_give_rights(
    interface: Interface, doveadm: Doveadm
) -> None:
    interface.says([["doveadmResponse", [], "govdir"]])
    doveadm.grant("sonv@cantho.gov.vn", "box-sonv")
    assert interface.command == [
        "aclSet",
        {"user": "sonv@cantho.gov.vn", "mailbox": "INBOX", "id": "group=box-sonv", "right": list(RIGHTS)},
    ]
    assert "admin" not in RIGHTS


@pytest.mark.parametrize("user", ["*", "an?@cantho.gov.vn", "*@cantho.gov.vn", ""])
def test_a_name_that_stands_for_many_is_never_asked_for(doveadm: Doveadm, user: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        doveadm.kick(user)


def test_a_refused_key_names_the_file(interface: Interface, doveadm: Doveadm, tmp_path: Path) -> None:
    interface.says([], "401 Authentication required")
    assert trouble(doveadm) == (
        f"refuses the key (status 401): doveadm_api_key in Dovecot must be that of {tmp_path / 'doveadm'}"
    )


def test_a_key_that_is_not_there_says_what_makes_one(interface: Interface, tmp_path: Path) -> None:
    doveadm = Doveadm(f"http://127.0.0.1:{interface.port}", tmp_path / "none")
    assert "govdir service config" in trouble(doveadm)
    assert interface.asked == b""


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([["error", {"type": "exitCode", "exitCode": 75}, "govdir"]], "the command kick failed (75)"),
        ([["error", {"type": "unknownMethod"}, "govdir"]], "the command kick failed (unknownMethod)"),
        ({"something": "else"}, "its answer cannot be read"),
        ([["other", [], "govdir"]], "its answer cannot be read"),
        ([], "its answer cannot be read"),
    ],
)
def test_what_failed_is_said(interface: Interface, doveadm: Doveadm, answer: object, said: str) -> None:
    interface.says(answer)
    assert trouble(doveadm).startswith(said)


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    key_file = tmp_path / "doveadm"
    key_file.write_text(KEY, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    doveadm = Doveadm(f"http://127.0.0.1:{port}", key_file)
    assert trouble(doveadm) == "no connection (Connection refused)"
    assert doveadm.place == f"127.0.0.1:{port}"


def test_something_that_is_no_http(interface: Interface, doveadm: Doveadm) -> None:
    interface.answer = b"* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n"
    assert trouble(doveadm) == "its answer cannot be read"


@pytest.mark.parametrize("drop", [b"HTTP/1.1 100 Continue\r\n\r\n", b"x"], ids=["100", "octets"])
def test_a_server_that_goes_on_and_on_is_left(
    doveadm: Doveadm, interface: Interface, monkeypatch: pytest.MonkeyPatch, drop: bytes
) -> None:
    monkeypatch.setattr("govdir.mailservers.doveadm.TIMEOUT_SECONDS", 0.3)
    interface.answer, interface.drops = b"HTTP/1.1 ", drop
    if drop[:1] == b"H":
        interface.answer = drop
    began = monotonic()
    assert trouble(doveadm) == "no answer in time"
    assert monotonic() - began < 3


@pytest.mark.parametrize(
    ("status", "said"),
    [("302 Found", "answered with status 302"), ("500 Internal Server Error", "answered with status 500")],
)
def test_nothing_but_an_answer_is_one(doveadm: Doveadm, interface: Interface, status: str, said: str) -> None:
    """A redirection is not followed: the key would go with it."""
    interface.says([["doveadmResponse", [], "govdir"]], f"{status}\r\nLocation: http://127.0.0.1:9/")
    assert trouble(doveadm) == said


def test_of_an_answer_without_end_only_a_little_is_read(doveadm: Doveadm, interface: Interface) -> None:
    interface.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * (4 << 20)
    assert trouble(doveadm) == "its answer cannot be read"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority and a certificate of localhost."""
    folder = tmp_path_factory.mktemp("certificates")
    write_certificates(
        authority=folder / "ca.crt", certificate=folder / "it.crt", key=folder / "it.key", organization="Thử"
    )
    return folder


@pytest.fixture
def encrypted(certificates: Path) -> Iterator[Interface]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "it.crt", certificates / "it.key")
    made = Interface(context)
    made.says([["doveadmResponse", [{"result": "an@cantho.gov.vn"}], "govdir"]])
    yield made
    made.close()


def over_tls(interface: Interface, tmp_path: Path, host: str, authority: Path | None) -> Doveadm:
    (tmp_path / "doveadm").write_text(KEY, "utf-8")
    return Doveadm(f"https://{host}:{interface.port}", tmp_path / "doveadm", authority)


def test_over_tls_the_directory_s_own_authority_is_trusted(
    encrypted: Interface, certificates: Path, tmp_path: Path
) -> None:
    doveadm = over_tls(encrypted, tmp_path, "localhost", certificates / "ca.crt")
    assert doveadm.kick("an@cantho.gov.vn")


def test_a_certificate_of_nobody_is_not_shown_the_key(encrypted: Interface, tmp_path: Path) -> None:
    assert "its TLS certificate is not valid" in trouble(over_tls(encrypted, tmp_path, "localhost", None))
    assert encrypted.asked == b""
