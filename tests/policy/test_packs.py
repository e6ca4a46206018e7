"""The five shipped packs: complete, cited, and giving the addresses that the regulations print."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources

import pytest

from govdir.mailattrs.addresses import Proposal, propose_address
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import Example

FIVE = ("binhphuoc", "cantho", "daklak", "daknong", "vinhphuc")
MIB = 1024**2
GIB = 1024**3
EXAMPLES = [
    (province, example) for province in shipped_provinces() for example in load_province(province).examples
]


def source_of(province: str) -> dict[str, object]:
    text = resources.files("govdir.policy").joinpath("packs", f"{province}.toml").read_text("utf-8")
    return tomllib.loads(text)


def cited(value: object, key: str = "") -> Iterator[str]:
    """The names of the citations that rules refer to."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from cited(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from cited(inner, key)
    elif isinstance(value, str) and (key == "by" or key.endswith("_by") or key == "other_rules"):
        yield value


@pytest.mark.parametrize(("province", "example"), EXAMPLES)
def test_every_example_of_a_pack_comes_out_of_its_rules(province: str, example: Example) -> None:
    outcome = propose_address(
        load_province(province), example.kind, example.name, example.parent, example.taken
    )

    assert isinstance(outcome, Proposal)
    assert outcome.address == example.address


@pytest.mark.parametrize("province", shipped_provinces())
def test_no_citation_stands_in_a_pack_without_a_rule(province: str) -> None:
    source = source_of(province)

    assert set(cited(source)) == set(load_province(province).citations)


@pytest.mark.parametrize("province", shipped_provinces())
def test_every_rule_of_a_regulation_names_its_article_and_others_their_source(province: str) -> None:
    for citation in load_province(province).citations.values():
        assert citation.article.startswith(("Điều ", "Căn cứ ")) is (citation.source is None)
        assert citation.wording.vi
        assert citation.wording.en
        assert citation.wording.vi != citation.wording.en


@pytest.mark.parametrize("province", FIVE)
def test_every_mailbox_somebody_signs_in_to_has_eight_characters_at_least(province: str) -> None:
    pack = load_province(province)

    lengths = {
        kind: rules.password.minimum_length for kind, rules in pack.mailboxes.items() if rules.password
    }

    assert set(lengths) == set(pack.mailboxes) - {MailboxKind.LIST}
    assert set(lengths.values()) == {8}


@pytest.mark.parametrize("province", shipped_provinces())
def test_ordinary_given_names_are_not_unlucky(province: str) -> None:
    unlucky = load_province(province).unlucky

    assert not unlucky & {"phuc", "quy", "dung", "hien", "diem", "hiep", "cuc", "dan", "khi", "tham", "long"}
    assert "sida" in unlucky


PEOPLE = {MailboxKind.PERSON, MailboxKind.LEADER}
BODIES = {kind for kind in MailboxKind if kind.is_body}


@pytest.mark.parametrize(
    ("province", "months", "consequence", "kinds", "days"),
    [
        ("vinhphuc", 3, "revoke", PEOPLE, None),
        ("cantho", 3, "suspend", PEOPLE, 15),
        ("daknong", 6, "revoke", PEOPLE | BODIES, None),
        ("binhphuoc", 6, "suspend", PEOPLE | BODIES, None),
    ],
)
def test_unused_mailboxes_are_treated_as_the_regulation_says(
    province: str, months: int, consequence: str, kinds: set[MailboxKind], days: int | None
) -> None:
    unused = load_province(province).lifecycle.inactivity

    assert unused is not None
    assert (unused.months, unused.consequence, unused.kinds) == (months, consequence, kinds)
    assert unused.revoke_working_days == days


def test_where_the_regulation_is_silent_nobody_loses_an_unused_mailbox() -> None:
    assert load_province("daklak").lifecycle.inactivity is None


@pytest.mark.parametrize(
    ("province", "rank", "block", "revoke"),
    [
        ("binhphuoc", RankClass.STAFF, 0, 6),
        ("binhphuoc", RankClass.LEADER, 1, 12),
        *(
            (province, rank, None, 0)
            for province in ("cantho", "daklak", "vinhphuc", "daknong")
            for rank in RankClass
        ),
    ],
)
def test_leavers_lose_their_mailbox_when_the_regulation_says(
    province: str, rank: RankClass, block: int | None, revoke: int
) -> None:
    terms = load_province(province).lifecycle.leaving[rank]

    assert (terms.block_sending_months, terms.revoke_months) == (block, revoke)


@pytest.mark.parametrize(
    ("province", "person", "shared", "classes", "specials"),
    [
        ("cantho", 3, 2, "upper lower digit special", ""),
        ("binhphuoc", 1, 1, "upper lower digit special", "!@#%$*&"),
        ("daknong", None, None, "upper lower special", ""),
        ("daklak", None, None, "", ""),
        ("vinhphuc", None, None, "", ""),
    ],
)
def test_passwords_are_as_complex_as_the_regulation_asks_and_no_more(
    province: str, person: int | None, shared: int | None, classes: str, specials: str
) -> None:
    mailboxes = load_province(province).mailboxes

    for kind, months in ((MailboxKind.PERSON, person), (MailboxKind.AGENCY, shared)):
        rules = mailboxes[kind].password
        assert rules is not None
        assert rules.rotation_months == months
        asked = [name for name in ("upper", "lower", "digit", "special") if getattr(rules, name) is not None]
        assert asked == classes.split()
        assert rules.specials == specials


