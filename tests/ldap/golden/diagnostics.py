"""All that LDAP clients can be told, and what of the source no client reaches."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.ldap.golden import changes, sessions
from tests.ldap.golden.stage import performed

FILE: Final = Path(__file__).parent / "diagnostics.txt"
GROUPS: Final = {
    group.__doc__.strip("."): group
    for group in (
        sessions.binds,
        sessions.sasl_binds,
        sessions.sessions,
        sessions.notices,
        sessions.searches,
        changes.compares,
        changes.adds,
        changes.modifications,
        changes.renames,
        changes.deletes,
        sessions.passwords,
        changes.policies,
    )
}

# fmt: off
# ruff: noqa: E501 - names of places
UNREACHED: Final = {
    "cli/": "commands at the host",
    "directory/bulk.py": "the import of files at the host",
    "directory/handle.py: InsufficientAccessRights('only the operator": "exports at the host",
    "directory/writes/release.py": "`govdir address release`",
    "directory/writing.py: InsufficientAccessRights('only the operator": "`govdir address release`",
    "directory/writes/add.py: InsufficientAccessRights('only `govdir init`": "a directory without its suffix is not served",
    "directory/writes/delete.py: UnwillingToPerform('mục gốc": "the suffix of a directory that is served has entries below",
    "directory/writes/attribute_rights.py: ConstraintViolation(f'{description.text}: do máy": "commands at the host",
    "directory/commit.py: Busy('các mục": "tests/directory/test_commit.py: planned over many turns",
    "directory/password_change.py: ConstraintViolation(f'userPassword: {error}')": "hashes where a policy checks nothing",
    "directory/passwords.py": "tests/directory/test_passwords.py: NUL where a policy checks nothing",
    "directory/gate.py: InsufficientAccessRights(_ENDED) (again)": "tests/directory/test_proving.py: an account that ends while it is asked",
    "directory/writes/entry_rights.py: ConstraintViolation('entryUUID": "only an import brings UUIDs along",
    "directory/writes/add.py: InsufficientAccessRights('userPassword: không có quyền": "no rule that is shipped gives the one right without the other",
    "directory/logins.py: raise InvalidCredentials": "tests/directory/test_logins.py: said as the others, which are here",
    "directory/password_marks.py": "an entry that goes while its owner signs in: told as a wrong password",
    "directory/writing.py: Busy": "tests/directory/test_password_change.py: two at the same moment",
    "directory/password_change.py: ConstraintViolation('userPassword: no password given')": "a guard",
    "directory/sorted_search.py: UnwillingToPerform": "tests/directory/test_sorted_search.py: a list that has grown",
    "ldap/server/answers.py": "a guard",
    "ldap/server/conversation.py: SessionViolation": "a guard",
    "ldap/server/dispatch.py": "a guard",
    "ldap/server/session.py: SessionViolation('there is no": "a guard",
    "ldap/server/session.py: SessionViolation('message id 0": "a guard: the codec refuses it",
    "ldap/server/operations/bind.py: AuthMethodNotSupported": "a guard",
    "ldap/server/operations/sasl_bind.py: ProtocolError('not a SASL": "a guard",
    "ldap/server/transactions.py: UnwillingToPerform('not an update": "a guard",
    "ldap/server/transactions.py: Busy": "tests/ldap/server/test_transactions.py: the whole server's",
    "ldap/server/operations/search.py: TimeLimit": "tests/ldap/server/test_protocol.py: by the clock",
    "ldap/server/operations/start_tls.py: OperationsError('TLS is": "tests/ldap/server/test_tls.py: under TLS",
    "ldap/server/sasl.py: ProtocolError(f'{what}: holds NUL')": "tests/ldap/server/test_client_certificates.py: under TLS",
    "ldap/server/sasl_external.py": "tests/ldap/server/test_client_certificates.py: under TLS, said as here",
    "storage/": "tests/storage: queues that are full",
}
"""Why no client is told so: by the beginning of the place's name."""

_HEAD: Final = """What LDAP clients are told, each provoked by a request. Made by `python -m tests.ldap.golden`.
"""


def written() -> tuple[str, set[str]]:
    """The file's text, and the places in the source that were reached."""
    lines, reached = performed(GROUPS)
    return "\n".join([_HEAD, *lines]).rstrip() + "\n", reached
