"""What every operation of a caller passes first: whether its identity still stands, and what that may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from govdir.directory.access_view import AccessView
from govdir.directory.caller import Caller
from govdir.directory.errors import InsufficientAccessRights, MustChangePassword

if TYPE_CHECKING:
    from govdir.directory.service import Directory

_ENDED = (
    "phải đăng nhập lại: tài khoản đã bị đóng, hoặc người khác đã đổi mật mã hay trạng thái của nó "
    "(bind again: the identity of this connection was closed, or others changed its password or state)"
)
_MUST_CHANGE = "phải đổi mật mã trước khi làm việc khác (the password must be changed first)"


class Gate:
    """One caller's: good until it binds anew."""

    __slots__ = ("_caller", "_directory", "_must_change", "_view")

    def __init__(self, directory: Directory, caller: Caller, view: AccessView) -> None:
        self._directory = directory
        self._caller = caller
        self._view = view
        self._must_change = caller.must_change

    def check(self, *, own_password: str | None = None) -> None:
        """The identity still is what it was, and one that must change its password does nothing else first.

        `own_password` names the entry whose password a request changes, if it changes nothing else. Raises
        InsufficientAccessRights, MustChangePassword.
        """
        if not self._view.stands:
            raise InsufficientAccessRights(_ENDED)
        if self._must_change and not (own_password is not None and self._is_own(own_password)):
            raise MustChangePassword(_MUST_CHANGE)

    def check_stands(self) -> None:
        """The identity still is what it was; raises InsufficientAccessRights."""
        if not self._view.stands:
            raise InsufficientAccessRights(_ENDED)

    def password_changed(self) -> None:
        """The caller has changed its own password: whoever had to, has."""
        self._must_change = False
        self._view.confirm()

    def _is_own(self, dn: str) -> bool:
        path = self._directory.path_of(dn)
        record = None if path is None else self._directory.image.find(path)
        return record is not None and record.id == self._caller.entry_id
