"""Get effective rights, as 389 Directory Server's clients and OpenLDAP's tools ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec.controls.effective_rights import (
    RightsQuestion,
    decode_rights_question,
    encode_rights_question,
)
from govdir.ldap.codec.controls.oids import EFFECTIVE_RIGHTS
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control
from tests.ldap.codec import strategies


def test_a_question_about_one_attribute_is_these_octets() -> None:
    question = RightsQuestion("dn:o=x", ("mail",))
    control = Control(
        EFFECTIVE_RIGHTS, True, bytes.fromhex("3010" + "0406646e3a6f3d78" + "3006" + "04046d61696c")
    )

    assert encode_rights_question(question) == control
    assert decode_rights_question(control) == question


@pytest.mark.parametrize(
    ("value", "question"),
    [
        (b"", RightsQuestion()),
        (b"dn:", RightsQuestion("dn:")),
        (b"dn:uid=an,o=x", RightsQuestion("dn:uid=an,o=x")),
        (bytes.fromhex("30020400"), RightsQuestion()),
        (bytes.fromhex("300404003000"), RightsQuestion()),
    ],
)
def test_a_bare_identity_and_a_list_left_out_are_understood(value: bytes, question: RightsQuestion) -> None:
    assert decode_rights_question(Control(EFFECTIVE_RIGHTS, False, value)) == question


@given(st.builds(RightsQuestion, strategies.texts, st.lists(strategies.texts, max_size=4).map(tuple)))
def test_decoding_undoes_encoding(question: RightsQuestion) -> None:
    assert decode_rights_question(encode_rights_question(question)) == question


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "controlValue is missing"),
        (b"\x30\x00", "authzId: missing"),
        (b"\x30\x02\x04\x00\x00", "octets left over"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_malformed_question_is_refused(value: bytes | None, why: str) -> None:
    with pytest.raises(DecodeError, match=why):
        decode_rights_question(Control(EFFECTIVE_RIGHTS, True, value))


@given(st.binary(max_size=20))
def test_any_value_is_a_question_or_a_decode_error(value: bytes) -> None:
    try:
        decode_rights_question(Control(EFFECTIVE_RIGHTS, False, value))
    except DecodeError:
        return
