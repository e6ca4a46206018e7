"""Điều 10 khoản 3 and Điều 11 khoản 4, and what makes a password easy to guess."""

from __future__ import annotations

import re
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.passwords import MAX_CANDIDATE_OCTETS
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from govdir.policy.password_rules import MAXIMUM_PASSWORD_CHARACTERS, NoPassword, check, generate_password
from govdir.policy.texts import Language
from tests.policy.packs import changed_pack

CANTHO = load_province("cantho")
MINH = ("Nguyễn Văn Minh", "nvminh", "sonv", "Sở Nội vụ")
GOOD = "Mưa$Rào-27"


def broken(candidate: str, *own: str, kind: MailboxKind = MailboxKind.PERSON) -> list[str]:
    return [verdict.rule for verdict in check(CANTHO, kind, candidate, own).broken]


def test_a_good_password_breaks_no_rule() -> None:
    report = check(CANTHO, MailboxKind.PERSON, GOOD, MINH)

    assert report.accepted
    assert "người dùng" in report.text(Language.VIETNAMESE)


@pytest.mark.parametrize(
    ("candidate", "rule"),
    [
        ("Mưa$R27", "password-length"),
        ("mưa$rào-27", "password-upper"),
        ("MƯA$RÀO-27", "password-lower"),
        ("Mưa$Rào-dầm", "password-digit"),
        ("MưaRào2741", "password-special"),
        ("Mưa Rào 2741", "password-special"),
        ("Mưa$Rào-27\x07", "password-control"),
        ("Mưa$Rào-27" + "".join(chr(0x4E00 + each) for each in range(120)), "password-too-long"),
    ],
)
def test_each_rule_is_broken_alone(candidate: str, rule: str) -> None:
    assert broken(candidate) == [rule]


def test_how_long_it_is_is_told_of_what_was_typed_only() -> None:
    asked, judged = (
        check(CANTHO, MailboxKind.PERSON, candidate).verdicts[0].text for candidate in ("", "Ab1#")
    )
    assert asked.en == "The password must have at least 8 characters."
    assert judged.en == "The password must have at least 8 characters (it has 4)."


def test_length_counts_characters_not_bytes() -> None:
    assert "password-length" in broken("Ấấ1!ấấấ")
    assert "password-length" in broken(unicodedata.normalize("NFD", "Ấấ1!ấấấ"))
    assert "password-length" in broken("Kê̆ê̆1!ê̆ê̆")
    assert broken("Kê̆ê̆1!ê̆ê̆m") == []


@pytest.mark.parametrize("letter", ["Đ", "Ư", "Ế", "Ƀ"])
def test_vietnamese_capitals_are_capitals(letter: str) -> None:
    assert broken(f"mưa$rào-27{letter}") == []
    assert broken(unicodedata.normalize("NFD", f"mưa$rào-27{letter}")) == []


@pytest.mark.parametrize(
    "sample",
    [
        "MatKhaus7894",
        "MatKhau$7894",
        "Matkhau@123",
        "MẬTKHẨU$7894",
        "mAtKhAu@1234",
        "Matkhau@123!x",
        "xyMatkhau@123",
        "MatKhaus#2",
    ],
)
def test_published_samples_are_refused(sample: str) -> None:
    assert "password-sample" in broken(sample)


@pytest.mark.parametrize(
    "candidate",
    [
        "Nvminh@2024",
        "NguyenVanMinh#1",
        "Nguyễn-Minh-1",
        "Minh@123456",
        "x9Nguyenvanminh!",
        "Sonv$20242",
        "SoNoiVu#2024",
        "Cantho@2024",
        "NguyenM1nh!",
    ],
)
def test_what_an_attacker_knows_of_the_account_is_refused(candidate: str) -> None:
    assert "password-own" in broken(candidate, *MINH)


def test_a_short_own_word_inside_other_words_is_no_reason() -> None:
    assert broken("Thongminh$45x", *MINH) == []


@pytest.mark.parametrize(
    "candidate",
    ["P@ssw0rd123", "Anhyeuem@1", "Qwerty@123", "1qaz@WSX", "MậtKhẩu@99", "Vietnam#1"],
)
def test_common_passwords_are_refused_in_disguise_too(candidate: str) -> None:
    assert "password-common" in broken(candidate)


@pytest.mark.parametrize(
    "candidate",
    [
        "Maatjkhaaur@1",
        "Vieetnam#12",
        "Vieejtnam#12",
        "ddOOng#0123",
        "Hanoi-Vietnam9",
        "Anh Yêu Em 99!",
        "AnhYeuEmNhieu#1",
        "emyeuanh@99",
        "Hoilamgi@123",
        "Saigon#99A",
        "xy-Hanoi@12",
    ],
)
def test_vietnamese_words_are_known_as_they_are_typed(candidate: str) -> None:
    assert "password-common" in broken(candidate)


