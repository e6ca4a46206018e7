"""What an entry is to the regulation, by its classes and the entries above it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.mailattrs import texts
from govdir.mailattrs.names import InvalidName
from govdir.policy.model import PROVINCE, MailboxKind

REGULATED: Final = frozenset({"gdmailbox", "gdperson", "gdmaillist", "gdorganization", "gdsharedmailbox"})
"""Entries with none of these classes are no business of the regulation."""

ROLE: Final = "role"
"""The gdMailboxKind of mailboxes the regulation does not describe; a human names their addresses."""

_OTHER: Final = "other"
"""The gdOrgKind of bodies that are none of the regulation's."""

_KINDS: Final = {word: kind for kind in MailboxKind for word in (kind.value, kind.attribute_value)}


class UnsuitableKind(InvalidName):
    """gdMailboxKind or gdOrgKind says what an entry of these classes cannot be."""

    rule = "kind"


class Surroundings(Struct, frozen=True):
    """The bodies around an entry: `agency` is the nearest that is no unit, `body` the nearest of all."""

    agency: Attributes | None
    body: Attributes | None

    @classmethod
    def of(cls, ancestors: Sequence[Attributes]) -> Surroundings:
        """`ancestors` parent first."""
        body = None
        for ancestor in ancestors:
            if "gdorganization" in ancestor.object_classes:
                body = ancestor if body is None else body
                if _stated(ancestor) is not MailboxKind.UNIT:
                    return cls(ancestor, body)
        return cls(body, body)

    @property
    def place(self) -> str:
        """Where the entry stands, as AddressForm.within names it."""
        if self.agency is None:
            return PROVINCE
        return (_stated(self.agency) or MailboxKind.AGENCY).value

    def fields(self, domain: str) -> dict[str, str]:
        """templates.PLACE_FIELDS, as far as there are such bodies; `domain` is the province's."""
        values = {
            "parent": label_of(self.agency) if self.agency is not None else None,
            "parent.domain": _domain_label(self.agency, domain) if self.agency is not None else None,
            "agency": local_part_of(self.agency) if self.agency is not None else None,
            "body": self._body_part(),
            "unit": label_of(self.body) if self.body is not None and self.body is not self.agency else None,
        }
        return {field: value for field, value in values.items() if value}

    def _body_part(self) -> str | None:
        """The local part of the nearest body, of a unit without a mailbox the one it would have."""
        if self.body is None or "mail" in self.body or self.agency is None or self.body is self.agency:
            return local_part_of(self.body) if self.body is not None else None
        return f"{label_of(self.body)}.{local_part_of(self.agency)}"

    def parent_names(self) -> tuple[str, ...]:
        """Every label and name of the agency above, for finding registered addresses."""
        if self.agency is None:
            return ()
        found = (*(self.agency.text(name) for name in ("gdOrgCode", "ou", "displayName", "description")),)
        return tuple(text for text in found if text)


def label_of(body: Attributes) -> str | None:
    """The registered label of a body, else the local part of its address, else its ou."""
    return body.text("gdOrgCode") or local_part_of(body)


def _domain_label(body: Attributes, domain: str) -> str | None:
    """What stands before the province's domain in its associatedDomain; its label where it has none."""
    for text in body.texts("associatedDomain"):
        label, dot, rest = text.lower().partition(f".{domain}")
        if label and dot and not rest:
            return label
    return label_of(body)


def local_part_of(body: Attributes) -> str | None:
    """Of its address; its ou where it has none."""
    mail = body.text("mail")
    return mail.partition("@")[0] if mail else body.text("ou")


def name_of(body: Attributes) -> str | None:
    """What people call a body."""
    return body.text("displayName") or body.text("description") or body.text("ou")


def kind_of(attributes: Attributes, classes: frozenset[str], around: Surroundings) -> MailboxKind | None:
    """The kind of mailbox; None for a mailbox the regulation does not describe (role addresses).

    `classes` are the entry's, with superiors, in lower case. Raises UnsuitableKind.
    """
    said = attributes.text("gdMailboxKind")
    _check_body_kind(attributes)
    if "gdmaillist" in classes:
        return MailboxKind.LIST
    if "gdperson" in classes or {"person", "gdmailbox"} <= classes:
        return _said(said, personal=True) or MailboxKind.PERSON
    if said != ROLE and ("gdorganization" in classes or "organizationalunit" in classes):
        by_place = MailboxKind.AGENCY if around.agency is None else MailboxKind.UNIT
        return _said(said, personal=False) or _stated(attributes) or by_place
    return None


def _stated(body: Attributes) -> MailboxKind | None:
    """By gdMailboxKind, else by gdOrgKind, which may also say "other"."""
    said = body.text("gdMailboxKind") or body.text("gdOrgKind") or ""
    kind = _KINDS.get(said.lower())
    return kind if kind is not None and kind.is_body else None


def _check_body_kind(attributes: Attributes) -> None:
    said = attributes.text("gdOrgKind")
    if said is None or said.lower() == _OTHER:
        return
    kind = _KINDS.get(said.lower())
    if kind is None or not kind.is_body:
        known = ", ".join([*(kind.value for kind in MailboxKind if kind.is_body), _OTHER])
        raise UnsuitableKind(texts.ORG_KIND_UNKNOWN.filled(kind=said, known=known))


def stated_kind(attributes: Attributes) -> MailboxKind:
    """The kind of a finished entry, without looking around it; PERSON for what is no body or list.

    Raises UnsuitableKind.
    """
    classes = attributes.object_classes
    return kind_of(attributes, classes, Surroundings(None, None)) or MailboxKind.PERSON


def _said(said: str | None, *, personal: bool) -> MailboxKind | None:
    if said is None:
        return None
    kind = _KINDS.get(said.lower())
    if kind is None or kind.is_personal is not personal or kind is MailboxKind.LIST:
        raise UnsuitableKind(texts.KIND_UNKNOWN.filled(kind=said))
    return kind
