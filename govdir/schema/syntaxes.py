"""Value syntaxes (RFC 4517 §3, RFC 4523, RFC 4530): which octets are a value of each.

A check raises InvalidValue and returns nothing. Syntaxes of ASN.1 structures (certificates, JPEG) are
checked by their first octets only: the directory stores them, their users decode them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from govdir.schema import parse
from govdir.schema.dn_text import split_dn
from govdir.schema.errors import InvalidDefinition, InvalidValue
from govdir.schema.guides import check_enhanced_guide, check_guide
from govdir.schema.subtrees import check_subtree_specification
from govdir.schema.times import check_generalized_time, check_utc_time

Check = Callable[[bytes], None]

MAX_INTEGER_DIGITS: Final = 300
"""INTEGER has no bound; larger ones are no counts or sizes, and their ordering keys have one length octet."""


@dataclass(frozen=True, slots=True, eq=False)
class Syntax:
    """An LDAP syntax; `check(value)` raises InvalidValue, `is_binary` means no person reads its values."""

    oid: str
    description: str
    check: Check
    is_binary: bool = False


def _pattern(pattern: str, why: str) -> Check:
    """A check that the whole value matches an ASCII pattern."""
    compiled = re.compile(pattern.encode())

    def check(value: bytes) -> None:
        if compiled.fullmatch(value) is None:
            raise InvalidValue(why)

    return check


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise InvalidValue("not UTF-8") from None


def check_directory_string(value: bytes) -> None:
    """One character or more of UTF-8 (RFC 4517 §3.3.6)."""
    if not value:
        raise InvalidValue("empty")
    if not value.isascii():
        _text(value)


def _check_ia5_string(value: bytes) -> None:
    if not value.isascii():
        raise InvalidValue("not ASCII, which this syntax is limited to")


def _check_octets(value: bytes) -> None:
    """Any octets, none at all included."""


_INTEGER: Final = re.compile(rb"0|-?[1-9][0-9]{0,%d}" % (MAX_INTEGER_DIGITS - 1))


def check_integer(value: bytes) -> None:
    """A decimal number without leading zeros (RFC 4517 §3.3.16)."""
    if _INTEGER.fullmatch(value) is None:
        raise InvalidValue("not an integer in decimal digits")


def _check_dn(value: bytes) -> None:
    split_dn(_text(value))


_UNIQUE_IDENTIFIER: Final = re.compile(r"#'[01]*'B\Z")


def split_name_and_uid(value: bytes) -> tuple[str, str]:
    """The DN of a Name And Optional UID (RFC 4517 §3.3.21), and its bit string with "#" or ""."""
    text = _text(value)
    match = _UNIQUE_IDENTIFIER.search(text)
    return (text, "") if match is None else (text[: match.start()], match[0])


def _check_name_and_uid(value: bytes) -> None:
    split_dn(split_name_and_uid(value)[0])


def postal_lines(value: bytes) -> list[bytes]:
    """The lines of a Postal Address (RFC 4517 §3.3.28), unescaped; raises InvalidValue."""
    lines = value.split(b"$")
    if b"\\" in value:
        lines = [re.sub(rb"\\24", b"$", line) for line in lines]
        if any(re.search(rb"\\(?!5[Cc])", line) for line in lines):
            raise InvalidValue("a backslash must be written \\5C, a dollar sign \\24")
        lines = [re.sub(rb"\\5[Cc]", rb"\\", line) for line in lines]
    return lines


def _check_postal_address(value: bytes) -> None:
    for line in postal_lines(value):
        if not line:
            raise InvalidValue("a line of the address is empty")
        check_directory_string(line)


def _definition(read: Callable[[str], object]) -> Check:
    """A check that the value is a definition text."""

    def check(value: bytes) -> None:
        try:
            read(_text(value))
        except InvalidDefinition as error:
            raise InvalidValue(error.why) from None

    return check


def _check_jpeg(value: bytes) -> None:
    if not value.startswith(b"\xff\xd8"):
        raise InvalidValue("not a JPEG picture")


def _check_sequence(value: bytes) -> None:
    if len(value) < 2 or value[0] != 0x30:
        raise InvalidValue("not the DER encoding of an ASN.1 sequence")


def _check_subtree_specification(value: bytes) -> None:
    check_subtree_specification(_text(value))


_PRINTABLE: Final = r"[A-Za-z0-9'()+,./:? =-]+"
_COUNTRY: Final = r"[A-Za-z0-9'()+,./:? =-]{2}"
_FACSIMILE: Final = (
    rf"{_PRINTABLE}"
    r"(?:\$(?:twoDimensional|fineResolution|unlimitedLength|b4Length|a3Width|b4Width|uncompressed))*"
)
_METHOD: Final = r"(?:any|mhs|physical|telex|teletex|g3fax|g4fax|ia5|videotex|telephone)"
_DELIVERY_METHODS: Final = rf"{_METHOD}(?: *\$ *{_METHOD})*"
_OTHER_MAILBOX: Final = rf"{_PRINTABLE}\$[\x00-\x7f]*"
_TELETEX: Final = rf"{_PRINTABLE}(?:\$(?:graphic|control|misc|page|private):(?:[^$\\]|\\24|\\5[Cc])*)*"
_TELEX: Final = rf"{_PRINTABLE}\${_PRINTABLE}\${_PRINTABLE}"
_OID: Final = rf"(?:{parse.NUMERIC_OID.pattern}|{parse.DESCRIPTOR.pattern})"
_UUID: Final = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_CSN: Final = r"[0-9]{14}\.[0-9]{6}Z#[0-9a-f]{6}#[0-9a-f]{3}#[0-9a-f]{6}"

LDAP_ARC: Final = "1.3.6.1.4.1.1466.115.121.1"

DIRECTORY_STRING: Final = f"{LDAP_ARC}.15"

PRINTABLE_SYNTAXES: Final = frozenset({f"{LDAP_ARC}.11", f"{LDAP_ARC}.44", f"{LDAP_ARC}.50"})
"""Country String, Printable String, Telephone Number: ASN.1 has one of Directory String's types for them."""


