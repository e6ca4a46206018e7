"""Requests to other servers: metadata that is fetched, and logouts told from server to server.

Blocking, for threads of a pool. Only https, no redirect, no proxy of the environment, no compressed answer;
size and time are bounded, whatever the other side does.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from govdir.directory.errors import Busy
from govdir.directory.ports import SlowWork
from govdir.policy.texts import Wording
from govdir.sso.ports import Unreachable
from govdir.web.leash import Leash, leashed
from govdir.web.outbound_addresses import Destinations, NoAnswer, Target

FETCH_BYTES: Final = 4 * 1024 * 1024
"""Metadata of one service provider has 10 KiB, of a federation some MiB."""

FETCH_SECONDS: Final = 20.0

POST_BYTES: Final = 256 * 1024
"""An answer to a logout has 5 KiB."""

POST_SECONDS: Final = 5.0
"""Somebody waits before the screen until every application has been told."""

BACK_CHANNEL_THREADS: Final = 8
"""Applications told of one logout at once; a dead one holds a thread for POST_SECONDS."""

BACK_CHANNEL_WAITING: Final = 256

_HTTP_OK: Final = 200
_METADATA_TYPES: Final = "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
_SOAP_HEADERS: Final = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '"http://www.oasis-open.org/committees/security"',  # saml-bindings §3.2.3.2
}

_NO_CONNECTION: Final = Wording("{host}: không kết nối được", "{host}: no connection")
_UNTRUSTED: Final = Wording(
    "{host}: chứng thư TLS không hợp lệ ({reason})", "{host}: its TLS certificate is not valid ({reason})"
)
_NO_AUTHORITY: Final = Wording(
    "{file} không phải là chứng thư dạng PEM (tls.authority)",
    "{file} is no certificate in PEM (tls.authority)",
)
_LATE: Final = Wording("{host}: không trả lời kịp", "{host}: no answer in time")
_BROKEN: Final = Wording("{host}: trả lời không đúng HTTP", "{host}: its answer is not HTTP")
_STATUS: Final = Wording("{host}: trả lời mã {status}", "{host}: answered with status {status}")
_MOVED: Final = Wording(
    "{host}: chuyển hướng (mã {status}); hãy ghi thẳng địa chỉ mới",
    "{host}: redirects (status {status}); give the new address itself",
)
_ENCODED: Final = Wording("{host}: trả lời ở dạng nén", "{host}: its answer is compressed")
_TOO_LONG: Final = Wording(
    "{host}: trả lời dài quá {limit} byte", "{host}: its answer is longer than {limit} bytes"
)
_OVERLOADED = Wording(
    "quá nhiều thông điệp đang chờ gửi đến các ứng dụng", "too many messages to applications are waiting"
)
_FAULT = Wording("lỗi bên trong govdir, xem nhật ký", "a fault in govdir itself, see its log")


class Outbound:
    """`authority`: a file of certificates trusted beside the system's, or None; it is read at first use."""

    def __init__(
        self,
        destinations: Destinations,
        authority: Path | None = None,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._destinations = destinations
        self._authority = authority
        self._seconds = seconds
        self._context: ssl.SSLContext | None = None

    def renew(self) -> None:
        """Reads the authority again at the next use."""
        self._context = None

    def _tls(self) -> ssl.SSLContext:
        """Raises NoAnswer for an authority that cannot be read."""
        context = self._context
        if context is None:
            context = ssl.create_default_context()
            if self._authority is not None and self._authority.exists():
                try:
                    context.load_verify_locations(self._authority)
                except OSError:
                    raise NoAnswer(_NO_AUTHORITY.filled(file=self._authority)) from None
            self._context = context
        return context

    def fetch(
        self, url: str, limit_bytes: int = FETCH_BYTES, timeout_seconds: float = FETCH_SECONDS
    ) -> bytes:
        """The body of a GET that is answered with 200. Raises NoAnswer."""
        headers = {"Accept": _METADATA_TYPES}
        return self._ask("GET", url, None, headers, limit_bytes=limit_bytes, timeout_seconds=timeout_seconds)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        limit_bytes: int = POST_BYTES,
        timeout_seconds: float = POST_SECONDS,
    ) -> bytes:
        """The body of the answer to a POST, if that is 200. Raises NoAnswer."""
        return self._ask("POST", url, body, headers, limit_bytes=limit_bytes, timeout_seconds=timeout_seconds)

    def _ask(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        limit_bytes: int,
        timeout_seconds: float,
    ) -> bytes:
        ends = self._seconds() + timeout_seconds
        target, tls = self._destinations.target(url), self._tls()
        everything = {"Accept-Encoding": "identity", "User-Agent": "govdir", **headers, "Connection": "close"}
        with _told(target.host), leashed() as leash:
            connection = _Pinned(target, tls, leash, lambda: ends - self._seconds())
            with closing(connection):
                connection.request(method, target.path, body, everything)
                return _body(connection.getresponse(), target.host, limit_bytes)


