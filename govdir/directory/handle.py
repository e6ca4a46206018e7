"""What a caller may do: every operation on the directory, narrowed to one identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.caller import Caller, Role
from govdir.directory.decorated import decorated
from govdir.directory.entry import Attributes
from govdir.directory.errors import (
    InappropriateMatching,
    InsufficientAccessRights,
    InvalidAttributeSyntax,
    InvalidDn,
    NoSuchAttribute,
    NoSuchObject,
)
from govdir.directory.gate import Gate
from govdir.directory.identity import Seen
from govdir.directory.image import Record
from govdir.directory.matches import Matches
from govdir.directory.options import PLAIN_SEARCH, PLAIN_WRITE, SearchOptions, WriteOptions, Written
from govdir.directory.prepared import PreparedSearch, PreparedSearches
from govdir.directory.resolve import resolve
from govdir.directory.search import Searching
from govdir.directory.secrets import SECRET_ATTRIBUTES, unpack_secrets
from govdir.directory.static import static_content
from govdir.directory.writes.plan import PasswordOutcome
from govdir.directory.writing import Writing
from govdir.ldap.codec.filters import Equality, Present
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    ModifyDnRequest,
    ModifyRequest,
    SearchRequest,
)
from govdir.schema.errors import InvalidValue

if TYPE_CHECKING:
    from govdir.directory.service import Directory


class Handle:
    """The directory as one caller sees it. Made by Directory.as_caller; good until the caller binds anew."""

    def __init__(self, directory: Directory, caller: Caller, seen: Seen | None = None) -> None:
        self.caller = caller
        self._directory = directory
        self._image = directory.image
        self._view = AccessView(directory.access, caller, directory.image, seen)
        self._prepared = PreparedSearches(self._image, self._view)
        self._searching = Searching(self._image, self._view, directory.cookies)
        self._gate = Gate(directory, caller, self._view)
        self._writing = Writing(directory, caller, self._view, self._gate)

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

    def search(self, request: SearchRequest, options: SearchOptions = PLAIN_SEARCH) -> Matches:
        """The matching entries the caller may see; raises NoSuchObject or InvalidDn for the base."""
        self._gate.check()
        if options is PLAIN_SEARCH:
            contents = self._prepared.contents(request)
            if contents is not None:
                return Matches(contents)
        base = self._base(request.base)
        selection = self._directory.selections.get(request.attributes, request.types_only)
        self._prepared.learn(request, base, selection)
        if options is PLAIN_SEARCH:
            return self._searching.run(base, request, selection, options)
        more = decorated(selection, options, self._directory, self._view)
        return self._searching.run(base, request, more, options)

    def prepared(self, request: SearchRequest) -> tuple[bytes, PreparedSearch] | None:
        """A search that has been asked before, as prepared for any other value, and the value it has now."""
        return self._prepared.find(request)

    def _base(self, text: str) -> Record:
        path = self._directory.path_of(text)
        record = None if path is None else self._image.find(path)
        if record is None or not self._view.grant(record).visible:
            raise self._writing.plan().no_such_object(path)
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
        self._gate.check()
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

    async def change_password(self, user: str | None, old: bytes | None, new: bytes | None) -> bytes | None:
        """RFC 3062; returns the generated password when `new` is None. `user` None means the caller."""
        return await self._writing.change_password(user, old, new)

    async def apply_password(self, record: Record, outcome: PasswordOutcome) -> None:
        """Puts an outcome in place as it is: an upgraded hash, a lock. Raises Busy when it was changed."""
        await self._writing.apply_password(record, outcome)

    async def release_address(self, address: str) -> None:
        """Lets a retired address be given again: for the operator at the host, who answers for the mail that
        its former holder's correspondents still send there.

        Raises InsufficientAccessRights, UnwillingToPerform when it is not retired, Busy, Unavailable.
        """
        await self._writing.release_address(address)
