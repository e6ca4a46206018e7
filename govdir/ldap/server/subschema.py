"""The subschema subentry (RFC 4512 §4.2): what every attribute, class and rule is."""

from __future__ import annotations

from typing import Final

from govdir.directory.static import StaticEntry
from govdir.schema.registry import Schema
from govdir.schema.revision import CREATED, changed_at

SUBSCHEMA_NAME: Final = "cn=subschema"


def subschema_entry(schema: Schema) -> StaticEntry:
    """The entry; its times let clients keep what they read (RFC 4512 §4.2, last paragraph)."""
    texts = schema.subschema_values()
    return StaticEntry(
        None,
        SUBSCHEMA_NAME,
        (
            ("objectClass", (b"top", b"subentry", b"subschema", b"extensibleObject")),
            ("cn", (b"subschema",)),
            ("subtreeSpecification", (b"{}",)),
            ("structuralObjectClass", (b"subentry",)),
            ("createTimestamp", (CREATED.strftime("%Y%m%d%H%M%SZ").encode(),)),
            ("modifyTimestamp", (changed_at(schema).strftime("%Y%m%d%H%M%SZ").encode(),)),
            *((name, [value.encode() for value in values]) for name, values in texts.items()),
        ),
    )
