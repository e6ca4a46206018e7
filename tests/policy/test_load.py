"""Packs are read strictly: a mistake is an error on its line, never a rule left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.policy.load import UnknownProvince, load_pack, load_province, read_pack, shipped_provinces
from govdir.policy.model import MailboxKind
from govdir.policy.tables import PackError
from tests.policy.packs import TEXT, changed_text

GIB = 1024**3


def line_of(text: str, piece: str) -> int:
    """The number of the first line that holds `piece`."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if piece in line)


@pytest.mark.parametrize("province", shipped_provinces())
def test_every_shipped_pack_is_valid_and_named_after_its_file(province: str) -> None:
    assert load_province(province).province == province


def test_quotas_are_those_of_dieu_4() -> None:
    pack = load_province("cantho")

    quotas = {kind: rules.quota for kind, rules in pack.mailboxes.items()}

    assert quotas == {
        MailboxKind.PERSON: 5 * GIB,
        MailboxKind.LEADER: 5 * GIB,
        MailboxKind.UNIT: 10 * GIB,
        MailboxKind.AGENCY: 0,
        MailboxKind.DISTRICT: 0,
        MailboxKind.COMMUNE: 0,
        MailboxKind.LIST: 0,
    }
    assert pack.mailboxes[MailboxKind.UNIT].quota_citation.article == "Điều 4 khoản 1 điểm b"


def test_passwords_rotate_in_three_months_for_people_and_two_for_shared_boxes() -> None:
    pack = load_province("cantho")

    months = {
        kind: (rules.password.rotation_months, rules.password.rotation_citation.article)
        for kind, rules in pack.mailboxes.items()
        if rules.password is not None and rules.password.rotation_citation is not None
    }

    assert months[MailboxKind.PERSON] == (3, "Điều 10 khoản 3")
    assert months[MailboxKind.UNIT] == months[MailboxKind.AGENCY] == (2, "Điều 11 khoản 4")
    assert MailboxKind.LIST not in months


def test_every_rule_of_the_regulation_names_its_article() -> None:
    pack = load_province("cantho")

    for citation in pack.citations.values():
        assert citation.article.startswith(("Điều ", "Căn cứ ")) is (citation.source is None)
        assert citation.reference


@pytest.mark.parametrize(
    ("old", "new", "where", "why"),
    [
        ('quota = "5 GiB"', 'qouta = "5 GiB"', "[mailbox.person]", "lacks the key 'quota'"),
        ('quota = "10 GiB"', 'quota = "10 GiB"\ncolour = 1', "colour", "unknown key"),
        ('quota = "10 GiB"', 'quota = "ten"', 'quota = "ten"', 'must be "unlimited" or a size'),
        ('quota = "10 GiB"', "quota = 10", "quota = 10", "must be a string, not int"),
        ("minimum_length = 8", "minimum_length = 0", "minimum_length", "at least 1"),
        ("minimum_length = 8", "minimum_length = true", "minimum_length", "whole number, not bool"),
        ("minimum_length = 8", 'minimum_length = "8"', "minimum_length", "whole number, not str"),
        (
            'by = "third_person"',
            'by = "thrid_person"',
            "thrid_person",
            "is called 'thrid_person'",
        ),
        ('password = "person"', 'password = "persons"', 'password = "persons"', "no password rules"),
        ("{surname}{middle}{given}", "{surname}{midle}{given}", "midle", "unknown field {midle}"),
        ("{surname}{middle}{given}", "{surname}{middle}{given", "{surname}{middle}{given", "stray brace"),
        ("[mailbox.leader]", "[mailbox.boss]", "[mailbox.boss]", "unknown kind of mailbox"),
        ('same_as = "person"', 'same_as = "agency"', "same_as", "same nature"),
        ('domain = "cantho.gov.vn"', 'domain = "cantho"', "domain =", "is not of the form"),
        ('local = "songoaivu"', 'local = "sở ngoại vụ"', "sở ngoại vụ", "is not of the form"),
        ('aliases = ["sottt"]', 'aliases = "sottt"', "aliases", "a list of strings"),
        ('generated_specials = "!@#$%*&"', 'generated_specials = ""', "generated_specials", "must hold"),
        ("{name} - {agency}", "{name}", "display_name =", "once each"),
        ("format = 1", "format = 2", "format", "reads format 1"),
        ("issued = 2015-12-18", 'issued = "2015"', "issued", "a date, not str"),
        ('label = "{place}"', 'label = "{label}"', "{label}", "unknown field {label}"),
        ("free_for_all = true", "free_for_all = 1", "free_for_all", "true or false"),
        ('article = "Điều 3 khoản 2"', "", "[citations.domain]", "lacks the key 'article'"),
        ("format = 1", "format = = 1", "format", "no valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(old: str, new: str, where: str, why: str) -> None:
    text = changed_text(replace=(old, new))

    with pytest.raises(PackError) as refused:
        read_pack("p.toml", text)

    assert why in refused.value.why
    assert refused.value.path == "p.toml"
    assert where in text.splitlines()[refused.value.line - 1]
    assert str(refused.value).startswith(f"p.toml:{refused.value.line}: ")


def test_the_line_is_that_of_the_right_one_among_repeated_tables() -> None:
    text = TEXT.replace('local = "vpubndninhkieu"', 'local = "VPUBND"')

    with pytest.raises(PackError) as refused:
        read_pack("p.toml", text)

    assert refused.value.line == line_of(text, '"VPUBND"')


def test_a_counting_step_stays_within_bounds() -> None:
    ladder = '[[mailbox.person.ladder]]\nlocal = "{given}{number}"\nlast = 100000\nby = "form_person"\n'

    with pytest.raises(PackError, match="702"):
        read_pack("p.toml", changed_text(person_ladder=ladder))


def test_a_pack_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(TEXT, "utf-8")

    assert load_pack(path) == load_province("cantho")


@pytest.mark.parametrize("content", [b"\n\n\xff", b" " * 1_000_001])
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(content)

    with pytest.raises(PackError) as refused:
        load_pack(path)

    assert refused.value.path == str(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="No such file"):
        load_pack(tmp_path / "none.toml")


def test_an_unknown_province_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownProvince) as refused:
        load_province("atlantis")

    assert "cantho" in refused.value.known


lines = st.sampled_from(TEXT.splitlines())


@given(st.lists(lines, max_size=40), st.text(max_size=20))
def test_parts_of_a_pack_are_refused_as_pack_errors(some: list[str], tail: str) -> None:
    with pytest.raises(PackError):
        read_pack("p.toml", "\n".join(some) + "\n" + tail)
