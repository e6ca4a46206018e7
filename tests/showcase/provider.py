"""An identity provider for the sample applications, which are told what it says without a server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from secrets import token_hex
from urllib.parse import urlsplit

from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from govdir.showcase.setup import Kind, Setup
from govdir.sso.saml import redirect, statuses, xml
from govdir.sso.saml.contexts import PASSWORD_PROTECTED_TRANSPORT
from govdir.sso.saml.encryption import EncryptionKey
from govdir.sso.saml.keys import SigningKey, VerificationKeys, make_signing_key
from govdir.sso.saml.logout import logout_request, logout_response, read_logout_request
from govdir.sso.saml.metadata_idp import IdpDescription, idp_metadata
from govdir.sso.saml.model import (
    Assertion,
    Attribute,
    AuthnRequest,
    LogoutRequest,
    LogoutResponse,
    NameId,
    NameIdFormat,
    Response,
    Status,
)
from govdir.sso.saml.names import NAME_FORMAT_URI
from govdir.sso.saml.post import encode
from govdir.sso.saml.requests import read_authn_request
from govdir.sso.saml.responses import signed_response

SITE = "https://localhost:8443"
URLS = {Kind.PORTAL: "https://localhost:8444", Kind.DOCUMENTS: "https://localhost:8445"}
CN, MAIL = "urn:oid:2.5.4.3", "urn:oid:0.9.2342.19200300.100.1.3"


@cache
def pem(name: str) -> tuple[bytes, bytes]:
    """A key and its certificate."""
    return make_signing_key(name)


def setup_of(kind: Kind) -> Setup:
    """An application's setup."""
    key, certificate = pem("application")
    return Setup(
        kind=kind,
        url=URLS[kind],
        other_url=URLS[kind.other],
        identity_provider=f"{SITE}/saml/metadata",
        trust="none",
        certificate=certificate.decode(),
        key=key.decode(),
    )


class Provider:
    """What govdir would answer. `key` signs; `known` are the keys in its metadata; `away`: nobody answers."""

    def __init__(self) -> None:
        self.key = SigningKey.load(*pem("provider"))
        self.away = False
        self._application = VerificationKeys.of([SigningKey.load(*pem("application")).certificate])

    def fetched(self) -> object:
        """In place of ServiceProvider._fetch."""
        if self.away:
            raise OSError("nobody answers")
        description = IdpDescription(
            entity_id=f"{SITE}/saml/metadata",
            sso_redirect=f"{SITE}/saml/sso",
            sso_post=f"{SITE}/saml/sso",
            slo_redirect=f"{SITE}/saml/slo",
            slo_post=f"{SITE}/saml/slo",
            slo_soap=f"{SITE}/saml/slo/soap",
            signing_certificates=(self.key.certificate,),
        )
        return OneLogin_Saml2_IdPMetadataParser.parse(idp_metadata(description, self.key))["idp"]

    def asked(self, location: str) -> tuple[AuthnRequest, str]:
        """The signed AuthnRequest a browser brings, with its RelayState."""
        message = self._message(location, "/saml/sso")
        return read_authn_request(xml.parse(message.xml)), message.relay_state or ""

    def asked_to_sign_out(self, location: str) -> tuple[LogoutRequest, str]:
        """The signed LogoutRequest likewise."""
        message = self._message(location, "/saml/slo")
        return read_logout_request(xml.parse(message.xml), []), message.relay_state or ""

    def _message(self, location: str, path: str) -> redirect.RedirectMessage:
        assert location.startswith(SITE + path + "?")
        message = redirect.read(urlsplit(location).query.encode())
        redirect.check(message, self._application)
        return message

    def answer(
        self,
        kind: Kind,
        in_response_to: str | None,
        *,
        name: str = "Nguyễn Văn Minh",
        name_id: str = "nvminh@cantho.gov.vn",
        status: str = statuses.SUCCESS,
        encrypted: bool | None = None,
    ) -> str:
        """SAMLResponse, as the form of a browser has it."""
        now = datetime.now(UTC).replace(microsecond=0)
        issuer, acs = f"{SITE}/saml/metadata", f"{URLS[kind]}/saml/acs"
        response = Response(
            id="_" + token_hex(16), issuer=issuer, issued_at=now, destination=acs, status=Status(status),
            in_response_to=in_response_to,
        )  # fmt: skip
        assertion = Assertion(
            id="_" + token_hex(16), issuer=issuer, issued_at=now, audience=f"{URLS[kind]}/saml/metadata",
            recipient=acs, name_id=NameId(name_id, NameIdFormat.EMAIL), not_before=now - timedelta(minutes=1),
            not_on_or_after=now + timedelta(minutes=5), authenticated_at=now,
            context_class=PASSWORD_PROTECTED_TRANSPORT, session_index="_index", in_response_to=in_response_to,
            attributes=tuple(
                Attribute(told, (value,), NAME_FORMAT_URI) for told, value in ((CN, name), (MAIL, name_id))
            ),
        )  # fmt: skip
        wanted = kind is Kind.DOCUMENTS if encrypted is None else encrypted
        certificate = SigningKey.load(*pem("application")).certificate
        octets = signed_response(
            response,
            assertion if status == statuses.SUCCESS else None,
            key=self.key,
            encrypt_for=EncryptionKey.of(certificate) if wanted else None,
        )
        return encode(octets)

    def sign_out(self, kind: Kind, name_id: str, indexes: Sequence[str] = ("_index",)) -> str:
        """The query of a LogoutRequest to the application."""
        request = LogoutRequest(
            id="_" + token_hex(16), issuer=f"{SITE}/saml/metadata", issued_at=datetime.now(UTC),
            name_id=NameId(name_id, NameIdFormat.EMAIL), destination=f"{URLS[kind]}/saml/slo",
            session_indexes=tuple(indexes),
        )  # fmt: skip
        url = redirect.url(
            f"{URLS[kind]}/saml/slo", xml.serialize(logout_request(request)), is_request=True,
            relay_state="kept", key=self.key,
        )  # fmt: skip
        return urlsplit(url).query

    def signed_out(self, kind: Kind, in_response_to: str, relay_state: str, status: Status) -> str:
        """The query of a LogoutResponse to the application."""
        response = LogoutResponse(
            id="_" + token_hex(16), issuer=f"{SITE}/saml/metadata", issued_at=datetime.now(UTC),
            status=status, in_response_to=in_response_to, destination=f"{URLS[kind]}/saml/slo",
        )  # fmt: skip
        url = redirect.url(
            f"{URLS[kind]}/saml/slo", xml.serialize(logout_response(response)), is_request=False,
            relay_state=relay_state, key=self.key,
        )  # fmt: skip
        return urlsplit(url).query
