"""Distinguished names as text (RFC 4514): splitting, escaping and the key by which two names are equal.

`distinguishedNameMatch` and the directory's own names share these functions, so they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from govdir.schema.errors import InvalidName, InvalidValue

Ava = tuple[str, bytes]
"""One attribute type and value: the type as written, the value's octets after unescaping."""

Rdn = list[Ava]
"""A relative distinguished name: one AVA, or several that were joined by "+"."""

MAX_RDNS: Final = 128
"""Deeper than any tree of offices; keeps the cost of one name small whatever arrives."""


class _KeyRule(Protocol):
    """The part of a matching rule that names need."""

    @property
    def spaced(self) -> bool: ...

    def key(self, value: bytes, /) -> bytes: ...


class NamingAttribute(Protocol):
    """The part of an attribute type that names need."""

    @property
    def key(self) -> str: ...

    @property
    def equality(self) -> _KeyRule | None: ...


class NamingSchema(Protocol):
    """The part of a schema that names need."""

    def find_attribute(self, description: str, /) -> NamingAttribute | None:
        """The attribute type, or None."""


_TYPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*|(?:[0-2])(?:\.(?:0|[1-9][0-9]*))+")
_PLAIN: Final = re.compile(r'[^\\"+;<>#\0]*')
"""Names in which no character is special but "," and "="."""

_ESCAPE: Final = re.compile(r'\\(?:([0-9A-Fa-f]{2})|([ "#+,;<=>\\]))')
_VALUE: Final = re.compile(r'(?:[^\\"+,;<>\0]|\\[0-9A-Fa-f]{2}|\\[ "#+,;<=>\\])*')
_HEX: Final = re.compile(r" *#((?:[0-9A-Fa-f]{2})+) *(?=[,+]|\Z)")
_STRING_TAGS: Final = frozenset({0x04, 0x0C, 0x12, 0x13, 0x16, 0x1A})
"""OCTET STRING, UTF8String, NumericString, PrintableString, IA5String, VisibleString."""


def split_dn(text: str) -> list[Rdn]:
    """The RDNs of a name in the order written (the entry first, the suffix last), values unescaped.

    The empty name has no RDN. Spaces around types and around "," and "+" are not significant (as in RFC
    2253). Raises InvalidName.
    """
    if not text or text.isspace():
        return []
    rdns = _split_plain(text) if _PLAIN.fullmatch(text) is not None else _split_escaped(text)
    if len(rdns) > MAX_RDNS:
        raise InvalidName(f"more than {MAX_RDNS} RDNs")
    return rdns


def _attribute_type(text: str) -> str:
    name = text.strip(" ")
    if name[:4].upper() == "OID.":
        name = name[4:]
    if _TYPE.fullmatch(name) is None:
        raise InvalidName("an RDN does not begin with an attribute type" if name else "an RDN is empty")
    return name


def _split_plain(text: str) -> list[Rdn]:
    rdns: list[Rdn] = []
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals:
            raise InvalidName('an RDN has no "="' if part.strip(" ") else "an RDN is empty")
        rdns.append([(_attribute_type(name), value.strip(" ").encode())])
    return rdns


def _split_escaped(text: str) -> list[Rdn]:
    rdns: list[Rdn] = [[]]
    position, end = 0, len(text)
    while True:
        equals = text.find("=", position)
        if equals < 0:
            raise InvalidName('an RDN has no "="')
        name = _attribute_type(text[position:equals])
        value, position = _take_value(text, equals + 1)
        rdns[-1].append((name, value))
        if position == end:
            return rdns
        if text[position] == ",":
            rdns.append([])
        position += 1


def _take_value(text: str, start: int) -> tuple[bytes, int]:
    """The value that begins at `start` and the position of the "," or "+" after it, or of the end."""
    hexadecimal = _HEX.match(text, start)
    if hexadecimal is not None:
        return _from_ber(bytes.fromhex(hexadecimal[1])), hexadecimal.end()
    match = _VALUE.match(text, start)
    written = match[0] if match is not None else ""
    position = start + len(written)
    if position < len(text) and text[position] not in ",+":
        raise InvalidName(
            f"{text[position]!a} at character {position + 1} needs a backslash or hexadecimal pair"
        )
    written = written.lstrip(" ")
    if written.startswith("#"):
        raise InvalidName("a value that begins with # is not pairs of hexadecimal digits")
    return _unescaped(_without_trailing_spaces(written)), position


