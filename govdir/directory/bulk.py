"""Planning the load of many new entries at once: the same rules as an add, without a commit each.

Everything is checked before anything is written; parents may come after their children. What comes out are
rows in which new entries are numbered from 0, for the store to number for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from govdir.directory import passwords
from govdir.directory.addresses import addresses_of, entries_with, holder, taken
from govdir.directory.bulk_place import LoadNear, Place
from govdir.directory.dn import Dn, rdn_text
from govdir.directory.dynamic import DYNAMIC, SETTABLE
from govdir.directory.entry import Attributes
from govdir.directory.entry_check import check_entry
from govdir.directory.errors import (
    ConstraintViolation,
    DirectoryError,
    EntryAlreadyExists,
    InvalidAttributeSyntax,
    InvalidDn,
    NoSuchObject,
    UnwillingToPerform,
)
from govdir.directory.operational import stamp_new, timestamp
from govdir.directory.rules import Actor
from govdir.directory.secrets import SECRET_ATTRIBUTES, Secrets, pack_secrets
from govdir.directory.shape import Shape
from govdir.directory.subentries import check_may_hold
from govdir.directory.writes.add import is_placeholder, named_by_uid
from govdir.directory.writes.entry_rights import check_naming_attribute, check_uuid
from govdir.directory.writes.rdn_values import add_rdn_values
from govdir.ldap.codec.ldif_records import ContentRecord

if TYPE_CHECKING:
    from govdir.directory.service import Directory

# What entries of these classes get follows from bodies and people: they are planned last.
_LAST_CLASSES = frozenset({b"gdmaillist"})

# What no two bodies or domains may share; kept of planned entries too.
_REGISTERED = ("gdOrgCode", "associatedDomain", "gdDomainAlias")

# Refusals listed before the load gives up looking for more.
MAX_REFUSALS = 100

# Attributes of other servers' exports that are worked out here anew.
_RECOMPUTED = (frozenset(DYNAMIC) - SETTABLE) | {
    "structuralobjectclass",
    "entrycsn",
    "modifiersname",
    "modifytimestamp",
}

# Earlier passwords in another server's format are not taken over, and must not end up in a readable body.
_LEFT_OUT = _RECOMPUTED | SECRET_ATTRIBUTES


class Refusal(Struct, frozen=True):
    """Why the record that begins at `line` cannot be loaded."""

    line: int
    dn: str
    error: DirectoryError


class LoadRefused(Exception):
    """Nothing was loaded; `refusals` (at most MAX_REFUSALS) say why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(f"{len(refusals)} entries refused")
        self.refusals = tuple(refusals)


class PlannedEntry(Struct, frozen=True):
    """A new entry: its parent is existing entry `parent_id`, or new entry `parent_number`, or it is the
    suffix (both None). The other fields are InsertEntry's; `addresses` maps address to kind."""

    parent_id: int | None
    parent_number: int | None
    rdn: str
    rdn_key: str
    shape: Shape
    body: bytes
    secrets: bytes | None
    keys: bytes
    addresses: dict[str, str]


