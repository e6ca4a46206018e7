"""LDIF (RFC 2849), all of it under one name; the parts are in ldif_records, ldif_read and ldif_write."""

from __future__ import annotations

from govdir.ldap.codec.ldif_line import ReadUrl
from govdir.ldap.codec.ldif_read import parse_ldif
from govdir.ldap.codec.ldif_records import ChangeRecord, ContentRecord, LdifError, grouped
from govdir.ldap.codec.ldif_write import VERSION_LINE, write_change, write_entry

__all__ = [
    "VERSION_LINE",
    "ChangeRecord",
    "ContentRecord",
    "LdifError",
    "ReadUrl",
    "grouped",
    "parse_ldif",
    "write_change",
    "write_entry",
]
