"""Hypothesis strategies for all that the codec reads and writes; import them wherever messages are needed."""

from __future__ import annotations

from hypothesis import strategies as st

from govdir.ldap.codec import filters as f
from govdir.ldap.codec import messages as m
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.codec.urls import LdapUrl, UrlExtension

# Values cross the sizes where length octets change form; names are real, odd and Vietnamese.
values = st.one_of(
    st.sampled_from(
        [b"", b"nvminh@cantho.gov.vn", b"*()\\\x00", b"\xff\xfe", "Nguyễn".encode(), b"x" * 127, b"y" * 128]
    ),
    st.binary(max_size=40),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
dns = st.one_of(
    st.sampled_from(["", "dc=cantho,dc=gov,dc=vn", "uid=nvminh,ou=sonv,ou=orgs,dc=cantho,dc=gov,dc=vn"]),
    texts,
)
oids = st.sampled_from(["1.3.6.1.4.1.4203.1.11.3", "2.5.13.2", "1.2.840.113556.1.4.319", "caseIgnoreMatch"])
descriptions = st.one_of(
    st.sampled_from(
        ["mail", "cn;lang-vi", "2.5.4.3", "userCertificate;binary", "objectClass", "a" * 64, "b" * 65]
    ),
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}(;[a-z0-9-]{1,5})?", fullmatch=True),
)
message_ids = st.one_of(st.integers(1, 300), st.integers(1, 2**31 - 1))
counts = st.one_of(st.sampled_from([0, 1, 127, 128, 1000]), st.integers(0, 2**31 - 1))
pieces = values.filter(bool)


@st.composite
def substrings(draw: st.DrawFn) -> f.Substrings:
    initial = draw(st.none() | pieces)
    final = draw(st.none() | pieces)
    needed = 1 if initial is None and final is None else 0
    inner = tuple(draw(st.lists(pieces, min_size=needed, max_size=3)))
    return f.Substrings(draw(descriptions), initial, inner, final)


extensibles = st.builds(
    f.Extensible, st.none() | oids, st.none() | descriptions, values, st.booleans()
).filter(lambda node: node.rule is not None or node.attribute is not None)
assertions = st.one_of(
    st.builds(f.Equality, descriptions, values),
    st.builds(f.Present, descriptions),
    substrings(),
    st.builds(f.GreaterOrEqual, descriptions, values),
    st.builds(f.LessOrEqual, descriptions, values),
    st.builds(f.Approx, descriptions, values),
    extensibles,
)
filters: st.SearchStrategy[f.Filter] = st.recursive(
    assertions,
    lambda inner: st.one_of(
        st.builds(f.And, st.lists(inner, max_size=4).map(tuple)),
        st.builds(f.Or, st.lists(inner, max_size=4).map(tuple)),
        st.builds(f.Not, inner),
    ),
    max_leaves=12,
)

attributes = st.builds(m.Attribute, descriptions, st.lists(values, max_size=4).map(tuple))
attribute_lists = st.lists(attributes, max_size=5).map(tuple)
controls = st.builds(m.Control, oids, st.booleans(), st.none() | values)
results = st.builds(
    m.LdapResult, st.sampled_from(ResultCode), dns, texts, st.lists(texts, max_size=2).map(tuple)
)
changes = st.builds(m.Change, st.sampled_from(m.ModifyOperation), attributes)

search_requests = st.builds(
    m.SearchRequest,
    dns,
    st.sampled_from(m.Scope),
    st.sampled_from(m.DerefAliases),
    counts,
    counts,
    st.booleans(),
    filters,
    st.lists(st.one_of(descriptions, st.sampled_from(["*", "+", "1.1"])), max_size=4).map(tuple),
)
requests: st.SearchStrategy[m.Request] = st.one_of(
    st.builds(
        m.BindRequest,
        st.integers(1, 127),
        dns,
        st.one_of(
            st.builds(m.SimpleAuthentication, values),
            st.builds(m.SaslAuthentication, texts, st.none() | values),
        ),
    ),
    st.just(m.UnbindRequest()),
    search_requests,
    st.builds(m.ModifyRequest, dns, st.lists(changes, max_size=4).map(tuple)),
    st.builds(m.AddRequest, dns, attribute_lists),
    st.builds(m.DeleteRequest, dns),
    st.builds(m.ModifyDnRequest, dns, dns, st.booleans(), st.none() | dns),
    st.builds(m.CompareRequest, dns, descriptions, values),
    st.builds(m.AbandonRequest, st.integers(0, 2**31 - 1)),
    st.builds(m.ExtendedRequest, oids, st.none() | values),
)
responses: st.SearchStrategy[m.Response] = st.one_of(
    st.builds(m.BindResponse, results, st.none() | values),
    st.builds(m.SearchResultEntry, dns, attribute_lists),
    st.builds(m.SearchResultReference, st.lists(texts, min_size=1, max_size=3).map(tuple)),
    st.builds(m.SearchResultDone, results),
    st.builds(m.ModifyResponse, results),
    st.builds(m.AddResponse, results),
    st.builds(m.DeleteResponse, results),
    st.builds(m.ModifyDnResponse, results),
    st.builds(m.CompareResponse, results),
    st.builds(m.ExtendedResponse, results, st.none() | oids, st.none() | values),
    st.builds(m.IntermediateResponse, st.none() | oids, st.none() | values),
)
messages = st.builds(
    m.LdapMessage,
    message_ids,
    st.one_of(requests, responses),
    st.one_of(st.just(()), st.lists(controls, max_size=3).map(tuple)),
)

