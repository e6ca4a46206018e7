"""Bind (RFC 4511 §4.2, RFC 4513 §5.1)."""

from __future__ import annotations

from govdir.directory.admission import Bound
from govdir.directory.caller import Caller
from govdir.directory.errors import InvalidCredentials, ProtocolError
from govdir.directory.service import Directory
from govdir.ldap.codec.messages import BindRequest, BindResponse, LdapResult, SaslAuthentication
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.refusals import AuthMethodNotSupported, ConfidentialityRequired

LDAP_VERSION = 3


_SUCCESS = BindResponse(LdapResult(ResultCode.SUCCESS))
_MUST_CHANGE = BindResponse(
    LdapResult(
        ResultCode.SUCCESS,
        diagnostic_message="phải đổi mật mã trước khi làm việc khác (the password must be changed first)",
    )
)


def bind_response(caller: Caller) -> BindResponse:
    """What the client is told of its success."""
    return _MUST_CHANGE if caller.must_change else _SUCCESS


async def bind(request: BindRequest, directory: Directory, channel: str, *, passwords_allowed: bool) -> Bound:
    """The identity the client has proved: anonymous without name and password, else by name and password.

    `channel` is what the login is for (directory.channels); `passwords_allowed` whether the connection is
    confidential enough for one.

    Raises:
        ProtocolError: not LDAP version 3.
        AuthMethodNotSupported: SASL.
        ConfidentialityRequired: a password where others can read it.
        InvalidCredentials, InvalidDn, UnwillingToPerform: as Directory.bind says.
    """
    if request.version != LDAP_VERSION:
        raise ProtocolError("only LDAP version 3 is spoken here")
    authentication = request.authentication
    if isinstance(authentication, SaslAuthentication):
        raise AuthMethodNotSupported("a SASL bind takes several steps")
    if authentication.password and not passwords_allowed:
        raise ConfidentialityRequired(
            "hãy bật TLS trước khi gửi mật mã (start TLS before sending a password)"
        )
    if not request.name:
        if authentication.password:
            raise InvalidCredentials
        return Bound(directory.anonymous)
    return await directory.bind(request.name, authentication.password, channel)
