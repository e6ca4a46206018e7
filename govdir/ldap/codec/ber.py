"""The Basic Encoding Rules as RFC 4511 §5.1 restricts them: a bounded reader and small encoders.

Definite lengths only; OCTET STRINGs primitive only; lengths need not be minimal but have at most four
octets; TRUE may be any non-zero octet. Tags are compared as their one identifier octet.
"""

from __future__ import annotations

from typing import Final

from govdir.ldap.codec.errors import DecodeError, Unacceptable

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
ENUMERATED: Final = 0x0A
SEQUENCE: Final = 0x30
SET: Final = 0x31

CONSTRUCTED: Final = 0x20
CONTEXT: Final = 0x80
CONTEXT_CONSTRUCTED: Final = 0xA0

MAX_INT: Final = 2**31 - 1
"""maxInt of RFC 4511 §4.1.1."""

MAX_LENGTH_OCTETS: Final = 4  # 4 GiB, far beyond any PDU limit; Active Directory always sends four
MAX_TAG_OCTETS: Final = 4  # only met in extensions we skip
MAX_INTEGER_OCTETS: Final = 8  # maxInt needs four; the rest is room for sign padding


def read_length(data: bytes, position: int, end: int) -> tuple[int, int]:
    """The length whose first octet is at `position`, and where the content begins; it ends by `end`."""
    if position >= end:
        raise DecodeError("length octets missing")
    length = data[position]
    position += 1
    if length >= 0x80:
        octets = length - 0x80
        if octets == 0:
            raise DecodeError("indefinite length is not allowed (RFC 4511 §5.1)")
        if octets > MAX_LENGTH_OCTETS:
            raise DecodeError(f"length of more than {MAX_LENGTH_OCTETS} octets")
        if position + octets > end:
            raise DecodeError("length octets missing")
        length = int.from_bytes(data[position : position + octets], "big")
        position += octets
    if position + length > end:
        raise DecodeError("element runs past the end of what encloses it")
    return length, position


class Reader:
    """A cursor over the elements of `data[start:end]`; nothing outside is ever looked at.

    Every method that reads takes the expected identifier octet and `what`, the RFC's name of the field, for
    the error; each raises DecodeError and nothing else.
    """

    __slots__ = ("_data", "_end", "_position")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self._position = start
        self._end = len(data) if end is None else end

    @property
    def at_end(self) -> bool:
        """Whether every element was read."""
        return self._position >= self._end

    @property
    def position(self) -> int:
        """Offset of the next element in the whole data."""
        return self._position

    def next_tag(self) -> int | None:
        """The identifier octet of the next element, None at the end."""
        return None if self._position >= self._end else self._data[self._position]

    def enter(self, tag: int, what: str) -> Reader:
        """A reader over the content of the next element, which is left behind."""
        start, end = self.extent(tag, what)
        return Reader(self._data, start, end)

    def enter_any(self) -> tuple[int, Reader]:
        """The tag of the next element, whatever it is, and a reader over its content."""
        tag = self.next_tag()
        if tag is None:
            raise DecodeError("element missing")
        return tag, self.enter(tag, f"element {tag:#04x}")

    def octets(self, tag: int, what: str) -> bytes:
        """The content octets of a primitive element."""
        start, end = self.extent(tag, what)
        return self._data[start:end]

    def rest(self) -> bytes:
        """All octets not read yet, as they are."""
        start, self._position = self._position, self._end
        return self._data[start : self._end]

    def text(self, tag: int, what: str) -> str:
        """An LDAPString: UTF-8."""
        return decode_text(self.octets(tag, what), what)

    def integer(self, tag: int, what: str, low: int = 0, high: int = MAX_INT) -> int:
        """An INTEGER or ENUMERATED between `low` and `high`, both allowed."""
        return decode_integer(self.octets(tag, what), what, low, high)

    def boolean(self, tag: int, what: str) -> bool:
        """A BOOLEAN; any non-zero octet is TRUE."""
        content = self.octets(tag, what)
        if len(content) != 1:
            raise DecodeError(f"{what}: a BOOLEAN has one octet, not {len(content)}")
        return content != b"\x00"

    def ignore_extensions(self) -> None:
        """Skips what is left: trailing elements of a SEQUENCE that are not known (RFC 4511 §4)."""
        while self._position < self._end:
            position = self._position + 1
            if self._data[self._position] & 0x1F == 0x1F:  # high tag number form, X.690 §8.1.2.4
                last = min(position + MAX_TAG_OCTETS, self._end)
                while position < last and self._data[position] & 0x80:
                    position += 1
                if position >= last:
                    raise DecodeError(f"tag of more than {MAX_TAG_OCTETS} octets")
                position += 1
            length, position = read_length(self._data, position, self._end)
            self._position = position + length

    def expect_end(self, what: str) -> None:
        """Refuses what is left, where the ASN.1 leaves no room for it."""
        if self._position < self._end:
            raise DecodeError(f"{what}: octets left over")

    def extent(self, tag: int, what: str) -> tuple[int, int]:
        """Where in the whole data the content of the next element begins and ends; it is left behind."""
        data, position = self._data, self._position
        if position >= self._end:
            raise DecodeError(f"{what}: missing")
        found = data[position]
        if found != tag:
            if found == tag | CONSTRUCTED:
                raise DecodeError(f"{what}: constructed encoding is not allowed (RFC 4511 §5.1)")
            raise DecodeError(f"{what}: tag {found:#04x} instead of {tag:#04x}")
        try:
            length, start = read_length(data, position + 1, self._end)
        except DecodeError as error:
            raise DecodeError(f"{what}: {error.why}") from None
        self._position = start + length
        return start, start + length


