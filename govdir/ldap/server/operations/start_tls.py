"""StartTLS (RFC 4511 §4.14)."""

from __future__ import annotations

from govdir.directory.errors import ProtocolError, Unavailable
from govdir.ldap.codec import extended
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.messages import ExtendedRequest
from govdir.ldap.server.refusals import OperationsError
from govdir.ldap.server.results import SUCCESS
from govdir.ldap.server.session import Session
from govdir.ldap.server.tls import ServerTls

STARTED = extended.start_tls_response(SUCCESS)


def check_start_tls(request: ExtendedRequest, session: Session, tls: ServerTls | None) -> ServerTls:
    """What to start TLS with, if it may start now; the response is then the last octets in clear.

    Raises:
        ProtocolError: the request has a value.
        OperationsError: TLS is in place already, or requests are outstanding (RFC 4511 §4.14.1).
        Unavailable: the server has no certificate.
    """
    try:
        extended.check_start_tls(request.value)
    except DecodeError as error:
        raise ProtocolError(error.why) from error
    if session.tls:
        raise OperationsError("TLS is in place already")
    if session.load:
        raise OperationsError("requests are outstanding")
    if tls is None:
        raise Unavailable("this server has no certificate")
    return tls
