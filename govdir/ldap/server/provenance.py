"""A service on a connection, and what the logins that it checks there are for (directory.channels).

A mail server finds somebody by a search that asserts `enabledService=imap`, then binds as what it found, all
on one connection; in between, and before the next search, it binds as itself again (Dovecot's auth_bind). So
what it asked last about an entry tells what the bind is for, and its identity here outlives such binds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from govdir.directory import channels
from govdir.directory.caller import Caller
from govdir.ldap.codec.filters import And, Equality, Filter

if TYPE_CHECKING:
    from govdir.directory.handle import Handle
    from govdir.ldap.server.repeats import Repeats

Witness = Callable[[bytes], None]
"""Is given the content octets of an entry that a search has found."""

MAX_FOUND: Final = 64
"""A mail server binds as what it has just found, with some logins under way at once on one connection."""

_ENABLED_SERVICE: Final = frozenset({"enabledservice", "1.3.6.1.4.1.32349.1.2.2.13"})
_LONG_FORM: Final = 0x80


class Serving:
    """The last service that was bound on a connection: what it may do, and what it has asked.

    It is taken up again when the same service binds again, so that its look-ups go on being quick.
    """

    __slots__ = ("_channel", "_found", "_name", "handle", "repeats")

    def __init__(self, handle: Handle, repeats: Repeats) -> None:
        self.handle = handle
        self.repeats = repeats
        self._name = handle.caller.dn.encode()
        self._channel = handle.caller.channel
        self._found: OrderedDict[bytes, str] = OrderedDict()

    def is_still(self, caller: Caller) -> bool:
        """Whether a bind as `caller` is the same service again, with nothing of it changed meanwhile."""
        return self.handle.caller == caller and self.handle.stands

    def channel_of(self, name: bytes) -> str:
        """What a bind under this name (UTF-8) is for, on this connection."""
        return channels.LDAP if name == self._name else self._found.get(name, self._channel)

    def witness_of(self, wanted: Filter) -> Witness | None:
        """What to tell of the entries that a search with this filter finds; None: they tell nothing."""
        channel = asserted_channel(wanted)
        return None if channel is None else partial(self._note, channel)

    def _note(self, channel: str, content: bytes) -> None:
        found, name = self._found, _object_name(content)
        found[name] = channel
        found.move_to_end(name)
        if len(found) > MAX_FOUND:
            found.popitem(last=False)


def asserted_channel(wanted: Filter) -> str | None:
    """The channel that everything this filter finds is open for; None when it asserts none."""
    if type(wanted) is Equality:
        if wanted.attribute.lower() not in _ENABLED_SERVICE:
            return None
        channel = wanted.value.decode("ascii", "replace").lower()
        return channel if channel in channels.MAIL_CHANNELS else None
    if type(wanted) is And:
        return next(filter(None, map(asserted_channel, wanted.filters)), None)
    return None


def _object_name(content: bytes) -> bytes:
    """The objectName at the beginning of a SearchResultEntry's content."""
    at, size = 2, content[1]
    if size >= _LONG_FORM:
        at += size - _LONG_FORM
        size = int.from_bytes(content[2:at], "big")
    return content[at : at + size]
