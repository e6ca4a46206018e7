"""The redirect binding: what is sent comes back, what was signed is what is read."""

from __future__ import annotations

import base64
import time
import zlib
from urllib.parse import parse_qs, quote, quote_plus

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from hypothesis import given
from hypothesis import strategies as st
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from govdir.sso.saml import redirect
from govdir.sso.saml.errors import MalformedMessage, SamlError, SignatureRefused
from govdir.sso.saml.keys import SignatureMethod, VerificationKeys
from tests.sso.saml.samples import certificate
from tests.sso.saml.signed import REQUEST, certificate_pem, key, keys, rsa_key

LOCATION = "https://mail.example.vn/saml/sso"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DEFLATED = base64.b64encode(redirect.deflate(REQUEST)).decode()
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


def sent(relay_state: str | None = "abc", *, location: str = LOCATION) -> bytes:
    """The query that a browser brings."""
    url = redirect.url(location, REQUEST, is_request=True, relay_state=relay_state, key=key())
    return url.partition("?")[2].encode()


def signed(text: str, method: str = RSA_SHA256, digest: hashes.HashAlgorithm | None = None) -> bytes:
    """A query that was signed as it is spelt, whatever that is."""
    signature = rsa_key().sign(text.encode(), padding.PKCS1v15(), digest or hashes.SHA256())
    return f"{text}&Signature={quote(base64.b64encode(signature), safe='')}".encode()


def spelt(relay_state: str, *, lower: bool = False) -> str:
    def encode(value: str) -> str:
        encoded = quote(value, safe="")
        return encoded.replace("%2B", "%2b").replace("%3D", "%3d").replace("%2F", "%2f") if lower else encoded

    return f"SAMLRequest={encode(DEFLATED)}&RelayState={relay_state}&SigAlg={encode(RSA_SHA256)}"


@given(relay_state=st.none() | TEXT)
def test_any_relay_state_comes_back_as_it_was(relay_state: str | None) -> None:
    message = redirect.read(sent(relay_state))

    redirect.check(message, keys())
    assert (message.xml, message.is_request, message.relay_state) == (REQUEST, True, relay_state)


@given(xml=st.binary(max_size=2000))
def test_any_octets_come_back_inflated(xml: bytes) -> None:
    assert redirect.inflate(redirect.deflate(xml)) == xml


@given(query=st.binary(max_size=400) | st.text("SAMLRequest=&RelaySigAlg%+A0").map(str.encode))
def test_any_query_is_read_or_refused(query: bytes) -> None:
    try:
        redirect.check(redirect.read(query), keys())
    except SamlError:
        return
    pytest.fail("believed")


def test_a_response_is_told_from_a_request() -> None:
    url = redirect.url(LOCATION, b"<x/>", is_request=False, relay_state=None, key=key())

    message = redirect.read(url.partition("?")[2].encode())

    redirect.check(message, keys())
    assert (message.is_request, message.relay_state) == (False, None)


def test_an_empty_relay_state_is_not_an_absent_one() -> None:
    assert redirect.read(sent("")).relay_state == ""
    assert b"RelayState=&" in sent("")
    assert redirect.read(sent(None)).relay_state is None
    assert b"RelayState" not in sent(None)


@pytest.mark.parametrize(
    ("location", "begins"),
    [
        ("https://sp.example.vn/slo", "https://sp.example.vn/slo?SAMLRequest="),
        ("https://sp.example.vn/?action=slo", "https://sp.example.vn/?action=slo&SAMLRequest="),
        ("https://sp.example.vn/?", "https://sp.example.vn/?SAMLRequest="),
        ("https://sp.example.vn/?a=1&", "https://sp.example.vn/?a=1&SAMLRequest="),
    ],
)
def test_the_query_of_a_location_is_kept(location: str, begins: str) -> None:
    url = redirect.url(location, REQUEST, is_request=True, relay_state="x y", key=key())

    assert url.startswith(begins)
    message = redirect.read(url.partition("?")[2].encode())
    redirect.check(message, keys())
    assert message.relay_state == "x y"


@pytest.mark.parametrize(
    "method", [SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA384, SignatureMethod.RSA_SHA512]
)
def test_each_method_that_we_sign_with_is_verified(method: SignatureMethod) -> None:
    url = redirect.url(LOCATION, REQUEST, is_request=True, relay_state="a", key=key(), method=method)

    redirect.check(redirect.read(url.partition("?")[2].encode()), keys())


def test_python3_saml_believes_a_query_it_puts_together_anew() -> None:
    values = {name: found[0] for name, found in parse_qs(sent("a b/ộ").decode()).items()}
    again = "&".join(f"{name}={quote_plus(values[name])}" for name in ("SAMLRequest", "RelayState", "SigAlg"))

    assert OneLogin_Saml2_Utils.validate_binary_sign(
        again.encode(),
        base64.b64decode(values["Signature"]),
        cert=certificate_pem(key().certificate).decode(),
        algorithm=RSA_SHA256,
    )


def test_the_order_in_the_query_does_not_matter() -> None:
    pieces = sent("abc").split(b"&")

    message = redirect.read(b"&".join([b"lang=vi", *reversed(pieces)]))

    redirect.check(message, keys())
    assert message.relay_state == "abc"


