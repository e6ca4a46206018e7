"""Our table read by codecs that share no code with ours."""

from __future__ import annotations

import pytest
from ldap3.protocol.rfc4511 import LDAPMessage
from ldaptor.protocols import pureber, pureldap
from pyasn1.codec.ber import decoder, encoder

from tests.ldap.codec.pdus import PAIRS

NESTED_FILTERS = "search with every kind of filter"  # ldap3's are made to be written only


@pytest.mark.parametrize("name", sorted(PAIRS.keys() - {NESTED_FILTERS}))
def test_pyasn1_with_the_specification_of_ldap3_reads_and_writes_the_same_octets(name: str) -> None:
    _, octets = PAIRS[name]

    message, rest = decoder.decode(octets, asn1Spec=LDAPMessage())

    assert not rest
    true_as_pyasn1_writes_it = octets.replace(b"\x01\x01\xff", b"\x01\x01\x01")
    assert encoder.encode(message) == true_as_pyasn1_writes_it


@pytest.mark.parametrize("name", [NESTED_FILTERS, "search for an address", "entry", "modify"])
def test_ldaptor_reads_and_writes_the_same_octets(name: str) -> None:
    _, octets = PAIRS[name]
    inner = pureldap.LDAPBERDecoderContext(fallback=pureber.BERDecoderContext())
    of_message = pureldap.LDAPBERDecoderContext_LDAPMessage(fallback=inner, inherit=inner)
    context = pureldap.LDAPBERDecoderContext_TopLevel(inherit=of_message)

    message, used = pureber.berDecodeObject(context, octets)

    assert used == len(octets)
    assert message.toWire() == octets
