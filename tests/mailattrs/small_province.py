"""A province of a few bodies, made by its own rules: what an agency's administrator would see."""

from __future__ import annotations

from collections.abc import Sequence

from govdir.directory.entry import Attributes
from govdir.directory.rules import Actor
from govdir.mailattrs.rules import MailRules
from govdir.policy.load import load_province
from tests.mailattrs.entries import BODY, LIST, OPERATOR, ORGS, PERSON, Around, entry

Above = Sequence[tuple[str, str]]
"""The bodies from the province down, each with its kind and its name (or label=name)."""


class SmallProvince:
    """Bodies are made when something is first put into them; addresses once given stay taken."""

    def __init__(self, province: str) -> None:
        self.pack = load_province(province)
        self.rules = MailRules(self.pack)
        self.around = Around()
        self._bodies: dict[tuple[tuple[str, str], ...], Attributes] = {}

    def person(self, name: str, above: Above = (), *, by: Actor = OPERATOR, **more: str) -> str:
        """The address of a new person."""
        return self.add(entry(PERSON, cn=name, **more), above, by=by)

    def list(self, name: str, above: Above = (), *, by: Actor = OPERATOR, **more: str) -> str:
        """The address of a new list."""
        return self.add(entry(LIST, cn=name, **more), above, by=by)

    def body(self, kind: str, name: str, above: Above = (), **more: str) -> Attributes:
        """The body of that name, as it stands in the directory."""
        path = (*above, (kind, name))
        if path not in self._bodies:
            label, _, written = name.rpartition("=")
            named = {"gdOrgCode": label} if label else {}
            classes = BODY if self._has_mailbox(kind) else (*ORGS, "gdOrganization")
            made = entry(classes, ou=written, displayName=written, gdOrgKind=kind, **named, **more)
            self.add(made, above)
            self.around.neighbours.append(made)
            self._bodies[path] = made
        return self._bodies[path]

    def add(self, made: Attributes, above: Above, *, by: Actor = OPERATOR) -> str:
        """The address that the entry gets below those bodies."""
        around = self.around
        bodies = [self.body(*step, above[:depth]) for depth, step in enumerate(above)]
        around.above = (*reversed(bodies), entry(ORGS, ou="orgs"))
        self.rules.complete_add(made, around, by)
        around.held.update((*made.texts("mail"), *made.texts("mailLocalAddress")))
        return made.text("mail") or ""

    def _has_mailbox(self, kind: str) -> bool:
        return any(rules.kind == kind for rules in self.pack.mailboxes.values())
