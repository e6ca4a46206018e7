"""What a caller may do: every operation on the directory, narrowed to one identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.caller import Caller, Role
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    Busy,
    InappropriateMatching,
    InsufficientAccessRights,
    InvalidAttributeSyntax,
    InvalidDn,
    NoSuchAttribute,
    NoSuchObject,
)
from govdir.directory.identity import Seen
from govdir.directory.image import Record
from govdir.directory.matches import Matches, PageRequest
from govdir.directory.ports import InsertEntry, WriteUnit
from govdir.directory.prepared import PreparedSearch, PreparedSearches
from govdir.directory.resolve import resolve
from govdir.directory.search import Searching
from govdir.directory.secrets import NO_SECRETS, SECRET_ATTRIBUTES, unpack_secrets
from govdir.directory.static import static_content
from govdir.directory.writes.add import plan_add
from govdir.directory.writes.delete import plan_delete
from govdir.directory.writes.modify import plan_modify
from govdir.directory.writes.plan import PasswordOutcome, Plan
from govdir.directory.writes.release import plan_release
from govdir.directory.writes.rename import plan_rename
from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    ModifyDnRequest,
    ModifyRequest,
    SearchRequest,
)
from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from govdir.directory.service import Directory


_UNDECIDED = PasswordOutcome(NO_SECRETS, ())
_ENDED = (
    "phải đăng nhập lại: tài khoản đã bị đóng, hoặc người khác đã đổi mật mã hay trạng thái của nó "
    "(bind again: the identity of this connection was closed, or others changed its password or state)"
)
_MUST_CHANGE = "phải đổi mật mã trước khi làm việc khác (the password must be changed first)"


class Handle:
    """The directory as one caller sees it. Made by Directory.as_caller; good until the caller binds anew."""

    def __init__(self, directory: Directory, caller: Caller, seen: Seen | None = None) -> None:
        self.caller = caller
        self._must_change = caller.must_change
        self._directory = directory
        self._image = directory.image
        self._view = AccessView(directory.access, caller, directory.image, seen)
        self._prepared = PreparedSearches(self._image, self._view)
        self._searching = Searching(self._image, self._view, directory.cookies)

    @property
    def authz_id(self) -> str:
        """RFC 4532: empty for anonymous, else "dn:" and the caller's present name."""
        dn = self._view.caller_dn
        return f"dn:{dn}" if dn else ""

    @property
    def stands(self) -> bool:
        """Whether the caller's own entry still is what it signed in as."""
        return self._view.stands

    # -- reading -----------------------------------------------------------------------------------------

    def search(self, request: SearchRequest, page: PageRequest | None = None) -> Matches:
        """The matching entries the caller may see; raises NoSuchObject or InvalidDn for the base."""
        self._check_standing()
        if page is None:
            contents = self._prepared.contents(request)
            if contents is not None:
                return Matches(contents)
        base = self._base(request.base)
        selection = self._directory.selections.get(request.attributes, request.types_only)
        self._prepared.learn(request, base, selection)
        return self._searching.run(base, request, selection, page)

    def prepared(self, request: SearchRequest) -> tuple[bytes, PreparedSearch] | None:
        """A search that has been asked before, as prepared for any other value, and the value it has now."""
        return self._prepared.find(request)

    def _base(self, text: str) -> Record:
        path = self._directory.path_of(text)
        record = None if path is None else self._image.find(path)
        if record is None or not self._view.grant(record).visible:
            raise self._plan().no_such_object(path)
        return record

    def search_static(
        self, request: SearchRequest, dn: str, attributes: Sequence[tuple[str, bool, Sequence[bytes]]]
    ) -> bytes | None:
        """The same for an entry that is no part of the tree (root DSE, subschema): content octets or None.

        `attributes` are (description, operational, values). Everyone may read them.
        """
        return static_content(self._image, request, dn, attributes)

    def compare(self, dn: str, attribute: str, value: bytes) -> bool:
        """RFC 4511 §4.10; raises what keeps it from an answer, by the codes of that section."""
        self._check_standing()
        record = self._base(dn)
        vocabulary = self._image.vocabulary
        description = vocabulary.describe(attribute)
        held = description.attribute
        if held.key in SECRET_ATTRIBUTES:
            raise InsufficientAccessRights(f"{held.name} is not compared; bind instead")
        grant = self._view.grant(record)
        if not grant.compare.holds(held.key, held.is_operational):
            raise InsufficientAccessRights(f"no right to compare {held.name}")
        if held.equality is None:
            raise InappropriateMatching(f"{held.name} has no equality matching rule")
        try:
            held.equality.key(value)
        except InvalidValue as error:
            raise InvalidAttributeSyntax(f"{held.name}: assertion value: {error}") from None
        comparable = Grant(search=grant.compare)
        if resolve(Equality(attribute, value), self._image).matches(record, comparable):
            return True
        if not resolve(Present(attribute), self._image).matches(record, comparable):
            raise NoSuchAttribute(f"the entry has no {description.text}")
        return False

    def read(self, dn: str) -> Attributes:
        """One entry's readable attributes as values; raises NoSuchObject."""
        record = self._base(dn)
        grant = self._view.grant(record)
        found = record.shape.attributes(record.body)
        for description in list(found):
            if not grant.read.holds(description.attribute.key, description.operational):
                found.put(description, [])
        return found

    @property
    def is_operator(self) -> bool:
        """Whether the caller runs the whole directory: its operators and administrators."""
        return self._view.is_operator

    @property
    def administers(self) -> tuple[Record, ...]:
        """The organisations that name the caller in gdItAdmin."""
        return self._view.powers.administers

    def may_write(self, dn: str, attribute: str) -> bool:
        """Whether a change of that attribute would be allowed now, whatever the value; False for an entry
        the caller does not see."""
        self._check_standing()
        try:
            grant = self._view.grant(self._base(dn))
        except (NoSuchObject, InvalidDn):
            return False
        held = self._image.vocabulary.describe(attribute)
        return grant.write.holds(held.key, held.operational)

    def export(self, *, with_secrets: bool) -> Iterator[tuple[str, tuple[Attribute, ...]]]:
        """Every entry the caller may read, parents first; stored passwords only for the local operator."""
        if with_secrets and self.caller.role is not Role.LOCAL:
            raise InsufficientAccessRights("only the operator at the host exports passwords")
        root = self._image.root
        if root is None:
            return
        for record in root.descendants():
            if not self._view.grant(record).visible:
                continue
            attributes = self.read(record.dn_text).as_messages()
            password = unpack_secrets(record.secrets).password
            if with_secrets and password is not None:
                attributes = (*attributes, Attribute("userPassword", (password,)))
            yield record.dn_text, attributes

    # -- writing -----------------------------------------------------------------------------------------

    async def add(self, request: AddRequest) -> str:
        """RFC 4511 §4.7; the name under which the entry was stored (it differs for uid=*)."""
        self._check_standing()
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
            unit, _ = plan_add(self._plan(), dn, attributes, _UNDECIDED)
            password = await directory.passwords.first(self._added(unit), candidates, self.caller)
        stored_as = ""

        def planned() -> WriteUnit:
            nonlocal stored_as
            self._check_stands()
            unit, stored_as = plan_add(self._plan(), dn, attributes, password)
            return unit

        await directory.committer.commit(planned)
        return stored_as

    def _added(self, unit: WriteUnit) -> Attributes:
        """The attributes of the entry that a unit adds."""
        insert = next(each for each in unit.operations if isinstance(each, InsertEntry))
        return self._image.shapes.get(insert.shape).attributes(insert.body)

    async def modify(self, request: ModifyRequest) -> None:
        """RFC 4511 §4.6; a change of userPassword is a password change, checked and hashed as such."""
        changes, wanted = self._directory.passwords.separate(request.changes, self._image.vocabulary)
        self._check_standing(own_password=request.object if wanted is not None and not changes else None)
        record = self._located(request.object)
        if wanted is None:
            await self._commit_on(request.object, lambda plan, found: plan_modify(plan, found, changes, None))
        else:
            self._check_may_write_password(record)
            seen = record.secrets
            password = await self._directory.passwords.changed(record, wanted, self.caller)
            await self._commit_password(request.object, seen, password, changes)
        if wanted is not None:
            self._password_changed(record)
        elif _names_lock(changes):
            self._directory.logins.forget_failures(record.id)
        elif record.id == self.caller.entry_id:
            self._view.confirm()

    async def change_password(self, user: str | None, old: bytes | None, new: bytes | None) -> bytes | None:
        """RFC 3062; returns the generated password when `new` is None. `user` None means the caller."""
        if user is None and self.caller.role is Role.ANONYMOUS:
            raise InsufficientAccessRights("bind first, or name the user")
        dn = self._view.caller_dn if user is None else user.removeprefix("dn:")
        self._check_standing(own_password=dn)
        record = self._located(dn)
        self._check_may_write_password(record)
        seen = record.secrets
        password, generated = await self._directory.passwords.exchanged(record, old, new, self.caller)
        await self._commit_password(dn, seen, password)
        self._password_changed(record)
        return generated

    def _password_changed(self, record: Record) -> None:
        """Earlier attempts count no more, and whoever had to change it has."""
        self._directory.logins.forget_failures(record.id)
        if record.id == self.caller.entry_id:
            self._must_change = False
            self._view.confirm()

    async def apply_password(self, record: Record, outcome: PasswordOutcome) -> None:
        """Puts an outcome in place as it is: an upgraded hash, a lock. Raises Busy as below."""
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

    async def modify_dn(self, request: ModifyDnRequest) -> None:
        """RFC 4511 §4.9, with newSuperior and whole subtrees."""
        self._check_standing()
        directory = self._directory
        new_rdn = Dn.parse(request.new_rdn, directory.schema)
        if len(new_rdn.rdns) != 1:
            raise InvalidDn("newrdn is one RDN")

        def planned(plan: Plan, found: Record) -> WriteUnit:
            parent = None if request.new_superior is None else self._superior(plan, request.new_superior)
            return plan_rename(plan, found, new_rdn.rdn, parent, delete_old_rdn=request.delete_old_rdn)

        await self._commit_on(request.entry, planned)

    def _superior(self, plan: Plan, text: str) -> Record:
        return plan.locate(self._directory.path_of(text))

    async def delete(self, dn: str) -> None:
        """RFC 4511 §4.8."""
        self._check_standing()
        await self._commit_on(dn, plan_delete)

    async def release_address(self, address: str) -> None:
        """Lets a retired address be given again: for the operator at the host, who answers for the mail that
        its former holder's correspondents still send there.

        Raises InsufficientAccessRights, UnwillingToPerform when it is not retired, Busy, Unavailable.
        """
        if self.caller.role is not Role.LOCAL:
            raise InsufficientAccessRights("only the operator at the host frees a retired address")
        wanted = address.strip().lower()
        await self._directory.committer.commit(lambda: plan_release(self._plan(), wanted))

    # -- shared ------------------------------------------------------------------------------------------

    async def _commit_on(self, dn: str, planned: Callable[[Plan, Record], WriteUnit]) -> None:
        """Plans on the entry as it is at each attempt."""
        path = self._directory.path_of(dn)

        def plan() -> WriteUnit:
            self._check_stands()  # again: much may have happened since the request came
            current = self._plan()
            return planned(current, current.locate(path))

        await self._directory.committer.commit(plan)

    def _plan(self) -> Plan:
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
        return self._plan().locate(self._directory.path_of(dn))

    def _check_standing(self, *, own_password: str | None = None) -> None:
        """The identity still is what it was, and one that must change its password does nothing else first.

        `own_password` names the entry whose password a request changes, if it changes nothing else.
        """
        self._check_stands()
        if self._must_change and not (own_password is not None and self._is_own(own_password)):
            raise InsufficientAccessRights(_MUST_CHANGE)

    def _check_stands(self) -> None:
        if not self._view.stands:
            raise InsufficientAccessRights(_ENDED)

    def _is_own(self, dn: str) -> bool:
        path = self._directory.path_of(dn)
        record = None if path is None else self._image.find(path)
        return record is not None and record.id == self.caller.entry_id


def _names_lock(changes: Sequence[Change]) -> bool:
    """Whether an administrator's changes end (or set) a lock."""
    return any(change.modification.type.lower() == "pwdaccountlockedtime" for change in changes)
