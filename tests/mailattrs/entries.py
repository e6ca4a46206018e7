"""Entries of a small province, and what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import pytest

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.rules import EntryRules
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.messages import Attribute
from govdir.schema.registry import load_schema

PERSON = ("top", "person", "organizationalPerson", "inetOrgPerson", "gdPerson", "gdMailbox")
BODY = ("top", "organizationalUnit", "gdOrganization", "gdMailbox")
LIST = ("top", "gdMailList")


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(load_schema())


def entry(classes: Sequence[str], **attributes: str | Sequence[str]) -> Attributes:
    given = {"objectClass": tuple(classes)} | {
        name: (value,) if isinstance(value, str) else tuple(value) for name, value in attributes.items()
    }
    return Attributes.of(
        vocabulary(),
        [Attribute(name, tuple(value.encode() for value in values)) for name, values in given.items()],
    )


def person(cn: str, **attributes: str | Sequence[str]) -> Attributes:
    return entry(PERSON, cn=cn, **attributes)


SUFFIX = "dc=cantho,dc=gov,dc=vn"
ORGS = ("top", "organizationalUnit")
SONV_NAME = "Sở Nội vụ"


def agency(label: str, name: str, **attributes: str | Sequence[str]) -> Attributes:
    """An agency as it stands in the directory already."""
    defaults: dict[str, str | Sequence[str]] = {
        "ou": label,
        "displayName": name,
        "gdOrgCode": label,
        "mail": f"{label}@cantho.gov.vn",
        "gdMailboxKind": "org",
    }
    return entry(BODY, **(defaults | attributes))


@dataclass
class Around:
    """What the rules may look at: addresses held, and the entries above, parent first."""

    held: set[str] = field(default_factory=set)
    above: tuple[Attributes, ...] = ()
    others: dict[str, Attributes] = field(default_factory=dict)
    moment: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    new_password: bool = False
    moved: bool = False
    neighbours: list[Attributes] = field(default_factory=list)

    def entry(self, dn: str) -> Attributes | None:
        return self.others.get(dn)

    def address_holder(self, address: str) -> str | None:
        return "uid=somebody" if address in self.held else None

    def others_with(self, attribute: str, value: str) -> Sequence[Attributes]:
        return [entry for entry in self.neighbours if value in entry.texts(attribute)]

    def ancestors(self) -> Sequence[Attributes]:
        return self.above

    def ancestor_names(self) -> Sequence[str]:
        names: list[str] = []
        for entry in reversed(self.above):
            rdn = f"ou={entry.text('ou')}" if "ou" in entry else SUFFIX
            names.insert(0, f"{rdn},{names[0]}" if names else rdn)
        return names

    @staticmethod
    def afterwards(check: Callable[[], None]) -> None:
        check()


@dataclass(frozen=True)
class Asker:
    dn: str
    is_operator: bool
    may_approve: bool = False
    is_holder: bool = False


OFFICER = Asker("uid=officer", is_operator=False)
OPERATOR = Asker("cn=admin", is_operator=True)


def in_agency(*held: str, label: str = "sonv", name: str = SONV_NAME) -> Around:
    """Inside an agency; `held` are local parts in use."""
    return Around({f"{local}@cantho.gov.vn" for local in held}, (agency(label, name), entry(ORGS, ou="orgs")))


def among_agencies(*held: str) -> Around:
    return Around({f"{local}@cantho.gov.vn" for local in held}, (entry(ORGS, ou="orgs"),))


def changed(
    rules: EntryRules,
    before: Attributes,
    near: Around,
    asker: Asker = OPERATOR,
    **changes: str | tuple[str, ...],
) -> Attributes:
    """The entry as a modify leaves it; () takes an attribute away."""
    after = before.copy()
    for name, values in changes.items():
        after.replace(name, (values,) if isinstance(values, str) else values)
    rules.complete_modify(before, after, near, asker)
    return after


def refused(act: Callable[[], object]) -> RuleViolation:
    with pytest.raises(RuleViolation) as violation:
        act()
    return violation.value
