"""The password policy entries of a new directory: what settings and regulation come to, kind by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from govdir.directory.password_policy import PasswordPolicy
from govdir.directory.policy_entries import attributes_of
from govdir.ldap.codec.messages import AddRequest, Attribute
from govdir.mailattrs.passwords import ADMINISTRATORS
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Language

_OF_ADMINISTRATORS: Final = "người quản trị danh bạ"
_CLASSES: Final = (b"top", b"device", b"pwdPolicy")


def policy_entries(suffix: str, pack: Pack, policies: Mapping[str, PasswordPolicy]) -> Iterator[AddRequest]:
    """The policy of each kind of account (MailboxPasswords.policies), for administrators to see and to make
    stricter."""
    for name, policy in policies.items():
        told, minimum = _described(pack, name)
        attributes = {"cn": name, "description": told, **dict(attributes_of(policy, minimum))}
        values = (Attribute(each, (value.encode(),)) for each, value in attributes.items())
        yield AddRequest(f"cn={name},ou=policies,{suffix}", (Attribute("objectClass", _CLASSES), *values))


def _described(pack: Pack, name: str) -> tuple[str, int]:
    """Whose it is and where the regulation speaks of it; the fewest characters it asks for."""
    if name == ADMINISTRATORS:
        return f"Mật mã của {_OF_ADMINISTRATORS}", 0
    mailbox = pack.mailboxes[MailboxKind(name)]
    rules = mailbox.password
    if rules is None:
        raise ValueError(f"nobody signs in to mailboxes of the kind {name}")
    cited = (rules.length_citation, rules.rotation_citation, pack.first_password)
    articles = dict.fromkeys(each.article for each in cited if each is not None and each.article)
    where = f" ({', '.join(articles)})" if articles else ""
    return f"Mật mã của {mailbox.title.in_language(Language.VIETNAMESE)}{where}", rules.minimum_length
