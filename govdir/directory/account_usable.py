"""A search that tells of each account whether it may sign in (Sun's account usability control)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.account_facts import is_account
from govdir.directory.identity import signs_in
from govdir.directory.image import Image, Record
from govdir.directory.matches import Annotated, Sent
from govdir.directory.options import SearchOptions
from govdir.directory.secrets import unpack_secrets
from govdir.directory.selection import Planned, Selecting
from govdir.directory.shape import Shape
from govdir.directory.usability import Bar, Usability, seconds_left, usability_of
from govdir.ldap.codec.controls.account_usable import Unusable, encode_unusable, encode_usable
from govdir.ldap.codec.messages import Control

if TYPE_CHECKING:
    from govdir.directory.service import Directory

_TOLD_BY: Final = ("pwdchangedtime", "pwdaccountlockedtime", "pwdreset")
"""Who may read these of an entry may be told what follows from them."""

_WAITS: Final = (Bar.LOCKED, Bar.DELAYED)
_SECOND: Final = timedelta(seconds=1)


def with_usability(
    selection: Selecting, options: SearchOptions, directory: Directory, _view: AccessView
) -> Selecting:
    """The selection that sends the control with each account, where it is asked for."""
    return _Telling(selection, directory) if options.account_usable else selection


class _Telling:
    def __init__(self, inner: Selecting, directory: Directory) -> None:
        self._inner = inner
        self._directory = directory

    def plan(self, shape: Shape, grant: Grant) -> Planned:
        inner = self._inner.plan(shape, grant)
        may_know = all(grant.read.holds(key, True) for key in _TOLD_BY)
        return _TellingPlan(inner, self._directory) if may_know else inner


class _TellingPlan:
    def __init__(self, inner: Planned, directory: Directory) -> None:
        self._inner = inner
        self._directory = directory

    def content(self, record: Record, image: Image) -> Sent:
        sent = self._inner.content(record, image)
        if not is_account(record) or unpack_secrets(record.secrets).password is None:
            return sent
        control = self._control(record)
        if isinstance(sent, Annotated):
            return Annotated(sent.content, (*sent.controls, control))
        return Annotated(sent, (control,))

    def _control(self, record: Record) -> Control:
        directory = self._directory
        attributes = record.shape.attributes(record.body)
        policy, state = directory.password_rules.policy(attributes), directory.logins.state_of(record)
        now = directory.clock.now()
        return usability_control(usability_of(policy, state, now, is_open=signs_in(attributes)), now)


def usability_control(found: Usability, now: datetime) -> Control:
    """What a bind with the right password would come to; an expired password counts as such however it is
    let in."""
    ends = found.until if found.bar in _WAITS else None
    if found.bar is None and not found.reset and not found.expired:
        return encode_usable(seconds_left(found, now))
    return encode_unusable(
        Unusable(
            inactive=found.bar is not None and ends is None,
            reset=found.reset,
            expired=found.expired,
            grace_logins_left=found.grace_left,
            unlocks_in_seconds=None if ends is None else max(1, -((now - ends) // _SECOND)),
        )
    )
