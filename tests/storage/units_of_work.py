"""Builders of write units, valid by default; a test overrides what it is about."""

from __future__ import annotations

from govdir.directory.ports import (
    ChangeRecord,
    ClaimAddress,
    InsertEntry,
    Operation,
    ReplaceEntry,
    WriteUnit,
)

AT = 1_700_000_000_000_000


def change(kind: str = "add", dn: str = "dc=vn") -> ChangeRecord:
    return ChangeRecord(
        kind=kind, dn=dn, entry_uuid="uuid", actor="cn=admin,dc=vn", at=AT, detail="changetype: add\n"
    )


def unit(*operations: Operation, kind: str = "add") -> WriteUnit:
    return WriteUnit(operations, change(kind))


def insert(
    parent_id: int | None, name: str, *, shape: str = "person", secrets: bytes | None = None
) -> InsertEntry:
    return InsertEntry(
        parent_id=parent_id,
        rdn=f"UID={name}",
        rdn_key=f"uid={name}",
        shape=shape,
        body=f"body of {name}".encode(),
        secrets=secrets,
        keys=b"\x00keys",
    )


def replace(
    entry_id: int,
    version: int,
    parent_id: int | None,
    name: str,
    *,
    body: bytes = b"new body",
    shape: str = "person",
) -> ReplaceEntry:
    return ReplaceEntry(
        id=entry_id,
        expected_version=version,
        parent_id=parent_id,
        rdn=f"UID={name}",
        rdn_key=f"uid={name}",
        shape=shape,
        body=body,
        secrets=b"hash",
        keys=b"",
    )


def add_person(parent_id: int, name: str) -> WriteUnit:
    return unit(insert(parent_id, name), ClaimAddress(f"{name}@vn", "mail", None))
