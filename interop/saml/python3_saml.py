"""python3-saml behind an application, as its README sets it up."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from interop.saml.browser import Visit
from interop.saml.service import Binding, Going, Keys, NotBelieved, SignedIn

_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


class Python3Saml:
    """An application at `host`. `security` is what differs from the library's defaults."""

    def __init__(self, host: str, idp_metadata: bytes, keys: Keys | None = None, **security: object) -> None:
        self.host = host
        self._wanted: dict[str, Any] = {}
        self._request_id: str | None = None
        self._settings: dict[str, Any] = OneLogin_Saml2_IdPMetadataParser.parse(idp_metadata)
        self._settings |= {
            "strict": True,
            "sp": {
                "entityId": f"{host}/metadata",
                "assertionConsumerService": {"url": f"{host}/acs"},
                "singleLogoutService": {"url": f"{host}/slo"},
            },
            "security": security,
        }
        if keys is not None:
            self._settings["sp"] |= {"x509cert": keys.certificate.decode(), "privateKey": keys.key.decode()}

    def configure(self, **sp: object) -> None:
        """Changes what the settings say of the application itself."""
        self._settings["sp"] |= sp

    def metadata(self) -> bytes:
        settings = OneLogin_Saml2_Settings(self._settings, sp_validation_only=True)
        metadata = settings.get_sp_metadata()
        assert settings.validate_metadata(metadata) == []
        return metadata if isinstance(metadata, bytes) else str(metadata).encode()

    def wants(self, *, force: bool = False, passive: bool = False, name_format: str | None = None) -> None:
        self._wanted = {"force_authn": force, "is_passive": passive}
        if name_format is not None:
            self._settings["sp"]["NameIDFormat"] = name_format

    def login(self, binding: Binding, relay_state: str | None) -> Going:
        auth = self._auth()
        url = str(auth.login(return_to=relay_state, **self._wanted))
        self._request_id = auth.get_last_request_id()
        if binding is Binding.REDIRECT:
            return Going(url)
        # The library itself sends by Redirect only; with its own tools a request can be signed for POST.
        request = auth.get_last_request_xml()
        if self._settings["security"].get("authnRequestsSigned"):
            sp = self._settings["sp"]
            request = OneLogin_Saml2_Utils.add_sign(
                request, sp["privateKey"], sp["x509cert"], sign_algorithm=_SHA256
            )
        octets = request if isinstance(request, bytes) else request.encode()
        fields = {"SAMLRequest": base64.b64encode(octets).decode()}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return Going(url.partition("?")[0], fields)

    def answered(self, form: Mapping[str, str]) -> SignedIn:
        auth = self._auth(f"{self.host}/acs", post_data=dict(form))
        auth.process_response(request_id=self._request_id)
        _checked(auth)
        return SignedIn(
            auth.get_nameid(),
            auth.get_nameid_format(),
            auth.get_attributes(),
            auth.get_session_index(),
            (auth.get_nameid_nq(), auth.get_nameid_spnq(), tuple(auth.get_last_authn_contexts())),
        )

    def logout(self, binding: Binding, who: SignedIn) -> Going:
        assert binding is Binding.REDIRECT, "the library signs out by Redirect only"
        auth = self._auth()
        qualifiers = who.raw if isinstance(who.raw, tuple) else (None, None)
        url = auth.logout(
            name_id=who.name_id,
            session_index=who.session_index,
            name_id_format=who.name_id_format,
            nq=qualifiers[0],
            spnq=qualifiers[1],
            return_to=f"{self.host}/bye",
        )
        self._request_id = auth.get_last_request_id()
        return Going(str(url))

    def signed_out(self, binding: Binding, visit: Visit) -> None:
        assert binding is Binding.REDIRECT
        auth = self._auth(visit.url, get_data=visit.query)
        auth.process_slo(request_id=self._request_id, keep_local_session=True)
        _checked(auth)

    def asked_to_sign_out(self, binding: Binding, visit: Visit, who: SignedIn | None) -> Going:
        assert binding is Binding.REDIRECT
        auth = self._auth(visit.url, get_data=visit.query)
        url = auth.process_slo(keep_local_session=True)
        _checked(auth)
        return Going(str(url))

    def _auth(self, url: str | None = None, **data: object) -> Any:
        at = urlsplit(url or self.host)
        request = {
            "https": "on",
            "http_host": at.netloc,
            "script_name": at.path,
            "get_data": {},
            "post_data": {},
            **data,
        }
        return OneLogin_Saml2_Auth(request, self._settings)


def _checked(auth: Any) -> None:
    if auth.get_errors():
        raise NotBelieved(f"{', '.join(auth.get_errors())}: {auth.get_last_error_reason()}")
