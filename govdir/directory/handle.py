"""What a caller may do: every operation on the directory, narrowed to one identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from govdir.directory.access import READABLE
from govdir.directory.access_view import AccessView
from govdir.directory.aliases import Aliases
from govdir.directory.assertions import check_assertion
from govdir.directory.caller import Caller, Role
from govdir.directory.comparing import compared
from govdir.directory.decorated import decorated
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    InsufficientAccessRights,
    InvalidDn,
    NoSuchObject,
)
from govdir.directory.gate import Gate
from govdir.directory.identity import Seen, Warrant
from govdir.directory.image import Record
from govdir.directory.matches import Matches
from govdir.directory.options import PLAIN_SEARCH, PLAIN_WRITE, SearchOptions, WriteOptions, Written
from govdir.directory.prepared import PreparedSearch, PreparedSearches
from govdir.directory.reach import Reach, base_of
from govdir.directory.search import Searching
from govdir.directory.secrets import unpack_secrets
from govdir.directory.static import StaticTree
from govdir.directory.writes.plan import PasswordOutcome
from govdir.directory.writing import Update, Writing
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    ModifyDnRequest,
    ModifyRequest,
    SearchRequest,
)

if TYPE_CHECKING:
    from govdir.directory.service import Directory


class Handle:
    """The directory as one caller sees it. Made by Directory.as_caller; good until the caller binds anew."""

    def __init__(
        self,
        directory: Directory,
        caller: Caller,
        seen: Seen | None = None,
        warrant: Warrant | None = None,
    ) -> None:
        self.caller = caller
        self._directory = directory
        self._image = directory.image
        self._view = AccessView(directory.access, caller, directory.image, seen, warrant)
        self._prepared = PreparedSearches(self._image, self._view)
        self._searching = Searching(self._image, self._view, directory.cookies, directory.sorted_lists)
        self._gate = Gate(directory, caller, self._view)

    @cached_property
    def _writing(self) -> Writing:
        """Made when first asked for: most callers bind, look up and go."""
        return Writing(self._directory, self.caller, self._view, self._gate)

    @property
    def authz_id(self) -> str:
        """RFC 4532: empty for anonymous, else "dn:" and the caller's present name."""
        dn = self._view.caller_dn
        return f"dn:{dn}" if dn else ""

    @property
    def stands(self) -> bool:
        """Whether the caller's own entry still is what it signed in as."""
        return self._view.stands

    def check(self) -> None:
        """It may do something at all; raises InsufficientAccessRights: bind again, or change the password."""
        self._gate.check()

    def may_act_as(self, record: Record) -> bool:
        """Whether it may ask in this entry's name (RFC 4370)."""
        return self._view.may_act_as(record)

    # -- reading -----------------------------------------------------------------------------------------

    def search(self, request: SearchRequest, options: SearchOptions = PLAIN_SEARCH) -> Matches:
        """The matching entries the caller may see; raises NoSuchObject or InvalidDn for the base."""
        self._gate.check()
        if options is PLAIN_SEARCH:
            contents = self._prepared.contents(request)
            if contents is not None:
                return Matches(contents)
        if self._image.shapes.special or options.subentries is not None:
            return self._among_special(request, options)
        base = self._base(request.base)
        selection = self._directory.selections.get(request.attributes, request.types_only)
        self._prepared.learn(request, base, selection)
        if options is PLAIN_SEARCH:
            return self._searching.run(base, request, selection, options)
        more = decorated(selection, options, self._directory, self._view)
        return self._searching.run(base, request, more, options)

    def _among_special(self, request: SearchRequest, options: SearchOptions) -> Matches:
        """The same where there are referral objects, aliases or subentries, or only these are asked for."""
        directory, image, view = self._directory, self._image, self._view
        base = self._at(base_of(request, options, directory.suffix, image, view))
        reach = Reach(base, request, options, image, Aliases(image, directory.suffix, view))
        selection = directory.selections.get(request.attributes, request.types_only)
        if options is PLAIN_SEARCH and reach.is_ordinary:
            self._prepared.learn(request, base, selection)
        more = selection if options is PLAIN_SEARCH else decorated(selection, options, directory, view)
        matches = self._searching.run(base, request, more, options, reach)
        if options.page is None or not options.page.cookie:
            matches.found = chain(reach.references(view), matches.found)
        return matches

    def prepared(self, request: SearchRequest) -> tuple[bytes, PreparedSearch] | None:
        """A search that has been asked before, as prepared for any other value, and the value it has now."""
        return self._prepared.find(request)

    def _base(self, text: str) -> Record:
        return self._at(self._directory.path_of(text))

    def _at(self, path: tuple[str, ...] | None) -> Record:
        record = None if path is None else self._image.find(path)
        if record is None or not self._view.grant(record).visible:
            raise self._writing.plan().no_such_object(path)
        return record

    def compare(self, dn: str, attribute: str, value: bytes, options: SearchOptions = PLAIN_SEARCH) -> bool:
        """RFC 4511 §4.10; raises what keeps it from an answer, by the codes of that section."""
        self._gate.check()
        if self._image.shapes.special:
            self._writing.check_held_here(dn, options)
        record = self._base(dn)
        grant = self._view.grant(record)
        if options.assertion is not None:
            check_assertion(options.assertion, record, grant, self._image)
        return compared(record, self._image, grant, attribute, value)

    def search_static(
        self, tree: StaticTree, request: SearchRequest, options: SearchOptions = PLAIN_SEARCH
    ) -> Matches:
        """A search below an entry of `tree`, of which the caller may read everything."""
        return tree.search(request, options, self._directory, self.caller)

    def compare_static(self, tree: StaticTree, dn: str, attribute: str, value: bytes) -> bool:
        """The same for compare."""
        return compared(tree.find(dn), tree.image, READABLE, attribute, value)

    @property
    def sees_operation(self) -> bool:
        """Whether the caller may see how the server is doing (cn=monitor): who may read all of the directory,
        and may do something at all now."""
        try:
            self._gate.check()
        except InsufficientAccessRights:
            return False
        return self._view.sees_operation

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
        self._gate.check()
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

    async def add(self, request: AddRequest, options: WriteOptions = PLAIN_WRITE) -> Written:
        """RFC 4511 §4.7; the name under which the entry was stored differs from the request's for uid=*."""
        return await self._writing.add(request, options)

    async def modify(self, request: ModifyRequest, options: WriteOptions = PLAIN_WRITE) -> Written:
        """RFC 4511 §4.6; a change of userPassword is a password change, checked and hashed as such."""
        return await self._writing.modify(request, options)

    async def modify_dn(self, request: ModifyDnRequest, options: WriteOptions = PLAIN_WRITE) -> Written:
        """RFC 4511 §4.9, with newSuperior and whole subtrees."""
        return await self._writing.modify_dn(request, options)

    async def delete(self, dn: str, options: WriteOptions = PLAIN_WRITE) -> Written:
        """RFC 4511 §4.8."""
        return await self._writing.delete(dn, options)

    async def transact(self, updates: Sequence[tuple[Update, WriteOptions]]) -> list[Written]:
        """RFC 5805: all of these, each on what those before it leave, or none; what came of each.

        Raises UpdateFailed for the first that cannot be made, Busy, Unavailable.
        """
        return await self._writing.transact(updates)

    async def change_password(
        self, user: str | None, old: bytes | None, new: bytes | None, *, proved: bool = False
    ) -> bytes | None:
        """RFC 3062; returns the generated password when `new` is None. `user` None means the caller."""
        return await self._writing.change_password(user, old, new, proved=proved)

    async def apply_password(self, record: Record, outcome: PasswordOutcome) -> None:
        """Puts an outcome in place as it is: an upgraded hash, a lock. Raises Busy when it was changed."""
        await self._writing.apply_password(record, outcome)

    async def release_address(self, address: str) -> None:
        """Lets a retired address be given again: for the operator at the host, who answers for the mail that
        its former holder's correspondents still send there.

        Raises InsufficientAccessRights, UnwillingToPerform when it is not retired, Busy, Unavailable.
        """
        await self._writing.release_address(address)
