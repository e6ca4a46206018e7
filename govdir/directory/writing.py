"""Every change of the directory, as one caller may make it: from a request to a plan to a commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from govdir.directory.access_view import AccessView
from govdir.directory.caller import Caller, Role
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import Busy, InsufficientAccessRights, InvalidDn
from govdir.directory.gate import Gate
from govdir.directory.image import Record
from govdir.directory.options import WriteOptions, Written
from govdir.directory.ports import InsertEntry, WriteUnit
from govdir.directory.secrets import NO_SECRETS
from govdir.directory.writes.add import plan_add
from govdir.directory.writes.delete import plan_delete
from govdir.directory.writes.modify import plan_modify
from govdir.directory.writes.plan import PasswordOutcome, Plan
from govdir.directory.writes.release import plan_release
from govdir.directory.writes.rename import plan_rename
from govdir.ldap.codec.messages import AddRequest, Change, ModifyDnRequest, ModifyRequest

if TYPE_CHECKING:
    from govdir.directory.service import Directory

_UNDECIDED = PasswordOutcome(NO_SECRETS, ())


class Writing:
    """One caller's changes. Handle has the operations with their promises; here they are carried out."""

    def __init__(self, directory: Directory, caller: Caller, view: AccessView, gate: Gate) -> None:
        self._directory = directory
        self._caller = caller
        self._image = directory.image
        self._view = view
        self._gate = gate

    async def add(self, request: AddRequest, options: WriteOptions) -> Written:
        """See Handle.add."""
        self._gate.check()
        directory = self._directory
        dn = Dn.parse(request.entry, directory.schema)
        if not dn:
            raise InvalidDn("the empty name is the root DSE's")
        attributes = Attributes.of(self._image.vocabulary, request.attributes)
        candidates = attributes.values("userPassword")
        attributes.remove("userPassword")
        password = None
        if candidates:
            # Refused before a costly hash is made; judged beside the names and addresses that it will have.
            unit, _ = plan_add(self.plan(), dn, attributes, _UNDECIDED)
            password = await directory.passwords.first(self._added(unit), candidates, self._caller)
        stored_as = ""

        def planned() -> WriteUnit:
            nonlocal stored_as
            self._gate.check_stands()
            unit, stored_as = plan_add(self.plan(), dn, attributes, password)
            return unit

        await directory.committer.commit(planned)
        return Written(stored_as)

    def _added(self, unit: WriteUnit) -> Attributes:
        """The attributes of the entry that a unit adds."""
        insert = next(each for each in unit.operations if isinstance(each, InsertEntry))
        return self._image.shapes.get(insert.shape).attributes(insert.body)

    async def modify(self, request: ModifyRequest, options: WriteOptions) -> Written:
        """See Handle.modify."""
        changes, wanted = self._directory.passwords.separate(request.changes, self._image.vocabulary)
        self._gate.check(own_password=request.object if wanted is not None and not changes else None)
        record = self._located(request.object)
        if wanted is None:
            await self._commit_on(request.object, lambda plan, found: plan_modify(plan, found, changes, None))
        else:
            self._check_may_write_password(record)
            seen = record.secrets
            password = await self._directory.passwords.changed(record, wanted, self._caller)
            await self._commit_password(request.object, seen, password, changes)
        if wanted is not None:
            self._password_changed(record)
        elif _names_lock(changes):
            self._directory.logins.forget_failures(record.id)
        elif record.id == self._caller.entry_id:
            self._view.confirm()
        return Written(record.dn_text)

    async def change_password(self, user: str | None, old: bytes | None, new: bytes | None) -> bytes | None:
        """See Handle.change_password."""
        if user is None and self._caller.role is Role.ANONYMOUS:
            raise InsufficientAccessRights("bind first, or name the user")
        dn = self._view.caller_dn if user is None else user.removeprefix("dn:")
        self._gate.check(own_password=dn)
        record = self._located(dn)
        self._check_may_write_password(record)
        seen = record.secrets
        password, generated = await self._directory.passwords.exchanged(record, old, new, self._caller)
        await self._commit_password(dn, seen, password)
        self._password_changed(record)
        return generated

    def _password_changed(self, record: Record) -> None:
        """Earlier attempts count no more, and whoever had to change it has."""
        self._directory.logins.forget_failures(record.id)
        if record.id == self._caller.entry_id:
            self._gate.password_changed()

    async def apply_password(self, record: Record, outcome: PasswordOutcome) -> None:
        """See Handle.apply_password."""
        await self._commit_password(record.dn_text, record.secrets, outcome)

    async def _commit_password(
        self, dn: str, seen: bytes | None, outcome: PasswordOutcome, changes: Sequence[Change] = ()
    ) -> None:
        """Commits what was decided on the secrets `seen`; raises Busy when they are no longer the entry's."""

        def planned(plan: Plan, found: Record) -> WriteUnit:
            self._check_may_write_password(found)
            if found.secrets != seen:
                raise Busy("the password was changed meanwhile; try again")
            return plan_modify(plan, found, changes, outcome)

        await self._commit_on(dn, planned)

    def _check_may_write_password(self, record: Record) -> None:
        if not self._view.grant(record).write.holds("userpassword", False):
            raise InsufficientAccessRights("no right to change this password")

    async def modify_dn(self, request: ModifyDnRequest, options: WriteOptions) -> Written:
        """See Handle.modify_dn."""
        self._gate.check()
        directory = self._directory
        new_rdn = Dn.parse(request.new_rdn, directory.schema)
        if len(new_rdn.rdns) != 1:
            raise InvalidDn("newrdn is one RDN")

        def planned(plan: Plan, found: Record) -> WriteUnit:
            parent = None if request.new_superior is None else self._superior(plan, request.new_superior)
            return plan_rename(plan, found, new_rdn.rdn, parent, delete_old_rdn=request.delete_old_rdn)

        record = self._located(request.entry)
        await self._commit_on(request.entry, planned)
        return Written(record.dn_text)

    def _superior(self, plan: Plan, text: str) -> Record:
        return plan.locate(self._directory.path_of(text))

    async def delete(self, dn: str, options: WriteOptions) -> Written:
        """See Handle.delete."""
        self._gate.check()
        await self._commit_on(dn, plan_delete)
        return Written(dn)

    async def release_address(self, address: str) -> None:
        """See Handle.release_address."""
        if self._caller.role is not Role.LOCAL:
            raise InsufficientAccessRights("only the operator at the host frees a retired address")
        wanted = address.strip().lower()
        await self._directory.committer.commit(lambda: plan_release(self.plan(), wanted))

    # -- shared ------------------------------------------------------------------------------------------

    async def _commit_on(self, dn: str, planned: Callable[[Plan, Record], WriteUnit]) -> None:
        """Plans on the entry as it is at each attempt."""
        path = self._directory.path_of(dn)

        def plan() -> WriteUnit:
            self._gate.check_stands()  # again: much may have happened since the request came
            current = self.plan()
            return planned(current, current.locate(path))

        await self._directory.committer.commit(plan)

    def plan(self) -> Plan:
        directory = self._directory
        return Plan(
            self._image,
            directory.suffix,
            self._view,
            directory.rules,
            moment=directory.clock.now(),
            ever_used=directory.logins.ever_used,
        )

    def _located(self, dn: str) -> Record:
        return self.plan().locate(self._directory.path_of(dn))


def _names_lock(changes: Sequence[Change]) -> bool:
    """Whether an administrator's changes end (or set) a lock."""
    return any(change.modification.type.lower() == "pwdaccountlockedtime" for change in changes)
