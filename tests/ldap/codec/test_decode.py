"""What is tolerated, what is refused and with which words, code and message id."""

from __future__ import annotations

import pytest

from govdir.ldap.codec import ber, operation_tags
from govdir.ldap.codec import filters as f
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.limits import DecodeLimits
from govdir.ldap.codec.result_codes import ResultCode

EXTENSION = b"\x9f\x81\x01\x02ab"  # a context tag in high tag number form, as a later version might add


def envelope(*elements: bytes, message_id: bytes = ber.integer(9)) -> bytes:
    return ber.sequence(message_id, *elements)


def search(
    search_filter: bytes = b"\x87\x02cn",
    *,
    base: bytes = b"\x04\x00",
    scope: bytes = ber.enumerated(2),
    types_only: bytes = ber.boolean(False),
    attributes: bytes = b"\x30\x00",
    extension: bytes = b"",
) -> bytes:
    content = (base, scope, ber.enumerated(0), ber.integer(0), ber.integer(0), types_only)
    operation = ber.sequence(
        *content, search_filter, attributes, extension, tag=operation_tags.SEARCH_REQUEST
    )
    return envelope(operation)


def substrings(*pieces: bytes) -> bytes:
    return ber.sequence(ber.text("cn"), ber.sequence(*pieces), tag=0xA4)


def nested_not(levels: int) -> bytes:
    inner = b"\x87\x02cn"
    for _ in range(levels - 1):
        inner = ber.tlv(0xA2, inner)
    return inner


def bind(choice: bytes, *, name: bytes = b"\x04\x00", version: int = 3) -> bytes:
    return envelope(ber.sequence(ber.integer(version), name, choice, tag=0x60))


def refusal(octets: bytes, limits: DecodeLimits | None = None) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        decode_message(octets, limits or DecodeLimits())
    return caught.value


def test_lengths_need_not_be_minimal() -> None:
    octets = b"\x30\x84\x00\x00\x00\x09\x02\x81\x01\x05\x42\x83\x00\x00\x00"

    assert decode_message(octets) == m.LdapMessage(5, m.UnbindRequest())


def test_any_octet_but_zero_is_true() -> None:
    request = decode_message(search(types_only=b"\x01\x01\x01")).operation

    assert isinstance(request, m.SearchRequest)
    assert request.types_only


@pytest.mark.parametrize(
    "octets",
    [
        envelope(b"\x4a\x01a", EXTENSION),
        envelope(b"\x4a\x01a", b"\xa0\x00", EXTENSION, EXTENSION),
    ],
)
def test_elements_after_the_controls_are_skipped(octets: bytes) -> None:
    assert decode_message(octets) == m.LdapMessage(9, m.DeleteRequest("a"))


def test_elements_after_the_known_ones_of_a_request_are_skipped() -> None:
    assert decode_message(search(extension=EXTENSION)) == decode_message(search())
    assert decode_message(bind(b"\x80\x00" + EXTENSION)) == decode_message(bind(b"\x80\x00"))


