"""Abandon (RFC 4511 §4.11)."""

from __future__ import annotations

from govdir.ldap.codec.messages import AbandonRequest
from govdir.ldap.server.session import Outstanding, Session


def abandon(request: AbandonRequest, session: Session) -> Outstanding | None:
    """Abandons the request it names, if it can be; never answered, whatever it names.

    Returns what was abandoned, whose work is to be stopped within its current turn.
    """
    return session.abandon(request.message_id)
