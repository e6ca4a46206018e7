"""What holds for every address of every province."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.errors import RuleViolation
from govdir.mailattrs.addresses import Proposal, candidates, parse_address, propose_address, subject_of
from govdir.mailattrs.names import InvalidPersonName
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import MailboxKind
from tests.cli.command_line import govdir
from tests.mailattrs.small_province import SmallProvince

INFORMATION = (("agency", "Sở Thông tin và Truyền thông"),)

words = st.sampled_from(
    (
        "Nguyễn",
        "Trần",
        "Văn",
        "Thị",
        "Thùy",
        "Minh",
        "Hương",
        "Đỗ",
        "An",
        "Y",
        "H'Nghia",
        "Êban",
        "K'Nam",
        "R'com",
    )
)
people = st.lists(words, min_size=1, max_size=6).map(" ".join)
provinces = st.sampled_from(shipped_provinces())


@given(provinces, people, st.data())
def test_only_free_valid_addresses_of_the_system_are_given_and_always_the_same(
    province: str, name: str, data: st.DataObject
) -> None:
    pack = load_province(province)
    subject = subject_of(pack, MailboxKind.PERSON, name, "stttt")
    some = [form.address for form, _ in zip(candidates(pack, subject), range(12), strict=False)]
    taken = data.draw(st.sets(st.sampled_from(some)))

    outcome = propose_address(pack, MailboxKind.PERSON, name, "stttt", taken)

    assert outcome == propose_address(pack, MailboxKind.PERSON, name, "stttt", sorted(taken))
    if isinstance(outcome, Proposal):
        parsed = parse_address(outcome.address)
        assert outcome.address not in taken
        assert parsed is not None
        assert pack.has_domain(parsed[1])


@given(provinces, people)
def test_both_doors_give_one_address(province: str, name: str) -> None:
    pack = load_province(province)
    parent = "sttt" if pack.sub_domains else None
    label = parent or SmallProvince(province).body(*INFORMATION[0]).text("gdOrgCode")

    outcome = propose_address(pack, MailboxKind.PERSON, name, label)

    assert isinstance(outcome, Proposal)
    assert SmallProvince(province).person(name, INFORMATION) == outcome.address


@pytest.mark.parametrize("province", shipped_provinces())
@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "Nguyễn Văn 2",
        "Nguyễn 😀 Minh",
        "Nguyễn\x07Minh",
        "Nguyễn\u200bMinh",
        "Nguyễn\u202eMinh",
        "{uôn R^t",
        "Иван",
        "Nguyễn @Minh",
        "Nguyễn " * 60,
        "N" * 300,
    ],
)
def test_what_is_no_name_gets_one_answer_at_both_doors(province: str, name: str) -> None:
    here = SmallProvince(province)

    with pytest.raises(InvalidPersonName) as without:
        propose_address(here.pack, MailboxKind.PERSON, name, "stttt")
    with pytest.raises(RuleViolation) as within:
        here.person(name, INFORMATION)

    assert within.value.rule == "name"
    assert without.value.why.vi in within.value.diagnostic


@pytest.mark.parametrize("name", ["Nguyễn Văn 2", "Nguyễn 😀 Minh", "N" * 300])
def test_and_on_the_command_line(name: str) -> None:
    result = govdir("address", "propose", "--province", "cantho", "--kind", "person", "--name", name)

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_letters_without_composed_form_count_once() -> None:
    """ê̆ and ô̆ are two code points each, and one character to whoever reads them."""
    long = "Kê̆ " + "ô̆" * 120

    outcome = propose_address(load_province("vinhphuc"), MailboxKind.PERSON, long, None, ())

    assert "ke" not in getattr(outcome, "address", "")  # too long for an address: a human decides
    with pytest.raises(InvalidPersonName):
        propose_address(load_province("vinhphuc"), MailboxKind.PERSON, "ô̆" * 129)


@pytest.mark.parametrize("province", shipped_provinces())
def test_an_empty_surname_is_none(province: str) -> None:
    outcome = propose_address(
        load_province(province), MailboxKind.PERSON, "", "stttt", surname="", middle="Y", given="Krang"
    )

    assert isinstance(outcome, Proposal)
    assert "krang" in outcome.local_part