def only_sequence(data: bytes, what: str) -> Reader:
    """A reader over the elements of octets that are one SEQUENCE named `what`, and nothing behind it."""
    reader = Reader(data)
    content = reader.enter(SEQUENCE, what)
    reader.expect_end(what)
    return content


def decode_text(content: bytes, what: str) -> str:
    """The text of UTF-8 octets; `what` names the field in the error."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Unacceptable(f"{what}: not UTF-8") from None


def decode_integer(content: bytes, what: str, low: int = 0, high: int = MAX_INT) -> int:
    """Two's complement content octets within bounds; `what` names the field in the error."""
    if not 0 < len(content) <= MAX_INTEGER_OCTETS:
        raise DecodeError(f"{what}: an INTEGER of {len(content)} octets")
    value = int.from_bytes(content, "big", signed=True)
    if not low <= value <= high:
        raise Unacceptable(f"{what}: {value} is not between {low} and {high}")
    return value


# Directory entries are a few hundred octets; their length octets are looked up rather than computed.
_PRECOMPUTED_LENGTHS: Final = 4096


def _length_octets(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


_LENGTHS: Final = tuple(_length_octets(size) for size in range(_PRECOMPUTED_LENGTHS))
_TAGS: Final = tuple(bytes((tag,)) for tag in range(256))


def length(size: int) -> bytes:
    """Minimal length octets."""
    return _LENGTHS[size] if size < _PRECOMPUTED_LENGTHS else _length_octets(size)


def tlv(tag: int, content: bytes) -> bytes:
    """One element: identifier octet, length, content."""
    return b"".join((_TAGS[tag], length(len(content)), content))


def octet_string(content: bytes, tag: int = OCTET_STRING) -> bytes:
    """An OCTET STRING element."""
    return tlv(tag, content)


def text(value: str, tag: int = OCTET_STRING) -> bytes:
    """An LDAPString element, UTF-8."""
    return tlv(tag, value.encode())


def integer(value: int, tag: int = INTEGER) -> bytes:
    """An INTEGER (or, by its tag, ENUMERATED) element."""
    return tlv(tag, integer_content(value))


def integer_content(value: int) -> bytes:
    """Two's complement in the fewest octets."""
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def enumerated(value: int) -> bytes:
    """An ENUMERATED element."""
    return integer(value, ENUMERATED)


def boolean(value: bool, tag: int = BOOLEAN) -> bytes:
    """A BOOLEAN element; TRUE is 0xFF (RFC 4511 §5.1)."""
    return tlv(tag, b"\xff" if value else b"\x00")


def sequence(*elements: bytes, tag: int = SEQUENCE) -> bytes:
    """A SEQUENCE (or, by its tag, SET or constructed choice) of encoded elements, in order."""
    return tlv(tag, b"".join(elements))
