"""How large a message to or from a mailbox may be, and by which rule."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from govdir.directory.image import Record
from govdir.mailattrs import sending_texts as texts
from govdir.mailattrs.list_membership import LIST_CLASS
from govdir.policy.kinds import MailboxKind
from govdir.policy.model import Citation, MailboxRules, Pack
from govdir.policy.texts import Wording

MIB: Final = 1 << 20

_KINDS: Final = {kind.attribute_value.encode(): kind for kind in MailboxKind}
_DIGITS: Final = 19


class Limit(Struct, frozen=True):
    """At most `octets` of the whole message, for the mailbox or list at `address`; attached files, where the
    rule speaks of them, have `files` octets before they are coded (0: it does not)."""

    octets: int
    address: str
    citation: Citation
    files: int = 0


class MessageSizes:
    """The limits of one pack's mailboxes: maxMessageSize, which the regulation fills in by kind."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def limit(self, record: Record) -> Limit | None:
        """That of an entry; None where there is none (0 is unlimited, and no number none either)."""
        rules = self._rules(record)
        said = record.values("maxmessagesize")
        if said:
            text = said[0]
            octets = int(text) if text.isdigit() and len(text) <= _DIGITS else 0
        else:
            octets = 0 if rules is None else rules.maximum_message_size
        if not octets:
            return None
        mail = record.values("mail")
        address = mail[0].decode("utf-8", "replace").lower() if mail else record.dn_text
        if rules is None or octets != rules.maximum_message_size:
            return Limit(octets, address, texts.SIZE_SET)
        files = rules.maximum_attachment_size
        citation = rules.attachment_citation if files and rules.attachment_citation is not None else None
        return Limit(octets, address, citation or rules.message_size_citation, files)

    def _rules(self, record: Record) -> MailboxRules | None:
        if LIST_CLASS in record.shape.classes:
            return self._pack.mailbox(MailboxKind.LIST)
        said = record.values("gdmailboxkind")
        kind = _KINDS.get(said[0].lower()) if said else MailboxKind.PERSON
        return None if kind is None else self._pack.mailbox(kind)

    @staticmethod
    def why(limit: Limit) -> Wording:
        """What the sender of too large a message is told."""
        shape = texts.TOO_LARGE_FILES if limit.files else texts.TOO_LARGE
        return shape.filled(limit=_mib(limit.octets), address=limit.address, files=_mib(limit.files))


def _mib(octets: int) -> str:
    return f"{octets / MIB:.3g}"
