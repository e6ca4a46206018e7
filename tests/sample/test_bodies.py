"""People spread over bodies in proportion, and nobody lost in rounding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from govdir.policy.kinds import MailboxKind
from govdir.sample.bodies import Body, apportion


def body_with_staff(staff: float) -> Body:
    heads, posts = ("Giám đốc",), ("Chuyên viên",)
    return Body("ou=a", ("a",), ("A",), MailboxKind.AGENCY, "a@example", staff, heads, posts)


@given(st.integers(0, 10_000), st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_everybody_works_somewhere_and_no_body_is_off_by_one_or_more(people: int, staff: list[int]) -> None:
    counts = apportion(people, tuple(body_with_staff(number) for number in staff))

    assert sum(counts) == people
    for number, count in zip(staff, counts, strict=True):
        assert abs(count - people * number / sum(staff)) < 1


def test_of_equal_remainders_the_first_body_gets_the_person() -> None:
    assert apportion(3, (body_with_staff(10), body_with_staff(10))) == (2, 1)