@pytest.mark.parametrize(
    ("province", "quota", "message", "attached"),
    [
        ("cantho", 5 * GIB, 35 * MIB, 0),
        ("daklak", 0, 35 * MIB, 0),
        ("vinhphuc", 0, 35 * MIB, 0),
        ("daknong", 500 * MIB, 35 * MIB, 25 * MIB),
        ("binhphuoc", 2 * GIB, 28 * MIB, 20 * MIB),
    ],
)
def test_sizes_are_those_of_the_regulation_and_a_coded_file_fits(
    province: str, quota: int, message: int, attached: int
) -> None:
    rules = load_province(province).mailboxes[MailboxKind.PERSON]

    assert (rules.quota, rules.maximum_message_size, rules.maximum_attachment_size) == (
        quota,
        message,
        attached,
    )
    assert rules.quota_is_minimum is (province == "binhphuoc")
    assert attached * 78 // 57 < message  # base64 with line ends


@pytest.mark.parametrize(
    ("province", "dues"),
    [
        ("cantho", {"agencies": "05/06 05/12", "managing_body": "15/06 15/12"}),
        ("daklak", {"agencies": "before 15/01 15/07"}),
        ("vinhphuc", {"usage": "05/01 05/04 05/07 05/10"}),
        ("daknong", {"agencies": ""}),
        ("binhphuoc", {"agencies": "before 20/06 20/12", "managing_body": "before 30/06 30/12"}),
    ],
)
def test_reports_are_due_on_the_days_of_the_regulation(province: str, dues: dict[str, str]) -> None:
    found = {
        report.name: " ".join(
            ["before"] * report.before + [f"{day:02}/{month:02}" for month, day in report.due]
        )
        for report in load_province(province).reports
    }

    assert dues.items() <= found.items()


@pytest.mark.parametrize(
    ("province", "delegates", "logs", "notice", "new_password"),
    [
        ("cantho", 1, None, None, False),
        ("daklak", None, None, None, False),
        ("vinhphuc", None, None, (3, False), False),
        ("daknong", None, 12, None, False),
        ("binhphuoc", None, 6, (3, True), True),
    ],
)
def test_delegates_logs_notices_and_restorations_are_those_of_the_regulation(
    *,
    province: str,
    delegates: int | None,
    logs: int | None,
    notice: tuple[int, bool] | None,
    new_password: bool,
) -> None:
    pack = load_province(province)
    owed = pack.operations

    assert pack.sharing.delegates == delegates
    assert owed.log_months == logs
    assert (owed.maintenance_days, owed.maintenance_working) == (notice or (None, False))
    assert pack.lifecycle.restoration.new_password is new_password


def test_only_one_province_gives_every_body_a_domain_and_lets_it_set_up_its_people() -> None:
    daklak = load_province("daklak")

    assert [name for name in FIVE if load_province(name).sub_domains] == ["daklak"]
    assert daklak.delegation.kinds == {MailboxKind.PERSON}
    assert daklak.delegation.citation.article == "Điều 4 (Chương II) khoản 4"
    assert daklak.delegation.others_citation.article == "Điều 4 (Chương II) khoản 3"


def test_the_two_articles_4_of_one_text_are_told_apart() -> None:
    assert load_province("daklak").manager.article.startswith("Điều 4 (Chương I)")


def test_units_have_no_mailbox_where_the_regulation_has_none() -> None:
    without = [name for name in FIVE if MailboxKind.UNIT not in load_province(name).mailboxes]

    assert without == ["vinhphuc"]


@pytest.mark.parametrize(
    ("title", "place", "rank"),
    [
        ("Giám đốc", "agency", RankClass.LEADER),
        ("Phó Giám đốc", "agency", RankClass.LEADER),
        ("Trưởng ban", "agency", RankClass.LEADER),
        ("Trưởng ban", "unit", RankClass.STAFF),
        ("Giám đốc Trung tâm", "unit", RankClass.STAFF),
        ("Trưởng phòng", "agency", RankClass.STAFF),
        ("Phó Trưởng phòng", "district", RankClass.STAFF),
        ("Chủ tịch UBND huyện", "district", RankClass.LEADER),
        ("CHỦ TỊCH UBND TỈNH", "province", RankClass.LEADER),
        ("Chủ tịch UBND xã", "commune", RankClass.STAFF),
        ("Chuyên viên", "agency", RankClass.STAFF),
        ("Giám đốcc", "agency", RankClass.STAFF),
    ],
)
def test_leaders_are_those_of_agencies_and_districts(title: str, place: str, rank: RankClass) -> None:
    assert load_province("binhphuoc").ranks.class_of(title, place) is rank


def test_higher_posts_come_first() -> None:
    ranks = load_province("vinhphuc").ranks
    titles = ["Chuyên viên", "Phó Giám đốc", "Lái xe", "Giám đốc", "Chủ tịch UBND tỉnh", "Trưởng phòng"]

    assert sorted(titles, key=ranks.precedence) == [
        "Chủ tịch UBND tỉnh",
        "Giám đốc",
        "Phó Giám đốc",
        "Trưởng phòng",
        "Chuyên viên",
        "Lái xe",
    ]
    assert ranks.priority is not None
