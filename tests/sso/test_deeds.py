"""What was done to an account, as the trail keeps it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.sso.deeds import Deed, Detail, read_detail

NAMES = st.text(min_size=1, max_size=60)
COUNTS = st.none() | st.integers(0, 999_999_999)


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        (Detail(Deed.SET_UP), "set-up"),
        (Detail(Deed.RECOVERY_USED, 9), "recovery-code-used count=9"),
        (Detail(Deed.TAKEN_OFF, by="cn=admin,dc=cantho"), "taken-off by=cn=admin,dc=cantho"),
        (Detail(Deed.ISSUED, 2, "lan@cantho.gov.vn"), "issued count=2 by=lan@cantho.gov.vn"),
        (Detail(Deed.HELP, to="lan@cantho.gov.vn"), "help to=lan@cantho.gov.vn"),
    ],
)
def test_a_detail_is_a_word_then_a_number_then_a_name(detail: Detail, written: str) -> None:
    assert str(detail) == written


@given(st.sampled_from(Deed), COUNTS, NAMES | st.just(""), st.booleans())
def test_what_is_written_is_read_back(deed: Deed, count: int | None, other: str, is_by: bool) -> None:
    detail = Detail(deed, count, by=other) if is_by else Detail(deed, count, to=other)
    assert read_detail(str(detail)) == detail


@pytest.mark.parametrize("text", ["", "metadata", "IssueInstant", "set-up now", "ended count=x"])
def test_other_details_tell_of_no_deed(text: str) -> None:
    assert read_detail(text) is None
