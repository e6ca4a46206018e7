"""The entries that another one names by DN: its owner, those it lets in."""

from __future__ import annotations

from typing import Final

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidDn
from govdir.directory.rules import Neighbourhood
from govdir.mailattrs.states import State
from govdir.policy.texts import Wording
from govdir.schema.registry import Schema

NOBODY: Final = Wording(
    "Không có mục “{dn}”; hãy tạo trước rồi mới ghi vào {attribute}.",
    "There is no entry “{dn}”; add it before naming it in {attribute}.",
)
NO_PERSON: Final = Wording(
    "{attribute} phải là một người (gdPerson); “{dn}” không phải.",
    "{attribute} names a person (gdPerson); “{dn}” is none.",
)
NOT_IN_OFFICE: Final = Wording(
    "“{dn}” đang ở trạng thái {state} nên không ghi vào {attribute} được; chọn người có hộp thư đang dùng.",
    "“{dn}” is {state} and cannot be named in {attribute}; choose somebody whose mailbox is in use.",
)

_OUT_OF_OFFICE: Final = frozenset({State.PENDING, State.REVOKED, State.DELETED})


def dn_key(dn: str, schema: Schema) -> str:
    """The normalised name; the text itself where it is no name, which the schema refuses later."""
    try:
        return Dn.parse(dn, schema).key
    except InvalidDn:
        return dn


def named(entry: Attributes, attribute: str) -> dict[str, str]:
    """The DNs in an attribute by their keys."""
    schema = entry.vocabulary.schema
    return {dn_key(text, schema): text for text in entry.texts(attribute)}


def with_ancestors(dn: str, near: Neighbourhood, schema: Schema) -> list[tuple[str, Attributes]]:
    """The entry of that name and those above it, each with its DN; empty where there is none."""
    found: list[tuple[str, Attributes]] = []
    try:
        here = Dn.parse(dn, schema)
    except InvalidDn:
        return found
    while here and (entry := near.entry(str(here))) is not None:
        found.append((str(here), entry))
        here = here.parent
    return found


def trouble_with(dn: str, attribute: str, near: Neighbourhood, *, person: bool) -> Wording | None:
    """Why an attribute cannot name that entry, None where it can; `person`: it must be one."""
    entry = near.entry(dn)
    if entry is None:
        return NOBODY.filled(dn=dn, attribute=attribute)
    if person and "gdperson" not in entry.object_classes:
        return NO_PERSON.filled(dn=dn, attribute=attribute)
    state = (entry.text("gdState") or State.ACTIVE).lower()
    if "gdperson" in entry.object_classes and state in _OUT_OF_OFFICE:
        return NOT_IN_OFFICE.filled(dn=dn, state=state, attribute=attribute)
    return None
