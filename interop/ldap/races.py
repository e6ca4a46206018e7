"""Writers who want the same at the same moment: one gets it, the others are refused, nothing is half done.

    python -m interop.ldap.races [--rounds 300] [--only mail,import] [--seed 1]

Each round, eight connections ask at once for one address or one name, by each of the ways in which it can be
asked for. Prints a line a way with who won and how the others were refused; ends with status 1 at the first
round that does not have exactly the winners it must have.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from govdir.ldap.codec import transactions
from govdir.ldap.codec.controls import oids
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    Control,
    DeleteRequest,
    ExtendedResponse,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Request,
    Scope,
)
from interop.ldap.client import Client
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, running_server

WRITERS: Final = 8
DOMAIN: Final = "cantho.gov.vn"
BASE: Final = f"ou=đua,{SUFFIX}"
AGENCY: Final = f"ou=sodua,ou=orgs,{SUFFIX}"
_PERSON: Final = ("inetOrgPerson", "gdPerson", "gdMailbox")
_IMPORT_SECONDS: Final = 60
_FORMS_OF_A_NAME: Final = 3  # nv…, nvan…, nguyenvan… (Điều 4.2)


class Unfair(AssertionError):
    """A round that should not be possible."""


@dataclass(slots=True)
class Ask:
    """What one writer sends in a round, and the controls that go along."""

    request: Request
    controls: tuple[Control, ...] = ()


@dataclass(slots=True)
class Course:
    """A server, the writers' connections, and one more that looks."""

    server: Server
    writers: list[Client] = field(default_factory=list)
    looker: Client = field(init=False)
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self.writers = [self._bound() for _ in range(WRITERS)]
        self.looker = self._bound()
        self.must(add(BASE, objectClass="organizationalUnit"))
        body = ("organizationalUnit", "gdOrganization", "gdMailbox")
        self.must(add(AGENCY, objectClass=body, displayName="Sở Đua"))

    def _bound(self) -> Client:
        client = Client(self.server)
        if client.bind(ADMIN, ADMIN_PASSWORD).code:
            raise Unfair("the administrator cannot bind")
        return client

    def close(self) -> None:
        """Ends all connections."""
        for client in (*self.writers, self.looker):
            client.peer.close()

    def must(self, *requests: Request) -> None:
        """What has to succeed, one after the other."""
        for request in requests:
            answer = self.looker.ask(request)
            if answer.code:
                raise Unfair(f"{request!r} was refused: {answer.result}")

    def at_once(self, asks: Sequence[Ask]) -> list[int]:
        """All writers ask, none waits for another's answer; their result codes."""
        order = list(range(len(asks)))
        self.chance.shuffle(order)
        for number in order:
            self.writers[number].send(asks[number].request, *asks[number].controls)
        return [int(writer.receive().operation.result.code) for writer in self.writers[: len(asks)]]  # type: ignore[union-attr]

    def found(self, filter_: str, base: str = SUFFIX, scope: Scope = Scope.WHOLE_SUBTREE) -> list[str]:
        """The names of what a filter finds."""
        return self.looker.search(base, wanted=filter_, scope=scope, attributes=("1.1",)).names

    def holders(self, address: str) -> list[str]:
        """Who has the address, in whatever attribute."""
        return self.found(f"(|(mail={address})(mailLocalAddress={address}))")


def add(dn: str, **values: str | Sequence[str]) -> AddRequest:
    """A new entry."""
    return AddRequest(dn, tuple(_attribute(name, each) for name, each in values.items()))


def modify(dn: str, operation: ModifyOperation, name: str, *values: str) -> ModifyRequest:
    """One change."""
    return ModifyRequest(dn, (Change(operation, _attribute(name, values)),))


def _attribute(name: str, values: str | Sequence[str]) -> Attribute:
    return Attribute(name, tuple(each.encode() for each in ([values] if isinstance(values, str) else values)))


