"""From exceptions to results: every refusal once, everything else as our own fault."""

from __future__ import annotations

import secrets
import traceback

from twisted.logger import Logger

from govdir.directory.errors import DirectoryError
from govdir.ldap.codec.messages import LdapResult
from govdir.ldap.codec.result_codes import ResultCode

SUCCESS = LdapResult(ResultCode.SUCCESS)

# Texts of other exceptions may quote values, passwords among them, and stay out of the log.
_SPEAK_FREELY = (AttributeError, NameError, TypeError, ImportError, OSError, RecursionError)

_log = Logger(namespace="govdir.ldap")


def result_of(error: BaseException) -> LdapResult:
    """The result a client gets for `error`.

    A DirectoryError tells its own code, matched DN and diagnostic. Anything else is a bug: it is logged with
    its stack under an incident id, and the client gets other(80) with that id and nothing more.
    """
    if isinstance(error, DirectoryError):
        return LdapResult(error.code, error.matched_dn, error.diagnostic, error.referrals)
    return LdapResult(
        ResultCode.OTHER, diagnostic_message=f"internal error (incident {record_incident(error)})"
    )


def record_incident(error: BaseException) -> str:
    """Logs an unexpected exception and returns the id under which the log has it."""
    incident = secrets.token_hex(4)
    text = str(error) if isinstance(error, _SPEAK_FREELY) else "(text withheld)"
    _log.critical(
        "incident {incident}: {kind}: {text}\n{stack}",
        incident=incident,
        kind=type(error).__qualname__,
        text=text,
        stack="".join(traceback.format_tb(error.__traceback__)),
    )
    return incident
