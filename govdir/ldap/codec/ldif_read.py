"""LDIF files (RFC 2849) to records, one at a time, however long the file is.

Two readers: the plain one takes content records whole, with a few calls of C functions per line, and gives
up at anything unusual; the careful one takes logical lines and words the errors. Tolerated beyond the RFC:
a byte order mark, UTF-8 octets in values that are not in base64, a missing “-” at the end of a change.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Iterable, Iterator
from io import IOBase
from typing import BinaryIO, Final

from govdir.ldap.codec.ldif_change import END_OF_MODIFICATION, change_record, is_change
from govdir.ldap.codec.ldif_line import Line, ReadUrl, parse_line
from govdir.ldap.codec.ldif_records import ChangeRecord, ContentRecord, LdifError

MAX_RECORD_SIZE: Final = 32 * 1024 * 1024  # octets: the largest PDU, 16 MiB, in base64 and folded
BLOCK_SIZE: Final = 256 * 1024  # octets read at a time: some hundred entries
NAMES: Final = 4096  # attribute descriptions remembered; a schema has fewer

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_NEVER_FIRST: Final = b" :<"  # in a plain value; a value without a first octet also counts, and is unusual
_KEYWORDS: Final = frozenset(("dn", "changetype", "control"))

_plain_names: dict[bytes, str] = {}  # b"cn" -> "cn"
_base64_names: dict[bytes, str] = {}  # b"cn:" -> "cn"


def parse_ldif(
    source: BinaryIO | Iterable[bytes], *, read_url: ReadUrl | None = None
) -> Iterator[ContentRecord | ChangeRecord]:
    """The records of a file opened in binary, or of its octets cut anywhere, in order.

    Raises LdifError at the first line that breaks a rule, after the records before it; also when content and
    change records are mixed. `read_url` fetches `attribute:< url` values; None refuses them.
    """
    kind: type[ContentRecord | ChangeRecord] | None = None
    for number, octets in _records(source):
        record = _plain_content(number, octets) or _careful(number, octets, read_url, at_start=kind is None)
        if record is None:
            continue
        if kind is None:
            kind = type(record)
        elif type(record) is not kind:
            raise LdifError(record.line, "content and change records in one file (RFC 2849: ldif-file)")
        yield record


def _records(source: BinaryIO | Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """What stands between empty lines, and the number of its first line."""
    number = 1
    pending = b""
    for block in _blocks(source):
        pending += block
        end = pending.rfind(b"\n\n")
        if end < 0:
            if len(pending) > MAX_RECORD_SIZE:
                raise LdifError(number, f"a record of more than {MAX_RECORD_SIZE} octets")
            continue
        for piece in pending[:end].split(b"\n\n"):
            octets = piece.strip(b"\n")
            if octets:
                yield number + _leading_empty_lines(piece), octets
            number += piece.count(b"\n") + 2
        pending = pending[end + 2 :]
    octets = pending.strip(b"\n")
    if octets:
        yield number + _leading_empty_lines(pending), octets


def _leading_empty_lines(octets: bytes) -> int:
    return len(octets) - len(octets.lstrip(b"\n"))


def _blocks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """The octets in large blocks, with LF only at line ends and without a byte order mark."""
    held = b""  # an octet or two that only the next block explains
    at_start = True
    for chunk in _chunks(source):
        block = held + chunk
        held = b""
        if at_start:
            if len(block) < len(_BYTE_ORDER_MARK):
                held = block
                continue
            block = block.removeprefix(_BYTE_ORDER_MARK)
            at_start = False
        if block.endswith(b"\r"):
            block, held = block[:-1], b"\r"
        yield block.replace(b"\r\n", b"\n") if b"\r" in block else block
    if held:
        yield held


def _chunks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(source, IOBase):
        while chunk := source.read(BLOCK_SIZE):
            yield chunk
        return
    parts: list[bytes] = []
    size = 0
    for part in source:
        parts.append(part)
        size += len(part)
        if size >= BLOCK_SIZE:
            yield b"".join(parts)
            parts, size = [], 0
    yield b"".join(parts)


def _plain_content(number: int, octets: bytes) -> ContentRecord | None:
    """The content record that `octets` surely are, else None."""
    if not octets.startswith(b"dn:") or b"\r" in octets or b"\0" in octets:
        return None
    if b"\n " in octets:
        octets = octets.replace(b"\n ", b"")
    attributes: list[tuple[str, bytes]] = []
    try:
        if not octets.isascii():
            octets.decode()
        first, *lines = octets.split(b"\n")
        marker, _, value = first.partition(b": ")
        if marker == b"dn:":
            value = a2b_base64(value, strict_mode=True)
        elif marker != b"dn" or value[:1] in _NEVER_FIRST:
            return None
        dn = value.decode()
        for line in lines:
            name, _, value = line.partition(b": ")
            if name in _plain_names and value[:1] not in _NEVER_FIRST:
                attributes.append((_plain_names[name], value))
            elif name in _base64_names:
                attributes.append((_base64_names[name], a2b_base64(value, strict_mode=True)))
            elif line[:1] != b"#":
                return None
    except (Base64Error, UnicodeDecodeError):
        return None
    return ContentRecord(number, dn, attributes) if attributes else None


def _careful(
    number: int, octets: bytes, read_url: ReadUrl | None, *, at_start: bool
) -> ContentRecord | ChangeRecord | None:
    """The record, None when there is nothing but comments and, `at_start`, a version; raises LdifError."""
    lines = [
        Line(at, END_OF_MODIFICATION, b"") if line == b"-" else parse_line(at, line, read_url)
        for at, line in _logical_lines(number, octets)
    ]
    if at_start and lines and lines[0].name.lower() == "version":
        if lines[0].value != b"1":
            raise LdifError(lines[0].number, "the only version of LDIF is 1")
        del lines[0]
    if not lines:
        return None
    head, *body = lines
    if head.name.lower() != "dn":
        raise LdifError(head.number, f"a record begins with “dn:”, not with “{head.name}”")
    dn = head.text()
    if not body:
        raise LdifError(head.number, "a record has attributes, or a changetype, after its “dn:”")
    if is_change(body[0]):
        return change_record(head.number, dn, body, read_url)
    return ContentRecord(head.number, dn, [_pair(line) for line in body])


def _pair(line: Line) -> tuple[str, bytes]:
    """The attribute and value on a line of a content record; the plain reader learns the description."""
    if line.name.lower() in _KEYWORDS:
        raise LdifError(line.number, f"“{line.name}:” inside a record: is an empty line missing before it?")
    description = line.attribute()
    _remember(description)
    return description, line.value


def _remember(description: str) -> None:
    if len(_plain_names) >= NAMES:
        _plain_names.clear()
        _base64_names.clear()
    octets = description.encode()
    _plain_names[octets] = description
    _base64_names[octets + b":"] = description


def _logical_lines(number: int, octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with their continuations joined and without comments, and the number each begins at."""
    physical = octets.split(b"\n")
    if physical[0].startswith(b" "):
        raise LdifError(number, "a continuation line with nothing to continue")
    start = 0
    while start < len(physical):
        end = start + 1
        while end < len(physical) and physical[end].startswith(b" "):
            end += 1
        if not physical[start].startswith(b"#"):
            yield number + start, physical[start] + b"".join(line[1:] for line in physical[start + 1 : end])
        start = end
