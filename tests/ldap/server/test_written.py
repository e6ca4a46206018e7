"""What is answered to a change: its entry before and after, and noOperation where it was only tried."""

from __future__ import annotations

from govdir.directory.options import Written
from govdir.ldap.codec.encode import encode_message, entry_content
from govdir.ldap.codec.messages import AddResponse, Attribute, Control, LdapMessage, ModifyResponse
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.operations.written import answer_of

CONTENT = entry_content("cn=a", [Attribute("cn", (b"a",))])
ENTRY = b"\x64" + bytes((len(CONTENT),)) + CONTENT


def test_a_plain_change_is_a_plain_success() -> None:
    answer = answer_of(Written("cn=a"), ModifyResponse)

    assert encode_message(LdapMessage(3, answer.response, answer.controls)) == bytes.fromhex(
        "300c" + "020103" + "6707" + "0a0100" + "0400" + "0400"
    )


def test_the_entry_before_and_after_go_with_the_result() -> None:
    answer = answer_of(Written("cn=a", CONTENT, CONTENT), ModifyResponse)

    assert answer.response.result.code is ResultCode.SUCCESS
    assert answer.controls == (
        Control("1.3.6.1.1.13.1", False, ENTRY),
        Control("1.3.6.1.1.13.2", False, ENTRY),
    )


def test_what_was_only_tried_is_no_operation_and_tells_what_would_have_been() -> None:
    answer = answer_of(Written("cn=a", after=CONTENT, performed=False), AddResponse, "stored as cn=a")

    result = answer.response.result
    assert (result.code, result.matched_dn) == (16654, "")
    assert result.diagnostic_message == "nothing was changed; it could have been: stored as cn=a"
    assert answer.controls == (Control("1.3.6.1.1.13.2", False, ENTRY),)
    message = encode_message(LdapMessage(3, answer.response))
    assert bytes.fromhex("0a02410e") in message
