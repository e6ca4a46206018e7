"""Planning an add (RFC 4511 §4.7)."""

from __future__ import annotations

from govdir.directory.addresses import addresses_of
from govdir.directory.caller import Role
from govdir.directory.dn import Dn, rdn_text
from govdir.directory.entry import Attributes
from govdir.directory.entry_check import check_entry
from govdir.directory.errors import (
    ConstraintViolation,
    EntryAlreadyExists,
    InsufficientAccessRights,
    NamingViolation,
    ProtocolError,
    UnwillingToPerform,
)
from govdir.directory.image import Record
from govdir.directory.operational import stamp_new
from govdir.directory.ports import InsertEntry, Operation, WriteUnit
from govdir.directory.secrets import NO_SECRETS, pack_secrets
from govdir.directory.subentries import check_may_hold
from govdir.directory.writes.attribute_rights import check_stored
from govdir.directory.writes.change_text import added_text
from govdir.directory.writes.entry_rights import check_guarded_classes, check_rdn, check_uuid
from govdir.directory.writes.plan import Near, PasswordOutcome, Plan, apply_stamps
from govdir.directory.writes.policy_links import check_policy_link
from govdir.directory.writes.rdn_values import add_rdn_values
from govdir.directory.writes.role_groups import check_role
from govdir.schema.dn_text import Rdn

FOLLOWS_STATE = frozenset({"accountstatus", "enabledservice"})
"""What a mailbox's state lets it do: attributes that mail servers read."""

# Under this RDN value a person is named by the address the regulation gives, a body by its label (docs/adr).
CHOOSE_FOR_ME = b"*"
_PLACEHOLDERS = {"uid=*": ("uid", "uid"), "ou=*": ("ou", "gdOrgCode")}
"""The RDN's attribute and the one its value is taken from."""


def plan_add(
    plan: Plan, dn: Dn, given: Attributes, password: PasswordOutcome | None
) -> tuple[WriteUnit, str]:
    """The unit that adds the entry and the name it gets."""
    path = dn.below(plan.suffix)
    if path is None:
        raise UnwillingToPerform(
            f"{dn}: không nằm dưới {plan.suffix} (it is not below the only naming context here)"
        )
    parent = _parent_for_add(plan, path)
    attributes = given.copy()
    copied = _take_derived(plan, attributes)
    _check_new_attributes(plan, attributes, parent, has_password=password is not None)
    check_rdn(plan, None if parent is None else plan.view.grant(parent), dn.rdn)
    chosen = is_placeholder(dn)
    if not chosen:
        _check_free(plan, path)
        add_rdn_values(attributes, dn.rdn)
    outcome = password or PasswordOutcome(NO_SECRETS, ())
    apply_stamps(attributes, outcome)
    check_guarded_classes(plan, frozenset(), attributes.object_classes)
    check_role(plan, path[0] if path else None, None, attributes)
    check_policy_link(plan, None, attributes)
    near = Near(plan, parent, None, new_password=password is not None)
    plan.rules.complete_add(attributes, near, plan.actor(parent))
    _check_derived(copied, attributes)
    if chosen:
        dn = named_by_uid(dn, attributes)
        _check_free(plan, dn.below(plan.suffix) or ())
        add_rdn_values(attributes, dn.rdn)
    check_uuid(plan.image, attributes)
    stamp_new(attributes, plan.actor_name(), plan.moment)
    check_entry(attributes, has_password=password is not None)
    shape, body = plan.image.shapes.encode(attributes)
    insert = InsertEntry(
        None if parent is None else parent.id,
        str(dn) if parent is None else rdn_text(dn.rdn),  # the suffix's record holds its whole name
        dn.key if parent is None else dn.keys[0],
        shape.descriptor,
        body,
        pack_secrets(outcome.secrets),
        plan.image.index_keys.of(attributes),
    )
    operations: list[Operation] = [insert, *plan.claims({}, addresses_of(attributes), None)]
    return plan.unit("add", str(dn), attributes, operations, added_text(str(dn), attributes)), str(dn)


