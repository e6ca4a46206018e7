"""When the password of a mailbox expires: by the regulation's months, or sooner by its policy entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from govdir.directory.entry import Attributes
from govdir.mailattrs.rotation import password_ends, policy_seconds
from govdir.policy.model import Pack
from tests.mailattrs.entries import SUFFIX, Around, entry, person

DAY = 86_400
MONTHS = datetime(2026, 6, 2, 8, tzinfo=UTC)


@pytest.fixture
def an() -> Attributes:
    return person("Lê An", pwdChangedTime="20260302080000Z")


@pytest.mark.parametrize(
    ("seconds", "ends"),
    [(0, MONTHS), (DAY, datetime(2026, 3, 3, 8, tzinfo=UTC)), (92 * DAY, MONTHS), (93 * DAY, MONTHS)],
)
def test_the_earlier_end_counts(pack: Pack, an: Attributes, seconds: int, ends: datetime) -> None:
    assert password_ends(pack, an, seconds) == ends


def test_without_a_password_nothing_ends(pack: Pack) -> None:
    assert password_ends(pack, person("Lê An"), DAY) is None


def test_no_policy_lets_a_password_last_longer_than_a_century(pack: Pack, an: Attributes) -> None:
    named = f"cn=forever,ou=policies,{SUFFIX}"
    forever = entry(("device", "pwdPolicy"), cn="forever", pwdMaxAge="9" * 300)
    an.replace("pwdPolicySubentry", (named,))

    seconds = policy_seconds(an, Around(others={named: forever}))

    assert seconds == 36_600 * DAY
    assert password_ends(pack, an, seconds) == MONTHS
