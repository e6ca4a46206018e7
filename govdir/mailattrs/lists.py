"""Lists of a body's or the whole province's staff: who is on them, and who may send to them."""

from __future__ import annotations

from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.rules import Neighbourhood
from govdir.ldap.codec.urls import UrlError, parse_url
from govdir.mailattrs.change import EntryChange
from govdir.mailattrs.list_place import (
    ListPlace,
    controllers,
    may_be_body_of,
    owner_body,
    place_of,
    staff_url,
)
from govdir.mailattrs.list_urls import trouble_with_url
from govdir.mailattrs.named import named, trouble_with
from govdir.mailattrs.refusals import Refusals
from govdir.policy.duties import SenderPolicy
from govdir.policy.model import Citation, Pack
from govdir.policy.texts import Wording

POLICY_UNKNOWN: Final = Wording(
    "gdSenderPolicy “{policy}” không có; các giá trị: {known}.",
    "There is no gdSenderPolicy “{policy}”; the values are: {known}.",
)
POLICY_TOO_OPEN: Final = Wording(
    "gdSenderPolicy “{policy}” mở danh sách rộng hơn quy định (“{default}”); người quản trị hệ thống mới "
    "quyết định được.",
    "gdSenderPolicy “{policy}” opens the list wider than “{default}”, the rule; that is for an operator.",
)
SENDERS_DERIVED: Final = Wording(
    "rfc822sender được suy ra từ owner và cơ quan của danh sách; thêm người vào owner, hoặc đặt "
    "gdSenderPolicy là “listed”.",
    "rfc822sender follows from owner and the list's body; add people to owner, or set gdSenderPolicy to "
    "“listed”.",
)
SENDER_MALFORMED: Final = Wording(
    "rfc822sender “{address}” không phải địa chỉ thư.", "The rfc822sender “{address}” is no mail address."
)
TOO_MANY_AUTHORISED: Final = Wording(
    "Danh sách do hộp thư cơ quan hoặc {maximum} người được ủy quyền kiểm soát; owner đang có {count} người.",
    "A body's list is controlled by its mailbox or {maximum} authorised person; owner names {count} people.",
)
URL_ELSEWHERE: Final = Wording(
    "memberURL “{url}” lấy người ngoài cơ quan của danh sách; chỉ người quản trị hệ thống đặt được.",
    "The memberURL “{url}” takes people from outside the list's body; that is for an operator.",
)

_LIST_CLASS: Final = "gdmaillist"
OWNER_ELSEWHERE: Final = Wording(
    "owner “{dn}” biến danh sách thành danh sách của cơ quan khác; chỉ người quản trị hệ thống đặt được.",
    "The owner “{dn}” makes the list another body's; that is for an operator.",
)

# From the strictest to the widest.
_OPENNESS: Final = tuple(SenderPolicy)


