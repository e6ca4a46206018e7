"""How much people write into their own entries: everybody's searches read it and look through it."""

from __future__ import annotations

from typing import Final

from govdir.directory.caller import Role
from govdir.directory.entry import Attributes
from govdir.directory.errors import ConstraintViolation
from govdir.directory.image import Record
from govdir.directory.writes.plan import Plan

MAX_VALUES: Final = 32
"""Of one attribute, under all options together."""

MAX_TEXT_OCTETS: Final = 4096
"""All values together, where parts of them are searched for."""

MAX_OCTETS: Final = 1024 * 1024
"""The same where they are not: photographs, certificates."""


def check_own_values(plan: Plan, record: Record, before: Attributes, after: Attributes) -> None:
    """Raises ConstraintViolation for more than anybody needs, which a filter of two thousand parts tried on
    it would take minutes for. Operators and administrators write what they like."""
    if record.id != plan.caller.entry_id or plan.caller.role is Role.LOCAL or plan.view.is_operator:
        return
    for key in {one.attribute.key for one in after if before.get(one) != after.get(one)}:
        values = [value for one, held in after.items() if one.attribute.key == key for value in held]
        attribute = after.vocabulary.describe(key).attribute
        octets = MAX_OCTETS if attribute.substring is None else MAX_TEXT_OCTETS
        if len(values) > MAX_VALUES or sum(map(len, values)) > octets:
            raise ConstraintViolation(
                f"{attribute.name}: nhiều nhất {MAX_VALUES} giá trị, tổng cộng {octets} byte "
                f"(at most {MAX_VALUES} values of {octets} octets together)"
            )
