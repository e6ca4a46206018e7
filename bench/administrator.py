"""`python -m bench.administrator`: what an administrator's tools ask, beside slapd where it has the like.

Latencies as one client has them, with nothing else to do for the server: sorted pages, virtual list views,
whole branches by pages, matched values, effective rights, transactions; and look-ups of others while a tree
of thousands is deleted. `--entries 100000` is a large province.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Final

from bench import data, machine, slapd, wire
from bench.figures import LOOKUPS, SIZE_LIMIT_EXCEEDED, SUCCESS
from bench.govdir_server import GovdirServer
from bench.load import run_apart
from bench.names import AGENCIES
from bench.options import machine_facts, options_parser
from bench.report import OURS, Row, table, write_json
from bench.slapd import Slapd

SORT: Final = "1.2.840.113556.1.4.473"
LIST_VIEW: Final = "2.16.840.1.113730.3.4.9"
LIST_VIEW_RESPONSE: Final = "2.16.840.1.113730.3.4.10"
PAGES: Final = "1.2.840.113556.1.4.319"
MATCHED_VALUES: Final = "1.2.826.0.1.3344810.2.3"
RIGHTS: Final = "1.3.6.1.4.1.42.2.27.9.5.2"
TREE_DELETE: Final = "1.2.840.113556.1.4.805"
TRANSACTION: Final = "1.3.6.1.1.21.2"
START_TRANSACTION: Final = "1.3.6.1.1.21.1"
END_TRANSACTION: Final = "1.3.6.1.1.21.3"

SORTED_BY: Final = ("cn", "displayName", "sn", "uid", "employeeNumber", "givenName", "title", "ou")
"""One for each round: a list that is kept is not made again."""

ORDERING_RULE: Final = "caseIgnoreOrderingMatch"
"""Named, for slapd has no order for these attributes of its own; govdir's is the Vietnamese alphabet."""

PAGE: Final = 1000
WINDOW: Final = 50
WINDOWS: Final = 40
UPDATES: Final = 1000
TREE: Final = 10_000
FIRST_WITHIN_MS: Final = 100.0
BESIDE_TREE_DELETE: Final = 3.0
PACED_LOOKUPS: Final = 500.0
_IDLE: Final = "idle"
_PLAIN: Final = "plain"
_EVERYBODY: Final = wire.equals("objectClass", "inetOrgPerson")
_ATTRIBUTES: Final = ("cn", "mail", "title")
_SCOPE_ONE: Final = 1
_SETTLE_SECONDS: Final = (
    0.2  # slapd takes few sorts at a time, those of a connection that just closed included
)


class Refused(Exception):
    """A server answered otherwise than it should: nothing of it is worth measuring."""


def _sort(attribute: str) -> bytes:
    key = wire.text(attribute) + wire.tlv(0x80, ORDERING_RULE.encode())
    return wire.control(SORT, wire.tlv(0x30, wire.tlv(0x30, key)))


def _page(size: int, cookie: bytes = b"") -> bytes:
    return wire.control(PAGES, wire.tlv(0x30, wire.number(size) + wire.text(cookie)))


def _window(offset: int, count: int, context: bytes = b"") -> bytes:
    target = wire.tlv(0xA0, wire.number(offset) + wire.number(count))
    return wire.control(
        LIST_VIEW, wire.tlv(0x30, wire.number(0) + wire.number(WINDOW - 1) + target + context)
    )


def _everybody(*controls: bytes) -> bytes:
    return wire.controlled(wire.search(data.SUFFIX, _EVERYBODY, _ATTRIBUTES), *controls)