nonempty_attributes = st.builds(
    m.Attribute, descriptions, st.lists(values, min_size=1, max_size=3).map(tuple)
)
"""Attributes as an LDIF file can hold them: with a value each."""

url_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
urls = st.builds(
    LdapUrl,
    st.sampled_from(["", "ldap.example.net", "[2001:db8::7]", "10.0.0.1"]),
    st.none() | st.integers(0, 65535),
    url_texts,
    st.lists(descriptions, max_size=3).map(tuple),
    st.none() | st.sampled_from(m.Scope),
    st.none() | filters,
    st.lists(st.builds(UrlExtension, oids, st.none() | url_texts, st.booleans()), max_size=2).map(tuple),
    st.sampled_from(["ldap", "ldaps"]),
)


@st.composite
def cuts(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """`data` cut into segments in any way, empty ones included."""
    places = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@st.composite
def mutations(draw: st.DrawFn, data: bytes) -> bytes:
    """`data` with some octets changed, dropped, doubled or inserted."""
    mutated = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(mutated) - 1, 0)))
        kind = draw(st.sampled_from(["set", "flip", "delete", "insert", "truncate", "splice"]))
        if kind == "set" and mutated:
            mutated[place] = draw(
                st.sampled_from([0, 1, 0x04, 0x30, 0x7F, 0x80, 0x81, 0x84, 0xA0, 0xA3, 0xFF])
            )
        elif kind == "flip" and mutated:
            mutated[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "delete":
            del mutated[place : place + draw(st.integers(1, 3))]
        elif kind == "insert":
            mutated[place:place] = draw(st.binary(min_size=1, max_size=4))
        elif kind == "truncate":
            del mutated[place:]
        else:
            mutated[place:place] = mutated[draw(st.integers(0, len(mutated))) :][:20]
    return bytes(mutated)


ldif_pairs = st.lists(st.tuples(descriptions, values), min_size=1, max_size=6)
"""The content of an LDIF record."""

ldif_changes: st.SearchStrategy[m.AddRequest | m.DeleteRequest | m.ModifyRequest | m.ModifyDnRequest] = (
    st.one_of(
        st.builds(m.DeleteRequest, dns),
        st.builds(m.ModifyDnRequest, dns, dns, st.booleans(), st.none() | dns),
        st.builds(
            m.AddRequest,
            dns,
            st.lists(
                nonempty_attributes, min_size=1, max_size=4, unique_by=lambda each: each.type.lower()
            ).map(tuple),
        ),
        st.builds(
            m.ModifyRequest,
            dns,
            st.lists(
                st.one_of(
                    st.builds(
                        m.Change,
                        st.sampled_from(
                            [m.ModifyOperation.ADD, m.ModifyOperation.DELETE, m.ModifyOperation.REPLACE]
                        ),
                        nonempty_attributes,
                    ),
                    st.builds(
                        m.Change,
                        st.sampled_from([m.ModifyOperation.DELETE, m.ModifyOperation.REPLACE]),
                        st.builds(m.Attribute, descriptions),
                    ),
                    st.builds(
                        m.Change,
                        st.just(m.ModifyOperation.INCREMENT),
                        st.builds(m.Attribute, descriptions, st.tuples(values)),
                    ),
                ),
                max_size=3,
            ).map(tuple),
        ),
    )
)
ldif_controls = st.lists(
    st.builds(m.Control, oids.filter(lambda oid: "." in oid), st.booleans(), st.none() | values), max_size=2
).map(tuple)
