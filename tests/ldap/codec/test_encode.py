"""The functions a search is answered with give the same octets as the general encoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import encode
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.result_codes import ResultCode
from tests.ldap.codec import strategies


@given(strategies.message_ids, strategies.dns, strategies.attribute_lists)
def test_a_wrapped_entry_is_the_encoded_message(
    message_id: int, name: str, attributes: tuple[m.Attribute, ...]
) -> None:
    message = m.LdapMessage(message_id, m.SearchResultEntry(name, attributes))

    assert encode.search_entry(message_id, encode.entry_content(name, attributes)) == encode.encode_message(
        message
    )


@pytest.mark.parametrize("size", [100, 4000, 70_000, 17_000_000])
def test_entries_of_every_size_are_wrapped(size: int) -> None:
    entry = m.SearchResultEntry("cn=a", (m.Attribute("jpegPhoto", (bytes(size),)),))
    content = encode.entry_content(entry.object_name, entry.attributes)

    assert encode.search_entry(1, content) == encode.encode_message(m.LdapMessage(1, entry))


@given(
    strategies.message_ids,
    st.sampled_from(ResultCode),
    strategies.dns,
    strategies.texts,
    st.lists(strategies.controls, max_size=2).map(tuple),
)
def test_done_is_the_encoded_message(
    message_id: int, code: ResultCode, matched_dn: str, diagnostic: str, controls: tuple[m.Control, ...]
) -> None:
    message = m.LdapMessage(
        message_id, m.SearchResultDone(m.LdapResult(code, matched_dn, diagnostic)), controls
    )

    octets = encode.search_done(message_id, code, matched_dn, diagnostic, controls=controls)

    assert octets == encode.encode_message(message)


@pytest.mark.parametrize("message_id", [1, 127, 128, 4095, 4096, 2**31 - 1])
def test_plain_success_is_the_encoded_message(message_id: int) -> None:
    message = m.LdapMessage(message_id, m.SearchResultDone(m.LdapResult(ResultCode.SUCCESS)))

    assert encode.search_done(message_id, ResultCode.SUCCESS) == encode.encode_message(message)
