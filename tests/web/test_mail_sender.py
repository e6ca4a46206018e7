"""Letters reach the mail server once, and again when they did not; for two days and no longer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread, Timer

import pytest
from msgspec.structs import replace
from twisted.logger import LogEvent, formatEvent, globalLogPublisher

from govdir.cli.keys import write_certificates
from govdir.sso.model import Letter, Outgoing
from govdir.web import mail_sender
from govdir.web.leash import Leash
from govdir.web.mail_message import Sender
from govdir.web.mail_sender import Delivery, Fate, MailSender, Route, deliver, pause
from tests.sso.memory_ports import DirectWork, SettableClock, run
from tests.web.mail_server import MailServer, mail_server

SENDER = Sender("no-reply@cantho.gov.vn", "Thư công vụ")
NOW = SettableClock().moment


def outgoing(number: int = 1, to: str = "an@cantho.gov.vn") -> Outgoing:
    return Outgoing(number, Letter(to, "Mật khẩu đã đổi", ".\nMật khẩu đã đổi.\n"), NOW, 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write_certificates(
        authority=home / "ca.crt", certificate=home / "tls.crt", key=home / "tls.key", organization="Test"
    )
    return home


@pytest.fixture(scope="module")
def tls(home: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "tls.crt", home / "tls.key")
    return context


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server whose greeting never ends, though each line of it comes in time."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            with suppress(OSError), listening.accept()[0] as connected:
                while True:
                    connected.sendall(b"220-wait\r\n")
                    gone.wait(0.02)

        gone = Event()
        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
    thread.join()


def route(server: MailServer, *, tls: bool = False) -> Route:
    return Route("127.0.0.1", server.port, tls)


class Box:
    """sso.ports.Letters in memory: when each letter is due."""

    def __init__(self, *letters: Outgoing) -> None:
        self.held = {each.number: (each.written, replace(each, tries=0)) for each in letters}

    async def take(self, now: datetime, until: datetime, limit: int) -> Sequence[Outgoing]:
        taken = []
        for number, (due, each) in list(self.held.items()):
            if due <= now and len(taken) < limit:
                taken.append(replace(each, tries=each.tries + 1))
                self.held[number] = (until, taken[-1])
        return taken

    async def delay(self, number: int, until: datetime) -> None:
        self.held[number] = (until, self.held[number][1])

    async def drop(self, number: int) -> None:
        del self.held[number]


class Office:
    """A sender with its box and clock."""

    def __init__(self, where: Route, *letters: Outgoing) -> None:
        self.box = Box(*letters)
        self.clock = SettableClock()
        self.sender = MailSender(self.box, DirectWork(), self.clock, route=where, sender=SENDER)

    def tick(self) -> None:
        run(self.sender.tick())


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        if event["log_namespace"].startswith("govdir.web"):
            lines.append(f"{event['log_level'].name}: {formatEvent(event)}")

    globalLogPublisher.addObserver(observe)  # type: ignore[arg-type]
    yield lines
    globalLogPublisher.removeObserver(observe)  # type: ignore[arg-type]


class TestRoute:
    def test_it_is_read_from_the_setting(self) -> None:
        assert Route.parse("smtp://localhost:25") == Route("localhost", 25, tls=False)
        assert Route.parse("smtps://mail.example.vn:465") == Route("mail.example.vn", 465, tls=True)
        assert Route.parse("smtp://[::1]:2525") == Route("::1", 2525, tls=False)

    @pytest.mark.parametrize("bad", ["", "http://localhost:25", "smtp://:25", "smtp://localhost"])
    def test_anything_else_is_none(self, bad: str) -> None:
        with pytest.raises(ValueError):
            Route.parse(bad)


class TestDelivering:
    def test_letters_go_over_one_connection_to_their_recipients_only(self, server: MailServer) -> None:
        fates = deliver(route(server), SENDER, [outgoing(1), outgoing(2, "binh@cantho.gov.vn")])

        assert fates == [Delivery(Fate.SENT), Delivery(Fate.SENT)]
        assert server.connections == 1
        assert server.greetings == ["ehlo cantho.gov.vn"]
        envelopes = [(sender, to, str(read["To"])) for sender, to, read in server.received]
        assert envelopes == [
            ("no-reply@cantho.gov.vn", ["an@cantho.gov.vn"], "an@cantho.gov.vn"),
            ("no-reply@cantho.gov.vn", ["binh@cantho.gov.vn"], "binh@cantho.gov.vn"),
        ]
        assert server.received[0][2].get_content() == ".\r\nMật khẩu đã đổi.\r\n"

    def test_starttls_is_used_where_it_is_offered(self, tls: ssl.SSLContext) -> None:
        with mail_server(tls) as server:
            assert deliver(route(server), SENDER, [outgoing()]) == [Delivery(Fate.SENT)]

            assert server.encrypted == [True]
            assert len(server.greetings) == 2, "what was said before TLS counts for nothing"

    def test_where_it_is_not_offered_mail_goes_without(self, server: MailServer) -> None:
        deliver(route(server), SENDER, [outgoing()])

        assert server.encrypted == [False]

    def test_smtps_is_encrypted_from_the_first_octet_and_the_server_proved(
        self, home: Path, tls: ssl.SSLContext
    ) -> None:
        with mail_server(tls, at_once=True) as server:
            trusting = ssl.create_default_context(cafile=home / "ca.crt")
            stranger = deliver(route(server, tls=True), SENDER, [outgoing()])
            known = deliver(route(server, tls=True), SENDER, [outgoing()], trusting)

            assert stranger == [Delivery(Fate.LATER, "no mail server (SSLCertVerificationError)")]
            assert known == [Delivery(Fate.SENT)]
            assert server.encrypted == [True]

    @pytest.mark.parametrize(
        ("command", "answer", "fate"),
        [
            ("RCPT", "550 no such user an@cantho.gov.vn", Fate.REFUSED),
            ("RCPT", "450 mailbox busy", Fate.LATER),
            ("MAIL", "553 sender not allowed", Fate.REFUSED),
            ("MAIL", "451 try later", Fate.LATER),
            ("DATA", "554 no", Fate.REFUSED),
            ("delivered", "552 too much", Fate.REFUSED),
            ("delivered", "452 disk full", Fate.LATER),
        ],
    )
    def test_what_is_refused_for_good_is_told_from_what_is_for_now(
        self, server: MailServer, command: str, answer: str, fate: Fate
    ) -> None:
        server.answers[command] = answer

        (delivery,) = deliver(route(server), SENDER, [outgoing()])

        assert delivery == Delivery(fate, f"the mail server answered {answer[:3]}")

    def test_one_that_is_refused_does_not_keep_the_next_from_going(self, server: MailServer) -> None:
        server.answers["rcpt TO:<an@cantho.gov.vn>"] = "550 no such user"

        fates = deliver(
            route(server), SENDER, [outgoing(1), outgoing(2, "bad\n@x.vn"), outgoing(3, "b@x.vn")]
        )

        assert [each.fate for each in fates] == [Fate.REFUSED, Fate.REFUSED, Fate.SENT]

    @pytest.mark.parametrize("command", ["connect", "EHLO", "MAIL", "DATA"])
    def test_a_server_that_hangs_up_gets_them_later(self, server: MailServer, command: str) -> None:
        server.answers[command] = ""

        fates = deliver(route(server), SENDER, [outgoing(1), outgoing(2)])

        assert [each.fate for each in fates] == [Fate.LATER, Fate.LATER]

    @pytest.mark.parametrize("greeting", ["554 no service", "421 busy", "hello"])
    def test_a_server_that_takes_nobody_gets_them_later(self, server: MailServer, greeting: str) -> None:
        server.answers["connect"] = greeting

        (delivery,) = deliver(route(server), SENDER, [outgoing()])

        assert delivery.fate is Fate.LATER

    def test_a_server_that_says_it_is_closing_gets_the_rest_later(self, server: MailServer) -> None:
        server.answers["rcpt TO:<an@cantho.gov.vn>"] = "421 closing"

        fates = deliver(route(server), SENDER, [outgoing(1), outgoing(2, "binh@cantho.gov.vn")])

        assert [each.fate for each in fates] == [Fate.LATER, Fate.LATER]
        assert server.received == []

    def test_no_server_gets_them_later(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]

        (delivery,) = deliver(Route("127.0.0.1", port, tls=False), SENDER, [outgoing()])

        assert delivery == Delivery(Fate.LATER, "no mail server (ConnectionRefusedError)")

    def test_a_server_that_always_says_a_little_more_is_cut_off(
        self, dripping: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mail_sender, "CONNECTION_SECONDS", 0.2)
        (delivery,) = deliver(Route("127.0.0.1", dripping, tls=False), SENDER, [outgoing()])
        assert delivery.fate is Fate.LATER

    def test_a_delivery_is_cut_short_when_the_process_stops(self, dripping: int) -> None:
        leash = Leash()
        Timer(0.1, leash.pull).start()
        (delivery,) = deliver(Route("127.0.0.1", dripping, tls=False), SENDER, [outgoing()], leash=leash)
        assert delivery.fate is Fate.LATER

    def test_one_that_was_cut_before_it_began_sends_nothing(self, server: MailServer) -> None:
        leash = Leash()
        leash.pull()
        (delivery,) = deliver(route(server), SENDER, [outgoing()], leash=leash)
        assert (delivery.fate, server.received) == (Fate.LATER, [])

    def test_a_slow_server_does_not_hold_letters_beyond_their_lease(self, server: MailServer) -> None:
        times = iter([0.0, 1.0, mail_sender.BATCH_SECONDS + 1])

        fates = deliver(route(server), SENDER, [outgoing(1), outgoing(2)], seconds=lambda: next(times))

        assert [each.fate for each in fates] == [Fate.SENT, Fate.LATER]
        longest = mail_sender.BATCH_SECONDS + 5 * mail_sender.COMMAND_SECONDS
        assert timedelta(seconds=longest) < mail_sender.LEASE


class TestSending:
    def test_what_was_sent_is_gone(self, server: MailServer) -> None:
        office = Office(route(server), outgoing(1), outgoing(2))

        office.tick()
        office.tick()

        assert len(server.received) == 2
        assert office.box.held == {}

    def test_what_is_refused_for_good_is_given_up_and_told(
        self, server: MailServer, logged: list[str]
    ) -> None:
        server.answers["RCPT"] = "550 no such user"
        office = Office(route(server), outgoing())

        office.tick()

        assert office.box.held == {}
        assert logged == [
            "error: a letter to an@cantho.gov.vn was given up at attempt 1: the mail server answered 550"
        ]

    def test_pauses_grow_to_four_hours(self) -> None:
        minutes = [pause(tries) / timedelta(minutes=1) for tries in range(1, 12)]

        assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
        assert pause(10**6) == timedelta(hours=4)

    def test_it_is_tried_again_for_two_days_and_then_given_up(
        self, server: MailServer, logged: list[str]
    ) -> None:
        server.answers["MAIL"] = "451 try later"
        office = Office(route(server), outgoing())
        tries = 0

        while office.box.held:
            due, _letter = office.box.held[1]
            office.clock.moment = max(office.clock.moment, due)
            office.tick()
            tries += 1

        assert office.clock.moment - NOW >= timedelta(days=2)
        assert office.clock.moment - NOW < timedelta(days=2, hours=4)
        assert tries == 20
        assert logged == [
            "warn: a letter could not be sent and waits: the mail server answered 451",
            "error: a letter to an@cantho.gov.vn was given up at attempt 20: the mail server answered 451",
        ]

    def test_a_server_that_comes_back_gets_what_waited(self, server: MailServer) -> None:
        server.answers["MAIL"] = "451 try later"
        office = Office(route(server), outgoing())
        office.tick()
        server.answers.clear()

        office.clock.pass_time(seconds=59)
        office.tick()
        before = len(server.received)
        office.clock.pass_time(seconds=1)
        office.tick()

        assert (before, len(server.received)) == (0, 1)

    def test_many_letters_go_in_portions(self, server: MailServer) -> None:
        office = Office(route(server), *(outgoing(number) for number in range(1, 26)))

        office.tick()
        first = len(server.received)
        office.tick()

        assert (first, len(server.received)) == (20, 25)
