"""The SAML side of an application, on python3-saml. Everything here blocks: call it on a thread."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from onelogin.saml2.auth import OneLogin_Saml2_Auth  # type: ignore[import-untyped]
from onelogin.saml2.errors import OneLogin_Saml2_Error  # type: ignore[import-untyped]
from onelogin.saml2.idp_metadata_parser import (  # type: ignore[import-untyped]
    OneLogin_Saml2_IdPMetadataParser,
)
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request  # type: ignore[import-untyped]

from govdir.showcase.setup import ACS_PATH, SLO_PATH, Setup, saml_settings

# New keys of the identity provider are in its metadata long before they sign.
METADATA_SECONDS = 3600.0
FETCH_SECONDS = 10.0
METADATA_OCTETS = 1 << 20


class SamlRefused(Exception):
    """A message that is not believed, or says that nobody was signed in; `reason` is python3-saml's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderAway(Exception):
    """The metadata of the identity provider cannot be fetched."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, how (AuthnContext classes), until when at most (a POSIX time), and what was told of
    them: the values of each attribute by its SAML name."""

    name_id: str = field(repr=False)
    name_id_format: str
    name_qualifier: str | None
    sp_name_qualifier: str | None
    session_index: str | None
    contexts: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)
    ends: int | None


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """The identity provider's LogoutRequest: whose sessions are over, and where the answer goes."""

    name_id: str = field(repr=False)
    session_indexes: tuple[str, ...]
    answer_url: str


class ServiceProvider:
    """What python3-saml does for one application."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = Lock()
        self._known: dict[str, Any] | None = None
        self._fetched = 0.0

    def begin(self, relay_state: str) -> tuple[str, str]:
        """Where to send a browser that is to sign in, and the request's ID. Raises ProviderAway."""
        auth = self._auth({})
        return str(auth.login(return_to=relay_state)), str(auth.get_last_request_id())

    def finish(self, form: Mapping[str, str], request_id: str | None) -> SignedIn:
        """Reads the answer to that request; None takes one that nobody asked for.

        Raises SamlRefused, ProviderAway.
        """
        try:
            return self._finished(form, request_id)
        except SamlRefused:
            if not self._fetch_again():
                raise
        return self._finished(form, request_id)  # its keys may be new

    def _finished(self, form: Mapping[str, str], request_id: str | None) -> SignedIn:
        auth = self._auth({"post_data": dict(form)})
        _checked(auth, lambda: auth.process_response(request_id=request_id))
        return SignedIn(
            name_id=auth.get_nameid(),
            name_id_format=auth.get_nameid_format() or "",
            name_qualifier=auth.get_nameid_nq(),
            sp_name_qualifier=auth.get_nameid_spnq(),
            session_index=auth.get_session_index(),
            contexts=tuple(auth.get_last_authn_contexts()),
            attributes={name: tuple(values) for name, values in auth.get_attributes().items()},
            ends=auth.get_session_expiration(),
        )

    def sign_out(self, who: SignedIn, relay_state: str) -> tuple[str, str]:
        """Where to send the browser to sign out everywhere, and the request's ID. Raises ProviderAway."""
        auth = self._auth({})
        url = auth.logout(
            return_to=relay_state,
            name_id=who.name_id,
            session_index=who.session_index,
            nq=who.name_qualifier,
            name_id_format=who.name_id_format,
            spnq=who.sp_name_qualifier,
        )
        return str(url), str(auth.get_last_request_id())

    def finish_sign_out(self, query: Mapping[str, str], raw_query: str, request_id: str) -> None:
        """Reads the LogoutResponse to that request. Raises SamlRefused (also when only part of the
        applications could be signed out of), ProviderAway."""
        auth = self._auth({"get_data": dict(query), "query_string": raw_query})
        _checked(auth, lambda: auth.process_slo(keep_local_session=True, request_id=request_id))

    def logout_request(self, query: Mapping[str, str], raw_query: str) -> LoggedOut:
        """Reads the identity provider's LogoutRequest. Raises SamlRefused, ProviderAway."""
        auth = self._auth({"get_data": dict(query), "query_string": raw_query})
        url = _checked(auth, lambda: auth.process_slo(keep_local_session=True))
        request = auth.get_last_request_xml()
        key = auth.get_settings().get_sp_key()
        return LoggedOut(
            name_id=OneLogin_Saml2_Logout_Request.get_nameid(request, key),
            session_indexes=tuple(OneLogin_Saml2_Logout_Request.get_session_indexes(request)),
            answer_url=str(url),
        )

    def _auth(self, request: dict[str, Any]) -> Any:
        at = urlsplit(self._setup.url)
        data = {
            "https": "on",
            "http_host": at.netloc,
            "script_name": "",
            "get_data": {},
            "post_data": {},
            # Signatures are over the query as it was sent; encoding it again may give another.
            "validate_signature_from_qs": True,
            **request,
        }
        if "post_data" in request:
            data["script_name"] = ACS_PATH
        elif "query_string" in request:
            data["script_name"] = SLO_PATH
        return OneLogin_Saml2_Auth(data, saml_settings(self._setup, self._identity_provider()))

    def _identity_provider(self) -> dict[str, Any]:
        """The parsed metadata; the former when it cannot be fetched now."""
        with self._lock:
            if self._known is None or monotonic() - self._fetched > METADATA_SECONDS:
                try:
                    self._known = self._fetch()
                except (OSError, ValueError, OneLogin_Saml2_Error) as error:
                    if self._known is None:
                        raise ProviderAway(str(error)) from error
                self._fetched = monotonic()
            return self._known

    def _fetch_again(self) -> bool:
        """Whether the identity provider's metadata has changed."""
        with self._lock:
            try:
                fetched = self._fetch()
            except (OSError, ValueError, OneLogin_Saml2_Error):
                return False
            changed, self._known, self._fetched = fetched != self._known, fetched, monotonic()
            return changed

    def _fetch(self) -> dict[str, Any]:
        trust = ssl.create_default_context(cafile=self._setup.trust)
        url = self._setup.identity_provider
        if not url.startswith("https://"):
            raise ValueError("metadata comes over https only")
        with urlopen(url, timeout=FETCH_SECONDS, context=trust) as answer:  # noqa: S310 - checked above
            parsed = OneLogin_Saml2_IdPMetadataParser.parse(answer.read(METADATA_OCTETS))
        known = parsed.get("idp")
        if not isinstance(known, dict) or "entityId" not in known:
            raise ValueError("no identity provider in the metadata")
        return known


def _checked(auth: Any, work: Callable[[], Any]) -> Any:
    """The result of python3-saml's `work`; it tells some errors by exceptions and some in a list."""
    try:
        result = work()
    except Exception as error:
        # Of several kinds, its parsers' among them; what a stranger sent is to blame in any case.
        raise SamlRefused(str(error)) from error
    if auth.get_errors():
        raise SamlRefused(auth.get_last_error_reason() or ", ".join(auth.get_errors()))
    return result