def _body(response: HTTPResponse, host: str, limit_bytes: int) -> bytes:
    if 300 <= response.status < 400:
        raise NoAnswer(_MOVED.filled(host=host, status=response.status))
    if response.status != _HTTP_OK:
        raise NoAnswer(_STATUS.filled(host=host, status=response.status))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoAnswer(_ENCODED.filled(host=host))
    body = response.read(limit_bytes + 1)
    if len(body) > limit_bytes:
        raise NoAnswer(_TOO_LONG.filled(host=host, limit=limit_bytes))
    if response.length:  # http.client does not say so when it was asked for at most so many octets
        raise NoAnswer(_BROKEN.filled(host=host))
    return body


@contextmanager
def _told(host: str) -> Iterator[None]:
    """Whatever goes wrong on the way leaves as NoAnswer."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(_UNTRUSTED.filled(host=host, reason=error.verify_message)) from None
    except TimeoutError:
        raise NoAnswer(_LATE.filled(host=host)) from None
    except OSError:
        raise NoAnswer(_NO_CONNECTION.filled(host=host)) from None
    except (HTTPException, ValueError):
        raise NoAnswer(_BROKEN.filled(host=host)) from None


class _Pinned(HTTPConnection):
    """A connection to the addresses that were judged; `left` says how many seconds remain."""

    def __init__(self, target: Target, tls: ssl.SSLContext, leash: Leash, left: Callable[[], float]) -> None:
        self.default_port = 443 if target.tls else 80
        super().__init__(target.host, target.port)
        self._target = target
        self._tls = tls
        self._leash = leash
        self._left = left

    def connect(self) -> None:
        """To the first address that takes the connection. Raises OSError."""
        connected = self._connected()
        self.sock = connected
        self._leash.put_on(connected, self._time_left())
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._target.tls:
            self.sock = self._tls.wrap_socket(connected, server_hostname=self._target.host)

    def _connected(self) -> socket.socket:
        failure: OSError = ConnectionError()
        for family, address in self._target.addresses:
            attempt = socket.socket(family, socket.SOCK_STREAM)
            try:
                attempt.settimeout(self._time_left())
                attempt.connect((address, self._target.port))
            except OSError as error:
                attempt.close()
                failure = error
            else:
                return attempt
        raise failure

    def _time_left(self) -> float:
        left = self._left()
        if left <= 0:
            raise TimeoutError
        return left


class SoapChannel:
    """Implements sso.ports.BackChannel on a pool of its own, so that dead servers hold up nobody else."""

    _log = Logger()

    def __init__(self, outbound: Outbound, slow: SlowWork) -> None:
        self._outbound = outbound
        self._slow = slow

    def post(self, url: str, octets: bytes) -> Deferred[bytes]:
        """See sso.ports.BackChannel."""
        asked = self._slow.run(partial(self._outbound.post, url, octets, _SOAP_HEADERS))
        return Deferred.fromCoroutine(self._answer(asked))

    async def _answer(self, asked: Awaitable[bytes]) -> bytes:
        try:
            return await asked
        except Unreachable:
            raise
        except Busy:
            raise NoAnswer(_OVERLOADED) from None
        except Exception:
            self._log.failure("a message to another server failed")
            raise NoAnswer(_FAULT) from None
