"""The end points of the identity provider, from HTTP to `sso.idp` and back."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from govdir.sso.accounts import Account
from govdir.sso.idp.outcomes import Arrival, LogoutPage, Outcome
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.saml import soap
from govdir.sso.saml.model import Binding
from govdir.sso.sign_in.sessions import SessionBook
from govdir.web.asked import Asked
from govdir.web.cookies import SESSION_COOKIE, forget
from govdir.web.reply import Reply
from govdir.web.router import Route
from govdir.web.saml_views import SamlViews
from govdir.web.trouble import Trouble
from govdir.web.visitors import visitor_of

METADATA_TYPE: Final = "application/samlmetadata+xml"
SOAP_TYPE: Final = "text/xml; charset=utf-8"
_FAULT: Final = 500  # with every SOAP fault, whoever is to blame (saml-bindings §3.2.3.3)
# Service providers ask once a day; between two askings of a busy one nothing changes.
_METADATA_AGE: Final = ("Cache-Control", "public, max-age=3600")


def soap_trouble(trouble: Trouble, event: str) -> Reply:
    """A trouble as a SOAP fault; in English, for who reads an application's log."""
    text = f"{trouble.title.en} (event {event})" if event else trouble.title.en
    return Reply(
        status=_FAULT,
        body=soap.fault(text, ours=trouble.status >= 500),
        content_type=SOAP_TYPE,
        headers=trouble.headers,
    )


class SamlPages:
    """Handlers below /saml, and of /sign-out."""

    def __init__(self, views: SamlViews, idp: IdentityProvider, book: SessionBook) -> None:
        self._views = views
        self._idp = idp
        self._book = book

    def routes(self) -> list[Route]:
        """All of them; messages come from other sites and are signed, so they need no form token."""
        return [
            Route("GET", "/saml/metadata", self.metadata),
            Route("GET", "/saml/sso", self.authn_request),
            Route("POST", "/saml/sso", self.authn_request, foreign=True),
            Route("GET", "/saml/sso/continue", self.proceed),
            Route("GET", "/saml/slo", self.logout_message),
            Route("POST", "/saml/slo", self.logout_message, foreign=True),
            Route("POST", "/saml/slo/soap", self.soap_logout, foreign=True, tell=soap_trouble),
            Route("GET", "/saml/slo/continue", self.proceed_logout),
            Route("GET", "/saml/start", self.start),
            Route("POST", "/saml/start", self.start),
            Route("GET", "/sign-out", self.ask_to_sign_out),
            Route("POST", "/sign-out", self.sign_out),
        ]

    async def metadata(self, asked: Asked) -> Reply:
        """What service providers are to know of us."""
        body = self._idp.metadata()
        tag = f'"{sha256(body).hexdigest()[:32]}"'
        headers = (("ETag", tag), _METADATA_AGE)
        if tag in asked.if_none_match:
            return Reply(status=304, headers=headers, public=True)
        return Reply(body=body, content_type=METADATA_TYPE, headers=headers, public=True)

    async def authn_request(self, asked: Asked) -> Reply:
        """An AuthnRequest by Redirect or POST."""
        arrival = await self._arrival(asked)
        return self._told(asked, await self._idp.authn_request(arrival), arrival.visitor.account)

    async def proceed(self, asked: Asked) -> Reply:
        """On with an AuthnRequest that was kept."""
        visitor = await visitor_of(self._book, asked)
        return self._told(
            asked, await self._idp.proceed(asked.query.get("flow", ""), visitor), visitor.account
        )

    async def start(self, asked: Asked) -> Reply:
        """To an application from a page of ours; confirmed when the form of our own question comes back."""
        visitor = await visitor_of(self._book, asked)
        fields = asked.form if asked.method == "POST" else asked.query
        outcome = await self._idp.start(
            fields.get("sp", ""), fields.get("RelayState"), visitor, confirmed=asked.method == "POST"
        )
        return self._told(asked, outcome, visitor.account)

    async def logout_message(self, asked: Asked) -> Reply:
        """A LogoutRequest or LogoutResponse by Redirect or POST."""
        return await self._logout(asked, await self._idp.logout_message(await self._arrival(asked)))

    async def proceed_logout(self, asked: Asked) -> Reply:
        """On with a logout."""
        visitor = await visitor_of(self._book, asked)
        logout, action = asked.query.get("logout", ""), asked.query.get("action", "")
        return await self._logout(asked, await self._idp.proceed_logout(logout, action, visitor))

    async def soap_logout(self, asked: Asked) -> Reply:
        """A LogoutRequest from server to server."""
        answer = await self._idp.soap_logout(asked.body, asked.network)
        return Reply(status=_FAULT if answer.is_fault else 200, body=answer.envelope, content_type=SOAP_TYPE)

    async def ask_to_sign_out(self, asked: Asked) -> Reply:
        """Asks first: a link on another site signs nobody out."""
        visitor = await visitor_of(self._book, asked)
        if visitor.account is None:
            return self._views.logout_page(asked, LogoutPage())
        return self._views.sign_out_question(asked, visitor.account)

    async def sign_out(self, asked: Asked) -> Reply:
        """Out of everything."""
        visitor = await visitor_of(self._book, asked)
        return await self._logout(asked, await self._idp.sign_out(visitor))

    async def _arrival(self, asked: Asked) -> Arrival:
        visitor = await visitor_of(self._book, asked)
        if asked.method == "GET":
            return Arrival(Binding.REDIRECT, visitor, raw_query=asked.raw_query)
        form = asked.form
        return Arrival(
            Binding.POST,
            visitor,
            saml_request=form.get("SAMLRequest"),
            saml_response=form.get("SAMLResponse"),
            relay_state=form.get("RelayState"),
            has_cookies=bool(asked.cookies),
        )

    async def _logout(self, asked: Asked, outcome: Outcome) -> Reply:
        reply = self._told(asked, outcome, None)
        token = asked.session_token
        if token is not None and await self._book.current(token) is None:
            return reply.with_cookies(forget(SESSION_COOKIE))
        return reply

    def _told(self, asked: Asked, outcome: Outcome, account: Account | None) -> Reply:
        return self._views.reply(asked, outcome, account)
