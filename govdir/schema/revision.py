"""When the schema last changed: known from its content, so every process and node says the same.

Clients keep what they read of the subschema until `modifyTimestamp` is another one (RFC 4512 §4.2).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from govdir.schema.registry import Schema

CREATED: Final = datetime(2026, 11, 21, tzinfo=UTC)

# The content published since `RECORDED_AT`. A test tells what to write here when a definition has changed.
RECORDED_DIGEST: Final = "1bc5715a75a9e68f"
RECORDED_AT: Final = datetime(2026, 11, 22, tzinfo=UTC)


def digest_of(schema: Schema) -> str:
    """A short digest of all that the subschema publishes."""
    content = sha256()
    for name, texts in schema.subschema_values().items():
        content.update("\n".join((name, *texts, "")).encode())
    return content.hexdigest()[:16]


def changed_at(schema: Schema) -> datetime:
    """When the content came to be, aware and in whole seconds.

    What is not recorded, definitions of one's own, is given a moment of the following day by its digest.
    """
    digest = digest_of(schema)
    if digest == RECORDED_DIGEST:
        return RECORDED_AT
    return RECORDED_AT + timedelta(days=1, seconds=int(digest, 16) % 86_400)
