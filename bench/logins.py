"""Whole sign-ins, by browsers that nobody has seen: application, password page, session, response.

A process of its own like the other generators: a job on stdin, a result on stdout, both JSON. Each sign-in
has a TLS connection of its own and ends when the page has come that posts the response.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from bench.load import Result, UnexpectedAnswer, result_of
from bench.web_wire import Browser, Connection, trusting


@dataclass(frozen=True, slots=True)
class LoginJob:
    """Who signs in: (name, password, where the application sends them, what the page must contain), each by
    the next of so many `browsers` at once."""

    port: int
    authority: str
    logins: Sequence[tuple[str, str, str, str]]
    browsers: int

    @classmethod
    def from_json(cls, line: str) -> Self:
        """From the JSON of its fields."""
        return cls(**json.loads(line))


def run_apart(job: LoginJob) -> Result:
    """Runs the job in a new process. Raises RuntimeError with what it said when it fails."""
    command = [sys.executable, "-m", "bench.logins"]
    root, line = Path(__file__).resolve().parent.parent, json.dumps(asdict(job))
    done = subprocess.run(command, input=line, capture_output=True, text=True, check=False, cwd=root)
    if done.returncode:
        raise RuntimeError(f"the sign-ins failed:\n{done.stderr[-2000:]}")
    return Result(**json.loads(done.stdout))


def run(job: LoginJob) -> Result:
    """Runs the job in this process."""
    context = trusting(Path(job.authority))
    received = 0

    def sign_in(login: tuple[str, str, str, str]) -> float:
        nonlocal received
        name, password, target, mark = login
        begin = time.perf_counter()
        with Connection(job.port, context) as connection:
            page = Browser(job.port, connection).sign_in(name, password, target)
        if "SAMLResponse" not in page.fields or mark not in page.fields.values():
            raise UnexpectedAnswer(f"{page.status}: {page.body[:2000]!r}")
        received += len(page.body)
        return time.perf_counter() - begin

    gc.disable()
    processor, begin = time.process_time(), time.perf_counter()
    with ThreadPoolExecutor(job.browsers) as pool:
        latencies = array("d", pool.map(sign_in, job.logins))
    seconds = time.perf_counter() - begin
    return result_of(latencies, seconds, received, time.process_time() - processor)


def main() -> None:
    """Reads a job, prints its result."""
    print(json.dumps(asdict(run(LoginJob.from_json(sys.stdin.read())))))


if __name__ == "__main__":
    main()
