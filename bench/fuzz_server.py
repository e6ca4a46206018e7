"""Spoiled messages against the whole server: a typed answer or a notice, the next client served, no growth.

    python -m bench.fuzz_server [--cases 0:1000000] [--seed 1] [--json FILE]
    python -m bench.fuzz_server --merge PART.json … [--json FILE]

Each case is one connection of an in-memory transport to the LDAP server on a real directory and database: a
script of `bench.fuzz_corpus`, one of whose messages `bench.fuzz_mutations` has spoiled. Case N is the same
in every run with the same seed, so several processes can share the work by ranges; every SLICE cases the
directory is made anew, since spoiled changes change it, too.

What may not be: an exception, a result other(80), octets that are no LDAP, a request that never ends, more
results than messages, a connection that hangs, more than LONGEST_MS of processor time for one case, growing
memory.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from msgspec import Struct, field, structs, to_builtins
from msgspec.json import decode
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import LogLevel, globalLogPublisher
from twisted.python.failure import Failure

from bench.fuzz_corpus import (
    ADMIN,
    LIST,
    OTHER,
    PASSWORD,
    PERSON,
    SERVICE,
    TRANSACTION,
    WORDS,
    corpus,
)
from bench.fuzz_mutations import Mutator, parsed
from govdir.directory import passwords, scram_keys
from govdir.directory.password_schemes import read_hash
from govdir.ldap.codec import ber
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.extended import NOTICE_OF_DISCONNECTION, WHO_AM_I
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import (
    BindRequest,
    ExtendedRequest,
    ExtendedResponse,
    LdapMessage,
    LdapResult,
    SimpleAuthentication,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.transactions import ABORTED_TRANSACTION
from govdir.ldap.server import transactions
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from govdir.ldap.server.protocol import LdapProtocol
from tests.directory.building import Town, open_town

SLICE: Final = 2_000
MAX_READ: Final = 256  # answers that were read before; most cases get one of a few dozen
LONGEST_MS: Final = 50.0
GROWTH_LIMIT_MIB: Final = 32  # between the first tenth and the end
_PATIENCE_SECONDS: Final = 20.0
_PROBE: Final = encode_message(LdapMessage(9, ExtendedRequest(WHO_AM_I)))
_PEER: Final = IPv4Address("TCP", "127.0.0.1", 40000)


class Finding(Struct, frozen=True):
    """A case that ended as it may not; `octets` are its segments in hexadecimal."""

    case: int
    script: str
    why: str
    octets: tuple[str, ...]


class Report(Struct):
    """What came of the cases `first` to `last` (exclusive): results by name of the code, notices by theirs,
    connections left waiting for more octets, the slowest case, resident memory at parts of the run."""

    seed: int
    first: int
    last: int
    results: dict[str, int] = field(default_factory=dict)
    notices: dict[str, int] = field(default_factory=dict)
    waiting: int = 0
    closed: int = 0
    entries: int = 0
    slowest_ms: float = 0.0
    slowest_case: int = -1
    resident_mib: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)


class Wrong(Exception):
    """A case ended as it may not; the message says how."""


class Wire(StringTransport):
    """The server's end of a connection that takes everything at once."""

    cut = False

    def leave(self) -> None:
        """As loseConnection."""
        self.loseConnection()

    def abortConnection(self) -> None:  # noqa: N802 - Twisted's name
        """Takes note."""
        self.cut = True

    def under_tls(self, _tls: object) -> Wire:
        """TLS that changes nothing: what comes next is taken for protected."""
        return self


class Subject:
    """A server on a small town's directory."""

    def __init__(self, town: Town) -> None:
        self.clock = Clock()
        self._town = town
        self._deliveries = town.run.__self__._calls  # type: ignore[attr-defined]  # noqa: SLF001
        self.factory = LdapFactory(
            directory=town.directory,
            clock=self.clock,
            access_log=AccessLog(lambda block: None, self.clock),
            tls=object(),  # type: ignore[arg-type] # only handed on to Wire.under_tls
        )
        self.probe = Client(self)

    def settle(self, protocol: LdapProtocol) -> None:
        """Lets everything that is under way end."""
        session = protocol._conversation.session  # noqa: SLF001
        clock = self.clock
        while True:
            due = [call for call in clock.calls if call.getTime() <= clock.seconds()]
            if due:
                clock.advance(0)
            elif not session.is_idle or session.waiting:
                self._deliver()
            else:
                return

    def _deliver(self) -> None:
        try:
            self._deliveries.get(timeout=_PATIENCE_SECONDS)()
        except Exception as error:
            raise Wrong(f"a request hangs ({type(error).__name__})") from None


