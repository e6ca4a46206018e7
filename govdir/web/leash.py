"""An end to a connection on a thread, whatever the other side does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Leash:
    """Ends a connection when its time is up: with a timeout of each read alone, the other side could send an
    octet every now and then for ever. `pull` ends it before that, from any thread."""

    def __init__(self) -> None:
        self.pulled = False
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def put_on(self, connected: socket.socket, seconds: float) -> None:
        """From now on the connection has so long to live; none at all if the leash was pulled already."""
        with self._lock:
            self._held = connected.dup()
            self._timer = threading.Timer(seconds, self.pull)
            self._timer.daemon = True
            self._timer.start()
            if self.pulled:
                self._cut()

    def pull(self) -> None:
        """Ends the connection now."""
        with self._lock:
            self.pulled = True
            self._cut()

    def close(self) -> None:
        """Takes it off: the connection is done with."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._held is not None:
                self._held.close()
                self._held = None

    def _cut(self) -> None:
        if self._held is not None:
            with suppress(OSError):  # it has just ended by itself
                self._held.shutdown(socket.SHUT_RDWR)


@contextmanager
def leashed() -> Iterator[Leash]:
    """A leash; TimeoutError is raised for whatever becomes of what it ended, a body that merely looks whole
    among it."""
    leash = Leash()
    try:
        yield leash
    except Exception:
        if leash.pulled:
            raise TimeoutError from None
        raise
    finally:
        leash.close()
    if leash.pulled:
        raise TimeoutError
