"""The figures: for each, the requests that make it and how its answers are checked before it is measured."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bench import wire
from bench.data import DOMAIN, SLOW_HASH_PEOPLE, SUFFIX, Person
from bench.load import Job
from bench.server import Server

SUCCESS: Final = 0
SIZE_LIMIT_EXCEEDED: Final = 4

LOOKUP_ATTRIBUTES: Final = ("mail", "mailQuota", "uid")
ADDRESS_BOOK_ATTRIBUTES: Final = ("cn", "mail", "sn", "givenName", "telephoneNumber", "title", "ou")
ADDRESS_BOOK_LIMIT: Final = 100  # what Thunderbird asks for by default

COMMON_WORDS: Final = ("minh", "Nguyễn", "thanh", "Thị", "anh")
RARE_WORDS: Final = ("Tôn Nữ", "Âu Dương", "kieuvan", "quachthi", "aduc", "khuê10", "phuocai")
# What a client sends while somebody types a name, with and without accents.
TYPED: Final = (
    "m", "mi", "min", "minh", "th", "ha", "hươ", "Hương", "ngu", "nguyen", "Nguyễn", "lê thị", "tran van",
    "noi vu",
)  # fmt: skip

_SAMPLE: Final = (
    20_000  # distinct requests of a figure; enough that no cache of answers could hold them unseen
)
_EACH: Final = 8  # connections that go through the same few words, each through its own copy
_CHECKED: Final = 200  # answers counted before a figure is measured
_SEED: Final = 2015


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: requests a second of one kind at a number of connections.

    `requests(people, round)` makes them, anew for each round where they change something; each checked
    answer has `least` to `most` entries; `wanted` is the ratio to slapd the project set itself, 0 for none.
    """

    name: str
    title: str
    connections: int
    requests: Callable[[Sequence[Person], int], list[bytes]]
    least: int = 0
    most: int = 0
    final_tag: int = wire.SEARCH_DONE
    codes: tuple[int, ...] = (SUCCESS,)
    greeted: bool = True
    seconds_factor: float = 1.0
    wanted: float = 0.0

    def job(self, server: Server, requests: Sequence[bytes], seconds: float) -> Job:
        """The job for the load generator."""
        greeting = wire.bind(server.admin, server.password) if self.greeted else b""
        return Job(
            port=server.port,
            requests=requests,
            connections=self.connections,
            seconds=seconds * self.seconds_factor,
            final_tag=self.final_tag,
            codes=self.codes,
            greeting=greeting,
        )

    def check(self, server: Server, requests: Sequence[bytes]) -> None:
        """Asks some of the requests and counts entries. Raises RuntimeError for any other answer."""
        step = max(1, len(requests) // _CHECKED)
        with wire.Client(server.port) as client:
            if self.greeted:
                client.ask(wire.bind(server.admin, server.password))
            for request in requests[::step]:
                answer = client.ask(request)
                if answer.code not in self.codes or not self.least <= answer.entries <= self.most:
                    raise RuntimeError(f"{server.name}, {self.name}: {answer}")


def _sample(people: Sequence[Person]) -> Sequence[Person]:
    return random.Random(_SEED).sample(people, min(_SAMPLE, len(people)))


def _lookups(people: Sequence[Person], _: int) -> list[bytes]:
    return [_lookup(wire.equals("mail", person.mail)) for person in _sample(people)]


def _postfix_lookups(people: Sequence[Person], _: int) -> list[bytes]:
    mailbox, delivered = wire.equals("objectClass", "gdMailbox"), wire.equals("enabledService", "deliver")
    return [
        _lookup(wire.all_of(mailbox, delivered, wire.equals("mail", person.mail)))
        for person in _sample(people)
    ]


def _misses(people: Sequence[Person], _: int) -> list[bytes]:
    """Addresses nobody has, such as spam is sent to."""
    return [_lookup(wire.equals("mail", f"khongco.{person.uid}@{DOMAIN}")) for person in _sample(people)]


def _lookup(filter_: bytes) -> bytes:
    return wire.search(SUFFIX, filter_, LOOKUP_ATTRIBUTES)


def _binds(people: Sequence[Person], _: int) -> list[bytes]:
    return [
        wire.bind(person.dn, person.password)
        for person in _sample(people)
        if person.number >= SLOW_HASH_PEOPLE
    ]


def _slow_binds(people: Sequence[Person], _: int) -> list[bytes]:
    return [wire.bind(person.dn, person.password) for person in people[:SLOW_HASH_PEOPLE]]


def _common_words(_: Sequence[Person], __: int) -> list[bytes]:
    return [_address_book(word) for word in COMMON_WORDS] * _EACH


def _rare_words(_: Sequence[Person], __: int) -> list[bytes]:
    return [_address_book(word) for word in RARE_WORDS] * _EACH


def _typed(_: Sequence[Person], __: int) -> list[bytes]:
    return [_address_book(word, ("displayName", "mail", "sn", "givenName")) for word in TYPED] * _EACH


def _address_book(word: str, names: Sequence[str] = ("cn", "mail", "sn", "givenName")) -> bytes:
    anywhere = wire.any_of(*(wire.contains(name, word) for name in names))
    return wire.search(SUFFIX, anywhere, ADDRESS_BOOK_ATTRIBUTES, size_limit=ADDRESS_BOOK_LIMIT)


def _dump(_: Sequence[Person], __: int) -> list[bytes]:
    return [wire.search(SUFFIX, wire.present("objectClass"), ["*"])]


def _modifies(people: Sequence[Person], round_number: int) -> list[bytes]:
    return [
        wire.replace(person.dn, "title", f"Chuyên viên bậc {round_number}.{number}")
        for number, person in enumerate(_sample(people))
    ]


def _substrings(kind: str, requests: Callable[[Sequence[Person], int], list[bytes]]) -> list[Figure]:
    return [
        Figure(
            f"substring-{kind}-{connections}",
            f"address book, {kind} word, {connections} conn.",
            connections,
            requests,
            most=ADDRESS_BOOK_LIMIT,
            codes=(SUCCESS, SIZE_LIMIT_EXCEEDED),
            wanted=1.0,
        )
        for connections in (1, 8)
    ]


# Lookups come first: resident memory is read after them.
LOOKUPS: Final = (
    Figure("lookup-1", "exact mail lookup, 1 conn.", 1, _lookups, 1, 1),
    Figure("lookup-8", "exact mail lookup, 8 conn.", 8, _lookups, 1, 1, wanted=1.3),
    Figure("lookup-32", "exact mail lookup, 32 conn.", 32, _lookups, 1, 1),
    *(
        Figure(f"postfix-{n}", f"Postfix's mail lookup, {n} conn.", n, _postfix_lookups, 1, 1)
        for n in (1, 8, 32)
    ),
    *(Figure(f"miss-{n}", f"mail lookup that misses, {n} conn.", n, _misses) for n in (1, 8)),
)
OTHERS: Final = (
    *_substrings("common", _common_words),
    *_substrings("rare", _rare_words),
    *_substrings("typed", _typed),
    Figure("dump", "whole dump, 1 conn.", 1, _dump, 1, 10_000_000, seconds_factor=2),
    *(
        Figure(
            f"modify-{n}",
            f"durable modify, {n} conn.",
            n,
            _modifies,
            final_tag=wire.MODIFY_RESPONSE,
            seconds_factor=2,
            wanted=1.0,
        )
        for n in (1, 8)
    ),
    Figure(
        "bind-argon2-8",
        "bind, Argon2id, 8 conn.",
        8,
        _slow_binds,
        final_tag=wire.BIND_RESPONSE,
        greeted=False,
    ),
    *(
        Figure(
            f"bind-{n}",
            f"bind, imported {{SSHA}}, {n} conn.",
            n,
            _binds,
            final_tag=wire.BIND_RESPONSE,
            greeted=False,
        )
        for n in (1, 8)
    ),
)
