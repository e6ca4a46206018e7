"""Every message of RFC 4511 to BER, in minimal definite form.

Text must be encodable as UTF-8. The functions on top are those a search result is made of: an entry is kept
as its encoded content and only wrapped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from govdir.ldap.codec import ber, operation_tags
from govdir.ldap.codec.filter_encode import encode_filter
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
    ModifyRequest,
    ModifyResponse,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    SimpleAuthentication,
    UnbindRequest,
)
from govdir.ldap.codec.result_codes import ResultCode

# Clients number their messages from 1; a connection of an ordinary client stays below this.
_PRECOMPUTED_IDS: Final = 4096
_IDS: Final = tuple(ber.integer(message_id) for message_id in range(_PRECOMPUTED_IDS))


def search_entry(message_id: int, content: bytes) -> bytes:
    """The message of a SearchResultEntry whose content octets (objectName and attributes) are `content`."""
    id_element = _IDS[message_id] if message_id < _PRECOMPUTED_IDS else ber.integer(message_id)
    size = ber.length(len(content))
    whole = ber.length(len(id_element) + 1 + len(size) + len(content))
    return b"".join((b"\x30", whole, id_element, b"\x64", size, content))


def annotated_entry(message_id: int, content: bytes, controls: Sequence[Control]) -> bytes:
    """As search_entry, of an entry that controls go with."""
    entry = ber.tlv(operation_tags.SEARCH_RESULT_ENTRY, content)
    return ber.sequence(ber.integer(message_id), entry, _controls(controls))


def search_reference(message_id: int, uris: Sequence[str]) -> bytes:
    """The message of a SearchResultReference."""
    reference = ber.tlv(operation_tags.SEARCH_RESULT_REFERENCE, _uris(uris))
    return ber.sequence(ber.integer(message_id), reference)


def search_done(
    message_id: int,
    code: ResultCode,
    matched_dn: str = "",
    diagnostic: str = "",
    *,
    controls: Sequence[Control] = (),
    referrals: tuple[str, ...] = (),
) -> bytes:
    """The message of a SearchResultDone."""
    id_element = _IDS[message_id] if message_id < _PRECOMPUTED_IDS else ber.integer(message_id)
    if code == 0 and not matched_dn and not diagnostic and not controls:
        return b"".join(
            (b"\x30", ber.length(len(id_element) + len(_PLAIN_SUCCESS)), id_element, _PLAIN_SUCCESS)
        )
    result = LdapResult(code, matched_dn, diagnostic, referrals)
    done = ber.tlv(operation_tags.SEARCH_RESULT_DONE, _result(result))
    return ber.sequence(id_element, done, _controls(controls))


def entry_content(object_name: str, attributes: Iterable[Attribute]) -> bytes:
    """The content octets of a SearchResultEntry, for search_entry."""
    return entry_content_of(object_name, map(partial_attribute, attributes))


def entry_content_of(object_name: str, encoded_attributes: Iterable[bytes]) -> bytes:
    """As entry_content, of attributes that are encoded already (partial_attribute)."""
    return ber.text(object_name) + ber.sequence(*encoded_attributes)


def partial_attribute(attribute: Attribute) -> bytes:
    """A PartialAttribute element (RFC 4511 §4.1.7)."""
    values = b"".join([ber.octet_string(value) for value in attribute.values])
    return ber.sequence(ber.text(attribute.type), ber.tlv(ber.SET, values))


def encode_message(message: LdapMessage) -> bytes:
    """The whole PDU of any message."""
    tag, encode_content = _OPERATIONS[type(message.operation)]
    operation = ber.tlv(tag, encode_content(message.operation))
    return ber.sequence(ber.integer(message.message_id), operation, _controls(message.controls))


def _controls(controls: Sequence[Control]) -> bytes:
    """§4.1.11: no element at all when there are none."""
    if not controls:
        return b""
    return ber.sequence(*map(encode_control, controls), tag=0xA0)


def encode_control(control: Control) -> bytes:
    """One element of a Controls value."""
    return ber.sequence(
        ber.text(control.oid),
        ber.boolean(True) if control.critical else b"",  # DEFAULT FALSE is not sent (§5.1)
        _optional_octets(control.value, ber.OCTET_STRING),
    )


def _optional_octets(value: bytes | None, tag: int) -> bytes:
    return b"" if value is None else ber.octet_string(value, tag)


def _optional_text(value: str | None, tag: int) -> bytes:
    return b"" if value is None else ber.text(value, tag)


def _uris(uris: Sequence[str]) -> bytes:
    return b"".join(map(ber.text, uris))


def _result(result: LdapResult) -> bytes:
    """The components of LDAPResult (§4.1.9)."""
    encoded = ber.enumerated(result.code) + ber.text(result.matched_dn) + ber.text(result.diagnostic_message)
    return encoded + ber.tlv(0xA3, _uris(result.referrals)) if result.referrals else encoded


def _bind_request(request: BindRequest) -> bytes:
    authentication = request.authentication
    if isinstance(authentication, SimpleAuthentication):
        choice = ber.octet_string(authentication.password, 0x80)
    else:
        credentials = _optional_octets(authentication.credentials, ber.OCTET_STRING)
        choice = ber.sequence(ber.text(authentication.mechanism), credentials, tag=0xA3)
    return ber.integer(request.version) + ber.text(request.name) + choice


def _bind_response(response: BindResponse) -> bytes:
    return _result(response.result) + _optional_octets(response.server_sasl_credentials, 0x87)


def _unbind_request(_: UnbindRequest) -> bytes:
    return b""


def _search_request(request: SearchRequest) -> bytes:
    return b"".join(
        (
            ber.text(request.base),
            ber.enumerated(request.scope),
            ber.enumerated(request.deref_aliases),
            ber.integer(request.size_limit),
            ber.integer(request.time_limit_seconds),
            ber.boolean(request.types_only),
            encode_filter(request.filter),
            ber.sequence(*map(ber.text, request.attributes)),
        )
    )


def _search_result_entry(entry: SearchResultEntry) -> bytes:
    return entry_content(entry.object_name, entry.attributes)


def _search_result_reference(reference: SearchResultReference) -> bytes:
    return _uris(reference.uris)


def _change(change: Change) -> bytes:
    return ber.sequence(ber.enumerated(change.operation), partial_attribute(change.modification))


def _modify_request(request: ModifyRequest) -> bytes:
    return ber.text(request.object) + ber.sequence(*map(_change, request.changes))


def _add_request(request: AddRequest) -> bytes:
    return entry_content(request.entry, request.attributes)


def _delete_request(request: DeleteRequest) -> bytes:
    return request.entry.encode()


def _modify_dn_request(request: ModifyDnRequest) -> bytes:
    return b"".join(
        (
            ber.text(request.entry),
            ber.text(request.new_rdn),
            ber.boolean(request.delete_old_rdn),
            _optional_text(request.new_superior, 0x80),
        )
    )


def _compare_request(request: CompareRequest) -> bytes:
    assertion = ber.sequence(ber.text(request.attribute), ber.octet_string(request.assertion_value))
    return ber.text(request.entry) + assertion


def _abandon_request(request: AbandonRequest) -> bytes:
    return ber.integer_content(request.message_id)


def _extended_request(request: ExtendedRequest) -> bytes:
    return ber.text(request.name, 0x80) + _optional_octets(request.value, 0x81)


def _extended_response(response: ExtendedResponse) -> bytes:
    return b"".join(
        (
            _result(response.result),
            _optional_text(response.name, 0x8A),
            _optional_octets(response.value, 0x8B),
        )
    )


def _intermediate_response(response: IntermediateResponse) -> bytes:
    return _optional_text(response.name, 0x80) + _optional_octets(response.value, 0x81)


_OnlyResult = (
    SearchResultDone | ModifyResponse | AddResponse | DeleteResponse | ModifyDnResponse | CompareResponse
)


def _only_result(response: _OnlyResult) -> bytes:
    return _result(response.result)


# Each function takes exactly the type it stands beside, which no annotation of a mapping can say.
_OPERATIONS: Final[dict[type, tuple[int, Callable[..., bytes]]]] = {  # type: ignore[explicit-any] # see above
    BindRequest: (operation_tags.BIND_REQUEST, _bind_request),
    BindResponse: (operation_tags.BIND_RESPONSE, _bind_response),
    UnbindRequest: (operation_tags.UNBIND_REQUEST, _unbind_request),
    SearchRequest: (operation_tags.SEARCH_REQUEST, _search_request),
    SearchResultEntry: (operation_tags.SEARCH_RESULT_ENTRY, _search_result_entry),
    SearchResultDone: (operation_tags.SEARCH_RESULT_DONE, _only_result),
    SearchResultReference: (operation_tags.SEARCH_RESULT_REFERENCE, _search_result_reference),
    ModifyRequest: (operation_tags.MODIFY_REQUEST, _modify_request),
    ModifyResponse: (operation_tags.MODIFY_RESPONSE, _only_result),
    AddRequest: (operation_tags.ADD_REQUEST, _add_request),
    AddResponse: (operation_tags.ADD_RESPONSE, _only_result),
    DeleteRequest: (operation_tags.DELETE_REQUEST, _delete_request),
    DeleteResponse: (operation_tags.DELETE_RESPONSE, _only_result),
    ModifyDnRequest: (operation_tags.MODIFY_DN_REQUEST, _modify_dn_request),
    ModifyDnResponse: (operation_tags.MODIFY_DN_RESPONSE, _only_result),
    CompareRequest: (operation_tags.COMPARE_REQUEST, _compare_request),
    CompareResponse: (operation_tags.COMPARE_RESPONSE, _only_result),
    AbandonRequest: (operation_tags.ABANDON_REQUEST, _abandon_request),
    ExtendedRequest: (operation_tags.EXTENDED_REQUEST, _extended_request),
    ExtendedResponse: (operation_tags.EXTENDED_RESPONSE, _extended_response),
    IntermediateResponse: (operation_tags.INTERMEDIATE_RESPONSE, _intermediate_response),
}

_PLAIN_SUCCESS: Final = ber.tlv(operation_tags.SEARCH_RESULT_DONE, _result(LdapResult(ResultCode.SUCCESS)))