def test_ones_own_name_is_known_as_it_is_typed() -> None:
    assert "password-own" in broken("Nguyeenx#Minh1", *MINH)
    assert "password-own" in broken("Nguyeenxvawnminh1!", *MINH)


@pytest.mark.parametrize(
    "candidate",
    [
        "Qwerty@123",
        "1qaz@WSX",
        "Asdf#4321",
        "Abcd!2345",
        "!QAZ2wsx",
        "QWEasd!23",
        "Zzzz9999!",
        "Aa1!Aa1!Aa",
        "Kx7!Kx7!",
        "Bbbb##11",
        "Nvm@123456",
    ],
)
def test_walks_and_repetitions_are_refused(candidate: str) -> None:
    assert "password-pattern" in broken(candidate)


@pytest.mark.parametrize("candidate", ["", "x", "ngắn", "Khó9"])
def test_what_is_only_short_is_called_nothing_else(candidate: str) -> None:
    assert "password-pattern" not in broken(candidate)


@pytest.mark.parametrize(
    "candidate",
    ["Nguyen@1985", "Huong#2026", "Tết-2026!", "Abc@15081985", "1985!Lan-x", "Bé#081990", "Quỳnh@20011231"],
)
def test_a_year_with_a_word_is_refused(candidate: str) -> None:
    assert "password-year" in broken(candidate)


@pytest.mark.parametrize(
    "candidate", ["Qua-Cam-Ngot-2026", "Kênh$Xáng2741", "Trời!Xanh9876b", "Sông Hậu 7 nhịp!", "Rerty9!kvm"]
)
def test_a_year_a_digit_run_or_a_short_walk_among_other_things_is_no_reason(candidate: str) -> None:
    assert broken(candidate) == []


@pytest.mark.parametrize(
    ("kind", "article"),
    [(MailboxKind.PERSON, "Điều 10 khoản 3 điểm a"), (MailboxKind.UNIT, "Điều 11 khoản 4 điểm a")],
)
def test_every_kind_cites_its_own_article(kind: MailboxKind, article: str) -> None:
    verdict = check(CANTHO, kind, "x").broken[0]

    assert verdict.citation.article == article
    assert article in verdict.line(Language.ENGLISH)
    assert article in check(CANTHO, kind, "x").text(Language.VIETNAMESE)


def test_rules_of_the_product_are_told_from_those_of_the_regulation() -> None:
    verdict = check(CANTHO, MailboxKind.PERSON, "Matkhau@123").broken[0]

    assert "security rules" in verdict.line(Language.ENGLISH)
    assert "quy tắc an toàn" in verdict.line(Language.VIETNAMESE)


def test_nobody_signs_in_to_a_list() -> None:
    with pytest.raises(NoPassword):
        check(CANTHO, MailboxKind.LIST, GOOD)


def test_a_closed_list_of_specials_is_closed() -> None:
    pack = changed_pack(
        replace=(
            'special_by = "password_classes_person"',
            'special_by = "password_classes_person"\nspecials = "!@#%$*&"',
        )
    )

    assert [each.rule for each in check(pack, MailboxKind.PERSON, "Mưa-Rào-27").broken] == [
        "password-special"
    ]
    assert check(pack, MailboxKind.PERSON, "Mưa-Rào-27&").accepted


def test_classes_the_regulation_does_not_ask_for_are_not_asked_for() -> None:
    pack = changed_pack(replace=('digit_by = "password_classes_person"\n', ""))

    assert check(pack, MailboxKind.PERSON, "Mưa$Rào-dầm").accepted


def test_a_report_does_not_hold_the_candidate() -> None:
    report = check(CANTHO, MailboxKind.PERSON, "Tuyệt-mật", MINH)

    assert "Tuyệt" not in repr(report) + report.text(Language.ENGLISH)


@given(st.integers(), st.sampled_from([MailboxKind.PERSON, MailboxKind.AGENCY, MailboxKind.UNIT]))
def test_generated_passwords_pass_and_cannot_be_misread(seed: int, kind: MailboxKind) -> None:
    password = generate_password(CANTHO, kind, Random(seed))

    assert check(CANTHO, kind, password).accepted
    assert not set(password) & set("0O1lIo|")
    groups = re.split(r"[!@#$%*&]", password)
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789")


@given(st.text(max_size=300), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_gets_a_verdict_and_its_forms_the_same(candidate: str, own: list[str]) -> None:
    composed = check(CANTHO, MailboxKind.PERSON, unicodedata.normalize("NFC", candidate), own)
    decomposed = check(CANTHO, MailboxKind.PERSON, unicodedata.normalize("NFD", candidate), own)

    assert composed.accepted == decomposed.accepted


def test_what_is_accepted_can_be_stored() -> None:
    assert (
        len(("\N{CJK UNIFIED IDEOGRAPH-20000}" * MAXIMUM_PASSWORD_CHARACTERS).encode())
        <= MAX_CANDIDATE_OCTETS
    )
