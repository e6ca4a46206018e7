"""The mailboxes both servers hold: N people of one city, the same for every run, as LDIF.

The two files differ only where the servers do: slapd stores what govdir derives from the state of a
mailbox (accountStatus, enabledService, mailQuota), and slapd's file brings the top of the tree, which
`govdir init` makes.
"""

from __future__ import annotations

import base64
import hashlib
import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import argon2

from bench import names
from bench.names import AGENCIES

SUFFIX: Final = "dc=cantho,dc=gov,dc=vn"
DOMAIN: Final = "cantho.gov.vn"
ADMIN: Final = f"cn=admin,{SUFFIX}"

ALIAS_EVERY: Final = 5  # one mailbox in five has an alias, as in a directory some years old
SLOW_HASH_PEOPLE: Final = 32  # the first people have Argon2id hashes, enough for a bind figure of their own
PERSON_QUOTA_BYTES: Final = 5 * 1024**3  # Cần Thơ, Điều 4.1
ACTIVE_SERVICES: Final = ("mail", "deliver", "smtp", "imap", "pop3", "sieve")

_SEED: Final = 33_2015
_SEXES: Final = ((names.MEN_MIDDLES, names.MEN_GIVEN), (names.WOMEN_MIDDLES, names.WOMEN_GIVEN))
_SLOW_HASH = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class Person:
    """One mailbox; `alias` is "" for most."""

    number: int
    agency: int
    surname: str
    middle: str
    given: str
    uid: str
    alias: str
    title: str
    unit: str

    @property
    def name(self) -> str:
        """The full name in written order."""
        return f"{self.surname} {self.middle} {self.given}"

    @property
    def mail(self) -> str:
        """The primary address."""
        return f"{self.uid}@{DOMAIN}"

    @property
    def dn(self) -> str:
        """The name of the entry, below the agency."""
        return f"uid={self.uid},ou={AGENCIES[self.agency][0]},ou=orgs,{SUFFIX}"

    @property
    def password(self) -> str:
        """The password in clear, of four character classes."""
        return f"Matkhau${self.number}"


def people(count: int) -> Iterator[Person]:
    """The first `count` people; a longer run begins with the people of a shorter one."""
    chance = random.Random(_SEED)
    surnames, surname_weights = zip(*names.SURNAMES, strict=True)
    titles, title_weights = zip(*names.TITLES, strict=True)
    taken: dict[str, int] = {}
    for number in range(count):
        surname = chance.choices(surnames, surname_weights)[0]
        middles, givens = chance.choice(_SEXES)
        middle, given = chance.choice(middles), chance.choice(givens)
        uid = _free_uid(surname, middle, given, taken)
        yield Person(
            number=number,
            agency=chance.randrange(len(AGENCIES)),
            surname=surname,
            middle=middle,
            given=given,
            uid=uid,
            alias=f"{uid}.cu@{DOMAIN}" if number % ALIAS_EVERY == 0 else "",
            title=chance.choices(titles, title_weights)[0],
            unit=chance.choice(names.UNITS),
        )


def _free_uid(surname: str, middle: str, given: str, taken: dict[str, int]) -> str:
    """The ladder of Cần Thơ (Điều 4.2), then numbers, where the regulation asks a human."""
    family, between, own = (_fold(part) for part in (surname, middle, given))
    initials = "".join(word[0] for word in f"{family} {between}".split())
    between, family = between.replace(" ", ""), family.replace(" ", "")
    for candidate in (initials + own, family[0] + between + own, family + between + own):
        if candidate not in taken:
            taken[candidate] = 1
            return candidate
    while True:
        taken[candidate] += 1
        numbered = f"{candidate}{taken[candidate]}"
        if numbered not in taken:
            taken[numbered] = 1
            return numbered


def _fold(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()


def write_ldif(path: Path, count: int, *, for_slapd: bool) -> None:
    """Writes the agencies and the first `count` people as content records, parents first."""
    with path.open("w", encoding="ascii") as out:
        if for_slapd:
            out.write(_record(SUFFIX, [("objectClass", "domain"), ("dc", "cantho")]))
            out.write(_record(f"ou=orgs,{SUFFIX}", [("objectClass", "organizationalUnit"), ("ou", "orgs")]))
        for label, name in AGENCIES:
            lines = [("objectClass", "organizationalUnit"), ("ou", label), ("description", name)]
            out.write(_record(f"ou={label},ou=orgs,{SUFFIX}", lines))
        for person in people(count):
            out.write(_record(person.dn, _attributes(person, for_slapd=for_slapd)))


def _attributes(person: Person, *, for_slapd: bool) -> list[tuple[str, str]]:
    agency = AGENCIES[person.agency][1]
    lines = [
        ("objectClass", "inetOrgPerson"),
        ("objectClass", "gdPerson"),
        ("objectClass", "gdMailbox"),
        ("uid", person.uid),
        ("cn", person.name),
        ("sn", person.surname),
        ("givenName", person.given),
        ("gdMiddleName", person.middle),
        ("displayName", f"{person.name} - {agency}"),
        ("gdMailboxKind", "person"),
        ("mail", person.mail),
        ("title", person.title),
        ("telephoneNumber", f"+84 292 3{person.number:06d}"),
        ("ou", person.unit),
        ("employeeNumber", f"CT{person.number:06d}"),
        ("userPassword", _hash(person)),
    ]
    if person.alias:
        lines.append(("mailLocalAddress", person.alias))
    if for_slapd:
        lines.append(("accountStatus", "active"))
        lines.append(("mailQuota", str(PERSON_QUOTA_BYTES)))
        lines.extend(("enabledService", service) for service in ACTIVE_SERVICES)
    return lines


def _hash(person: Person) -> str:
    password = person.password.encode()
    if person.number < SLOW_HASH_PEOPLE:
        return "{ARGON2}" + _SLOW_HASH.hash(password, salt=b"%016d" % person.number)
    salt = person.number.to_bytes(8, "big")
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password + salt).digest() + salt).decode()


def _record(dn: str, attributes: list[tuple[str, str]]) -> str:
    return "\n" + _line("dn", dn) + "".join(_line(name, value) for name, value in attributes)


def _line(name: str, value: str) -> str:
    if value.isascii() and not value.startswith((" ", ":", "<")):
        return f"{name}: {value}\n"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}\n"
