"""People's address books on some hundred generated colleagues: who is found, in which order, who sees."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Tools
from interop.mail.address_book_clients import CLIENTS, THUNDERBIRD_ATTRIBUTES
from interop.server import ADMIN_PASSWORD, SUFFIX, Server, govdir

PEOPLE = 600
SONV = f"ou=sonv,ou=orgs,{SUFFIX}"
REVOKED = f"uid=nthoangvu,{SONV}"
SIZE_LIMIT_EXCEEDED = 4
NO_SUCH_OBJECT = 32

Entries = dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Book:
    """A running directory, an address-book server's identity, and everybody as the administrator sees it."""

    server: Server
    service: tuple[str, str]
    everybody: Entries

    def ask(self, text: str, *attributes: str, limit: int = 100) -> tuple[int, list[str], Entries]:
        """As the address-book server, by ldapsearch: code, names in the order they came, entries."""
        dn, password = self.service
        options = ("-z", str(limit), text, *(attributes or ("cn",)))
        said = Tools(self.server).search(SUFFIX, *options, dn=dn, password=password)
        return said.code, list(said.entries), said.entries


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    folder = tmp_path_factory.mktemp("book")
    secret = folder / "admin-password"
    secret.write_text(ADMIN_PASSWORD, "utf-8")
    home = folder / "home"
    options = ("--province", "cantho", "--sample", str(PEOPLE), "--admin-password-file", str(secret))
    govdir("init", str(home), *options)
    server = Server(home)
    _add_the_revoked(server, folder / "more.ldif")
    made = json.loads(
        govdir("service", "add", str(home), "roundcube", "--for", "addressbook", "--json").stdout
    )
    server.start()
    try:
        found = Tools(server).search(SUFFIX, "(|(cn=*)(displayName=*))", "*", "+").entries
        yield Book(server, (made["dn"], made["password"]), found)
    finally:
        server.stop()


def _add_the_revoked(server: Server, file: Path) -> None:
    classes = "\n".join(f"objectClass: {name}" for name in ("inetOrgPerson", "gdPerson", "gdMailbox"))
    file.write_text(f"dn: {REVOKED}\n{classes}\ncn: Nguyễn Thị Hoàng Vũ\ngdState: revoked\n", "utf-8")
    govdir("import", str(server.home), str(file))


def plain(text: str) -> str:
    """Without accents and case, by a way of its own."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def alphabetical(name: str) -> list[int]:
    """The places of the letters in the Vietnamese alphabet; tones do not count."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    kept = (letter for letter in unicodedata.normalize("NFD", name.lower()) if letter not in tones)
    return [
        " aăâbcdđeêghiklmnoôơpqrstuưvxy".index(letter)
        for letter in unicodedata.normalize("NFC", "".join(kept))
    ]


def spellings(word: str) -> list[str]:
    """How one word is typed: as it is, without accents, in capitals, decomposed."""
    return [word, plain(word), word.upper(), plain(word).upper(), unicodedata.normalize("NFD", word)]


def shown(entry: dict[str, list[str]]) -> bool:
    """Takes mail, or is no mailbox at all."""
    return "accountStatus" not in entry or "enabledService" in entry


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("word", ["Hoàng", "Nguyễn Thị", "Đặng"])
def test_every_spelling_of_a_name_finds_its_holders(book: Book, client: str, word: str) -> None:
    question = CLIENTS[client]
    holders: dict[str, set[str]] = {}
    for typed in spellings(word):
        code, found, _ = book.ask(question(typed), limit=1000)
        assert code == 0
        holders[typed] = set(found)
    assert holders[word] == holders[word.upper()] == holders[unicodedata.normalize("NFD", word)]
    assert holders[word] <= holders[plain(word)] == holders[plain(word).upper()]
    starts = re.compile(f"^{plain(word)}")
    for dn, entry in book.everybody.items():
        if dn.startswith("uid=") and shown(entry) and starts.match(plain(entry["cn"][0])):
            assert dn in holders[plain(word)]
    assert REVOKED not in holders[plain(word)]


