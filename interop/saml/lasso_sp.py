"""Lasso behind an application: what mod_auth_mellon and LemonLDAP::NG do with messages, without Apache."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interop.programs import SYSTEM_PYTHON, require_system_module
from interop.saml.browser import Visit
from interop.saml.conversation import Conversation
from interop.saml.service import Binding, Going, Keys, SignedIn

_METADATA = """<?xml version="1.0"?>
<EntityDescriptor entityID="{host}/metadata" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"
      protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
{certificate}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>
{encryption}
{slo}
    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</NameIDFormat>
    <AssertionConsumerService index="0" isDefault="true" Location="{host}/acs"
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"/>
  </SPSSODescriptor>
</EntityDescriptor>
"""
_ENCRYPTION = """    <KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
{certificate}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"""
_SLO = '    <SingleLogoutService Location="{url}" Binding="{binding}"/>'


class Lasso:
    """An application at `host` with files in `folder`. `method` is the name of Lasso's constant, "" for its
    own choice; `slo` where it takes logouts, by binding."""

    def __init__(
        self,
        host: str,
        idp_metadata: bytes,
        folder: Path,
        keys: Keys,
        *,
        method: str = "SIGNATURE_METHOD_RSA_SHA256",
        slo: Mapping[Binding, str] | None = None,
        decrypts: bool = False,
    ) -> None:
        require_system_module("lasso", "python3-lasso")
        folder.mkdir(exist_ok=True)
        ends = slo or {Binding.REDIRECT: f"{host}/slo", Binding.POST: f"{host}/slo"}
        self._metadata = _METADATA.format(
            host=host,
            certificate=keys.bare_certificate,
            encryption=_ENCRYPTION.format(certificate=keys.bare_certificate) if decrypts else "",
            slo="\n".join(_SLO.format(url=url, binding=binding) for binding, url in ends.items()),
        ).encode()
        files = {
            "sp.xml": self._metadata,
            "key.pem": keys.key,
            "cert.pem": keys.certificate,
            "idp.xml": idp_metadata,
        }
        for name, octets in files.items():
            (folder / name).write_bytes(octets)
        script = Path(__file__).with_name("lasso_session.py")
        paths = [str(folder / name) for name in files]
        self._lasso = Conversation([SYSTEM_PYTHON, str(script), *paths, method])
        self._logout = ""
        self._wanted: dict[str, object] = {}

    def close(self) -> None:
        """Ends its process."""
        self._lasso.close()

    def metadata(self) -> bytes:
        return self._metadata

    def wants(self, *, force: bool = False, passive: bool = False, name_format: str | None = None) -> None:
        self._wanted = {"force": force, "passive": passive}
        if name_format is not None:
            self._wanted["format"] = name_format

    def login(self, binding: Binding, relay_state: str | None) -> Going:
        made = self._lasso.ask("login", binding=binding.name, relay_state=relay_state, **self._wanted)
        return _going(made, "SAMLRequest", relay_state)

    def answered(self, form: Mapping[str, str]) -> SignedIn:
        told = self._lasso.ask("answered", message=form["SAMLResponse"])
        return SignedIn(
            told["name_id"], told["format"], told["attributes"], told["session_index"], told["context"]
        )

    def logout(self, binding: Binding, who: SignedIn) -> Going:
        made = self._lasso.ask("logout", binding=binding.name, session_index=who.session_index)
        self._logout = made["dump"]
        return _going(made, "SAMLRequest", None)

    def signed_out(self, binding: Binding, visit: Visit) -> None:
        message = visit.raw_query if binding is Binding.REDIRECT else visit.form["SAMLResponse"]
        self.read_answer(message)

    def read_answer(self, message: str) -> None:
        """Reads a LogoutResponse: a query, a form's field, or an envelope. Raises NotBelieved."""
        self._lasso.ask("signed_out", message=message, dump=self._logout)

    def asked_to_sign_out(self, binding: Binding, visit: Visit, who: SignedIn | None) -> Going:
        message = visit.raw_query if binding is Binding.REDIRECT else visit.form["SAMLRequest"]
        relay_state = (visit.form or visit.query).get("RelayState")
        return _going(self.handled(message, who, relay_state), "SAMLResponse", relay_state)

    def handled(self, message: str, who: SignedIn | None, relay_state: str | None = None) -> Any:
        """The library's answer to a LogoutRequest: "url" and "body"."""
        index = None if who is None else who.session_index
        return self._lasso.ask(
            "asked_to_sign_out", message=message, session_index=index, relay_state=relay_state
        )


def _going(made: Any, field: str, relay_state: str | None) -> Going:
    if made["body"] is None:
        return Going(made["url"])
    more = {} if relay_state is None else {"RelayState": relay_state}
    return Going(made["url"], {field: made["body"], **more})
