"""Whether a message may be sent: who sends it, as whom, to which lists, and how large it may be.

A mail server asks at each recipient and once when the message is there. What it knows better, such as
recipients that do not exist, is left to it.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

from govdir.directory.caller import LOCAL
from govdir.directory.image import Record
from govdir.directory.service import Directory
from govdir.directory.shared_use import is_named, is_over
from govdir.mailattrs import sending_texts as texts
from govdir.mailattrs.envelope import Envelopes, part_of
from govdir.mailattrs.list_members import MAY_ANYBODY, may_send, search_of
from govdir.mailattrs.list_membership import LIST_CLASS, ListMembership
from govdir.mailattrs.message_sizes import Limit, MessageSizes
from govdir.mailattrs.sending_states import why_closed
from govdir.policy.duties import SenderPolicy
from govdir.policy.model import Citation, Pack
from govdir.policy.texts import Wording

_SHARED_CLASS: Final = "gdsharedmailbox"
_SENDS: Final = b"smtp"

# What decides about a list, whatever its size; who is on it is asked of the index.
_LIST_KEYS: Final = frozenset({"owner", "gdsenderpolicy", "rfc822sender", "dnsender"})


class Action(Enum):
    """What becomes of a message, with the SMTP reply (RFC 3463) of a refusal."""

    PASS = ""
    REFUSE = "550 5.7.1"
    TOO_LARGE = "552 5.3.4"


class Message(Struct, frozen=True, kw_only=True):
    """What a mail server knows of a message when it asks; addresses as it has them.

    `login` is the authenticated user, "" without one; `sender` "" is the null sender. `believed`: the client
    is one whose senders count as authenticated (mail_servers.trusted_relays). `recipient` is "" where it is
    not known or there are several, of whom the smallest limit `remembered` counts; `size` is in bytes, 0
    unknown.
    """

    login: str = ""
    sender: str = ""
    recipient: str = ""
    size: int = 0
    believed: bool = False
    remembered: Limit | None = None


class Verdict(Struct, frozen=True):
    """What becomes of the message, by which rule (a word for programs), why, and where that stands.

    `limit` is the recipient's, None where there is none.
    """

    action: Action
    rule: str
    why: Wording
    citation: Citation | None = None
    limit: Limit | None = None

    @property
    def passes(self) -> bool:
        """Whether the directory has nothing against it."""
        return self.action is Action.PASS


class _Sender(Struct, frozen=True):
    """Who sends: the account that has signed in or is believed, and the mailbox it sends as, often itself."""

    account: Record | None = None
    box: Record | None = None
    address: str = ""
    why: Wording = texts.NO_OBJECTION
    rule: str = "pass"


_NOBODY: Final = _Sender()


class Sending:
    """One directory's judgement by its pack."""

    def __init__(self, directory: Directory, pack: Pack) -> None:
        self._pack = pack
        self._image = directory.image
        self._search = search_of(directory.as_caller(LOCAL))
        self._is_on = ListMembership(directory, self._search)
        self._envelopes = Envelopes(directory.image, pack.domain)
        self._sizes = MessageSizes(pack)

    def decide(self, message: Message) -> Verdict:
        """The verdict on what is known so far; never costs more for more members or mailboxes."""
        sender = self._sender(message)
        if isinstance(sender, Verdict):
            return sender
        recipient = self._envelopes.recipient(message.recipient) if message.recipient else None
        reason, rule, citation = sender.why, sender.rule, None
        if recipient is not None and LIST_CLASS in recipient.shape.classes:
            verdict = self._to_list(recipient, sender)
            if not verdict.passes:
                return verdict
            reason, rule, citation = verdict.why, verdict.rule, verdict.citation
        limit = None if recipient is None else self._sizes.limit(recipient)
        for each in (self._sender_limit(sender), limit, message.remembered):
            if each is not None and message.size > each.octets:
                return Verdict(Action.TOO_LARGE, "size", self._sizes.why(each), each.citation, limit)
        return Verdict(Action.PASS, rule, reason, citation, limit)

    def account(self, login: str) -> Record | None:
        """Who signs in under that name."""
        return self._envelopes.account(login)

    def _sender_limit(self, sender: _Sender) -> Limit | None:
        return None if sender.box is None else self._sizes.limit(sender.box)

    # -- who sends, and as whom

    def _sender(self, message: Message) -> _Sender | Verdict:
        if message.login:
            account = self._envelopes.account(message.login)
            if account is None or LIST_CLASS in account.shape.classes:
                why = texts.UNKNOWN_LOGIN.filled(login=message.login)
                return Verdict(Action.REFUSE, "unknown-login", why, self._pack.eligible)
        elif message.believed and message.sender:
            account = self._envelopes.holder(message.sender)
            if account is None:
                return _Sender(address=message.sender)
        else:
            return _NOBODY
        if LIST_CLASS in account.shape.classes:
            return self._refused("as-list", texts.AS_A_LIST.filled(sender=message.sender))
        return self._closed(account) or self._as_whom(account, message.sender)

    def _closed(self, record: Record) -> Verdict | None:
        if _SENDS in record.values("enabledservice"):
            return None
        why, citation = why_closed(record, self._pack)
        return Verdict(Action.REFUSE, "may-not-send", why.filled(address=_mail(record)), citation)

    def _as_whom(self, account: Record, sender: str) -> _Sender | Verdict:
        own = _mail(account)
        if not sender:
            return _Sender(account, account, own, texts.AS_ITSELF.filled(account=own))
        box = self._envelopes.holder(sender)
        if box is account:
            return _Sender(account, account, own, texts.AS_ITSELF.filled(account=own), "own-address")
        if box is None:
            return self._refused("own-address", texts.NOT_ONES_OWN.filled(account=own, sender=sender))
        if LIST_CLASS in box.shape.classes:
            return self._refused("as-list", texts.AS_A_LIST.filled(sender=sender))
        if _SHARED_CLASS not in box.shape.classes:
            personal = "gdperson" in box.shape.classes
            why = texts.NOT_ONES_OWN if personal else texts.NOT_SHARED
            return self._refused("own-address", why.filled(account=own, sender=sender))
        return self._closed(box) or self._as_box(account, box, sender)

    def _as_box(self, account: Record, box: Record, sender: str) -> _Sender | Verdict:
        own, sharing = _mail(account), self._pack.sharing
        if is_named(self._image, box, "owner", account):
            why = texts.AS_OWNER.filled(account=own, sender=sender)
            return _Sender(account, box, _mail(box), why, "shared-owner")
        if not is_named(self._image, box, "gddelegate", account):
            why = texts.NO_DELEGATE.filled(account=own, sender=sender)
            return Verdict(Action.REFUSE, "shared-delegate", why, sharing.delegates_citation)
        if is_over(self._image, box):
            why = texts.DELEGATION_OVER.filled(account=own, sender=sender)
            return Verdict(Action.REFUSE, "shared-until", why, sharing.delegates_citation)
        why = texts.AS_DELEGATE.filled(account=own, sender=sender)
        return _Sender(account, box, _mail(box), why, "shared-delegate")

    @staticmethod
    def _refused(rule: str, why: Wording) -> Verdict:
        return Verdict(Action.REFUSE, rule, why, texts.OWN_ADDRESS)

    # -- to a list

    def _to_list(self, record: Record, sender: _Sender) -> Verdict:
        rules = self._pack.lists
        said = b"".join(record.values("gdsenderpolicy")[:1]).decode("utf-8", "replace").lower()
        policy = said or rules.sender_policy.value
        if policy == SenderPolicy.ANY:
            return Verdict(Action.PASS, "list-sender", MAY_ANYBODY, rules.sender_citation)
        if not sender.address:
            why = texts.LOGIN_FIRST.filled(list=_mail(record))
            return Verdict(Action.REFUSE, "list-login", why, rules.sender_citation)
        entry, dn = part_of(record, _LIST_KEYS), record.dn_text
        verdicts = [
            may_send(dn, entry, address, self._search, self._pack, is_on=self._is_on)
            for address in self._identities(sender)
        ]
        best = next((each for each in verdicts if each.allowed), verdicts[0])
        action = Action.PASS if best.allowed else Action.REFUSE
        return Verdict(action, "list-sender", best.why, best.citation)

    @staticmethod
    def _identities(sender: _Sender) -> tuple[str, ...]:
        """Whom a list may know the sender by: the mailbox it sends as, then its own."""
        own = "" if sender.account is None else _mail(sender.account)
        return tuple(dict.fromkeys(each for each in (sender.address, own) if each))


def _mail(record: Record) -> str:
    """The primary address; of an entry without one its name."""
    values = record.values("mail")
    return values[0].decode("utf-8", "replace").lower() if values else record.dn_text