class BulkPlan:
    """Collects planned entries; `keep_passwords` takes stored hashes as they are."""

    def __init__(self, directory: Directory, *, keep_hashes: bool) -> None:
        self.entries: list[PlannedEntry] = []
        self._directory = directory
        self._image = directory.image
        self._keep_hashes = keep_hashes
        self._moment = directory.clock.now()
        self._actor_name = f"cn=admin,{directory.suffix}"
        self._actor = Actor(self._actor_name, is_operator=True, may_approve=True)
        self._places: dict[tuple[str, ...], Place] = {}
        self._addresses: dict[str, str] = {}
        self._registered: dict[tuple[str, str], list[Place]] = {}
        self._uuids: set[bytes] = set()
        self._waiting: dict[tuple[str, ...], list[tuple[ContentRecord, Dn]]] = {}
        self._refusals: list[Refusal] = []
        self._last: list[ContentRecord] = []
        self._checks: list[tuple[ContentRecord, Callable[[], None]]] = []

    def take(self, records: Iterable[ContentRecord]) -> None:
        """Plans all records; raises LoadRefused, then nothing of the plan may be used."""
        for record in records:
            if _comes_last(record):
                self._last.append(record)
                continue
            self._take(record)
            if len(self._refusals) >= MAX_REFUSALS:
                break
        for record in self._last:
            self._take(record)
        for waiting in self._waiting.values():
            for record, _ in waiting:
                self._refuse(
                    record, NoSuchObject("the entry it is to be below is neither here nor in the file")
                )
        for record, check in self._checks:
            try:
                check()
            except DirectoryError as error:
                self._refuse(record, error)
        if self._refusals:
            raise LoadRefused(self._refusals[:MAX_REFUSALS])

    def plan_one(self, record: ContentRecord) -> PlannedEntry:
        """Plans one record whose parent is there; raises DirectoryError, then it is no part of the plan.

        Call `take` at the end, with nothing more to plan, for the checks that wait for it.
        """
        dn = Dn.parse(record.dn, self._directory.schema)
        path = dn.below(self._directory.suffix)
        parent = self._place(path[:-1]) if path else None
        if not path or parent is None:
            raise NoSuchObject("the entry it is to be below is not here")
        self._plan(record, dn, path, parent)
        return self.entries[-1]

    def _take(self, record: ContentRecord) -> None:
        try:
            dn = Dn.parse(record.dn, self._directory.schema)
            if not dn:
                raise InvalidDn("the empty name is the root DSE's")
            path = dn.below(self._directory.suffix)
            if path is None:
                raise UnwillingToPerform(f"not below {self._directory.suffix}, the only naming context here")
            parent = self._place(path[:-1]) if path else None
            if parent is None and path:
                self._waiting.setdefault(path[:-1], []).append((record, dn))
                return
            self._plan(record, dn, path, parent)
        except DirectoryError as error:
            self._refuse(record, error)

    def _refuse(self, record: ContentRecord, error: DirectoryError) -> None:
        self._refusals.append(Refusal(record.line, record.dn, error))

    def _place(self, path: tuple[str, ...]) -> Place | None:
        held = self._places.get(path)
        if held is None:
            record = self._image.find(path)
            if record is None:
                return None
            above = self._place(path[:-1]) if path else None
            held = Place(record.dn_text, above, (record.shape, record.body), record.id, None)
            self._places[path] = held
        return held

    def _plan(self, record: ContentRecord, dn: Dn, path: tuple[str, ...], parent: Place | None) -> None:
        directory = self._directory
        if parent is not None:
            check_may_hold(parent.shape_body[0], parent.dn)
        attributes, candidates = self._given(record)
        for named_by, _ in dn.rdn:
            check_naming_attribute(directory.vocabulary.describe(named_by))
        chosen = is_placeholder(dn)
        if not chosen:
            self._check_free(path)
            add_rdn_values(attributes, dn.rdn)
        self._expect_password(attributes, candidates)
        near = LoadNear(self, parent, new_password=bool(candidates))
        directory.rules.complete_add(attributes, near, self._actor)
        self._checks += [(record, check) for check in near.checks]
        if chosen:
            dn = named_by_uid(dn, attributes)
            path = (*path[:-1], dn.keys[0])
            self._check_free(path)
            add_rdn_values(attributes, dn.rdn)
        secrets = self._password(attributes, candidates)
        self._check_uuid(attributes)
        stamp_new(attributes, self._actor_name, self._moment)
        check_entry(attributes, has_password=secrets is not None)
        addresses = addresses_of(attributes)
        for address, kind in addresses.items():
            if self.address_holder(address) is not None:
                raise taken(kind)
        shape, body = self._image.shapes.encode(attributes)
        number = len(self.entries)
        self.entries.append(
            PlannedEntry(
                None if parent is None else parent.record_id,
                None if parent is None else parent.number,
                str(dn) if parent is None else rdn_text(dn.rdn),  # the suffix's record holds its whole name
                dn.key if parent is None else dn.keys[0],
                shape,
                body,
                secrets,
                self._image.index_keys.of(attributes),
                addresses,
            )
        )
        text = str(dn)
        for address in addresses:
            self._addresses[address] = text
        planned = Place(text, parent, (shape, body), None, number)
        self._places[path] = planned
        for attribute in _REGISTERED:
            for value in attributes.texts(attribute):
                self._registered.setdefault((attribute, value.lower()), []).append(planned)
        for waiting, name in self._waiting.pop(path, ()):
            self._take_below(waiting, name)

    def _take_below(self, record: ContentRecord, dn: Dn) -> None:
        path = dn.below(self._directory.suffix)
        if path is None:
            return
        try:
            self._plan(record, dn, path, self._place(path[:-1]))
        except DirectoryError as error:
            self._refuse(record, error)

    def _check_free(self, path: tuple[str, ...]) -> None:
        if self._place(path) is not None:
            raise EntryAlreadyExists("an entry of that name exists, here or earlier in the file")

    def _check_uuid(self, attributes: Attributes) -> None:
        """An entryUUID that is brought along is nobody else's, here or earlier in the file."""
        key = check_uuid(self._image, attributes)
        if key in self._uuids:
            raise ConstraintViolation("entryUUID: that of an earlier entry in the file")
        if key is not None:
            self._uuids.add(key)

    def _given(self, record: ContentRecord) -> tuple[Attributes, list[bytes]]:
        vocabulary = self._directory.vocabulary
        attributes = Attributes(vocabulary)
        candidates: list[bytes] = []
        for name, value in record.attributes:
            description = vocabulary.describe(name)
            key = description.attribute.key
            if key == "userpassword":
                candidates.append(value)
            elif key not in _LEFT_OUT:
                attributes.append(description, value)
        return attributes, candidates

    def _expect_password(self, attributes: Attributes, candidates: list[bytes]) -> None:
        """What is stored beside a password; one in clear is to be changed where the policy says so."""
        if not candidates:
            return
        if len(candidates) > 1:
            raise ConstraintViolation("userPassword: one password, not several")
        hashed = passwords.is_hashed(candidates[0])
        if hashed and not self._keep_hashes:
            raise ConstraintViolation(
                "userPassword: is hashed, so its complexity cannot be checked, and this import refuses such"
            )
        if hashed:
            self._check_importable(candidates[0])
        else:
            policy = self._directory.password_rules.policy(attributes)
            if policy is not None and policy.must_change_after_reset:
                attributes.replace("pwdReset", ("TRUE",))
        if "pwdChangedTime" not in attributes:
            attributes.replace("pwdChangedTime", (timestamp(self._moment),))

    def _password(self, attributes: Attributes, candidates: list[bytes]) -> bytes | None:
        """What is stored; one in clear is judged beside the names and addresses that the entry has now."""
        if not candidates:
            return None
        stored = candidates[0]
        if not passwords.is_hashed(stored):
            try:
                self._directory.password_rules.check(stored.decode(), attributes)
            except UnicodeDecodeError:
                raise InvalidAttributeSyntax("userPassword: a password is text in UTF-8") from None
            stored = passwords.hash_password(stored)
        return pack_secrets(Secrets(stored))

    @staticmethod
    def _check_importable(stored: bytes) -> None:
        try:
            passwords.check_importable(stored)
        except passwords.NotImportable as error:
            raise ConstraintViolation(f"userPassword: {error}") from None

    def address_holder(self, address: str) -> str | None:
        """Who holds the address, here or earlier in the file."""
        held = self._addresses.get(address)
        return held if held is not None else holder(self._image, address)

    def others_with(self, attribute: str, value: str) -> list[Attributes]:
        """The entries with this value of what bodies register, here or earlier in the file."""
        here = [
            record.shape.attributes(record.body) for record in entries_with(self._image, attribute, value)
        ]
        planned = self._registered.get((attribute, value.lower()), ())
        return here + [self.ancestors(place)[0] for place in planned]

    def ancestors(self, place: Place | None) -> tuple[Attributes, ...]:
        """The attributes of a place and of those above it; worked out once per place."""
        if place is None:
            return ()
        if place.ancestors is None:
            shape, body = place.shape_body
            own = shape.attributes(body)
            place.ancestors = (own, *self.ancestors(place.parent))
        return place.ancestors

    @property
    def moment(self) -> datetime:
        """When the load is planned."""
        return self._moment

    def entry(self, dn: str) -> Attributes | None:
        """The entry of that name, here or earlier in the file."""
        path = Dn.path_below(dn, self._directory.suffix, self._directory.schema)
        place = None if path is None else self._place(path)
        return None if place is None else self.ancestors(place)[0]

    def rows(self, next_id: int) -> Iterator[tuple[int, int | None, PlannedEntry]]:
        """(id, parent's id, entry) when new entries are numbered from `next_id`."""
        for number, entry in enumerate(self.entries):
            parent = entry.parent_id if entry.parent_number is None else next_id + entry.parent_number
            yield next_id + number, parent, entry


def _comes_last(record: ContentRecord) -> bool:
    return any(
        value.lower() in _LAST_CLASSES for name, value in record.attributes if name.lower() == "objectclass"
    )
