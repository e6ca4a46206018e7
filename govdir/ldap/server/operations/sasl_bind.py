"""The steps of a SASL bind (RFC 4511 §4.2, RFC 4513 §5.2.1)."""

from __future__ import annotations

from typing import Final

from govdir.directory.errors import ProtocolError
from govdir.ldap.codec.messages import BindRequest, LdapResult, SaslAuthentication
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.mechanisms import Mechanisms
from govdir.ldap.server.operations.bind import LDAP_VERSION
from govdir.ldap.server.sasl import Challenge, ChannelOf, Exchange, Proven
from govdir.ldap.server.session import Session
from govdir.ldap.server.told import member

IN_PROGRESS: Final = LdapResult(ResultCode.SASL_BIND_IN_PROGRESS)


class SaslSteps:
    """One request's step; `exchange` is the one under way, before it and after it. `told` is what the access
    log says: the name the client gives for itself."""

    def __init__(self, mechanisms: Mechanisms, session: Session, exchange: Exchange | None) -> None:
        self.exchange = exchange
        self.told = ""
        self._mechanisms = mechanisms
        self._session = session

    async def take(self, request: BindRequest, channel_of: ChannelOf) -> Challenge | Proven:
        """Takes the step; the name in the request counts for nothing (RFC 4513 §5.2.1.3).

        Raises ProtocolError, AuthMethodNotSupported, ConfidentialityRequired, InvalidCredentials.
        """
        authentication = request.authentication
        if request.version != LDAP_VERSION:
            raise ProtocolError("only LDAP version 3 is spoken here")
        if not isinstance(authentication, SaslAuthentication):
            raise ProtocolError("not a SASL bind")
        name = authentication.mechanism
        if self.exchange is None or self.exchange.name != name:
            self.exchange = Exchange(name, self._mechanisms.begin(name, self._session, channel_of))
        mechanism = self.exchange.mechanism
        try:
            return await mechanism.step(authentication.credentials)
        finally:
            self.told = member("authcid", mechanism.authcid) if mechanism.authcid else ""
