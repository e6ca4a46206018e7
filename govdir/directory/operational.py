"""The operational attributes the server keeps on every entry (RFC 4512 §3.4, RFC 4530, draft entryCSN)."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from functools import lru_cache

from govdir.directory.entry import Attributes
from govdir.schema.times import format_generalized_time


@lru_cache(maxsize=4)
def timestamp(moment: datetime) -> bytes:
    """GeneralizedTime in UTC to the second."""
    return format_generalized_time(moment.replace(microsecond=0)).encode("ascii")


@lru_cache(maxsize=4)
def change_sequence_number(moment: datetime) -> bytes:
    """An entryCSN: time to the microsecond, then count, server and modification numbers."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S.%fZ#000000#000#000000").encode("ascii")


def stamp_new(attributes: Attributes, actor: str, moment: datetime) -> None:
    """What a new entry gets; an entryUUID, creator or creation time already there (an import) is kept."""
    at, by = timestamp(moment), actor.encode()
    attributes.replace("structuralObjectClass", (attributes.class_set.structural.name,))
    if "entryUUID" not in attributes:
        attributes.replace("entryUUID", (str(uuid.uuid4()),))
    if "creatorsName" not in attributes:
        attributes.replace("creatorsName", (by,))
    if "createTimestamp" not in attributes:
        attributes.replace("createTimestamp", (at,))
    stamp_change(attributes, actor, moment)


def stamp_change(attributes: Attributes, actor: str, moment: datetime) -> None:
    """What every change leaves."""
    attributes.replace("modifiersName", (actor.encode(),))
    attributes.replace("modifyTimestamp", (timestamp(moment),))
    attributes.replace("entryCSN", (change_sequence_number(moment),))
