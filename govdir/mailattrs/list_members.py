"""Who a letter to a list reaches, and whether somebody may send one; asked of a directory by searches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidDn, NoSuchObject
from govdir.directory.handle import Handle
from govdir.directory.roles import ROLES_BELOW, HeldRole
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.filters import And, Equality, Filter, Or, Present
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest, SearchResultEntry
from govdir.ldap.codec.urls import LdapUrl, UrlError, parse_url
from govdir.mailattrs.named import dn_key
from govdir.policy.duties import SenderPolicy
from govdir.policy.model import Citation, Pack
from govdir.policy.texts import Language, Wording
from govdir.schema.registry import Schema

MAY_ANYBODY: Final = Wording("ai cũng được gửi vào danh sách này", "anybody may send to this list")
MAY_OWNER: Final = Wording(
    "{sender} là hộp thư kiểm soát danh sách (owner, hoặc cơ quan của danh sách)",
    "{sender} is a mailbox that controls the list (owner, or the list's body)",
)
MAY_ANNOUNCE: Final = Wording(
    "{sender} là người quản trị hệ thống, được thông báo vào danh sách của toàn tỉnh",
    "{sender} runs the system and makes announcements to the lists of the whole province",
)
MAY_ANNOUNCE_TO_BODIES: Final = Wording(
    "{sender} là người quản trị hệ thống, được gửi thông báo vào danh sách của các cơ quan",
    "{sender} runs the system and makes announcements to the lists of bodies",
)
MAY_LISTED: Final = Wording(
    "{sender} được nêu tên trong số người gửi (rfc822sender, dnsender)",
    "{sender} is named among the senders (rfc822sender, dnsender)",
)
MAY_MEMBER: Final = Wording("{sender} là thành viên của danh sách", "{sender} is on the list")
MAY_COLLEAGUE: Final = Wording("{sender} thuộc cơ quan của danh sách", "{sender} is of the list's body")
UNKNOWN_SENDER: Final = Wording(
    "{sender} không phải địa chỉ trong danh bạ", "{sender} is no address of the directory"
)
SENDER_CLOSED: Final = Wording(
    "hộp thư {sender} hiện không được gửi thư (thiếu smtp trong enabledService)",
    "the mailbox {sender} may not send at present (enabledService lacks smtp)",
)
NOT_AMONG: Final = Wording(
    "{sender} không thuộc số người được gửi vào danh sách (gdSenderPolicy “{policy}”)",
    "{sender} is none of those who may send to the list (gdSenderPolicy “{policy}”)",
)
VERDICT: Final = Wording("{mark}: {why}. {citation}.", "{mark}: {why}. {citation}.")
ALLOWED: Final = Wording("Được gửi", "May send")
REFUSED: Final = Wording("KHÔNG được gửi", "May NOT send")

Search = Callable[[SearchRequest], Iterable[SearchResultEntry]]
"""A directory's search; nothing for a base that is not there."""

IsOn = Callable[[str, str], bool]
"""Whether somebody (the second DN) is on a list (the first), be it through other lists."""

_REACHED: Final = "gdMemberAddress"
_RUNS_THE_SYSTEM: Final = And(
    (
        Equality("objectClass", b"gdRoleGroup"),
        Or(
            tuple(
                Equality("gdRoleKind", role.encode()) for role in (HeldRole.OPERATOR, HeldRole.ADMINISTRATOR)
            )
        ),
    )
)
_WANTED: Final = ("mail", "enabledService")
_NO_ATTRIBUTE: Final = "1.1"  # RFC 4511 §4.5.1.8


class SenderVerdict(Struct, frozen=True):
    """Whether a sender may send to a list, why, and the rule it rests on."""

    allowed: bool
    why: Wording
    citation: Citation

    def text(self, language: Language) -> str:
        """One line for a person to read."""
        mark = ALLOWED if self.allowed else REFUSED
        return VERDICT.render(language, mark=mark, why=self.why, citation=self.citation.text(language))


