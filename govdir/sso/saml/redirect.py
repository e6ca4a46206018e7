"""The redirect binding (saml-bindings §3.4): a message deflated into a query, signed beside it.

The signature covers the query as it was sent. Two spellings of one value (%2b, %2B) are two inputs, so what
is checked are the raw slices; only when they fail are the values spelt once more as JavaScript's
encodeURIComponent does, for some software signs that form and sends another. The values read are the same.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Final
from urllib.parse import quote, quote_plus, unquote_to_bytes

from msgspec import Struct

from govdir.sso.saml.errors import MalformedMessage, SignatureRefused
from govdir.sso.saml.keys import SignatureMethod, SigningKey, VerificationKeys, not_taken

MAX_QUERY_BYTES: Final = 16 * 1024
"""What browsers and proxies carry at most."""

MAX_INFLATED_BYTES: Final = 64 * 1024
"""A query's worth of honest XML, ten times over: deflate makes 1 kB of 1 MB of blanks."""

DEFLATE: Final = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
_COMPONENT_SAFE: Final = "!'()*~-._"
"""What encodeURIComponent leaves as it is, beside letters and digits."""

_OURS: Final = frozenset({"SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature", "SAMLEncoding"})


class RedirectSignature(Struct, frozen=True):
    """A query's signature: its method's URI, its octets, what it should cover as sent, and as re-encoded."""

    method: str
    value: bytes
    sent: bytes
    encoded_anew: bytes

    def __repr__(self) -> str:
        return f"RedirectSignature(method={self.method!r}, <hidden>)"


class RedirectMessage(Struct, frozen=True):
    """What a query brings: the XML, not looked at yet; RelayState, where None is absent and "" is empty.

    A ds:Signature within the XML means nothing in this binding (§3.4.4.1).
    """

    xml: bytes
    is_request: bool
    relay_state: str | None
    signature: RedirectSignature | None

    def __repr__(self) -> str:
        return f"RedirectMessage(is_request={self.is_request}, signature={self.signature!r}, <hidden>)"


class _Parameter(Struct, frozen=True):
    """A parameter: `slice` as sent, name and sign included, and the value decoded."""

    slice: bytes
    value: bytes


def read(raw_query: bytes) -> RedirectMessage:
    """The message in a query as it came, without "?"; raises MalformedMessage. Nothing is verified."""
    parameters = each_once(raw_query)
    only_deflate(parameters)
    message = the_message(parameters)
    relay_state = parameters.get("RelayState")
    return RedirectMessage(
        xml=inflate(_from_base64(parameters[message].value, message)),
        is_request=message == "SAMLRequest",
        relay_state=None if relay_state is None else _text(relay_state.value),
        signature=_signature(parameters, message),
    )


def check(message: RedirectMessage, keys: VerificationKeys) -> None:
    """Raises SignatureRefused unless one of the keys signed the query."""
    signature = message.signature
    if signature is None:
        raise SignatureRefused("the query is not signed")
    if not keys.accepts(signature.method):
        raise SignatureRefused(f"the query's signature is made with {not_taken(signature.method)}")
    for octets in (signature.sent, signature.encoded_anew):
        if any(
            key.verifies(signature.value, octets, signature.method) for key in keys.fitting(signature.method)
        ):
            return
    raise SignatureRefused("the query's signature was made with no key of the service provider")


def url(
    location: str,
    xml: bytes,
    *,
    is_request: bool,
    relay_state: str | None,
    key: SigningKey,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
) -> str:
    """Where to send the browser: the location, what it has of a query first, then the message, signed.

    Blanks in RelayState become "+": whoever puts the query together anew before checking it does so too.
    """
    parts = [
        ("SAMLRequest" if is_request else "SAMLResponse", base64.b64encode(deflate(xml)).decode("ascii"))
    ]
    if relay_state is not None:
        parts.append(("RelayState", relay_state))
    parts.append(("SigAlg", str(method)))
    signed = "&".join(f"{name}={quote_plus(value)}" for name, value in parts)
    signature = base64.b64encode(key.sign(signed.encode("ascii"), method)).decode("ascii")
    return f"{location}{_joint(location)}{signed}&Signature={quote_plus(signature)}"


