"""Searches that repeat an earlier one with another value: a mail server's look-ups, answered from the octets.

A program that looks addresses up sends the same octets again and again but for the message id and the value.
When a request was answered in the ordinary way, its octets around the value are remembered; a later message
of the same size with the same octets around a value of the same length is, BER being deterministic, the same
request with that value. It needs no decoding, and the search has been prepared (directory.prepared).
"""

from __future__ import annotations

from typing import Final

from govdir.directory.prepared import PreparedSearch
from govdir.ldap.codec.encode import search_done, search_entry
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import RepeatedLine, is_plain
from govdir.ldap.server.provenance import Witness

# A mail server has a handful of look-ups, each in some twenty lengths; about 1 KiB is kept for each.
MAX_FORMS: Final = 256
MAX_FORMS_OF_A_SIZE: Final = 4

_OCTET_STRING: Final = 0x04
_INTEGER: Final = 0x02


Answer = tuple[bytes, RepeatedLine, int, bytes, int]
"""Octets to send; for the access log: line, message id, value, number of entries."""


class _Form:
    """The octets of one request around message id and value; `slot` is tag and length of the value."""

    __slots__ = ("at", "head", "id_at", "id_end", "line", "pieces", "search", "size", "slot", "witness")

    def __init__(
        self,
        data: bytes,
        id_at: int,
        value: bytes,
        search: PreparedSearch,
        line: RepeatedLine,
        *,
        witness: Witness | None,
    ) -> None:
        self.id_at = id_at
        self.id_end = id_at + data[id_at - 1]
        self.head = data[:id_at]
        self.slot = bytes((_OCTET_STRING, len(value)))
        self.pieces = data[self.id_end :].split(self.slot + value)
        self.at = self.id_end + len(self.pieces[0]) + 2
        self.size = len(value)
        self.search = search
        self.line = line
        self.witness = witness

    def value(self, data: bytes) -> bytes | None:
        """The value in a message of the same size, None when it is not the same request."""
        if not data.startswith(self.head):
            return None
        value = data[self.at : self.at + self.size]
        same = data[self.id_end :] == (self.slot + value).join(self.pieces)
        return value if same and is_plain(value) else None


class Repeats:
    """What one identity on one connection has asked before."""

    __slots__ = ("_by_size", "_count")

    def __init__(self) -> None:
        self._by_size: dict[int, list[_Form]] = {}
        self._count = 0

    def answer(self, data: bytes) -> Answer | None:
        """The answer to a message that repeats an earlier search; None: treat it as any other."""
        forms = self._by_size.get(len(data))
        if forms is None:
            return None
        for form in forms:
            value = form.value(data)
            if value is None:
                continue
            search = form.search
            if not search.stands:
                forms.remove(form)
                self._count -= 1
                return None
            message_id = int.from_bytes(data[form.id_at : form.id_end], "big", signed=True)
            contents = search.contents(value)
            if contents is None or message_id <= 0:
                return None
            octets = search_done(message_id, ResultCode.SUCCESS)
            if contents:
                octets = search_entry(message_id, contents[0]) + octets
                if form.witness is not None:
                    form.witness(contents[0])
            return octets, form.line, message_id, value, len(contents)
        return None

    def learn(
        self,
        data: bytes,
        value: bytes,
        search: PreparedSearch,
        line: RepeatedLine,
        witness: Witness | None = None,
    ) -> None:
        """Remembers `data`: one whole message, a search with this open value that has been answered.

        `witness` is given the content of each entry that is found by it.
        """
        id_at = _message_id_at(data)
        if id_at is None or not is_plain(value) or len(value) > 0x7F:
            return
        if line.slots != search.open_values:
            return  # the value also stands in a condition that was prepared as it is
        slot = bytes((_OCTET_STRING, len(value))) + value
        if data.count(value) != line.slots or data.count(slot) != line.slots:
            return  # the value also stands somewhere else: the octets do not tell where
        if self._count >= MAX_FORMS:
            self._by_size.clear()
            self._count = 0
        forms = self._by_size.setdefault(len(data), [])
        if len(forms) >= MAX_FORMS_OF_A_SIZE:
            del forms[0]
            self._count -= 1
        forms.append(_Form(data, id_at, value, search, line, witness=witness))
        self._count += 1


def _message_id_at(data: bytes) -> int | None:
    """Where the message id begins in octets that are one whole message with one or two length octets."""
    at = 2 if data[1] < 0x80 else 3 if data[1] == 0x81 else None
    if at is None or len(data) != at + data[at - 1] or data[at] != _INTEGER or data[at + 1] > 4:
        return None
    return at + 2
