"""Matching rules (RFC 4517 §4.2, RFC 4523, RFC 4530) as functions from values to keys.

Two values are equal by a rule exactly when their keys are equal; for ordering rules the order of the keys
as octets is the order of the values. Substring rules prepare their pieces so that a value matches when
the pieces occur in its key one after the other without overlap, the initial at the start and the final at
the end. Equality, ordering and substring rules of one family give the same keys, so one index serves all
three.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol

from govdir.schema import stringprep, syntaxes
from govdir.schema.dn_text import NamingSchema, dn_key
from govdir.schema.errors import InvalidValue
from govdir.schema.parse import DESCRIPTOR, NUMERIC_OID
from govdir.schema.times import generalized_time_key

Key = Callable[[bytes], bytes]


def _refuse_piece(value: bytes) -> NoReturn:
    raise InvalidValue("this matching rule compares no substrings")


@dataclass(frozen=True, slots=True, eq=False)
class MatchingRule:
    """A matching rule; `syntax` is the OID of its assertion syntax.

    `key`, `initial`, `any` and `final` raise InvalidValue for octets the rule cannot compare (an
    assertion on them is Undefined); the last three do so always unless the rule is a substrings rule.
    `spaced` tells that keys are prepared strings with RFC 4518's spaces at both ends.
    """

    oid: str
    name: str
    syntax: str
    key: Key
    initial: Key = _refuse_piece
    any: Key = _refuse_piece
    final: Key = _refuse_piece
    spaced: bool = False

    @property
    def is_substrings_rule(self) -> bool:
        """Whether it compares pieces."""
        return self.any is not _refuse_piece

    @property
    def is_ordering_rule(self) -> bool:
        """Whether it asks what comes before an asserted value (RFC 4517 §4.1)."""
        return self.name.endswith("OrderingMatch")


class NameSource(NamingSchema, Protocol):
    """What the rules need of the schema they belong to."""

    def find_oid(self, name: str, /) -> str | None:
        """The OID of an object class, attribute type or matching rule of that name in any case, or None."""


def _ascii(prepare: Key) -> Key:
    """The preparation of an IA5 String."""

    def prepare_ascii(value: bytes) -> bytes:
        if not value.isascii():
            raise InvalidValue(stringprep.NOT_ASCII)
        return prepare(value)

    return prepare_ascii


def _identity(value: bytes) -> bytes:
    return value


def _boolean(value: bytes) -> bytes:
    key = value.upper()
    if key not in {b"TRUE", b"FALSE"}:
        raise InvalidValue("neither TRUE nor FALSE")
    return key


_BIT_STRING: Final = re.compile(rb"'[01]*'B")


def _bit_string(value: bytes) -> bytes:
    if _BIT_STRING.fullmatch(value) is None:
        raise InvalidValue("not a bit string such as '0101'B")
    return value


def integer_key(value: bytes) -> bytes:
    """A length octet (from 128 for numbers from 0, below for negative ones) and the magnitude."""
    syntaxes.check_integer(value)
    number = int(value)
    magnitude = abs(number).to_bytes((number.bit_length() + 7) // 8, "big")
    if number >= 0:
        return bytes((0x80 + len(magnitude),)) + magnitude
    # Larger magnitudes sort first, so both the length and the octets are complemented.
    return bytes((0x80 - len(magnitude),)) + bytes(0xFF - octet for octet in magnitude)


_HEXADECIMAL: Final = frozenset(b"0123456789abcdefABCDEF")


def _uuid(value: bytes) -> bytes:
    digits = value.replace(b"-", b"")
    if len(value) != 36 or len(digits) != 32 or not _HEXADECIMAL.issuperset(digits):
        raise InvalidValue("not a UUID such as 597ae2f6-16a6-1027-98f4-d28b5365dc14")
    return bytes.fromhex(digits.decode("ascii"))


_LINE_END: Final = b"\n"
"""Parts the lines of a prepared list; preparation leaves no such octet inside a line."""


def _list_key(value: bytes) -> bytes:
    return _LINE_END.join([stringprep.case_ignore(line) for line in syntaxes.postal_lines(value)])


def _first_component(value: bytes) -> str:
    """The first component of a definition text, or the whole value when it is an assertion."""
    text = value.decode("ascii", "replace").strip()
    if not text.startswith("("):
        return text
    words = text[1:].split(None, 1)
    return words[0] if words else ""


def _integer_first_component(value: bytes) -> bytes:
    return integer_key(_first_component(value).encode())


def _directory_string_first_component(value: bytes) -> bytes:
    if not value.startswith(b"("):
        return stringprep.case_ignore(value)
    return stringprep.case_ignore(_first_component(value).encode())


def _exact_octets(value: bytes) -> bytes:
    """Whole structures: certificates of one issuer and number are the same octets (RFC 5280 §4.1.2.2).

    Assertions in GSER (RFC 4523 §3) begin with a brace and are not understood.
    """
    if value.startswith(b"{"):
        raise InvalidValue("assertions in GSER are not supported")
    return value


def _schema_keys(names: NameSource) -> tuple[Key, Key, Key, Key]:
    """The keys that depend on a schema: DN, Name And Optional UID, OID, first component an OID."""

    def distinguished_name(value: bytes) -> bytes:
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise InvalidValue("not UTF-8") from None
        return dn_key(text, names).encode()

    def unique_member(value: bytes) -> bytes:
        name, identifier = syntaxes.split_name_and_uid(value)
        return (dn_key(name, names) + identifier).encode()

    def oid_of(text: str) -> bytes:
        if NUMERIC_OID.fullmatch(text) is not None:
            return text.encode()
        oid = names.find_oid(text) if DESCRIPTOR.fullmatch(text) is not None else None
        if oid is None:
            raise InvalidValue("neither an OID nor a name that the schema defines")
        return oid.encode()

    def object_identifier(value: bytes) -> bytes:
        return oid_of(value.decode("ascii", "replace").strip(" "))

    def object_identifier_first_component(value: bytes) -> bytes:
        return oid_of(_first_component(value))

    return distinguished_name, unique_member, object_identifier, object_identifier_first_component


def _ldap(number: int) -> str:
    return f"{syntaxes.LDAP_ARC}.{number}"


_SUBSTRING_ASSERTION: Final = _ldap(58)


def _string_rules() -> Iterator[MatchingRule]:
    """Rules on prepared strings."""
    families: tuple[tuple[bool, bool, int, tuple[str, str], tuple[str, str] | None, tuple[str, str]], ...] = (
        # fold, ASCII only, syntax, equality, ordering, substrings
        (True, False, 15, ("2.5.13.2", "caseIgnoreMatch"), ("2.5.13.3", "caseIgnoreOrderingMatch"),
         ("2.5.13.4", "caseIgnoreSubstringsMatch")),
        (False, False, 15, ("2.5.13.5", "caseExactMatch"), ("2.5.13.6", "caseExactOrderingMatch"),
         ("2.5.13.7", "caseExactSubstringsMatch")),
        (True, True, 26, ("1.3.6.1.4.1.1466.109.114.2", "caseIgnoreIA5Match"), None,
         ("1.3.6.1.4.1.1466.109.114.3", "caseIgnoreIA5SubstringsMatch")),
        (False, True, 26, ("1.3.6.1.4.1.1466.109.114.1", "caseExactIA5Match"), None,
         ("1.3.6.1.4.1.4203.1.2.1", "caseExactIA5SubstringsMatch")),
    )  # fmt: skip
    for fold, ascii_only, syntax, equality, ordering, substrings in families:
        restrict: Callable[[Key], Key] = _ascii if ascii_only else lambda prepare: prepare
        key: Key
        if fold:
            key = stringprep.ia5_case_ignore if ascii_only else stringprep.case_ignore
        else:
            key = restrict(stringprep.case_exact)
        yield MatchingRule(*equality, _ldap(syntax), key, spaced=True)
        if ordering is not None:
            yield MatchingRule(*ordering, _ldap(syntax), key, spaced=True)
        yield MatchingRule(
            *substrings,
            _SUBSTRING_ASSERTION,
            key,
            restrict(stringprep.initial_piece(fold=fold)),
            restrict(stringprep.any_piece(fold=fold)),
            restrict(stringprep.final_piece(fold=fold)),
            spaced=True,
        )


def _plain_rules() -> Iterator[MatchingRule]:
    """Rules that need neither spaces nor the schema; substrings are pieces of the key itself."""
    for oid, name, syntax, key in (
        ("2.5.13.8", "numericStringMatch", 36, stringprep.numeric_string),
        ("2.5.13.9", "numericStringOrderingMatch", 36, stringprep.numeric_string),
        ("2.5.13.11", "caseIgnoreListMatch", 41, _list_key),
        ("2.5.13.13", "booleanMatch", 7, _boolean),
        ("2.5.13.14", "integerMatch", 27, integer_key),
        ("2.5.13.15", "integerOrderingMatch", 27, integer_key),
        ("2.5.13.16", "bitStringMatch", 6, _bit_string),
        ("2.5.13.17", "octetStringMatch", 40, _identity),
        ("2.5.13.18", "octetStringOrderingMatch", 40, _identity),
        ("2.5.13.20", "telephoneNumberMatch", 50, stringprep.telephone_number),
        ("2.5.13.27", "generalizedTimeMatch", 24, generalized_time_key),
        ("2.5.13.28", "generalizedTimeOrderingMatch", 24, generalized_time_key),
        ("2.5.13.29", "integerFirstComponentMatch", 27, _integer_first_component),
        ("2.5.13.31", "directoryStringFirstComponentMatch", 15, _directory_string_first_component),
    ):
        yield MatchingRule(oid, name, _ldap(syntax), key)
    for oid, name, key in (
        ("2.5.13.10", "numericStringSubstringsMatch", stringprep.numeric_string),
        ("2.5.13.19", "octetStringSubstringsMatch", _identity),
        ("2.5.13.21", "telephoneNumberSubstringsMatch", stringprep.telephone_number),
    ):
        yield MatchingRule(oid, name, _SUBSTRING_ASSERTION, key, key, key, key)
    yield MatchingRule(
        "2.5.13.12",
        "caseIgnoreListSubstringsMatch",
        _SUBSTRING_ASSERTION,
        _list_key,
        stringprep.initial_piece(fold=True),
        stringprep.any_piece(fold=True),
        stringprep.final_piece(fold=True),
    )
    for oid, name, assertion in (
        ("2.5.13.34", "certificateExactMatch", syntaxes.CERTIFICATE_EXACT_SYNTAX),
        ("2.5.13.36", "certificatePairExactMatch", syntaxes.CERTIFICATE_PAIR_EXACT_SYNTAX),
        ("2.5.13.38", "certificateListExactMatch", syntaxes.CERTIFICATE_LIST_EXACT_SYNTAX),
        ("2.5.13.42", "algorithmIdentifierMatch", syntaxes.ALGORITHM_IDENTIFIER_SYNTAX),
    ):
        yield MatchingRule(oid, name, assertion, _exact_octets)
    yield MatchingRule("1.3.6.1.1.16.2", "uuidMatch", syntaxes.UUID_SYNTAX, _uuid)
    yield MatchingRule("1.3.6.1.1.16.3", "uuidOrderingMatch", syntaxes.UUID_SYNTAX, _uuid)
    yield MatchingRule("1.3.6.1.4.1.4203.666.11.2.2", "CSNMatch", syntaxes.CSN_SYNTAX, bytes.lower)
    yield MatchingRule("1.3.6.1.4.1.4203.666.11.2.3", "CSNOrderingMatch", syntaxes.CSN_SYNTAX, bytes.lower)


_SHARED_RULES: Final = (*_string_rules(), *_plain_rules())


def matching_rules(names: NameSource) -> Iterable[MatchingRule]:
    """Every rule this server knows; those that compare names look them up in `names`, their schema.

    wordMatch and keywordMatch (RFC 4517 §4.2.32, §4.2.21) are left out: their sense is local and no
    attribute uses them.
    """
    distinguished_name, unique_member, object_identifier, first_component = _schema_keys(names)
    return (
        *_SHARED_RULES,
        MatchingRule("2.5.13.0", "objectIdentifierMatch", _ldap(38), object_identifier),
        MatchingRule("2.5.13.1", "distinguishedNameMatch", _ldap(12), distinguished_name),
        MatchingRule("2.5.13.23", "uniqueMemberMatch", _ldap(34), unique_member),
        MatchingRule("2.5.13.30", "objectIdentifierFirstComponentMatch", _ldap(38), first_component),
    )
