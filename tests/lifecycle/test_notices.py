"""Who is told what of a mailbox, in letters ready to be sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.lifecycle.dues import Due, What
from govdir.lifecycle.notices import Contacts, Notice, notice_of
from govdir.mailattrs.address_terms import Term
from govdir.policy.load import load_province
from tests.lifecycle.test_dues import mailbox

PEOPLE = Contacts("minh@example.vn", "sonv@example.vn", "an@example.vn", "Sở Nội vụ")
SINCE = datetime(2026, 3, 2, 10, tzinfo=PROVINCE_ZONE)
BASE = datetime(2025, 12, 2, 10, tzinfo=PROVINCE_ZONE)
TERM = Term("cu@example.vn", datetime(2026, 3, 16, 17, tzinfo=UTC), "cu@example.vn 20260316170000Z")


def letter(what: What, province: str = "cantho", contacts: Contacts = PEOPLE) -> Notice:
    pack = load_province(province)
    facts = replace(mailbox(pack), name="Nguyễn Văn Minh", password_ends=SINCE, reminders=3)
    return notice_of(facts, Due(what, SINCE, pack.state_citation, BASE, TERM), pack, contacts)


@pytest.mark.parametrize("what", [what for what in What if what is not What.SERVICES])
@pytest.mark.parametrize("province", ["cantho", "daklak", "vinhphuc", "daknong", "binhphuoc"])
def test_every_letter_names_the_mailbox_and_the_rule_and_leaves_no_blank(what: What, province: str) -> None:
    found = letter(what, province)

    assert found.to
    assert "minh@example.vn" in found.subject
    assert "Nguyễn Văn Minh" in found.text
    assert load_province(province).state_citation.place in found.text
    assert "ngày  " not in found.text
    assert "ngày ," not in found.text
    assert "{" not in found.text


def test_the_holder_is_told_when_an_address_ends_and_that_nobody_else_gets_it() -> None:
    before, after = letter(What.ADDRESS_WARNING), letter(What.ADDRESS_END)

    assert before.to == after.to == ("minh@example.vn", "sonv@example.vn")
    said = (
        "cu@example.vn của hộp thư minh@example.vn (Nguyễn Văn Minh) thôi nhận thư từ 00:00 ngày 17/03/2026"
    )
    assert f"{said}. Đề nghị báo cho những nơi còn gửi thư" in before.text
    assert f"{said}; địa chỉ đó không cấp cho hộp thư khác." in after.text


def test_what_only_sets_services_right_concerns_nobody() -> None:
    assert letter(What.SERVICES) == Notice(PEOPLE)


def test_the_agency_is_told_of_a_suspension_first_with_the_days_it_has() -> None:
    found = letter(What.INACTIVITY_SUSPENSION)

    assert found.to == ("sonv@example.vn", "minh@example.vn")
    assert found.text.startswith("Kính gửi: Sở Nội vụ\n")
    assert "không được sử dụng từ ngày 02/12/2025" in found.text
    assert "Trong 15 ngày làm việc" in found.text


def test_where_nothing_follows_a_suspension_no_days_are_named() -> None:
    assert "ngày làm việc" not in letter(What.INACTIVITY_SUSPENSION, "binhphuoc").text


def test_the_owner_who_has_left_is_not_written_to() -> None:
    found = letter(What.OWNER_LEFT)

    assert found.to == ("sonv@example.vn",)
    assert "từ ngày 02/03/2026" in found.text


def test_a_password_about_to_expire_concerns_its_holder_only() -> None:
    assert letter(What.EXPIRY_WARNING).to == ("minh@example.vn",)


def test_the_help_desk_is_named_where_there_is_one() -> None:
    assert "hotro@binhphuoc.gov.vn" in letter(What.SEND_BLOCK, "binhphuoc").text
    assert "liên hệ" not in letter(What.SEND_BLOCK, "cantho").text


def test_nobody_gets_a_letter_twice_and_without_an_address_there_is_none() -> None:
    of_a_body = Contacts("sonv@example.vn", "sonv@example.vn", "", "Sở Nội vụ")

    assert letter(What.INACTIVITY_ALERT, contacts=of_a_body).to == ("sonv@example.vn",)
    assert letter(What.REVOCATION, contacts=Contacts()) == Notice(Contacts())


@pytest.mark.parametrize("what", [What.REVOCATION, What.INACTIVITY_REVOCATION, What.UNCONFIRMED_REVOCATION])
def test_a_revoked_mailbox_gets_no_letter_which_would_come_back(what: What) -> None:
    assert letter(what).to == ("sonv@example.vn",)
    assert letter(what, contacts=Contacts(owner="minh@example.vn")).to == ()


def test_misuse_is_told_to_the_head() -> None:
    found = letter(What.MISUSE_REPORT)

    assert found.to == ("an@example.vn", "sonv@example.vn")
    assert "Kính gửi: Thủ trưởng Sở Nội vụ" in found.text
    assert "nhắc nhở 3 lần" in found.text
