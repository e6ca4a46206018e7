"""The day somebody leaves: what follows from it, and what becomes of the mailbox on the days that follow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.errors import RuleViolation
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.mailattrs.leaving import terms
from govdir.mailattrs.moments import day_of, start_of
from govdir.policy.duties import Leaving
from govdir.policy.kinds import RankClass
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import Pack
from tests.mailattrs.test_state_changes import Mailbox

LEFT = "20210831000000+0700"
BEFORE = datetime(2021, 8, 1, tzinfo=UTC)


def day(text: str | None) -> str | None:
    """The province's day of a stored date, which must be its first moment."""
    if text is None:
        return None
    moment = datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC).astimezone(PROVINCE_ZONE)
    assert (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.date().isoformat()


def dates(mailbox: Mailbox) -> tuple[str | None, str | None]:
    return day(mailbox.entry.text("gdSendBlockAt")), day(mailbox.entry.text("gdRevokeAt"))


@pytest.fixture
def pack() -> Pack:
    return load_province("binhphuoc")


@pytest.fixture
def staff(pack: Pack) -> Mailbox:
    return Mailbox(pack, gdRankClass="staff").at(BEFORE)


@pytest.fixture
def leader(pack: Pack) -> Mailbox:
    return Mailbox(pack, gdRankClass="leader").at(BEFORE)


def test_binh_phuocs_staff_who_leave_on_31_august_2021(staff: Mailbox) -> None:
    staff.change(gdLeavingAt=LEFT)

    assert dates(staff) == ("2021-08-31", "2022-02-28")


def test_binh_phuocs_leaders_who_leave_on_31_august_2021(leader: Mailbox) -> None:
    leader.change(gdLeavingAt=LEFT)

    assert dates(leader) == ("2021-09-30", "2022-08-31")


@pytest.mark.parametrize(
    ("left", "dates_of_staff"),
    [
        ("20230831", ("2023-08-31", "2024-02-29")),
        ("20240229", ("2024-02-29", "2024-08-29")),
        ("20231130", ("2023-11-30", "2024-05-30")),
    ],
)
def test_terms_end_on_the_last_day_of_a_month_that_is_too_short(
    staff: Mailbox, left: str, dates_of_staff: tuple[str, str]
) -> None:
    staff.change(gdLeavingAt=f"{left}000000+0700")

    assert dates(staff) == dates_of_staff


@pytest.mark.parametrize(
    "moment", ["20210830170000Z", "20210831093000+0700", "20210831165959Z", "20210831235959.9+0700"]
)
def test_any_time_of_the_day_in_vietnam_is_that_day(staff: Mailbox, moment: str) -> None:
    staff.change(gdLeavingAt=moment)

    assert staff.entry.text("gdLeavingAt") == "20210830170000Z"


def test_midnight_is_vietnams_and_not_that_of_utc(staff: Mailbox) -> None:
    staff.change(gdLeavingAt="20210831170000Z")

    assert dates(staff)[0] == "2021-09-01"


def test_dates_that_come_with_the_day_are_kept(staff: Mailbox) -> None:
    staff.change(gdLeavingAt=LEFT, gdRevokeAt="20211231170000Z")

    assert dates(staff) == ("2021-08-31", "2022-01-01")


def test_a_new_mailbox_may_come_with_its_last_day(pack: Pack) -> None:
    made = Mailbox(pack, gdLeavingAt="20270630000000+0700", gdRankClass="staff")

    assert dates(made) == ("2027-06-30", "2027-12-30")


def test_a_mailbox_from_another_home_keeps_its_dates_as_they_are(pack: Pack) -> None:
    """Its sending was given back there by hand: the block that the day would bring is none of it."""
    moved = Mailbox(
        pack, gdLeavingAt="20260101000000+0700", gdRevokeAt="20270101000000Z", gdStateSince="20260101000000Z"
    )

    assert (moved.state, moved.entry.text("gdSendBlockAt")) == ("active", None)


def test_taking_the_day_back_takes_back_what_followed_from_it(staff: Mailbox) -> None:
    staff.change(gdLeavingAt=LEFT)
    staff.change(gdLeavingAt=())

    assert dates(staff) == (None, None)


def test_taking_the_day_back_leaves_a_date_set_by_hand(staff: Mailbox) -> None:
    staff.change(gdLeavingAt=LEFT, gdRevokeAt="20211231170000Z")
    staff.change(gdLeavingAt=())

    assert dates(staff) == (None, "2022-01-01")


def test_another_day_and_another_rank_set_the_dates_anew(staff: Mailbox) -> None:
    staff.change(gdLeavingAt=LEFT)
    staff.change(gdRankClass="leader")
    assert dates(staff) == ("2021-09-30", "2022-08-31")

    staff.change(gdLeavingAt="20210930000000+0700")
    assert dates(staff) == ("2021-10-30", "2022-09-30")


def test_another_rank_leaves_a_date_set_by_hand(staff: Mailbox) -> None:
    staff.change(gdLeavingAt=LEFT, gdRevokeAt="20211231170000Z")
    staff.change(gdRankClass="leader")

    assert dates(staff) == ("2021-09-30", "2022-01-01")


def test_a_rank_that_is_none_is_refused(staff: Mailbox) -> None:
    assert staff.refusal(gdRankClass="boss").rule == "rank"


@pytest.mark.parametrize("day", ["99991231000000Z", "00000101000000Z", "20210230000000Z", "tomorrow"])
def test_a_day_that_is_none_is_refused_with_how_to_write_one(staff: Mailbox, day: str) -> None:
    refused = staff.refusal(gdLeavingAt=day)

    assert (refused.rule, "20210831000000+0700" in refused.diagnostic) == ("leaving", True)


def test_a_day_in_the_past_acts_with_the_request(staff: Mailbox) -> None:
    staff.at(datetime(2021, 9, 15, tzinfo=UTC)).change(gdLeavingAt=LEFT)

    assert (staff.state, "smtp" in staff.services) == ("sendblocked", False)
    assert staff.entry.text("gdStateReason") == (
        "Khóa chức năng gửi từ ngày 31/08/2021: "
        + staff.rules._pack.lifecycle.leaving[RankClass.STAFF].citation.text(staff.rules._refusals.language)
    )


def test_a_day_long_past_revokes_with_the_request(staff: Mailbox) -> None:
    staff.at(datetime(2022, 2, 27, 17, tzinfo=UTC)).change(gdLeavingAt=LEFT)

    assert (staff.state, staff.entry.text("accountStatus")) == ("revoked", "disabled")


@pytest.mark.parametrize("seconds", [-1, 0])
def test_a_date_acts_from_its_very_second_on(staff: Mailbox, seconds: int) -> None:
    moment = datetime(2021, 8, 30, 17, tzinfo=UTC) + timedelta(seconds=seconds)

    staff.at(moment).change(gdLeavingAt=LEFT)

    assert staff.state == ("active" if seconds < 0 else "sendblocked")


def test_a_leave_that_is_put_off_gives_sending_back(staff: Mailbox) -> None:
    staff.at(datetime(2021, 9, 15, tzinfo=UTC)).change(gdLeavingAt=LEFT)
    staff.change(gdLeavingAt="20211231000000+0700")

    assert (staff.state, staff.entry.text("gdStateReason")) == ("active", None)


def test_a_leave_that_is_called_off_leaves_a_block_made_by_hand(staff: Mailbox) -> None:
    staff.change(gdLeavingAt="20210803000000+0700", gdState="sendblocked", gdStateReason="Đang xác minh")
    staff.at(BEFORE + timedelta(days=5)).change(gdLeavingAt=())

    assert (staff.state, staff.entry.text("gdStateReason")) == ("sendblocked", "Đang xác minh")


def test_who_was_revoked_by_a_date_does_not_come_back_by_taking_it_away(staff: Mailbox) -> None:
    staff.at(datetime(2022, 3, 1, tzinfo=UTC)).change(gdLeavingAt=LEFT)
    staff.change(gdLeavingAt=())

    assert staff.state == "revoked"


def test_sending_that_is_given_back_by_hand_stays_given_back(staff: Mailbox) -> None:
    staff.at(datetime(2021, 9, 15, tzinfo=UTC)).change(gdLeavingAt=LEFT)
    staff.change(gdState="active")
    staff.change(gdPosition="Cố vấn")

    assert (staff.state, dates(staff)) == ("active", (None, "2022-02-28"))


def test_who_comes_back_after_a_revocation_has_not_left(staff: Mailbox) -> None:
    staff.at(datetime(2022, 3, 1, tzinfo=UTC)).change(gdLeavingAt=LEFT)
    staff.change(gdState="active", new_password=True)

    assert (staff.state, staff.entry.text("gdLeavingAt"), dates(staff)) == ("active", None, (None, None))


def test_a_suspended_leaver_is_opened_without_sending(staff: Mailbox) -> None:
    staff.at(datetime(2021, 9, 15, tzinfo=UTC)).change(gdLeavingAt=LEFT)
    staff.change(gdState="suspended")
    staff.change(gdState="active", new_password=True)

    assert staff.state == "sendblocked"


@pytest.mark.parametrize("province", shipped_provinces())
@pytest.mark.parametrize("rank", RankClass)
def test_every_pack_dates_a_leaver_of_every_rank(province: str, rank: RankClass) -> None:
    pack = load_province(province)
    rule = pack.lifecycle.leaving[rank]
    made = Mailbox(pack, gdRankClass=rank.value, gdLeavingAt="20270131000000+0700")

    expected = terms(rule, start_of(day_of(datetime(2027, 1, 31, tzinfo=UTC))))
    assert dates(made) == tuple(
        None if each is None else day_of(each).isoformat()
        for each in (expected.send_block_at, expected.revoke_at)
    )


@pytest.mark.parametrize(
    ("post", "rank_terms"),
    [("Giám đốc", ("2027-02-28", "2028-01-31")), ("Trưởng phòng", ("2027-01-31", "2027-07-31"))],
)
def test_without_a_rank_the_post_decides(pack: Pack, post: str, rank_terms: tuple[str, str]) -> None:
    made = Mailbox(pack, gdPosition=post, gdLeavingAt="20270131000000+0700")

    assert dates(made) == rank_terms


@given(
    left=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    months=st.integers(0, 24),
)
def test_a_term_ends_on_the_same_day_or_the_last_of_a_later_month(left: datetime, months: int) -> None:
    since = start_of(day_of(left))

    end = day_of(
        terms(Leaving(months, months, load_province("cantho").state_citation), since).revoke_at or since
    )

    start = day_of(left)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).day == 1)


def test_a_refused_day_changes_nothing(staff: Mailbox) -> None:
    before = staff.entry.as_messages()
    with pytest.raises(RuleViolation):
        staff.change(gdLeavingAt="99991231000000Z")

    assert staff.entry.as_messages() == before
