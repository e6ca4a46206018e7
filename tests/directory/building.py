"""Builds the small directory the tests of this package work on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import copy
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from govdir.assembly import password_clockwork
from govdir.cli.local import InPlace, LocalLoop
from govdir.config import PasswordSettings
from govdir.directory.access import AccessRules
from govdir.directory.caller import LOCAL, Caller, Role
from govdir.directory.dn import Dn
from govdir.directory.handle import Handle
from govdir.directory.matches import Annotated, Matches
from govdir.directory.ports import Store
from govdir.directory.service import Directory
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    DerefAliases,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
    SearchRequest,
    SearchResultEntry,
)
from govdir.mailattrs.passwords import MailboxPasswords
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from govdir.policy.model import Pack
from govdir.policy.texts import Language
from govdir.schema.registry import load_schema
from govdir.storage import migrate
from govdir.storage.engine import open_database
from govdir.storage.store import SqlStore

T = TypeVar("T")

SUFFIX = "dc=cantho,dc=gov,dc=vn"
ADMIN = f"cn=admin,{SUFFIX}"
ADMIN_PASSWORD = "Cau#Hang#Xanh#27"  # good enough for every province
SONV = f"ou=sonv,ou=orgs,{SUFFIX}"
SOTTTT = f"ou=sotttt,ou=orgs,{SUFFIX}"
ACCESS = Path("govdir/directory/data/access.toml")


class SettableClock:
    """The time is what the test says."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def pass_time(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


class Town:
    """A directory and short ways to use it."""

    def __init__(
        self, directory: Directory, loop: LocalLoop, clock: SettableClock, slow: CountingWork
    ) -> None:
        self.slow = slow
        self.directory = directory
        self.clock = clock
        self.run = loop.run
        self.local = directory.as_caller(LOCAL)

    def add(self, dn: str, attributes: dict[str, str | Sequence[str]], handle: Handle | None = None) -> str:
        """Adds an entry and returns its name."""
        request = AddRequest(dn, tuple(attribute(name, value) for name, value in attributes.items()))
        return self.run((handle or self.local).add(request)).dn

    def person(self, uid: str, name: str, below: str = SONV, **more: str) -> str:
        """Adds a person with a name and a place only."""
        return self.add(
            f"uid={uid},{below}",
            {"objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"), "cn": name, **more},
        )

    def change(
        self, dn: str, operation: ModifyOperation, name: str, *values: str, handle: Handle | None = None
    ) -> None:
        """One modification."""
        change = Change(operation, attribute(name, values))
        self.run((handle or self.local).modify(ModifyRequest(dn, (change,))))

    def replace(self, dn: str, name: str, *values: str, handle: Handle | None = None) -> None:
        """Replaces an attribute."""
        self.change(dn, ModifyOperation.REPLACE, name, *values, handle=handle)

    def bound(self, dn: str, password: str) -> Handle:
        """What the identity may do after a bind."""
        return self.directory.as_caller(self.run(self.directory.bind(dn, password.encode())).caller)

    def values(self, dn: str, name: str) -> tuple[str, ...]:
        """An attribute's values, operational ones included."""
        return self.local.read(dn).texts(name)

    def delete(self, dn: str, handle: Handle | None = None) -> None:
        """Deletes a leaf."""
        self.run((handle or self.local).delete(dn))

    def rename(
        self,
        dn: str,
        new_rdn: str,
        superior: str | None = None,
        *,
        delete_old: bool = True,
        handle: Handle | None = None,
    ) -> None:
        """Renames, and moves when a superior is given."""
        self.run((handle or self.local).modify_dn(ModifyDnRequest(dn, new_rdn, delete_old, superior)))

    def caller(self, role: Role, dn: str = "", kind: str = "") -> Handle:
        """What somebody of that role may do, as after a bind but without the cost of a password."""
        path = self.directory.path_of(dn) if dn else None
        record = None if path is None else self.directory.image.find(path)
        return self.directory.as_caller(Caller(dn, None if record is None else record.id, role, kind))

    def admin(self) -> Handle:
        """The administrator of the province, without a bind."""
        return self.caller(Role.ADMINISTRATOR, ADMIN)

    def exists(self, dn: str) -> bool:
        path = self.directory.path_of(dn)
        return path is not None and self.directory.image.find(path) is not None


