"""The load generator: synchronous connections, requests encoded beforehand, answers hardly read.

It runs as a process of its own (`python -m bench.load`): a job on stdin, a result on stdout, both JSON.
The result says how much processor time the generator itself took, so that a reader can see that it was not
what was measured.
"""

from __future__ import annotations

import base64
import gc
import itertools
import json
import select
import socket
import subprocess
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from bench import wire

_READ_BYTES: Final = 1 << 18
_ANSWER_TIMEOUT_SECONDS: Final = 120.0
_TAIL_BYTES: Final = 2048  # longer than any final message with its diagnostic
_MAX_SAMPLES: Final = 2_000_000  # latencies kept; more than any run here makes


@dataclass(frozen=True, slots=True)
class Job:
    """What to ask and how: `codes` are the resultCodes that count; `greeting` is sent once, first."""

    port: int
    requests: Sequence[bytes]
    connections: int
    seconds: float
    final_tag: int
    codes: tuple[int, ...] = (0,)
    greeting: bytes = b""
    most_requests: int = 0  # stop after that many; 0 = only after `seconds`
    per_second: float = 0.0  # at even intervals on whichever connection is free; 0 = as fast as answers come
    other_tag: int = 0  # of answers to requests of a second kind among `requests`; 0 = there are none
    own_share: bool = False  # each connection goes round in its part of `requests` only

    def to_json(self) -> str:
        """As one line of text."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["requests"] = [base64.b64encode(request).decode() for request in self.requests]
        fields["greeting"] = base64.b64encode(self.greeting).decode()
        return json.dumps(fields)

    @classmethod
    def from_json(cls, line: str) -> Self:
        """From what `to_json` made."""
        fields = json.loads(line)
        fields["requests"] = [base64.b64decode(request) for request in fields["requests"]]
        fields["greeting"] = base64.b64decode(fields["greeting"])
        fields["codes"] = tuple(fields["codes"])
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured; latencies in milliseconds; the generator took `generator_share` of one core."""

    operations: int
    seconds: float
    per_second: float
    p50_ms: float
    p99_ms: float
    received_bytes: int
    generator_share: float


class UnexpectedAnswer(Exception):
    """The server refused what should have succeeded: a figure made of refusals would be worthless."""


def run_apart(job: Job) -> Result:
    """Runs the job in a new process. Raises RuntimeError with what it said when it fails."""
    command = [sys.executable, "-m", "bench.load"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, input=job.to_json(), capture_output=True, text=True, check=False, cwd=root)
    if done.returncode:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-2000:]}")
    return Result(**json.loads(done.stdout))


class _Connection:
    """One connection with one request outstanding."""

    def __init__(self, port: int, job: Job, start: int) -> None:
        peer = socket.create_connection(("127.0.0.1", port), _ANSWER_TIMEOUT_SECONDS)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.descriptor = peer.fileno()
        self.receive: Callable[[int], bytes] = peer.recv
        self.send: Callable[[bytes], int] = peer.send
        self.next_request = start
        self.sent_at = 0.0
        self._socket = peer
        tags = [tag for tag in (job.final_tag, job.other_tag) if tag]
        self._endings = tuple(wire.plain_ending(tag, code) for tag in tags for code in job.codes)
        self._last_operations = tuple(wire.operation_start(tag) for tag in tags)
        self._codes = job.codes
        self._tail = b""

    def is_complete(self, data: bytes) -> bool:
        """Takes what came; True when the answer is whole. Raises UnexpectedAnswer for another result code."""
        if not data:
            raise UnexpectedAnswer("the server closed the connection")
        if self._tail:
            data = self._tail + data
        if data.endswith(self._endings):
            self._tail = b""
            return True
        # Entries are skipped unread: only the message that ends the answer matters, and it is short.
        start = max(data.rfind(each, -_TAIL_BYTES) for each in self._last_operations)
        answer = None if start < 0 else wire.read_ending(data, start + len(self._last_operations[0]) - 1)
        if answer is None:
            self._tail = data[-_TAIL_BYTES:]
            return False
        if answer.code not in self._codes:
            raise UnexpectedAnswer(f"code {answer.code}: {answer.diagnostic}")
        self._tail = b""
        return True

    def greet(self, greeting: bytes) -> None:
        """Binds, before anything is measured."""
        self.send(greeting)
        answer = wire.read_answer(self.receive(_READ_BYTES))
        if answer is None or answer.code:
            raise UnexpectedAnswer(f"the first bind failed: {answer}")

    def close(self) -> None:
        """Closes it."""
        self._socket.close()


