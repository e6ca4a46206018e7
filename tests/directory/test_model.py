"""Whatever callers do, the image equals what is stored, and those without rights change nothing."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from govdir.directory.addresses import addresses_of
from govdir.directory.caller import Role
from govdir.directory.errors import DirectoryError
from govdir.directory.handle import Handle
from govdir.directory.image import Image
from govdir.schema.accents import Wanted
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town, open_town
from tests.directory.imaging import VOCABULARY

LIST = f"cn=all,ou=lists,{SUFFIX}"
PLACES = st.sampled_from([SONV, SOTTTT, f"ou=ban,{SONV}", f"ou=to,ou=ban,{SONV}", f"ou=ban,{SOTTTT}"])
NAMES = st.sampled_from(["uid=an", "uid=AN", "uid=binh", "uid=chi", "ou=ban", "ou=to"])
PEOPLE = st.sampled_from(["Lê An", "Nguyễn Văn Minh", "Trần Bình"])
_EVERYTHING = Wanted((None, (b" ",), None))  # every key has blanks at its ends
ROLES = st.sampled_from(["local", "admin", "agency", "person", "service", "anonymous"])

furnished: list[Path] = []


def furnish() -> Path:
    if not furnished:
        furnished.append(Path(mkdtemp()) / "town.db")
        with open_town(furnished[0]) as town:
            town.person("it", "Vũ Chi")
            town.replace(SONV, "gdItAdmin", f"uid=it,{SONV}")
            town.add(LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn"})
    return furnished[0]


class DirectoryMachine(RuleBasedStateMachine):
    """Random writes by callers of every role."""

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(mkdtemp())
        self.opened = open_town(self.path / "town.db", furnish())
        self.town: Town = self.opened.__enter__()

    def teardown(self) -> None:
        self.opened.__exit__(None, None, None)
        rmtree(self.path)

    def handle(self, role: str) -> Handle:
        town = self.town
        it = f"uid=it,{SONV}"
        return {
            "local": lambda: town.local,
            "admin": town.admin,
            "agency": lambda: town.caller(Role.PERSON, it),
            "person": lambda: town.caller(Role.PERSON, LIST),
            "service": lambda: town.caller(Role.SERVICE, ADMIN, "mail"),
            "anonymous": lambda: town.caller(Role.ANONYMOUS),
        }[role]()

    def attempt(self, role: str, dn: str, change: Any, *arguments: Any, **options: Any) -> None:
        """Does it; a refusal changes nothing, and roles without rights are always refused."""
        number = self.town.directory.image.number
        try:
            change(*arguments, handle=self.handle(role), **options)
        except DirectoryError:
            assert self.town.directory.image.number == number
            return
        assert role in ("local", "admin", "agency")
        assert role != "agency" or dn.endswith(SONV)

    @rule(role=ROLES, place=PLACES, rdn=NAMES, name=PEOPLE, alias=st.booleans())
    def add(self, role: str, place: str, rdn: str, name: str, alias: bool) -> None:
        values: dict[str, Any] = {"objectClass": "organizationalUnit"}
        if rdn.startswith("uid"):
            values = {"objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"), "cn": name}
            if alias:
                values["mailLocalAddress"] = "alias@cantho.gov.vn"
        self.attempt(role, place, self.town.add, f"{rdn},{place}", values)

    @rule(role=ROLES, place=PLACES, rdn=NAMES, text=st.sampled_from(["x", "Giám đốc", ""]))
    def modify(self, role: str, place: str, rdn: str, text: str) -> None:
        values = (text,) if text else ()
        self.attempt(role, place, self.town.replace, f"{rdn},{place}", "description", *values)

    @rule(
        role=ROLES, place=PLACES, rdn=NAMES, mail=st.sampled_from(["a@cantho.gov.vn", "b@cantho.gov.vn", ""])
    )
    def modify_alias(self, role: str, place: str, rdn: str, mail: str) -> None:
        values = (mail,) if mail else ()
        self.attempt(role, place, self.town.replace, f"{rdn},{place}", "mailLocalAddress", *values)

    @rule(place=PLACES, rdn=NAMES)
    def refer(self, place: str, rdn: str) -> None:
        self.attempt("admin", LIST, self.town.replace, LIST, "member", f"{rdn},{place}", f"uid=it,{SONV}")

    @rule(role=ROLES, place=PLACES, rdn=NAMES, new=NAMES, superior=st.none() | PLACES)
    def rename(self, role: str, place: str, rdn: str, new: str, superior: str | None) -> None:
        keep = role == "admin"
        self.attempt(role, place, self.town.rename, f"{rdn},{place}", new, superior, delete_old=not keep)

    @rule(role=ROLES, place=PLACES, rdn=NAMES)
    def delete(self, role: str, place: str, rdn: str) -> None:
        self.attempt(role, place, self.town.delete, f"{rdn},{place}")

    @precondition(lambda self: self.town.directory.image.count > 12)
    @rule(hours=st.integers(1, 48))
    def pass_time(self, hours: int) -> None:
        self.town.clock.pass_time(hours=hours)

    @invariant()
    def the_image_is_what_a_fresh_load_gives(self) -> None:
        town = self.town
        store = town.directory.committer._store
        fresh = Image(VOCABULARY)
        fresh.load(store.load_entries())
        assert content(fresh) == content(town.directory.image)
        assert fresh.count == town.directory.image.count
        assert set(store.load_retired_addresses()) == town.directory.image.retired_addresses
        assert town.directory.image.number == store.last_number()

    @invariant()
    def every_address_is_claimed_by_who_holds_it(self) -> None:
        database = self.town.directory.committer._store._database  # type: ignore[attr-defined]
        with database.snapshot() as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT address, entry_id, kind FROM addresses WHERE entry_id IS NOT NULL")
            claimed = {(address, entry_id): kind for address, entry_id, kind in cursor.fetchall()}
        held = {}
        for record in self.town.directory.image.records:
            if record is not None and record.alive:
                attributes = record.shape.attributes(record.body)
                for address, kind in addresses_of(attributes).items():
                    held[address, record.id] = kind
        assert claimed == held

    @invariant()
    def members_of_the_list_are_named_as_they_are(self) -> None:
        it = f"uid=it,{SONV}"
        assert self.town.values(SONV, "gdItAdmin") == (it,)


def content(image: Image) -> tuple[dict[str, Any], dict[str, Any]]:
    assert image.root is not None
    entries = {
        record.dn_text: (record.id, record.version, record.body, record.secrets, record.shape.descriptor)
        for record in image.root.descendants()
    }
    indexes = {
        name: (
            {key: {one.id for one in index.get(key)} for key in index.table},
            None if index.ordering is None else index.ordering.at_least(b""),
            None
            if index.substring is None
            else sorted(filter(None, index.substring.search(Wanted((None, (b" ",), None))))),
        )
        for name, index in image.indexes.items()
    }
    return entries, indexes


TestDirectory = DirectoryMachine.TestCase
TestDirectory.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
