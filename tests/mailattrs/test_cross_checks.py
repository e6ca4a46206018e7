"""What a second reading of the regulations, made apart from the program, found to differ."""

from __future__ import annotations

import unicodedata

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.mailattrs.addresses import HumanDecides, propose_address
from govdir.mailattrs.names import InvalidPersonName, split
from govdir.mailattrs.rules import MailRules
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind
from tests.mailattrs.entries import BODY, OFFICER, OPERATOR, Around, Asker, agency, entry, in_agency, person
from tests.mailattrs.small_province import SmallProvince

INFORMATION = (("agency", "Sở Thông tin và Truyền thông"),)
ENDED = "20250701000000Z"
EVERYBODY = [OFFICER, OPERATOR]


def leader(name: str, **parts: str) -> str:
    found = propose_address(load_province("daklak"), MailboxKind.LEADER, name, **parts)
    assert not isinstance(found, HumanDecides)
    return found.local_part


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("H'Yim Kđoh", "hyimkdoh"),
        ("Y Biêr Niê", "ybiernie"),
        ("Y Ngông Niê Kđăm", "yngongniekdam"),
        ("Hoàng Trọng Hải", "hoangtronghai"),
        ("Tôn Nữ Thị Ninh", "tonnuthininh"),
        ("Nay H'Nan", "nayhnan"),
        ("Y Krang", "ykrang"),
    ],
)
def test_a_leaders_full_name_is_in_the_order_people_write_it(name: str, address: str) -> None:
    assert leader(name) == address


def test_the_stated_parts_of_a_leader_go_before_the_western_order() -> None:
    assert leader("Hải Hoàng Trọng", surname="Hoàng", middle="Trọng", given="Hải") == "hoangtronghai"


@pytest.mark.parametrize("marker", ["H'", "H’", "h'", "K'", " K' "])
def test_what_only_stands_in_front_of_a_name_is_none(marker: str) -> None:
    with pytest.raises(InvalidPersonName, match="H'Nghia"):
        split(marker)


def test_a_given_name_may_be_one_letter() -> None:
    assert split("Ý").given_key == "y"
    assert split("Nguyễn Thị Như Y").given == "Y"


@pytest.mark.parametrize("name", ["Nguyễn V.Minh", "Nguyễn V. Minh", "N.V.Minh", "N. V. Minh"])
def test_an_initial_with_its_dot_is_a_word(name: str) -> None:
    here = SmallProvince("daknong")

    assert here.person(name, INFORMATION) == "minhnv.stttt@daknong.gov.vn"


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_names_are_stored_composed_however_they_were_typed() -> None:
    here = SmallProvince("daknong")
    typed = person(
        decomposed("Nguyễn Văn Huệ"),
        sn=decomposed("Nguyễn"),
        displayName=decomposed("Cô Huệ"),
        title="Kế toán",
    )
    here.add(typed, INFORMATION)

    assert (typed.text("cn"), typed.text("sn"), typed.text("displayName"), typed.text("givenName")) == (
        "Nguyễn Văn Huệ",
        "Nguyễn",
        "Cô Huệ",
        "Huệ",
    )
    body = here.body("agency", decomposed("Sở Nội vụ"))
    assert body.text("displayName") == "Sở Nội vụ"


def test_a_changed_title_is_stored_composed_too() -> None:
    here = SmallProvince("daknong")
    stored = person("Nguyễn Văn Huệ")
    here.add(stored, INFORMATION)
    after = stored.copy()
    after.replace("title", (decomposed("Kế toán trưởng"),))

    here.rules.complete_modify(stored, after, here.around, OFFICER)

    assert after.text("title") == "Kế toán trưởng"


# -- the addresses of lists


def other_mailbox(kind: str, address: str) -> Attributes:
    return {
        "person": lambda: person("Nguyễn Văn Minh", mailLocalAddress=address),
        "unit": lambda: entry(
            BODY, ou="vt", displayName="Văn thư", gdOrgKind="unit", mailLocalAddress=address
        ),
        "named unit": lambda: entry(BODY, ou="vt", displayName="Văn thư", gdOrgKind="unit", mail=address),
        "labelled unit": lambda: entry(BODY, ou="internal", gdOrgKind="unit", mail=address),
        "function": lambda: entry(
            ("top", "applicationProcess", "gdMailbox"), cn="vt", gdMailboxKind="role", mail=address
        ),
    }[kind]()


