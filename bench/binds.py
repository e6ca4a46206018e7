"""`python -m bench.binds`: logins beside slapd's with {SSHA}, and look-ups while everybody signs in at once.

Repeated logins are what mail programs do all day: each person's password proved right once, and comes again.
The two servers take turns within each figure. For the storm, govdir is told to remember nothing, so that
every login costs a whole hash, as everybody's first one does.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from bench import data, machine, slapd, wire
from bench.figures import LOOKUPS
from bench.govdir_server import GovdirServer
from bench.load import Job, Result, run_apart
from bench.options import machine_facts, options_parser
from bench.report import OURS, PROCESSOR_US, Row, table, write_json
from bench.server import OwnProcess, timed_run
from bench.slapd import Slapd

WANTED_RATIO: Final = 1.0
WANTED_P99: Final = 3.0  # of what it is when nobody signs in
CONNECTIONS: Final = (1, 8, 32)
USERS: Final = 256  # as many as two threads have hashed again within seconds, should the memory of them end
STORM_CLIENTS: Final = 64
PACED_LOOKUPS: Final = 1000.0  # a second: a mail server that takes in as many messages
PACED_LOGINS: Final = 1000.0  # a second: all clients as fast as they can would leave no time for look-ups
_IDLE: Final = "idle"
_SERVICE: Final = "dovecot"
_REMEMBERED: Final = re.compile(r"^#?\s*remembered_seconds\s*=.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mailserver:
    """The identity that a mail server asks under."""

    dn: str
    password: str


def one_each(people: Sequence[data.Person], connections: int, _: Mailserver) -> list[bytes]:
    """A program of one person's own on each connection."""
    return [wire.bind(person.dn, person.password) for person in people[:connections]]


def many(people: Sequence[data.Person], _: int, __: Mailserver) -> list[bytes]:
    """All people on all connections, one after the other."""
    return [wire.bind(person.dn, person.password) for person in people]


def as_dovecot(people: Sequence[data.Person], _: int, service: Mailserver) -> list[bytes]:
    """Dovecot's auth_bind: itself, the search that finds somebody, that person."""
    own = wire.bind(service.dn, service.password)
    return [
        request
        for person in people
        for request in (own, _pass_filter(person.mail), wire.bind(person.dn, person.password))
    ]


def _pass_filter(address: str) -> bytes:
    named = wire.any_of(wire.equals("mail", address), wire.equals("mailLocalAddress", address))
    open_to = wire.equals("enabledService", "imap")
    return wire.search(
        data.SUFFIX, wire.all_of(wire.equals("objectClass", "gdMailbox"), open_to, named), ["mail"]
    )


Requests = Callable[[Sequence[data.Person], int, Mailserver], list[bytes]]

PATTERNS: Final[Sequence[tuple[str, str, Requests]]] = (
    ("one-user", "repeated bind, a user a connection", one_each),
    ("many-users", f"repeated bind, {USERS} users a connection", many),
    ("dovecot", "Dovecot's three requests a login", as_dovecot),
)


