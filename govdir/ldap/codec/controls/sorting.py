"""Server-side sorting (RFC 2891)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import SORT_REQUEST, SORT_RESPONSE
from govdir.ldap.codec.controls.values import only_sequence, result_code
from govdir.ldap.codec.errors import DecodeError, limit_exceeded
from govdir.ldap.codec.messages import Control
from govdir.ldap.codec.result_codes import ResultCode

# Clients sort by surname, given name and address at most; every key is worked out for every match.
MAX_SORT_KEYS: Final = 8

_ORDERING_RULE: Final = 0x80
_REVERSE_ORDER: Final = 0x81
_ATTRIBUTE_TYPE: Final = 0x80


class SortKey(Struct, frozen=True):
    """An attribute description to sort by; `ordering_rule` "" is the attribute's own."""

    attribute: str
    ordering_rule: str = ""
    reverse: bool = False


class SortResult(Struct, frozen=True):
    """How sorting came out; `attribute` names the key that made it fail, "" for none."""

    code: ResultCode
    attribute: str = ""


def decode_sort_request(control: Control) -> tuple[SortKey, ...]:
    """The keys, the most significant first, at least one; raises DecodeError."""
    keys: list[SortKey] = []
    content = only_sequence(control, "SortKeyList")
    while not content.at_end:
        if len(keys) == MAX_SORT_KEYS:
            raise limit_exceeded("SortKeyList", MAX_SORT_KEYS)
        keys.append(_key(content.enter(ber.SEQUENCE, "SortKeyList element")))
    if not keys:
        raise DecodeError("SortKeyList: empty")
    return tuple(keys)


def _key(content: ber.Reader) -> SortKey:
    attribute = content.text(ber.OCTET_STRING, "attributeType")
    rule = content.text(_ORDERING_RULE, "orderingRule") if content.next_tag() == _ORDERING_RULE else ""
    reverse = content.next_tag() == _REVERSE_ORDER and content.boolean(_REVERSE_ORDER, "reverseOrder")
    content.ignore_extensions()
    return SortKey(attribute, rule, reverse)


def encode_sort_request(keys: tuple[SortKey, ...], *, critical: bool = False) -> Control:
    """The control that asks for this order."""
    value = ber.sequence(*map(_encoded_key, keys))
    return Control(SORT_REQUEST, critical, value)


def _encoded_key(key: SortKey) -> bytes:
    return ber.sequence(
        ber.text(key.attribute),
        ber.text(key.ordering_rule, _ORDERING_RULE) if key.ordering_rule else b"",
        ber.boolean(True, _REVERSE_ORDER) if key.reverse else b"",
    )


def encode_sort_result(result: SortResult) -> Control:
    """The control that answers one."""
    failed = ber.text(result.attribute, _ATTRIBUTE_TYPE) if result.attribute else b""
    return Control(SORT_RESPONSE, False, ber.sequence(ber.enumerated(result.code), failed))


def decode_sort_result(control: Control) -> SortResult:
    """The answer; raises DecodeError."""
    content = only_sequence(control, "SortResult")
    code = result_code(content, "sortResult")
    attribute = ""
    if content.next_tag() == _ATTRIBUTE_TYPE:
        attribute = content.text(_ATTRIBUTE_TYPE, "attributeType")
    content.ignore_extensions()
    return SortResult(code, attribute)
