"""SASLprep: the examples of RFC 4013 §3, another implementation, and Vietnamese."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.core.exceptions import LDAPSASLPrepError
from ldap3.protocol.sasl.sasl import sasl_prep

from govdir.directory.saslprep import Prohibited, saslprep


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("", ""),
    ],
)
def test_the_examples_of_the_rfc(text: str, prepared: str) -> None:
    assert saslprep(text) == prepared


@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031", "a\u0000b", "\u200e", "\ud800"])
def test_what_the_rfc_prohibits_is_refused(text: str) -> None:
    with pytest.raises(Prohibited):
        saslprep(text)


def test_vietnamese_letters_come_out_composed_however_they_were_typed() -> None:
    assert saslprep(normalize("NFD", "Bờ-sông-Hậu")) == normalize("NFC", "Bờ-sông-Hậu")


def test_letters_younger_than_the_tables_pass() -> None:
    assert saslprep("chìa khoá 🔑") == "chìa khoá 🔑"


@given(st.text(st.characters(max_codepoint=0x24F, exclude_categories=("Cn",))))
def test_another_implementation_agrees_on_latin_text(text: str) -> None:
    try:
        theirs: str | None = sasl_prep(text)
    except LDAPSASLPrepError:
        theirs = None
    try:
        ours: str | None = saslprep(text) or None  # theirs refuses what comes to nothing
    except Prohibited:
        ours = None
    if ours != theirs:
        # Letters between Unicode 3.2 and today's edition: only there may the two differ.
        assert any(ord(each) > 0x21F for each in text)
