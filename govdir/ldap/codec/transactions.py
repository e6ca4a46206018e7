"""Transactions (RFC 5805): the values of the two extended operations and of the notice, both directions.

The control that puts an update into a transaction has the identifier for its value, as it is.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.decode import decode_controls
from govdir.ldap.codec.encode import encode_control
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import Control, ExtendedRequest, ExtendedResponse, LdapMessage, LdapResult
from govdir.ldap.codec.result_codes import ResultCode

START_TRANSACTION: Final = "1.3.6.1.1.21.1"
END_TRANSACTION: Final = "1.3.6.1.1.21.3"
ABORTED_TRANSACTION: Final = "1.3.6.1.1.21.4"


class EndTransaction(Struct, frozen=True):
    """RFC 5805 §2.3: which one, and whether what was collected is to be made (False: forgotten)."""

    identifier: bytes
    commit: bool = True


class UpdateControls(Struct, frozen=True):
    """The response controls of the update with this message id."""

    message_id: int
    controls: tuple[Control, ...]


class TransactionEnded(Struct, frozen=True):
    """RFC 5805 §2.4: the message id of the update that failed, None on success; response controls."""

    message_id: int | None = None
    updates: tuple[UpdateControls, ...] = ()


def start_transaction_request() -> ExtendedRequest:
    """A request for a new transaction."""
    return ExtendedRequest(START_TRANSACTION)


def check_start_transaction(value: bytes | None) -> None:
    """Raises DecodeError unless the requestValue is absent (RFC 5805 §2.1)."""
    if value is not None:
        raise DecodeError("Start Transaction: requestValue must be absent")


def start_transaction_response(identifier: bytes) -> ExtendedResponse:
    """The answer that gives the identifier; its name is absent (RFC 5805 §2.1)."""
    return ExtendedResponse(LdapResult(ResultCode.SUCCESS), value=identifier)


def end_transaction_request(end: EndTransaction) -> ExtendedRequest:
    """The request that settles a transaction."""
    commit = b"" if end.commit else ber.boolean(False)
    return ExtendedRequest(END_TRANSACTION, ber.sequence(commit, ber.octet_string(end.identifier)))


def decode_end_transaction(value: bytes | None) -> EndTransaction:
    """The requestValue; raises DecodeError."""
    if value is None:
        raise DecodeError("End Transaction: requestValue is missing")
    fields = ber.only_sequence(value, "txnEndReq")
    commit = fields.boolean(ber.BOOLEAN, "commit") if fields.next_tag() == ber.BOOLEAN else True
    identifier = fields.octets(ber.OCTET_STRING, "identifier")
    fields.expect_end("txnEndReq")
    return EndTransaction(identifier, commit)


def end_transaction_response(result: LdapResult, ended: TransactionEnded) -> ExtendedResponse:
    """The answer to a settled transaction; without a value when there is nothing to tell besides the result
    (RFC 5805 §2.4)."""
    message_id = b"" if ended.message_id is None else ber.integer(ended.message_id)
    updates = b"".join(
        ber.sequence(ber.integer(each.message_id), ber.sequence(*map(encode_control, each.controls)))
        for each in ended.updates
    )
    content = message_id + (ber.sequence(updates) if updates else b"")
    return ExtendedResponse(result, value=ber.sequence(content) if content else None)


def decode_transaction_ended(value: bytes | None) -> TransactionEnded:
    """What came of a transaction, as a client reads it; raises DecodeError."""
    if value is None:
        return TransactionEnded()
    fields = ber.only_sequence(value, "txnEndRes")
    message_id = fields.integer(ber.INTEGER, "messageID") if fields.next_tag() == ber.INTEGER else None
    updates = []
    listed = fields.enter(ber.SEQUENCE, "updatesControls") if not fields.at_end else None
    fields.expect_end("txnEndRes")
    while listed is not None and not listed.at_end:
        update = listed.enter(ber.SEQUENCE, "updateControls")
        number = update.integer(ber.INTEGER, "messageID")
        controls = decode_controls(update.enter(ber.SEQUENCE, "controls"), AFTER_BIND)
        update.expect_end("updateControls")
        updates.append(UpdateControls(number, controls))
    return TransactionEnded(message_id, tuple(updates))


def aborted_transaction(code: ResultCode, diagnostic: str, identifier: bytes) -> LdapMessage:
    """The unsolicited notification that a transaction is over with nothing done (RFC 5805 §2.5)."""
    result = LdapResult(code, "", diagnostic)
    return LdapMessage(0, ExtendedResponse(result, ABORTED_TRANSACTION, identifier))
