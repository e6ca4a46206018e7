"""Every message of RFC 4511 from BER, requests and responses alike.

Trailing elements that are not known are skipped in every SEQUENCE, for the module is EXTENSIBILITY IMPLIED
(§4: "clients and servers MUST ignore trailing SEQUENCE components whose tags they do not recognize").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from govdir.ldap.codec import ber, operation_tags
from govdir.ldap.codec.errors import DecodeError, Unacceptable, limit_exceeded
from govdir.ldap.codec.filter_decode import attribute_value_assertion
from govdir.ldap.codec.limits import AFTER_BIND, DecodeLimits
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    AddResponse,
    Attribute,
    BindRequest,
    BindResponse,
    Change,
    CompareRequest,
    CompareResponse,
    Control,
    DeleteRequest,
    DeleteResponse,
    ExtendedRequest,
    ExtendedResponse,
    IntermediateResponse,
    LdapMessage,
    LdapResult,
    ModifyDnRequest,
    ModifyDnResponse,
    ModifyOperation,
    ModifyRequest,
    ModifyResponse,
    Request,
    Response,
    SaslAuthentication,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    SimpleAuthentication,
    UnbindRequest,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.search_decode import decode_search
from govdir.ldap.codec.search_request import decode_search_request

CONTROLS: Final = 0xA0
REFERRAL: Final = 0xA3

_CODES: Final = {code.value: code for code in ResultCode}


def decode_message(data: bytes, limits: DecodeLimits = AFTER_BIND) -> LdapMessage:
    """The message that `data` is, whole and nothing else; raises DecodeError."""
    reader = ber.Reader(data)
    if len(data) > limits.pdu_size:
        raise limit_exceeded("LDAPMessage: octets", limits.pdu_size)
    start, end = reader.extent(ber.SEQUENCE, "LDAPMessage")
    reader.expect_end("LDAPMessage")
    return decode_content(data, start, end, limits)


def decode_content(data: bytes, start: int, end: int, limits: DecodeLimits) -> LdapMessage:
    """The message whose content octets are `data[start:end]`; raises DecodeError."""
    return decode_search(data, start, end, limits) or decode_by_definition(data, start, end, limits)


def decode_by_definition(data: bytes, start: int, end: int, limits: DecodeLimits) -> LdapMessage:
    """As decode_content, always element by element."""
    reader = ber.Reader(data, start, end)
    message_id = reader.integer(ber.INTEGER, "messageID")
    operation = reader.next_tag()
    try:
        return _message(reader, message_id, limits)
    except Unacceptable as error:
        raise Unacceptable(error.why, message_id, operation, code=error.code) from None
    except DecodeError as error:
        raise DecodeError(error.why, message_id, code=error.code) from None


def _message(reader: ber.Reader, message_id: int, limits: DecodeLimits) -> LdapMessage:
    """protocolOp and controls (§4.1.1)."""
    tag = reader.next_tag()
    if tag is None:
        raise DecodeError("protocolOp: missing")
    decode_operation = _OPERATIONS.get(tag)
    if decode_operation is None:
        raise DecodeError(f"protocolOp: unknown tag {tag:#04x}")
    # "The messageID of a request MUST have a non-zero value"; zero is for unsolicited notifications (§4.4).
    if message_id == 0 and tag != operation_tags.EXTENDED_RESPONSE:
        raise DecodeError("messageID: 0 is reserved for unsolicited notifications")
    operation = decode_operation(reader.enter(tag, "protocolOp"), limits)
    controls: tuple[Control, ...] = ()
    if reader.next_tag() == CONTROLS:
        controls = decode_controls(reader.enter(CONTROLS, "controls"), limits)
    reader.ignore_extensions()
    return LdapMessage(message_id, operation, controls)


def decode_controls(reader: ber.Reader, limits: DecodeLimits) -> tuple[Control, ...]:
    """The elements of a Controls value (RFC 4511 §4.1.11). Raises DecodeError."""
    controls: list[Control] = []
    while not reader.at_end:
        if len(controls) == limits.controls:
            raise limit_exceeded("controls", limits.controls)
        inner = reader.enter(ber.SEQUENCE, "Control")
        oid = inner.text(ber.OCTET_STRING, "controlType")
        critical, value = False, None
        if inner.next_tag() == ber.BOOLEAN:
            critical = inner.boolean(ber.BOOLEAN, "criticality")
        if inner.next_tag() == ber.OCTET_STRING:
            value = inner.octets(ber.OCTET_STRING, "controlValue")
        inner.ignore_extensions()
        controls.append(Control(oid, critical, value))
    return tuple(controls)


def _optional_text(reader: ber.Reader, tag: int, what: str) -> str | None:
    return reader.text(tag, what) if reader.next_tag() == tag else None


def _optional_octets(reader: ber.Reader, tag: int, what: str) -> bytes | None:
    return reader.octets(tag, what) if reader.next_tag() == tag else None


class _Attributes:
    """The partial attributes of one message: counts them and their values."""

    __slots__ = ("_attributes_left", "_limits", "_values_left")

    def __init__(self, limits: DecodeLimits) -> None:
        self._limits = limits
        self._attributes_left = limits.attributes
        self._values_left = limits.values

    def all(self, reader: ber.Reader) -> tuple[Attribute, ...]:
        """Every PartialAttribute of a list (§4.1.7)."""
        attributes = []
        while not reader.at_end:
            attributes.append(self.next(reader))
        return tuple(attributes)

    def next(self, reader: ber.Reader) -> Attribute:
        """The next element as a PartialAttribute."""
        if self._attributes_left == 0:
            raise limit_exceeded("attributes", self._limits.attributes)
        self._attributes_left -= 1
        inner = reader.enter(ber.SEQUENCE, "PartialAttribute")
        description = inner.text(ber.OCTET_STRING, "type")
        members = inner.enter(ber.SET, "vals")
        inner.ignore_extensions()
        values: list[bytes] = []
        while not members.at_end:
            if len(values) == self._values_left:
                raise limit_exceeded("values", self._limits.values)
            values.append(members.octets(ber.OCTET_STRING, "AttributeValue"))
        self._values_left -= len(values)
        return Attribute(description, tuple(values))


def _result(reader: ber.Reader) -> LdapResult:
    """The components of LDAPResult (§4.1.9). A code that is not known reads as OTHER (appendix A.1)."""
    number = reader.integer(ber.ENUMERATED, "resultCode")
    matched_dn = reader.text(ber.OCTET_STRING, "matchedDN")
    diagnostic = reader.text(ber.OCTET_STRING, "diagnosticMessage")
    referrals: tuple[str, ...] = ()
    if reader.next_tag() == REFERRAL:
        referrals = _uris(reader.enter(REFERRAL, "referral"))
    return LdapResult(_CODES.get(number, ResultCode.OTHER), matched_dn, diagnostic, referrals)


def _uris(reader: ber.Reader) -> tuple[str, ...]:
    """SEQUENCE SIZE (1..MAX) OF URI."""
    if reader.at_end:
        raise DecodeError("URIs: at least one is required")
    uris = []
    while not reader.at_end:
        uris.append(reader.text(ber.OCTET_STRING, "URI"))
    return tuple(uris)


def _bind_request(reader: ber.Reader, _: DecodeLimits) -> BindRequest:
    version = reader.integer(ber.INTEGER, "version", 1, 127)
    name = reader.text(ber.OCTET_STRING, "name")
    choice = reader.next_tag()
    authentication: SimpleAuthentication | SaslAuthentication
    if choice == 0x80:
        authentication = SimpleAuthentication(reader.octets(0x80, "simple"))
    elif choice == 0xA3:
        sasl = reader.enter(0xA3, "sasl")
        mechanism = sasl.text(ber.OCTET_STRING, "mechanism")
        authentication = SaslAuthentication(
            mechanism, _optional_octets(sasl, ber.OCTET_STRING, "credentials")
        )
        sasl.ignore_extensions()
    elif choice is None:
        raise DecodeError("authentication: missing")
    else:
        code = ResultCode.AUTH_METHOD_NOT_SUPPORTED
        raise DecodeError(f"authentication: unknown choice {choice:#04x}", code=code)
    reader.ignore_extensions()
    return BindRequest(version, name, authentication)


def _bind_response(reader: ber.Reader, _: DecodeLimits) -> BindResponse:
    result = _result(reader)
    credentials = _optional_octets(reader, 0x87, "serverSaslCreds")
    reader.ignore_extensions()
    return BindResponse(result, credentials)


def _unbind_request(reader: ber.Reader, _: DecodeLimits) -> UnbindRequest:
    reader.expect_end("UnbindRequest (NULL)")
    return UnbindRequest()


def _search_result_entry(reader: ber.Reader, limits: DecodeLimits) -> SearchResultEntry:
    name = reader.text(ber.OCTET_STRING, "objectName")
    attributes = _Attributes(limits).all(reader.enter(ber.SEQUENCE, "attributes"))
    reader.ignore_extensions()
    return SearchResultEntry(name, attributes)


def _search_result_reference(reader: ber.Reader, _: DecodeLimits) -> SearchResultReference:
    return SearchResultReference(_uris(reader))


def _modify_request(reader: ber.Reader, limits: DecodeLimits) -> ModifyRequest:
    name = reader.text(ber.OCTET_STRING, "object")
    items = reader.enter(ber.SEQUENCE, "changes")
    reader.ignore_extensions()
    attributes = _Attributes(limits)
    changes = []
    while not items.at_end:
        change = items.enter(ber.SEQUENCE, "change")
        operation = change.integer(ber.ENUMERATED, "operation", high=max(ModifyOperation))
        modification = attributes.next(change)
        change.ignore_extensions()
        changes.append(Change(ModifyOperation(operation), modification))
    return ModifyRequest(name, tuple(changes))


def _add_request(reader: ber.Reader, limits: DecodeLimits) -> AddRequest:
    name = reader.text(ber.OCTET_STRING, "entry")
    attributes = _Attributes(limits).all(reader.enter(ber.SEQUENCE, "attributes"))
    reader.ignore_extensions()
    return AddRequest(name, attributes)


def _delete_request(reader: ber.Reader, _: DecodeLimits) -> DeleteRequest:
    return DeleteRequest(ber.decode_text(reader.rest(), "DelRequest"))


def _modify_dn_request(reader: ber.Reader, _: DecodeLimits) -> ModifyDnRequest:
    entry = reader.text(ber.OCTET_STRING, "entry")
    new_rdn = reader.text(ber.OCTET_STRING, "newrdn")
    delete_old_rdn = reader.boolean(ber.BOOLEAN, "deleteoldrdn")
    new_superior = _optional_text(reader, 0x80, "newSuperior")
    reader.ignore_extensions()
    return ModifyDnRequest(entry, new_rdn, delete_old_rdn, new_superior)


def _compare_request(reader: ber.Reader, _: DecodeLimits) -> CompareRequest:
    entry = reader.text(ber.OCTET_STRING, "entry")
    attribute, value = attribute_value_assertion(reader)
    reader.ignore_extensions()
    return CompareRequest(entry, attribute, value)


def _abandon_request(reader: ber.Reader, _: DecodeLimits) -> AbandonRequest:
    return AbandonRequest(ber.decode_integer(reader.rest(), "AbandonRequest"))


def _extended_request(reader: ber.Reader, _: DecodeLimits) -> ExtendedRequest:
    name = reader.text(0x80, "requestName")
    value = _optional_octets(reader, 0x81, "requestValue")
    reader.ignore_extensions()
    return ExtendedRequest(name, value)


def _extended_response(reader: ber.Reader, _: DecodeLimits) -> ExtendedResponse:
    result = _result(reader)
    name = _optional_text(reader, 0x8A, "responseName")
    value = _optional_octets(reader, 0x8B, "responseValue")
    reader.ignore_extensions()
    return ExtendedResponse(result, name, value)


def _intermediate_response(reader: ber.Reader, _: DecodeLimits) -> IntermediateResponse:
    name = _optional_text(reader, 0x80, "responseName")
    value = _optional_octets(reader, 0x81, "responseValue")
    reader.ignore_extensions()
    return IntermediateResponse(name, value)


_Decode = Callable[[ber.Reader, DecodeLimits], Request | Response]
_OnlyResult = type[
    SearchResultDone | ModifyResponse | AddResponse | DeleteResponse | ModifyDnResponse | CompareResponse
]


def _only_result(response: _OnlyResult) -> _Decode:
    """Decodes the responses that are an LDAPResult and no more."""

    def decode(reader: ber.Reader, _: DecodeLimits) -> Response:
        result = _result(reader)
        reader.ignore_extensions()
        return response(result)

    return decode


_OPERATIONS: Final[dict[int, _Decode]] = {
    operation_tags.BIND_REQUEST: _bind_request,
    operation_tags.BIND_RESPONSE: _bind_response,
    operation_tags.UNBIND_REQUEST: _unbind_request,
    operation_tags.SEARCH_REQUEST: decode_search_request,
    operation_tags.SEARCH_RESULT_ENTRY: _search_result_entry,
    operation_tags.SEARCH_RESULT_DONE: _only_result(SearchResultDone),
    operation_tags.MODIFY_REQUEST: _modify_request,
    operation_tags.MODIFY_RESPONSE: _only_result(ModifyResponse),
    operation_tags.ADD_REQUEST: _add_request,
    operation_tags.ADD_RESPONSE: _only_result(AddResponse),
    operation_tags.DELETE_REQUEST: _delete_request,
    operation_tags.DELETE_RESPONSE: _only_result(DeleteResponse),
    operation_tags.MODIFY_DN_REQUEST: _modify_dn_request,
    operation_tags.MODIFY_DN_RESPONSE: _only_result(ModifyDnResponse),
    operation_tags.COMPARE_REQUEST: _compare_request,
    operation_tags.COMPARE_RESPONSE: _only_result(CompareResponse),
    operation_tags.ABANDON_REQUEST: _abandon_request,
    operation_tags.SEARCH_RESULT_REFERENCE: _search_result_reference,
    operation_tags.EXTENDED_REQUEST: _extended_request,
    operation_tags.EXTENDED_RESPONSE: _extended_response,
    operation_tags.INTERMEDIATE_RESPONSE: _intermediate_response,
}
