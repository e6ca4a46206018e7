"""node-saml (under passport-saml and much else) behind an application, as its README sets it up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from lxml import etree, html

from interop.programs import missing, require_program
from interop.saml.browser import Visit
from interop.saml.conversation import Conversation
from interop.saml.service import Binding, Going, Keys, NotBelieved, SignedIn
from interop.saml.wire import DS

_FOLDER: Final = Path(__file__).with_name("node_saml")
_MD: Final = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def start_node() -> Conversation:
    """A process that has the library loaded."""
    node = require_program("node", "nodejs")
    if not (_FOLDER / "node_modules" / "@node-saml").exists():
        missing("node-saml is not installed (scripts/node-packages)")
    return Conversation([node, "session.js"], _FOLDER)


class NodeSaml:
    """An application at `host`; `options` are the library's beyond the minimum."""

    def __init__(
        self,
        node: Conversation,
        host: str,
        idp_metadata: bytes,
        keys: Keys | None = None,
        **options: object,
    ) -> None:
        self._node = node
        self._keys = keys
        idp = etree.fromstring(idp_metadata)
        sso = idp.find(f".//{_MD}SingleSignOnService[@Binding='{Binding.REDIRECT}']")
        slo = idp.find(f".//{_MD}SingleLogoutService[@Binding='{Binding.REDIRECT}']")
        assert sso is not None
        assert slo is not None
        self.options: dict[str, Any] = {
            "callbackUrl": f"{host}/acs",
            "entryPoint": sso.get("Location"),
            "logoutUrl": slo.get("Location"),
            "logoutCallbackUrl": f"{host}/slo",
            "issuer": f"{host}/metadata",
            "idpCert": idp.findtext(f".//{DS}X509Certificate"),
        }
        if keys is not None:
            key = keys.key.decode()
            self.options |= {
                "privateKey": key,
                "publicCert": keys.certificate.decode(),
                "decryptionPvk": key,
            }
        self.options |= options

    def metadata(self) -> bytes:
        certificate = None if self._keys is None else self._keys.certificate.decode()
        decrypts = "decryptionPvk" in self.options
        return str(self._ask("metadata", certificate=certificate, decrypts=decrypts)).encode()

    def wants(self, *, force: bool = False, passive: bool = False, name_format: str | None = None) -> None:
        self.options |= {"forceAuthn": force, "passive": passive}
        if name_format is not None:
            self.options["identifierFormat"] = name_format

    def login(self, binding: Binding, relay_state: str | None) -> Going:
        if binding is Binding.REDIRECT:
            return Going(self._ask("authorizeUrl", relayState=relay_state))
        page = html.document_fromstring(self._ask("authorizeForm", relayState=relay_state))
        return Going(
            page.forms[0].action, {name: value for name, value in page.forms[0].form_values() if value}
        )

    def answered(self, form: Mapping[str, str]) -> SignedIn:
        profile = self._ask("response", form=dict(form))["profile"]
        if profile is None:
            raise NotBelieved("nobody is signed in")
        told = profile.get("attributes", {})
        return SignedIn(
            profile["nameID"],
            profile["nameIDFormat"],
            {name: value if isinstance(value, list) else [value] for name, value in told.items()},
            profile["sessionIndex"],
            profile,
        )

    def logout(self, binding: Binding, who: SignedIn) -> Going:
        assert binding is Binding.REDIRECT, "the library signs out by Redirect only"
        return Going(self._ask("logoutUrl", profile=who.raw))

    def signed_out(self, binding: Binding, visit: Visit) -> None:
        if not self._read(visit, "response")["loggedOut"]:
            raise NotBelieved("not a LogoutResponse")

    def asked_to_sign_out(self, binding: Binding, visit: Visit, who: SignedIn | None) -> Going:
        read = self._read(visit, "request")
        relay_state = (visit.form or visit.query).get("RelayState", "")
        url = self._ask("logoutAnswerUrl", request=read["profile"], relayState=relay_state)
        return Going(url)

    def _read(self, visit: Visit, what: str) -> Any:
        if visit.method == "POST":
            return self._ask(what, form=dict(visit.form))
        return self._ask("redirected", query=visit.query, raw=visit.raw_query)

    def _ask(self, what: str, **arguments: object) -> Any:
        return self._node.ask(what, options=self.options, **arguments)