_READ: Final[dict[bytes, list[LdapMessage]]] = {}


class Client:
    """One connection to it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        protocol = subject.factory.buildProtocol(_PEER)
        if protocol is None:
            raise Wrong("no room for a connection: one was not given back")
        self.protocol = protocol
        self.wire = Wire()
        protocol.makeConnection(self.wire)

    def send(self, octets: bytes) -> None:
        """Octets as they come from the network."""
        self.protocol.dataReceived(octets)
        self._subject.settle(self.protocol)

    def bind(self, name: str) -> bool:
        """Binds with the password that everybody has here; False when that fails."""
        bind = BindRequest(3, name, SimpleAuthentication(PASSWORD))
        self.send(encode_message(LdapMessage(1, bind)))
        bound = b"\x0a\x01\x00" in self.wire.value()
        self.wire.clear()
        return bound

    def received(self) -> list[LdapMessage]:
        """All messages since the last call. Raises Wrong for what is none."""
        octets = self.wire.value()
        self.wire.clear()
        known = _READ.get(octets)
        if known is not None:
            return known
        codec = Connection(AFTER_BIND)
        codec.feed(octets)
        messages: list[LdapMessage] = []
        try:
            while (message := codec.next_message()) is not NEED_DATA:
                messages.append(message)
        except DecodeError as error:
            raise Wrong(f"the server sent what is no LDAP: {error.why}") from None
        if codec.pending_bytes:
            raise Wrong("the server sent half a message")
        if len(_READ) >= MAX_READ:
            _READ.clear()
        _READ[octets] = messages
        return messages

    def end(self) -> None:
        """The client hangs up."""
        self.protocol.connectionLost(Failure(ConnectionDone()))
        self._subject.settle(self.protocol)


class Campaign:
    """Cases of one seed, one after the other."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._folder = folder
        self._scripts = corpus()
        self._trees = [[parsed(message) for message in script.messages] for script in self._scripts]
        self._mutator = Mutator(WORDS, [trees[0] for trees in self._trees])
        self._critical: list[str] = []
        self._furnished: Path | None = None
        self._subject: Subject | None = None
        self._town: Any = None

    def case(self, number: int) -> tuple[str, str, list[bytes]]:
        """Name of the script, who is bound, and the segments that the client sends."""
        chance = random.Random(self._seed << 40 | number)
        at = chance.randrange(len(self._scripts))
        script = self._scripts[at]
        messages = list(script.messages)
        messages[script.spoil] = self._mutator.mutant(chance, self._trees[at][script.spoil])
        octets = b"".join(messages)
        if chance.random() < 0.1:
            cut = chance.randint(0, len(octets))
            return script.name, script.bound, [octets[:cut], octets[cut:]]
        return script.name, script.bound, [octets]

    def run(self, first: int, last: int) -> Report:
        """The cases of a range."""
        report = Report(self._seed, first, last)
        marks = {first + (last - first) * part // 100: f"{part} %" for part in range(10, 100, 10)}
        started = time.monotonic()
        with _critical_events(self._critical):
            for number in range(first, last):
                if self._subject is None or not number % SLICE:
                    self.close()
                    gc.unfreeze()  # images that were loaded, and let go of, are never collected otherwise
                    gc.collect()
                    self._renew()
                if number in marks:
                    report.resident_mib[marks[number]] = _resident_mib()
                self._try(number, report)
        report.resident_mib["100 %"] = _resident_mib()
        report.seconds = round(time.monotonic() - started, 1)
        self.close()
        return report

    def close(self) -> None:
        """Lets go of the directory."""
        if self._town is not None:
            self._town.__exit__(None, None, None)
        self._town = self._subject = None

    def _renew(self) -> None:
        self.close()
        gc.unfreeze()
        if self._furnished is None:
            self._furnished = self._folder / "furnished.db"
            with open_town(self._furnished) as town:
                _furnish(town)
        path = self._folder / "town.db"
        for stale in self._folder.glob("town.db*"):
            stale.unlink()
        self._town = open_town(path, self._furnished, remembered_seconds=10**6)
        self._subject = Subject(self._town.__enter__())
        for name in (ADMIN, PERSON, SERVICE):
            client = Client(self._subject)
            if not client.bind(name):
                raise Wrong(f"{name} cannot bind")
            client.end()

    def _try(self, number: int, report: Report) -> None:
        script, bound, segments = self.case(number)
        if self._subject is None:
            raise RuntimeError("no server")
        try:
            client = self._connected(bound)
            self._critical.clear()
            started = time.thread_time()
            for segment in segments:
                client.send(segment)
            spent = (time.thread_time() - started) * 1000
            self._judge(client, report, _messages_in(b"".join(segments)))
            client.end()
            self._probe()
            if spent > report.slowest_ms:
                report.slowest_ms, report.slowest_case = round(spent, 2), number
            if spent > LONGEST_MS:
                raise Wrong(f"took {spent:.0f} ms")
        except Exception as error:  # whatever it is, it is what is looked for
            why = str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"
            report.findings.append(Finding(number, script, why, tuple(each.hex() for each in segments)))
            self._renew()

    def _connected(self, bound: str) -> Client:
        """A client that is bound; an earlier case may have deleted or renamed who it is, or its password."""
        for _ in range(2):
            if self._subject is None:
                raise RuntimeError("no server")
            client = Client(self._subject)
            if not bound or client.bind(bound):
                return client
            self._renew()
        raise Wrong("the bind before the case failed")

    def _judge(self, client: Client, report: Report, sent: int) -> None:
        messages = client.received()
        ended = 0
        for at, message in enumerate(messages):
            result = getattr(message.operation, "result", None)
            if not isinstance(result, LdapResult):
                report.entries += 1
                continue
            if message.message_id == 0:
                _check_notice(message, last=at == len(messages) - 1)
                _count(report.notices, result.code.name)
            else:
                ended += 1
                _count(report.results, result.code.name)
            if result.code is ResultCode.OTHER:
                raise Wrong(f"{result.diagnostic_message}: {' '.join(self._critical)}")
        if ended > sent:
            raise Wrong(f"{ended} results for {sent} messages")
        if self._critical:
            raise Wrong(" ".join(self._critical))
        if client.wire.disconnecting:
            report.closed += 1
        elif client.protocol._codec.pending_bytes:  # noqa: SLF001
            report.waiting += 1

    def _probe(self) -> None:
        """Another connection is served as if nothing had been."""
        if self._subject is None:
            raise RuntimeError("no server")
        client = self._subject.probe
        client.send(_PROBE)
        (message,) = client.received()
        if not isinstance(message.operation, ExtendedResponse) or message.operation.value != b"":
            raise Wrong("the next connection was not served")


def _messages_in(octets: bytes) -> int:
    """How many messages the octets are at most: whole elements, one after the other."""
    reader, found = ber.Reader(octets), 0
    with suppress(DecodeError):
        while not reader.at_end:
            reader.enter_any()
            found += 1
    return found


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1


def _check_notice(message: LdapMessage, *, last: bool) -> None:
    operation = message.operation
    name = operation.name if isinstance(operation, ExtendedResponse) else None
    if name == ABORTED_TRANSACTION:
        return  # a spoiled message may well be one that ends a transaction
    if name != NOTICE_OF_DISCONNECTION:
        raise Wrong("message id 0 without a notice")
    if not last:
        raise Wrong("something was sent behind the notice of disconnection")


@contextmanager
def _critical_events(found: list[str]) -> Iterator[None]:
    """Gathers what the program logs as its own fault."""

    def observe(event: dict[str, Any]) -> None:
        if event.get("log_level") in (LogLevel.critical, LogLevel.error):
            parts = (str(event.get(name, "")) for name in ("kind", "text", "stack", "log_failure"))
            found.append(" ".join(part for part in parts if part))

    globalLogPublisher.addObserver(observe)  # type: ignore[arg-type]
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(observe)  # type: ignore[arg-type]


def cheap_passwords() -> None:
    """Hashes that cost next to nothing: a campaign is not about them."""
    passwords.TIME_COST, passwords.MEMORY_KIB, passwords.LANES = 1, 8, 1  # type: ignore[misc]
    passwords._NOBODY = read_hash(passwords.hash_password(b"nobody"))  # type: ignore[misc] # noqa: SLF001
    scram_keys.derive_keys.__defaults__ = (1,)


def known_transactions() -> None:
    """Identifiers of transactions that scripts can hold; real ones are random."""
    transactions.secrets = SimpleNamespace(token_bytes=lambda size: TRANSACTION)  # type: ignore[attr-defined, assignment]


def _furnish(town: Town) -> None:
    mailbox = ("inetOrgPerson", "gdPerson", "gdMailbox")
    for dn, name in ((PERSON, "Nguyễn Văn An"), (OTHER, "Trần Thị Bình")):
        town.add(dn, {"objectClass": mailbox, "cn": name, "userPassword": PASSWORD.decode()})
        town.replace(dn, "pwdReset")
    for number, given in enumerate(
        ("Cúc", "Dũng", "Giang", "Hoa", "Khánh", "Lan", "Minh", "Nga", "Oanh", "Phúc")
    ):
        town.person(f"lv{number}", f"Lê Văn {given}")
    town.add(LIST, {"objectClass": "gdMailList", "mail": "thu@cantho.gov.vn", "member": PERSON})
    town.add(
        SERVICE,
        {
            "objectClass": ("applicationProcess", "gdService"),
            "gdServiceKind": "mail",
            "userPassword": PASSWORD.decode(),
        },
    )


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1024**2, 1)