def letters(number: int) -> str:
    """A given name that no other number has; digits are none of a person's name."""
    text = ""
    for _ in range(4):
        number, place = divmod(number, 5)
        text = ("ba", "co", "du", "mi", "the")[place] + text
    return text


Play = Callable[[int], Counter[str]]
"""One round: who won ("won", "import", …) and how often each code was the others'."""


def one_winner(codes: Sequence[int], refused: int) -> int:
    """The number of the writer who won, everybody else having been refused with that code. Raises Unfair."""
    winners = [number for number, code in enumerate(codes) if code == 0]
    if len(winners) != 1 or any(code not in (0, refused) for code in codes):
        raise Unfair(f"result codes {list(codes)}")
    return winners[0]


def _tally(codes: Sequence[int]) -> Counter[str]:
    return Counter("won" if code == 0 else str(code) for code in codes)


def by_change(
    course: Course, way: str, people: Sequence[str], ask: Callable[[str, str], Ask], domain: str
) -> Play:
    """Each has an entry of its own and wants the same address on it."""

    def play(number: int) -> Counter[str]:
        address = f"{way}{letters(number)}@{domain}"
        codes = course.at_once([ask(dn, address) for dn in people])
        winner = one_winner(codes, 19)
        if course.holders(address) != [people[winner]]:
            raise Unfair(f"{address} is held by {course.holders(address)}, {people[winner]} was told so")
        return _tally(codes)

    return play


def mail(course: Course) -> Play:
    """The primary address, by a modify."""
    people = _plain_people(course, "mail")
    return by_change(
        course,
        "m",
        people,
        lambda dn, address: Ask(modify(dn, ModifyOperation.REPLACE, "mail", address)),
        "x.vn",
    )


def permissive(course: Course) -> Play:
    """The same by a permissive add of the value."""
    people = _plain_people(course, "permissive")
    control = Control(oids.PERMISSIVE_MODIFY, True, None)
    return by_change(
        course,
        "p",
        people,
        lambda dn, address: Ask(modify(dn, ModifyOperation.ADD, "mail", address), (control,)),
        "x.vn",
    )


def alias(course: Course) -> Play:
    """A further address of a mailbox."""
    people = [f"uid=bidanh{letters(number)},{AGENCY}" for number in range(WRITERS)]
    course.must(
        *(
            add(dn, objectClass=_PERSON, cn=f"Lê Bí {letters(number).capitalize()}")
            for number, dn in enumerate(people)
        )
    )
    return by_change(
        course,
        "phu",
        people,
        lambda dn, address: Ask(modify(dn, ModifyOperation.ADD, "mailLocalAddress", address)),
        DOMAIN,
    )


def listed(course: Course) -> Play:
    """The address of a new list."""

    def play(number: int) -> Counter[str]:
        address = f"ds{letters(number)}@{DOMAIN}"
        names = [f"cn=ds{writer}-{number},ou=lists,{SUFFIX}" for writer in range(WRITERS)]
        asks = [Ask(add(dn, objectClass="gdMailList", mail=address)) for dn in names]
        codes = course.at_once(asks)
        winner = one_winner(codes, 19)
        there = course.found(f"(cn=ds*-{number})", f"ou=lists,{SUFFIX}", Scope.SINGLE_LEVEL)
        if course.holders(address) != [names[winner]] or there != [names[winner]]:
            raise Unfair(f"{address}: {there}, and {names[winner]} was told that it is there")
        return _tally(codes)

    return play


def named(course: Course) -> Play:
    """People of one name who ask for the name that the regulation gives: it has three forms, one each."""

    def play(number: int) -> Counter[str]:
        name = f"Nguyễn Văn {letters(number).capitalize()}"
        codes = course.at_once([Ask(add(f"uid=*,{AGENCY}", objectClass=_PERSON, cn=name))] * WRITERS)
        if codes.count(0) != _FORMS_OF_A_NAME or codes.count(19) != WRITERS - _FORMS_OF_A_NAME:
            raise Unfair(f"result codes {codes}")
        there = course.found(f"(cn={name})", AGENCY)
        held = [course.holders(f"{form}{letters(number)}@{DOMAIN}") for form in ("nv", "nvan", "nguyenvan")]
        if sorted(dn for each in held for dn in each) != sorted(there) or len(there) != _FORMS_OF_A_NAME:
            raise Unfair(f"{name}: {there} with addresses of {held}")
        return _tally(codes)

    return play


