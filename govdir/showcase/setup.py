"""What an application is told when it starts, and the settings of python3-saml that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml  # type: ignore[import-untyped]
from onelogin.saml2.settings import OneLogin_Saml2_Settings  # type: ignore[import-untyped]

from govdir.policy.texts import Language, Wording

TITLES = {
    "portal": Wording("Cổng thông tin nội bộ", "Staff portal"),
    "documents": Wording("Quản lý văn bản và điều hành", "Document manager"),
}
ACS_PATH, SLO_PATH, METADATA_PATH = "/saml/acs", "/saml/slo", "/saml/metadata"


class Kind(StrEnum):
    """The two applications."""

    PORTAL = "portal"
    DOCUMENTS = "documents"

    @property
    def other(self) -> Kind:
        """The one that this one links to."""
        return Kind.DOCUMENTS if self is Kind.PORTAL else Kind.PORTAL


@dataclass(frozen=True, slots=True)
class Setup:
    """One application. URLs are origins ("https://localhost:8444"); key and certificate are PEM.

    `identity_provider` is where the metadata of the identity provider is fetched, whose web server must have
    a certificate under `trust`, a file of PEM certificates.
    """

    kind: Kind
    url: str
    other_url: str
    identity_provider: str
    trust: str
    certificate: str
    key: str = field(repr=False)

    @property
    def sign_in_site(self) -> str:
        """The origin of the identity provider, where people change their passwords too."""
        scheme, _, rest = self.identity_provider.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"


def saml_settings(setup: Setup, identity_provider: dict[str, Any] | None = None) -> dict[str, Any]:
    """The settings of python3-saml: its defaults, strict, with everything signed that can be signed.

    `identity_provider` is its part ("idp") of the parsed metadata.
    """
    persistent = setup.kind is Kind.DOCUMENTS
    return {
        "strict": True,
        "sp": {
            "entityId": setup.url + METADATA_PATH,
            "assertionConsumerService": {"url": setup.url + ACS_PATH},
            "singleLogoutService": {"url": setup.url + SLO_PATH},
            # A name that no other application learns, for data that is kept under it; or the mail address.
            "NameIDFormat": Saml.NAMEID_PERSISTENT if persistent else Saml.NAMEID_EMAIL_ADDRESS,
            "x509cert": setup.certificate,
            "privateKey": setup.key,
        },
        "idp": identity_provider or {},
        # People see the application called this while they sign in.
        "organization": {
            language.value: {
                "name": TITLES[setup.kind].in_language(language),
                "displayname": TITLES[setup.kind].in_language(language),
                "url": setup.url,
            }
            for language in Language
        },
        "security": {
            "authnRequestsSigned": True,
            "logoutRequestSigned": True,
            "logoutResponseSigned": True,
            "wantMessagesSigned": True,
            "wantAssertionsSigned": True,
            "wantAssertionsEncrypted": setup.kind is Kind.DOCUMENTS,
            "rejectUnsolicitedResponsesWithInResponseTo": True,
            "rejectDeprecatedAlgorithm": True,
            "allowSingleLabelDomains": True,  # "localhost" has no dot
            # By default the metadata is good for two days only; without a date it is until it changes.
            "metadataValidUntil": "",
            "metadataCacheDuration": "",
        },
    }


def metadata(setup: Setup) -> bytes:
    """What the identity provider must know of this application; register it there.

    Raises OneLogin_Saml2_Error.
    """
    settings = OneLogin_Saml2_Settings(saml_settings(setup), sp_validation_only=True)
    text = settings.get_sp_metadata()
    return text if isinstance(text, bytes) else str(text).encode()
