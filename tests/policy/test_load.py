"""Packs are read strictly: a mistake is an error on its line, never a rule left out."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.policy.load import (
    UnknownProvince,
    load_pack,
    load_province,
    load_shipped,
    read_pack,
    shipped_provinces,
)
from govdir.policy.model import MailboxKind, Pack
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
        ("in_force = 2015-12-30", "in_force = 2015-12-17", "in_force", "not come before 'issued'"),
        ("in_force = 2015-12-30", "in_force = 2015-02-30", "in_force", "no valid TOML"),
        (
            'local = "{surname}{middle}{given}"',
            'local = "{surname}{number}"',
            "[[mailbox.person.ladder]]",
            "lacks the key 'last'",
        ),
        (
            'local = "{surname}{middle}{given}"',
            'local = "{surname}{number}{letter}"\nlast = 9',
            "{number}{letter}",
            "not by both",
        ),
        ('by = "third_person"', 'by = "third_person"\nfirst = 2', "first = 2", "counts"),
        ('by = "third_person"', 'by = "third_person"\nwithin = ["moon"]', "moon", "no such place: moon"),
        (
            'by = "third_person"',
            'by = "third_person"\ndomain = "{domain}.example"',
            ".example",
            "must end in {domain}",
        ),
        ('names = ["Sở Ngoại vụ"]', 'names = ["SỞ NỘI VỤ"]', "SỞ NỘI VỤ", "'so noi vu' is registered twice"),
        ('local = "songoaivu"', 'local = "sonv"', "[[override]]", "'sonv' is registered twice"),
        ('aliases = ["sottt"]', 'aliases = ["sonv"]', "[[override]]", "'sonv' is registered twice"),
        ('names = ["Sở Ngoại vụ"]', "names = []", "[[override]]", "'names'"),
        ('setting = "override.sotttt"', 'setting = "override.sttt"', "override.sttt", "has no setting"),
        (
            'setting = "mailbox.unit.quota"',
            'setting = "override.sotttt"',
            'setting = "override.sotttt"',
            "stands above already",
        ),
        (
            "[lifecycle.leaving.staff]",
            "[lifecycle.leaving.cook]",
            "[lifecycle]",
            "lacks the key 'staff'",
        ),
        (
            "revoke_months = 0",
            "revoke_months = 0\nblock_sending_months = 1",
            "block_sending",
            "not come after",
        ),
        ('consequence = "suspend"', 'consequence = "burn"', "burn", "'burn' is not a valid Consequence"),
        (
            'consequence = "suspend"',
            'consequence = "revoke"',
            "revoke_working_days",
            "only follows a suspension",
        ),
        ("revoke_working_days = 15", "", "[lifecycle.inactivity]", "lacks the key 'revoke_working_days'"),
        ('alert_kinds = ["agency"', 'alert_kinds = ["person", "agency"', "alert_kinds", "in 'kinds' already"),
        ('kinds = ["person", "leader"]', 'kinds = ["person", "person"]', "kinds =", "stands there twice"),
        ("delegates = 1", "delegates = -1", "delegates =", "at least 0"),
        ('sender_policy = "owners"', 'sender_policy = "friends"', "friends", "not a valid SenderPolicy"),
        ('due = ["06-05", "12-05"]', 'due = ["06-31"]', "06-31", "no day of every year"),
        ('due = ["06-05", "12-05"]', 'due = ["02-29"]', "02-29", "no day of every year"),
        ('due = ["06-05", "12-05"]', 'due = ["5/6"]', "5/6", "no day of the year"),
        ("working_days = 3", "working_days = 0", "working_days = 0", "at least 1"),
        ("[operations]", '[operations]\nlog_by = "backup"', "[operations]", "lacks the key 'log_months'"),
        (
            "[operations]",
            '[operations]\nquota_warning_percent = 101\nquota_warning_by = "backup"',
            "quota_warning_percent",
            "at most 100",
        ),
        (
            "[operations]",
            '[usage]\nunused_days = [3, 1]\nfailing_share = [1, 2]\nby = "misuse"\n[operations]',
            "unused_days",
            "a share such as [1, 3]",
        ),
        (
            'leader_places = ["province"',
            'leader_places = ["village"',
            "leader_places",
            "no such place: village",
        ),
        ("[ranks]", '[ranks]\npriority = "form"', "priority", "unknown key"),
        ('"Giám đốc Sở", "Giám đốc",', '"Giám đốc Sở", "Giám đốc Sở",', "posts = [", "stands there twice"),
        (
            'special_by = "password_classes_person"',
            'special_by = "password_classes_person"\nspecials = "ab!"',
            "specials",
            "no letters",
        ),
        (
            'special_by = "password_classes_person"',
            'specials = "!@#$%*&"',
            "specials",
            "needs the rule that asks for one",
        ),
        ("other_rules = [", 'other_rules = ["none", ', "other_rules", "no citation is called 'none'"),
        ('helpdesk = ""', 'helpdesk = "hotro"', "helpdesk", "is no address"),
        ('manager_by = "manager"', 'manager_by = "king"', "manager_by", "no citation is called 'king'"),
        ("[publication]", "[publication]\nprivate = true", "private", "unknown key"),
        ('address = "songoaivu@cantho.gov.vn"', 'address = "songoaivu"', "songoaivu", "is no address"),
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


SETTINGS = {
    "mailbox.unit.quota": "1 GiB",
    "override.sotttt.local": "sottt",
    "override.sotttt.aliases": [],
    "mailbox.person.ladder.2.local": "{surname.initials}{given}",
    "lifecycle": {"inactivity": {"months": 12}},
}


def test_settings_go_before_the_pack() -> None:
    pack = read_pack("p.toml", TEXT, SETTINGS)

    assert pack.mailboxes[MailboxKind.UNIT].quota == GIB
    assert [(each.local, each.aliases) for each in pack.overrides[2:3]] == [("sottt", ())]
    assert str(pack.mailboxes[MailboxKind.PERSON].ladder[1].local) == "{surname.initials}{given}"
    assert pack.lifecycle.inactivity is not None
    assert pack.lifecycle.inactivity.months == 12


def test_settings_leave_the_rest_and_the_shipped_pack_alone() -> None:
    load_shipped("cantho", SETTINGS)

    assert load_province("cantho") == read_pack("p.toml", TEXT)
    assert read_pack("p.toml", TEXT, SETTINGS).lifecycle.leaving == load_province("cantho").lifecycle.leaving


def test_a_setting_may_bring_a_rule_the_pack_does_not_have() -> None:
    usage = {"unused_days": [1, 3], "failing_share": [1, 2], "by": "misuse"}

    pack = read_pack("p.toml", TEXT, {"usage": usage})

    assert pack.usage is not None
    assert pack.usage.unused_days == (1, 3)


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("mailbox.unit.quota", "much", 'must be "unlimited" or a size'),
        ("mailbox.unit.colour", 1, "unknown key"),
        ("mailbox.king.quota", "1 GiB", "unknown kind of mailbox"),
        ("province.name", "x", "nothing called 'name' there"),
        ("override.nobody.local", "x", "nothing called 'nobody' there"),
        ("mailbox.person.ladder.9.local", "x", "nothing called '9' there"),
        ("override.1", "x", "must be a table"),
        ("usage.unused_days", [1, 3], "lacks the key 'failing_share'"),
        ("lifecycle.inactivity.warn_months", 1, "needs the rule that sets it, 'warn_by'"),
        ("", 1, "nothing called '' there"),
        ("a..b", 1, "nothing called '' there"),
    ],
)
def test_a_setting_that_does_not_fit_is_named_with_its_file(key: str, value: object, why: str) -> None:
    with pytest.raises(PackError) as refused:
        read_pack("p.toml", TEXT, {key: value})

    assert str(refused.value).startswith(f'govdir.toml: [pack_settings] "{key}": ')
    assert why in refused.value.why


lines = st.sampled_from(TEXT.splitlines())


@given(st.lists(lines, max_size=40), st.text(max_size=20))
def test_parts_of_a_pack_are_refused_as_pack_errors(some: list[str], tail: str) -> None:
    with pytest.raises(PackError):
        read_pack("p.toml", "\n".join(some) + "\n" + tail)


KEYS = re.findall(r"^([a-z_]+) =", TEXT, re.MULTILINE) + re.findall(r"^\[\[?([a-z_.]+)\]", TEXT, re.MULTILINE)
values = st.one_of(
    st.text(max_size=8),
    st.integers(-5, 400),
    st.booleans(),
    st.lists(st.text(max_size=3), max_size=2),
    st.none(),
)


@given(
    st.dictionaries(
        st.lists(st.sampled_from([*KEYS, "1", "2", "sotttt", ""]), max_size=4).map(".".join), values
    )
)
def test_any_settings_are_taken_or_refused_as_pack_errors(settings: dict[str, object]) -> None:
    with suppress(PackError):
        assert isinstance(read_pack("p.toml", TEXT, settings), Pack)
