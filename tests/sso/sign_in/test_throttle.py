"""The brake on guessing: it slows strangers down and never locks anybody out from where they are known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from govdir.sso.sign_in.browser import Browser
from govdir.sso.sign_in.notes import Notes
from govdir.sso.sign_in.steps import AskPassword, Done, Throttled
from govdir.sso.sign_in.throttle import Allowance, Throttle, Ticket, network_of
from tests.directory.building import SONV, SUFFIX
from tests.sso.memory_ports import MemoryAttempts, SettableClock, run
from tests.sso.sign_in.desk import AWAY, HOME, MAIL, PASSWORD, SECRET, SmallDesk, at_device

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def from_network(number: int) -> Browser:
    return Browser(visit="v", network=f"10.{number // 256}.{number % 256}.1")


def waited(desk: SmallDesk, browser: Browser, name: str = MAIL) -> int:
    """Seconds that a try must wait; it is wrong if it need not."""
    step = desk.attempt("wrong", name, browser)
    return step.seconds if isinstance(step, Throttled) else 0


def fail(desk: SmallDesk, times: int, browser: Browser, name: str = MAIL) -> None:
    """So many wrong tries, each as soon as it may be."""
    for _ in range(times):
        while wait := waited(desk, browser, name):
            desk.town.clock.pass_time(seconds=wait)


def crowd(desk: SmallDesk, names: range, browser: Browser) -> None:
    """Wrong tries under names that nobody has, without the cost of a hash each."""
    throttle = desk.desk.throttle
    for number in names:
        while isinstance(ticket := desk.run(throttle.password(b"%d" % number, "", browser)), Throttled):
            desk.town.clock.pass_time(seconds=ticket.seconds)
        desk.run(throttle.failed(ticket))
        throttle.close(ticket)


def test_five_slips_are_free_then_each_wait_is_twice_as_long(desk: SmallDesk) -> None:
    for _ in range(5):
        assert waited(desk, AWAY) == 0
    waits = []
    for _ in range(11):
        wait = waited(desk, AWAY)
        waits.append(wait)
        desk.town.clock.pass_time(seconds=wait)
        assert waited(desk, AWAY) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_right_password_waits_too_and_is_not_looked_at(desk: SmallDesk) -> None:
    fail(desk, 6, AWAY)
    before = desk.town.slow.done
    assert desk.attempt(PASSWORD, browser=AWAY) == Throttled(2)
    assert desk.town.slow.done == before
    assert ("refusal", "throttled") in desk.trail()


def test_tries_that_were_not_let_through_do_not_prolong_the_wait(desk: SmallDesk) -> None:
    fail(desk, 9, AWAY)
    for _ in range(20):
        waited(desk, AWAY)
    desk.town.clock.pass_time(seconds=16)
    assert isinstance(desk.attempt(PASSWORD, browser=AWAY), Done)


def test_tries_that_had_to_wait_are_written_down_once_a_minute(desk: SmallDesk) -> None:
    fail(desk, 14, AWAY)
    for _ in range(50):
        waited(desk, AWAY)
    desk.town.clock.pass_time(minutes=1)
    waited(desk, AWAY)
    lines = [line for line in desk.stores.trail.lines if line.outcome == "throttled"]
    moments = [line.at for line in lines]
    assert len(lines) < 14
    assert all(later - earlier >= timedelta(minutes=1) for earlier, later in pairwise(moments))
    assert moments[-1] == desk.town.clock.now()


def test_what_is_remembered_of_them_is_bounded(desk: SmallDesk) -> None:
    notes = Notes(desk.stores.trail, desk.town.clock)
    for number in range(5000):
        notes.throttled(None, from_network(number))
    assert len(notes._noted) == 4096


def test_success_forgets_the_slips_before_it(desk: SmallDesk) -> None:
    fail(desk, 4, HOME)
    desk.signed_in()
    for _ in range(5):
        assert waited(desk, HOME) == 0


def test_a_name_that_nobody_has_is_slowed_down_alike(desk: SmallDesk) -> None:
    for name in ("nobody@cantho.gov.vn", "nobody", f"cn=nobody,{SUFFIX}"):
        browser = from_network(len(name))
        fail(desk, 5, browser, name)
        assert waited(desk, browser, name) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("an", " AN "),
        ("an", "a\u00adn"),
        (MAIL, "Lan@CanTho.gov.vn"),
        (f"uid=an,{SONV}", f"UID = An , {SONV.upper()}"),
        ("nobody", "ｎｏｂｏｄｙ"),
        ("cn=nobody", f"CN=nobody,{SUFFIX}"),
    ],
)
def test_another_spelling_of_a_name_is_no_fresh_start(desk: SmallDesk, first: str, second: str) -> None:
    fail(desk, 5, AWAY, first)
    assert waited(desk, AWAY, second) == 1


def test_whether_two_names_are_one_account_is_not_to_be_seen_from_waits(desk: SmallDesk) -> None:
    fail(desk, 6, AWAY, MAIL)
    assert waited(desk, AWAY, "an") == 0


def test_others_in_the_same_network_need_not_wait(desk: SmallDesk) -> None:
    fail(desk, 8, AWAY)
    assert isinstance(desk.attempt(PASSWORD, "binh", AWAY), Done)


def test_another_address_of_the_same_network_is_no_fresh_start(desk: SmallDesk) -> None:
    fail(desk, 5, AWAY)
    assert waited(desk, replace(AWAY, network="198.51.100.200")) == 1
    assert waited(desk, replace(AWAY, network="198.51.101.9")) == 0


def test_nobody_is_locked_out_from_a_browser_they_are_known_at(desk: SmallDesk) -> None:
    mine = at_device(HOME, desk.signed_in())
    fail(desk, 40, HOME)  # somebody else in the same office
    for number in range(100):  # and the rest of the world
        fail(desk, 1, from_network(number))
    assert waited(desk, from_network(500)) == 3600
    assert isinstance(desk.attempt(PASSWORD, browser=mine), Done)


def test_nobody_is_locked_out_from_a_network_they_are_known_in(desk: SmallDesk) -> None:
    desk.signed_in()
    for number in range(120):
        fail(desk, 1, from_network(number))
    assert isinstance(desk.attempt(PASSWORD, browser=HOME), Done)


def test_tries_from_all_over_the_world_add_up_to_a_hundred_a_day(desk: SmallDesk) -> None:
    for number in range(100):
        fail(desk, 1, from_network(number))
    assert waited(desk, AWAY) == 3600
    desk.town.clock.pass_time(days=1)
    assert waited(desk, AWAY) == 0


def test_a_distributed_guesser_soon_waits(desk: SmallDesk) -> None:
    for number in range(20):
        assert waited(desk, from_network(number)) == 0
    assert waited(desk, from_network(20)) == 1
    desk.town.clock.pass_time(seconds=1)
    assert waited(desk, from_network(20)) == 0
    assert waited(desk, from_network(21)) == 2


def test_one_network_trying_many_names_soon_waits(desk: SmallDesk) -> None:
    crowd(desk, range(100), AWAY)
    assert waited(desk, AWAY, "another") == 1
    assert waited(desk, HOME, "another") == 0


def test_an_office_that_mistypes_does_not_keep_those_known_there_away(desk: SmallDesk) -> None:
    mine = at_device(HOME, desk.signed_in())
    crowd(desk, range(100), HOME)
    assert waited(desk, HOME, "newcomer") == 1
    assert isinstance(desk.attempt(PASSWORD, browser=HOME), Done)
    desk.stores.attempts.failed_at = {key: times * 4 for key, times in desk.stores.attempts.failed_at.items()}
    assert waited(desk, HOME, "newcomer") == 60
    assert desk.attempt(PASSWORD, browser=HOME) == Throttled(10)
    assert isinstance(desk.attempt(PASSWORD, browser=mine), Done)


def test_a_stolen_device_is_worth_a_hundred_tries_a_day(desk: SmallDesk) -> None:
    stolen = replace(at_device(AWAY, desk.signed_in()), network="192.0.2.1")
    fail(desk, 100, stolen)
    assert waited(desk, stolen) == 0  # as anybody in an unknown network
    fail(desk, 4, stolen)
    assert waited(desk, stolen) == 1


def test_the_device_of_one_is_not_that_of_another(desk: SmallDesk) -> None:
    browser = at_device(HOME, desk.signed_in(HOME, "binh"))
    for number in range(100):
        fail(desk, 1, from_network(number))
    assert waited(desk, replace(browser, network=AWAY.network)) == 3600


def test_a_login_without_slips_has_nothing_to_forget(desk: SmallDesk) -> None:
    forgotten: list[object] = []

    async def succeeded(keys: object) -> None:
        forgotten.append(keys)

    desk.stores.attempts.succeeded = succeeded  # type: ignore[method-assign]
    desk.signed_in()
    assert forgotten == []
    fail(desk, 1, HOME)
    desk.signed_in()
    assert len(forgotten) == 1


def test_what_is_stored_tells_no_name_and_no_network(desk: SmallDesk) -> None:
    waited(desk, AWAY)
    desk.signed_in()
    stored = repr((desk.stores.attempts.failed_at, desk.stores.attempts.marks))
    for told in (MAIL, "lan", AWAY.network, "198.51.100", "203.0.113"):
        assert told not in stored


def test_tries_at_the_same_time_count_before_they_fail() -> None:
    throttle = Throttle(MemoryAttempts(), SECRET, SettableClock())
    tickets = [run(throttle.password(b"an", "", AWAY)) for _ in range(5)]
    assert all(isinstance(ticket, Ticket) for ticket in tickets)
    assert run(throttle.password(b"an", "", AWAY)) == Throttled(1)
    assert isinstance(run(throttle.password(b"binh", "", AWAY)), Ticket)
    first = tickets[0]
    assert isinstance(first, Ticket)
    throttle.close(first)
    assert isinstance(run(throttle.password(b"an", "", AWAY)), Ticket)


def test_tries_that_are_over_leave_nothing_in_memory() -> None:
    throttle = Throttle(MemoryAttempts(), SECRET, SettableClock())
    for number in range(50):
        ticket = run(throttle.password(str(number).encode(), "", AWAY))
        assert isinstance(ticket, Ticket)
        throttle.close(ticket)
    assert throttle._under_way == {}


class BrokenAttempts(MemoryAttempts):
    async def failures(self, keys: object, since: datetime) -> list[tuple[int, datetime | None]]:  # type: ignore[override]
        raise ConnectionError


def test_a_store_that_fails_leaves_nothing_in_memory() -> None:
    throttle = Throttle(BrokenAttempts(), SECRET, SettableClock())
    with pytest.raises(ConnectionError):
        run(throttle.password(b"an", "", AWAY))
    assert throttle._under_way == {}


def test_a_password_that_is_wrong_is_no_longer_under_way(desk: SmallDesk) -> None:
    assert isinstance(desk.attempt("wrong"), AskPassword)
    desk.signed_in()
    assert desk.desk.throttle._under_way == {}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", b"203.0.113.0/24"),
        ("::ffff:203.0.113.7", b"203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", b"2001:db8:1:2::/64"),
        ("fe80::1%eth0", b"fe80::/64"),
        ("", b""),
        ("unix", b"unix"),
    ],
)
def test_networks_are_24_bits_of_ipv4_and_64_of_ipv6(address: str, network: bytes) -> None:
    assert network_of(address) == network


@given(
    st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.builds(Allowance, st.integers(0, 1000), st.integers(1, 3600), st.integers(0, 200)),
)
def test_a_wait_is_bounded_and_over_once_waited_unless_a_day_is_used_up(
    failures: int, ago: int, allowance: Allowance
) -> None:
    latest = NOW - timedelta(seconds=ago)
    wait = allowance.wait(failures, latest, NOW)
    assert 0 <= wait <= max(allowance.longest, 3600)
    if failures < allowance.free:
        assert wait == 0
    elif not (allowance.most and failures >= allowance.most):
        assert allowance.wait(failures, latest, NOW + timedelta(seconds=wait)) == 0