def renamed(course: Course) -> Play:
    """A name below one superior."""
    entries = _devices(course, "renamed")

    def play(number: int) -> Counter[str]:
        codes = course.at_once([Ask(ModifyDnRequest(dn, f"cn=chung{number}", True, None)) for dn in entries])
        winner = one_winner(codes, 68)
        superior = entries[winner].partition(",")[2]
        missing = [dn for dn in entries if not course.found("(cn=*)", dn, Scope.BASE_OBJECT)]
        if missing != [entries[winner]]:
            raise Unfair(f"{missing} are gone, {entries[winner]} was renamed")
        course.must(
            ModifyDnRequest(f"cn=chung{number},{superior}", entries[winner].partition(",")[0], True, None)
        )
        return _tally(codes)

    return play


def moved(course: Course) -> Play:
    """Entries of one name, each from below a superior of its own, to below the same."""
    target = f"ou=đích,{BASE}"
    homes = [f"ou=nhà {number},{BASE}" for number in range(WRITERS)]
    for superior in (target, *homes):
        course.must(add(superior, objectClass="organizationalUnit"))
    course.must(*(add(f"cn=m,{home}", objectClass="device") for home in homes))

    def play(number: int) -> Counter[str]:
        codes = course.at_once(
            [Ask(ModifyDnRequest(f"cn=m,{home}", "cn=m", False, target)) for home in homes]
        )
        winner = one_winner(codes, 68)
        there = course.found("(objectClass=device)", target)
        left = [home for home in homes if not course.found("(objectClass=device)", home)]
        if there != [f"cn=m,{target}"] or left != [homes[winner]]:
            raise Unfair(f"{there} moved, gone from {left}")
        course.must(ModifyDnRequest(f"cn=m,{target}", "cn=m", False, homes[winner]))
        return _tally(codes)

    return play


def in_transactions(course: Course) -> Play:
    """An address asked for in the middle of a transaction: the rest of it must not be there either."""
    people = _plain_people(course, "transaction")

    def play(number: int) -> Counter[str]:
        address = f"t{letters(number)}@x.vn"
        marks = [f"cn=dấu {writer}-{number},{BASE}" for writer in range(WRITERS)]
        ends = []
        for writer, dn, mark in zip(course.writers, people, marks, strict=True):
            identifier = _started(writer)
            inside = Control(oids.TRANSACTION, True, identifier)
            for request in (
                add(mark, objectClass="device"),
                modify(dn, ModifyOperation.REPLACE, "mail", address),
                modify(dn, ModifyOperation.REPLACE, "description", f"lần {number}"),
            ):
                if writer.ask(request, inside).code:
                    raise Unfair(f"{request!r} was not accepted")
            ends.append(Ask(transactions.end_transaction_request(transactions.EndTransaction(identifier))))
        codes = course.at_once(ends)
        winner = one_winner(codes, 19)
        there = course.found(f"(cn=dấu *-{number})", BASE, Scope.SINGLE_LEVEL)
        changed = course.found(f"(description=lần {number})", BASE)
        if (
            course.holders(address) != [people[winner]]
            or there != [marks[winner]]
            or changed != [people[winner]]
        ):
            raise Unfair(f"{people[winner]} won, but {there} and {changed} are there")
        course.must(DeleteRequest(marks[winner]))
        return _tally(codes)

    return play


def _started(writer: Client) -> bytes:
    operation = writer.ask(transactions.start_transaction_request()).messages[-1].operation
    if not isinstance(operation, ExtendedResponse) or not operation.value:
        raise Unfair("no transaction was begun")
    return operation.value


