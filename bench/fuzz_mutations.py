"""Spoiling octets of BER with a method: every node's tag, length and value, and the structure around it.

A tree is taken apart once and its mutants are built from it. Octet strings that hold BER themselves, as
values of controls and extended requests do, are taken apart, too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from govdir.ldap.codec import ber
from govdir.ldap.codec.errors import DecodeError

TAGS: Final = (
    *(0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x0A, 0x0C, 0x1F, 0x24, 0x30, 0x31, 0x3F, 0x42, 0x4A, 0x50),
    *(0x60, 0x61, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x6C, 0x6E, 0x73, 0x77, 0x78, 0x79, 0x7F),
    *range(0x80, 0x8C),
    *range(0xA0, 0xAB),
    *(0xBF, 0xFF),
)
LENGTHS: Final = (
    *(b"\x00", b"\x01", b"\x7f", b"\x80", b"\x81\x00", b"\x81\x01", b"\x81\x7f", b"\x81\xff"),
    *(b"\x82\x00\x01", b"\x82\xff\xff", b"\x83\xff\xff\xff", b"\x84\x00\x00\x00\x01"),
    *(b"\x84\x7f\xff\xff\xff", b"\x84\xff\xff\xff\xff", b"\x85\x01", b"\x88\xff\xff\xff\xff\xff\xff\xff\xff"),
    b"\xff",
)
VALUES: Final = (
    *(b"", b"\x00", b"\x01", b"\xff", b"\x7f", b"\x80", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00"),
    *(b"\xff\xff\xff\xff", b"\x00\x80\x00\x00\x00", b"\x7f" + b"\xff" * 7, b"\x00" * 9, b"\x02\x01"),
    *(b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae" * 3, b"a\x00b"),
    *(b"%s%n" * 8, b"a" * 127, b"a" * 128, b"a" * 5000, b"\x30" * 300, b"\xa2\x80" * 100, b"(((((", b")"),
    *("ấ".encode() * 100, "e\u0302\u0301".encode() * 50, b"\\" * 50, b"," * 200, b"=" * 100, b"+" * 64),
    *(b"cn=" + b"a," * 200, b"cn=a," * 130 + b"dc=vn", b"cn=a+" * 130 + b"cn=b", b"cn=#0401", b"cn=\\zz"),
    *(b"\\2a", b"*", b"**", b"1.1", b"+", b"@top", b"1.2.3.4", b"0" * 300, b"-1", b"99999999999999999999"),
    *(b"20261122000000Z", b"{SSHA}x", b"{ARGON2ID}$argon2id$v=19$m=9999999,t=9999,p=99$AA$AA", b"dn:", b"u:"),
    *(b"TRUE", b"objectClass", b"userPassword", b"memberOf", b"entryDN", b"hasSubordinates", b"cn;lang-vi"),
)
_DEPTHS: Final = (1, 2, 3, 31, 63, 64, 65, 130, 900)
_COUNTS: Final = (2, 2, 3, 3, 33, 33, 300, 5000)
_WRAPS: Final = (0x30, 0x31, 0xA0, 0xA1, 0xA2, 0xA3, 0x04)
MAX_OCTETS: Final = 200_000  # of a mutant; larger ones are refused by their first octets


@dataclass(slots=True)
class Node:
    """An element: its tag, and either its elements or its content; `length` is written instead of the right
    one."""

    tag: int
    content: bytes = b""
    children: list[Node] | None = None
    length: bytes | None = None

    def octets(self) -> bytes:
        """Its encoding."""
        children = self.children
        content = self.content if children is None else b"".join([child.octets() for child in children])
        length = ber.length(len(content)) if self.length is None else self.length
        return bytes((self.tag,)) + length + content

    def copy(self) -> Node:
        """A tree of its own."""
        children = None if self.children is None else [child.copy() for child in self.children]
        return Node(self.tag, self.content, children, self.length)

    def all(self, found: list[Node] | None = None) -> list[Node]:
        """This node and all below."""
        found = [] if found is None else found
        found.append(self)
        for child in self.children or ():
            child.all(found)
        return found


def parsed(octets: bytes) -> Node:
    """One element that is all of the octets. Raises DecodeError."""
    reader = ber.Reader(octets)
    node = _element(reader)
    if not reader.at_end:
        raise DecodeError("more behind the element")
    return node


def _element(reader: ber.Reader) -> Node:
    tag, content = reader.enter_any()
    if tag & ber.CONSTRUCTED:
        children = []
        while not content.at_end:
            children.append(_element(content))
        return Node(tag, children=children)
    octets = content.rest()
    if octets[:1] == b"\x30":
        try:
            return Node(tag, children=[parsed(octets)])
        except DecodeError:
            pass
    return Node(tag, octets)


@dataclass(slots=True)
class Mutator:
    """Makes mutants of trees; `words` are values that mean something to what is under test."""

    words: Sequence[bytes]
    others: Sequence[Node] = ()
    _kinds: tuple[Callable[[random.Random, Node], None], ...] = field(init=False)

    def __post_init__(self) -> None:
        self._kinds = (
            _tag,
            _length,
            self._value,
            self._value,
            self._word,
            self._word,
            _flip,
            _drop,
            _repeat,
            _shuffle,
            _wrap,
            _integer,
            self._graft,
        )

    def mutant(self, chance: random.Random, original: Node) -> bytes:
        """The octets of a copy in which one node is spoiled, sometimes two or three."""
        tree = original.copy()
        for _ in range(chance.choice((1, 1, 1, 1, 1, 2, 3))):
            chance.choice(self._kinds)(chance, chance.choice(tree.all()))
        octets = tree.octets()[:MAX_OCTETS]
        kind = chance.random()
        if kind < 0.04:
            return octets[: chance.randrange(len(octets) + 1)]
        if kind < 0.08:
            return _flipped(chance, octets)
        if kind < 0.10:
            return octets + chance.choice(VALUES)
        return octets

    def _value(self, chance: random.Random, node: Node) -> None:
        node.children, node.content = None, chance.choice(VALUES)

    def _word(self, chance: random.Random, node: Node) -> None:
        if node.children is None:
            node.content = chance.choice(self.words)

    def _graft(self, chance: random.Random, node: Node) -> None:
        other = chance.choice(chance.choice(self.others).all()).copy()
        if node.children is None:
            node.tag, node.content, node.children = other.tag, other.content, other.children
        else:
            node.children.insert(chance.randint(0, len(node.children)), other)


def _tag(chance: random.Random, node: Node) -> None:
    node.tag = chance.choice(TAGS)


def _length(chance: random.Random, node: Node) -> None:
    node.length = chance.choice(LENGTHS)


def _drop(chance: random.Random, node: Node) -> None:
    if node.children:
        del node.children[chance.randrange(len(node.children))]
    else:
        node.content = b""


def _repeat(chance: random.Random, node: Node) -> None:
    if node.children:
        at = chance.randrange(len(node.children))
        node.children[at:at] = [node.children[at]] * (chance.choice(_COUNTS) - 1)


def _shuffle(chance: random.Random, node: Node) -> None:
    if node.children:
        chance.shuffle(node.children)


def _wrap(chance: random.Random, node: Node) -> None:
    inner = Node(node.tag, node.content, node.children, node.length)
    octets = inner.octets()
    tag = chance.choice(_WRAPS)
    for _ in range(chance.choice(_DEPTHS)):
        octets = ber.tlv(tag, octets)
    node.tag, node.children, node.content, node.length = _taken_apart(octets)


def _taken_apart(octets: bytes) -> tuple[int, None, bytes, None]:
    tag, reader = ber.Reader(octets).enter_any()
    return tag, None, reader.rest(), None


def _integer(chance: random.Random, node: Node) -> None:
    if node.children is None and node.tag in (0x01, 0x02, 0x0A):
        size = chance.choice((1, 1, 2, 4, 5, 8))
        node.content = chance.randbytes(size)


def _flip(chance: random.Random, node: Node) -> None:
    if node.children is None and node.content:
        node.content = _flipped(chance, node.content)


def _flipped(chance: random.Random, octets: bytes) -> bytes:
    if not octets:
        return octets
    flipped = bytearray(octets)
    for _ in range(chance.randint(1, 4)):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)