def _without_trailing_spaces(written: str) -> str:
    stripped = written.rstrip(" ")
    if stripped == written:
        return written
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    # An odd run of backslashes escapes the first of the spaces.
    return stripped + " " if backslashes % 2 else stripped


def _unescaped(written: str) -> bytes:
    if "\\" not in written:
        return written.encode()
    octets = bytearray()
    position = 0
    for match in _ESCAPE.finditer(written):
        octets += written[position : match.start()].encode()
        octets += bytes.fromhex(match[1]) if match[1] else match[2].encode()
        position = match.end()
    return bytes(octets + written[position:].encode())


def _from_ber(encoding: bytes) -> bytes:
    """The content of a primitive string (X.690 §8.1) of definite length."""
    if len(encoding) < 2 or encoding[0] not in _STRING_TAGS:
        raise InvalidName("the hexadecimal value is not the BER encoding of a string")
    length, start = encoding[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(encoding[2:start], "big") if start > 2 else -1
    if len(encoding) - start != length:
        raise InvalidName("the hexadecimal value is not the BER encoding of a string")
    return encoding[start:]


_SPECIAL: Final = re.compile(r'["+,;<>\\\0]|^[ #]| $')


def _escape_special(match: re.Match[str]) -> str:
    return "\\00" if match[0] == "\0" else "\\" + match[0]


def escape_value(value: str) -> str:
    """The value as it is written in a DN (RFC 4514 §2.4); letters beyond ASCII stay as they are."""
    return _SPECIAL.sub(_escape_special, value)


def dn_key(name: str | Sequence[Sequence[Ava]], schema: NamingSchema) -> str:
    """The normalised name: equal for two names exactly when distinguishedNameMatch holds (RFC 4517 §4.2.15).

    It reads like a DN in lower case without spaces around the separators; the RDNs of an ancestor are a
    suffix of it, parted by "," which occurs unescaped nowhere else. Raises InvalidName, also for unknown
    attribute types.
    """
    if isinstance(name, str):
        key = _plain_key(name, schema) if _PLAIN.fullmatch(name) is not None else None
        if key is not None:
            return key
        name = split_dn(name)
    return ",".join([rdn_key(rdn, schema) for rdn in name])


def _plain_key(text: str, schema: NamingSchema) -> str | None:
    """The key of a name in which nothing is escaped; None where the long way has to say what is wrong."""
    keys: list[str] = []
    for part in text.split(","):
        name, _, value = part.partition("=")
        attribute = schema.find_attribute(name.strip(" "))
        value = value.strip(" ")
        if attribute is None or not value or len(keys) == MAX_RDNS:
            return None
        keys.append(_value_key(attribute, value.encode()))
    return ",".join(keys)


def rdn_key(rdn: Sequence[Ava], schema: NamingSchema) -> str:
    """The normalised RDN, the attributes of a multi-valued one in alphabetical order; raises InvalidName."""
    if len(rdn) == 1:
        return _ava_key(rdn[0], schema)[1]
    keyed = sorted(_ava_key(ava, schema) for ava in rdn)
    if not keyed:
        raise InvalidName("an RDN is empty")
    if len({attribute for attribute, _ in keyed}) != len(keyed):
        raise InvalidName("an RDN names one attribute twice")
    return "+".join([text for _, text in keyed])


def _ava_key(ava: Ava, schema: NamingSchema) -> tuple[str, str]:
    name, value = ava
    attribute = schema.find_attribute(name)
    if attribute is None:
        raise InvalidName(f"attribute type {name!r} is not defined")
    return attribute.key, _value_key(attribute, value)


def _value_key(attribute: NamingAttribute, value: bytes) -> str:
    rule = attribute.equality
    if not value or rule is None:
        raise InvalidName(
            f"the value of {attribute.key!r} is empty" if rule else f"{attribute.key!r} cannot name an entry"
        )
    try:
        key = rule.key(value)
    except InvalidValue as error:
        raise InvalidName(f"the value of {attribute.key!r} is {error.why}") from None
    return f"{attribute.key}={_key_text(key, spaced=rule.spaced)}"


def _key_text(key: bytes, *, spaced: bool) -> str:
    """A matching key as text; octets that are no text are written as # and hexadecimal digits."""
    if spaced:
        # Prepared strings hold one space at each end and two between words; a name needs one between words.
        key = key[1:-1].replace(b"  ", b" ")
    try:
        text = key.decode()
    except UnicodeDecodeError:
        return "#" + key.hex()
    return text if text.isalnum() else escape_value(text)
