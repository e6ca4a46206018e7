"""Name identifiers: by which name a service provider learns to know somebody (core §8.3)."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from govdir.sso.accounts import Account
from govdir.sso.model import Session
from govdir.sso.saml.model import NameId, NameIdFormat, NameIdPolicy

_PURPOSE: Final = b"govdir: name identifiers"
_SEPARATOR: Final = b"\x00"  # stands in no entity id and no entryUUID: no two pairs make the same octets


class UnsuitablePolicy(Exception):
    """NameIDPolicy asks for what is not issued, or not to this service provider (InvalidNameIDPolicy)."""


class NoAddress(Exception):
    """The name would be the account's address, and it has none."""


class NameIds:
    """Makes names. Persistent ones are another for each service provider and the same for ever: worked out
    from the entryUUID and a secret, so that nothing is stored and nobody can turn them back."""

    def __init__(self, secret: bytes, entity_id: str) -> None:
        self._key = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret)
        self._entity_id = entity_id

    def pairwise(self, service: str, entry_uuid: str) -> str:
        """The persistent identifier: 64 hexadecimal digits (core §8.3.7 allows 256 characters)."""
        return self._digest(b"persistent", service.encode(), entry_uuid.lower().encode())

    def name_id(self, format_: str, service: str, account: Account, session: Session | None) -> NameId:
        """The name in this format for the service provider with that entity id.

        A transient one lasts as long as the session's id: a repeated answer has the same and needs no write.
        `session` None: an example, for showing. Raises NoAddress.
        """
        match format_:
            case NameIdFormat.PERSISTENT:
                value = self.pairwise(service, account.entry_uuid)
                return NameId(value, format_, self._entity_id, service)
            case NameIdFormat.TRANSIENT:
                key = b"" if session is None else session.key
                value = "_" + self._digest(b"transient", service.encode(), key)
                return NameId(value, format_, self._entity_id, service)
        if not account.address:
            raise NoAddress
        return NameId(account.address, format_)

    def _digest(self, *parts: bytes) -> str:
        return hmac.new(self._key, _SEPARATOR.join(parts), sha256).hexdigest()


def format_of_metadata(listed: Collection[str]) -> str:
    """What a service provider is to be called by that lists these formats: by addresses, unless it lists
    persistent names and no addresses.

    The list is in no order of preference (metadata §2.4.1). Transient names alone change nothing: software
    lists them whose administrator never chose, and nobody could be recognised.
    """
    lists_addresses = NameIdFormat.EMAIL in listed or NameIdFormat.UNSPECIFIED in listed
    if NameIdFormat.PERSISTENT in listed and not lists_addresses:
        return NameIdFormat.PERSISTENT
    return NameIdFormat.EMAIL


def format_for(policy: NameIdPolicy | None, service: str, usual: str, *, may_know_address: bool) -> str:
    """The format to answer in: the one asked for, else the service provider's `usual` one.

    One that is called by addresses may ask for any other; one that is not gets an address only if it is told
    it anyway (`may_know_address`). Raises UnsuitablePolicy, also for names of affiliations.
    """
    asked = None if policy is None else policy.format
    if policy is not None and policy.sp_name_qualifier not in (None, service):
        raise UnsuitablePolicy("SPNameQualifier names another")
    if asked is None or asked == NameIdFormat.UNSPECIFIED:
        return usual
    if asked in (NameIdFormat.PERSISTENT, NameIdFormat.TRANSIENT):
        return asked
    if asked == NameIdFormat.EMAIL and (
        may_know_address or usual in (NameIdFormat.EMAIL, NameIdFormat.UNSPECIFIED)
    ):
        return asked
    raise UnsuitablePolicy("Format is not issued to this service provider")


def is_same_name(said: NameId, held: NameId) -> bool:
    """Whether a message means the name that was given: some leave out format and qualifiers, none may give
    others."""
    if said.value != held.value or said.format not in (held.format, NameIdFormat.UNSPECIFIED):
        return False
    return said.name_qualifier in (None, held.name_qualifier) and said.sp_name_qualifier in (
        None,
        held.sp_name_qualifier,
    )
