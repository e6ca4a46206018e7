"""Virtual list views (draft-ietf-ldapext-ldapv3-vlv-09): a window into a sorted result."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.ldap.codec import ber
from govdir.ldap.codec.controls.oids import VIRTUAL_LIST_VIEW_REQUEST, VIRTUAL_LIST_VIEW_RESPONSE
from govdir.ldap.codec.controls.values import only_sequence, result_code
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import Control
from govdir.ldap.codec.result_codes import ResultCode

_BY_OFFSET: Final = 0xA0
_GREATER_OR_EQUAL: Final = 0x81


class ListView(Struct, frozen=True):
    """A window of `before` and `after` entries around the target.

    The target is `value`, the first entry whose first sort key is not below it; or, when that is None, the
    entry at `offset` of the `count` entries that the client believes there are (0: it does not know).
    """

    before: int
    after: int
    offset: int = 1
    count: int = 0
    value: bytes | None = None
    context: bytes = b""


class ListViewResult(Struct, frozen=True):
    """Where the target is, from 1, among how many entries."""

    position: int
    count: int
    code: ResultCode
    context: bytes = b""


def decode_list_view(control: Control) -> ListView:
    """The window asked for; raises DecodeError."""
    content = only_sequence(control, "VirtualListViewRequest")
    before = content.integer(ber.INTEGER, "beforeCount")
    after = content.integer(ber.INTEGER, "afterCount")
    offset, count, value = 1, 0, None
    if content.next_tag() == _BY_OFFSET:
        target = content.enter(_BY_OFFSET, "byOffset")
        offset = target.integer(ber.INTEGER, "offset")
        count = target.integer(ber.INTEGER, "contentCount")
        target.ignore_extensions()
    elif content.next_tag() == _GREATER_OR_EQUAL:
        value = content.octets(_GREATER_OR_EQUAL, "greaterThanOrEqual")
    else:
        raise DecodeError("VirtualListViewRequest: target is missing")
    context = b""
    if content.next_tag() == ber.OCTET_STRING:
        context = content.octets(ber.OCTET_STRING, "contextID")
    content.ignore_extensions()
    return ListView(before, after, offset, count, value, context)


def encode_list_view(view: ListView, *, critical: bool = False) -> Control:
    """The control that asks for this window."""
    if view.value is None:
        target = ber.sequence(ber.integer(view.offset), ber.integer(view.count), tag=_BY_OFFSET)
    else:
        target = ber.octet_string(view.value, _GREATER_OR_EQUAL)
    context = ber.octet_string(view.context) if view.context else b""
    value = ber.sequence(ber.integer(view.before), ber.integer(view.after), target, context)
    return Control(VIRTUAL_LIST_VIEW_REQUEST, critical, value)


def encode_list_view_result(result: ListViewResult) -> Control:
    """The control that answers one."""
    context = ber.octet_string(result.context) if result.context else b""
    value = ber.sequence(
        ber.integer(result.position), ber.integer(result.count), ber.enumerated(result.code), context
    )
    return Control(VIRTUAL_LIST_VIEW_RESPONSE, False, value)


def decode_list_view_result(control: Control) -> ListViewResult:
    """The answer; raises DecodeError."""
    content = only_sequence(control, "VirtualListViewResponse")
    position = content.integer(ber.INTEGER, "targetPosition")
    count = content.integer(ber.INTEGER, "contentCount")
    code = result_code(content, "virtualListViewResult")
    context = b""
    if content.next_tag() == ber.OCTET_STRING:
        context = content.octets(ber.OCTET_STRING, "contextID")
    content.ignore_extensions()
    return ListViewResult(position, count, code, context)
