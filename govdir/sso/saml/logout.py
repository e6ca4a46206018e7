"""Single logout (core §3.7): LogoutRequest and LogoutResponse, read and written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree

from govdir.sso.saml import encryption, schemas
from govdir.sso.saml.errors import DecryptionRefused, MalformedMessage
from govdir.sso.saml.keys import SigningKey
from govdir.sso.saml.model import LogoutRequest, LogoutResponse, NameId
from govdir.sso.saml.names import saml, samlp
from govdir.sso.saml.parts import (
    add_name_id,
    add_status,
    child,
    expect,
    read_head,
    read_name_id,
    read_status,
    start,
    text_of,
)
from govdir.sso.saml.values import read_time, said, write_time

MAX_SESSION_INDEXES: Final = 100
"""SessionIndex elements of a LogoutRequest; browsers have one session, people a handful."""


def read_logout_request(root: etree._Element, keys: Sequence[SigningKey]) -> LogoutRequest:
    """The request that `signatures.verified` or `xml.parse` gave; `keys` are ours, for an EncryptedID.

    Call it only when the signature was checked: whoever may have anything decrypted can ask, by trying, what
    others' encrypted names hold. Raises MalformedMessage, DecryptionRefused.
    """
    expect(root, samlp("LogoutRequest"))
    schemas.check(root)
    head = read_head(root)
    not_on_or_after = said(root.get("NotOnOrAfter"))
    indexes = tuple(text_of(index) for index in root.iterchildren(samlp("SessionIndex")))
    if len(indexes) > MAX_SESSION_INDEXES:
        raise MalformedMessage("too many SessionIndexes")
    return LogoutRequest(
        id=head.id,
        issuer=head.issuer,
        issued_at=head.issued_at,
        name_id=_subject(root, keys),
        destination=head.destination,
        not_on_or_after=None if not_on_or_after is None else read_time(not_on_or_after),
        reason=said(root.get("Reason")),
        session_indexes=indexes,
    )


def read_logout_response(root: etree._Element) -> LogoutResponse:
    """The response that `signatures.verified` or `xml.parse` gave. Raises MalformedMessage."""
    expect(root, samlp("LogoutResponse"))
    schemas.check(root)
    head = read_head(root)
    status = root.find(samlp("Status"))
    if status is None:
        raise MalformedMessage("there is no Status")
    return LogoutResponse(
        id=head.id,
        issuer=head.issuer,
        issued_at=head.issued_at,
        status=read_status(status),
        in_response_to=said(root.get("InResponseTo")),
        destination=head.destination,
    )


def logout_request(request: LogoutRequest) -> etree._Element:
    """The message, not signed yet."""
    ends = request.not_on_or_after
    message = start(
        "LogoutRequest",
        request.id,
        request.issuer,
        request.issued_at,
        {
            "Destination": request.destination,
            "NotOnOrAfter": None if ends is None else write_time(ends),
            "Reason": request.reason,
        },
    )
    add_name_id(message, request.name_id)
    for index in request.session_indexes:
        child(message, samlp("SessionIndex"), index)
    return message


def logout_response(response: LogoutResponse) -> etree._Element:
    """The message, not signed yet."""
    message = start(
        "LogoutResponse",
        response.id,
        response.issuer,
        response.issued_at,
        {"Destination": response.destination, "InResponseTo": response.in_response_to},
    )
    add_status(message, response.status)
    return message


def _subject(root: etree._Element, keys: Sequence[SigningKey]) -> NameId:
    """Who is meant, by NameID or EncryptedID; a BaseID has no meaning of its own (core §2.2.1)."""
    plain = root.find(saml("NameID"))
    if plain is not None:
        return read_name_id(plain)
    encrypted = root.find(saml("EncryptedID"))
    if encrypted is None:
        raise MalformedMessage("the subject is named by neither NameID nor EncryptedID")
    decrypted = encryption.decrypt(encrypted, keys)
    try:
        expect(decrypted, saml("NameID"))
        schemas.check(decrypted)
        return read_name_id(decrypted)
    except MalformedMessage:
        # what the decrypted text looks like is nobody's business but its writer's
        raise DecryptionRefused("what is encrypted cannot be read") from None