def test_a_result_code_that_is_not_known_reads_as_other() -> None:
    done = envelope(ber.sequence(ber.enumerated(4096), b"\x04\x00\x04\x00", tag=0x65))

    assert decode_message(done).operation == m.SearchResultDone(m.LdapResult(ResultCode.OTHER))


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "LDAPMessage: missing"),
        (b"\x31\x00", "tag 0x31 instead of 0x30"),
        (b"\x30\x80\x02\x01\x01\x42\x00\x00\x00", "indefinite length"),
        (b"\x30\x85\x00\x00\x00\x00\x05\x02\x01\x01\x42\x00", "more than 4 octets"),
        (b"\x30\x05\x02\x01\x01\x42\x00\x00", "LDAPMessage: octets left over"),
        (b"\x30\x05\x02\x01\x01\x42", "runs past the end"),
        (b"\x30\x00", "messageID: missing"),
        (envelope(message_id=b"\x02\x00"), "INTEGER of 0 octets"),
        (envelope(message_id=b"\x02\x01\xff"), "messageID: -1 is not between"),
        (envelope(message_id=b"\x02\x05\x00\x80\x00\x00\x00"), "messageID: 2147483648 is not between"),
    ],
)
def test_an_envelope_that_cannot_be_read_is_refused_without_a_message_id(octets: bytes, why: str) -> None:
    error = refusal(octets)

    assert why in error.why
    assert error.message_id is None
    assert error.code is ResultCode.PROTOCOL_ERROR


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (envelope(), "protocolOp: missing"),
        (envelope(b"\x42\x01"), "protocolOp: element runs past the end"),
        (envelope(b"\x7a\x00"), "unknown tag 0x7a"),
        (envelope(b"\x4a\x02\xc3\x28"), "DelRequest: not UTF-8"),
        (envelope(b"\x42\x01a"), "UnbindRequest"),
        (envelope(b"\x50\x00"), "AbandonRequest: an INTEGER of 0 octets"),
        (envelope(b"\x4a\x01a", b"\x9f\xff\xff\xff\xff\x01\x00"), "tag of more than"),
        (envelope(b"\x4a\x01a", b"\x9f"), "tag of more than"),
        (envelope(b"\x4a\x01a", b"\xa0\x02\x30\x00"), "controlType: missing"),
        (search(base=b"\x24\x02\x04\x00"), "baseObject: constructed encoding is not allowed"),
        (search(base=b"\x04\x01\xff"), "baseObject: not UTF-8"),
        (search(scope=ber.enumerated(3)), "scope: 3 is not between 0 and 2"),
        (search(types_only=b"\x01\x02\x00\x00"), "typesOnly: a BOOLEAN has one octet"),
        (search(b""), "filter: unknown choice 0x30"),
        (search(b"\xaa\x00"), "filter: unknown choice 0xaa"),
        (search(b"\xa2\x00"), "filter: missing"),
        (search(b"\xa2\x04\x87\x00\x87\x00"), "not: octets left over"),
        (search(substrings()), "at least one piece"),
        (search(substrings(b"\x81\x00")), "a piece is empty"),
        (search(substrings(b"\x81\x01a", b"\x80\x01b")), "initial once and first"),
        (search(substrings(b"\x82\x01a", b"\x82\x01b")), "final once and last"),
        (search(ber.sequence(b"\x83\x01a", tag=0xA9)), "neither matchingRule nor type"),
        (search(attributes=b"\x30\x02\x02\x00"), "selector: tag 0x02 instead of 0x04"),
        (bind(b""), "authentication: missing"),
        (bind(b"\x80\x00", version=0), "version: 0 is not between 1 and 127"),
        (envelope(b"\x66\x0b\x04\x00\x30\x07\x30\x05\x0a\x01\x04\x30\x00"), "operation: 4 is not between"),
        (envelope(b"\x73\x00"), "at least one is required"),
    ],
)
def test_an_operation_that_cannot_be_read_is_refused_with_its_message_id(octets: bytes, why: str) -> None:
    error = refusal(octets)

    assert why in error.why
    assert error.message_id == 9
    assert error.code is ResultCode.PROTOCOL_ERROR


@pytest.mark.parametrize("operation", [b"\x4a\x01a", b"\x42\x00", b"\x65\x07\x0a\x01\x00\x04\x00\x04\x00"])
def test_message_id_zero_is_only_for_unsolicited_notifications(operation: bytes) -> None:
    assert "reserved for unsolicited" in refusal(envelope(operation, message_id=ber.integer(0))).why


def test_an_unknown_way_to_authenticate_is_answered_by_its_own_code() -> None:
    assert refusal(bind(b"\x81\x00")).code is ResultCode.AUTH_METHOD_NOT_SUPPORTED


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (search(nested_not(65)), "filter: nesting: more than the limit of 64"),
        (search(nested_not(3000)), "filter: nesting: more than the limit of 64"),
        (search(ber.tlv(0xA0, b"\x87\x00" * 2048)), "filter: nodes: more than the limit of 2048"),
        (search(attributes=ber.tlv(0x30, b"\x04\x00" * 4097)), "attributes: more than the limit of 4096"),
        (
            envelope(b"\x4a\x00", ber.tlv(0xA0, b"\x30\x03\x04\x01a" * 33)),
            "controls: more than the limit of 32",
        ),
    ],
)
def test_more_than_a_limit_is_refused_as_such(octets: bytes, why: str) -> None:
    error = refusal(octets)

    assert error.why == why
    assert error.code is ResultCode.ADMIN_LIMIT_EXCEEDED


def test_as_much_as_a_limit_is_allowed() -> None:
    decode_message(search(nested_not(64)))
    decode_message(search(ber.tlv(0xA0, b"\x87\x00" * 2047)))


def test_values_are_counted_over_the_whole_message() -> None:
    attribute = m.Attribute("cn", (b"a", b"b"))
    octets = encode_message(m.LdapMessage(1, m.AddRequest("cn=a", (attribute, attribute))))

    assert decode_message(octets, DecodeLimits(values=4))
    assert refusal(octets, DecodeLimits(values=3)).why == "values: more than the limit of 3"
    assert refusal(octets, DecodeLimits(attributes=1)).why == "attributes: more than the limit of 1"


def test_no_error_shows_the_octets_it_is_about() -> None:
    error = refusal(bind(b"\x80\x06secret\xff", name=b"\x04\x02\xc3\x28"))

    assert "secret" not in str(error)
    assert "secret" not in repr(m.BindRequest(3, "cn=a", m.SimpleAuthentication(b"secret")))


def test_filters_decode_by_the_definition_beyond_the_sizes_of_the_short_cut() -> None:
    wide = f.Or(tuple(f.Equality("mail", b"person%04d@cantho.gov.vn" % number) for number in range(300)))
    request = m.SearchRequest("d" * 600, m.Scope.BASE_OBJECT, m.DerefAliases.NEVER, 0, 0, False, wide)

    assert decode_message(encode_message(m.LdapMessage(1, request))).operation == request
