"""Mutated protocol data units against the decoder: messages, NEED_DATA or DecodeError, and no growth.

    python -m bench.fuzz_codec [--count 1000000] [--seed 1]

Each round takes a valid PDU apart and, as PROTOS did, spoils the tag, length or value of one of its nodes,
with the lengths around it made to fit or left as they were; or flips bits, truncates, splices. The same
seed gives the same octets. Prints what came of them; any other exception ends the run with the octets.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from govdir.ldap.codec import ber
from govdir.ldap.codec import filters as f
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.decode import decode_by_definition
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.limits import BEFORE_BIND
from govdir.ldap.codec.result_codes import ResultCode

DEFAULT_COUNT: Final = 1_000_000
WARM_UP_SHARE: Final = 0.1  # of the rounds, after which caches are full and memory must be flat
GROWTH_LIMIT_KIB: Final = (
    16 * 1024
)  # an allocator's own noise; a leak of 100 octets a round is six times this

_TAGS: Final = bytes(
    (0x00, 0x01, 0x02, 0x04, 0x0A, 0x1F, 0x24, 0x30, 0x31, 0x3F, 0x42, 0x60, 0x63, 0x77, 0x7F)
)
_CONTEXT_TAGS: Final = bytes((*range(0x80, 0x8C), *range(0xA0, 0xAB), 0xBF, 0xFF))
_LENGTHS: Final = (
    b"\x00",
    b"\x01",
    b"\x7f",
    b"\x80",
    b"\x81\x00",
    b"\x81\x01",
    b"\x81\x7f",
    b"\x81\xff",
    b"\x82\x00\x01",
    b"\x82\xff\xff",
    b"\x83\xff\xff\xff",
    b"\x84\x00\x00\x00\x01",
    b"\x84\xff\xff\xff\xff",
    b"\x85\x01",
    b"\xff",
)
_VALUES: Final = (
    b"",
    b"\x00",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\x00" * 9,
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"%s%n" * 8,
    b"a" * 127,
    b"a" * 128,
    b"\x30" * 300,
    b"\xa2\x80" * 100,
    b"(((((",
)


class UnexpectedOutcome(Exception):
    """The decoder did something else than it promises; the message holds the octets."""


@dataclass
class Node:
    """An element of a PDU: its tag, and either its elements or its content octets."""

    tag: int
    children: list[Node] = field(default_factory=list)
    content: bytes = b""
    length: bytes | None = None  # the length octets to write instead of the right ones

    def octets(self) -> bytes:
        content = b"".join(child.octets() for child in self.children) if self.children else self.content
        length = ber.length(len(content)) if self.length is None else self.length
        return bytes((self.tag,)) + length + content

    def all(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.all()


@dataclass
class Report:
    """How many rounds ended how, and how much the peak of resident memory grew after the warm-up."""

    rounds: int
    messages: int = 0
    awaited: int = 0
    refused: int = 0
    growth_kib: int = 0
    seconds: float = 0.0


def corpus() -> list[bytes]:
    """One PDU at least of every operation, requests that clients send most first."""
    person = (m.Attribute("cn", ("Nguyễn Văn Minh".encode(), b"Minh")), m.Attribute("mail", (b"a@b.vn",)))
    everything = f.And(
        (
            f.Or((f.GreaterOrEqual("uid", b"1"), f.LessOrEqual("uid", b"2"), f.Approx("cn", b"x"))),
            f.Not(f.Present("mail")),
            f.Substrings("cn", b"i", (b"j", b"k"), b"l"),
            f.Extensible("2.5.13.2", "cn", b"v", True),
            f.Equality("mail", b"nvminh@cantho.gov.vn"),
        )
    )
    result = m.LdapResult(ResultCode.REFERRAL, "dc=vn", "đi", ("ldap://a/",))
    change = m.Change(m.ModifyOperation.REPLACE, person[0])
    operations: list[m.Request | m.Response] = [
        _search(f.Equality("mail", b"nvminh@cantho.gov.vn")),
        _search(everything),
        m.BindRequest(3, "uid=a", m.SimpleAuthentication(b"secret")),
        m.BindRequest(3, "", m.SaslAuthentication("PLAIN", b"\0a\0b")),
        m.UnbindRequest(),
        m.ModifyRequest("cn=a", (change, change)),
        m.AddRequest("cn=a", person),
        m.DeleteRequest("cn=a"),
        m.ModifyDnRequest("cn=a", "cn=b", True, "dc=vn"),
        m.CompareRequest("cn=a", "cn", b"a"),
        m.AbandonRequest(1),
        m.ExtendedRequest("1.3.6.1.4.1.4203.1.11.1", b"\x30\x00"),
        m.BindResponse(result, b"x"),
        m.SearchResultEntry("cn=a", person),
        m.SearchResultReference(("ldap://a/", "ldap://b/")),
        m.SearchResultDone(result),
        m.ModifyResponse(result),
        m.AddResponse(result),
        m.DeleteResponse(result),
        m.ModifyDnResponse(result),
        m.CompareResponse(result),
        m.ExtendedResponse(result, "1.2", b"x"),
        m.IntermediateResponse("1.2", b"x"),
    ]
    paged = m.Control("1.2.840.113556.1.4.319", True, b"\x30\x05\x02\x01\x01\x04\x00")
    plain = [encode_message(m.LdapMessage(number, each)) for number, each in enumerate(operations, 1)]
    return plain + [encode_message(m.LdapMessage(300, each, (paged, paged))) for each in operations]


def fuzz(count: int, seed: int = 1) -> Report:
    """Decodes `count` mutated PDUs; raises UnexpectedOutcome at the first that breaks the promise."""
    chance = random.Random(seed)
    originals = corpus()
    report = Report(count)
    started = time.perf_counter()
    warm = 0
    for number in range(count):
        if number == int(count * WARM_UP_SHARE):
            warm = _peak_kib()
        octets = _mutated(chance, originals)
        _decode(octets, report, cut=chance.randrange(len(octets) + 1) if number % 8 == 0 else None)
    report.growth_kib = _peak_kib() - warm
    report.seconds = time.perf_counter() - started
    if report.growth_kib > GROWTH_LIMIT_KIB:
        raise UnexpectedOutcome(f"resident memory grew by {report.growth_kib} KiB")
    return report


def _search(search_filter: f.Filter) -> m.SearchRequest:
    scope, deref = m.Scope.WHOLE_SUBTREE, m.DerefAliases.NEVER
    return m.SearchRequest(
        "dc=cantho,dc=gov,dc=vn", scope, deref, 0, 0, False, search_filter, ("mail", "uid")
    )


def _decode(octets: bytes, report: Report, cut: int | None) -> None:
    """Feeds the octets, in two segments when `cut` says where, and counts what comes of them."""
    try:
        outcome = _outcome([octets])
        if cut is not None and _outcome([octets[:cut], octets[cut:]]) != outcome:
            raise UnexpectedOutcome(f"differs when cut at {cut}: {octets.hex()}")
        messages, why = outcome
        if cut is not None and messages:
            _compare_with_definition(octets, messages[0])
    except UnexpectedOutcome:
        raise
    except Exception as error:
        raise UnexpectedOutcome(f"{type(error).__name__} for {octets.hex()}") from error
    report.messages += len(messages)
    report.refused += why is not None
    report.awaited += why is None


def _outcome(segments: list[bytes]) -> tuple[list[m.LdapMessage], str | None]:
    connection = Connection(BEFORE_BIND)
    messages = []
    for segment in segments:
        connection.feed(segment)
        try:
            while (message := connection.next_message()) is not NEED_DATA:
                messages.append(message)
        except DecodeError as error:
            return messages, error.why
    return messages, None


def _compare_with_definition(octets: bytes, message: m.LdapMessage) -> None:
    """The short cut for searches must say what the definition says."""
    start, end = ber.Reader(octets).extent(ber.SEQUENCE, "LDAPMessage")
    if decode_by_definition(octets, start, end, BEFORE_BIND) != message:
        raise UnexpectedOutcome(f"decoded otherwise than by the definition: {octets.hex()}")


def _mutated(chance: random.Random, originals: list[bytes]) -> bytes:
    octets = chance.choice(originals)
    kind = chance.random()
    if kind < 0.6:
        octets = _spoil_node(chance, octets)
    if 0.5 < kind < 0.75:
        octets = _flip_bits(chance, octets)
    elif 0.75 <= kind < 0.85:
        octets = octets[: chance.randrange(len(octets))]
    elif kind >= 0.85:
        other = chance.choice(originals)
        octets = octets[: chance.randrange(len(octets))] + other[chance.randrange(len(other)) :]
    return octets


def _spoil_node(chance: random.Random, octets: bytes) -> bytes:
    """One node gets another tag, length or value, or is dropped, doubled or wrapped."""
    root = _parsed(octets)
    node = chance.choice(list(root.all()))
    kind = chance.randrange(6)
    if kind == 0:
        node.tag = chance.choice(_TAGS + _CONTEXT_TAGS)
    elif kind == 1:
        node.length = chance.choice(_LENGTHS)
    elif kind == 2:
        node.children, node.content = [], chance.choice(_VALUES)
    elif kind == 3 and node.children:
        del node.children[chance.randrange(len(node.children))]
    elif kind == 4 and node.children:
        node.children *= chance.choice((2, 3, 40))
    else:
        levels = chance.choice((1, 2, 63, 64, 65, 200))
        inner = Node(node.tag, node.children, node.content)
        for _ in range(levels):
            inner = Node(chance.choice((0xA0, 0xA1, 0xA2, 0x30)), [inner])
        node.tag, node.children = inner.tag, inner.children
    return root.octets()


def _parsed(octets: bytes) -> Node:
    tag, reader = ber.Reader(octets).enter_any()
    return _parsed_content(tag, reader)


def _parsed_content(tag: int, reader: ber.Reader) -> Node:
    if not tag & ber.CONSTRUCTED:
        return Node(tag, content=reader.rest())
    children = []
    while not reader.at_end:
        children.append(_parsed_content(*reader.enter_any()))
    return Node(tag, children)


def _flip_bits(chance: random.Random, octets: bytes) -> bytes:
    flipped = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """The command line."""
    arguments = argparse.ArgumentParser(description="Fuzz the LDAP decoder with mutated messages.")
    arguments.add_argument("--count", type=int, default=DEFAULT_COUNT, help="how many PDUs to decode")
    arguments.add_argument("--seed", type=int, default=1, help="the same seed gives the same PDUs")
    options = arguments.parse_args()
    try:
        report = fuzz(options.count, options.seed)
    except UnexpectedOutcome as error:
        sys.exit(f"FAILED: {error}")
    print(
        f"{report.rounds:,} mutated PDUs in {report.seconds:.0f} s: {report.messages:,} messages, "
        f"{report.refused:,} refused, {report.awaited:,} ended waiting or clean; "
        f"memory grew by {report.growth_kib:,} KiB after the warm-up"
    )


if __name__ == "__main__":
    main()
