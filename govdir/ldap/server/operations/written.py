"""What is said of a change that was made, or would have been."""

from __future__ import annotations

from collections.abc import Callable

from govdir.directory.options import Written
from govdir.ldap.codec.controls.oids import POST_READ, PRE_READ
from govdir.ldap.codec.controls.read_entry import read_result
from govdir.ldap.codec.messages import LdapResult
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.results import SUCCESS
from govdir.ldap.server.traits import ResultResponse

_TRIED = "nothing was changed; it could have been"


def answer_of(written: Written, respond: Callable[[LdapResult], ResultResponse], told: str = "") -> Answer:
    """Success, with what is `told` of it and the entry before and after (RFC 4527); noOperation, with the
    same, where the change was only tried."""
    read = ((PRE_READ, written.before), (POST_READ, written.after))
    controls = tuple(read_result(oid, content) for oid, content in read if content is not None)
    if not written.performed:
        text = f"{_TRIED}: {told}" if told else _TRIED
        return Answer(respond(LdapResult(ResultCode.NO_OPERATION, diagnostic_message=text)), controls)
    result = LdapResult(ResultCode.SUCCESS, diagnostic_message=told) if told else SUCCESS
    return Answer(respond(result), controls)