@pytest.mark.parametrize(
    ("relay_state", "value"),
    [
        ("a%20b", "a b"),
        ("a+b", "a b"),
        ("%c4%91", "đ"),
        ("%C4%91", "đ"),
        ("~!*()'", "~!*()'"),
        ("%7e%21", "~!"),
        ("https://x/?a=b", "https://x/?a=b"),
    ],
)
@pytest.mark.parametrize("lower", [False, True])
def test_a_query_is_verified_as_it_was_spelt(relay_state: str, value: str, lower: bool) -> None:
    message = redirect.read(signed(spelt(relay_state, lower=lower)))

    redirect.check(message, keys())
    assert message.relay_state == value


@pytest.mark.parametrize("value", ["a b", "f(x)", "it's*!", "đ"])
def test_a_query_that_was_signed_as_javascript_spells_it_and_sent_as_a_form_is_verified(value: str) -> None:
    signature = signed(spelt(quote(value, safe="!'()*~-._"))).partition(b"&Signature=")[2]
    on_the_way = spelt(quote_plus(value, safe="")).encode() + b"&Signature=" + signature

    message = redirect.read(on_the_way)

    redirect.check(message, keys())
    assert message.relay_state == value


def test_a_query_without_signature_is_read_and_not_believed() -> None:
    message = redirect.read(f"SAMLRequest={quote(DEFLATED, safe='')}".encode())

    assert message.signature is None
    with pytest.raises(SignatureRefused, match="not signed"):
        redirect.check(message, keys())


def test_somebody_elses_signature_is_refused() -> None:
    with pytest.raises(SignatureRefused, match="no key"):
        redirect.check(redirect.read(sent()), keys("stranger"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"RelayState=abc", b"RelayState=abd"),
        (b"&RelayState=abc", b""),
        (b"SigAlg=", b"SAMLEncoding=&SigAlg="),
    ],
)
def test_a_changed_query_is_refused(before: bytes, after: bytes) -> None:
    query = sent().replace(before, after)
    assert query != sent()

    with pytest.raises(SamlError):
        redirect.check(redirect.read(query), keys())


def test_another_message_under_the_same_signature_is_refused() -> None:
    other = base64.b64encode(redirect.deflate(REQUEST.replace(b"_true", b"_evil"))).decode()
    query = sent().replace(quote(DEFLATED, safe="").encode(), quote(other, safe="").encode())
    assert query != sent()

    with pytest.raises(SignatureRefused, match="no key"):
        redirect.check(redirect.read(query), keys())


@pytest.mark.parametrize("name", ["SAMLRequest", "RelayState", "SigAlg", "Signature"])
@pytest.mark.parametrize("front", [True, False])
def test_a_parameter_that_occurs_twice_is_refused(name: str, front: bool) -> None:
    extra = f"{name}=x".encode()
    query = extra + b"&" + sent() if front else sent() + b"&" + extra

    with pytest.raises(MalformedMessage, match=f"{name} occurs twice"):
        redirect.read(query)


@pytest.mark.parametrize(
    "odd", [b"%53AMLRequest", b"SAML%52equest", b"Relay%53tate", b"Sig%41lg", b"%53ignature"]
)
def test_a_name_that_is_spelt_oddly_is_refused(odd: bytes) -> None:
    with pytest.raises(MalformedMessage):
        redirect.read(sent() + b"&" + odd + b"=x")
    with pytest.raises(MalformedMessage, match="plainly"):
        redirect.read(odd + b"=x")


def test_a_parameter_without_equals_sign_is_refused() -> None:
    with pytest.raises(MalformedMessage, match="plainly"):
        redirect.read(f"SAMLRequest={quote(DEFLATED, safe='')}&RelayState".encode())


def test_request_and_response_in_one_query_are_refused() -> None:
    with pytest.raises(MalformedMessage, match="or both"):
        redirect.read(sent() + b"&SAMLResponse=" + quote(DEFLATED, safe="").encode())
    with pytest.raises(MalformedMessage, match="neither"):
        redirect.read(b"RelayState=abc")


@pytest.mark.parametrize("left_out", ["SigAlg", "Signature"])
def test_half_a_signature_is_refused_not_taken_for_none(left_out: str) -> None:
    pieces = [piece for piece in sent().split(b"&") if not piece.startswith(left_out.encode() + b"=")]

    with pytest.raises(MalformedMessage, match="without"):
        redirect.read(b"&".join(pieces))


@pytest.mark.parametrize(
    "method",
    [
        "",
        "urn:unknown",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    ],
)
def test_an_unknown_method_is_refused(method: str) -> None:
    text = f"SAMLRequest={quote(DEFLATED, safe='')}&SigAlg={quote(method, safe='')}"

    with pytest.raises(SignatureRefused, match="not taken"):
        redirect.check(redirect.read(signed(text)), keys(sha1=True))