class BindBench:
    """One run over all figures; `only` is the beginning of the names of those to measure."""

    def __init__(self, ours: GovdirServer, theirs: Slapd | None, options: argparse.Namespace) -> None:
        self._ours = ours
        self._theirs = theirs
        self._options = options
        people = list(data.people(options.entries))
        self._newcomers = people[data.SLOW_HASH_PEOPLE + USERS + 1 :]
        self._users = people[data.SLOW_HASH_PEOPLE : data.SLOW_HASH_PEOPLE + USERS]
        stand_in = people[data.SLOW_HASH_PEOPLE + USERS]  # in slapd anybody with {SSHA} may be the service
        self._services = {Slapd.name: Mailserver(stand_in.dn, stand_in.password)}
        self._lookups = next(figure for figure in LOOKUPS if figure.name == "lookup-8")
        self._people = people
        self.rows: list[Row] = []

    def run(self) -> None:
        """Loads, measures; the servers are left running."""
        for server in self._servers:
            server.load(self._options.entries)
        self._services[OURS] = _added(self._ours)
        if self._theirs is not None:
            self._theirs.start()
        for name, title, requests in PATTERNS:
            for connections in CONNECTIONS:
                if self._wants(f"{name}-{connections}"):
                    self._repeated(
                        f"{name}-{connections}", f"{title}, {connections} conn.", connections, requests
                    )
        _remember(self._ours, 0)
        if self._wants("storm"):
            self._storm("storm", f"{STORM_CLIENTS} clients' first logins (Argon2id)", lambda _: self._users)
        if self._wants("imported-storm"):
            what = f"{PACED_LOGINS:g} first logins/s (imported {{SSHA}})"
            self._storm("imported-storm", what, self._newcomers_of, PACED_LOGINS)

    @property
    def _servers(self) -> Sequence[Slapd | GovdirServer]:
        return [self._ours] if self._theirs is None else [self._theirs, self._ours]

    def _wants(self, name: str) -> bool:
        return name.startswith(self._options.only)

    def _repeated(self, name: str, title: str, connections: int, requests: Requests) -> None:
        row = Row(name, title, "/s", more_is_better=True, wanted=WANTED_RATIO)
        self._ours.stop()
        self._ours.start()  # so that no memory ends while this is measured
        for server in self._servers:
            _warm(server, self._users)
        for _ in range(self._options.rounds):
            for server in self._servers:
                asked = requests(self._users, connections, self._services[server.name])
                job = Job(
                    port=server.port,
                    requests=asked,
                    connections=connections,
                    seconds=self._options.seconds,
                    final_tag=wire.BIND_RESPONSE,
                    other_tag=wire.SEARCH_DONE,
                    own_share=requests is not many,
                )
                before = server.processor_seconds()
                result = run_apart(job)
                busy = server.processor_seconds() - before
                cost = {PROCESSOR_US: round(busy / result.operations * 1e6, 1)}
                row.values.setdefault(server.name, []).append(result.per_second)
                row.details.setdefault(server.name, []).append({**asdict(result), **cost})
        self._add(row)

    def _newcomers_of(self, round_number: int) -> Sequence[data.Person]:
        """Those of one round, who have not signed in before: their hashes would be imported no more."""
        share = len(self._newcomers) // self._options.rounds
        return self._newcomers[round_number * share : (round_number + 1) * share]

    def _storm(
        self, name: str, what: str, people: Callable[[int], Sequence[data.Person]], per_second: float = 0.0
    ) -> None:
        """The 99th percentile of look-ups while clients sign in as fast as they can, and while none do."""
        title = f"p99 of {PACED_LOOKUPS:g} look-ups/s beside {what}"
        row = Row(name, title, "ms", more_is_better=False, wanted=WANTED_P99, anchor=_IDLE)
        self._ours.stop()
        self._ours.start()
        seconds = self._options.seconds
        lookups = self._lookups.job(self._ours, self._lookups.requests(self._people, 0), seconds)
        lookups = replace(lookups, per_second=PACED_LOOKUPS)
        for number in range(self._options.rounds):
            logins = Job(
                port=self._ours.port,
                requests=many(people(number), 0, self._services[OURS]),
                connections=STORM_CLIENTS,
                seconds=seconds + 1,
                final_tag=wire.BIND_RESPONSE,
                per_second=per_second,
            )
            _settle(self._ours)
            idle = run_apart(lookups)
            with ThreadPoolExecutor(1) as pool:
                storm = pool.submit(run_apart, logins)
                time.sleep(0.5)  # both generators start alike
                beside = run_apart(lookups)
            self._note(row, OURS, beside, storm.result())
            self._note(row, _IDLE, idle, None)
        self._add(row)

    @staticmethod
    def _note(row: Row, whose: str, lookups: Result, logins: Result | None) -> None:
        row.values.setdefault(whose, []).append(lookups.p99_ms)
        made = (
            {} if logins is None else {"logins_per_second": logins.per_second, "login_p99_ms": logins.p99_ms}
        )
        row.details.setdefault(whose, []).append({**asdict(lookups), **made})

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        values = "  ".join(f"{name}: {values}" for name, values in row.values.items())
        print(f"{row.title}  {values}", file=sys.stderr, flush=True)


def _added(server: GovdirServer) -> Mailserver:
    """A service for the mail server, with a password that is stored as its command stores it."""
    password = "Bo-song-Hau-11"
    file = server.home / "service.ldif"
    dn = f"cn={_SERVICE},ou=services,{data.SUFFIX}"
    file.write_text(
        f"dn: {dn}\nobjectClass: gdService\ncn: {_SERVICE}\ngdServiceKind: mail\nuserPassword: {password}\n"
    )
    timed_run([sys.executable, "-m", "govdir", "import", str(server.home), str(file)])
    return Mailserver(dn, password)


def _remember(server: GovdirServer, seconds: int) -> None:
    """Has the server, once started anew, know for so long that a password was right."""
    configuration = server.home / "govdir.toml"
    configuration.write_text(_REMEMBERED.sub(f"remembered_seconds = {seconds}", configuration.read_text()))


def _warm(server: Slapd | GovdirServer, users: Sequence[data.Person]) -> None:
    """Everybody signs in once."""
    with wire.Client(server.port) as client:
        for person in users:
            answer = client.ask(wire.bind(person.dn, person.password))
            if answer.code:
                raise RuntimeError(f"{server.name}: {person.dn} could not sign in: {answer}")
    _settle(server)


def _settle(server: OwnProcess) -> None:
    """Waits until the server has nothing left to do: imported hashes are replaced after the answer."""
    before = server.processor_seconds()
    while True:
        time.sleep(0.5)
        now = server.processor_seconds()
        if now - before < 0.05:  # a tenth of a core
            return
        before = now


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the figures, prints the table, writes the JSON."""
    chosen = options_parser("bench.binds", __doc__).parse_args(arguments)
    facts = machine_facts("the ratios of µs more than those of rates")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govdir-bench-")))
        ours = stack.enter_context(GovdirServer(folder / "govdir"))
        theirs = stack.enter_context(Slapd(folder / "slapd")) if slapd.available() else None
        bench = BindBench(ours, theirs, chosen)
        bench.run()
    settings = {
        "commit": machine.commit(),
        "entries": chosen.entries,
        "rounds": chosen.rounds,
        "seconds": chosen.seconds,
        "users": USERS,
    }
    print(table(bench.rows, [Slapd.name, _IDLE, OURS]))
    print(f"\nwritten: {write_json(chosen.results, bench.rows, facts, settings, '-binds').name}")


if __name__ == "__main__":
    main()
