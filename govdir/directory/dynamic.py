"""Operational attributes that are worked out when read instead of being stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from govdir.directory.image import Image, Record
from govdir.directory.shared_use import boxes_of

SUBSCHEMA_DN = b"cn=subschema"


def _entry_dn(_image: Image, record: Record) -> list[bytes]:
    return [record.dn]


def _has_subordinates(_image: Image, record: Record) -> list[bytes]:
    return [b"TRUE" if record.children else b"FALSE"]


def _num_subordinates(_image: Image, record: Record) -> list[bytes]:
    return [b"%d" % len(record.children or ())]


def _subschema_subentry(_image: Image, _record: Record) -> list[bytes]:
    return [SUBSCHEMA_DN]


def _member_of(image: Image, record: Record) -> list[bytes]:
    index = image.indexes["member"]
    if not index.table:
        return []
    return sorted(holder.dn for holder in index.get(record.dn_key.encode()))


def _shared_groups(image: Image, record: Record) -> list[bytes]:
    groups = {group for box in boxes_of(image, record) for group in box.values("gdaclgroups")}
    return [b",".join(sorted(groups))] if groups else []


def _member_address(image: Image, record: Record) -> list[bytes]:
    return image.reached_by(record)


def _account(key: str) -> Callable[[Image, Record], list[bytes]]:
    return lambda image, record: image.account_facts(key, record)


def _policy(image: Image, record: Record) -> list[bytes]:
    return record.values(_POLICY) or image.account_facts(_POLICY, record)


_POLICY: Final = "pwdpolicysubentry"

# By attribute key: RFC 5020, X.501, RFC 4512 §4.2, memberOf of the lists that name the entry, and the groups
# by which a mail server lets somebody into shared mailboxes; whom letters to a list reach; the policy
# and the logins of accounts (account_facts).
DYNAMIC: Mapping[str, Callable[[Image, Record], list[bytes]]] = {
    "entrydn": _entry_dn,
    "hassubordinates": _has_subordinates,
    "numsubordinates": _num_subordinates,
    "subschemasubentry": _subschema_subentry,
    "memberof": _member_of,
    "gdmemberaddress": _member_address,
    "gdsharedgroups": _shared_groups,
    _POLICY: _policy,
    "pwdlastsuccess": _account("pwdlastsuccess"),
    "pwdfailuretime": _account("pwdfailuretime"),
    "pwdaccounttmplockoutend": _account("pwdaccounttmplockoutend"),
}

SETTABLE: Final = frozenset({_POLICY})
"""Worked out only where nobody has set them by hand."""

ONLY_BY_NAME: Final = frozenset({"gdmemberaddress"})
"""Too long for whoever asks for all operational attributes ("+")."""
