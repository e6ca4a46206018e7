"""What is due for a mailbox under each of the five regulations, by dates."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from govdir.directory.password_policy import PROVINCE_ZONE, add_months
from govdir.lifecycle.calendar import WorkingDays
from govdir.lifecycle.dues import Due, What, dues, moments
from govdir.lifecycle.facts import Facts
from govdir.mailattrs.address_terms import Term
from govdir.mailattrs.states import State, services
from govdir.policy.kinds import MailboxKind
from govdir.policy.load import load_province
from govdir.policy.model import Pack

DAYS = WorkingDays()


@cache
def pack_of(province: str) -> Pack:
    return load_province(province)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PROVINCE_ZONE)


def mailbox(pack: Pack, *, created: str = "2014-11-30T10:00", **known: Any) -> Facts:
    """A person's mailbox, active and never used, with what mail servers see of it in that state."""
    state = known.get("state", State.ACTIVE)
    seen = services(state, must_change_password=False)
    return replace(
        Facts(
            entry_id=1,
            dn="uid=minh",
            address="minh@example.vn",
            name="Minh",
            kind=MailboxKind.PERSON,
            state=state,
            state_stated=True,
            services=frozenset(each.decode() for each in seen.enabled),
            status=seen.account_status.decode(),
            must_change=False,
            date_citation=pack.state_citation,
            rotation_citation=pack.good_practice_citation,
            created=local(created),
        ),
        **known,
    )


def due(facts: Facts, pack: Pack, now: str) -> dict[What, Due]:
    return {each.what: each for each in dues(facts, pack, DAYS, local(now))}


def first_day(facts: Facts, pack: Pack, what: What, start: str, days: int = 400) -> str | None:
    """The first day at whose noon it is due."""
    begin = local(start).replace(hour=12)
    for each in range(days):
        moment = begin + timedelta(days=each)
        if what in {one.what for one in dues(facts, pack, DAYS, moment)}:
            return moment.date().isoformat()
    return None


@pytest.mark.parametrize("province", ["cantho", "daklak", "vinhphuc", "daknong", "binhphuoc"])
def test_a_shared_mailbox_is_reported_from_the_day_its_owner_leaves(province: str) -> None:
    pack = pack_of(province)
    shared = mailbox(pack, kind=MailboxKind.AGENCY, owner_left_at=local("2014-12-31T00:00"))

    assert What.OWNER_LEFT not in due(shared, pack, "2014-12-30T23:59:59")
    assert due(shared, pack, "2014-12-31T00:00")[What.OWNER_LEFT].citation == pack.sharing.owner_citation


# -- mailboxes nobody uses


def test_vinh_phuc_revokes_after_three_months_counted_from_the_creation() -> None:
    pack = pack_of("vinhphuc")
    unused = mailbox(pack)

    assert first_day(unused, pack, What.INACTIVITY_REVOCATION, "2014-12-01") == "2015-02-28"
    found = due(unused, pack, "2015-02-28T10:00")[What.INACTIVITY_REVOCATION]
    assert pack.lifecycle.inactivity is not None
    assert found.citation == pack.lifecycle.inactivity.citation


def test_vinh_phuc_counts_from_the_last_access_where_there_was_one() -> None:
    pack = pack_of("vinhphuc")
    used = mailbox(pack, last_access=local("2015-02-27T08:00"))

    assert first_day(used, pack, What.INACTIVITY_REVOCATION, "2015-02-01") == "2015-05-27"


def test_three_months_end_at_the_same_time_of_day_and_not_before() -> None:
    pack = pack_of("vinhphuc")

    assert What.INACTIVITY_REVOCATION not in due(mailbox(pack), pack, "2015-02-28T09:59:59")
    assert What.INACTIVITY_REVOCATION in due(mailbox(pack), pack, "2015-02-28T10:00")


