"""The access log: one JSON object a line for each operation and each connection's beginning and end.

What may be secret never gets in: passwords, values asserted of password attributes, values of extended
requests, attribute values of any update. `result` is null where no result was sent (abandoned).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from json.encoder import encode_basestring
from time import gmtime, strftime

from msgspec import Struct
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from govdir.ldap.codec.filter_text import format_filter
from govdir.ldap.codec.filters import And, Equality, Extensible, Filter, Not, Or, Present, Substrings
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    BindRequest,
    CompareRequest,
    DeleteRequest,
    ExtendedRequest,
    ModifyDnRequest,
    ModifyRequest,
    Request,
    Response,
    SaslAuthentication,
    SearchRequest,
)

# A page of the disk cache a write; and what `tail -f` shows is never older than this.
FLUSH_BYTES = 64 * 1024
FLUSH_SECONDS = 0.5

# Filters whose text is kept: half a MiB at most.
REMEMBERED_TEXTS = 1024
REMEMBERED_TEXT = 512

# Parts of the names, and the OID, of attributes whose values nobody may read from a log.
# Characters of an attribute's name that are worth remembering an answer for.
_LONGEST_KNOWN = 256

SECRET_NAMES = ("passw", "pwd", "secret", "totp", "2.5.4.35")
HIDDEN = b"<hidden>"

_SCOPES = ("base", "one", "sub")
# Octets that stand for themselves in filter text and need no escape in JSON after it.
_PLAIN = bytes(set(range(0x20, 0x7F)) - set(b'()*\\"'))

_NULL = "null"

_log = Logger(namespace="govdir.ldap")
_quote: Callable[[str], str] = encode_basestring


class RepeatedLine(Struct, frozen=True):
    """The line of a search without message id, value, outcome and time; `slots` is how often the value stands
    in the filter, between the `pieces`."""

    origin: str
    pieces: tuple[str, ...]

    @property
    def slots(self) -> int:
        """How often the value stands in it."""
        return len(self.pieces) - 1


def is_plain(value: bytes) -> bool:
    """Whether a value stands for itself in filter text and in JSON."""
    return not value.translate(None, _PLAIN)


class AccessLog:
    """Gathers lines and hands them to `write` in blocks of whole lines.

    `write` may block for as long as a write to a file's page cache does; when it fails the block is lost,
    which the server's own log tells.
    """

    def __init__(self, write: Callable[[str], object], clock: IReactorTime) -> None:
        self._write = write
        self._clock = clock
        self._seconds = clock.seconds
        self._texts: dict[Filter, str] = {}
        self._lines: list[str] = []
        self._size = 0
        self._flush_call: IDelayedCall | None = None
        self._second = -1
        self._stamp = ""

    def search(
        self,
        origin: str,
        message_id: int,
        request: SearchRequest,
        *,
        code: int | None,
        entries: int,
        seconds: float,
    ) -> None:
        """A search that has ended; `origin` is from `origin_of`, `seconds` from arrival to the last write."""
        wanted = request.filter
        if type(wanted) is Equality and is_plain(wanted.value) and not is_secret(wanted.attribute):
            text = f"({wanted.attribute}={wanted.value.decode('ascii')})"
        else:
            text = self._filter_text(wanted)
        self._append(
            f'{origin},"id":{message_id},"op":"search","base":{_quote(request.base)},'
            f'"scope":"{_SCOPES[request.scope]}","filter":{_quote(text)},'
            f'"attrs":{_quote(" ".join(request.attributes))},'
            f'"result":{_NULL if code is None else int(code)},"entries":{entries},'
            f'"us":{int(seconds * 1e6)}}}\n'
        )

    def _filter_text(self, wanted: Filter) -> str:
        """The filter as text; short ones without secrets are remembered, since address books ask again."""
        text = self._texts.get(wanted)
        if text is None:
            shown = without_secrets(wanted)
            text = format_filter(shown)
            if len(text) <= REMEMBERED_TEXT and shown == wanted:
                if len(self._texts) >= REMEMBERED_TEXTS:
                    self._texts.clear()
                self._texts[wanted] = text
        return text

    def repeated(
        self, line: RepeatedLine, message_id: int, value: bytes, entries: int, seconds: float
    ) -> None:
        """A successful search like an earlier one, with another value (which `is_plain`)."""
        told = f"={value.decode('ascii')})".join(line.pieces)
        self._append(
            f'{line.origin},"id":{message_id},"op":"search",{told},"result":0,"entries":{entries},'
            f'"us":{int(seconds * 1e6)}}}\n'
        )

    def operation(
        self,
        origin: str,
        message_id: int,
        name: str,
        request: Request | Response,
        *,
        code: int | None,
        seconds: float,
        channel: str = "",
    ) -> None:
        """Any operation that has ended; `channel` is a bind's, "" for one that is plain LDAP."""
        if isinstance(request, SearchRequest):
            self.search(origin, message_id, request, code=code, entries=0, seconds=seconds)
            return
        by = f',"channel":{_quote(channel)}' if channel else ""
        self._append(
            f'{origin},"id":{message_id},"op":"{name}"{_describe(request)}{by},'
            f'"result":{_NULL if code is None else int(code)},"us":{int(seconds * 1e6)}}}\n'
        )

    def known_bind(self, origin: str, message_id: int, name: str, channel: str, seconds: float) -> None:
        """A bind that succeeded because its password was known; the line is that of any other."""
        by = f',"channel":{_quote(channel)}' if channel else ""
        self._append(
            f'{origin},"id":{message_id},"op":"bind","dn":{_quote(name)},"method":"simple"{by},'
            f'"result":0,"us":{int(seconds * 1e6)}}}\n'
        )

    def event(self, connection: int, name: str, **facts: str | int) -> None:
        """Something that happened to a connection: connect, disconnect, refuse."""
        told = "".join(
            f',"{key}":{_quote(value) if isinstance(value, str) else value}' for key, value in facts.items()
        )
        self._append(f'"conn":{connection},"op":"{name}"{told}}}\n')

    def flush(self) -> None:
        """Hands over what has been gathered; at shutdown, and by itself when it is much or old."""
        if self._flush_call is not None and self._flush_call.active():
            self._flush_call.cancel()
        self._flush_call = None
        if not self._lines:
            return
        block = "".join(self._lines)
        self._lines.clear()
        self._size = 0
        try:
            self._write(block)
        except OSError as error:
            _log.error("access log: {size} octets lost: {error}", size=len(block), error=error)

    def _append(self, line: str) -> None:
        now = self._seconds()
        second = int(now)
        if second != self._second:
            self._second = second
            self._stamp = strftime('{"time":"%Y-%m-%dT%H:%M:%S', gmtime(second))
        line = f'{self._stamp}.{int((now - second) * 1e6):06d}Z",{line}'
        self._lines.append(line)
        self._size += len(line)
        if self._size >= FLUSH_BYTES:
            self.flush()
        elif self._flush_call is None:
            self._flush_call = self._clock.callLater(FLUSH_SECONDS, self.flush)


