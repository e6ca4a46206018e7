"""pysaml2 behind an application, as its how-to for service providers sets it up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_SOAP
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import create_metadata_string
from saml2.response import StatusError, VerificationError
from saml2.s_utils import SamlException
from saml2.sigver import SignatureError

from interop.programs import require_program
from interop.saml.browser import Visit
from interop.saml.service import Binding, Going, Keys, NotBelieved, SignedIn

BINDINGS = {
    Binding.REDIRECT: BINDING_HTTP_REDIRECT,
    Binding.POST: BINDING_HTTP_POST,
    Binding.SOAP: BINDING_SOAP,
}


class Pysaml2:
    """An application at `host` with files in `folder`; `sp` are settings of the service beyond the minimum.

    `slo`: where it takes LogoutRequests and answers, by binding.
    """

    def __init__(
        self,
        host: str,
        idp_metadata: bytes,
        folder: Path,
        keys: Keys,
        *,
        authority: Path | None = None,
        slo: Mapping[Binding, str] | None = None,
        decrypts: bool = False,
        **sp: object,
    ) -> None:
        require_program("xmlsec1", "xmlsec1")
        folder.mkdir(exist_ok=True)
        self._file(folder / "key.pem", keys.key)
        self._file(folder / "cert.pem", keys.certificate)
        self._file(folder / "idp.xml", idp_metadata)
        ends = slo or {Binding.REDIRECT: f"{host}/slo", Binding.POST: f"{host}/slo"}
        self._settings: dict[str, Any] = {
            "entityid": f"{host}/metadata",
            "key_file": str(folder / "key.pem"),
            "cert_file": str(folder / "cert.pem"),
            "metadata": {"local": [str(folder / "idp.xml")]},
            "allow_unknown_attributes": True,
            "service": {
                "sp": {
                    "endpoints": {
                        "assertion_consumer_service": [(f"{host}/acs", BINDING_HTTP_POST)],
                        "single_logout_service": [(url, BINDINGS[one]) for one, url in ends.items()],
                    },
                    **sp,
                }
            },
        }
        if authority is not None:
            self._settings |= {"ca_certs": str(authority)}
        if decrypts:
            self._settings["encryption_keypairs"] = [
                {"key_file": str(folder / "key.pem"), "cert_file": str(folder / "cert.pem")}
            ]
        self._wanted: dict[str, Any] = {}
        self._outstanding: dict[str, str] = {}
        self.heard: Callable[[bytes], None] = lambda _octets: None
        """Is shown what the identity provider answers from server to server."""
        self.client = Saml2Client(config=self._config())
        self._send = self.client.send
        self.client.send = self._overheard
        self.idp: str = next(iter(self.client.metadata.with_descriptor("idpsso")))

    def metadata(self) -> bytes:
        config = self._config()
        return bytes(create_metadata_string(None, config=config, sign=False))

    def wants(self, *, force: bool = False, passive: bool = False, name_format: str | None = None) -> None:
        flags = {"force_authn": force, "is_passive": passive}
        self._wanted = {name: "true" for name, value in flags.items() if value}
        if name_format is not None:
            self._wanted["nameid_format"] = name_format

    def login(self, binding: Binding, relay_state: str | None) -> Going:
        request_id, info = self.client.prepare_for_authenticate(
            relay_state=relay_state or "", binding=BINDINGS[binding], **self._wanted
        )
        self._outstanding[request_id] = "/"
        return going(info)

    def answered(self, form: Mapping[str, str]) -> SignedIn:
        try:
            response = self.client.parse_authn_request_response(
                form["SAMLResponse"], BINDING_HTTP_POST, self._outstanding
            )
        except (StatusError, SignatureError, VerificationError, SamlException) as error:
            raise NotBelieved(f"{type(error).__name__}: {error}") from error
        if response is None or response.name_id is None:
            raise NotBelieved("no response")
        (statement,) = response.assertion.authn_statement
        (attributes,) = response.assertion.attribute_statement
        return SignedIn(
            response.name_id.text,
            response.name_id.format,
            {one.name: [value.text for value in one.attribute_value] for one in attributes.attribute},
            statement.session_index,
            response,
        )

    def logout(self, binding: Binding, who: SignedIn) -> Going | None:
        response: Any = who.raw
        told = self.client.do_logout(
            response.name_id, [self.idp], "", None, expected_binding=BINDINGS[binding]
        )[self.idp]
        if not isinstance(told, tuple):
            if not told.status_ok():
                raise NotBelieved("not signed out")
            return None
        return going(told[1])

    def signed_out(self, binding: Binding, visit: Visit) -> None:
        message = (visit.form or visit.query)["SAMLResponse"]
        try:
            response = self.client.parse_logout_request_response(message, BINDINGS[binding])
        except (StatusError, SignatureError, VerificationError, SamlException) as error:
            raise NotBelieved(f"{type(error).__name__}: {error}") from error
        self.client.handle_logout_response(response)

    def asked_to_sign_out(self, binding: Binding, visit: Visit, who: SignedIn | None) -> Going:
        values = visit.form or visit.query
        info = self.handled(values["SAMLRequest"], binding, who, values)
        return going(info)

    def handled(
        self, message: str, binding: Binding, who: SignedIn | None, values: Mapping[str, str]
    ) -> dict[str, Any]:
        """What the library would answer to a LogoutRequest, in any binding."""
        response: Any = None if who is None else who.raw
        more = {"sigalg": values.get("SigAlg"), "signature": values.get("Signature")}
        info: dict[str, Any] = self.client.handle_logout_request(
            message,
            None if response is None else response.name_id,
            BINDINGS[binding],
            relay_state=values.get("RelayState"),
            **more,
        )
        return info

    def _overheard(self, *arguments: Any, **named: Any) -> Any:
        response = self._send(*arguments, **named)
        self.heard(response.content)
        return response

    def _config(self) -> SPConfig:
        return SPConfig().load(self._settings)

    @staticmethod
    def _file(path: Path, octets: bytes) -> None:
        path.write_bytes(octets)


def going(info: Mapping[str, Any]) -> Going:
    """Where the library's HTTP arguments lead."""
    headers = dict(info["headers"])
    if "Location" in headers:
        return Going(headers["Location"])
    from lxml import html

    form = html.document_fromstring(str(info["data"])).forms[0]
    return Going(form.action, {name: value for name, value in form.form_values() if name and value})