@pytest.mark.parametrize("client", ["the issue", "thunderbird", "thunderbird's window", "apple contacts"])
@pytest.mark.parametrize("word", ["anh", "Minh", "h", "ng"])
def test_the_first_hundred_are_the_best(book: Book, client: str, word: str) -> None:
    """Given names that begin so come first, in the order of the alphabet; after them surnames that do."""
    code, found, _ = book.ask(CLIENTS[client](word))
    given = [book.everybody.get(dn, {}).get("givenName", [""])[0] for dn in found]
    begin = [plain(name).startswith(plain(word)) for name in given]
    everybody = [
        entry["givenName"][0]
        for entry in book.everybody.values()
        if "givenName" in entry and shown(entry) and plain(entry["givenName"][0]).startswith(plain(word))
    ]
    best = min(100, len(everybody))
    assert begin[:best] == [True] * best
    assert not any(begin[best:])
    letters = [alphabetical(name) for name in given[:best]]
    assert letters == sorted(letters)
    assert (code == SIZE_LIMIT_EXCEEDED) == (len(found) == 100)


def test_two_words_are_a_person_in_whichever_order(book: Book) -> None:
    question = CLIENTS["thunderbird"]
    person = next(
        entry
        for dn, entry in book.everybody.items()
        if dn.startswith("uid=") and shown(entry) and "givenName" in entry
    )
    surname, given = plain(person["sn"][0].split()[0]), plain(person["givenName"][0].split()[-1])
    found = {
        words: set(book.ask(question(words), limit=1000)[1])
        for words in (f"{surname} {given}", f"{given} {surname}")
    }
    one, other = found.values()
    assert one == other
    assert any(book.everybody[dn].get("cn") == person["cn"] for dn in one)


def test_roundcube_pages_through_all_of_them(book: Book) -> None:
    dn, password = book.service
    whole = set(book.ask(CLIENTS["roundcube"]("thi"), limit=0)[1])
    with connect(book.server, dn, password) as connection:
        pages = connection.extend.standard.paged_search(
            SUFFIX, CLIENTS["roundcube"]("thi"), attributes=["cn", "mail"], paged_size=50, generator=False
        )
    assert {each["dn"] for each in pages} == whole
    assert len(pages) == len(whole) > 50


def test_thunderbird_gets_company_and_department(book: Book) -> None:
    (office, unit) = next(
        (dn, entry)
        for dn, entry in book.everybody.items()
        if dn.startswith("ou=")
        and entry.get("gdOrgKind") == ["unit"]
        and any(other.endswith("," + dn) for other in book.everybody)
    )
    agency = book.everybody[office.partition(",")[2]]
    dn = next(
        other for other in book.everybody if other.startswith("uid=") and other.partition(",")[2] == office
    )
    mail = book.everybody[dn]["mail"][0]
    _, _, found = book.ask(f"(mail={mail})", *THUNDERBIRD_ATTRIBUTES)
    card = found[dn]
    assert card["o"] == agency["displayName"]
    assert card["ou"] == unit["displayName"]
    assert card["title"] == book.everybody[dn]["title"]
    assert not {"gdState", "userPassword", "description", "mailQuota"} & set(card)


def test_who_sees_what(book: Book) -> None:
    tools = Tools(book.server)
    person = next(dn for dn, entry in book.everybody.items() if dn.startswith("uid=") and shown(entry))
    assert tools.search(SUFFIX, CLIENTS["thunderbird"]("nguyen"), dn=None).code == NO_SUCH_OBJECT
    with connect(book.server) as admin:
        admin.search(person, "(objectClass=*)", ldap3.BASE, attributes=["mail"])
        assert admin.modify(person, {"mobile": [(ldap3.MODIFY_REPLACE, ["0900000000"])]}), admin.result
    _, _, found = book.ask(f"(mail={book.everybody[person]['mail'][0]})", "*", "+")
    assert found[person]["mobile"] == ["0900000000"]
    assert not {"gdState", "accountStatus", "createTimestamp"} & set(found[person])


def test_the_public_sees_the_published_directory_once_it_is_switched_on(book: Book) -> None:
    settings = book.server.home / "govdir.toml"
    text, count = re.subn(r"(?m)^#?\s*publication\s*=.*$", "publication = true", settings.read_text("utf-8"))
    assert count == 1
    book.server.stop()
    settings.write_text(text, "utf-8")
    book.server.start()
    said = Tools(book.server).search(
        SUFFIX, CLIENTS["thunderbird"]("nguyen"), *THUNDERBIRD_ATTRIBUTES, dn=None
    )
    assert said.code == SIZE_LIMIT_EXCEEDED
    assert len(said.entries) == 50
    assert {name for entry in said.entries.values() for name in entry} <= {
        *(
            "objectClass",
            "cn",
            "sn",
            "givenName",
            "mail",
            "ou",
            "o",
            "title",
            "telephoneNumber",
            "description",
        ),
        *("commonname", "surname"),
    }