def run(job: Job) -> Result:
    """Runs the job in this process."""
    step = max(1, len(job.requests) // job.connections)
    connections = [_Connection(job.port, job, number * step) for number in range(job.connections)]
    if job.greeting:
        for connection in connections:
            connection.greet(job.greeting)
    gc.disable()
    processor = time.process_time()
    begin = time.perf_counter()
    measure = _run_paced if job.per_second else _run_one if job.connections == 1 else _run_many
    latencies, received = measure(job, connections, begin)
    seconds = time.perf_counter() - begin
    processor = time.process_time() - processor
    for connection in connections:
        connection.close()
    return result_of(latencies, seconds, received, processor)


def result_of(latencies: array[float], seconds: float, received: int, processor: float) -> Result:
    """The result of a run in which the generator itself took `processor` seconds."""
    ordered = sorted(latencies)
    return Result(
        operations=len(ordered),
        seconds=round(seconds, 4),
        per_second=round(len(ordered) / seconds, 1),
        p50_ms=round(ordered[len(ordered) // 2] * 1000, 4),
        p99_ms=round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 4),
        received_bytes=received,
        generator_share=round(processor / seconds, 3),
    )


def _run_one(job: Job, connections: Sequence[_Connection], begin: float) -> tuple[array[float], int]:
    """One connection needs no polling: write, read, write, read."""
    connection = connections[0]
    clock, send, receive, is_complete = (
        time.perf_counter,
        connection.send,
        connection.receive,
        connection.is_complete,
    )
    latencies, received, deadline = array("d"), 0, begin + job.seconds
    most = job.most_requests or _MAX_SAMPLES
    now = begin
    while now < deadline and len(latencies) < most:
        for request in job.requests:
            send(request)
            while True:
                data = receive(_READ_BYTES)
                received += len(data)
                if is_complete(data):
                    break
            then, now = now, clock()
            latencies.append(now - then)
            if now >= deadline or len(latencies) >= most:
                break
    return latencies, received


def _run_many(job: Job, connections: Sequence[_Connection], begin: float) -> tuple[array[float], int]:
    """Several connections on one epoll, each with its own place in the list of requests."""
    clock, requests, count = time.perf_counter, job.requests, len(job.requests)
    latencies, received, deadline = array("d"), 0, begin + job.seconds
    most = job.most_requests or _MAX_SAMPLES
    share = max(1, count // len(connections)) if job.own_share else count
    by_descriptor = {connection.descriptor: connection for connection in connections}
    with select.epoll() as poller:
        for connection in connections:
            poller.register(connection.descriptor, select.EPOLLIN)
            connection.sent_at = clock()
            connection.send(requests[connection.next_request % count])
        now = begin
        while now < deadline and len(latencies) < most:
            ready = poller.poll(_ANSWER_TIMEOUT_SECONDS)
            if not ready:
                raise UnexpectedAnswer("no answer for a long time")
            for descriptor, _ in ready:
                connection = by_descriptor[descriptor]
                data = connection.receive(_READ_BYTES)
                received += len(data)
                if not connection.is_complete(data):
                    continue
                now = clock()
                latencies.append(now - connection.sent_at)
                connection.sent_at = now
                following = connection.next_request + 1
                if following % share == 0:
                    following -= share
                connection.next_request = following
                connection.send(requests[following])
    return latencies, received


def _run_paced(job: Job, connections: Sequence[_Connection], begin: float) -> tuple[array[float], int]:
    """A client that does not wait: the time of a request counts from when it was due."""
    clock, requests, interval = time.perf_counter, itertools.cycle(job.requests), 1 / job.per_second
    latencies, received, deadline, due = array("d"), 0, begin + job.seconds, begin
    by_descriptor = {connection.descriptor: connection for connection in connections}
    free = deque(connections)
    while (now := clock()) < deadline:
        while free and due <= now:
            connection = free.popleft()
            connection.sent_at = due
            connection.send(next(requests))
            due += interval
        # Of microseconds, which epoll's would be rounded up to milliseconds: longer than what is measured.
        timeout = max(0.0, due - now) if free else _ANSWER_TIMEOUT_SECONDS
        for descriptor in select.select(by_descriptor, (), (), timeout)[0]:
            connection = by_descriptor[descriptor]
            data = connection.receive(_READ_BYTES)
            received += len(data)
            if connection.is_complete(data):
                latencies.append(clock() - connection.sent_at)
                free.append(connection)
    return latencies, received


def main() -> None:
    """Reads a job, prints its result."""
    result = run(Job.from_json(sys.stdin.read()))
    print(json.dumps({name: getattr(result, name) for name in result.__slots__}))


if __name__ == "__main__":
    main()
