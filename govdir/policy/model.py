"""One province's regulation as frozen values: every rule with the article that makes it.

Nothing here knows a province; `load` reads these values from a pack.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct, field

from govdir.policy.templates import Template
from govdir.policy.texts import Language, Wording


class MailboxKind(StrEnum):
    """Whose mailbox it is; the values are the words of the command line."""

    PERSON = "person"
    LEADER = "leader"
    AGENCY = "agency"
    UNIT = "unit"
    DISTRICT = "district"
    COMMUNE = "commune"
    LIST = "list"

    @property
    def attribute_value(self) -> str:
        """The value of gdMailboxKind, which says "org" for an agency."""
        return "org" if self is MailboxKind.AGENCY else self.value

    @property
    def is_personal(self) -> bool:
        """Its address comes from a person's name."""
        return self in (MailboxKind.PERSON, MailboxKind.LEADER)

    @property
    def is_body(self) -> bool:
        """Its address comes from the name or label of an organisation."""
        return self in (MailboxKind.AGENCY, MailboxKind.UNIT, MailboxKind.DISTRICT, MailboxKind.COMMUNE)


class Document(Struct, frozen=True):
    """The regulation: its number, title and dates."""

    number: str
    title: str
    issued: date
    in_force: date


class Citation(Struct, frozen=True):
    """Where a rule stands ("Điều 4 khoản 2 điểm c" of `document`) and what it says, in short.

    A rule of the product itself has neither; its `source` names it instead.
    """

    document: str
    article: str
    wording: Wording
    source: Wording | None = None

    @property
    def reference(self) -> str:
        """The article alone, for programs; of a rule of the product its source."""
        return self.article if self.source is None else self.source.vi

    @property
    def place(self) -> str:
        """The article with its document, in Vietnamese."""
        return self.place_in(Language.VIETNAMESE)

    def place_in(self, language: Language) -> str:
        """The article with its document, which stay Vietnamese, or the source of a rule of the product."""
        if self.source is not None:
            return self.source.in_language(language)
        return f"{self.article}, {self.document}"

    def text(self, language: Language) -> str:
        """The rule with its place."""
        return f"{self.wording.in_language(language)} ({self.place_in(language)})"


class AddressForm(Struct, frozen=True):
    """One step of a collision ladder: the address a mailbox gets when the earlier steps are taken.

    `{letter}` (a, b … z, aa …) or `{number}` (from `first`) in `local` makes the step a series that ends
    after `last` members.
    """

    local: Template
    domain: Template
    citation: Citation
    first: int = 1
    last: int = 1


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

    `ladder` is asked in order; after its last step a human decides, as `exhausted` says. `free_name` cites
    the rule that lets an operator (or, with `free_for_all`, whoever may write the entry) choose another name.
    `label` derives a body's label when none is registered; its `{style}` spells out a leading word that is in
    `spelled` and takes the initials of the rest.
    `parent` says what `{parent}` is: "agency", the label of the agency above, or "body", the local part of
    the nearest body above.
    """

    kind: MailboxKind
    title: Wording
    ladder: tuple[AddressForm, ...]
    exhausted: Citation
    quota: int
    quota_citation: Citation
    maximum_message_size: int
    password: PasswordRules | None
    free_name: Citation | None = None
    free_for_all: bool = False
    label: Template | None = None
    spelled: tuple[str, ...] = ()
    parent: str = "agency"


class Override(Struct, frozen=True):
    """A registered address that goes before any grammar: what the regulation or the operator fixed by name.

    `names` are the ways the body's name is written; `parents`, if any, the labels or names of the body above.
    """

    kind: MailboxKind
    names: tuple[str, ...]
    parents: tuple[str, ...]
    local: str
    aliases: tuple[str, ...]
    citation: Citation


class NameWords(Struct, frozen=True):
    """Words that labels treat apart: dropped conjunctions (exact NFC words), acronyms kept whole in any case,
    leading type words of places ("quận") with their short forms, and trailing qualifiers left out."""

    dropped: tuple[str, ...]
    acronyms: tuple[str, ...]
    place_types: Mapping[str, str]
    trailing: tuple[str, ...]


class Pack(Struct, frozen=True):
    """A province's regulation. `sub_domains` tells whether addresses below `domain` are in the system too.

    `common_words` (folded) are passwords that people of this province would guess first.
    """

    province: str
    name: Wording
    domain: str
    sub_domains: bool
    document: Document
    reserved: frozenset[str]
    reserved_citation: Citation
    unique_citation: Citation
    domain_citation: Citation
    state_citation: Citation
    display_name: str
    display_name_citation: Citation
    words: NameWords
    mailboxes: Mapping[MailboxKind, MailboxRules]
    overrides: tuple[Override, ...]
    sample_passwords: frozenset[str]
    common_words: frozenset[str]
    generated_specials: str
    good_practice_citation: Citation
    citations: Mapping[str, Citation] = field(default_factory=dict)

    def mailbox(self, kind: MailboxKind) -> MailboxRules | None:
        """The rules of that kind, None when the regulation provides no such mailbox."""
        return self.mailboxes.get(kind)

    def has_domain(self, domain: str) -> bool:
        """Whether addresses at `domain` (lower case) belong to this mail system."""
        return domain == self.domain or (self.sub_domains and domain.endswith("." + self.domain))
