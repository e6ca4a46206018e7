"""The values of RFC 5805, both directions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import transactions
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control, ExtendedRequest, LdapResult
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.transactions import EndTransaction, TransactionEnded, UpdateControls

numbers = st.integers(0, 2**31 - 1)
some_controls = st.lists(
    st.builds(Control, st.sampled_from(["1.3.6.1.1.13.2", "2.5"]), st.booleans(), st.none() | st.binary()),
    max_size=3,
).map(tuple)
outcomes = st.builds(
    TransactionEnded,
    st.none() | numbers,
    st.lists(st.builds(UpdateControls, numbers, some_controls), max_size=3).map(tuple),
)


def test_ending_a_transaction_is_these_octets() -> None:
    assert transactions.end_transaction_request(EndTransaction(b"ab")) == ExtendedRequest(
        "1.3.6.1.1.21.3", b"\x30\x04\x04\x02ab"
    )
    assert transactions.end_transaction_request(EndTransaction(b"ab", commit=False)) == ExtendedRequest(
        "1.3.6.1.1.21.3", b"\x30\x07\x01\x01\x00\x04\x02ab"
    )
    assert transactions.decode_end_transaction(b"\x30\x07\x01\x01\xff\x04\x02ab") == EndTransaction(b"ab")


def test_what_came_of_one_is_these_octets() -> None:
    failed = transactions.end_transaction_response(
        LdapResult(ResultCode.ENTRY_ALREADY_EXISTS), TransactionEnded(3)
    )
    assert (failed.name, failed.value) == (None, b"\x30\x03\x02\x01\x03")
    told = TransactionEnded(None, (UpdateControls(5, (Control("1.2", False, b"v"),)),))
    done = transactions.end_transaction_response(LdapResult(ResultCode.SUCCESS), told)
    assert done.value == b"\x30\x13\x30\x11\x30\x0f\x02\x01\x05\x30\x0a\x30\x08\x04\x031.2\x04\x01v"
    assert transactions.decode_transaction_ended(done.value) == told


def test_there_is_no_value_when_there_is_nothing_to_tell() -> None:
    done = transactions.end_transaction_response(LdapResult(ResultCode.SUCCESS), TransactionEnded())
    assert done.value is None


def test_the_notice_is_unsolicited_and_names_the_transaction() -> None:
    notice = transactions.aborted_transaction(ResultCode.TIME_LIMIT_EXCEEDED, "too long", b"ab")
    assert decode_message(encode_message(notice)) == notice
    assert notice.message_id == 0
    assert b"\x8a\x0e1.3.6.1.1.21.4\x8b\x02ab" in encode_message(notice)


@given(st.binary(), st.booleans())
def test_decoding_an_end_undoes_encoding(identifier: bytes, commit: bool) -> None:
    end = EndTransaction(identifier, commit)
    assert transactions.decode_end_transaction(transactions.end_transaction_request(end).value) == end


@given(outcomes)
def test_decoding_an_outcome_undoes_encoding(ended: TransactionEnded) -> None:
    response = transactions.end_transaction_response(LdapResult(ResultCode.SUCCESS), ended)
    assert transactions.decode_transaction_ended(response.value) == ended


@given(st.none() | st.binary(max_size=24))
def test_any_value_is_understood_or_a_decode_error(value: bytes | None) -> None:
    for decode in (transactions.decode_end_transaction, transactions.decode_transaction_ended):
        try:
            decode(value)
        except DecodeError as error:
            assert error.why  # noqa: PT017 (either outcome is right)


@pytest.mark.parametrize("value", [None, b"", b"\x30\x00", b"\x30\x02\x04\x00\x00", b"\x04\x02ab"])
def test_an_end_without_an_identifier_is_refused(value: bytes | None) -> None:
    with pytest.raises(DecodeError):
        transactions.decode_end_transaction(value)


def test_a_start_has_no_value() -> None:
    transactions.check_start_transaction(transactions.start_transaction_request().value)
    with pytest.raises(DecodeError):
        transactions.check_start_transaction(b"")