def search_of(handle: Handle) -> Search:
    """The searches of one caller; what that caller may not see is not found."""

    def search(request: SearchRequest) -> Iterator[SearchResultEntry]:
        try:
            contents = handle.search(request)
        except (NoSuchObject, InvalidDn):
            return
        for content in contents:
            if isinstance(content, bytes):
                found = decode_message(search_entry(1, content)).operation
                if isinstance(found, SearchResultEntry):
                    yield found

    return search


def members(dn: str, search: Search) -> list[str]:
    """The addresses, in lower case and each once, that a letter to the list reaches; in no order."""
    found = search(_request(dn, Scope.BASE_OBJECT, Present("objectClass"), (_REACHED,)))
    return [address for one in found for address in _texts(one, _REACHED)]


def may_send(
    dn: str, entry: Attributes, sender: str, search: Search, pack: Pack, *, is_on: IsOn
) -> SenderVerdict:
    """Whether `sender`, an address as the mail server has authenticated it, may send to the list `entry`.

    Owners always may. In time independent of the number of members; `entry` need not have `member`.
    """
    sender = sender.strip().lower()
    citation = pack.lists.sender_citation
    said = (entry.text("gdSenderPolicy") or pack.lists.sender_policy).lower()
    policy = SenderPolicy(said) if said in set(SenderPolicy) else pack.lists.sender_policy
    suffix = _topmost(dn, search, entry.vocabulary.schema)
    person = _holder(suffix, sender, search)
    if person is not None and "smtp" not in _texts(person, "enabledService"):
        return SenderVerdict(False, SENDER_CLOSED.filled(sender=sender), pack.state_citation)
    if policy is SenderPolicy.ANY:
        return SenderVerdict(True, MAY_ANYBODY, citation)
    question = _Question(dn, suffix, entry, sender, person, search, is_on, pack.lists.announced_to_bodies)
    why = _reason(question, policy)
    if why is not None:
        return SenderVerdict(True, why.filled(sender=sender), citation)
    if person is None:
        return SenderVerdict(False, UNKNOWN_SENDER.filled(sender=sender), citation)
    return SenderVerdict(False, NOT_AMONG.filled(sender=sender, policy=policy), citation)


def body_of(dn: str, entry: Attributes, search: Search) -> Dn | None:
    """The organisation that owns the list, else the nearest it stands below; its mailbox controls it."""
    is_body = Equality("objectClass", b"gdOrganization")
    schema = entry.vocabulary.schema
    above = Dn.parse(dn, schema)
    names = [*entry.texts("owner")]
    while above := above.parent:
        names.append(str(above))
    for name in names:
        for found in search(_request(name, Scope.BASE_OBJECT, is_body, (_NO_ATTRIBUTE,))):
            return Dn.parse(found.object_name, schema)
    return None


class _Question(Struct, frozen=True):
    """A list, a sender, and the sender's entry if the directory has it; `suffix` is its topmost entry.

    `to_bodies`: who runs the system announces to lists of bodies too.
    """

    dn: str
    suffix: str
    entry: Attributes
    sender: str
    person: SearchResultEntry | None
    search: Search
    is_on: IsOn
    to_bodies: bool

    @property
    def schema(self) -> Schema:
        return self.entry.vocabulary.schema

    @property
    def addresses(self) -> frozenset[str]:
        """The sender's as it is, and the one a mail server knows its holder by."""
        return frozenset((self.sender, *(() if self.person is None else _addresses(self.person))))


def _reason(question: _Question, policy: SenderPolicy) -> Wording | None:
    """What lets the sender send; None: nothing does. Owners and the list's body may under every policy,
    members under `org`."""
    if _is_named(question, "owner") or _is_its_body(question):
        return MAY_OWNER
    if (announces := _announces(question)) is not None:
        return announces
    listed = question.entry.texts("rfc822sender")
    by_address = not question.addresses.isdisjoint(text.lower() for text in listed)
    if policy is SenderPolicy.LISTED and (by_address or _is_named(question, "dnsender")):
        return MAY_LISTED
    if policy in (SenderPolicy.MEMBERS, SenderPolicy.ORG) and _is_member(question):
        return MAY_MEMBER
    if policy is SenderPolicy.ORG and _is_colleague(question):
        return MAY_COLLEAGUE
    return None


