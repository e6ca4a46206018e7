"""Single sign-on, second part of `make bench`: responses a second, and what LDAP notices of it.

A real `govdir serve` is asked over TLS by browsers that are signed in; each answer must be the page that
posts a response with the RelayState that was sent, and of a sample both signatures are checked. The same
answer is made by other software in one thread, for a ratio. Load generators are processes of their own.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from bench import data, load, logins, machine, saml_peers, web_load
from bench.figures import LOOKUPS
from bench.govdir_server import GovdirServer
from bench.load import Result
from bench.options import machine_facts, options_parser
from bench.report import OURS, PROCESSOR_US, Row, aligned, shown, write_json
from bench.saml_application import Application, believe, certificate_in
from bench.server import timed_run
from bench.web_wire import Browser, Connection, get, trusting

WANTED_PER_SECOND: Final = 300.0
WANTED_HASHES: Final = 1.0
WANTED_LDAP_P99: Final = 1.5
"""How much slower LDAP's slowest look-ups may become while so many responses are made."""

_CONNECTIONS: Final = 16
_MOST_PER_SECOND: Final = 1200  # requests made beforehand, more than any machine here answers
_PACED_LOOKUPS: Final = 500.0
_BROWSERS: Final = 8
_ALONE: Final = "LDAP alone"
_LOOP_US: Final = "loop_processor_us"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running server with an application and browsers that are signed in."""

    server: GovdirServer
    application: Application
    jars: Sequence[Mapping[str, str]]
    certificate: bytes

    def job(self, seconds: float, *, signed: bool, per_second: float = 0.0) -> web_load.WebJob:
        """Requests of all browsers; each is asked once, for signed ones count once."""
        port, count = self.server.web_port, int(seconds * (per_second or _MOST_PER_SECOND) / _CONNECTIONS) + 9
        requests = [
            [self.application.ask(port, jar, signed=signed) for _ in range(count)] for jar in self.jars
        ]
        return web_load.WebJob(port, str(self.server.authority), requests, seconds, per_second)

    def believe(self, outcome: web_load.WebOutcome) -> None:
        """Checks the signatures of the pages that were kept. Raises ValueError, xmlsec.Error."""
        for page in outcome.samples:
            believe(page, self.certificate)


@contextlib.contextmanager
def serving(
    folder: Path, options: argparse.Namespace, workers: int, hashes: Path | None, web_workers: int = 0
) -> Iterator[Stage]:
    """A new server; with `hashes` that file grows by an octet for each password hash."""
    counted = [sys.executable, "-m", "bench.counted", str(hashes)] if hashes else []
    application = Application()
    with GovdirServer(folder, workers=workers, web_workers=web_workers, wrapper=counted) as server:
        server.load(options.entries)
        metadata = folder / "metadata.xml"
        metadata.write_text(application.metadata())
        command = [sys.executable, "-m", "govdir", "sp", "add", str(server.home), application.name]
        timed_run([*command, "--metadata", str(metadata)])
        server.start()
        people = data.people(_CONNECTIONS)
        jars = [_signed_in(server, person.mail, person.password) for person in people]
        with Connection(server.web_port, trusting(server.authority)) as connection:
            known = connection.ask(get(server.web_port, "/saml/metadata")).body
        yield Stage(server, application, jars, certificate_in(known))


def _signed_in(server: GovdirServer, name: str, password: str) -> Mapping[str, str]:
    with Connection(server.web_port, trusting(server.authority)) as connection:
        browser = Browser(server.web_port, connection)
        browser.sign_in(name, password)
        if "__Host-govdir" not in browser.cookies:
            raise RuntimeError(f"{name} could not sign in")
        return browser.cookies


class SamlBench:
    """One run over all figures."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self._folder = folder
        self._options = options
        self.rows: list[Row] = []

    def run(self) -> None:
        """Servers one after the other, then other software."""
        with serving(self._folder / "one", self._options, 1, None) as stage:
            self._responses(stage, "sso", "responses/s", signed=False)
            self._responses(stage, "sso-signed", "responses/s, signed requests", signed=True)
            self._beside_ldap(
                stage, "lookup-shared", f"{_PACED_LOOKUPS:g} LDAP look-ups/s in one process", _PACED_LOOKUPS
            )
            files = saml_peers.KeyFiles.of(
                (stage.server.home / "keys" / "saml" / "current.pem").read_bytes(), self._folder
            )
            application = stage.application
        with serving(self._folder / "apart", self._options, 1, None, web_workers=1) as stage:
            self._responses(stage, "sso-apart", "responses/s, the web in a process of its own", signed=False)
            self._beside_ldap(stage, "lookup", "LDAP look-ups as fast as they come", 0.0)
            self._beside_ldap(stage, "lookup-paced", f"{_PACED_LOOKUPS:g} LDAP look-ups/s", _PACED_LOOKUPS)
        with serving(self._folder / "two", self._options, 2, None) as stage:
            self._responses(stage, "sso-workers-2", "responses/s, two workers", signed=False)
        with serving(self._folder / "logins", self._options, 1, self._folder / "hashes") as stage:
            self._logins(stage, self._folder / "hashes")
        for row in saml_peers.rows(files, application, self._options.rounds):
            self._add(row)

    def _responses(self, stage: Stage, name: str, title: str, *, signed: bool) -> None:
        row = Row(name, title, "/s", more_is_better=True, own_limit=WANTED_PER_SECOND)
        for _ in range(self._options.rounds):
            job = stage.job(self._options.seconds, signed=signed)
            before = _costs(stage.server)
            outcome = web_load.run_apart(job)
            after = _costs(stage.server)
            stage.believe(outcome)
            result = outcome.result
            each = [
                round((late - early) / result.operations * 1e6)
                for early, late in zip(before, after, strict=True)
            ]
            row.values.setdefault(OURS, []).append(result.per_second)
            costs = {PROCESSOR_US: each[0], _LOOP_US: each[1]}
            row.details.setdefault(OURS, []).append({**asdict(result), **costs})
        self._add(row)

    def _beside_ldap(self, stage: Stage, name: str, title: str, per_second: float) -> None:
        """The 99th percentile of look-ups without and with the responses that are wanted a second."""
        row = Row(
            f"{name}-p99",
            f"p99 of {title}, beside {WANTED_PER_SECOND:g} responses/s",
            "ms",
            more_is_better=False,
            wanted=WANTED_LDAP_P99,
            anchor=_ALONE,
        )
        people = list(data.people(self._options.entries))
        figure = next(figure for figure in LOOKUPS if figure.name == "lookup-8")
        seconds = self._options.seconds
        lookups = figure.job(stage.server, figure.requests(people, 0), seconds)
        lookups = replace(lookups, per_second=per_second)
        for _ in range(self._options.rounds):
            responses = stage.job(seconds + 1, signed=False, per_second=WANTED_PER_SECOND)
            alone = load.run_apart(lookups)
            with ThreadPoolExecutor(1) as pool:
                beside = pool.submit(web_load.run_apart, responses)
                time.sleep(0.5)  # both generators start alike
                together = load.run_apart(lookups)
            stage.believe(beside.result())
            self._note(row, OURS, together, beside.result().result)
            self._note(row, _ALONE, alone, None)
        self._add(row)

    @staticmethod
    def _note(row: Row, whose: str, lookups: Result, responses: Result | None) -> None:
        row.values.setdefault(whose, []).append(lookups.p99_ms)
        made = {} if responses is None else {"responses_per_second": responses.per_second}
        row.details.setdefault(whose, []).append({**asdict(lookups), **made})

    def _logins(self, stage: Stage, hashes: Path) -> None:
        """Sign-ins of people with Argon2id hashes; the rest of the directory's are imported ones."""
        rate = Row("logins", "whole sign-ins/s", "/s", more_is_better=True)
        cost = Row("logins-hashes", "hashes a sign-in", "", more_is_better=False, own_limit=WANTED_HASHES)
        server, people = stage.server, list(data.people(data.SLOW_HASH_PEOPLE))
        for _ in range(self._options.rounds):
            asked = [stage.application.request(server.web_port, signed=False) for _ in people]
            wanted = [
                (person.mail, person.password, each.target, each.relay_state)
                for person, each in zip(people, asked, strict=True)
            ]
            before, busy = hashes.stat().st_size, server.processor_seconds()
            result = logins.run_apart(
                logins.LoginJob(server.web_port, str(server.authority), wanted, _BROWSERS)
            )
            busy = server.processor_seconds() - busy
            rate.values.setdefault(OURS, []).append(result.per_second)
            spent = {PROCESSOR_US: round(busy / result.operations * 1e6)}
            rate.details.setdefault(OURS, []).append({**asdict(result), **spent})
            counted = (hashes.stat().st_size - before) / result.operations
            cost.values.setdefault(OURS, []).append(round(counted, 3))
        self._add(rate)
        self._add(cost)

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        values = "  ".join(f"{name}: {values}" for name, values in row.values.items())
        print(f"{row.title}  {values}", file=sys.stderr, flush=True)


