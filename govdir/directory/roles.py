"""Roles and offices of people: who may do more than its own entry says, by other entries that name it.

A role is held by the members of a gdRoleGroup below ou=admins, an office by whom an organisation below
ou=orgs names in gdItAdmin or gdApprover. Anywhere else such entries and attributes mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from govdir.directory.dn import Dn

if TYPE_CHECKING:
    from govdir.directory.image import Image, Record

ROLE_CLASS: Final = "gdrolegroup"
ROLES_BELOW: Final = "ou=admins"
OFFICES_BELOW: Final = "ou=orgs"

# A name is parsed once; a province appoints some hundred people.
_MAX_PATHS = 4096


class HeldRole(StrEnum):
    """Values of gdRoleKind."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    APPROVER = "approver"
    AUDITOR = "auditor"


AGENCY_ADMINISTRATOR: Final = "agency-admin"
"""The word for whoever an organisation names in gdItAdmin, where one stands beside those of roles."""


class Powers(Struct, frozen=True):
    """What a person holds: roles, and the organisations that name it in gdItAdmin and in gdApprover."""

    roles: frozenset[HeldRole] = frozenset()
    administers: tuple[Record, ...] = ()
    approves: tuple[Record, ...] = ()

    def covers(self, other: Powers) -> bool:
        """Whether whoever holds these loses nothing of `other` by not being that person.

        Every role of the other is held too. An operator stands above all offices, the province's approver
        above approvers, an agency's above those of bodies in it.
        """
        if other is NO_POWERS or HeldRole.ADMINISTRATOR in self.roles:
            return True
        if not other.roles <= self.roles:
            return False
        if HeldRole.OPERATOR in self.roles:
            return True
        if not all(_is_in(body, self.administers) for body in other.administers):
            return False
        return HeldRole.APPROVER in self.roles or all(_is_in(body, self.approves) for body in other.approves)


NO_POWERS: Final = Powers()


def _is_in(record: Record, bodies: tuple[Record, ...]) -> bool:
    return any(record.is_under(body) for body in bodies)


class Offices:
    """Everybody's powers, gathered anew when an entry that gives some, or any name, has changed."""

    __slots__ = ("_era", "_held", "_image", "_missing", "_paths")

    def __init__(self, image: Image) -> None:
        self._image = image
        self._era = (-1, 0)
        self._missing = False
        self._held: dict[int, Powers] = {}
        self._paths: dict[bytes, tuple[str, ...] | None] = {}

    def of(self, record: Record | None) -> Powers:
        """What the entry holds; NO_POWERS for most."""
        image = self._image
        era = (image.rights_era, image.count if self._missing else 0)  # a name may be there before its entry
        if era != self._era:
            self._missing = False
            self._held = self._gathered()
            self._era = (image.rights_era, image.count if self._missing else 0)
        return NO_POWERS if record is None else self._held.get(record.id, NO_POWERS)

    def _gathered(self) -> dict[int, Powers]:
        roles: dict[int, set[HeldRole]] = {}
        administers: dict[int, list[Record]] = {}
        approves: dict[int, list[Record]] = {}
        for giver in self._givers():
            role = role_of(giver)
            if role is not None:
                for person in self._named(giver, "member"):
                    if "person" in person.shape.classes:
                        roles.setdefault(person.id, set()).add(role)
            if giver.container == OFFICES_BELOW:
                for offices, attribute in ((administers, "gditadmin"), (approves, "gdapprover")):
                    for person in self._named(giver, attribute):
                        offices.setdefault(person.id, []).append(giver)
        return {
            holder: Powers(
                frozenset(roles.get(holder, ())),
                tuple(administers.get(holder, ())),
                tuple(approves.get(holder, ())),
            )
            for holder in roles.keys() | administers.keys() | approves.keys()
        }

    def _givers(self) -> Iterator[Record]:
        for shape in self._image.shapes:
            if shape.gives_rights:
                yield from sorted(shape.members, key=lambda record: record.id)

    def _named(self, giver: Record, attribute: str) -> Iterator[Record]:
        for value in giver.values(attribute):
            path = self._path(value)
            record = None if path is None else self._image.find(path)
            if record is not None:
                yield record
            else:
                self._missing = True

    def _path(self, value: bytes) -> tuple[str, ...] | None:
        try:
            return self._paths[value]
        except KeyError:
            path = self._parsed(value)
            if len(self._paths) >= _MAX_PATHS:
                self._paths.clear()
            self._paths[value] = path
            return path

    def _parsed(self, value: bytes) -> tuple[str, ...] | None:
        root = self._image.root
        if root is None:
            return None
        schema = self._image.vocabulary.schema
        return Dn.path_below(value, Dn.parse(root.dn_text, schema), schema)


def role_of(group: Record) -> HeldRole | None:
    """The role that the members of this entry hold; None when it is no group of a role in its place."""
    if ROLE_CLASS not in group.shape.classes or group.container != ROLES_BELOW:
        return None
    for value in group.values("gdrolekind"):
        try:
            return HeldRole(value.decode().strip().lower())
        except (ValueError, UnicodeDecodeError):
            return None
    return None
