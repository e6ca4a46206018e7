"""The root DSE (RFC 4512 §5.1): where things are, and what this server can do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from govdir.directory.static import StaticEntry
from govdir.ldap.server.subschema import SUBSCHEMA_NAME

VENDOR_NAME: Final = "govdir"
MONITOR_NAME: Final = "cn=monitor"
SUPPORTED_FEATURES: Final = (
    "1.3.6.1.1.14",  # Modify-Increment, RFC 4525
    "1.3.6.1.4.1.4203.1.5.1",  # All Operational Attributes "+", RFC 3673
    "1.3.6.1.4.1.4203.1.5.2",  # Requesting Attributes by Object Class "@class", RFC 4529
    "1.3.6.1.4.1.4203.1.5.3",  # True/False filters, RFC 4526
    "1.3.6.1.4.1.4203.1.5.4",  # Language Tag Options, RFC 3866
    "1.3.6.1.4.1.4203.1.5.5",  # Language Range Options, RFC 3866
)


class Abilities(Struct, frozen=True):
    """What one server can do: the suffix it holds, OIDs of extended operations and controls, its version."""

    suffix: str
    extensions: tuple[str, ...]
    controls: tuple[str, ...]
    vendor_version: str


def root_dse(abilities: Abilities, mechanisms: Iterable[str], *, monitored: bool) -> StaticEntry:
    """The entry as one connection sees it: `mechanisms` are those of SASL that work on it now, `monitored` is
    whether cn=monitor is there for it.

    Whatever it names exists for whoever reads it: clients look every name up.
    """
    told = (
        ("objectClass", ("top",)),
        ("namingContexts", (abilities.suffix,)),
        ("monitorContext", (MONITOR_NAME,) if monitored else ()),
        ("subschemaSubentry", (SUBSCHEMA_NAME,)),
        ("supportedControl", sorted(abilities.controls)),
        ("supportedExtension", sorted(abilities.extensions)),
        ("supportedFeatures", SUPPORTED_FEATURES),
        ("supportedLDAPVersion", ("3",)),
        ("supportedSASLMechanisms", sorted(mechanisms)),
        ("vendorName", (VENDOR_NAME,)),
        ("vendorVersion", (abilities.vendor_version,)),
    )
    return StaticEntry(None, "", [(name, [each.encode() for each in values]) for name, values in told])