def test_sha1_is_taken_only_where_it_is_permitted() -> None:
    method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    text = f"SAMLRequest={quote(DEFLATED, safe='')}&SigAlg={quote(method, safe='')}"
    message = redirect.read(signed(text, digest=hashes.SHA1()))

    redirect.check(message, keys(sha1=True))
    with pytest.raises(SignatureRefused, match="not taken"):
        redirect.check(message, keys())


@pytest.mark.parametrize("as_der", [True, False])
@pytest.mark.parametrize(
    ("curve", "name", "digest"),
    [
        (ec.SECP256R1(), "sha256", hashes.SHA256()),
        (ec.SECP384R1(), "sha384", hashes.SHA384()),
        (ec.SECP521R1(), "sha512", hashes.SHA512()),
    ],
)
def test_a_signature_on_a_curve_is_verified_in_both_spellings(
    curve: ec.EllipticCurve, name: str, digest: hashes.HashAlgorithm, as_der: bool
) -> None:
    private = ec.generate_private_key(curve)
    method = f"http://www.w3.org/2001/04/xmldsig-more#ecdsa-{name}"
    text = f"SAMLRequest={quote(DEFLATED, safe='')}&SigAlg={quote(method, safe='')}"
    value = private.sign(text.encode(), ec.ECDSA(digest))
    if not as_der:
        size = (curve.key_size + 7) // 8
        value = b"".join(number.to_bytes(size, "big") for number in utils.decode_dss_signature(value))
    query = f"{text}&Signature={quote(base64.b64encode(value), safe='')}".encode()

    message = redirect.read(query)

    redirect.check(message, VerificationKeys.of([certificate(key=private)]))
    with pytest.raises(SignatureRefused):
        redirect.check(message, VerificationKeys.of([certificate(key=ec.generate_private_key(curve))]))
    with pytest.raises(SignatureRefused):
        redirect.check(message, keys())


def test_deflate_is_the_only_encoding() -> None:
    named = quote("urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE", safe="").encode()

    redirect.check(redirect.read(sent() + b"&SAMLEncoding=" + named), keys())
    with pytest.raises(MalformedMessage, match="SAMLEncoding"):
        redirect.read(sent() + b"&SAMLEncoding=urn%3Aother")


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (REQUEST, "not deflated"),
        (zlib.compress(REQUEST), "not deflated|cut short"),
        (redirect.deflate(REQUEST)[:-3], "cut short"),
        (redirect.deflate(REQUEST) + b"<evil/>", "something follows"),
        (redirect.deflate(REQUEST) + redirect.deflate(REQUEST), "something follows"),
        (b"", "cut short"),
        (redirect.deflate(b" " * 65537), "larger than 65536"),
    ],
)
def test_what_is_not_one_deflated_message_is_refused(octets: bytes, reason: str) -> None:
    with pytest.raises(MalformedMessage, match=reason):
        redirect.inflate(octets)


def test_as_much_as_is_allowed_is_inflated() -> None:
    assert len(redirect.inflate(redirect.deflate(b" " * 65536))) == 65536


def test_a_bomb_is_not_inflated() -> None:
    bomb = redirect.deflate(b" " * 12_000_000)
    query = b"SAMLRequest=" + quote(base64.b64encode(bomb), safe="").encode()
    assert len(query) < redirect.MAX_QUERY_BYTES * 2
    began = time.perf_counter()

    with pytest.raises(MalformedMessage, match="larger than"):
        redirect.inflate(bomb)

    assert time.perf_counter() - began < 0.2


def test_a_query_longer_than_browsers_carry_is_refused() -> None:
    room = redirect.MAX_QUERY_BYTES - len(sent("")) - len(b"&x=")

    redirect.read(sent("") + b"&x=" + b"a" * room)
    with pytest.raises(MalformedMessage, match="larger than 16384"):
        redirect.read(sent("") + b"&x=" + b"a" * (room + 1))


@pytest.mark.parametrize("value", [b"%ff", b"%00", b"a%C4", b"\xff"])
def test_a_relay_state_that_is_no_text_is_refused(value: bytes) -> None:
    with pytest.raises(MalformedMessage, match="parameter"):
        redirect.read(b"SAMLRequest=" + quote(DEFLATED, safe="").encode() + b"&RelayState=" + value)


@pytest.mark.parametrize("value", ["%%%", "a", "a b c d", quote("ế"), "abc$"])
def test_a_message_that_is_not_base64_is_refused(value: str) -> None:
    with pytest.raises(MalformedMessage, match="base64"):
        redirect.read(f"SAMLRequest={value}".encode())


def test_line_ends_in_base64_are_passed_over() -> None:
    lines = base64.encodebytes(redirect.deflate(REQUEST)).decode().replace("\n", "\r\n")

    assert redirect.read(f"SAMLRequest={quote(lines, safe='')}".encode()).xml == REQUEST


def test_no_representation_shows_what_a_message_holds() -> None:
    message = redirect.read(sent("zzmark"))

    shown = repr(message)

    assert "zzmark" not in shown
    assert "AuthnRequest" not in shown
    assert shown == (
        "RedirectMessage(is_request=True, "
        f"signature=RedirectSignature(method='{RSA_SHA256}', <hidden>), <hidden>)"
    )
