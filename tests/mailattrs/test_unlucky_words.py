"""Addresses that read as a word to avoid: passed over, told, and left to a human."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from govdir.directory.errors import RuleViolation
from govdir.mailattrs.addresses import Proposal, propose_address
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province, shipped_provinces
from govdir.policy.model import MailboxKind, Pack
from tests.mailattrs.entries import OFFICER, OPERATOR, in_agency, person


@pytest.fixture
def wary(pack: Pack) -> Pack:
    """A pack to whom "nvminh" is such a word."""
    return replace(pack, unlucky=frozenset({"nvminh"}))


def test_the_next_form_is_given_and_the_reason_told(wary: Pack) -> None:
    outcome = propose_address(wary, MailboxKind.PERSON, "Nguyễn Văn Minh")

    assert isinstance(outcome, Proposal)
    assert outcome.local_part == "nvanminh"
    assert [(step.candidate.local_part, step.why.en) for step in outcome.skipped] == [
        ("nvminh", "reads as a word to avoid; a person decides")
    ]


def test_only_what_stands_before_the_first_dot_of_a_person_counts() -> None:
    pack = replace(load_province("binhphuoc"), unlucky=frozenset({"thanhtv"}))

    outcome = propose_address(pack, MailboxKind.PERSON, "Trần Văn Thanh", "stttt")

    assert outcome.address == "thanhtv2.stttt@binhphuoc.gov.vn"  # type: ignore[union-attr]


def test_an_operator_may_decide_for_it_and_nobody_else(wary: Pack) -> None:
    rules = MailRules(wary)
    wanted = "nvminh@cantho.gov.vn"

    with pytest.raises(RuleViolation) as refused:
        rules.complete_add(person("Nguyễn Văn Minh", mail=wanted), in_agency(), OFFICER)
    chosen = person("Nguyễn Văn Minh", mail=wanted)
    rules.complete_add(chosen, in_agency(), OPERATOR)

    assert (refused.value.rule, refused.value.suggestion) == ("address-unlucky", "nvanminh@cantho.gov.vn")
    assert refused.value.citation == wary.unlucky_citation.reference
    assert chosen.text("mail") == wanted


@pytest.mark.parametrize("province", shipped_provinces())
def test_the_shipped_words_are_what_a_name_can_give(province: str) -> None:
    unlucky = load_province(province).unlucky

    assert unlucky
    assert all(word.isascii() and word.islower() and word.isalnum() for word in unlucky)


@pytest.mark.parametrize("province", shipped_provinces())
def test_no_registered_address_is_one(province: str) -> None:
    pack = load_province(province)

    assert not pack.unlucky.intersection(override.local for override in pack.overrides)
