"""Every change of the directory, as one caller may make it: from a request to a plan to a commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from govdir.directory.access_view import AccessView
from govdir.directory.assertions import check_assertion
from govdir.directory.caller import Caller, Role
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    AffectsMultipleDsas,
    Busy,
    InsufficientAccessRights,
    InvalidDn,
    OldPasswordNeeded,
    Referral,
    Unavailable,
    UnwillingToPerform,
)
from govdir.directory.gate import Gate
from govdir.directory.image import Record
from govdir.directory.options import PLAIN_WRITE, SearchOptions, WriteOptions, Written
from govdir.directory.password_change import WantedPassword
from govdir.directory.ports import InsertEntry, StoreUnavailable, WriteUnit
from govdir.directory.referrals import check_not_elsewhere
from govdir.directory.secrets import NO_SECRETS, Secrets
from govdir.directory.transactions import Transaction
from govdir.directory.undertaking import Planned, Undertaking, nothing
from govdir.directory.writes.add import plan_add
from govdir.directory.writes.delete import plan_delete
from govdir.directory.writes.entry_read import EntryReader
from govdir.directory.writes.modify import plan_modify
from govdir.directory.writes.plan import PasswordOutcome, Plan
from govdir.directory.writes.release import plan_release
from govdir.directory.writes.rename import plan_rename
from govdir.directory.writes.tree_delete import TreeDelete
from govdir.ldap.codec.messages import AddRequest, Change, DeleteRequest, ModifyDnRequest, ModifyRequest

if TYPE_CHECKING:
    from govdir.directory.service import Directory

Update = AddRequest | ModifyRequest | ModifyDnRequest | DeleteRequest
"""A change as a client asks for it."""

_UNDECIDED = PasswordOutcome(NO_SECRETS, ())
# For rules that ask whether there is a new password (a handover); never stored, and no password's hash.
_SOME_NEW_ONE = PasswordOutcome(Secrets(b"{UNDECIDED}"), ())

_NOT_TRIED = (
    "userPassword: mật mã cũ không được thử mà không tính "
    "(an old password is not tried without effect, by a no-op: that would be a way to guess it)"
)
_PROVED_FIRST = (
    "userPassword: trong một giao dịch, đổi mật mã của mình phải kèm mật mã hiện tại "
    "(in a transaction one's own password is changed with the present one only: whether a new one was used "
    "before would else be told without a change)"
)


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
        return await self._carried_out(await self.adding(request, options), options)

    async def adding(self, request: AddRequest, options: WriteOptions) -> Undertaking:
        """The same as an undertaking: made ready, still to be planned and applied."""
        self._gate.check()
        directory = self._directory
        dn = Dn.parse(request.entry, directory.schema)
        if not dn:
            raise InvalidDn("the empty name is the root DSE's")
        self.check_held_here(request.entry, options)
        attributes = Attributes.of(self._image.vocabulary, request.attributes)
        candidates = attributes.values("userPassword")
        attributes.remove("userPassword")
        password: PasswordOutcome | None = None

        def make() -> tuple[Plan, Planned]:
            self._gate.check_stands()
            plan = self.plan()
            unit, stored_as = plan_add(plan, dn, attributes, password)
            return plan, Planned(unit, stored_as)

        undertaking = Undertaking(make, options, self._reader(options))
        if candidates:
            # Refused before a costly hash is made; judged beside the names and addresses that it will have.
            password = _UNDECIDED
            unit = undertaking.plan()
            password = await directory.passwords.first(self._added(unit), candidates, self._caller)
        return undertaking

    def _added(self, unit: WriteUnit) -> Attributes:
        """The attributes of the entry that a unit adds."""
        insert = next(each for each in unit.operations if isinstance(each, InsertEntry))
        return self._image.shapes.get(insert.shape).attributes(insert.body)

    async def modify(self, request: ModifyRequest, options: WriteOptions) -> Written:
        """See Handle.modify."""
        return await self._carried_out(await self.modifying(request, options), options)

    async def modifying(
        self, request: ModifyRequest, options: WriteOptions, *, alone: bool = True
    ) -> Undertaking:
        """The same as an undertaking; not `alone` where it is one of a transaction."""
        changes, wanted = self._directory.passwords.separate(request.changes, self._image.vocabulary)
        self._gate.check(own_password=request.object if wanted is not None and not changes else None)
        self.check_held_here(request.object, options)
        record = self._located(request.object)
        if wanted is not None:
            self._check_may_write_password(record)
            # Once more when it is planned; nothing is tried, counted or hashed where it does not hold.
            check_assertion(options.assertion, record, self._view.grant(record), self._image)
            if changes:  # refused before a password is tried: that would be a guess that comes to nothing
                expected = _UNDECIDED if wanted.new is None else _SOME_NEW_ONE
                plan_modify(self.plan(), record, changes, expected, permissive=options.permissive)
            if wanted.old is None and not alone and record.id == self._caller.entry_id:
                raise OldPasswordNeeded(_PROVED_FIRST)
            seen = record.secrets
            outcome = await self._decided(record, wanted, options)
            planned = self._with_password(seen, outcome, changes, options)
            return self._on(request.object, planned, options, lambda: self._password_changed(record))

        def done() -> None:
            if _names_lock(changes):
                self._directory.logins.forget_failures(record.id)
            elif record.id == self._caller.entry_id:
                self._view.confirm()

        def plain(plan: Plan, found: Record) -> WriteUnit:
            return plan_modify(plan, found, changes, None, permissive=options.permissive)

        return self._on(request.object, plain, options, done)

    async def _decided(
        self, record: Record, wanted: WantedPassword, options: WriteOptions
    ) -> PasswordOutcome:
        """The password as it will be.

        A no-op holds a new one to the rules for any password, and to nothing that tells of the present one or
        of former ones: that would be a way to guess them which leaves no trace.
        """
        passwords = self._directory.passwords
        if options.no_op and wanted.old is not None:
            raise UnwillingToPerform(_NOT_TRIED)
        if options.no_op and wanted.new is not None:
            attributes = record.shape.attributes(record.body)
            return await passwords.first(attributes, (wanted.new,), self._caller)
        return await passwords.changed(record, wanted, self._caller)

    async def change_password(
        self, user: str | None, old: bytes | None, new: bytes | None, *, proved: bool = False
    ) -> bytes | None:
        """See Handle.change_password."""
        if user is None and self._caller.role is Role.ANONYMOUS:
            raise InsufficientAccessRights(
                "hãy đăng nhập, hoặc nêu tên người dùng (bind first, or name the user)"
            )
        dn = self._view.caller_dn if user is None else user.removeprefix("dn:")
        self._gate.check(own_password=dn)
        self.check_held_here(dn)
        record = self._located(dn)
        self._check_may_write_password(record)
        seen = record.secrets
        password, generated = await self._directory.passwords.exchanged(
            record, old, new, self._caller, proved=proved
        )
        planned = self._with_password(seen, password)
        changing = self._on(dn, planned, PLAIN_WRITE, lambda: self._password_changed(record))
        await self._carried_out(changing, PLAIN_WRITE)
        return generated

    def _password_changed(self, record: Record) -> None:
        """Earlier attempts count no more, and whoever had to change it has."""
        self._directory.logins.forget_failures(record.id)
        if record.id == self._caller.entry_id:
            self._gate.password_changed()

    async def apply_password(self, record: Record, outcome: PasswordOutcome) -> None:
        """See Handle.apply_password."""
        planned = self._with_password(record.secrets, outcome)
        await self._carried_out(self._on(record.dn_text, planned, PLAIN_WRITE), PLAIN_WRITE)

    def _with_password(
        self,
        seen: bytes | None,
        outcome: PasswordOutcome,
        changes: Sequence[Change] = (),
        options: WriteOptions = PLAIN_WRITE,
    ) -> Callable[[Plan, Record], WriteUnit]:
        """Plans what was decided on the secrets `seen`; raises Busy when they are no longer the entry's."""

        def planned(plan: Plan, found: Record) -> WriteUnit:
            self._check_may_write_password(found)
            if found.secrets != seen:
                raise Busy("mật mã vừa được đổi, hãy thử lại (the password was changed meanwhile; try again)")
            return plan_modify(plan, found, changes, outcome, permissive=options.permissive)

        return planned

    def _check_may_write_password(self, record: Record) -> None:
        if not self._view.grant(record).write.holds("userpassword", False):
            raise InsufficientAccessRights("không có quyền đổi mật mã này (no right to change this password)")

    async def modify_dn(self, request: ModifyDnRequest, options: WriteOptions) -> Written:
        """See Handle.modify_dn."""
        return await self._carried_out(self.renaming(request, options), options)

    def renaming(self, request: ModifyDnRequest, options: WriteOptions) -> Undertaking:
        """The same as an undertaking."""
        self._gate.check()
        directory = self._directory
        new_rdn = Dn.parse(request.new_rdn, directory.schema)
        if len(new_rdn.rdns) != 1:
            raise InvalidDn("newrdn is one RDN")
        self.check_held_here(request.entry, options)
        self._check_stays_here(request, options)

        def planned(plan: Plan, found: Record) -> WriteUnit:
            parent = None if request.new_superior is None else self._superior(plan, request.new_superior)
            return plan_rename(plan, found, new_rdn.rdn, parent, delete_old_rdn=request.delete_old_rdn)

        return self._on(request.entry, planned, options)

    def _superior(self, plan: Plan, text: str) -> Record:
        return plan.locate(self._directory.path_of(text))

    async def delete(self, dn: str, options: WriteOptions) -> Written:
        """See Handle.delete."""
        return await self._carried_out(await self.deleting(dn, options), options)

    async def deleting(self, dn: str, options: WriteOptions) -> Undertaking:
        """The same as an undertaking."""
        self._gate.check()
        self.check_held_here(dn, options)
        if not options.subtree:
            return self._on(dn, plan_delete, options)
        tree = TreeDelete()
        for _ in tree.survey(self.plan(), self._located(dn)):
            await self._directory.committer.breathe()
            self._gate.check_stands()
        return self._on(dn, tree.plan, options)

    async def transact(self, updates: Sequence[tuple[Update, WriteOptions]]) -> list[Written]:
        """See Handle.transact."""
        directory = self._directory
        prepared = [partial(self._undertaken, request, options) for request, options in updates]
        return await Transaction(prepared, self._image, directory.committer).commit()

    async def _undertaken(self, request: Update, options: WriteOptions) -> Undertaking:
        match request:
            case AddRequest():
                return await self.adding(request, options)
            case ModifyRequest():
                return await self.modifying(request, options, alone=False)
            case ModifyDnRequest():
                return self.renaming(request, options)
            case DeleteRequest():
                return await self.deleting(request.entry, options)

    async def release_address(self, address: str) -> None:
        """See Handle.release_address."""
        if self._caller.role is not Role.LOCAL:
            raise InsufficientAccessRights("only the operator at the host frees a retired address")
        wanted = address.strip().lower()
        await self._directory.committer.commit(lambda: plan_release(self.plan(), wanted))

    # -- shared ------------------------------------------------------------------------------------------

    def check_held_here(self, dn: str, options: WriteOptions | SearchOptions = PLAIN_WRITE) -> None:
        """Raises Referral for a name at or below a referral object, unless such are to be managed."""
        if self._image.shapes.special and not options.manage_dsa_it:
            directory = self._directory
            name = Dn.parse(dn, directory.schema)
            check_not_elsewhere(name, directory.suffix, self._image, self._view)

    def _check_stays_here(self, request: ModifyDnRequest, options: WriteOptions) -> None:
        """The same of an entry's new name, as AffectsMultipleDsas (RFC 3296 §5.6.2)."""
        superior = request.new_superior
        if superior is None:
            superior = str(Dn.parse(request.entry, self._directory.schema).parent)
        try:
            self.check_held_here(f"{request.new_rdn},{superior}", options)
        except Referral as error:
            raise AffectsMultipleDsas(error.diagnostic, matched_dn=error.matched_dn) from None

    def _on(
        self,
        dn: str,
        planned: Callable[[Plan, Record], WriteUnit],
        options: WriteOptions,
        done: Callable[[], None] = nothing,
    ) -> Undertaking:
        """What is planned on the entry as it is at each attempt, if it then is as asserted."""
        path = self._directory.path_of(dn)

        def make() -> tuple[Plan, Planned]:
            self._gate.check_stands()  # again: much may have happened since the request came
            plan = self.plan()
            record = plan.locate(path)
            check_assertion(options.assertion, record, self._view.grant(record), self._image)
            return plan, Planned(planned(plan, record), record=record)

        return Undertaking(make, options, self._reader(options), done)

    def _reader(self, options: WriteOptions) -> EntryReader:
        return EntryReader(options, self._image, self._view, self._directory.selections)

    async def _carried_out(self, undertaking: Undertaking, options: WriteOptions) -> Written:
        """Commits it, or tries how far it would come."""
        directory = self._directory
        if not options.no_op:
            await directory.committer.commit(undertaking.plan)
            return undertaking.written()
        try:
            await directory.catch_up()  # the image then refuses whatever the store would
        except StoreUnavailable:
            raise Unavailable("the database cannot be reached; nothing can be said") from None
        undertaking.plan()
        return undertaking.tried()

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
