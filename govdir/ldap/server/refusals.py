"""What the server itself refuses, before the directory is asked."""

from __future__ import annotations

from govdir.directory.errors import DirectoryError
from govdir.ldap.codec.result_codes import ResultCode


class OperationsError(DirectoryError):
    """The request does not fit the state of the session (RFC 4511 appendix A.2)."""

    code = ResultCode.OPERATIONS_ERROR


class AuthMethodNotSupported(DirectoryError):
    """A SASL mechanism that is not there, or not on this connection."""

    code = ResultCode.AUTH_METHOD_NOT_SUPPORTED


class ConfidentialityRequired(DirectoryError):
    """A password was about to be used on a connection that others can read."""

    code = ResultCode.CONFIDENTIALITY_REQUIRED


class NoSuchOperation(DirectoryError):
    """Nothing with that message id is under way (RFC 3909 §2.3)."""

    code = ResultCode.NO_SUCH_OPERATION


class CannotCancel(DirectoryError):
    """That operation cannot be canceled, or no more (RFC 3909 §2.3)."""

    code = ResultCode.CANNOT_CANCEL


class SessionViolation(Exception):
    """The client broke the protocol so that the session cannot go on (RFC 4511 §4.1.1, §5.3).

    The text goes into the notice of disconnection; it holds nothing the client sent.
    """
