"""One logical line of LDIF: `name: value`, `name:: base64`, `name:< url` (RFC 2849, value-spec)."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable

from msgspec import Struct

from govdir.ldap.codec.attribute_description import is_attribute_description
from govdir.ldap.codec.ldif_records import LdifError

ReadUrl = Callable[[str], bytes]
"""Fetches the value an LDIF line refers to; raises ValueError or OSError."""


class Line(Struct, frozen=True):
    """A logical line: `number` of its first physical line, text before the colon, octets of the value."""

    number: int
    name: str
    value: bytes

    def text(self) -> str:
        """The value as UTF-8; raises LdifError."""
        try:
            return self.value.decode()
        except UnicodeDecodeError:
            raise LdifError(self.number, f"the value of “{self.name}” is not UTF-8") from None

    def attribute(self) -> str:
        """The name, checked to be an attribute description; raises LdifError."""
        if not is_attribute_description(self.name):
            raise LdifError(self.number, f"“{self.name}” is not an attribute description (RFC 4512 §2.5)")
        return self.name


def parse_line(number: int, octets: bytes, read_url: ReadUrl | None) -> Line:
    """The line with its value decoded; raises LdifError."""
    name, colon, rest = octets.partition(b":")
    if not colon:
        raise LdifError(number, "no “:” after the attribute description")
    if not name:
        raise LdifError(number, "nothing before the “:”")
    try:
        text = name.decode("ascii")
    except UnicodeDecodeError:
        raise LdifError(number, "an attribute description is ASCII (RFC 4512 §2.5)") from None
    return Line(number, text, parse_value(number, rest, read_url))


def parse_value(number: int, octets: bytes, read_url: ReadUrl | None) -> bytes:
    """The octets that a value-spec without its first colon stands for; raises LdifError."""
    if octets.startswith(b":"):
        return _base64(number, octets[1:].lstrip(b" "))
    if octets.startswith(b"<"):
        return _referred(number, octets[1:].strip(b" "), read_url)
    value = octets.lstrip(b" ")
    if value[:1] in (b":", b"<"):
        raise LdifError(number, "a value that begins with “:” or “<” must be given in base64, after “::”")
    if b"\0" in value or b"\r" in value:
        raise LdifError(number, "a value with NUL or CR must be given in base64, after “::”")
    if not value.isascii():
        try:
            value.decode()
        except UnicodeDecodeError:
            raise LdifError(number, "a value that is not UTF-8 must be given in base64, after “::”") from None
    return value


def _base64(number: int, octets: bytes) -> bytes:
    try:
        return a2b_base64(octets.rstrip(b" "), strict_mode=True)
    except Base64Error:
        raise LdifError(number, "the value after “::” is not base64") from None


def _referred(number: int, octets: bytes, read_url: ReadUrl | None) -> bytes:
    if read_url is None:
        raise LdifError(number, "values from URLs (“:<”) are not allowed here")
    try:
        return read_url(octets.decode("ascii"))
    except (ValueError, OSError) as error:
        raise LdifError(number, f"the URL after “:<” cannot be read: {error}") from error
