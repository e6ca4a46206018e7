"""cn=monitor: how one serving process is doing, worked out when it is read.

Names and classes are those of OpenLDAP's back-monitor where it has the same thing, so that what reads it
there reads it here. Nothing in it can be changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from govdir.directory.image import Image
from govdir.directory.static import StaticEntry
from govdir.ldap.server.root_dse import MONITOR_NAME
from govdir.ldap.server.tally import Tally

_STATM: Final = Path("/proc/self/statm")

Told = Iterable[tuple[str, Iterable[str | int]]]
"""Attributes beside objectClass and cn, with their values."""


class ConnectionState(Struct, frozen=True):
    """A connection now. `began` and `heard` are seconds of the reactor's clock; `dn` is "" for anonymous;
    `received`, `executing`, `pending` count requests."""

    number: int
    peer: str
    began: float
    heard: float
    dn: str
    tls: bool
    received: int
    executing: int
    pending: int


class Observed(Struct, frozen=True):
    """What the monitor looks at.

    `seconds` is the reactor's clock and `started` its time at the start; `opened` counts connections since
    then, `under_way` tells how many operations of each kind are, `queues` how much work waits for threads.
    """

    version: str
    started: float
    seconds: Callable[[], float]
    tally: Tally
    image: Image
    connections: Callable[[], Iterable[ConnectionState]]
    opened: Callable[[], int]
    under_way: Callable[[], Mapping[str, int]]
    queues: Mapping[str, Callable[[], int]]


class _Numbered:
    """Gives entries their numbers, by which those below name their parent."""

    def __init__(self) -> None:
        self.last = 0

    def entry(self, parent: int | None, name: str, kind: str, told: Told = ()) -> StaticEntry:
        self.last += 1
        attributes = [
            ("objectClass", (b"top", b"monitor", kind.encode())),
            ("cn", (name.encode(),)),
            ("structuralObjectClass", (kind.encode(),)),
            *((each, [str(value).encode() for value in values]) for each, values in told),
        ]
        return StaticEntry(parent, f"cn={name}", attributes)

    def counter(self, parent: int, name: str, value: int, description: str = "") -> StaticEntry:
        more = [("description", [description])] if description else []
        return self.entry(parent, name, "monitorCounterObject", [("monitorCounter", [value]), *more])


def monitor_entries(observed: Observed) -> Iterator[StaticEntry]:
    """All entries, parents first, the connections last."""
    give = _Numbered()
    yield give.entry(
        None,
        MONITOR_NAME.removeprefix("cn="),
        "monitorServer",
        [
            ("description", ["this process alone; read-only"]),
            ("monitoredInfo", [f"govdir {observed.version}", f"pid {os.getpid()}"]),
        ],
    )
    yield from _operations(give, observed)
    yield from _image(give, observed.image)
    yield from _queues(give, observed.queues)
    yield from _times(give, observed)
    yield from _connections(give, observed)


def _operations(give: _Numbered, observed: Observed) -> Iterator[StaticEntry]:
    tally, under_way = observed.tally, observed.under_way()
    ended = dict(tally.completed)
    come = {name: count + under_way.get(name, 0) for name, count in ended.items()}
    yield give.entry(1, "operations", "monitorOperation", _of_operation(come.values(), ended.values()))
    here = give.last
    for name, count in ended.items():
        yield give.entry(here, name, "monitorOperation", _of_operation([come[name]], [count]))
    yield give.entry(1, "results", "monitorContainer", [("description", ["other results than success"])])
    here = give.last
    for code, count in sorted(tally.results.items()):
        yield give.counter(here, str(int(code)), count, code.name.lower())
    yield give.entry(1, "statistics", "monitorContainer")
    yield give.counter(give.last, "entries", tally.entries, "entries that searches have sent")


def _of_operation(come: Iterable[int], ended: Iterable[int]) -> Told:
    return [("monitorOpInitiated", [sum(come)]), ("monitorOpCompleted", [sum(ended)])]


def _image(give: _Numbered, image: Image) -> Iterator[StaticEntry]:
    yield give.entry(1, "image", "monitorContainer", [("description", ["the directory in memory"])])
    here = give.last
    yield give.counter(here, "entries", image.count)
    yield give.counter(here, "change number", image.number, "every change up to it is in memory")
    yield give.counter(here, "resident bytes", _resident_bytes(), "memory of the process")


def _queues(give: _Numbered, queues: Mapping[str, Callable[[], int]]) -> Iterator[StaticEntry]:
    yield give.entry(1, "threads", "monitorContainer", [("description", ["work that is under way or waits"])])
    here = give.last
    for name, length in queues.items():
        yield give.counter(here, name, length())


def _times(give: _Numbered, observed: Observed) -> Iterator[StaticEntry]:
    now = observed.seconds()
    yield give.entry(1, "time", "monitorContainer")
    here = give.last
    for name, seconds in (("start", observed.started), ("current", now)):
        yield give.entry(here, name, "monitoredObject", [("monitorTimestamp", [_time(seconds)])])
    yield give.counter(here, "uptime", int(now - observed.started), "seconds")


def _connections(give: _Numbered, observed: Observed) -> Iterator[StaticEntry]:
    states = sorted(observed.connections(), key=lambda each: each.number)
    yield give.entry(1, "connections", "monitorContainer")
    here = give.last
    yield give.counter(here, "total", observed.opened(), "since the start")
    yield give.counter(here, "current", len(states))
    for each in states:
        yield give.entry(here, f"connection {each.number}", "monitorConnection", _of_connection(each))


def _of_connection(state: ConnectionState) -> Told:
    waiting = state.executing + state.pending
    return [
        ("monitorConnectionNumber", [state.number]),
        ("monitorConnectionPeerAddress", [state.peer]),
        ("monitorConnectionProtocol", ["LDAPv3 over TLS" if state.tls else "LDAPv3"]),
        ("monitorConnectionAuthzDN", [state.dn] if state.dn else []),
        ("monitorConnectionStartTime", [_time(state.began)]),
        ("monitorConnectionActivityTime", [_time(state.heard)]),
        ("monitorConnectionOpsReceived", [state.received]),
        ("monitorConnectionOpsExecuting", [state.executing]),
        ("monitorConnectionOpsPending", [state.pending]),
        ("monitorConnectionOpsCompleted", [state.received - waiting]),
    ]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%SZ")


def _resident_bytes() -> int:
    """0 where the system does not tell."""
    try:
        return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