def _is_named(question: _Question, attribute: str) -> bool:
    if question.person is None:
        return False
    key = dn_key(question.person.object_name, question.schema)
    return any(dn_key(text, question.schema) == key for text in question.entry.texts(attribute))


def _is_its_body(question: _Question) -> bool:
    body = body_of(question.dn, question.entry, question.search)
    return (
        body is not None
        and question.person is not None
        and Dn.parse(question.person.object_name, question.schema).key == body.key
    )


def _announces(question: _Question) -> Wording | None:
    """What lets who runs the system send to a list of the whole province, which no body speaks for, and where
    the regulation has it so, of a body; None: nothing does."""
    person, search = question.person, question.search
    if person is None:
        return None
    is_bodys = body_of(question.dn, question.entry, search) is not None
    if is_bodys and not question.to_bodies:
        return None
    groups = f"{ROLES_BELOW},{question.suffix}"
    running = And((_RUNS_THE_SYSTEM, Equality("member", person.object_name.encode())))
    if not any(True for _ in search(_request(groups, Scope.WHOLE_SUBTREE, running, (_NO_ATTRIBUTE,)))):
        return None
    return MAY_ANNOUNCE_TO_BODIES if is_bodys else MAY_ANNOUNCE


def _is_member(question: _Question) -> bool:
    person = question.person
    return person is not None and question.is_on(question.dn, person.object_name)


def finds(text: str, dn: str, schema: Schema, search: Search) -> bool:
    """Whether the search that a URL describes finds that entry."""
    url = _parsed(text)
    if url is None:
        return False
    try:
        base, name = Dn.parse(url.dn, schema), Dn.parse(dn, schema)
    except InvalidDn:
        return False
    path = name.below(base)
    depth = -1 if path is None else len(path)
    in_scope = {Scope.WHOLE_SUBTREE: depth >= 0, Scope.SINGLE_LEVEL: depth == 1}.get(
        url.scope or Scope.BASE_OBJECT, depth == 0
    )
    wanted = url.filter or Present("objectClass")
    return in_scope and any(True for _ in search(_request(dn, Scope.BASE_OBJECT, wanted, (_NO_ATTRIBUTE,))))


def _is_colleague(question: _Question) -> bool:
    """The sender's mailbox is the body's, or below it; of the province's lists, any mailbox there is."""
    if question.person is None:
        return False
    body = body_of(question.dn, question.entry, question.search)
    if body is None:
        return True
    return Dn.parse(question.person.object_name, question.schema).below(body) is not None


def _holder(suffix: str, address: str, search: Search) -> SearchResultEntry | None:
    """The entry that has this address, wherever in the directory."""
    holds = Or((Equality("mail", address.encode()), Equality("mailLocalAddress", address.encode())))
    for found in search(_request(suffix, Scope.WHOLE_SUBTREE, holds, _WANTED)):
        return found
    return None


def _topmost(dn: str, search: Search, schema: Schema) -> str:
    """The highest entry above a name that there is."""
    here = Dn.parse(dn, schema)
    top = here
    while here := here.parent:
        if any(
            True for _ in search(_request(str(here), Scope.BASE_OBJECT, Present("objectClass"), ("1.1",)))
        ):
            top = here
    return str(top)


def _parsed(text: str) -> LdapUrl | None:
    """None for a URL that came in before such were refused."""
    try:
        return parse_url(text)
    except UrlError:
        return None


def _request(base: str, scope: Scope, wanted: Filter, attributes: tuple[str, ...]) -> SearchRequest:
    return SearchRequest(base, scope, DerefAliases.NEVER, 0, 0, False, wanted, attributes)


def _texts(found: SearchResultEntry, name: str) -> tuple[str, ...]:
    key = name.lower()
    for attribute in found.attributes:
        if attribute.type.lower() == key:
            return tuple(value.decode("utf-8", "replace") for value in attribute.values)
    return ()


def _addresses(found: SearchResultEntry) -> tuple[str, ...]:
    """The primary address; none of an entry that has no mailbox."""
    return tuple(text.lower() for text in _texts(found, "mail")[:1])
