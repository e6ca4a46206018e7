"""Search (RFC 4511 §4.5), in turns: each takes a bounded time and makes a bounded number of octets."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from govdir.directory.errors import TimeLimitExceeded
from govdir.directory.handle import Handle
from govdir.directory.matches import NOTHING_FOUND, Annotated, Found, Matches, Reference
from govdir.directory.options import PLAIN_SEARCH
from govdir.ldap.codec.controls.list_view import encode_list_view_result
from govdir.ldap.codec.controls.paged_results import PagedResults, encode_paged_results
from govdir.ldap.codec.controls.sorting import encode_sort_result
from govdir.ldap.codec.encode import annotated_entry, search_done, search_entry, search_reference
from govdir.ldap.codec.messages import Control, SearchRequest
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.controls import NOTHING_ASKED, Asked
from govdir.ldap.server.limits import ServerLimits
from govdir.ldap.server.own_entries import OwnEntries
from govdir.ldap.server.password_policy import told_of_refusal
from govdir.ldap.server.provenance import Witness
from govdir.ldap.server.results import result_of

# Reading the clock costs as much as a tenth of an entry.
_ENTRIES_PER_LOOK = 16


class SearchRun:
    """One search under way.

    `code` is None until it has ended; `entries` counts what was sent; `started` is perf_counter's time of the
    request's arrival. `witness`, if there is one, is given the content of each entry.
    """

    __slots__ = (
        "_found",
        "_matches",
        "_options",
        "_until",
        "asked",
        "code",
        "entries",
        "message_id",
        "request",
        "started",
        "witness",
    )

    def __init__(
        self,
        message_id: int,
        request: SearchRequest,
        started: float,
        asked: Asked = NOTHING_ASKED,
        witness: Witness | None = None,
    ) -> None:
        self.message_id = message_id
        self.request = request
        self.started = started
        self.entries = 0
        self.code: ResultCode | None = None
        self._matches = NOTHING_FOUND
        self.witness = witness
        self.asked = asked
        self._options = asked.search

    def begin(self, handle: Handle, own: OwnEntries, limits: ServerLimits) -> list[bytes]:
        """The first turn: nearly always the whole answer. Returns encoded messages, as `advance` does."""
        request = self.request
        try:
            base, matches = request.base, None
            if len(base) <= own.longest_name or base.endswith(own.endings):
                matches = own.search(request, handle, self._options)
            if matches is None:
                matches = handle.search(request, self._options)
        except Exception as error:  # every failure of the directory is answered, none reaches the reactor
            return [self._failed(error)]
        self._matches = matches
        self._found: Iterator[Found] = iter(matches)
        asked = request.time_limit_seconds
        self._until = self.started + (min(asked, limits.search_seconds) if asked else limits.search_seconds)
        return self.advance(limits)

    def advance(self, limits: ServerLimits) -> list[bytes]:
        """One turn: encoded messages to send in this order; once `code` is set the last is the result."""
        messages: list[bytes] = []
        size = 0
        looks = 0
        entries = self.entries
        message_id = self.message_id
        turn_ends = 0.0
        witness = self.witness
        try:
            for content in self._found:
                if type(content) is bytes:
                    messages.append(search_entry(message_id, content))
                    if witness is not None:
                        witness(content)
                    size += len(content)
                    entries += 1
                    looks += 1
                    if size < limits.turn_bytes and looks % _ENTRIES_PER_LOOK:
                        continue
                elif content is not None:
                    messages.append(self._unusual(content))
                    size += len(messages[-1])
                    entries += isinstance(content, Annotated)
                now = perf_counter()
                if now >= self._until:
                    raise TimeLimitExceeded("the search took longer than its time limit")
                if not turn_ends:
                    turn_ends = now + limits.turn_seconds
                if now >= turn_ends or size >= limits.turn_bytes:
                    self.entries = entries
                    return messages
        except Exception as error:  # as in begin
            messages.append(self._failed(error))
        else:
            self.code = ResultCode.SUCCESS
            controls = () if self._options is PLAIN_SEARCH else tuple(self._controls(self._matches))
            messages.append(search_done(message_id, ResultCode.SUCCESS, controls=controls))
        self.entries = entries
        return messages

    def _unusual(self, found: Found) -> bytes:
        """The message of what is not simply an entry."""
        if isinstance(found, Annotated):
            if self.witness is not None:
                self.witness(found.content)
            return annotated_entry(self.message_id, found.content, found.controls)
        if isinstance(found, Reference):
            return search_reference(self.message_id, found.uris)
        raise TypeError(type(found))

    def _failed(self, error: Exception) -> bytes:
        result = result_of(error)
        self.code = result.code
        told = (result.matched_dn, result.diagnostic_message)
        controls = (*self._controls(self._matches), *told_of_refusal(self.asked, error))
        return search_done(self.message_id, result.code, *told, controls=controls, referrals=result.referrals)

    def _controls(self, matches: Matches) -> Iterator[Control]:
        """What goes with the result, that of a search that failed, too."""
        if matches.sorted is not None:
            yield encode_sort_result(matches.sorted)
        if matches.view is not None:
            yield encode_list_view_result(matches.view)
        if self._options.page is not None and self.code is ResultCode.SUCCESS:
            yield encode_paged_results(PagedResults(0, matches.cookie))