def deflate(octets: bytes) -> bytes:
    """Compressed by RFC 1951, without the frame of zlib."""
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(octets) + compressor.flush()


def inflate(octets: bytes) -> bytes:
    """What was deflated, at most MAX_INFLATED_BYTES; raises MalformedMessage, also if more follows it."""
    decompressor = zlib.decompressobj(wbits=-15)
    try:
        inflated = decompressor.decompress(octets, MAX_INFLATED_BYTES + 1)
    except zlib.error:
        raise MalformedMessage("the message is not deflated (RFC 1951)") from None
    if len(inflated) > MAX_INFLATED_BYTES:
        raise MalformedMessage(f"larger than {MAX_INFLATED_BYTES} bytes when inflated")
    if not decompressor.eof or decompressor.unused_data:
        raise MalformedMessage("the deflated message is cut short or something follows it")
    return inflated


def each_once(raw_query: bytes) -> dict[str, _Parameter]:
    """The binding's parameters by name, each at most once and spelt plainly; others are passed over."""
    if len(raw_query) > MAX_QUERY_BYTES:
        raise MalformedMessage(f"a query larger than {MAX_QUERY_BYTES} bytes")
    found: dict[str, _Parameter] = {}
    for piece in raw_query.split(b"&"):
        spelt, sign, value = piece.partition(b"=")
        name = _decoded(spelt).decode("utf-8", "replace")
        if name not in _OURS:
            continue
        if name in found:
            raise MalformedMessage(f"{name} occurs twice")
        if spelt != name.encode("ascii") or not sign:
            raise MalformedMessage(f"{name} is not spelt plainly")
        found[name] = _Parameter(piece, _decoded(value))
    return found


def only_deflate(parameters: dict[str, _Parameter]) -> None:
    """DEFLATE is the one encoding that exists (§3.4.4.1)."""
    encoding = parameters.get("SAMLEncoding")
    if encoding is not None and encoding.value != DEFLATE.encode("ascii"):
        raise MalformedMessage("SAMLEncoding is not DEFLATE")


def the_message(parameters: dict[str, _Parameter]) -> str:
    """The name of the message's parameter: with both of them one could be signed and the other read."""
    present = [name for name in ("SAMLRequest", "SAMLResponse") if name in parameters]
    if len(present) != 1:
        raise MalformedMessage("neither SAMLRequest nor SAMLResponse, or both")
    return present[0]


def _signature(parameters: dict[str, _Parameter], message: str) -> RedirectSignature | None:
    """SigAlg and Signature, of which neither comes alone, over the slices in the order of §3.4.4.1."""
    algorithm, value = parameters.get("SigAlg"), parameters.get("Signature")
    if algorithm is None and value is None:
        return None
    if algorithm is None or value is None:
        raise MalformedMessage("Signature without SigAlg, or SigAlg without Signature")
    covered = [(name, parameters[name]) for name in (message, "RelayState", "SigAlg") if name in parameters]
    return RedirectSignature(
        method=_text(algorithm.value),
        value=_from_base64(value.value, "Signature"),
        sent=b"&".join(parameter.slice for _, parameter in covered),
        encoded_anew="&".join(
            f"{name}={quote(parameter.value, safe=_COMPONENT_SAFE)}" for name, parameter in covered
        ).encode("ascii"),
    )


def _decoded(component: bytes) -> bytes:
    return unquote_to_bytes(component.replace(b"+", b" "))


def _text(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedMessage("a parameter is not UTF-8") from None
    if "\0" in text:
        raise MalformedMessage("a parameter with a NUL")
    return text


def _from_base64(value: bytes, name: str) -> bytes:
    # Line ends are against §3.4.4.1, yet old encoders leave them; a blank was a plus sign nobody escaped.
    try:
        return base64.b64decode(value.replace(b"\r", b"").replace(b"\n", b""), validate=True)
    except binascii.Error:
        raise MalformedMessage(f"{name} is not base64") from None


def _joint(location: str) -> str:
    if "?" not in location:
        return "?"
    return "" if location.endswith(("?", "&")) else "&"
