"""The clock at work on a directory: a mailbox's whole life, restarts, several processes, and the brake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from govdir.directory.errors import InvalidCredentials, RuleViolation, Unavailable
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.ldap.codec.messages import Change, ModifyOperation, ModifyRequest
from govdir.lifecycle.calendar import WorkingDays
from govdir.lifecycle.clock import LifecycleClock, Settings
from govdir.lifecycle.dues import What
from govdir.lifecycle.run import Item, Lifecycle, Outcome
from govdir.policy.load import load_province
from tests.directory.building import SONV, SUFFIX, Town, attribute, open_town

FIRST, SECOND = "Hoa#sen#trang#927", "Song#xanh#biec#358"
ALL = ("mail", "deliver", "smtp", "imap", "pop3", "sieve")
RECEIVE_ONLY = ("mail", "deliver")


class Witnessed:
    """What the clock told."""

    def __init__(self) -> None:
        self.did: list[tuple[What, str]] = []
        self.refusals: list[str] = []
        self.hindrances: list[str] = []
        self.brakes: list[tuple[int, int]] = []

    def done(self, item: Item) -> None:
        self.did.append((item.due.what, item.facts.dn))

    def refused(self, item: Item, why: str) -> None:
        self.refusals.append(why)

    def hindered(self, why: str) -> None:
        self.hindrances.append(why)

    def braked(self, closing: int, mailboxes: int) -> None:
        self.brakes.append((closing, mailboxes))


class Clockwork:
    """One process: a town, its clock, and the time."""

    def __init__(self, town: Town, province: str, settings: Settings = Settings()) -> None:  # noqa: B008
        self.town = town
        self.told = Witnessed()
        self.lifecycle = Lifecycle(town.directory, load_province(province), WorkingDays())
        self.clock = LifecycleClock(town.directory, self.lifecycle, settings, self.told)

    def tick(self) -> None:
        """Until there is nothing left to do at this moment."""
        self.town.run(self.clock.tick())
        while not self.clock.idle:
            self.town.run(self.clock.tick())

    def at(self, text: str) -> Clockwork:
        """The time in Vietnam is that, and the clock has seen it."""
        self.town.clock.moment = datetime.fromisoformat(text).replace(tzinfo=PROVINCE_ZONE).astimezone(UTC)
        self.tick()
        return self

    def pass_time(self, **amount: float) -> Clockwork:
        self.town.clock.pass_time(**amount)
        self.tick()
        return self

    def did(self) -> list[What]:
        """What it did since it was last asked."""
        done = [what for what, _ in self.told.did]
        self.told.did.clear()
        return done


@pytest.fixture
def binhphuoc(tmp_path: Path) -> Iterator[Clockwork]:
    with open_town(tmp_path / "town.db", province="binhphuoc") as town:
        yield Clockwork(town, "binhphuoc")


@pytest.fixture
def cantho(tmp_path: Path) -> Iterator[Clockwork]:
    with open_town(tmp_path / "town.db") as town:
        yield Clockwork(town, "cantho")


def modify(town: Town, dn: str, **values: str | tuple[str, ...]) -> None:
    """Replaces several attributes in one request."""
    changes = tuple(Change(ModifyOperation.REPLACE, attribute(name, value)) for name, value in values.items())
    town.run(town.local.modify(ModifyRequest(dn, changes)))


def signs_in(town: Town, dn: str, password: str = FIRST) -> bool:
    try:
        town.bound(dn, password)
    except InvalidCredentials:
        return False
    return True


def person(town: Town, uid: str = "an", name: str = "Lê Văn An", **more: str) -> str:
    """Somebody whose password is FIRST, chosen by themselves."""
    dn = town.person(uid, name, userPassword=SECOND, **more)
    town.replace(dn, "userPassword", FIRST, handle=town.bound(dn, SECOND))
    return dn


def test_a_mailbox_goes_through_its_whole_life_by_the_clock(binhphuoc: Clockwork) -> None:
    town = binhphuoc.at("2026-03-02T15:00").town
    dn = person(town, gdRankClass="staff")
    assert town.values(dn, "enabledService") == ALL

    binhphuoc.at("2026-04-02T14:59:59")
    assert (binhphuoc.did(), town.values(dn, "enabledService")) == ([], ALL)
    binhphuoc.at("2026-04-02T15:00:00")
    assert (binhphuoc.did(), town.values(dn, "enabledService")) == ([What.PASSWORD_EXPIRED], RECEIVE_ONLY)
    town.replace(dn, "userPassword", "Mua#he#xanh#52", handle=town.bound(dn, FIRST))
    assert town.values(dn, "enabledService") == ALL

    binhphuoc.at("2026-10-02T14:59:59")
    assert What.INACTIVITY_WARNING in binhphuoc.did()
    binhphuoc.at("2026-10-03T02:00:00")
    assert (binhphuoc.did(), town.values(dn, "gdState")) == ([What.INACTIVITY_SUSPENSION], ("suspended",))
    assert "02/04/2026" in town.values(dn, "gdStateReason")[0]
    assert not signs_in(town, dn, "Mua#he#xanh#52")

    with pytest.raises(RuleViolation, match="Điều 6"):
        modify(town, dn, gdState="active")
    modify(town, dn, gdState="active", userPassword="Thu#vang#la#83")
    assert town.values(dn, "enabledService") == RECEIVE_ONLY
    town.replace(dn, "userPassword", "Dong#ve#lanh#46", handle=town.bound(dn, "Thu#vang#la#83"))
    assert town.values(dn, "enabledService") == ALL

    modify(town, dn, gdLeavingAt="20261031000000+0700")
    binhphuoc.at("2026-10-30T23:59:59")
    assert (binhphuoc.did(), town.values(dn, "gdState")) == ([], ("active",))
    binhphuoc.at("2026-10-31T00:00:00")
    assert (binhphuoc.did(), town.values(dn, "gdState")) == ([What.SEND_BLOCK], ("sendblocked",))
    assert signs_in(town, dn, "Dong#ve#lanh#46")
    binhphuoc.at("2027-04-29T23:59:59").did()
    binhphuoc.at("2027-04-30T00:00:00")
    assert town.values(dn, "gdState") == ("revoked",)
    assert town.values(dn, "accountStatus") == ("disabled",)
    assert not signs_in(town, dn, "Dong#ve#lanh#46")


def test_can_tho_suspends_gives_notice_and_revokes_without_confirmation(cantho: Clockwork) -> None:
    town = cantho.at("2014-11-06T15:00").town
    town.replace(SUFFIX, "o", "Thành phố Cần Thơ")
    dn = person(town)
    cantho.at("2015-02-06T01:59:59")
    assert What.INACTIVITY_SUSPENSION not in cantho.did()

    cantho.at("2015-02-07T02:00:00")
    assert What.INACTIVITY_SUSPENSION in cantho.did()
    assert town.values(dn, "gdNoticeAt") == town.values(dn, "gdStateSince") == ("20150206190000Z",)
    cantho.at("2015-03-06T01:59:59")
    assert (cantho.did(), town.values(dn, "gdState")) == ([], ("suspended",))
    cantho.at("2015-03-06T02:00:00")
    assert (cantho.did(), town.values(dn, "gdState")) == ([What.UNCONFIRMED_REVOCATION], ("revoked",))


def test_fifteen_working_days_over_tet_end_when_the_offices_have_worked_them(cantho: Clockwork) -> None:
    """Notice on 10 February 2026: 14 to 22 February were off for Tết."""
    town = cantho.at("2025-11-09T15:00").town
    town.replace(SUFFIX, "o", "Thành phố Cần Thơ")
    dn = person(town)
    cantho.at("2026-02-10T02:00:00")
    assert What.INACTIVITY_SUSPENSION in cantho.did()
    assert town.values(dn, "gdNoticeAt") == ("20260209190000Z",)

    for day in ("2026-03-03T02:00:00", "2026-03-09T23:59:59", "2026-03-10T01:59:59"):
        cantho.at(day)
        assert (cantho.did(), town.values(dn, "gdState")) == ([], ("suspended",))
    cantho.at("2026-03-10T02:00:00")
    assert (cantho.did(), town.values(dn, "gdState")) == ([What.UNCONFIRMED_REVOCATION], ("revoked",))


def test_the_agencys_confirmation_keeps_the_mailbox(cantho: Clockwork) -> None:
    town = cantho.at("2014-11-06T15:00").town
    town.replace(SUFFIX, "o", "Thành phố Cần Thơ")
    dn = person(town)
    cantho.at("2015-02-07T02:00:00")
    town.replace(dn, "gdState", "active")
    cantho.did()

    cantho.at("2015-05-05T02:00:00")
    assert (town.values(dn, "gdState"), town.values(dn, "gdNoticeAt")) == (("active",), ())
    cantho.at("2015-05-08T02:00:00")
    assert town.values(dn, "gdState") == ("suspended",)


def test_nobody_is_closed_for_not_having_signed_in_before_the_home_was_made(cantho: Clockwork) -> None:
    dn = cantho.town.person(
        "an", "Lê Văn An", createTimestamp="20100101000000Z", gdStateSince="20100101000000Z"
    )

    cantho.pass_time(days=1)
    assert cantho.town.values(dn, "gdState") == ("active",)
    cantho.pass_time(days=95)
    assert cantho.town.values(dn, "gdState") == ("suspended",)


def test_an_authorisation_ends_by_the_clock(cantho: Clockwork) -> None:
    town = cantho.at("2026-03-02T15:00").town
    head, other = town.person("an", "Lê Văn An"), town.person("huy", "Lê Quang Huy")
    classes = ("organizationalUnit", "gdOrganization", "gdMailbox", "gdSharedMailbox")
    modify(town, SONV, objectClass=classes, owner=head, gdDelegate=other, gdDelegateUntil="20260331165959Z")

    cantho.at("2026-03-31T23:59:58")
    assert town.values(SONV, "gdDelegate") == (other,)
    cantho.at("2026-03-31T23:59:59")
    assert (cantho.did(), town.values(SONV, "gdDelegate")) == ([What.DELEGATION_END], ())
    assert town.values(SONV, "gdDelegateUntil") == ()
    assert town.values(SONV, "gdHandoverRecord")[-1].endswith("thực hiện: hệ thống, theo thời hạn")


def test_what_the_clock_does_stands_under_its_own_name(binhphuoc: Clockwork, tmp_path: Path) -> None:
    town = binhphuoc.town
    dn = person(town, gdRankClass="staff", gdLeavingAt="20260401000000+0700")
    binhphuoc.at("2026-04-01T00:00:01")

    assert What.SEND_BLOCK in binhphuoc.did()
    assert town.values(dn, "modifiersName") == (f"cn=clock,{SUFFIX}",)
    with closing(sqlite3.connect(tmp_path / "town.db")) as database:
        (made,) = database.execute("SELECT actor FROM changes ORDER BY number DESC LIMIT 1").fetchall()
    assert made == ("clock",)
    town.replace(dn, "telephoneNumber", "0271 3879")
    assert town.values(dn, "modifiersName") == (f"cn=admin,{SUFFIX}",)


def test_nobody_signs_in_as_the_clock(cantho: Clockwork) -> None:
    assert not signs_in(cantho.town, f"cn=clock,{SUFFIX}", FIRST)


def test_what_came_due_while_no_server_ran_is_done_at_the_start(binhphuoc: Clockwork) -> None:
    town = binhphuoc.town
    dn = person(town, gdRankClass="staff", gdLeavingAt="20260401000000+0700")
    town.clock.pass_time(days=45)

    Clockwork(town, "binhphuoc").tick()

    assert town.values(dn, "gdState") == ("sendblocked",)


def test_a_second_run_finds_nothing_to_do(binhphuoc: Clockwork) -> None:
    town = binhphuoc.town
    dn = person(town, gdRankClass="staff", gdLeavingAt="20260401000000+0700")
    binhphuoc.pass_time(days=45)
    before = town.values(dn, "entryCSN")
    binhphuoc.did()

    again = Clockwork(town, "binhphuoc")
    again.tick()

    assert (again.did(), town.values(dn, "entryCSN")) == ([], before)


def test_a_run_that_was_killed_is_finished_by_the_next(binhphuoc: Clockwork) -> None:
    town = binhphuoc.town
    leavers = [
        town.person(f"p{n}", f"Lê Văn {given}", gdLeavingAt="20260401000000+0700")
        for n, given in enumerate(("An", "Bình", "Chi"))
    ]
    town.clock.pass_time(days=60)
    now = town.clock.now()
    first, *_ = items = list(binhphuoc.lifecycle.all_items(now))

    assert town.run(binhphuoc.lifecycle.apply(first, now)).outcome is Outcome.DONE
    assert [town.run(binhphuoc.lifecycle.apply(each, now)).outcome for each in items] == [
        Outcome.NOT_DUE,
        Outcome.DONE,
        Outcome.DONE,
    ]
    assert {town.values(dn, "gdState") for dn in leavers} == {("sendblocked",)}


def test_two_processes_do_each_thing_once(tmp_path: Path) -> None:
    with ExitStack() as stack:
        path = tmp_path / "town.db"
        ours = stack.enter_context(open_town(path, province="binhphuoc"))
        dn = ours.person("an", "Lê Văn An", gdLeavingAt="20260401000000+0700")
        theirs = stack.enter_context(open_town(path, furnish=False, province="binhphuoc"))
        both = [Clockwork(town, "binhphuoc") for town in (ours, theirs)]
        for each in both:
            each.town.clock.pass_time(days=45)
            each.tick()
        theirs.run(theirs.directory.catch_up())

        assert [each.did() for each in both] in ([[What.SEND_BLOCK], []], [[], [What.SEND_BLOCK]])
        assert theirs.values(dn, "gdState") == ours.values(dn, "gdState") == ("sendblocked",)
        assert not both[0].told.refusals + both[1].told.refusals


def test_sign_ins_at_another_process_count(tmp_path: Path) -> None:
    with ExitStack() as stack:
        path = tmp_path / "town.db"
        ours = stack.enter_context(open_town(path))
        dn = person(ours)
        theirs = stack.enter_context(open_town(path, furnish=False))
        for town in (ours, theirs):
            town.clock.pass_time(days=80)
        assert signs_in(theirs, dn)
        theirs.run(theirs.directory.flush_logins())
        clock = Clockwork(ours, "cantho").pass_time(days=20)

        assert What.INACTIVITY_SUSPENSION not in clock.did()
        assert ours.values(dn, "gdState") == ("active",)


def crowd(town: Town, count: int) -> None:
    for number in range(count):
        letters = chr(97 + number // 26) + chr(97 + number % 26)
        town.person(f"p{number}", f"Lê Văn H{letters}")


def test_too_many_closings_at_once_are_left_to_a_person(cantho: Clockwork) -> None:
    crowd(cantho.town, 21)

    cantho.pass_time(days=100)

    assert cantho.told.brakes == [(21, 23)]
    assert cantho.did() == []
    assert sum(item.due.what is What.INACTIVITY_SUSPENSION for item in due(cantho)) == 21


def test_few_closings_are_made_whatever_their_share(cantho: Clockwork) -> None:
    crowd(cantho.town, 20)

    cantho.pass_time(days=100)

    assert (cantho.told.brakes, len(cantho.did())) == ([], 20)


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        (Settings(automatic=False), "active"),
        (Settings(inactivity=False), "active"),
        (Settings(inactivity_share_percent=0), "suspended"),
    ],
)
def test_the_settings_say_what_the_server_does(cantho: Clockwork, settings: Settings, state: str) -> None:
    dn = person(cantho.town)
    chosen = Clockwork(cantho.town, "cantho", settings)
    chosen.town.clock.pass_time(days=100)

    chosen.town.run(chosen.clock.tick())
    for _ in range(5):
        chosen.town.run(chosen.clock.tick())

    assert cantho.town.values(dn, "gdState") == (state,)


def test_a_database_that_does_not_answer_is_told_once_and_waited_for(
    binhphuoc: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = binhphuoc.town
    dn = person(town, gdRankClass="staff", gdLeavingAt="20260401000000+0700")
    town.clock.pass_time(days=45)

    async def fail(*_: object) -> None:
        raise Unavailable("no database")

    with monkeypatch.context() as patched:
        patched.setattr(town.directory.committer, "commit", fail)
        for _ in range(3):
            town.run(binhphuoc.clock.tick())
            town.clock.pass_time(seconds=11)
    binhphuoc.tick()

    assert binhphuoc.told.hindrances == ["no database"]
    assert town.values(dn, "gdState") == ("sendblocked",)


def due(clockwork: Clockwork) -> list[Item]:
    return list(clockwork.lifecycle.all_items(clockwork.town.clock.now()))


@pytest.mark.parametrize(
    ("state", "admitted"),
    [
        ("pending", False),
        ("active", True),
        ("sendblocked", True),
        ("suspended", False),
        ("revoked", False),
        ("deleted", False),
    ],
)
def test_who_signs_in_in_which_state(cantho: Clockwork, state: str, admitted: bool) -> None:
    dn = cantho.town.person("an", "Lê Văn An", gdState=state, userPassword=FIRST)

    assert signs_in(cantho.town, dn) is admitted


def test_a_moment_in_the_hours_ahead_is_not_missed_by_a_change_made_today(binhphuoc: Clockwork) -> None:
    town = binhphuoc.at("2026-03-02T15:00").town
    dn = person(town)
    binhphuoc.tick()

    town.replace(dn, "gdRevokeAt", "20260302083000Z")
    binhphuoc.at("2026-03-02T15:29:59")
    assert town.values(dn, "gdState") == ("active",)
    binhphuoc.at("2026-03-02T15:30:00")
    assert town.values(dn, "gdState") == ("revoked",)
    assert timedelta(0) <= town.clock.now() - datetime(2026, 3, 2, 8, 30, tzinfo=UTC) < timedelta(seconds=5)
