"""A sixth province, which does not exist, is a file and nothing else."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from shutil import copy

import pytest

from govdir.assembly import load_policy
from govdir.config import load_config
from govdir.mailattrs.addresses import HumanDecides, Proposal, propose_address
from govdir.mailattrs.rules import MailRules
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.load import load_pack
from govdir.policy.model import Example
from govdir.policy.password_rules import check
from govdir.reference.pages import render_page
from tests.cli.command_line import govdir
from tests.mailattrs.entries import OPERATOR, Around, agency, person

INVENTED = Path(__file__).with_name("invented.toml")
PACK = load_pack(INVENTED)
HUONG = "Lò Thị Hương"


@pytest.mark.parametrize("example", PACK.examples, ids=lambda example: example.address)
def test_its_addresses_come_out_of_its_own_grammar(example: Example) -> None:
    outcome = propose_address(PACK, example.kind, example.name, example.parent, example.taken)

    assert isinstance(outcome, Proposal)
    assert outcome.address == example.address


def test_its_ladder_ends_where_it_says_and_a_human_decides() -> None:
    held = ["lo.huong@snv.hoaban.gov.vn", *(f"lo.huong.0{n}@snv.hoaban.gov.vn" for n in range(1, 10))]

    outcome = propose_address(PACK, MailboxKind.PERSON, HUONG, "snv", held)

    assert isinstance(outcome, HumanDecides)
    assert outcome.citation.article == "Điều 2 khoản 2"


def test_its_passwords_need_a_digit_and_no_capitals() -> None:
    broken = [verdict.rule for verdict in check(PACK, MailboxKind.PERSON, "mưa rào mùa hạ").broken]

    assert broken == ["password-digit"]
    assert check(PACK, MailboxKind.PERSON, "mưa rào 27 giọt").accepted


def test_its_entries_get_address_name_and_size_by_its_rules() -> None:
    body = agency("snv", "Sở Nội vụ", mail="snv@hoaban.gov.vn", associatedDomain="snv.hoaban.gov.vn")
    added = person(HUONG)

    MailRules(PACK).complete_add(added, Around(above=(body,)), OPERATOR)

    assert added.text("mail") == "lo.huong@snv.hoaban.gov.vn"
    assert added.text("displayName") == "Lò Thị Hương (Sở Nội vụ)"
    assert added.text("mailQuota") == str(3 * 1024**3)


def test_its_clock_shares_and_ranks_are_its_own() -> None:
    leaving = PACK.lifecycle.leaving[RankClass.STAFF]

    assert (leaving.block_sending_months, leaving.revoke_months) == (2, 3)
    assert PACK.sharing.delegates == 2
    assert PACK.ranks.class_of("Phó Giám đốc phụ trách", "agency") is RankClass.LEADER
    assert PACK.ranks.class_of("Phó Giám đốc", "unit") is RankClass.STAFF
    assert PACK.ranks.precedence("Trưởng phòng Tổ chức") < PACK.ranks.precedence("Chuyên viên chính")
    assert PACK.ranks.precedence("Bảo vệ") == len(PACK.ranks.posts)


def test_it_has_a_page_like_every_other() -> None:
    page = render_page(PACK)

    assert "`lo.huong.01@snv.hoaban.gov.vn`" in page
    assert "sending blocked after 2 months, revoked after 3 months" in page


def test_commands_take_its_file_for_a_province() -> None:
    asked = govdir(
        "address",
        "propose",
        "--province",
        str(INVENTED),
        "--kind",
        "person",
        "--name",
        HUONG,
        "--parent",
        "snv",
    )

    assert asked.stdout == "lo.huong@snv.hoaban.gov.vn\n"


def test_a_directory_made_of_it_keeps_a_copy_and_may_be_moved(tmp_path: Path) -> None:
    file = Path(copy(INVENTED, tmp_path / "hoaban.toml"))
    home, moved = tmp_path / "home", tmp_path / "elsewhere" / "home"

    made = govdir("init", str(home), "--province", str(file))
    file.unlink()
    moved.parent.mkdir()
    home.rename(moved)

    assert made.exit_code == 0
    assert load_config(moved).pack == "province.toml"
    assert load_policy(load_config(moved)).ranks == PACK.ranks
    assert stat.S_IMODE((moved / "province.toml").stat().st_mode) == 0o600
    assert govdir("doctor", str(moved)).exit_code == 0


def test_settings_of_its_home_go_before_it(tmp_path: Path) -> None:
    govdir("init", str(tmp_path / "home"), "--province", str(INVENTED))
    written = tmp_path / "home" / "govdir.toml"
    text = written.read_text("utf-8").replace(
        "[pack_settings]\n", '[pack_settings]\n"sharing.delegates" = 7\n'
    )
    written.write_text(text, "utf-8")

    assert load_policy(load_config(tmp_path / "home")).sharing.delegates == 7


def test_a_setting_of_its_home_that_does_not_fit_is_named(tmp_path: Path) -> None:
    govdir("init", str(tmp_path / "home"), "--province", str(INVENTED))
    written = tmp_path / "home" / "govdir.toml"
    text = written.read_text("utf-8").replace("[pack_settings]\n", "[pack_settings]\nsharing.delegate = 7\n")
    written.write_text(text, "utf-8")

    doctor = govdir("doctor", str(tmp_path / "home"), "--json")

    assert doctor.exit_code == 1
    assert json.loads(doctor.stdout)[0]["findings"] == [
        'govdir.toml: [pack_settings] "sharing.delegate": unknown key'
    ]
