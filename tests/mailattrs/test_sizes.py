"""Quotas: the most a mailbox may have, or the least, as the regulation says."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from govdir.directory.errors import RuleViolation
from govdir.mailattrs.refusals import Refusals
from govdir.mailattrs.sizes import check_sizes
from govdir.policy.load import load_province
from govdir.policy.model import MailboxKind, MailboxRules
from govdir.policy.texts import Language
from tests.mailattrs.entries import person

GIB = 1024**3
REFUSALS = Refusals(Language.ENGLISH)


def rules(*, minimum: bool) -> MailboxRules:
    found = load_province("cantho").mailboxes[MailboxKind.PERSON]
    return replace(found, quota=2 * GIB, quota_is_minimum=minimum)


@pytest.mark.parametrize(
    ("minimum", "quota"), [(False, 1), (False, 2 * GIB), (True, 2 * GIB), (True, 0), (True, 9 * GIB)]
)
def test_a_quota_within_the_bounds_is_taken(*, minimum: bool, quota: int) -> None:
    check_sizes(person("Trần Văn Nam", mailQuota=str(quota)), rules(minimum=minimum), REFUSALS, strictly=True)


@pytest.mark.parametrize(
    ("minimum", "quota", "why"),
    [(False, 2 * GIB + 1, "over"), (False, 0, "over"), (True, 2 * GIB - 1, "under"), (True, 1, "under")],
)
def test_a_quota_beyond_the_bounds_is_refused(*, minimum: bool, quota: int, why: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        check_sizes(
            person("Trần Văn Nam", mailQuota=str(quota)), rules(minimum=minimum), REFUSALS, strictly=True
        )

    assert refused.value.rule == "quota"
    assert why in str(refused.value)