def _costs(server: GovdirServer) -> tuple[float, float]:
    """Processor seconds of the server, and of its loop alone."""
    return server.processor_seconds(), server.loop_seconds()


def table(rows: Sequence[Row]) -> str:
    """A line a figure; "µs" is the server's processor time for one, p50 and p99 in milliseconds."""
    head = ["figure", "govdir", "other", "ratio", "µs", "p50", "p99", "wanted"]
    lines = []
    for row in rows:
        details = row.details.get(OURS, [])
        times = [
            shown(sorted(detail[key] for detail in details)[len(details) // 2], "") if details else ""
            for key in ("p50_ms", "p99_ms")
        ]
        other = next((name for name in row.values if name != OURS), "")
        ratio = row.ratio()
        lines.append(
            [
                row.title,
                shown(row.middle(OURS), row.unit),
                shown(row.middle(other), row.unit),
                "" if ratio is None else f"{ratio:.2f}",
                shown(row.processor_us(OURS), ""),
                *times,
                row.verdict(),
            ]
        )
    return aligned(head, lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the figures, prints the table, writes the JSON."""
    chosen = options_parser("bench.saml", __doc__, seconds=4.0, named=False).parse_args(arguments)
    facts = machine_facts("µs and ratios more than rates and times")
    with tempfile.TemporaryDirectory(prefix="govdir-bench-") as folder:
        bench = SamlBench(Path(folder), chosen)
        bench.run()
    settings = {
        "commit": machine.commit(),
        "entries": chosen.entries,
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "connections": _CONNECTIONS,
    }
    print(table(bench.rows))
    print(f"\nwritten: {write_json(chosen.results, bench.rows, facts, settings, '-saml').name}")


if __name__ == "__main__":
    main()
