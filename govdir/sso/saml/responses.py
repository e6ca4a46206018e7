"""samlp:Response: the answer to an AuthnRequest, with an assertion or with the reason why there is none."""

from __future__ import annotations

from lxml import etree

from govdir.sso.saml import encryption, signatures
from govdir.sso.saml.assertions import assertion as build_assertion
from govdir.sso.saml.encryption import EncryptionKey, EncryptionMethod
from govdir.sso.saml.keys import SignatureMethod, SigningKey
from govdir.sso.saml.model import Assertion, Response
from govdir.sso.saml.parts import add_status, start
from govdir.sso.saml.xml import serialize


def response(content: Response, assertion: etree._Element | None) -> etree._Element:
    """The message, not signed yet. `assertion` is a saml:Assertion or saml:EncryptedAssertion; it is moved
    into the message."""
    message = start(
        "Response",
        content.id,
        content.issuer,
        content.issued_at,
        {"Destination": content.destination, "InResponseTo": content.in_response_to},
    )
    add_status(message, content.status)
    if assertion is not None:
        message.append(assertion)
    return message


def signed_response(
    content: Response,
    assertion: Assertion | None,
    *,
    key: SigningKey,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    sign_assertion: bool = True,
    sign_response: bool = True,
    encrypt_for: EncryptionKey | None = None,
    encryption_method: str = EncryptionMethod.AES256_GCM,
) -> bytes:
    """The whole of an answer, serialised: slow work, for a thread of the pool.

    The assertion is signed on its own, then (for `encrypt_for`) serialised and encrypted, then put into the
    response, which is signed last. Without any signature (both switches off) nobody could believe it: that
    is a ValueError when there is an assertion. Raises CannotEncrypt for an unknown `encryption_method`.
    """
    if assertion is None:
        message = response(content, None)
    else:
        if not (sign_assertion or sign_response):
            raise ValueError("an assertion that nothing signs")
        element = build_assertion(assertion)
        if sign_assertion:
            signatures.sign(element, key, method)
        if encrypt_for is not None:
            # from the octets of the assertion alone: several service providers read it back without the
            # namespaces of a surrounding response
            octets = serialize(element)
            element = encryption.encrypt(octets, encrypt_for, encryption_method)
        message = response(content, element)
    if sign_response:
        signatures.sign(message, key, method)
    return serialize(message)