class AdministratorBench:
    """One run over all figures; `only` is the beginning of the names of those to measure."""

    def __init__(self, servers: Sequence[Slapd | GovdirServer], options: argparse.Namespace) -> None:
        self._servers = servers
        self._options = options
        self._people = list(data.people(options.entries))
        held = Counter(person.agency for person in self._people)
        self._largest = AGENCIES[held.most_common(1)[0][0]][0]
        self.rows: list[Row] = []

    def run(self) -> None:
        """Loads, measures; the servers are left running."""
        for server in self._servers:
            server.load(self._options.entries)
            server.start()
        count = f"{self._options.entries:,}"
        both: tuple[tuple[str, str, Callable[[wire.Client, int], Iterator[float]]], ...] = (
            ("sorted-first", f"first {PAGE:,} of {count} in order", self._sorted_first),
            ("sorted-next", f"next {PAGE:,} of them", self._sorted_next),
            ("view-first", f"first {WINDOW} of {count} in a list view", self._view_first),
            ("view-next", f"another {WINDOW} as somebody scrolls", self._view_next),
            ("pages", f"all {count} in pages of {PAGE:,}", self._pages),
            ("children", f"first {PAGE:,} below one unit", self._children),
            ("matched-values", f"{PAGE:,} entries, matched values", self._matched_values),
        )
        for name, title, once in both:
            self._measure(Row(name, title, "ms", more_is_better=False), self._servers, once)
        ours = [server for server in self._servers if server.name == OURS]
        if ours:
            self._rights(ours[0])
            row = Row("transaction", f"transaction of {UPDATES:,} adds", "ms", more_is_better=False)
            self._measure(row, ours, self._transaction)
            self._tree_delete(ours[0])

    def _measure(
        self,
        row: Row,
        servers: Sequence[Slapd | GovdirServer],
        once: Callable[[wire.Client, int], Iterator[float]],
    ) -> None:
        if not row.name.startswith(self._options.only):
            return
        row.own_limit = FIRST_WITHIN_MS if row.name == "children" else 0.0
        for number in range(self._options.rounds):
            for server in servers:
                time.sleep(_SETTLE_SECONDS)
                try:
                    with _administrator(server) as client:
                        taken = list(once(client, number))
                except Refused as refused:
                    if server.name == OURS:
                        raise
                    print(f"{row.name}: {server.name} refuses: {refused}", file=sys.stderr)
                    continue
                row.values.setdefault(server.name, []).append(round(1000 * sum(taken) / len(taken), 3))
        self._add(row)

    # Each yields the seconds of what it measures.

    def _sorted_first(self, client: wire.Client, round_number: int) -> Iterator[float]:
        yield _timed(client, _everybody(_sort(_of_round(round_number)), _page(PAGE)), PAGE)

    def _sorted_next(self, client: wire.Client, round_number: int) -> Iterator[float]:
        order = _sort(_of_round(round_number))
        _timed(client, _everybody(order, _page(PAGE)), PAGE)
        for _ in range(min(5, len(self._people) // PAGE - 1)):
            yield _timed(client, _everybody(order, _page(PAGE, _cookie(client))), PAGE)

    def _view_first(self, client: wire.Client, round_number: int) -> Iterator[float]:
        order = _sort(_of_round(round_number + 4))
        yield _timed(client, _everybody(order, _window(1, 0)), WINDOW)

    def _view_next(self, client: wire.Client, round_number: int) -> Iterator[float]:
        order, count = _sort(_of_round(round_number + 4)), len(self._people)
        _timed(client, _everybody(order, _window(1, 0)), WINDOW)
        for step in range(WINDOWS):
            offset = 1 + step * (count - WINDOW) // WINDOWS
            request = _everybody(order, _window(offset, count, _context(client)))
            yield _timed(client, request, WINDOW)

    def _pages(self, client: wire.Client, _: int) -> Iterator[float]:
        cookie, found, begin = b"", 0, perf_counter()
        while True:
            found += _asked(client, _everybody(_page(PAGE, cookie))).entries
            cookie = _cookie(client)
            if not cookie:
                break
        yield perf_counter() - begin
        if found != len(self._people):
            raise Refused(f"{found} entries in pages")

    def _children(self, client: wire.Client, _: int) -> Iterator[float]:
        base = f"ou={self._largest},ou=orgs,{data.SUFFIX}"
        anything = wire.present("objectClass")
        yield _timed(
            client, wire.search(base, anything, ["*", "hasSubordinates"], scope=_SCOPE_ONE, size_limit=PAGE)
        )

    def _matched_values(self, client: wire.Client, _: int) -> Iterator[float]:
        wanted = wire.control(MATCHED_VALUES, wire.tlv(0x30, wire.equals("objectClass", "gdMailbox")))
        search = wire.search(data.SUFFIX, _EVERYBODY, ["objectClass", "mail"], size_limit=PAGE)
        yield _timed(client, wire.controlled(search, wanted), PAGE)

    def _transaction(self, client: wire.Client, round_number: int) -> Iterator[float]:
        """A tree of devices, in transactions as large as one may be; each begins with its unit."""
        top = _tree(round_number)
        _asked(client, wire.add(top, {"objectClass": ["organizationalUnit"], "ou": [top[3 : top.find(",")]]}))
        for part in range(TREE // UPDATES):
            names = [f"cn=máy-{part}-{number},{top}" for number in range(UPDATES)]
            begin = perf_counter()
            _asked(client, wire.extended(START_TRANSACTION))
            identifier = _response_value(client)
            joined = wire.control(TRANSACTION, identifier)
            for name in names:
                _asked(client, wire.controlled(wire.add(name, {"objectClass": ["device"]}), joined))
            _asked(client, wire.extended(END_TRANSACTION, wire.tlv(0x30, wire.text(identifier))))
            yield perf_counter() - begin

    # Rows with columns of their own

    def _rights(self, server: Slapd | GovdirServer) -> None:
        title = f"{PAGE:,} entries, effective rights, beside without"
        row = Row("rights", title, "ms", more_is_better=False, anchor=_PLAIN)
        if not row.name.startswith(self._options.only):
            return
        question = wire.control(RIGHTS, wire.tlv(0x30, wire.text(f"dn:{self._people[0].dn}")))
        plain = wire.search(data.SUFFIX, _EVERYBODY, ["*"], size_limit=PAGE)
        for _ in range(self._options.rounds):
            with _administrator(server) as client:
                for whose, request in ((_PLAIN, plain), (OURS, wire.controlled(plain, question))):
                    taken = _timed(client, request, PAGE)
                    row.values.setdefault(whose, []).append(round(1000 * taken, 3))
        self._add(row)

    def _tree_delete(self, server: Slapd | GovdirServer) -> None:
        """The trees that `_transaction` has made, one a round, and look-ups of others meanwhile."""
        taken = Row("tree-delete", f"delete of a tree of {TREE:,}", "ms", more_is_better=False)
        title = f"p99 of {PACED_LOOKUPS:g} look-ups/s beside it"
        beside = Row(
            "tree-delete-p99", title, "ms", more_is_better=False, wanted=BESIDE_TREE_DELETE, anchor=_IDLE
        )
        if not taken.name.startswith(self._options.only or taken.name) or not self._has_trees():
            return
        figure = next(each for each in LOOKUPS if each.name == "lookup-8")
        job = figure.job(server, figure.requests(self._people, 0), self._options.seconds)
        job = replace(job, per_second=PACED_LOOKUPS)
        for number in range(self._options.rounds):
            idle = run_apart(job)
            with ThreadPoolExecutor(1) as pool, _administrator(server) as client:
                others = pool.submit(run_apart, job)
                seconds = _timed(
                    client, wire.controlled(wire.delete(_tree(number)), wire.control(TREE_DELETE))
                )
                busy = others.result()
            taken.values.setdefault(OURS, []).append(round(1000 * seconds, 3))
            for whose, result in ((OURS, busy), (_IDLE, idle)):
                beside.values.setdefault(whose, []).append(result.p99_ms)
                beside.details.setdefault(whose, []).append(asdict(result))
        self._add(taken)
        self._add(beside)

    def _has_trees(self) -> bool:
        return any(row.name == "transaction" for row in self.rows)

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        values = "  ".join(f"{name}: {values}" for name, values in row.values.items())
        print(f"{row.title}  {values}", file=sys.stderr, flush=True)


def _of_round(number: int) -> str:
    return SORTED_BY[number % len(SORTED_BY)]


def _tree(round_number: int) -> str:
    return f"ou=kho-{round_number},{data.SUFFIX}"


@contextlib.contextmanager
def _administrator(server: Slapd | GovdirServer) -> Iterator[wire.Client]:
    with wire.Client(server.port) as client:
        _asked(client, wire.bind(server.admin, server.password))
        yield client


def _asked(client: wire.Client, request: bytes) -> wire.Answer:
    answer = client.ask(request)
    if answer.code not in (SUCCESS, SIZE_LIMIT_EXCEEDED):
        raise Refused(str(answer))
    return answer


def _timed(client: wire.Client, request: bytes, entries: int = 0) -> float:
    """Seconds to the last octet of the answer, which must have at least so many entries."""
    begin = perf_counter()
    answer = _asked(client, request)
    taken = perf_counter() - begin
    if answer.entries < entries:
        raise Refused(f"{answer.entries} entries instead of {entries}")
    return taken


def _cookie(client: wire.Client) -> bytes:
    value = wire.response_control(client.last_message(), PAGES)
    if value is None:
        raise Refused("no paged results control")
    return wire.elements(wire.elements(value)[0][1])[1][1]


def _context(client: wire.Client) -> bytes:
    """The contextID of a list view, encoded as it comes; b"" where the server gives none."""
    value = wire.response_control(client.last_message(), LIST_VIEW_RESPONSE)
    fields = wire.elements(wire.elements(value or b"\x30\x00")[0][1])
    return wire.tlv(*fields[3]) if len(fields) > 3 else b""


def _response_value(client: wire.Client) -> bytes:
    """Of an extended response."""
    operation = wire.elements(wire.elements(client.last_message())[0][1])[1][1]
    return next(content for tag, content in wire.elements(operation) if tag == 0x8B)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the figures, prints the table, writes the JSON."""
    chosen = options_parser("bench.administrator", __doc__).parse_args(arguments)
    facts = machine_facts("ratios more than milliseconds")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="govdir-bench-")))
        servers: list[Slapd | GovdirServer] = [stack.enter_context(GovdirServer(folder / "govdir"))]
        if slapd.available():
            servers.insert(0, stack.enter_context(Slapd(folder / "slapd", overlays=["sssvlv"])))
        bench = AdministratorBench(servers, chosen)
        bench.run()
    settings = {"commit": machine.commit(), "entries": chosen.entries, "rounds": chosen.rounds}
    print(table(bench.rows, [Slapd.name, _PLAIN, _IDLE, OURS]))
    written = write_json(chosen.results, bench.rows, facts, settings, "-administrator")
    print(f"\nwritten: {written.name}")


if __name__ == "__main__":
    main()