def imported(course: Course) -> Play:
    """Seven adds over LDAP, and `govdir import` of the same address beside the server."""
    seconds = _seconds_of_an_import(course.server)

    def play(number: int) -> Counter[str]:
        address = f"i{letters(number)}@x.vn"
        names = [f"cn=nhập {writer}-{number},{BASE}" for writer in range(WRITERS)]
        own, names = names[0], names[1:]
        asks = [Ask(_plain_person(dn, mail=address)) for dn in names]
        importing = _import(course.server, _ldif(own, address))
        time.sleep(course.chance.uniform(0.7, 1.15) * seconds)
        codes = course.at_once(asks)
        took = importing.wait(_IMPORT_SECONDS) == 0
        winner = own if took else names[one_winner(codes, 19)]
        there = course.found(f"(cn=nhập *-{number})", BASE, Scope.SINGLE_LEVEL)
        if (
            (took and any(code != 19 for code in codes))
            or course.holders(address) != [winner]
            or there != [winner]
        ):
            raise Unfair(f"import {took}, codes {codes}, there are {there}")
        return _tally(codes) if not took else _tally(codes) + Counter(("won by import",))

    return play


def _seconds_of_an_import(server: Server) -> float:
    begun = time.monotonic()
    _import(server, _ldif(f"cn=nhập thử,{BASE}", "thu@x.vn")).wait(_IMPORT_SECONDS)
    return time.monotonic() - begun


def _import(server: Server, ldif: str) -> subprocess.Popen[str]:
    importing = subprocess.Popen(
        [sys.executable, "-m", "govdir", "import", str(server.home), "-", "--yes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    if importing.stdin is not None:
        importing.stdin.write(ldif)
        importing.stdin.close()
    return importing


def _ldif(dn: str, address: str) -> str:
    return f"dn: {dn}\nobjectClass: inetOrgPerson\ncn: {dn[3:].partition(',')[0]}\nsn: x\nmail: {address}\n"


def _plain_person(dn: str, **more: str) -> AddRequest:
    return add(dn, objectClass="inetOrgPerson", sn="x", **more)


def _plain_people(course: Course, way: str) -> list[str]:
    people = [f"cn={way} {number},{BASE}" for number in range(WRITERS)]
    course.must(*(_plain_person(dn) for dn in people))
    return people


def _devices(course: Course, way: str) -> list[str]:
    superior = f"ou={way},{BASE}"
    course.must(add(superior, objectClass="organizationalUnit"))
    entries = [f"cn=w{number},{superior}" for number in range(WRITERS)]
    course.must(*(add(dn, objectClass="device") for dn in entries))
    return entries


WAYS: Final[Mapping[str, Callable[[Course], Play]]] = {
    "mail": mail,
    "alias": alias,
    "list": listed,
    "named": named,
    "rename": renamed,
    "move": moved,
    "transaction": in_transactions,
    "permissive": permissive,
    "import": imported,
}


def race(course: Course, way: str, rounds: int) -> Counter[str]:
    """So many rounds of one way; what came of all. Raises Unfair."""
    play = WAYS[way](course)
    total: Counter[str] = Counter()
    for number in range(rounds):
        try:
            total += play(number)
        except Unfair as error:
            raise Unfair(f"{way}, round {number}: {error}") from None
    return total


def _ways(text: str) -> Iterator[str]:
    for way in text.split(",") if text else WAYS:
        if way not in WAYS:
            raise SystemExit(f"ways are {', '.join(WAYS)}")
        yield way


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        course = Course(server, chance=random.Random(given.seed))
        for way in _ways(given.only):
            begun = time.monotonic()
            total = race(course, way, given.rounds)
            told = ", ".join(f"{what} {count}" for what, count in sorted(total.items()))
            print(f"{way}: {given.rounds} rounds, {told} ({time.monotonic() - begun:.0f} s)", flush=True)
        course.close()


if __name__ == "__main__":
    main()
