"""What somebody may do with an entry and its attributes, by the same checks that operations pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from govdir.directory.access import READABLE, Grant
from govdir.directory.access_view import AccessView
from govdir.directory.caller import ANONYMOUS, Caller
from govdir.directory.errors import DirectoryError, InsufficientAccessRights
from govdir.directory.identity import caller_of, signs_in
from govdir.directory.image import Image, Record
from govdir.directory.roles import HeldRole
from govdir.directory.secrets import SECRET_ATTRIBUTES
from govdir.directory.sign_in_names import find_named, read_identity
from govdir.directory.usability import usability_of
from govdir.directory.vocabulary import Description
from govdir.directory.writes.attribute_rights import check_change
from govdir.ldap.codec.messages import ModifyOperation

if TYPE_CHECKING:
    from govdir.directory.service import Directory

_REFUSED: Final = (
    "không được hỏi quyền của người đó "
    "(only operators, administrators and auditors ask for the rights of somebody else who is there)"
)
_FORMS: Final = ("dn", "u")
_PASSWORD: Final = "userpassword"  # noqa: S105 - an attribute's name


class Rights(Struct, frozen=True):
    """What one subject may do with one attribute of an entry."""

    read: bool = False
    search: bool = False
    compare: bool = False
    add: bool = False
    delete: bool = False

    @property
    def letters(self) -> str:
        """r(ead), s(earch), c(ompare), w(rite: add values), o(bliterate: take values away), or "none"."""
        return _letters("rscwo", (self.read, self.search, self.compare, self.add, self.delete))


class EntryRights(Struct, frozen=True):
    """What one subject may do with an entry: see it, add others below it, delete it, rename or move it, and
    act as whom it is of (RFC 4370)."""

    view: bool = False
    add: bool = False
    delete: bool = False
    rename: bool = False
    proxy: bool = False

    @property
    def letters(self) -> str:
        """v(iew), a(dd), d(elete), n(ame anew), or "none"."""
        return _letters("vadn", (self.view, self.add, self.delete, self.rename))


def _letters(alphabet: str, held: tuple[bool, ...]) -> str:
    return "".join(letter for letter, has in zip(alphabet, held, strict=True) if has) or "none"


class Subject:
    """Whose rights are asked for.

    `signs_in` False: a closed account, which does nothing at all. `image` is that of the stored entries.
    """

    def __init__(self, view: AccessView, image: Image, *, signs_in: bool = True) -> None:
        self._view = view
        self._image = image
        self._signs_in = signs_in

    def grant(self, record: Record) -> Grant:
        """What the access rules let the subject do with the entry; what is not stored everybody reads."""
        return self._view.grant(record) if self._image.by_id(record.id) is record else READABLE

    def is_own(self, record: Record) -> bool:
        """Whether the entry is the subject's own."""
        return record.id == self._view.caller.entry_id

    def may_act_as(self, record: Record) -> bool:
        """Whether the subject may ask in this entry's name."""
        return self._image.by_id(record.id) is record and self._view.may_act_as(record)

    def on_entry(self, grant: Grant, *, is_suffix: bool, proxy: bool) -> EntryRights:
        """Its rights on an entry under this grant."""
        if not self._signs_in or not grant.visible or self._view.caller.must_change:
            return EntryRights()
        rights = grant.rights
        return EntryRights(
            True,
            "add" in rights,
            "delete" in rights and not is_suffix,
            "rename" in rights and not is_suffix,
            proxy,
        )

    def on(self, description: Description, grant: Grant, *, own: bool) -> Rights:
        """Its rights on an attribute of an entry under this grant."""
        key, operational = description.attribute.key, description.operational
        if not self._signs_in or not grant.visible:
            return Rights()
        if key == _PASSWORD and not description.options:
            may = grant.write.holds(key, operational) and (own or not self._view.caller.must_change)
            return Rights(add=may, delete=may and not own)
        if self._view.caller.must_change or key in SECRET_ATTRIBUTES:
            return Rights()
        return Rights(
            grant.read.holds(key, operational),
            grant.search.holds(key, operational),
            grant.compare.holds(key, operational),
            self._may(ModifyOperation.ADD, description, grant),
            self._may(ModifyOperation.DELETE, description, grant),
        )

    def _may(self, operation: ModifyOperation, description: Description, grant: Grant) -> bool:
        if not grant.write.holds(description.attribute.key, description.operational):
            return False
        try:
            check_change(self._view.caller, grant, description, operation)
        except DirectoryError:
            return False
        return True


def subject_of(authz_id: str, directory: Directory, view: AccessView) -> Subject:
    """Whom an authorization identity names for the caller of `view`, who asks for its rights: "" is the
    caller itself, "dn:" anybody without a name, "dn:…" and "u:…" whoever signs in under it.

    Raises InsufficientAccessRights, one and the same, for a subject that is not there or not to be seen, and
    where the caller may not ask for the rights of others.
    """
    image = directory.image
    if not authz_id:
        return Subject(view, image)
    is_form = authz_id.partition(":")[0].lower() in _FORMS
    record = find_named(directory, read_identity(directory, authz_id)) if is_form else None
    if record is not None and record.id == view.caller.entry_id:
        return Subject(view, image)
    if not view.is_operator and HeldRole.AUDITOR not in view.powers.roles:
        raise InsufficientAccessRights(_REFUSED)
    if authz_id.lower() == "dn:":
        return Subject(AccessView(directory.access, ANONYMOUS, image), image)
    if record is None or not view.grant(record).visible:
        raise InsufficientAccessRights(_REFUSED)
    attributes = record.shape.attributes(record.body)
    caller = _signed_in(record, directory)
    return Subject(AccessView(directory.access, caller, image), image, signs_in=signs_in(attributes))


def _signed_in(record: Record, directory: Directory) -> Caller:
    """The identity the entry would have after a bind now."""
    attributes = record.shape.attributes(record.body)
    caller = caller_of(record, attributes)
    policy, state = directory.password_rules.policy(attributes), directory.logins.state_of(record)
    found = usability_of(policy, state, directory.clock.now(), is_open=signs_in(attributes))
    return replace(caller, must_change=True) if found.must_change else caller
