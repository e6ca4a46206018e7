"""Where the identity provider is, and what it is called."""

from __future__ import annotations

from msgspec import Struct


class Site(Struct, frozen=True):
    """`url` is the site's, without a slash at its end; `mail_domain` the scope of identifiers.

    `titles` are (language, text) of the sign-in site, `organization` the same of the province; `contact` is a
    mail address or "".
    """

    url: str
    mail_domain: str
    titles: tuple[tuple[str, str], ...] = ()
    organization: tuple[tuple[str, str], ...] = ()
    contact: str = ""

    @property
    def entity_id(self) -> str:
        """By which service providers know us."""
        return f"{self.url}/saml/metadata"

    @property
    def sso(self) -> str:
        """SingleSignOnService, Redirect and POST."""
        return f"{self.url}/saml/sso"

    @property
    def slo(self) -> str:
        """SingleLogoutService, Redirect and POST."""
        return f"{self.url}/saml/slo"

    @property
    def slo_soap(self) -> str:
        """SingleLogoutService, SOAP."""
        return f"{self.url}/saml/slo/soap"