class MailLists:
    """One pack's rules on gdMailList. Methods raise RuleViolation."""

    def __init__(self, pack: Pack, refusals: Refusals) -> None:
        self._rules = pack.lists
        self._refusals = refusals

    def begin(self, change: EntryChange) -> None:
        """Members, senders and who controls a new list."""
        if _LIST_CLASS not in change.classes:
            return
        entry, place = change.entry, place_of(change.entry, change.near)
        self._check_owners(None, change, place)
        if "memberURL" in entry:
            self._check_urls(change, entry.texts("memberURL"), place)
        elif "member" not in entry:
            entry.replace("memberURL", (staff_url(place.base),))
        policy = self._settle_policy(None, change)
        self._check_senders(entry.texts("rfc822sender"))
        if policy is SenderPolicy.OWNERS:
            _derive_senders(entry, change.near)

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """A changed list; what was derived follows the change."""
        if _LIST_CLASS not in change.classes:
            return
        entry, place = change.entry, place_of(change.entry, change.near)
        self._check_owners(before, change, place)
        self._follow_members(before, change, place)
        policy, senders = self._settle_policy(before, change), entry.texts("rfc822sender")
        was_derived = _policy(before) is SenderPolicy.OWNERS
        if policy is SenderPolicy.OWNERS:
            _derive_senders(entry, change.near)
            asked_for = was_derived and senders != before.texts("rfc822sender")
            if asked_for and not _same(senders, entry.texts("rfc822sender")):
                raise self._refused("list-senders", SENDERS_DERIVED, self._rules.sender_citation)
        elif senders != before.texts("rfc822sender"):
            self._check_senders(senders)
        elif was_derived and policy is not SenderPolicy.LISTED:
            entry.remove("rfc822sender")

    @staticmethod
    def follow_named(after: Attributes, near: Neighbourhood) -> None:
        """Who controls it has another address, another name, or is gone."""
        if _is_list(after) and _policy(after) is SenderPolicy.OWNERS:
            _derive_senders(after, near)

    # -- members

    def _follow_members(self, before: Attributes, change: EntryChange, place: ListPlace) -> None:
        entry, near = change.entry, change.near
        urls, former = entry.texts("memberURL"), before.texts("memberURL")
        if urls != former:
            if urls:
                self._check_urls(change, [url for url in urls if url not in former], place)
            elif "member" not in entry:
                entry.replace("memberURL", (staff_url(place.base),))
        elif len(urls) == 1 and _was_derived(urls[0], before, place, near):
            entry.replace("memberURL", (staff_url(place.base),))

    def _check_urls(self, change: EntryChange, urls: list[str] | tuple[str, ...], place: ListPlace) -> None:
        vocabulary, near = change.entry.vocabulary, change.near
        for text in urls:
            trouble = trouble_with_url(text, vocabulary, near)
            if trouble is not None:
                raise self._refused("list-members", trouble, self._rules.members_citation)
            if not change.by_operator and not place.holds(parse_url(text).dn, vocabulary.schema):
                why = URL_ELSEWHERE.filled(url=text)
                raise self._refused("list-members", why, self._rules.members_citation)

    # -- senders

    def _check_owners(self, before: Attributes | None, change: EntryChange, place: ListPlace) -> None:
        """Owners newly named exist; a body's list has no more people among them than may be authorised."""
        owners, known = named(change.entry, "owner"), {} if before is None else named(before, "owner")
        citation = self._rules.sender_citation
        for key, dn in owners.items():
            trouble = trouble_with(dn, "owner", change.near, person=False) if key not in known else None
            if trouble is not None:
                raise self._refused("list-owner", trouble, citation)
            if key not in known and not change.by_operator and not may_be_body_of(dn, change.near):
                raise self._refused("list-owner", OWNER_ELSEWHERE.filled(dn=dn), citation)
        maximum = self._rules.authorised
        if maximum is None or place.body is None or owners.keys() <= known.keys():
            return
        people = [dn for dn in owners.values() if _is_person(dn, change.near)]
        if len(people) > maximum:
            why = TOO_MANY_AUTHORISED.filled(count=len(people), maximum=maximum)
            raise self._refused("list-owner", why, citation)

    def _settle_policy(self, before: Attributes | None, change: EntryChange) -> SenderPolicy:
        """gdSenderPolicy as it is stored; the regulation's where nobody said."""
        said, default = change.entry.text("gdSenderPolicy"), self._rules.sender_policy
        policy = default if said is None else _known(said)
        if policy is None:
            why = POLICY_UNKNOWN.filled(policy=said, known=", ".join(SenderPolicy))
            raise self._refused("list-policy", why, self._rules.sender_citation)
        wider = _OPENNESS.index(policy) > _OPENNESS.index(default)
        if wider and not change.by_operator and (before is None or _policy(before) is not policy):
            why = POLICY_TOO_OPEN.filled(policy=policy, default=default)
            raise self._refused("list-policy", why, self._rules.sender_citation)
        change.entry.replace("gdSenderPolicy", (policy,))
        return policy

    def _check_senders(self, senders: tuple[str, ...]) -> None:
        for address in senders:
            local, at, domain = address.strip().rpartition("@")
            if not (local and at and domain) or " " in address:
                why = SENDER_MALFORMED.filled(address=address)
                raise self._refused("list-senders", why, self._rules.sender_citation)

    def _refused(self, rule: str, why: Wording, citation: Citation) -> RuleViolation:
        return self._refusals.violation(rule, why, citation)


def _is_list(entry: Attributes) -> bool:
    return _LIST_CLASS in entry.object_classes


def _is_person(dn: str, near: Neighbourhood) -> bool:
    entry = near.entry(dn)
    return entry is not None and "gdperson" in entry.object_classes


def _known(policy: str) -> SenderPolicy | None:
    try:
        return SenderPolicy(policy.lower())
    except ValueError:
        return None


def _policy(entry: Attributes) -> SenderPolicy | None:
    return _known(entry.text("gdSenderPolicy") or "")


def _derive_senders(entry: Attributes, near: Neighbourhood) -> None:
    """The primary addresses of those who control it: what a mail server knows a sender by."""
    addresses = (each.text("mail") for each in controllers(entry, near))
    entry.replace("rfc822sender", dict.fromkeys(address for address in addresses if address))


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return {text.lower() for text in one} == {text.lower() for text in other}


def _was_derived(url: str, before: Attributes, place: ListPlace, near: Neighbourhood) -> bool:
    """Whether the URL is the one that followed from the former owner, or from a place the list has left."""
    former = place_of(before, near)
    if url == staff_url(former.base):
        return True
    try:
        base = parse_url(url).dn
    except UrlError:
        return False
    moved = not owner_body(before, near) and place.body is not None
    return moved and url == staff_url(base) and not place.holds(base, before.vocabulary.schema)
