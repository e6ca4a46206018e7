"""The short cut for search requests says the same as the definition, or nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from govdir.ldap.codec import ber, search_decode
from govdir.ldap.codec import filters as f
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.decode import decode_by_definition
from govdir.ldap.codec.encode import encode_message
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.limits import DecodeLimits
from govdir.ldap.codec.search_decode import CACHE_ENTRIES, decode_search
from tests.ldap.codec import strategies

LIMITS = DecodeLimits()
search_messages = st.builds(m.LdapMessage, strategies.message_ids, strategies.search_requests)


def content(message: m.LdapMessage) -> bytes:
    reader = ber.Reader(encode_message(message))
    start, end = reader.extent(ber.SEQUENCE, "LDAPMessage")
    return encode_message(message)[start:end]


def ordinary_search(**changed: object) -> m.LdapMessage:
    fields: dict[str, object] = {
        "base": "dc=cantho,dc=gov,dc=vn",
        "scope": m.Scope.WHOLE_SUBTREE,
        "deref_aliases": m.DerefAliases.NEVER,
        "size_limit": 0,
        "time_limit_seconds": 0,
        "types_only": False,
        "filter": f.Equality("mail", b"x"),
        "attributes": ("mail", "uid", "mailQuota"),
    }
    return m.LdapMessage(7, m.SearchRequest(**(fields | changed)))  # type: ignore[arg-type]


def by_definition(octets: bytes, limits: DecodeLimits = LIMITS) -> m.LdapMessage | None:
    try:
        return decode_by_definition(octets, 0, len(octets), limits)
    except DecodeError:
        return None


@given(search_messages)
def test_random_requests_decode_alike(message: m.LdapMessage) -> None:
    octets = content(message)

    assert decode_search(octets, 0, len(octets), LIMITS) in (message, None)
    assert by_definition(octets) == message


@given(search_messages, st.data())
def test_mutated_requests_decode_alike_or_not_at_all(message: m.LdapMessage, data: st.DataObject) -> None:
    octets = data.draw(strategies.mutations(content(message)))

    fast = decode_search(octets, 0, len(octets), LIMITS)

    assert fast is None or fast == by_definition(octets)


@given(search_messages, search_messages)
def test_octets_behind_the_message_are_not_looked_at(message: m.LdapMessage, next_one: m.LdapMessage) -> None:
    octets = content(message)

    for behind in (b"", content(next_one), b"\x04\x04mail"):
        assert decode_search(octets + behind, 0, len(octets), LIMITS) in (message, None)
        assert decode_search(octets + behind, 0, len(octets) - 1, LIMITS) is None


def test_the_requests_of_mail_servers_take_the_short_cut() -> None:
    filters = [
        f.Equality("mail", b"x" * 200),
        f.And((f.Equality("objectClass", b"gdMailbox"), f.Not(f.Present("mail")), f.Or(()))),
        f.Substrings("cn", b"ng", (b"van",), None),
        f.GreaterOrEqual("mailQuota", b"1"),
    ]
    for message in (ordinary_search(filter=each) for each in filters):
        octets = content(message)
        assert decode_search(octets, 0, len(octets), LIMITS) == message


def test_repeated_selections_are_one_object() -> None:
    octets = content(ordinary_search())

    first = decode_search(octets, 0, len(octets), LIMITS)
    again = decode_search(octets, 0, len(octets), LIMITS)

    assert isinstance(first, m.LdapMessage)
    assert isinstance(again, m.LdapMessage)
    assert first.operation.attributes is again.operation.attributes  # type: ignore[union-attr]


def test_limits_hold_although_a_selection_is_remembered() -> None:
    octets = content(ordinary_search())
    assert decode_search(octets, 0, len(octets), LIMITS) is not None

    assert decode_search(octets, 0, len(octets), DecodeLimits(attributes=2)) is None
    assert by_definition(octets, DecodeLimits(attributes=2)) is None


def test_a_flood_of_names_does_not_grow_the_caches() -> None:
    for number in range(CACHE_ENTRIES + 10):
        message = ordinary_search(
            base=f"cn={number}", filter=f.Present(f"a{number}"), attributes=(f"b{number}",)
        )
        octets = content(message)
        assert decode_search(octets, 0, len(octets), LIMITS) == message

    caches = (search_decode._heads, search_decode._selections, search_decode._names)
    assert all(len(cache) <= CACHE_ENTRIES for cache in caches)