def test_a_leap_year_gives_a_day_more() -> None:
    pack = pack_of("vinhphuc")
    unused = mailbox(pack, created="2015-11-30T10:00")

    assert first_day(unused, pack, What.INACTIVITY_REVOCATION, "2015-12-01") == "2016-02-29"


def test_can_tho_suspends_after_three_months() -> None:
    pack = pack_of("cantho")

    assert first_day(mailbox(pack), pack, What.INACTIVITY_SUSPENSION, "2014-12-01") == "2015-02-28"


@pytest.mark.parametrize(
    ("notice", "revoked"),
    [
        ("2015-02-02T09:00", "2015-03-02"),  # over Tết; Saturday 14 February was worked
        ("2014-08-20T09:00", "2014-09-11"),  # over 2 September; Saturday 6 was worked
        ("2015-04-20T09:00", "2015-05-14"),  # over 28 April to 3 May; Saturday 25 April was worked
    ],
)
def test_can_tho_revokes_fifteen_working_days_after_the_notice(notice: str, revoked: str) -> None:
    pack = pack_of("cantho")
    told = mailbox(pack, state=State.SUSPENDED, since=local(notice), notice_at=local(notice))

    assert first_day(told, pack, What.UNCONFIRMED_REVOCATION, notice) == revoked


def test_a_suspension_without_notice_revokes_nothing() -> None:
    pack = pack_of("cantho")
    misused = mailbox(pack, state=State.SUSPENDED, since=local("2015-01-01T00:00"))
    told_before = replace(misused, notice_at=local("2014-12-01T00:00"))

    assert not due(misused, pack, "2016-01-01T00:00")
    assert not due(told_before, pack, "2016-01-01T00:00")


def test_dak_nong_warns_at_five_months_and_revokes_at_six() -> None:
    pack = pack_of("daknong")
    unused = mailbox(pack, created="2014-08-31T10:00")

    assert first_day(unused, pack, What.INACTIVITY_WARNING, "2014-09-01") == "2015-01-31"
    assert first_day(unused, pack, What.INACTIVITY_REVOCATION, "2014-09-01") == "2015-02-28"
    warned = replace(unused, notice_at=local("2015-01-31T12:00"))
    assert not due(warned, pack, "2015-02-10T00:00")
    assert due(warned, pack, "2015-02-28T10:00")


def test_a_warning_is_given_again_after_the_mailbox_was_used() -> None:
    pack = pack_of("daknong")
    used = mailbox(pack, notice_at=local("2014-06-01T00:00"), last_access=local("2014-06-02T00:00"))

    assert What.INACTIVITY_WARNING in due(replace(used, created=None), pack, "2014-11-02T00:00")


def test_binh_phuoc_suspends_after_six_months_and_revokes_nobody_for_it() -> None:
    pack = pack_of("binhphuoc")
    unused = mailbox(pack, created="2021-08-31T10:00")
    suspended = mailbox(
        pack, state=State.SUSPENDED, since=local("2022-03-01T02:00"), notice_at=local("2022-03-01T02:00")
    )

    assert first_day(unused, pack, What.INACTIVITY_SUSPENSION, "2021-09-01") == "2022-02-28"
    assert not due(suspended, pack, "2025-01-01T00:00")


def test_dak_lak_lets_unused_mailboxes_be() -> None:
    pack = pack_of("daklak")

    assert not due(mailbox(pack), pack, "2034-11-30T10:00")


def test_the_mailbox_of_an_agency_is_only_reported_once() -> None:
    pack = pack_of("vinhphuc")
    agency = mailbox(pack, kind=MailboxKind.AGENCY, password_set=local("2014-11-30T10:00"))

    assert set(due(agency, pack, "2015-03-01T00:00")) == {What.INACTIVITY_ALERT}
    assert not due(replace(agency, notice_at=local("2015-03-01T00:00")), pack, "2015-04-01T00:00")


def test_a_body_whose_mailbox_is_used_through_other_accounts_is_not_judged_by_sign_ins() -> None:
    pack = pack_of("vinhphuc")

    assert not due(mailbox(pack, kind=MailboxKind.AGENCY), pack, "2015-03-01T00:00")