def _parent_for_add(plan: Plan, path: tuple[str, ...]) -> Record | None:
    if not path:
        if plan.image.root is not None:
            raise EntryAlreadyExists("mục gốc của cây đã có (the suffix entry exists)")
        if plan.caller.role is not Role.LOCAL:
            raise InsufficientAccessRights("only `govdir init` creates the suffix entry")
        return None
    parent = plan.image.find(path[:-1])
    if parent is None or not plan.view.grant(parent).visible:
        raise plan.no_such_object(path[:-1])
    if "add" not in plan.view.grant(parent).rights:
        raise InsufficientAccessRights("không có quyền thêm mục ở đây (no right to add entries here)")
    check_may_hold(parent.shape, parent.dn_text)
    return parent


def _check_new_attributes(
    plan: Plan, attributes: Attributes, parent: Record | None, *, has_password: bool
) -> None:
    grant = None if parent is None else plan.view.grant(parent)
    if has_password and grant is not None and not grant.write.holds("userpassword", False):
        raise InsufficientAccessRights("userPassword: không có quyền đặt (no right to set it)")
    for description, values in attributes.items():
        attribute = description.attribute
        if not values:
            raise ProtocolError(f"{description.text}: an attribute is added with at least one value")
        check_stored(description)
        if plan.caller.role is Role.LOCAL or attribute.key == "objectclass":
            continue
        if attribute.no_user_modification:
            raise ConstraintViolation(f"{description.text}: do máy chủ tự ghi (no user modification allowed)")
        if grant is not None and not grant.write.holds(attribute.key, attribute.is_operational):
            raise InsufficientAccessRights(f"{description.text}: không có quyền ghi (no right to set it)")


def _take_derived(plan: Plan, attributes: Attributes) -> dict[str, set[bytes]]:
    """Takes out the user attributes that the server derives, which a copy of an entry brings along (Directory
    Studio's, an export's); returns what was said of those that tell what somebody may do, by name."""
    if plan.caller.role is Role.LOCAL:
        return {}
    told = {}
    for description, values in list(attributes.items()):
        attribute = description.attribute
        if attribute.no_user_modification and not attribute.is_operational:
            if attribute.key in FOLLOWS_STATE:
                told[description.text] = set(values)
            attributes.remove(description.text)
    return told


def _check_derived(told: dict[str, set[bytes]], attributes: Attributes) -> None:
    """Raises ConstraintViolation where the client took somebody for blocked who is not, or the reverse."""
    for name, values in told.items():
        derived = attributes.values(name)
        if values != set(derived):
            shown = " ".join(value.decode() for value in derived) or "nothing"
            raise ConstraintViolation(
                f"{name}: suy ra từ gdState, ở đây là {shown}; hãy bỏ ra "
                f"(it follows from gdState and is {shown} here; leave it out)"
            )


def _check_free(plan: Plan, path: tuple[str, ...]) -> None:
    if plan.image.find(path) is not None and (path or plan.image.root is not None):
        raise EntryAlreadyExists("đã có mục mang tên này (an entry of that name exists)")


def given_rdn(key: str, attributes: Attributes) -> Rdn:
    """The RDN that the placeholder `key` stands for; NamingViolation where the regulation gives none.

    The asterisk itself, which clients also send as a value of the RDN's attribute, is taken out.
    """
    name, source = _PLACEHOLDERS[key]
    values = attributes.values(source)
    if not values or CHOOSE_FOR_ME in values:
        raise NamingViolation(
            f"{key}: quy chế không đặt tên cho loại mục này (it asks for the name the regulation gives, "
            "and it gives none to this entry; choose one)"
        )
    named = attributes.values(name)
    if CHOOSE_FOR_ME in named:
        attributes.replace(name, [value for value in named if value != CHOOSE_FOR_ME])
    return [(name, values[0])]


def named_by_uid(dn: Dn, attributes: Attributes) -> Dn:
    """The name of a new entry that asked for one."""
    text = rdn_text(given_rdn(dn.keys[0], attributes))
    return Dn.parse(f"{text},{dn.parent}" if dn.parent else text, attributes.vocabulary.schema)


def is_placeholder(dn: Dn) -> bool:
    """Whether the name asks for the one the regulation gives."""
    return bool(dn.rdns) and asks_for_name(dn.keys[0])


def asks_for_name(key: str) -> bool:
    """The same of a normalised RDN."""
    return key in _PLACEHOLDERS
