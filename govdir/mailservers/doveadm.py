"""Dovecot's HTTP interface (doveadm): ending open sessions, and letting a group into a mailbox.

Blocking, for threads of a pool. Dovecot 2.3 and 2.4 are asked the same. Size and time are bounded.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from pathlib import Path
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import DecodeError, ValidationError, json

from govdir.policy.texts import Wording

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PATH: Final = "/doveadm/v1"
"""Where the interface is when an address names no path."""

RIGHTS: Final = (
    "lookup", "read", "write", "write-seen", "write-deleted", "insert", "post", "expunge", "create", "delete",
)  # fmt: skip
"""What owner and delegates may do in a shared mailbox: everything but change who may."""

TIMEOUT_SECONDS: Final = 5.0
"""To connect, to take the question, and from there to the end of the answer."""
ANSWER_BYTES: Final = 256 * 1024

_HTTP_OK: Final = 200
_NOBODY_THERE: Final = 68
"""EX_NOUSER, with which doveadm kick of Dovecot 2.3 ends when the user has no session."""

_KICKED_NOBODY: Final = [{"count": "0"}]
"""Dovecot 2.4 counts sessions instead."""

_NO_KEY: Final = Wording(
    "{file}: không đọc được khóa doveadm; “govdir service config” với Dovecot tạo khóa này",
    '{file}: the doveadm key cannot be read; "govdir service config" for Dovecot makes it',
)
_NO_CONNECTION: Final = Wording("không kết nối được ({reason})", "no connection ({reason})")
_UNTRUSTED: Final = Wording(
    "chứng thư TLS không hợp lệ ({reason})", "its TLS certificate is not valid ({reason})"
)
_LATE: Final = Wording("không trả lời kịp", "no answer in time")
_DENIED: Final = Wording(
    "từ chối khóa (mã {status}): doveadm_api_key ở Dovecot phải trùng với {file}",
    "refuses the key (status {status}): doveadm_api_key in Dovecot must be that of {file}",
)
_STATUS: Final = Wording("trả lời mã {status}", "answered with status {status}")
_BROKEN: Final = Wording("trả lời không đúng dạng", "its answer cannot be read")
_FAILED: Final = Wording(
    "lệnh {command} thất bại ({reason}), xem nhật ký Dovecot",
    "the command {command} failed ({reason}), see Dovecot's log",
)

Parameters = Mapping[str, str | Sequence[str]]


class DoveadmTrouble(Exception):
    """A Dovecot server did not do what it was asked; `why` for the operator, without the key."""

    def __init__(self, why: Wording) -> None:
        super().__init__(why.en)
        self.why = why


class _Answering(RawIOBase):
    """What a socket receives within TIMEOUT_SECONDS in all, however little at a time, for HTTPResponse."""

    def __init__(self, connection: socket) -> None:
        self._connection = connection
        self._ends = monotonic() + TIMEOUT_SECONDS

    def makefile(self, _mode: str) -> BufferedReader:
        """As socket's."""
        return BufferedReader(self)

    def readable(self) -> bool:
        """As RawIOBase's."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """As RawIOBase's. Raises TimeoutError."""
        remains = self._ends - monotonic()
        if remains <= 0:
            raise TimeoutError
        self._connection.settimeout(remains)
        return self._connection.recv_into(buffer)


class Doveadm:
    """One server's interface. `authority`: certificates trusted beside the system's, or None; key and
    certificates are read at each request."""

    def __init__(self, url: str, key_file: Path, authority: Path | None = None) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._path = parts.path.rstrip("/") or PATH
        self._key_file = key_file
        self._authority = authority

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{self._host}:{self._port}"

    def kick(self, user: str) -> bool:
        """Ends all sessions of a user name; whether there were any. Raises DoveadmTrouble.

        Dovecot takes a mask: a name with a wildcard is asked for by nobody (ValueError).
        """
        if not user or "*" in user or "?" in user:
            raise ValueError(user)
        return self._run("kick", {"mask": [user]})

    def grant(self, user: str, group: str) -> None:
        """Lets a group into all folders of a user's mailbox. Raises DoveadmTrouble."""
        self._run("aclSet", {"user": user, "mailbox": "INBOX", "id": f"group={group}", "right": RIGHTS})

    def _run(self, command: str, parameters: Parameters) -> bool:
        """Whether there was anybody it could be done to."""
        kind, told = self._answer(json.encode([[command, parameters, "govdir"]]))
        if kind == "doveadmResponse":
            return told != _KICKED_NOBODY
        if kind != "error" or not isinstance(told, dict):
            raise DoveadmTrouble(_BROKEN)
        if told.get("exitCode") == _NOBODY_THERE and command == "kick":
            return False
        reason = told.get("exitCode", told.get("type", "?"))
        raise DoveadmTrouble(_FAILED.filled(command=command, reason=reason))

    def _answer(self, body: bytes) -> tuple[str, object]:
        octets = self._post(body)
        try:
            ((kind, told, _tag),) = json.decode(octets, type=list[tuple[str, object, str]])
        except (DecodeError, ValidationError, ValueError):
            raise DoveadmTrouble(_BROKEN) from None
        return kind, told

    def _post(self, body: bytes) -> bytes:
        request = self._request(body)
        try:
            with closing(self._connection()) as connection:
                connection.connect()
                connection.sock.sendall(request)
                response = HTTPResponse(_Answering(connection.sock), method="POST")  # type: ignore[arg-type] # enough of one
                response.begin()
                answer = response.read(ANSWER_BYTES)
        except ssl.SSLCertVerificationError as error:
            raise DoveadmTrouble(_UNTRUSTED.filled(reason=error.verify_message)) from None
        except TimeoutError:
            raise DoveadmTrouble(_LATE) from None
        except OSError as error:
            raise DoveadmTrouble(
                _NO_CONNECTION.filled(reason=error.strerror or type(error).__name__)
            ) from None
        except HTTPException:
            raise DoveadmTrouble(_BROKEN) from None
        if response.status in (401, 403):
            raise DoveadmTrouble(_DENIED.filled(status=response.status, file=self._key_file))
        if response.status != _HTTP_OK:
            raise DoveadmTrouble(_STATUS.filled(status=response.status))
        return answer

    def _request(self, body: bytes) -> bytes:
        """In one piece: a wrong key is refused after the header, and what comes later resets the answer. Told
        to close the connection, Dovecot 2.3 does not refuse a wrong key at all, it only waits."""
        lines = (
            f"POST {self._path} HTTP/1.1",
            f"Host: {self.place}",
            f"Authorization: {self._authorization()}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        return "\r\n".join((*lines, "", "")).encode("ascii") + body

    def _authorization(self) -> str:
        try:
            key = self._key_file.read_bytes().strip()
        except OSError:
            key = b""
        if not key:
            raise DoveadmTrouble(_NO_KEY.filled(file=self._key_file))
        return f"X-Dovecot-API {b64encode(key).decode()}"

    def _connection(self) -> HTTPConnection:
        if not self._tls:
            return HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        context = ssl.create_default_context()
        if self._authority is not None and self._authority.exists():
            context.load_verify_locations(self._authority)
        return HTTPSConnection(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