@pytest.mark.parametrize("province", ["cantho", "vinhphuc", "daknong", "binhphuoc"])
def test_who_is_excused_is_not_counted_until_the_day_after_and_then_from_anew(province: str) -> None:
    pack = pack_of(province)
    until = local("2016-06-30T23:59:59")
    excused = mailbox(pack, exempt_until=until)
    rule = pack.lifecycle.inactivity
    assert rule is not None

    assert not due(excused, pack, "2016-06-30T23:59:58")
    assert not due(excused, pack, "2016-07-01T00:00")
    assert due(
        excused,
        pack,
        add_months(until, rule.months).astimezone(PROVINCE_ZONE).replace(tzinfo=None).isoformat(),
    )


@pytest.mark.parametrize("province", ["cantho", "vinhphuc", "daknong", "binhphuoc"])
def test_a_mailbox_opened_again_is_counted_from_then(province: str) -> None:
    pack = pack_of(province)

    opened = mailbox(pack, since=local("2016-06-01T00:00"), notice_at=local("2016-07-01T00:00"))

    assert not due(opened, pack, "2016-08-01T00:00")


# -- what stands in the entry


def test_a_leaver_is_blocked_and_revoked_at_the_moment_the_dates_say() -> None:
    pack = pack_of("binhphuoc")
    leaver = mailbox(
        pack,
        last_access=local("2021-08-30T10:00"),
        send_block_at=local("2021-08-31T00:00"),
        revoke_at=local("2022-02-28T00:00"),
    )

    assert not due(leaver, pack, "2021-08-30T23:59:59")
    assert set(due(leaver, pack, "2021-08-31T00:00")) == {What.SEND_BLOCK}
    assert set(due(leaver, pack, "2022-02-28T00:00")) == {What.REVOCATION}


@pytest.mark.parametrize("state", [State.PENDING, State.REVOKED, State.DELETED])
def test_nothing_is_due_for_what_has_not_begun_or_has_ended(state: State) -> None:
    pack = pack_of("binhphuoc")
    ended = mailbox(
        pack, state=state, revoke_at=local("2015-01-01T00:00"), delegate_until=local("2015-01-01T00:00")
    )

    assert not due(ended, pack, "2030-01-01T00:00")


def test_an_authorisation_ends_with_its_last_moment() -> None:
    pack = pack_of("daklak")
    shared = mailbox(pack, kind=MailboxKind.AGENCY, delegate_until=local("2015-01-01T00:00"))

    assert not due(shared, pack, "2014-12-31T23:59:59")
    assert (
        due(shared, pack, "2015-01-01T00:00")[What.DELEGATION_END].citation == pack.sharing.delegates_citation
    )


def test_an_expired_password_is_due_until_the_services_are_narrowed() -> None:
    pack = pack_of("cantho")
    expired = mailbox(pack, last_access=local("2015-02-01T00:00"), password_ends=local("2015-02-28T10:00"))

    assert What.PASSWORD_EXPIRED not in due(expired, pack, "2015-02-28T09:59:59")
    assert What.PASSWORD_EXPIRED in due(expired, pack, "2015-02-28T10:00")
    narrowed = replace(expired, services=frozenset({"mail", "deliver"}))
    assert not due(narrowed, pack, "2015-02-28T10:00")


def test_the_owner_is_told_a_week_before_the_password_expires() -> None:
    pack = pack_of("cantho")
    facts = mailbox(pack, last_access=local("2015-02-01T00:00"), password_ends=local("2015-02-28T10:00"))

    assert first_day(facts, pack, What.EXPIRY_WARNING, "2015-02-01", 20 + 10) == "2015-02-21"


def test_services_that_a_changed_regulation_left_behind_are_set_right() -> None:
    pack = pack_of("daklak")
    narrowed = mailbox(pack, services=frozenset({"mail", "deliver"}))

    assert set(due(narrowed, pack, "2015-01-01T00:00")) == {What.SERVICES}


