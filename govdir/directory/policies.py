"""Which password policy is in force for an entry: the regulation's with what its policy entry says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import structs

from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidDn
from govdir.directory.image import Image, Record
from govdir.directory.password_policy import PasswordPolicy
from govdir.directory.policy_entries import POLICY_CLASS, in_force
from govdir.directory.rules import PasswordRules

CONTAINER: Final = "ou=policies"
"""The normalised RDN of the container of policy entries, right below the suffix."""

# So many kinds and policies are few; past this many the memory starts anew.
_MAX_REMEMBERED: Final = 256


class Policies:
    """The password rules of a directory with its policy entries; implements directory.rules.PasswordRules.

    The policy of an entry is the one its pwdPolicySubentry names; else, or when that is none, the entry
    `cn=<kind>` below ou=policies; else what the regulation and the settings say. Policies are looked up on
    the image each time, so a change works from the moment at which a process has it: `changed` is called, and
    `era` is another number.
    """

    def __init__(
        self,
        image: Image,
        rules: PasswordRules,
        path_of: Callable[[str], tuple[str, ...] | None],
        changed: Callable[[], None],
    ) -> None:
        self._image = image
        self._rules = rules
        self._path_of = path_of
        self._changed = changed
        self.era = 0
        self._known: dict[tuple[PasswordPolicy, int, int, bool], PasswordPolicy] = {}
        image.watchers.append(self._look_at)
        image.farewells.append(self._look_at)

    def _look_at(self, record: Record) -> None:
        if POLICY_CLASS in record.shape.classes:
            self.era += 1
            self._known.clear()  # by versions, and what is only tried out has that of what is stored
            self._changed()

    def policy(self, attributes: Attributes) -> PasswordPolicy | None:
        """The policy in force; None for services, unless they are given one by hand."""
        base = self._rules.policy(attributes)
        record = self.entry_of(attributes)
        if record is None:
            return base
        if base is None:
            base = _NOTHING_ASKED
        regulated = "gdmailbox" in attributes.object_classes
        key = (base, record.id, record.version, regulated)
        held = self._known.get(key)
        if held is None:
            held = in_force(base, record.shape.attributes(record.body))
            if regulated:  # what the regulation asks of a password is asked, whatever an entry says
                held = structs.replace(held, check_quality=2)
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = held
        return held

    def seconds_of(self, attributes: Attributes) -> int:
        """How long the policy entry lets a password last, 0: no end of its own."""
        policy = self.policy(attributes)
        return 0 if policy is None else policy.max_age_seconds

    def entry_of(self, attributes: Attributes) -> Record | None:
        """The policy entry in force; None where there is none."""
        named = attributes.text("pwdPolicySubentry")
        if named is not None:
            record = self.find(named)
            if record is not None:
                return record
        name = self._rules.policy_name(attributes)
        return None if name is None else self._policy_at((CONTAINER, f"cn={name}"))

    def find(self, dn: str) -> Record | None:
        """The policy entry of that name, None where it is no policy's."""
        try:
            path = self._path_of(dn)
        except InvalidDn:
            return None
        return None if path is None else self._policy_at(path)

    def _policy_at(self, path: tuple[str, ...]) -> Record | None:
        record = self._image.find(path)
        return record if record is not None and POLICY_CLASS in record.shape.classes else None

    def policy_name(self, attributes: Attributes) -> str | None:
        """See PasswordRules."""
        return self._rules.policy_name(attributes)

    def check(self, candidate: str, attributes: Attributes) -> None:
        """See PasswordRules."""
        self._rules.check(candidate, attributes)

    def generate(self, attributes: Attributes, least: int = 0) -> str:
        """See PasswordRules; as long as the policy in force asks for, too."""
        policy = self.policy(attributes)
        return self._rules.generate(attributes, max(least, policy.min_length if policy else 0))


_NOTHING_ASKED: Final = PasswordPolicy(
    history_length=0, must_change_after_reset=False, expire_warning_seconds=0
)
"""What holds for a service that is given a policy by hand, beside that."""
