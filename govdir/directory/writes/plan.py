"""The circumstances of a planned write, and what every plan shares.

A plan names the versions it relies on; when the store finds them changed it refuses and the change is planned
again. Access is checked here too, on the same image, so a plan is never made on one state and allowed on
another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from govdir.directory.access_view import AccessView
from govdir.directory.addresses import addresses_of, claims, entries_with, forget_former, holder, taken
from govdir.directory.caller import Caller, is_clock, name_in_trail
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.entry_check import check_entry
from govdir.directory.errors import (
    NO_SUCH_ENTRY,
    NoSuchObject,
    ObjectClassViolation,
    UnwillingToPerform,
)
from govdir.directory.image import Image, Record
from govdir.directory.operational import stamp_change
from govdir.directory.ports import (
    ChangeRecord,
    Operation,
    ReplaceEntry,
    WriteUnit,
)
from govdir.directory.rules import Actor, EntryRules
from govdir.directory.secrets import Secrets, unpack_secrets
from govdir.directory.writes.references import (
    REFERENCES,
    aliases_of,
    follow_references,
    lists_standing_below,
    urls_touched,
)
from govdir.schema.times import parse_generalized_time

# The addresses of an entry that stood longer than this may be known to others: they are never given again.
RETIRE_AFTER = timedelta(days=1)


class PasswordOutcome(Struct, frozen=True):
    """A password change as decided beforehand: the new secrets and the operational attributes that go with it
    (None removes one); `repeats`: it is the present password once more."""

    secrets: Secrets
    stamps: tuple[tuple[str, bytes | None], ...]
    repeats: bool = False

    @property
    def is_new(self) -> bool:
        """Whether there is a password now that was not there before."""
        return self.secrets.password is not None and not self.repeats


class Pending(Struct, frozen=True):
    """What becomes of the entry a write is about, for those that name it: its attributes (None: it goes) and
    where it will stand, the topmost RDN first."""

    record: Record
    attributes: Attributes | None
    path: tuple[str, ...]


class Near:
    """The Neighbourhood of an entry under `parent`."""

    def __init__(
        self, plan: Plan, parent: Record | None, this: Record | None, *, new_password: bool = False
    ) -> None:
        self.new_password = new_password
        self._plan = plan
        self._image = plan.image
        self._parent = parent
        self._this = this
        self.moved = this is not None and this.parent is not parent

    @property
    def moment(self) -> datetime:
        return self._plan.moment

    def entry(self, dn: str) -> Attributes | None:
        path = Dn.path_below(dn, self._plan.suffix, self._image.vocabulary.schema)
        return None if path is None else self._plan.entry(path)

    def address_holder(self, address: str) -> str | None:
        return holder(self._image, address, self._this)

    def others_with(self, attribute: str, value: str) -> Sequence[Attributes]:
        found = entries_with(self._image, attribute, value)
        return [record.shape.attributes(record.body) for record in found if record is not self._this]

    def ancestors(self) -> Sequence[Attributes]:
        found = []
        above = self._parent
        while above is not None:
            found.append(above.shape.attributes(above.body))
            above = above.parent
        return found

    def ancestor_names(self) -> Sequence[str]:
        parent = self._parent
        return [] if parent is None else [above.dn_text for above in (parent, *parent.ancestors())]

    @staticmethod
    def afterwards(check: Callable[[], None]) -> None:
        check()


class Plan:
    """Plans the writes of one caller at one moment."""

    def __init__(
        self,
        image: Image,
        suffix: Dn,
        view: AccessView,
        rules: EntryRules,
        *,
        moment: datetime,
        ever_used: Callable[[int], bool],
    ) -> None:
        self.image = image
        self.suffix = suffix
        self.view = view
        self.rules = rules
        self.moment = moment
        self._ever_used = ever_used
        self._pending: Pending | None = None

    @property
    def caller(self) -> Caller:
        return self.view.caller

    def actor(self, parent: Record | None, record: Record | None = None) -> Actor:
        """The caller, to whom changes `record`, or adds an entry, below `parent`."""
        view = self.view
        own = record is not None and record.id == view.caller.entry_id
        operates = view.is_operator
        return Actor(view.caller_dn, operates, operates or view.may_approve(parent), own)

    def is_known(self, record: Record, attributes: Attributes) -> bool:
        """Whether others may have come to know the entry's addresses: they are then never given again. Those
        that the clock takes away had a term, for the sake of correspondents."""
        if is_clock(self.caller.dn) or self._ever_used(record.id):
            return True
        created = attributes.text("createTimestamp")
        return created is None or self.moment - parse_generalized_time(created) > RETIRE_AFTER

    def locate(self, path: tuple[str, ...] | None) -> Record:
        """The entry at this path below the suffix (None: outside it), if the caller may know of it; else
        NoSuchObject with the deepest ancestor it may know."""
        record = None if path is None else self.image.find(path)
        if record is None or not self.view.grant(record).visible:
            raise self.no_such_object(path)
        return record

    def entry(self, path: tuple[str, ...]) -> Attributes | None:
        """The attributes of the entry at this path below the suffix, as they will be after this write."""
        pending = self._pending
        if pending is not None:
            depth = len(pending.path)
            if path == pending.path:
                return None if pending.attributes is None else pending.attributes.copy()
            if path[:depth] == pending.path:
                if pending.attributes is None:  # it goes with all below it
                    return None
                path = path_of(pending.record) + path[depth:]
        record = self.image.find(path)
        return None if record is None else record.shape.attributes(record.body)

    def no_such_object(self, path: tuple[str, ...] | None) -> NoSuchObject:
        """The error for a name at `path` below the suffix, None for one outside it."""
        here = None if path is None else self.image.deepest(path)
        while here is not None and not self.view.grant(here).visible:
            here = here.parent
        return NoSuchObject(NO_SUCH_ENTRY, matched_dn="" if here is None else here.dn_text)

    def rewrite_references(self, renamed: Mapping[str, str | None], pending: Pending) -> Iterator[Operation]:
        """Entries that name a renamed one (by old key) get its new name, None drops it; the rules see to what
        else follows. Raises UnwillingToPerform when one of them cannot be without the name."""
        naming = self.naming(renamed)
        if pending.attributes is not None and "person" not in pending.record.shape.classes:
            naming |= dict.fromkeys(urls_touched(self.image, renamed, pending.record))
        yield from self.follow(naming, renamed, pending)

    def naming(self, renamed: Mapping[str, str | None]) -> dict[Record, None]:
        """The entries that name one of these (by key), each once."""
        keys = [old_key.encode() for old_key in renamed]
        naming: dict[Record, None] = {}
        for name in REFERENCES:
            index = self.image.indexes[name]
            if index.table:
                naming |= {record: None for key in keys for record in index.get(key)}
        return naming | dict.fromkeys(aliases_of(self.image, renamed))

    def rewrite_owned(self, pending: Pending) -> Iterator[Operation]:
        """The same for the entries owned by one whose address changes, and for lists below it."""
        owned = dict.fromkeys(self.image.indexes["owner"].get(pending.record.dn_key.encode()))
        if pending.record.children:
            owned |= dict.fromkeys(lists_standing_below(pending.record))
        yield from self.follow(owned, {}, pending)

    def follow(
        self, naming: Iterable[Record], renamed: Mapping[str, str | None], pending: Pending
    ) -> Iterator[Operation]:
        """The same for entries that are known to name one of these."""
        self._pending = pending
        for record in naming:
            if record is pending.record:
                continue
            before = record.shape.attributes(record.body)
            after = before.copy()
            follow_references(after, renamed)
            self.rules.follow_named(before, after, Near(self, record.parent, record))
            if after.same_as(before):
                continue
            try:
                yield from self.replacement(record, before, after, secrets=record.secrets)
            except ObjectClassViolation as error:
                raise UnwillingToPerform(self._still_needed(record, error)) from None

    def _still_needed(self, record: Record, error: ObjectClassViolation) -> str:
        visible = self.view.grant(record).visible
        where = record.dn_text if visible else "một mục khác (another entry)"
        return (
            f"{where} còn cần mục này, hãy thay bằng mục khác ở đó trước "
            f"(that entry needs this one, name another one there first): {error.diagnostic}"
        )

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
        held, wanted = addresses_of(before), addresses_of(after)
        retire = held == wanted or self.is_known(record, before)
        if not retire:
            forget_former(after, held.keys() - wanted.keys())
        stamp_change(after, self.actor_name(), self.moment)
        unchanged = record.shape.unchanged(record.body, before, after)
        has_password = unpack_secrets(secrets).password is not None
        check_entry(after, known_good=unchanged, has_password=has_password)
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
        if held == wanted:
            return [replace]
        return [replace, *self.claims(held, wanted, record, retire=retire)]

    def claims(
        self, before: dict[str, str], after: dict[str, str], record: Record | None, *, retire: bool = False
    ) -> list[Operation]:
        """What a change does to the addresses of `record`, None for a new entry; `retire`: those given up are
        nobody's for ever.

        Raises ConstraintViolation for an address that is another entry's or retired; the rules say it better
        for mailboxes, other entries may have a mail attribute too.
        """
        for address in after.keys() - before.keys():
            if holder(self.image, address, record) is not None:
                raise taken(after[address])
        return list(claims(before, after, None if record is None else record.id, retire=retire))

    def actor_name(self) -> str:
        return self.view.caller_dn or f"cn=admin,{self.suffix}"

    def unit(
        self, kind: str, dn: str, attributes: Attributes, operations: Sequence[Operation], detail: str
    ) -> WriteUnit:
        change = ChangeRecord(
            kind,
            dn,
            attributes.text("entryUUID") or "",
            name_in_trail(self.view.caller_dn, self.caller),
            int(self.moment.timestamp() * 1_000_000),
            detail,
        )
        return WriteUnit(tuple(operations), change)


def apply_stamps(attributes: Attributes, outcome: PasswordOutcome) -> None:
    """Writes the operational attributes of a password change."""
    for name, value in outcome.stamps:
        attributes.replace(name, () if value is None else (value,))


def path_of(record: Record) -> tuple[str, ...]:
    """Where the entry stands below the suffix, the topmost RDN first."""
    keys = [record.rdn_key, *(above.rdn_key for above in record.ancestors())]
    return tuple(keys[-2::-1])
