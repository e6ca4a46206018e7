"""`govdir mailbox remind`: breaches are counted, and after the regulation's number the head is told."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command_line import govdir
from tests.cli.office import MINH, answer, change_number, refused, texts


def remind(home: Path, reason: str = "Gửi thư quảng cáo", *more: str) -> dict[str, object]:
    found: dict[str, object] = answer("mailbox", "remind", home, "nvminh", "--reason", reason, *more)
    return found


def test_a_reminder_is_one_change_with_its_number_and_reason(office: Path) -> None:
    before = change_number(office)

    first = remind(office)

    assert (first["reminders"], first["limit"], first["tell"]) == (1, 3, [])
    assert "Điều 14 khoản 2" in str(first["citation"])
    assert change_number(office) == before + 1
    assert texts(office, MINH, "gdReminderCount") == ("1",)
    assert "Gửi thư quảng cáo" in texts(office, MINH, "gdStateReason")[0]
    assert remind(office, "Lại gửi thư quảng cáo")["reminders"] == 2


def test_the_letter_goes_to_the_holder_and_the_agency_in_vietnamese(office: Path) -> None:
    letter = remind(office, "Gửi thư quảng cáo ngày 3/2")

    assert letter["to"] == ["nvminh@cantho.gov.vn", "sonv@cantho.gov.vn"]
    text = str(letter["text"])
    assert text.startswith("Kính gửi: Nguyễn Văn Minh\n")
    assert "Nhắc nhở lần thứ 1 đối với hộp thư nvminh@cantho.gov.vn" in text
    assert "Gửi thư quảng cáo ngày 3/2. Đề nghị" in text
    assert "Điều 14 khoản 2" in text


def test_at_the_third_reminder_it_says_whom_to_tell_by_which_rule(office: Path) -> None:
    remind(office)
    remind(office)

    third = remind(office)

    assert third["tell"] == ["tqan@cantho.gov.vn", "sonv@cantho.gov.vn"]
    assert "Kính gửi: Thủ trưởng Sở Nội vụ" in str(third["tell_text"])
    assert "Sau 03 lần nhắc nhở" in str(third["tell_text"])
    spoken = govdir("mailbox", "remind", office, "nvminh", "--reason", "nữa", locale="vi_VN.UTF-8").stdout
    assert "Báo cho tqan@cantho.gov.vn, sonv@cantho.gov.vn" in spoken
    assert "Đã nhắc nhở 4 lần: Sau 03 lần nhắc nhở" in spoken
    assert "Điều 14 khoản 2" in spoken


def test_the_list_of_what_is_due_says_so_until_the_agency_has_confirmed(office: Path) -> None:
    def reports() -> list[dict[str, object]]:
        items = answer("lifecycle", "run", office, "--dry-run")["items"]
        return [item for item in items if item["what"] == "misuse-report"]

    remind(office)
    remind(office)
    assert reports() == []
    remind(office)

    (row,) = reports()
    assert (row["mail"], row["head"], row["agency"]) == (
        "nvminh@cantho.gov.vn",
        "tqan@cantho.gov.vn",
        "sonv@cantho.gov.vn",
    )
    assert row["tell"] == ["tqan@cantho.gov.vn", "sonv@cantho.gov.vn"]
    assert row["article"] == "Điều 14 khoản 2"
    assert answer("mailbox", "show", office, "nvminh")["reminders"] == 3

    assert govdir("mailbox", "confirm", office, "nvminh").exit_code == 0
    assert reports() == []
    assert texts(office, MINH, "gdReminderCount") == ()
    assert remind(office)["reminders"] == 1


def test_who_cannot_use_the_mailbox_is_not_reminded(office: Path) -> None:
    assert govdir("mailbox", "suspend", office, "nvminh", "--reason", "Phát tán thư rác").exit_code == 0

    assert "suspended" in refused("mailbox", "remind", office, "nvminh", "--reason", "x")
    assert texts(office, MINH, "gdStateReason") == ("Phát tán thư rác",)


def test_a_reminder_needs_a_reason(office: Path) -> None:
    assert govdir("mailbox", "remind", office, "nvminh").exit_code == 2
