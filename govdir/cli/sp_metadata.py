"""Where a service provider's metadata comes from: a file, an address, or a few facts of one that has none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from govdir.cli.language import current_language, say
from govdir.cli.outcome import Refused
from govdir.cli.sso import now
from govdir.policy.texts import Wording
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.keys import VerificationKeys
from govdir.sso.saml.metadata_sp import TakenOver, take_over
from govdir.sso.saml.model import Binding
from govdir.sso.saml.names import ds, md
from govdir.sso.saml.xml import DS, MD, SAMLP, serialize

_UNUSABLE = Wording(
    "Không dùng được siêu dữ liệu {origin}: {why}", "The metadata {origin} cannot be used: {why}"
)
_NOT_PEM = Wording("{file}: không có chứng thư dạng PEM", "{file}: there is no certificate in PEM")


def is_url(origin: str) -> bool:
    """Whether metadata is fetched, not read from a file."""
    return origin.startswith(("https://", "http://"))


def read_metadata(octets: bytes, origin: str, entity_id: str | None = None, signer: bytes = b"") -> TakenOver:
    """What the metadata says, and what to keep of it. `signer` is the DER certificate that must have signed
    it, b"" for any.

    Raises Refused, with the reason in the command's language.
    """
    keys = VerificationKeys.of([signer]) if signer else None
    try:
        return take_over(octets, entity_id, keys, now=now())
    except UnusableMetadata as error:
        why = error.why.in_language(current_language())
        raise Refused(say(_UNUSABLE, origin=origin, why=why)) from None


def read_certificate(file: Path) -> bytes:
    """The first certificate of a PEM file, DER. Raises Refused, OSError."""
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(Encoding.DER)
    except ValueError:
        raise Refused(say(_NOT_PEM, file=file)) from None


def plain_metadata(
    entity_id: str, acs: Sequence[str], slo: str | None, certificates: Sequence[bytes]
) -> bytes:
    """An EntityDescriptor (metadata §2.4.4) for a service provider that publishes none: it answers at `acs`
    by POST, the first by default, and is logged out at `slo` by Redirect; DER certificates, for both uses."""
    entity = etree.Element(md("EntityDescriptor"), nsmap={"md": MD, "ds": DS}, entityID=entity_id)
    role = etree.SubElement(entity, md("SPSSODescriptor"), protocolSupportEnumeration=SAMLP)
    if certificates:
        role.set("AuthnRequestsSigned", "true")
    for certificate in certificates:
        info = etree.SubElement(etree.SubElement(role, md("KeyDescriptor")), ds("KeyInfo"))
        data = etree.SubElement(etree.SubElement(info, ds("X509Data")), ds("X509Certificate"))
        data.text = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()
        data.text = "".join(data.text.splitlines()[1:-1])
    if slo is not None:
        etree.SubElement(role, md("SingleLogoutService"), Binding=Binding.REDIRECT, Location=slo)
    for index, location in enumerate(acs):
        end = etree.SubElement(
            role, md("AssertionConsumerService"), Binding=Binding.POST, Location=location, index=str(index)
        )
        if index == 0:
            end.set("isDefault", "true")
    return serialize(entity)
