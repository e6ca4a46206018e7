"""What a sample directory is made of: content records, as LDIF would write them."""

from __future__ import annotations

from msgspec import Struct


class SampleEntry(Struct, frozen=True):
    """One entry to be added: its name and its user attributes, in the order of an LDIF record.

    `attributes` are (description, value) pairs, several for an attribute of several values; object classes
    come first. A person's name begins with `uid=*`: the directory derives the uid, as it derives every mail
    address that is not given.
    """

    dn: str
    attributes: tuple[tuple[str, str], ...]

    def values(self, description: str) -> tuple[str, ...]:
        """The values of that attribute, spelled as the sample spells it; empty when it has none."""
        return tuple(value for name, value in self.attributes if name == description)