def repeated_line(origin: str, request: SearchRequest, value: bytes) -> RepeatedLine | None:
    """The line of this request with `value` left open; None when it does not show the value."""
    filter_pieces = format_filter(without_secrets(request.filter)).split(f"={value.decode('ascii')})")
    if len(filter_pieces) < 2:
        return None
    first, *between, last = (_quote(piece)[1:-1] for piece in filter_pieces)
    first = f'"base":{_quote(request.base)},"scope":"{_SCOPES[request.scope]}","filter":"{first}'
    last = f'{last}","attrs":{_quote(" ".join(request.attributes))}'
    return RepeatedLine(origin, (first, *between, last))


def origin_of(connection: int, caller_dn: str, by: str = "") -> str:
    """The part of a line that stays while the identity of a connection does; `by` is who acts as it."""
    acting = f',"by":{_quote(by)}' if by else ""
    return f'"conn":{connection},"caller":{_quote(caller_dn)}{acting}'


def is_secret(attribute: str) -> bool:
    """Whether values of an attribute, under any spelling, are to be kept out."""
    return _is_secret(attribute) if len(attribute) <= _LONGEST_KNOWN else _is_secret.__wrapped__(attribute)


@lru_cache(maxsize=1024)
def _is_secret(attribute: str) -> bool:
    lowered = attribute.lower()
    return any(name in lowered for name in SECRET_NAMES)


def without_secrets(wanted: Filter) -> Filter:
    """The filter with the values asserted of secret attributes replaced."""
    match wanted:
        case And(filters):
            return And(tuple(without_secrets(each) for each in filters))
        case Or(filters):
            return Or(tuple(without_secrets(each) for each in filters))
        case Not(inner):
            return Not(without_secrets(inner))
        case Present():
            return wanted
        case Extensible(rule, attribute, _, dn_attributes):
            # Without an attribute the value is asserted of every attribute, passwords too.
            if attribute is None or is_secret(attribute):
                return Extensible(rule, attribute, HIDDEN, dn_attributes)
            return wanted
        case Substrings(attribute):
            return Substrings(attribute, HIDDEN, (), None) if is_secret(attribute) else wanted
        case _:
            return type(wanted)(wanted.attribute, HIDDEN) if is_secret(wanted.attribute) else wanted


def _describe(request: Request | Response) -> str:
    match request:
        case BindRequest(_, name, authentication):
            method = "simple"
            if isinstance(authentication, SaslAuthentication):
                method = f"sasl {authentication.mechanism}"
            return f',"dn":{_quote(name)},"method":{_quote(method)}'
        case AddRequest(entry, attributes):
            return f',"dn":{_quote(entry)},"attrs":{_quote(" ".join(each.type for each in attributes))}'
        case ModifyRequest(name, changes):
            told = " ".join(f"{each.operation.name.lower()}:{each.modification.type}" for each in changes)
            return f',"dn":{_quote(name)},"attrs":{_quote(told)}'
        case ModifyDnRequest(entry, new_rdn, _, new_superior):
            told = "" if new_superior is None else f',"newSuperior":{_quote(new_superior)}'
            return f',"dn":{_quote(entry)},"newRdn":{_quote(new_rdn)}{told}'
        case DeleteRequest(entry):
            return f',"dn":{_quote(entry)}'
        case CompareRequest(entry, attribute):
            return f',"dn":{_quote(entry)},"attr":{_quote(attribute)}'
        case ExtendedRequest(name):
            return f',"oid":{_quote(name)}'
        case AbandonRequest(message_id):
            return f',"target":{message_id}'
        case _:
            return ""
