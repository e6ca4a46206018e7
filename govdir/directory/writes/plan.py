"""The circumstances of a planned write, and what every plan shares.

A plan names the versions it relies on; when the store finds them changed it refuses and the change is planned
again. Access is checked here too, on the same image, so a plan is never made on one state and allowed on
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from govdir.directory.access import AccessView
from govdir.directory.addresses import addresses_of, claims, holder
from govdir.directory.caller import Caller
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.entry_check import check_entry
from govdir.directory.errors import (
    ConstraintViolation,
    InvalidDn,
    NoSuchObject,
    ObjectClassViolation,
    UnwillingToPerform,
)
from govdir.directory.image import Image, Record
from govdir.directory.operational import stamp_change
from govdir.directory.ports import (
    ChangeRecord,
    ClaimAddress,
    Operation,
    ReleaseAddress,
    ReplaceEntry,
    WriteUnit,
)
from govdir.directory.rules import Actor, EntryRules
from govdir.directory.secrets import Secrets
from govdir.directory.vocabulary import Description
from govdir.schema.errors import InvalidValue

# Attributes whose values name other entries; renames and deletions keep them right.
REFERENCES = ("member", "owner", "gddelegate", "gditadmin")


class PasswordOutcome(Struct, frozen=True):
    """A password change as decided beforehand: the new secrets and the operational attributes that go with it
    (None removes one)."""

    secrets: Secrets
    stamps: tuple[tuple[str, bytes | None], ...]


class Near:
    """The Neighbourhood of an entry under `parent`."""

    def __init__(self, plan: Plan, parent: Record | None, this: Record | None) -> None:
        self._plan = plan
        self._image = plan.image
        self._parent = parent
        self._this = this

    @property
    def moment(self) -> datetime:
        return self._plan.moment

    def entry(self, dn: str) -> Attributes | None:
        try:
            path = Dn.parse(dn, self._image.vocabulary.schema).below(self._plan.suffix)
        except InvalidDn:
            return None
        record = None if path is None else self._image.find(path)
        return None if record is None else record.shape.attributes(record.body)

    def address_holder(self, address: str) -> str | None:
        return holder(self._image, address, self._this)

    def ancestors(self) -> Sequence[Attributes]:
        found = []
        above = self._parent
        while above is not None:
            found.append(above.shape.attributes(above.body))
            above = above.parent
        return found


class Plan:
    """Plans the writes of one caller at one moment."""

    def __init__(
        self, image: Image, suffix: Dn, view: AccessView, rules: EntryRules, moment: datetime
    ) -> None:
        self.image = image
        self.suffix = suffix
        self.view = view
        self.rules = rules
        self.moment = moment

    @property
    def caller(self) -> Caller:
        return self.view.caller

    @property
    def actor(self) -> Actor:
        return Actor(self.view.caller_dn, self.caller.is_operator)

    def locate(self, path: tuple[str, ...] | None) -> Record:
        """The entry at this path below the suffix (None: outside it), if the caller may know of it; else
        NoSuchObject with the deepest ancestor it may know."""
        record = None if path is None else self.image.find(path)
        if record is None or not self.view.grant(record).visible:
            raise self.no_such_object(path)
        return record

    def no_such_object(self, path: tuple[str, ...] | None) -> NoSuchObject:
        """The error for a name at `path` below the suffix, None for one outside it."""
        here = None if path is None else self.image.deepest(path)
        while here is not None and not self.view.grant(here).visible:
            here = here.parent
        return NoSuchObject("no such entry", matched_dn="" if here is None else here.dn_text)

    def rewrite_references(self, renamed: dict[str, str | None], skip: Record) -> Iterator[Operation]:
        """Entries other than `skip` that name a renamed one (by old key) get its new name; None drops it."""
        indexes = self.image.indexes
        touched = {
            record: None
            for name in REFERENCES
            for old_key in renamed
            for record in indexes[name].get(old_key.encode())
            if record is not skip
        }
        for record in touched:
            before = record.shape.attributes(record.body)
            after = before.copy()
            follow_references(after, renamed)
            try:
                yield from self.replacement(record, before, after, secrets=record.secrets)
            except ObjectClassViolation as error:
                raise UnwillingToPerform(
                    f"an entry that names this one needs it: {error.diagnostic}"
                ) from None

    def replacement(
        self,
        record: Record,
        before: Attributes,
        after: Attributes,
        *,
        secrets: bytes | None,
        place: tuple[Record | None, str, str] | None = None,
    ) -> list[Operation]:
        """The operations that write `after`, and put the entry in another place: parent, RDN and its key."""
        stamp_change(after, self.actor_name(), self.moment)
        unchanged = record.shape.unchanged(record.body, before, after)
        check_entry(after, known_good=unchanged)
        parent, rdn, key = place or (record.parent, record.rdn.decode(), record.rdn_key)
        shape, body = self.image.shapes.encode(after, unchanged)
        replace = ReplaceEntry(
            record.id,
            record.version,
            None if parent is None else parent.id,
            rdn,
            key,
            shape.descriptor,
            body,
            secrets,
            self.image.index_keys.of(after),
        )
        return [replace, *self.claims(addresses_of(before), addresses_of(after), record)]

    def claims(
        self, before: dict[str, str], after: dict[str, str], record: Record | None
    ) -> list[ClaimAddress | ReleaseAddress]:
        """What a change does to the addresses of `record`, None for a new entry.

        Raises ConstraintViolation for an address that is another entry's or retired; the rules say it better
        for mailboxes, other entries may have a mail attribute too.
        """
        for address in after.keys() - before.keys():
            if holder(self.image, address, record) is not None:
                raise ConstraintViolation("an address of this entry is already given to another one")
        return list(claims(before, after, None if record is None else record.id))

    def actor_name(self) -> str:
        return self.view.caller_dn or f"cn=admin,{self.suffix}"

    def unit(
        self, kind: str, dn: str, attributes: Attributes, operations: Sequence[Operation], detail: str
    ) -> WriteUnit:
        change = ChangeRecord(
            kind,
            dn,
            attributes.text("entryUUID") or "",
            self.view.caller_dn or self.caller.role.value,
            int(self.moment.timestamp() * 1_000_000),
            detail,
        )
        return WriteUnit(tuple(operations), change)


def apply_stamps(attributes: Attributes, outcome: PasswordOutcome) -> None:
    """Writes the operational attributes of a password change."""
    for name, value in outcome.stamps:
        attributes.replace(name, () if value is None else (value,))


def follow_references(attributes: Attributes, renamed: Mapping[str, str | None]) -> None:
    """Puts new names for old ones (by key; None: no more) wherever the entry names others."""
    if not renamed:
        return
    for description in list(attributes):
        if description.attribute.key in REFERENCES:
            followed: dict[bytes, None] = {}
            for value in attributes.get(description) or ():
                old_key = _name_key(description, value)
                new_dn = renamed.get(old_key, "")
                if new_dn is not None:
                    followed[new_dn.encode() or value] = None
            attributes.put(description, list(followed))


def _name_key(description: Description, value: bytes) -> str:
    rule = description.attribute.equality
    try:
        return value.decode() if rule is None else rule.key(value).decode()
    except (InvalidValue, UnicodeDecodeError):
        return ""
