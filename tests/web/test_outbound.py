"""Other servers are asked within bounds; nothing they do takes more time or memory than they are given."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import TypeVar

import pytest
from twisted.internet.defer import Deferred, execute, fail

from govdir.cli.keys import write_certificates
from govdir.directory.errors import Busy
from govdir.sso.ports import BackChannel, Unreachable
from govdir.web.outbound import Outbound, SoapChannel
from govdir.web.outbound_addresses import Address, Destinations, NoAnswer
from tests.web.other_server import OtherServer, other_server

T = TypeVar("T")

LIMIT = 1000
SHORT = 0.3
# Far from SHORT: what ends by chance of the machine's load is told from what ends by the leash.
GENEROUS = 10.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write_certificates(
        authority=home / "ca.crt", certificate=home / "tls.crt", key=home / "tls.key", organization="Test"
    )
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[OtherServer]:
    with other_server(home / "tls.crt", home / "tls.key") as server:
        yield server


@pytest.fixture(scope="module")
def outbound(home: Path) -> Outbound:
    return Outbound(Destinations([], loopback=True, resolve=here), home / "ca.crt")


def here(_host: str, _port: int) -> list[Address]:
    return [(socket.AF_INET, "127.0.0.1")]


def why(asked: Callable[[], object]) -> str:
    with pytest.raises(NoAnswer) as refusal:
        asked()
    assert refusal.value.why.vi
    return str(refusal.value)


@pytest.mark.parametrize("path", ["hello", "chunked", "without_length"])
def test_a_body_arrives_however_it_is_framed(server: OtherServer, outbound: Outbound, path: str) -> None:
    assert outbound.fetch(f"https://localhost:{server.port}/{path}") == b"hello"


def test_a_request_says_who_is_wanted_and_nothing_more_than_needed(
    server: OtherServer, outbound: Outbound
) -> None:
    outbound.fetch(f"https://localhost:{server.port}/hello?x=%20y")

    method, path, headers, body = server.asked[-1]
    assert (method, path, body) == ("GET", "/hello?x=%20y", b"")
    assert headers == {
        "host": f"localhost:{server.port}",
        "accept": "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1",
        "accept-encoding": "identity",
        "user-agent": "govdir",
        "connection": "close",
    }


def test_the_address_that_was_judged_is_the_one_that_is_asked(home: Path, server: OtherServer) -> None:
    answers = iter([[(socket.AF_INET, "127.0.0.1")], [(socket.AF_INET, "10.0.0.1")]])
    outbound = Outbound(
        Destinations(["localhost"], resolve=lambda _host, _port: next(answers)), home / "ca.crt"
    )

    assert outbound.fetch(f"https://localhost:{server.port}/hello") == b"hello"
    assert next(answers) == [(socket.AF_INET, "10.0.0.1")]


def test_the_next_address_is_tried_when_one_is_dead(home: Path, server: OtherServer) -> None:
    both = [(socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")]
    outbound = Outbound(Destinations([], loopback=True, resolve=lambda _host, _port: both), home / "ca.crt")

    assert outbound.fetch(f"https://localhost:{server.port}/hello") == b"hello"


def test_no_proxy_of_the_environment_is_used(
    server: OtherServer, outbound: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert outbound.fetch(f"https://localhost:{server.port}/hello") == b"hello"


def test_without_tls_a_demonstration_on_this_machine_is_asked(outbound: Outbound) -> None:
    with other_server() as plain:
        assert outbound.fetch(f"http://127.0.0.1:{plain.port}/hello") == b"hello"
        assert plain.asked[-1][2]["host"] == f"127.0.0.1:{plain.port}"


def test_redirects_are_not_followed(server: OtherServer, outbound: Outbound) -> None:
    before = len(server.asked)

    text = why(lambda: outbound.fetch(f"https://localhost:{server.port}/redirect"))

    assert text == "localhost: redirects (status 302); give the new address itself"
    assert len(server.asked) == before + 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("failing", "localhost: answered with status 500"),
        ("compressed", "localhost: its answer is compressed"),
        ("cut_short", "localhost: its answer is not HTTP"),
        ("not_http", "localhost: its answer is not HTTP"),
        ("endless", f"localhost: its answer is longer than {LIMIT} bytes"),
        ("endless_chunks", f"localhost: its answer is longer than {LIMIT} bytes"),
    ],
)
def test_an_answer_that_is_not_as_it_should_be_is_none(
    server: OtherServer, outbound: Outbound, path: str, text: str
) -> None:
    assert why(lambda: outbound.fetch(f"https://localhost:{server.port}/{path}", LIMIT)) == text


def test_a_body_of_just_the_limit_is_taken(server: OtherServer, outbound: Outbound) -> None:
    url = f"https://localhost:{server.port}/hello"

    assert outbound.fetch(url, 5) == b"hello"
    assert why(lambda: outbound.fetch(url, 4)) == "localhost: its answer is longer than 4 bytes"


@pytest.mark.parametrize("path", ["silent", "dripping_head", "dripping_body"])
def test_time_is_bounded_even_when_something_always_arrives(
    server: OtherServer, outbound: Outbound, path: str
) -> None:
    began = monotonic()

    text = why(lambda: outbound.fetch(f"https://localhost:{server.port}/{path}", 10**9, SHORT))

    assert text == "localhost: no answer in time"
    assert monotonic() - began < GENEROUS


def test_time_is_bounded_for_a_server_that_never_shakes_hands(outbound: Outbound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://localhost:{listening.getsockname()[1]}/"

        assert why(lambda: outbound.fetch(url, LIMIT, SHORT)) == "localhost: no answer in time"


def test_nothing_is_asked_when_the_time_went_into_finding_the_host(home: Path, server: OtherServer) -> None:
    times = iter([0.0, 30.0, 30.0])
    outbound = Outbound(
        Destinations([], loopback=True, resolve=here), home / "ca.crt", seconds=lambda: next(times)
    )
    before = len(server.asked)

    assert (
        why(lambda: outbound.fetch(f"https://localhost:{server.port}/hello"))
        == "localhost: no answer in time"
    )
    assert len(server.asked) == before


def test_nobody_there_is_said_to_be_nobody(outbound: Outbound) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    assert why(lambda: outbound.fetch(f"https://localhost:{port}/")) == "localhost: no connection"


def test_a_certificate_of_nobody_known_is_not_trusted(server: OtherServer) -> None:
    outbound = Outbound(Destinations([], loopback=True, resolve=here))

    text = why(lambda: outbound.fetch(f"https://localhost:{server.port}/hello"))

    assert text.startswith("localhost: its TLS certificate is not valid (")


def test_a_certificate_of_another_host_is_not_trusted(server: OtherServer, home: Path) -> None:
    outbound = Outbound(Destinations(["portal.vn"], resolve=here), home / "ca.crt")

    text = why(lambda: outbound.fetch(f"https://portal.vn:{server.port}/hello"))

    assert "Hostname mismatch" in text


def test_another_authority_is_believed_once_it_was_renewed(
    server: OtherServer, home: Path, tmp_path: Path
) -> None:
    authority = tmp_path / "ca.crt"
    outbound = Outbound(Destinations((), loopback=True), authority)
    url = f"https://localhost:{server.port}/hello"
    with pytest.raises(NoAnswer):
        outbound.fetch(url)
    authority.write_bytes((home / "ca.crt").read_bytes())
    with pytest.raises(NoAnswer):
        outbound.fetch(url)
    outbound.renew()
    assert outbound.fetch(url) == b"hello"


def test_an_authority_that_is_no_certificate_is_named(server: OtherServer, tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_bytes(b"?")
    with pytest.raises(NoAnswer) as refused:
        Outbound(Destinations((), loopback=True), authority).fetch(f"https://localhost:{server.port}/hello")
    assert "ca.crt is no certificate" in str(refused.value)


def test_no_thread_stays_behind(server: OtherServer, outbound: Outbound) -> None:
    import threading

    outbound.fetch(f"https://localhost:{server.port}/hello")

    timers = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for timer in timers:
        timer.join(SHORT)  # one that was cancelled ends at its next turn
    assert not [timer for timer in timers if timer.is_alive()]


class OnThisThread:
    """SlowWork without threads."""

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        return execute(function)


class Full:
    """SlowWork that has too much to do."""

    def run(self, _function: Callable[[], T]) -> Deferred[T]:
        return fail(Busy("full"))


def outcome(awaitable: Awaitable[bytes]) -> bytes | BaseException:
    assert isinstance(awaitable, Deferred)
    found: list[object] = []
    awaitable.addBoth(found.append)
    (result,) = found
    return result if isinstance(result, bytes) else result.value  # type: ignore[attr-defined,no-any-return]


def test_an_envelope_is_posted_as_soap_and_the_answer_comes_back(
    server: OtherServer, outbound: Outbound
) -> None:
    channel: BackChannel = SoapChannel(outbound, OnThisThread())

    assert outcome(channel.post(f"https://localhost:{server.port}/hello", b"<Envelope/>")) == b"hello"

    method, path, headers, body = server.asked[-1]
    assert (method, path, body) == ("POST", "/hello", b"<Envelope/>")
    assert headers["content-type"] == "text/xml; charset=utf-8"
    assert headers["soapaction"] == '"http://www.oasis-open.org/committees/security"'
    assert headers["content-length"] == "11"


@pytest.mark.parametrize("slow", [OnThisThread(), Full()])
def test_whatever_fails_is_unreachable_and_tells_nothing_of_what_was_sent(
    outbound: Outbound, slow: OnThisThread | Full
) -> None:
    channel = SoapChannel(outbound, slow)

    failed = outcome(channel.post("https://localhost:1/?secret=1", b"<Secret/>"))

    assert isinstance(failed, Unreachable)
    assert "ecret" not in str(failed)


def test_a_fault_of_ours_is_unreachable_too(outbound: Outbound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_destinations", None)

    failed = outcome(SoapChannel(outbound, OnThisThread()).post("https://localhost/", b""))

    assert isinstance(failed, Unreachable)