# -- reminders of the regulation


@pytest.mark.parametrize(("reminders", "told"), [(0, False), (2, False), (3, True), (4, True)])
def test_can_tho_tells_the_head_after_three_reminders(reminders: int, told: bool) -> None:
    pack = pack_of("cantho")
    found = due(mailbox(pack, created="2014-11-30T10:00", reminders=reminders), pack, "2014-12-01T10:00")

    assert (What.MISUSE_REPORT in found) is told
    if told:
        assert found[What.MISUSE_REPORT].citation == pack.lifecycle.reminders_citation


@pytest.mark.parametrize("province", ["daklak", "vinhphuc", "daknong", "binhphuoc"])
def test_where_no_number_is_named_reminders_have_no_end(province: str) -> None:
    pack = pack_of(province)

    assert What.MISUSE_REPORT not in due(mailbox(pack, reminders=9), pack, "2014-12-01T10:00")


def test_nobody_is_reported_whose_mailbox_is_closed() -> None:
    pack = pack_of("cantho")
    suspended = mailbox(pack, reminders=3, state=State.SUSPENDED)

    assert What.MISUSE_REPORT not in due(suspended, pack, "2014-12-01T10:00")


# -- further addresses


TERM = Term("cu@example.vn", local("2027-07-01T00:00"), "cu@example.vn 20270630170000Z")


@pytest.mark.parametrize("province", ["cantho", "daklak", "vinhphuc", "daknong", "binhphuoc"])
def test_an_address_ends_at_its_moment_and_not_a_second_before(province: str) -> None:
    pack = pack_of(province)
    renamed = mailbox(pack, created="2027-05-30T10:00", terms=(TERM,))

    assert What.ADDRESS_END not in due(renamed, pack, "2027-06-30T23:59:59")
    found = due(renamed, pack, "2027-07-01T00:00")[What.ADDRESS_END]
    assert (found.since, found.term, found.citation) == (TERM.until, TERM, pack.unique_citation)
    assert TERM.until in set(moments(renamed))


def test_its_holder_is_told_two_weeks_before() -> None:
    pack = pack_of("daklak")
    renamed = mailbox(pack, created="2027-05-30T10:00", terms=(TERM,))

    assert first_day(renamed, pack, What.ADDRESS_WARNING, "2027-06-01", 60) == "2027-06-17"
    assert What.ADDRESS_WARNING not in due(renamed, pack, "2027-07-01T00:00")
    suspended = replace(renamed, state=State.SUSPENDED)
    assert What.ADDRESS_WARNING not in due(suspended, pack, "2027-06-20T12:00")


def test_every_address_has_its_own_end() -> None:
    pack, later = pack_of("daklak"), Term("xua@example.vn", local("2027-08-01T00:00"), "")
    renamed = mailbox(pack, created="2027-05-30T10:00", terms=(TERM, later))

    found = dues(renamed, pack, DAYS, local("2027-07-25T00:00"))
    assert [(each.what, each.term) for each in found if each.term] == [
        (What.ADDRESS_END, TERM),
        (What.ADDRESS_WARNING, later),
    ]


@pytest.mark.parametrize("state", [State.SUSPENDED, State.REVOKED, State.PENDING])
def test_it_ends_whatever_state_the_mailbox_is_in(state: State) -> None:
    pack = pack_of("binhphuoc")
    closed = mailbox(pack, created="2027-05-30T10:00", state=state, terms=(TERM,))

    assert What.ADDRESS_END in due(closed, pack, "2027-07-01T00:00")


def test_nothing_else_is_asked_of_a_list() -> None:
    pack = pack_of("vinhphuc")
    listed = mailbox(pack, is_list=True, services=frozenset({"mail"}), terms=(TERM,))

    assert set(due(listed, pack, "2027-07-01T00:00")) == {What.ADDRESS_END}
