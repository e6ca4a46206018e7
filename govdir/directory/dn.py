"""Distinguished names (RFC 4514) as values: equality and hash both come from the normalised key."""

from __future__ import annotations

from functools import cached_property

from govdir.directory.errors import InvalidDn
from govdir.ldap.codec import ber
from govdir.schema.dn_text import Rdn, escape_value, rdn_key, split_dn
from govdir.schema.errors import InvalidName
from govdir.schema.registry import Schema


class Dn:
    """A name: its RDNs as written, the entry's own first, and the normalised key of each.

    Names that distinguishedNameMatch takes for equal are equal, and hash alike.
    """

    __slots__ = ("__dict__", "keys", "rdns")

    def __init__(self, rdns: tuple[Rdn, ...], keys: tuple[str, ...]) -> None:
        self.rdns = rdns
        self.keys = keys

    @classmethod
    def parse(cls, text: str, schema: Schema) -> Dn:
        """Reads RFC 4514 text; raises InvalidDn saying what is wrong."""
        try:
            rdns = tuple(split_dn(text))
            return cls(rdns, tuple(rdn_key(rdn, schema) for rdn in rdns))
        except InvalidName as error:
            raise InvalidDn(f"invalid DN: {error.why}") from None

    @property
    def key(self) -> str:
        """The normalised name as text."""
        return ",".join(self.keys)

    @property
    def parent(self) -> Dn:
        """The name without its first RDN; the empty name for an empty or single-RDN one."""
        return Dn(self.rdns[1:], self.keys[1:])

    @property
    def rdn(self) -> Rdn:
        """The entry's own RDN; must not be asked of the empty name."""
        return self.rdns[0]

    def below(self, suffix: Dn) -> tuple[str, ...] | None:
        """The keys under `suffix`, the topmost first; () for the suffix itself, None for names outside."""
        depth = len(suffix.keys)
        if len(self.keys) < depth or self.keys[len(self.keys) - depth :] != suffix.keys:
            return None
        return self.keys[: len(self.keys) - depth][::-1]

    @classmethod
    def path_below(cls, name: str | bytes, suffix: Dn, schema: Schema) -> tuple[str, ...] | None:
        """The same of a name as it stands in an attribute; None also for what is no name."""
        try:
            return cls.parse(name if isinstance(name, str) else name.decode(), schema).below(suffix)
        except (InvalidDn, UnicodeDecodeError):
            return None

    def __bool__(self) -> bool:
        return bool(self.keys)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dn) and self.keys == other.keys

    def __hash__(self) -> int:
        return hash(self.keys)

    @cached_property
    def text(self) -> str:
        """RFC 4514 text in the case written."""
        return ",".join(rdn_text(rdn) for rdn in self.rdns)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Dn({self.text!r})"


def rdn_text(rdn: Rdn) -> str:
    """One RDN as RFC 4514 text; octets that are no UTF-8 in the #hex form."""
    return "+".join(f"{name}={_value_text(value)}" for name, value in rdn)


def _value_text(value: bytes) -> str:
    try:
        return escape_value(value.decode())
    except UnicodeDecodeError:
        return "#" + ber.octet_string(value).hex()
