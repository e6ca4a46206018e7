"""What happened to an account, as its owner reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct

from govdir.policy.texts import Wording
from govdir.sso.deeds import BY_OTHERS, Detail, read_detail
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
    detail = read_detail(happened.detail)
    # Where an administrator sits is no business of whom he helped, and it was not the owner's browser.
    by_owner = detail is None or detail.deed not in BY_OTHERS
    return TrailLine(
        at=happened.at,
        what=_what(happened, services) if detail is None else _deed(detail),
        outcome=texts.DONE if good else _refusal(happened.outcome),
        good=good,
        network=happened.network if by_owner else "",
        agent=happened.agent if by_owner else "",
    )


def _deed(detail: Detail) -> Wording:
    count = 0 if detail.count is None else detail.count
    return texts.DEEDS[detail.deed].filled(count=count, by=detail.by or texts.OPERATOR, to=detail.to)


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
