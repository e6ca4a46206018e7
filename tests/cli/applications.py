"""Applications to register: their metadata as files."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from govdir.cli.sp_metadata import plain_metadata
from govdir.sso.saml.keys import make_signing_key

PORTAL = "https://portal.cantho.gov.vn/saml"
ACS = "https://portal.cantho.gov.vn/saml/acs"
SLO = "https://portal.cantho.gov.vn/saml/slo"


@cache
def certificate() -> bytes:
    """DER; one key for all of them, for making one takes a while."""
    return x509.load_pem_x509_certificate(make_signing_key("portal")[1]).public_bytes(Encoding.DER)


def certificate_file(folder: Path) -> Path:
    """The same as a PEM file."""
    file = folder / "portal.crt"
    file.write_bytes(x509.load_der_x509_certificate(certificate()).public_bytes(Encoding.PEM))
    return file


def metadata_file(folder: Path, entity_id: str = PORTAL, *, valid_until: datetime | None = None) -> Path:
    """Metadata of a portal with one key, answered at ACS and logged out at SLO."""
    octets = plain_metadata(entity_id, [ACS], SLO, [certificate()])
    if valid_until is not None:
        until = f' validUntil="{valid_until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" entityID='
        octets = octets.replace(b" entityID=", until.encode(), 1)
    file = folder / "portal.xml"
    file.write_bytes(octets)
    return file