def attribute(name: str, values: str | Sequence[str]) -> Attribute:
    texts = (values,) if isinstance(values, str) else values
    return Attribute(name, tuple(value.encode() for value in texts))


def request(
    text: str,
    base: str = SUFFIX,
    scope: Scope = Scope.WHOLE_SUBTREE,
    attributes: Sequence[str] = (),
    *,
    size_limit: int = 0,
    types_only: bool = False,
) -> SearchRequest:
    return SearchRequest(
        base, scope, DerefAliases.NEVER, size_limit, 0, types_only, parse_filter(text), tuple(attributes)
    )


def entries(matches: Matches) -> list[SearchResultEntry]:
    """Decodes what a search yields."""
    found = []
    for each in matches:
        content = each.content if isinstance(each, Annotated) else each
        if isinstance(content, bytes):
            operation = decode_message(search_entry(1, content)).operation
            assert isinstance(operation, SearchResultEntry)
            found.append(operation)
    return found


def names(handle: Handle, text: str, **options: Any) -> list[str]:
    """The RDNs' values of what a filter finds, sorted."""
    found = entries(handle.search(request(text, **options)))
    return sorted(entry.object_name.split(",")[0].split("=")[1] for entry in found)


@cache
def _pack(province: str) -> Pack:
    return load_province(province)


class CountingWork(InPlace):
    """Slow work done at once, and counted."""

    def __init__(self) -> None:
        self.done = 0

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        self.done += 1
        return super().run(function)


@contextmanager
def open_town(
    path: Path,
    furnished: Path | None = None,
    *,
    store_in_use: Callable[[SqlStore], Store] = lambda store: store,
    furnish: bool = True,
    publication: bool = False,
    province: str = "cantho",
    remembered_seconds: int = 0,
    changed_over_ldap: bool = True,
) -> Iterator[Town]:
    """The directory on a new database, a copy of a `furnished` one, or (not `furnish`) what is there."""
    schema = load_schema()
    loop = LocalLoop()
    if furnished is not None:
        copy(furnished, path)
    database = open_database(f"sqlite:///{path}")
    if furnished is None:
        migrate.upgrade(database)
    store = SqlStore(database, loop.deliver, InPlace())
    pack = _pack(province)
    clock = SettableClock()
    slow = CountingWork()
    directory = Directory(
        schema=schema,
        suffix=Dn.parse(SUFFIX, schema),
        store=store_in_use(store),
        slow=slow,
        clock=clock,
        rules=MailRules(pack, Language.VIETNAMESE),
        password_rules=MailboxPasswords(pack, password_clockwork(PasswordSettings()), Language.VIETNAMESE),
        access=AccessRules.parse(ACCESS.read_text("utf-8"), Vocabulary(schema), publication=publication),
        secret=bytes(32),
        remembered_seconds=remembered_seconds,
        changed_over_ldap=changed_over_ldap,
    )
    directory.load()
    store.start()
    try:
        town = Town(directory, loop, clock, slow)
        if furnish and furnished is None:
            _furnish(town)
        yield town
    finally:
        store.close()
        database.close()


def _furnish(town: Town) -> None:
    town.add(SUFFIX, {"objectClass": ("dcObject", "organization"), "o": "Thành phố Cần Thơ"})
    for container in ("orgs", "lists", "services", "admins", "policies"):
        town.add(f"ou={container},{SUFFIX}", {"objectClass": "organizationalUnit"})
    for dn, name in ((SONV, "Sở Nội vụ"), (SOTTTT, "Sở Thông tin và Truyền thông")):
        town.add(
            dn,
            {"objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox"), "displayName": name},
        )
    town.add(
        ADMIN,
        {
            "objectClass": ("applicationProcess", "gdAdministrator"),
            "userPassword": ADMIN_PASSWORD,
        },
    )
