"""Value syntaxes (RFC 4517 §3.3)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema.errors import InvalidValue
from govdir.schema.guides import MAX_GUIDE_LENGTH
from govdir.schema.syntaxes import MAX_INTEGER_DIGITS, SYNTAXES, Syntax

BY_NAME = {syntax.description: syntax for syntax in SYNTAXES}

VALID: dict[str, list[str | bytes]] = {
    "Attribute Type Description": ["( 1.2 SYNTAX 1.3 )"],
    "Audio": [b"\xff"],
    "Binary": [b""],
    "Bit String": ["'0101'B", "''B"],
    "Boolean": ["TRUE", "FALSE"],
    "Certificate": [b"0\x82\x01"],
    "Certificate List": [b"0\x00"],
    "Certificate Pair": [b"0\x00"],
    "Country String": ["VN"],
    "DN": ["", "uid=a,dc=vn", r"cn=a\,b", "nosuch=a"],
    "Delivery Method": ["any", "telephone $ mhs", "g3fax$ia5"],
    "Directory String": ["a", "Sở Nội vụ", " "],
    "DIT Content Rule Description": ["( 2.5.6.4 NAME 'a' AUX ( x $ y ) MUST a MAY b NOT c X-A 'b' )"],
    "DIT Structure Rule Description": ["( 2 NAME 'a' FORM f SUP ( 0 1 ) )", "( 0 FORM 1.2 SUP 4 )"],
    "Enhanced Guide": ["person#(sn$EQ)#oneLevel", "2.5.6.6 # ?true # wholeSubtree"],
    "Facsimile Telephone Number": ["+84 292", "1$b4Width$fineResolution"],
    "Fax": [b"\xff"],
    "Generalized Time": ["20150630170000Z", "201506301700+0700"],
    "Guide": ["person#sn$EQ", "!(sn$EQ|(cn$SUBSTR&?false))", "cn$GE", "c$EQ&T$EQ&st$EQ"],
    "IA5 String": ["", "a@b"],
    "INTEGER": ["0", "-1", "12", "9" * MAX_INTEGER_DIGITS],
    "JPEG": [b"\xff\xd8\xff\xe0"],
    "Matching Rule Description": ["( 2.5.13.2 NAME 'a' SYNTAX 1.2 )"],
    "Matching Rule Use Description": ["( 2.5.13.16 APPLIES ( a $ b ) )"],
    "Name And Optional UID": ["uid=a,dc=vn", "uid=a,dc=vn#'01'B"],
    "Name Form Description": ["( 1.2 OC person MUST ( cn $ sn ) MAY ou )"],
    "Numeric String": ["15 079 672 281", "0"],
    "Object Class Description": ["( 1.2 SUP top AUXILIARY MAY a )"],
    "OID": ["1.3.6.1", "cn", "a-b"],
    "Octet String": [b"", b"\x00\xff"],
    "Other Mailbox": ["x400$a b"],
    "Postal Address": ["2 Hòa Bình$Ninh Kiều", r"\241,000,000$a\5Cb"],
    "Printable String": ["a-Z 0'()+,./:?="],
    "Subtree Specification": ["{}", '{ base "ou=a", specificExclusions { chopBefore:"cn=x}" } }'],
    "Supported Algorithm": [b"0\x00"],
    "Telephone Number": ["+84 292 3820-000"],
    "Teletex Terminal Identifier": ["a", "a$graphic:b$private:c\x01"],
    "Telex Number": ["12345$VN$ab"],
    "UTC Time": ["1506301700Z"],
    "LDAP Syntax Description": ["( 1.2 DESC 'x' )"],
    "Substring Assertion": ["a*", "*a*\n", "*"],
    "X.509 Certificate Exact Assertion": ['{ serialNumber 1, issuer rdnSequence:"cn=a" }'],
    "X.509 Certificate Pair Exact Assertion": ["{}"],
    "X.509 Certificate List Exact Assertion": ["{}"],
    "X.509 Algorithm Identifier": ["{}"],
    "UUID": ["597ae2f6-16a6-1027-98f4-D28B5365DC14"],
    "CSN": ["20150630170000.000001Z#00000a#000#000000"],
}
INVALID: dict[str, list[str | bytes]] = {
    "Attribute Type Description": ["( 1.2 )", "x", b"\xff"],
    "Bit String": ["0101", "'012'B", "'01'b"],
    "Boolean": ["true", "", "yes", "TRUE "],
    "Certificate": [b"", b"1\x00"],
    "Country String": ["VNM", "V", "V*"],
    "DN": ["a", "cn=a,,", b"cn=\xff"],
    "Delivery Method": ["", "post", "any $", "any,mhs"],
    "Directory String": ["", b"\xff", b"\xed\xa0\x80"],
    "DIT Content Rule Description": ["( 2.5.6.4 OC x )"],
    "DIT Structure Rule Description": ["( 2 SUP 1 )", "( x FORM f )", "( 2 FORM f SUP x )"],
    "Enhanced Guide": ["person#sn$EQ", "person#sn$EQ#sub", "#sn$EQ#oneLevel"],
    "Facsimile Telephone Number": ["", "*", "1$a4"],
    "Generalized Time": ["2015", "20150631000000Z"],
    "Guide": ["", "sn", "(sn$EQ", "T", "sn$EQ|", "a#b#c$EQ", "sn$EQ&é$EQ", "(" * MAX_GUIDE_LENGTH + "a"],
    "IA5 String": ["cần"],
    "INTEGER": ["", "01", "-0", "+1", "1.0", "1\n", "9" * (MAX_INTEGER_DIGITS + 1)],
    "JPEG": [b"", b"GIF"],
    "Matching Rule Description": ["( 2.5.13.2 )"],
    "Matching Rule Use Description": ["( 2.5.13.2 )"],
    "Name And Optional UID": ["uid", "uid#'01'B"],
    "Name Form Description": ["( 1.2 OC person )", "( 1.2 MUST cn )"],
    "Numeric String": ["", "1a", "1-2"],
    "Object Class Description": ["( 1.2 AUXILIARY STRUCTURAL )"],
    "OID": ["", "1.", "1.02", "a b", "3.1", "-a", "1"],
    "Other Mailbox": ["a", "$a", "a$é"],
    "Postal Address": ["", "a$$b", "a\\b", "$", b"\xff"],
    "Printable String": ["", "a@b", "a_b", "é"],
    "Subtree Specification": ["", "{", "}{", "{} {", '{"}'],
    "Telephone Number": ["", "#31#"],
    "Teletex Terminal Identifier": ["", "a$b:c"],
    "Telex Number": ["1$2", "1$2$3$4"],
    "UTC Time": ["20150630170000Z"],
    "LDAP Syntax Description": ["( x )"],
    "Substring Assertion": ["a"],
    "UUID": ["597ae2f6", "{597ae2f6-16a6-1027-98f4-d28b5365dc14}"],
    "CSN": ["20150630170000Z#00000a#000#000000"],
}


def cases(table: dict[str, list[str | bytes]]) -> list[tuple[str, bytes]]:
    return [
        (name, value.encode() if isinstance(value, str) else value)
        for name, values in table.items()
        for value in values
    ]


def test_every_syntax_has_an_example() -> None:
    assert set(VALID) == set(BY_NAME)


@pytest.mark.parametrize(("name", "value"), cases(VALID))
def test_values_of_the_syntax_are_accepted(name: str, value: bytes) -> None:
    BY_NAME[name].check(value)


@pytest.mark.parametrize(("name", "value"), cases(INVALID))
def test_other_values_are_refused_with_a_reason(name: str, value: bytes) -> None:
    with pytest.raises(InvalidValue) as refusal:
        BY_NAME[name].check(value)
    assert refusal.value.why


@given(st.sampled_from(SYNTAXES), st.binary(max_size=60))
def test_any_octets_are_accepted_or_refused(syntax: Syntax, value: bytes) -> None:
    with suppress(InvalidValue):
        assert syntax.check(value) is None
