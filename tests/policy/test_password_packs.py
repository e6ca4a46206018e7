"""Every cell of the table of password rules: five provinces, each kind of mailbox, class by class."""

from __future__ import annotations

from random import Random

import pytest

from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import MailboxKind
from govdir.policy.password_rules import check, generate_password
from govdir.policy.texts import Language

PERSON, AGENCY = MailboxKind.PERSON, MailboxKind.AGENCY
EVERY_CLASS = ("length", "upper", "lower", "digit", "special")


def broken(province: str, candidate: str, kind: MailboxKind = PERSON) -> list[str]:
    found = check(load_province(province), kind, candidate).broken
    return [verdict.rule.removeprefix("password-") for verdict in found]


def asked(province: str, kind: MailboxKind) -> dict[str, str]:
    """The classes a regulation asks for, and the article by which."""
    regulation = load_province(province).document.number
    verdicts = check(load_province(province), kind, "Kênh$Xáng2741").verdicts
    return {
        each.rule.removeprefix("password-"): each.citation.article
        for each in verdicts
        if each.citation.document == regulation and each.citation.source is None
    }


@pytest.mark.parametrize(
    ("province", "kind", "classes"),
    [
        ("daklak", PERSON, ()),
        ("daklak", AGENCY, ()),
        ("vinhphuc", PERSON, ()),
        ("vinhphuc", AGENCY, ()),
        ("cantho", PERSON, EVERY_CLASS),
        ("cantho", AGENCY, EVERY_CLASS),
        ("daknong", PERSON, ("length", "upper", "lower", "special")),
        ("daknong", AGENCY, ("length", "upper", "lower", "special")),
        ("binhphuoc", PERSON, EVERY_CLASS),
        ("binhphuoc", AGENCY, EVERY_CLASS),
    ],
)
def test_the_regulation_asks_for_these_classes_and_no_others(
    province: str, kind: MailboxKind, classes: tuple[str, ...]
) -> None:
    assert tuple(asked(province, kind)) == classes


@pytest.mark.parametrize(
    ("province", "article"),
    [("cantho", "Điều 10 khoản 3"), ("daknong", "Điều 12 khoản 1"), ("binhphuoc", "Điều 9")],
)
def test_each_class_cites_the_article_that_asks_for_it(province: str, article: str) -> None:
    assert all(each.startswith(article) for each in asked(province, PERSON).values())


@pytest.mark.parametrize(
    ("province", "months"),
    [("daklak", None), ("vinhphuc", None), ("cantho", 3), ("daknong", None), ("binhphuoc", 1)],
)
def test_how_often_people_change(province: str, months: int | None) -> None:
    rules = load_province(province).mailboxes[PERSON].password

    assert rules is not None
    assert rules.rotation_months == months


def test_shared_mailboxes_of_can_tho_change_more_often() -> None:
    rules = load_province("cantho").mailboxes[AGENCY].password

    assert rules is not None
    assert rules.rotation_months == 2


@pytest.mark.parametrize(
    ("candidate", "refused_by"),
    [
        (
            "kênhxáng",
            {"cantho": "upper digit special", "daknong": "upper special", "binhphuoc": "upper digit special"},
        ),
        ("Kênh-Xáng", {"cantho": "digit", "binhphuoc": "digit special"}),
        ("Kênh^Xáng2741", {"binhphuoc": "special"}),
        ("Kênh^Xáng2741&", {}),
        ("Kênh.Xáng2741", {"binhphuoc": "special"}),
        ("Kênh$Xáng2741", {}),
        ("KÊNH$XÁNG2741", {"cantho": "lower", "daknong": "lower", "binhphuoc": "lower"}),
        ("Kênh$2", dict.fromkeys(("cantho", "daklak", "vinhphuc", "daknong", "binhphuoc"), "length")),
    ],
)  # fmt: skip
def test_one_password_before_five_regulations(candidate: str, refused_by: dict[str, str]) -> None:
    five = ("binhphuoc", "cantho", "daklak", "daknong", "vinhphuc")
    found = {province: " ".join(broken(province, candidate)) for province in five}

    assert {province: rules for province, rules in found.items() if rules} == refused_by


@pytest.mark.parametrize("special", "!@#%$*&")
def test_each_special_of_dieu_9_is_enough_for_binh_phuoc(special: str) -> None:
    assert broken("binhphuoc", f"Kênh{special}Xáng2741") == []
    assert broken("binhphuoc", f"Kênh{special}Xáng") == ["digit"]


@pytest.mark.parametrize("special", "^+-_=?.,;:'\"()[]{}<>/|\\~`")
def test_other_specials_are_not_but_may_be_there(special: str) -> None:
    assert broken("binhphuoc", f"Kênh{special}Xáng2741") == ["special"]
    assert broken("binhphuoc", f"Kênh{special}Xáng&2741") == []
    assert broken("daknong", f"Kênh{special}Xáng") == []


def test_the_closed_list_is_told_to_who_used_another() -> None:
    report = check(load_province("binhphuoc"), PERSON, "Kênh^Xáng2741")

    assert "! @ # % $ * &" in report.text(Language.VIETNAMESE)
    assert "Điều 9" in report.text(Language.ENGLISH)


@pytest.mark.parametrize("province", shipped_provinces())
@pytest.mark.parametrize("candidate", ["MatKhaus7894", "MatKhau$7894", "Matkhau@123", "matKHAU@1234!"])
def test_no_province_takes_a_sample_that_any_has_published(province: str, candidate: str) -> None:
    assert "sample" in broken(province, candidate)


@pytest.mark.parametrize("province", shipped_provinces())
def test_no_province_takes_its_own_names(province: str) -> None:
    pack = load_province(province)
    label = pack.domain.partition(".")[0]

    for candidate in (f"{label.capitalize()}@2026!", f"{label.upper()}#27x".replace("x", "")):
        assert {"own", "common"} & set(broken(province, candidate))


@pytest.mark.parametrize("province", shipped_provinces())
def test_a_generated_password_is_good_in_every_province(province: str) -> None:
    random = Random(9)
    for kind, rules in load_province(province).mailboxes.items():
        if rules.password is None:
            continue
        for _ in range(50):
            password = generate_password(load_province(province), kind, random)
            assert [other for other in shipped_provinces() if broken(other, password)] == []
