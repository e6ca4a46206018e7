"""When the password of a mailbox expires: by the regulation's months, or sooner by its policy entry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from govdir.directory.entry import Attributes
from govdir.mailattrs.rotation import password_ends, policy_seconds
from govdir.policy.model import MailboxKind, Pack
from tests.mailattrs.entries import BODY, SUFFIX, Around, entry, person

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

    seconds = policy_seconds(pack, an, Around(others={named: forever}))

    assert seconds == 36_600 * DAY
    assert password_ends(pack, an, seconds) == MONTHS


def policy(name: str, days: int) -> dict[str, Attributes]:
    made = entry(("device", "pwdPolicy"), cn=name, pwdMaxAge=str(days * DAY))
    return {f"cn={name},ou=policies,{SUFFIX}": made}


def test_a_kind_for_which_the_regulation_has_no_rules_is_under_the_policy_of_persons(pack: Pack) -> None:
    units = replace(pack.mailboxes[MailboxKind.UNIT], password=None)
    without = replace(pack, mailboxes={**pack.mailboxes, MailboxKind.UNIT: units})
    unit = entry(BODY, ou="phong", gdOrgKind="unit", gdMailboxKind="unit")
    near = Around(above=(entry(("organization",), o="x"),), others=policy("unit", 9) | policy("person", 7))

    assert policy_seconds(pack, unit, near) == 9 * DAY
    assert policy_seconds(without, unit, near) == 7 * DAY


def test_a_policy_that_is_gone_leaves_that_of_the_kind(pack: Pack, an: Attributes) -> None:
    an.replace("pwdPolicySubentry", (f"cn=gone,ou=policies,{SUFFIX}",))
    near = Around(above=(entry(("organization",), o="x"),), others=policy("person", 7))

    assert policy_seconds(pack, an, near) == 7 * DAY
