"""The page between two applications of a logout, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from govdir.sso.idp.logout_progress import Progress
from govdir.sso.idp.outcomes import LogoutPage, LogoutStep, ServiceName
from govdir.sso.idp.registry import Known

PAGE: Final = "/saml/slo/continue?logout="
"""Where it is; the logout's id follows."""


def page_of(progress: Progress, services: Mapping[str, Known]) -> LogoutPage:
    """What the page shows, and where its buttons lead.

    It goes on by itself to the next application. With the browser already at one, or with a result that is
    worth reading, it waits for a click.
    """
    here = PAGE + progress.id
    initiator = progress.initiator
    waits = initiator is not None and bool(initiator.location) and not progress.answered
    asked, waiting = progress.asked, progress.waiting
    can_advance = asked is None and (waiting is not None or waits)
    return LogoutPage(
        steps=tuple(LogoutStep(_name(step.entity_id, services), step.state) for step in progress.steps),
        advance=f"{here}&action=next" if can_advance else None,
        automatic=waiting is not None or progress.is_complete,
        retry=None if asked is None else f"{here}&action=retry",
        skip=None if asked is None else f"{here}&action=skip",
        finished=progress.is_finished,
        complete=progress.is_complete,
        asked_by=_name(initiator.entity_id, services) if initiator is not None and waits else None,
    )


def _name(entity_id: str, services: Mapping[str, Known]) -> ServiceName:
    """Also of one that is registered no more."""
    known = services.get(entity_id)
    return ServiceName(entity_id, entity_id, {}) if known is None else known.name
