"""RFC 2849 written: safe strings plain, all else in base64, 76 columns; what is written reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import messages as m
from govdir.ldap.codec.ldif import (
    VERSION_LINE,
    ChangeRecord,
    ContentRecord,
    parse_ldif,
    write_change,
    write_entry,
)
from tests.ldap.codec import strategies


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (b"", "cn:"),
        (b"a", "cn: a"),
        (b"a: b <c", "cn: a: b <c"),
        (b" a", "cn:: IGE="),
        (b"a ", "cn:: YSA="),
        (b":a", "cn:: OmE="),
        (b"<a", "cn:: PGE="),
        (b"a\nb", "cn:: YQpi"),
        (b"a\rb", "cn:: YQ1i"),
        (b"a\x00", "cn:: YQA="),
        ("đ".encode(), "cn:: xJE="),
        (b"\x7f", "cn: \x7f"),
    ],
)
def test_values_are_plain_where_they_are_safe(value: bytes, line: str) -> None:
    assert write_entry("cn=a", [m.Attribute("cn", (value,))]) == f"dn: cn=a\n{line}\n\n"


def test_long_lines_are_folded_at_76_columns() -> None:
    text = write_entry("cn=a", [m.Attribute("cn", (b"x" * 200,))])

    assert [len(line) for line in text.splitlines()] == [8, 76, 76, 54, 0]


@given(st.lists(st.tuples(strategies.dns, strategies.ldif_pairs), max_size=3))
def test_entries_read_back(entries: list[tuple[str, list[tuple[str, bytes]]]]) -> None:
    text = VERSION_LINE + "".join(
        write_entry(dn, [m.Attribute(description, (value,)) for description, value in pairs])
        for dn, pairs in entries
    )

    found = list(parse_ldif([text.encode()]))

    assert [
        (record.dn, record.attributes) for record in found if isinstance(record, ContentRecord)
    ] == entries
    assert max(map(len, text.split("\n"))) <= 76


@given(strategies.ldif_changes, strategies.ldif_controls)
def test_changes_read_back(
    request: m.AddRequest | m.DeleteRequest | m.ModifyRequest | m.ModifyDnRequest,
    controls: tuple[m.Control, ...],
) -> None:
    text = write_change(request, controls)

    assert list(parse_ldif([text.encode()])) == [ChangeRecord(1, request, controls)]
