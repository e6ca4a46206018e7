"""One province's regulation as frozen values: every rule with the article that makes it.

Nothing here knows a province; `load` reads these values from a pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from govdir.policy.citation import Citation
from govdir.policy.duties import (
    Check,
    Delegation,
    Lifecycle,
    Lists,
    Operations,
    Publication,
    Reading,
    Report,
    Sharing,
    Step,
    Usage,
)
from govdir.policy.folding import fold_words
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.templates import Template
from govdir.policy.texts import Wording

__all__ = ["Citation", "MailboxKind"]

PROVINCE = "province"
"""The place of what stands in no body: a list of the whole province."""


class Document(Struct, frozen=True):
    """The regulation: its number, title and dates."""

    number: str
    title: str
    issued: date
    in_force: date


class AddressForm(Struct, frozen=True):
    """One step of a collision ladder: the address a mailbox gets when the earlier steps are taken.

    `{letter}` (a, b … z, aa …) or `{number}` (from `first`) in `local` makes the step a series that ends
    after `last` members. `within` names the places the step is for, by the kind of the nearest body that is
    no unit, or "province" where there is none; empty: everywhere. A form `on_request` is given only when
    somebody asks for it by name, once the forms before it are taken.
    """

    local: Template
    domain: Template
    citation: Citation
    first: int = 1
    last: int = 1
    within: frozenset[str] = frozenset()
    on_request: bool = False


class PasswordRules(Struct, frozen=True):
    """What a password must hold. Lengths count characters as a person sees them, not bytes.

    `specials` "" means any punctuation or symbol counts; otherwise only these do. A class that the
    regulation does not ask for has no citation.
    """

    minimum_length: int
    length_citation: Citation
    upper: Citation | None
    lower: Citation | None
    digit: Citation | None
    special: Citation | None
    specials: str
    rotation_months: int | None
    rotation_citation: Citation | None


class MailboxRules(Struct, frozen=True):
    """The rules of one kind of mailbox; sizes in bytes, 0 = unlimited; `password` None: nobody signs in.

    `quota` is what a mailbox gets and the most it may have; with `quota_is_minimum` the least. An attached
    file may have `maximum_attachment_size`, which is coded into a larger `maximum_message_size`.

    `ladder` is asked in order; after its last step (or at once, if it is empty) a human decides, as
    `exhausted` says. `free_name` cites the rule that lets an operator (or, with `free_for_all`, whoever may
    write the entry) choose another name.
    `label` derives a body's label when none is registered; its `{style}` spells out a leading word that is in
    `spelled` and takes the initials of the rest.
    `domain_label` derives what stands before the province's domain in the addresses of a body's own people
    and units, where the regulation gives bodies domains of their own.
    """

    kind: MailboxKind
    title: Wording
    ladder: tuple[AddressForm, ...]
    exhausted: Citation
    quota: int
    quota_citation: Citation
    maximum_message_size: int
    message_size_citation: Citation
    password: PasswordRules | None
    quota_is_minimum: bool = False
    maximum_attachment_size: int = 0
    attachment_citation: Citation | None = None
    free_name: Citation | None = None
    free_for_all: bool = False
    label: Template | None = None
    spelled: tuple[str, ...] = ()
    domain_label: Template | None = None

    @property
    def form_citation(self) -> Citation:
        """The rule on the form of these addresses: that of the first step, or the one that leaves it open."""
        return self.ladder[0].citation if self.ladder else self.exhausted


class Override(Struct, frozen=True):
    """A registered address that goes before any grammar: what the regulation or the operator fixed by name.

    `names` are the ways the body's name is written; `parents`, if any, the labels or names of the body above.
    `sub_domain` is what stands before the province's domain in the address ("" for nothing); `domain_label`
    what stands there for the body's own people and units, None to derive it. `aliases` are local parts in the
    province's domain.
    """

    kind: MailboxKind
    names: tuple[str, ...]
    parents: tuple[str, ...]
    local: str
    aliases: tuple[str, ...]
    citation: Citation
    sub_domain: str = ""
    domain_label: str | None = None


class Example(Struct, frozen=True):
    """An address that the pack must give: published by the regulation, or worked out by hand from it.

    `parent` is the label or name of the body above, None for none; `taken` are addresses (local parts in the
    province's domain, or whole ones) that others hold already.
    """

    kind: MailboxKind
    name: str
    parent: str | None
    taken: tuple[str, ...]
    address: str


class NameWords(Struct, frozen=True):
    """Words that labels treat apart: dropped conjunctions (exact NFC words), acronyms kept whole in any case,
    leading type words of places ("quận") with their short forms, and trailing qualifiers left out."""

    dropped: tuple[str, ...]
    acronyms: tuple[str, ...]
    place_types: Mapping[str, str]
    trailing: tuple[str, ...]


class Ranks(Struct, frozen=True):
    """Posts in order of precedence, the first goes first.

    `leaders` are those of RankClass.LEADER where the holder stands directly in a body of `leader_places`
    (AddressForm.within): a director of a department is one, the director of a centre within it is not.
    Compared folded, by the longest post that a title begins with; who has none of them comes last.
    `priority` is the rule that lets a higher post choose its address first; None: order of registration does.
    """

    posts: tuple[str, ...]
    leaders: frozenset[str]
    leader_places: frozenset[str]
    priority: Citation | None = None

    def precedence(self, title: str) -> int:
        """0 for the highest post; the number of posts for a title that is none of them."""
        post = self._post(title)
        return len(self.posts) if post is None else self.posts.index(post)

    def class_of(self, title: str, place: str) -> RankClass:
        """The class of somebody with that title; `place`: the kind of the nearest body, or PROVINCE."""
        leads = place in self.leader_places and self._post(title) in self.leaders
        return RankClass.LEADER if leads else RankClass.STAFF

    def _post(self, title: str) -> str | None:
        key = f"{fold_words(title)} "
        found = [post for post in self.posts if key.startswith(f"{fold_words(post)} ")]
        return max(found, key=len, default=None)


class Pack(Struct, frozen=True, kw_only=True):
    """A province's regulation. `sub_domains` tells whether addresses below `domain` are in the system too.

    `common_words` (folded) are passwords that people of this province would guess first. `unlucky` are local
    parts (of a person: what stands before the first dot) that are not given without a human's decision, by
    `unlucky_citation`. `manager` is the body that runs the system, `eligible` who may have a mailbox.
    `helpdesk` is the address people turn to, "" where none is known; `other_rules` are those for people,
    which the program shows but cannot enforce. `first_password` is the rule on a password somebody was given,
    `forgotten_password` the one on a lost one; `reorganisation` the rule on bodies that are founded, renamed,
    merged or dissolved, `misuse` the one on whoever breaks the regulation.
    """

    province: str
    name: Wording
    domain: str
    sub_domains: bool
    document: Document
    manager: Citation
    eligible: Citation
    publication: Publication
    encoding: Citation
    reorganisation: Citation
    misuse: Citation
    helpdesk: str
    other_rules: tuple[Citation, ...]
    reserved: frozenset[str]
    reserved_citation: Citation
    unlucky: frozenset[str]
    unlucky_citation: Citation
    unique_citation: Citation
    domain_citation: Citation
    label_citation: Citation
    state_citation: Citation
    display_name: str
    display_name_citation: Citation
    words: NameWords
    ranks: Ranks
    mailboxes: Mapping[MailboxKind, MailboxRules]
    overrides: tuple[Override, ...]
    sample_passwords: frozenset[str]
    common_words: frozenset[str]
    generated_specials: str
    good_practice_citation: Citation
    first_password: Citation
    forgotten_password: Citation
    lifecycle: Lifecycle
    sharing: Sharing
    lists: Lists
    delegation: Delegation
    requests: tuple[Step, ...]
    reports: tuple[Report, ...]
    operations: Operations
    checks: tuple[Check, ...] = ()
    usage: Usage | None = None
    readings: tuple[Reading, ...] = ()
    examples: tuple[Example, ...] = ()
    citations: Mapping[str, Citation] = field(default_factory=dict)

    def mailbox(self, kind: MailboxKind) -> MailboxRules | None:
        """The rules of that kind, None when the regulation provides no such mailbox."""
        return self.mailboxes.get(kind)

    @property
    def list_words(self) -> frozenset[str]:
        """The words that addresses of lists begin with whatever their names: "internal" of internal.stttt."""
        rules = self.mailboxes.get(MailboxKind.LIST)
        words = set()
        for form in rules.ladder if rules is not None else ():
            word, dot, _ = form.local.literals[0].partition(".")
            if word and (dot or not form.local.fields):
                words.add(word)
        return frozenset(words)

    def has_domain(self, domain: str) -> bool:
        """Whether addresses at `domain` (lower case) belong to this mail system."""
        return domain == self.domain or (self.sub_domains and domain.endswith("." + self.domain))
