"""The load generator for the web site: keep-alive TLS connections, one request outstanding on each.

Like `bench.load` a process of its own: a job on stdin, an outcome on stdout, both JSON. Without `per_second`
each connection asks again as soon as it is answered; with it requests are due at even intervals, on whichever
connection is free, and their time counts from when they were due.
"""

from __future__ import annotations

import base64
import gc
import json
import select
import subprocess
import sys
import time
from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from bench.load import Result, UnexpectedAnswer, result_of
from bench.web_wire import Connection, Reply, trusting

_ANSWER_TIMEOUT_SECONDS: Final = 60.0
_OK: Final = 200
_SHOWN: Final = 600


@dataclass(frozen=True, slots=True)
class WebJob:
    """What to ask: a list of (request, what its answer must contain) a connection, each asked at most once.

    The first of each list is asked before anything is measured. Of every `sample_every` answers one is kept.
    """

    port: int
    authority: str
    requests: Sequence[Sequence[tuple[bytes, bytes]]]
    seconds: float
    per_second: float = 0.0
    sample_every: int = 50

    def to_json(self) -> str:
        """As one line of text."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["requests"] = [[[_text(one), _text(mark)] for one, mark in each] for each in self.requests]
        return json.dumps(fields)

    @classmethod
    def from_json(cls, line: str) -> Self:
        """From what `to_json` made."""
        fields = json.loads(line)
        fields["requests"] = [
            [(base64.b64decode(one), base64.b64decode(mark)) for one, mark in each]
            for each in fields["requests"]
        ]
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class WebOutcome:
    """What was measured, and some of the pages that came."""

    result: Result
    samples: Sequence[bytes]


def run_apart(job: WebJob) -> WebOutcome:
    """Runs the job in a new process. Raises RuntimeError with what it said when it fails."""
    command = [sys.executable, "-m", "bench.web_load"]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, input=job.to_json(), capture_output=True, text=True, check=False, cwd=root)
    if done.returncode:
        raise RuntimeError(f"the load generator failed:\n{done.stderr[-2000:]}")
    fields = json.loads(done.stdout)
    return WebOutcome(Result(**fields["result"]), [base64.b64decode(each) for each in fields["samples"]])


class _Asker:
    """A connection and what it has still to ask."""

    def __init__(self, connection: Connection, requests: Sequence[tuple[bytes, bytes]]) -> None:
        self.connection = connection
        self.requests = iter(requests)
        self.mark = b""
        self.since = 0.0

    def ask(self, since: float) -> bool:
        """Sends the next request; False when there is none left."""
        request, self.mark = next(self.requests, (b"", b""))
        if request:
            self.since = since
            self.connection.send(request)
        return bool(request)

    def check(self, reply: Reply) -> Reply:
        """Raises UnexpectedAnswer for any other answer than the one that was wanted."""
        if reply.status != _OK or self.mark not in reply.body:
            raise UnexpectedAnswer(f"{reply.status}: {reply.body[:_SHOWN]!r}")
        return reply


def run(job: WebJob) -> WebOutcome:
    """Runs the job in this process."""
    context = trusting(Path(job.authority))
    askers = [_Asker(Connection(job.port, context), each) for each in job.requests]
    for asker in askers:
        request, asker.mark = next(asker.requests)
        asker.check(asker.connection.ask(request))
    gc.disable()
    processor, begin = time.process_time(), time.perf_counter()
    latencies, received, samples = _measure(job, askers, begin)
    seconds = time.perf_counter() - begin
    processor = time.process_time() - processor
    for asker in askers:
        asker.connection.close()
    return WebOutcome(result_of(latencies, seconds, received, processor), samples)


def _measure(job: WebJob, askers: Sequence[_Asker], begin: float) -> tuple[array[float], int, list[bytes]]:
    latencies, received, samples = array("d"), 0, list[bytes]()
    interval = 1 / job.per_second if job.per_second else 0.0
    clock, deadline, due = time.perf_counter, begin + job.seconds, begin
    by_descriptor = {asker.connection.descriptor: asker for asker in askers}
    free = deque(askers)
    with select.epoll() as poller:
        for descriptor in by_descriptor:
            poller.register(descriptor, select.EPOLLIN)
        while (now := clock()) < deadline:
            while free and (not interval or due <= now):
                if not free.popleft().ask(due if interval else clock()):
                    return latencies, received, samples
                due += interval
            wait = max(0.0, due - now) if interval and free else _ANSWER_TIMEOUT_SECONDS
            for descriptor, _ in poller.poll(wait):
                asker = by_descriptor[descriptor]
                reply = asker.connection.receive()
                if reply is None:
                    continue
                latencies.append(clock() - asker.since)
                received += len(reply.head) + len(reply.body)
                if len(latencies) % job.sample_every == 0:
                    samples.append(reply.body)
                asker.check(reply)
                free.append(asker)
    return latencies, received, samples


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def main() -> None:
    """Reads a job, prints its outcome."""
    outcome = run(WebJob.from_json(sys.stdin.read()))
    print(
        json.dumps({"result": asdict(outcome.result), "samples": [_text(each) for each in outcome.samples]})
    )


if __name__ == "__main__":
    main()
