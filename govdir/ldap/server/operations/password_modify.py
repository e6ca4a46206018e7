"""Password Modify (RFC 3062)."""

from __future__ import annotations

from govdir.directory.errors import ProtocolError
from govdir.directory.handle import Handle
from govdir.ldap.codec.errors import DecodeError
from govdir.ldap.codec.extended import decode_password_modify, password_modify_response
from govdir.ldap.codec.messages import ExtendedRequest
from govdir.ldap.server.answers import Answer
from govdir.ldap.server.refusals import ConfidentialityRequired


async def password_modify(request: ExtendedRequest, handle: Handle, *, passwords_allowed: bool) -> Answer:
    """Changes a password; answers with the generated one when the client named none.

    Raises:
        ProtocolError: the value is not a PasswdModifyRequestValue.
        ConfidentialityRequired: others could read the passwords.
        DirectoryError: as Handle.change_password says.
    """
    if not passwords_allowed:
        raise ConfidentialityRequired(
            "hãy bật TLS trước khi gửi mật mã (start TLS before sending a password)"
        )
    try:
        asked = decode_password_modify(request.value)
    except DecodeError as error:
        raise ProtocolError(error.why) from error
    generated = await handle.change_password(asked.user_identity, asked.old, asked.new)
    return Answer(password_modify_response(generated))