def _text_syntaxes() -> Iterator[Syntax]:
    """Those of RFC 4517 §3.3 that people read."""
    for number, description, check in (
        (3, "Attribute Type Description", _definition(parse.parse_attribute_type)),
        (6, "Bit String", _pattern(r"'[01]*'B", "not a bit string such as '0101'B")),
        (7, "Boolean", _pattern(r"TRUE|FALSE", "neither TRUE nor FALSE")),
        (11, "Country String", _pattern(_COUNTRY, "not a country code of two letters")),
        (12, "DN", _check_dn),
        (14, "Delivery Method", _pattern(_DELIVERY_METHODS, "not delivery methods parted by $")),
        (15, "Directory String", check_directory_string),
        (16, "DIT Content Rule Description", _definition(parse.check_content_rule)),
        (17, "DIT Structure Rule Description", _definition(parse.check_structure_rule)),
        (21, "Enhanced Guide", check_enhanced_guide),
        (22, "Facsimile Telephone Number", _pattern(_FACSIMILE, "not a facsimile number")),
        (24, "Generalized Time", check_generalized_time),
        (25, "Guide", check_guide),
        (26, "IA5 String", _check_ia5_string),
        (27, "INTEGER", check_integer),
        (30, "Matching Rule Description", _definition(parse.parse_matching_rule)),
        (31, "Matching Rule Use Description", _definition(parse.parse_matching_rule_use)),
        (34, "Name And Optional UID", _check_name_and_uid),
        (35, "Name Form Description", _definition(parse.check_name_form)),
        (36, "Numeric String", _pattern(r"[0-9 ]+", "not digits and spaces")),
        (37, "Object Class Description", _definition(parse.parse_object_class)),
        (38, "OID", _pattern(_OID, "not an OID or a name")),
        (39, "Other Mailbox", _pattern(_OTHER_MAILBOX, "not a type, $ and a mailbox")),
        (41, "Postal Address", _check_postal_address),
        (44, "Printable String", _pattern(_PRINTABLE, "not ASCII letters, digits and '()+,-./:=? alone")),
        (45, "Subtree Specification", _check_subtree_specification),
        (50, "Telephone Number", _pattern(_PRINTABLE, "not a telephone number")),
        (51, "Teletex Terminal Identifier", _pattern(_TELETEX, "not a teletex terminal")),
        (52, "Telex Number", _pattern(_TELEX, "not number $ country $ answerback")),
        (53, "UTC Time", check_utc_time),
        (54, "LDAP Syntax Description", _definition(parse.parse_syntax)),
        (58, "Substring Assertion", _pattern(r"(?s:.*\*.*)", "no * in the assertion")),
    ):
        yield Syntax(f"{LDAP_ARC}.{number}", description, check)


def _binary_syntaxes() -> Iterator[Syntax]:
    """Octet strings, pictures and ASN.1 structures of RFC 4517, RFC 4523 and RFC 2252."""
    for number, description, check in (
        (4, "Audio", _check_octets),
        (5, "Binary", _check_octets),
        (8, "Certificate", _check_sequence),
        (9, "Certificate List", _check_sequence),
        (10, "Certificate Pair", _check_sequence),
        (23, "Fax", _check_octets),
        (28, "JPEG", _check_jpeg),
        (40, "Octet String", _check_octets),
        (49, "Supported Algorithm", _check_sequence),
    ):
        yield Syntax(f"{LDAP_ARC}.{number}", description, check, is_binary=True)


UUID_SYNTAX: Final = "1.3.6.1.1.16.1"
CERTIFICATE_EXACT_SYNTAX: Final = "1.3.6.1.1.15.1"
CERTIFICATE_LIST_EXACT_SYNTAX: Final = "1.3.6.1.1.15.5"
CERTIFICATE_PAIR_EXACT_SYNTAX: Final = "1.3.6.1.1.15.3"
ALGORITHM_IDENTIFIER_SYNTAX: Final = "1.3.6.1.1.15.7"
CSN_SYNTAX: Final = "1.3.6.1.4.1.4203.666.11.2.1"

SYNTAXES: Final[tuple[Syntax, ...]] = (
    *_text_syntaxes(),
    *_binary_syntaxes(),
    Syntax(CERTIFICATE_EXACT_SYNTAX, "X.509 Certificate Exact Assertion", check_directory_string),
    Syntax(CERTIFICATE_PAIR_EXACT_SYNTAX, "X.509 Certificate Pair Exact Assertion", check_directory_string),
    Syntax(CERTIFICATE_LIST_EXACT_SYNTAX, "X.509 Certificate List Exact Assertion", check_directory_string),
    Syntax(ALGORITHM_IDENTIFIER_SYNTAX, "X.509 Algorithm Identifier", check_directory_string),
    Syntax(UUID_SYNTAX, "UUID", _pattern(_UUID, "not a UUID such as 597ae2f6-16a6-1027-98f4-d28b5365dc14")),
    Syntax(CSN_SYNTAX, "CSN", _pattern(_CSN, "not a change sequence number")),
)
"""Every syntax this server knows; OIDs and descriptions of RFC 4517 appendix A, RFC 4523 and RFC 4530."""
