"""What a serving process does for mail servers: the configuration reaches it, and how old it may judge by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, cast

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from govdir.assembly import assemble, load_directory
from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.cli.local import InPlace
from govdir.config import Config
from govdir.config_mail import MailServerSettings
from govdir.directory.ports import StoreUnavailable
from govdir.mail_services import Freshness, MailServices
from govdir.mailservers.policy_request import PolicyRequest
from govdir.policy.load import load_province


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class SilentFeed:
    """A feed of a database that last answered so many seconds ago, and knows of news."""

    def __init__(self) -> None:
        self.silence = 0.0
        self.news: bool | Exception = False

    def changed(self, _applied: int) -> bool:
        if isinstance(self.news, Exception):
            raise self.news
        return self.news

    def silent_seconds(self) -> float:
        return self.silence


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    pack = load_province("cantho")
    config = new_config(tmp_path_factory.mktemp("services") / "home", pack)
    with new_home(config, pack, "Sông Hậu 7 nhịp!"):
        pass
    return config


@contextmanager
def services(
    config: Config, feed: SilentFeed | None = None, **settings: Any
) -> Iterator[tuple[MailServices, list[str]]]:
    """The services of a home with these settings, and the lines of its mail log."""
    chosen = replace(config, mail_servers=MailServerSettings(**settings))
    core = assemble(chosen, deliver=lambda function: function(), hashing=InPlace(), reading=InPlace())
    try:
        load_directory(core)
        written: list[str] = []
        made = MailServices(core, Clock(), feed=cast("Any", feed or SilentFeed()), note=written.append)
        made.start()
        yield made, written
    finally:
        core.store.close()
        core.database.close()


def answer(made: MailServices, **attributes: str) -> str:
    found: list[bytes] = []
    request = PolicyRequest(state="RCPT", **attributes)
    Deferred.fromCoroutine(made.policy.service.answer(request, "127.0.0.1")).addCallback(found.append)
    return found[0].decode("ascii").removeprefix("action=").strip()


def test_the_directory_is_judged_by_as_long_as_its_database_was_heard_of_lately() -> None:
    seconds = Seconds()
    freshness = Freshness(900, seconds)
    seconds.now += 900
    known = [freshness.is_current()]
    seconds.now += 1
    known.append(freshness.is_current())
    freshness.followed(0)
    known.append(freshness.is_current())
    assert known == [True, False, True]


def test_a_feed_that_is_silent_itself_is_no_news() -> None:
    seconds = Seconds()
    freshness = Freshness(900, seconds)
    seconds.now += 1000
    freshness.followed(950)
    assert not freshness.is_current()
    freshness.followed(800)
    freshness.followed(950)  # what was known once stays known
    assert freshness.is_current()


def test_an_unknown_login_is_refused_and_logged(config: Config) -> None:
    with services(config) as (made, written):
        assert answer(made, login="ai", sender="ai@cantho.gov.vn").startswith(
            "550 5.7.1 tai khoan ai khong co"
        )
    assert json.loads(written[0])["rule"] == "unknown-login"


def test_only_the_configured_mail_servers_may_ask(config: Config) -> None:
    with services(config, policy_clients=("192.0.2.0/24",)) as (made, _):
        mine, theirs = (
            made.policy.buildProtocol(IPv4Address("TCP", host, 1)) for host in ("192.0.2.9", "127.0.0.1")
        )
    assert (mine is not None, theirs) == (True, None)


def test_warn_mode_is_the_configurations(config: Config) -> None:
    with services(config, policy_mode="warn") as (made, _):
        assert answer(made, login="ai", sender="a@b.vn").startswith("WARN govdir: 550 5.7.1 ")


def test_trusted_relays_are_the_configurations(config: Config) -> None:
    with services(config, trusted_relays=("192.0.2.7/32",)) as (made, _):
        trusted = made.policy.service._settings.trusted
        assert (trusted.holds("192.0.2.7"), trusted.holds("192.0.2.8")) == (True, False)


@pytest.mark.parametrize(("unsure", "expected"), [("defer", "DEFER_IF_PERMIT 4.3.0"), ("accept", "DUNNO")])
def test_a_database_that_is_away_too_long_ends_as_configured(
    config: Config, unsure: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = Seconds()
    monkeypatch.setattr("govdir.mail_services.Freshness", lambda stale: Freshness(stale, seconds))
    with services(config, policy_unsure=unsure, policy_stale_seconds=60) as (made, _):
        assert answer(made, sender="a@b.vn") == "DUNNO"
        seconds.now += 61
        assert answer(made, sender="a@b.vn").startswith(expected)
        made.followed()
        assert answer(made, sender="a@b.vn") == "DUNNO"


@pytest.mark.parametrize("news", [True, StoreUnavailable("locked")])
def test_a_refusal_asks_for_news_and_stands_when_there_is_none(
    config: Config, news: bool | Exception
) -> None:
    feed = SilentFeed()
    with services(config, feed) as (made, _):
        feed.news = news
        assert answer(made, login="ai").startswith("550 5.7.1 ")