@pytest.mark.parametrize("asker", EVERYBODY)
@pytest.mark.parametrize("kind", ["person", "unit", "named unit", "labelled unit", "function"])
def test_what_lists_are_called_is_kept_for_lists(kind: str, asker: Asker) -> None:
    here = SmallProvince("daknong")

    with pytest.raises(RuleViolation) as refused:
        here.add(other_mailbox(kind, "internal.stttt@daknong.gov.vn"), INFORMATION, by=asker)

    assert refused.value.rule == "address-reserved"
    assert here.list("Toàn thể", INFORMATION) == "internal.stttt@daknong.gov.vn"


def test_no_alias_is_what_lists_are_called_either() -> None:
    here = SmallProvince("daknong")
    for alias in ("internal.stttt@daknong.gov.vn", "internal.snv@daknong.gov.vn", "internal@daknong.gov.vn"):
        with pytest.raises(RuleViolation) as refused:
            here.body("agency", "Sở Tài chính", mailLocalAddress=alias)
        assert refused.value.rule == "address-reserved"


def test_a_unit_called_as_lists_are_gets_another_address() -> None:
    here = SmallProvince("daknong")

    made = here.body("unit", "internal=Phòng Nội bộ", INFORMATION)

    assert made.text("mail") == "pnbo.stttt@daknong.gov.vn"


def test_where_lists_have_no_word_of_their_own_nothing_more_is_kept() -> None:
    here = SmallProvince("cantho")

    assert here.pack.list_words == frozenset()
    assert here.person("Nguyễn Văn Minh", (("agency", "Sở Nội vụ"),)) == "nvminh@cantho.gov.vn"


# -- bodies that are no more


def moved_to(body: Attributes, *, moved: bool, **changes: str) -> None:
    rules = MailRules(load_province("cantho"))
    here = person("Nguyễn Văn Minh")
    rules.complete_add(here, Around(above=(agency("sotc", "Sở Tài chính"),)), OPERATOR)
    after = here.copy()
    for name, value in changes.items():
        after.replace(name, (value,))
    rules.complete_modify(here, after, Around(above=(body,), moved=moved), OPERATOR)


@pytest.mark.parametrize("dates", [{"gdValidTo": ENDED}, {"gdValidFrom": "20270101000000Z"}])
def test_nobody_is_moved_into_a_body_that_takes_no_new_mailboxes(dates: dict[str, str]) -> None:
    with pytest.raises(RuleViolation) as refused:
        moved_to(agency("sonv", "Sở Nội vụ", **dates), moved=True)

    assert refused.value.rule == "body-validity"
    assert "Sở Nội vụ" in refused.value.diagnostic


def test_the_people_of_a_body_that_has_ended_are_still_run() -> None:
    moved_to(agency("sonv", "Sở Nội vụ", gdValidTo=ENDED), moved=False, gdState="suspended", title="Cán bộ")


def test_a_body_that_exists_takes_people_from_elsewhere() -> None:
    moved_to(agency("sonv", "Sở Nội vụ", gdValidTo="20270101000000Z"), moved=True)


# -- bodies' names and labels


@pytest.mark.parametrize("name", ["Ѕở Nội vụ", "Sở Nộі vụ", "Sở 😀", "Hội 越華", "Sở Ngoại vụ ★"])
def test_letters_that_only_look_latin_do_not_vanish_from_a_label(name: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        SmallProvince("cantho").body("agency", name)

    assert refused.value.rule == "name"


@pytest.mark.parametrize("label", ["internal", "postmaster", "admin"])
def test_no_agencys_label_is_a_reserved_name(label: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        SmallProvince("daklak").body("agency", f"{label}=Sở Nội bộ", mail="sonoibo@daklak.gov.vn")

    assert refused.value.rule == "label-reserved"


def test_who_stands_in_no_body_is_told_the_rule_on_people() -> None:
    with pytest.raises(RuleViolation) as refused:
        SmallProvince("daklak").person("Lê Thị Mơ")

    assert "Hộp thư cá nhân" in refused.value.diagnostic


@pytest.mark.parametrize("check", [AddressCheck.STRICT, AddressCheck.LADDER])
def test_a_taken_address_is_refused_in_the_same_words_when_brought_in(check: AddressCheck) -> None:
    near = in_agency("nvminh")

    with pytest.raises(RuleViolation) as refused:
        MailRules(load_province("cantho"), address_check=check).complete_add(
            person("Nguyễn Văn Minh", mail="NVMinh@cantho.gov.vn"), near, OPERATOR
        )

    assert refused.value.rule == "address-taken"
    assert "Địa chỉ đúng: nvanminh@cantho.gov.vn" in refused.value.diagnostic
