"""What happened to an account, as its owner reads it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from govdir.policy.texts import Wording
from govdir.sso.model import Happened, Kind
from govdir.web import trail_texts as texts

OK: Final = "ok"


class TrailLine(Struct, frozen=True):
    """One line of a history; `good` when nothing was refused."""

    at: datetime
    what: Wording
    outcome: Wording
    good: bool
    network: str
    agent: str


def lines_of(trail: Iterable[Happened], services: Mapping[str, str]) -> tuple[TrailLine, ...]:
    """The lines, in the same order; `services` are titles of applications by entity ID."""
    return tuple(_line(each, services) for each in trail)


def _line(happened: Happened, services: Mapping[str, str]) -> TrailLine:
    good = happened.outcome == OK
    detail = _detail(happened.detail)
    # Where an administrator sits is no business of whom he helped, and it was not the owner's browser.
    by_owner = detail is None or not detail.by
    return TrailLine(
        at=happened.at,
        what=detail.text if detail is not None and good else _what(happened, services),
        outcome=texts.DONE if good else _refusal(happened.outcome),
        good=good,
        network=happened.network if by_owner else "",
        agent=happened.agent if by_owner else "",
    )


class _Detail(Struct, frozen=True):
    """A detail in words; `by` whoever else did it."""

    text: Wording
    by: str


def _detail(written: str) -> _Detail | None:
    for pattern, wording in texts.DETAILS.items():
        found = re.fullmatch(pattern, written)
        if found is not None:
            fields = found.groupdict()
            return _Detail(wording.filled(**fields), fields.get("by", ""))
    return None


def _what(happened: Happened, services: Mapping[str, str]) -> Wording:
    wording = texts.KINDS[happened.kind]
    if happened.factors and happened.kind is Kind.SIGN_IN:
        return texts.SIGN_IN_WITH.filled(how=texts.FACTORS.get(happened.factors, texts.FACTORS["password"]))
    if happened.entity_id:
        title = services.get(happened.entity_id, happened.entity_id)
        return texts.AT_SERVICE.filled(what=wording, service=title)
    return wording


def _refusal(outcome: str) -> Wording:
    """A word of the trail that has no text of its own is told as it is."""
    return texts.OUTCOMES.get(outcome) or texts.REFUSED.filled(outcome=outcome)