def fuzz(first: int, last: int, seed: int = 1) -> Report:
    """The cases of a range, on a directory in memory where the system has such files."""
    cheap_passwords()
    known_transactions()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        return Campaign(seed, Path(folder)).run(first, last)


def growth_mib(report: Report) -> float:
    """How much resident memory grew after the first tenth."""
    return report.resident_mib["100 %"] - report.resident_mib.get("10 %", report.resident_mib["100 %"])


def merged(parts: list[Report]) -> dict[str, Any]:
    """Several ranges of one seed as one result."""
    parts = sorted(parts, key=lambda part: part.first)
    slowest = max(parts, key=lambda part: part.slowest_ms)
    return {
        "seed": parts[0].seed,
        "cases": sum(part.last - part.first for part in parts),
        "ranges": [f"{part.first}:{part.last}" for part in parts],
        "results": dict(sum((Counter(part.results) for part in parts), Counter())),
        "notices": dict(sum((Counter(part.notices) for part in parts), Counter())),
        "waiting": sum(part.waiting for part in parts),
        "closed": sum(part.closed for part in parts),
        "entries": sum(part.entries for part in parts),
        "slowest_ms": slowest.slowest_ms,
        "slowest_case": slowest.slowest_case,
        "most_resident_mib": max(max(part.resident_mib.values()) for part in parts),
        "most_growth_mib": round(max(growth_mib(part) for part in parts), 1),
        "seconds": round(sum(part.seconds for part in parts)),
        "findings": [to_builtins(finding) for part in parts for finding in part.findings],
    }


def main() -> None:
    """The command line."""
    arguments = argparse.ArgumentParser(description="Spoil LDAP messages and send them to a whole server.")
    arguments.add_argument("--cases", default="0:100000", help="first:last (exclusive)")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--json", type=Path, help="where the report is to be written")
    arguments.add_argument("--merge", type=Path, nargs="+", help="reports of ranges to put together instead")
    options = arguments.parse_args()
    if options.merge:
        whole = merged([decode(path.read_bytes(), type=Report) for path in options.merge])
        text = json.dumps(whole, ensure_ascii=False, indent=2)
        if options.json is not None:
            options.json.write_text(f"{text}\n", "utf-8")
        print(text)
        return
    first, _, last = options.cases.partition(":")
    report = fuzz(int(first), int(last), options.seed)
    text = json.dumps(to_builtins(report), ensure_ascii=False, indent=2)
    if options.json is not None:
        options.json.write_text(f"{text}\n", "utf-8")
    told = structs.replace(report, findings=report.findings[:20])
    print(json.dumps(to_builtins(told), ensure_ascii=False, indent=2))
    if report.findings or growth_mib(report) > GROWTH_LIMIT_MIB:
        sys.exit("FAILED")


if __name__ == "__main__":
    main()
