"""Mail addresses by the regulation: the forms a mailbox may have, in order, and the one it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from msgspec import Struct

from govdir.mailattrs import labels, names, texts
from govdir.mailattrs.names import InvalidName
from govdir.policy.model import PROVINCE, AddressForm, Citation, MailboxKind, MailboxRules, Override, Pack
from govdir.policy.templates import PLACE_FIELDS
from govdir.policy.texts import Language, Wording

MAXIMUM_LOCAL_OCTETS: Final = 64
"""RFC 5321 §4.5.3.1.1."""

MAXIMUM_ADDRESS_OCTETS: Final = 254
"""RFC 5321 §4.5.3.1.3: a path is 256 octets with its brackets."""

_LOCAL = re.compile(r"[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_-]))*(?<![._-])")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])")


class ParentNeeded(InvalidName):
    """The form needs the label of the body above, which is not known."""

    rule = "parent-needed"


class KindNotProvided(InvalidName):
    """The regulation has no such mailbox."""

    rule = "kind"


class Candidate(Struct, frozen=True):
    """One form of an address; `rank` counts the ladder's steps from 1, 0 = registered by name."""

    rank: int
    address: str
    citation: Citation

    @property
    def local_part(self) -> str:
        """What stands before the @."""
        return self.address.partition("@")[0]


class Skipped(Struct, frozen=True):
    """A form that could not be given, and why."""

    candidate: Candidate
    why: Wording


class Proposal(Struct, frozen=True):
    """The address the regulation gives now, and the forms before it that could not be given."""

    candidate: Candidate
    skipped: tuple[Skipped, ...]
    aliases: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """In lower case."""
        return self.candidate.address

    @property
    def local_part(self) -> str:
        """What stands before the @."""
        return self.candidate.local_part

    @property
    def citation(self) -> Citation:
        """The rule that gives this form."""
        return self.candidate.citation

    def text(self, language: Language) -> str:
        """One line for a person to read."""
        return texts.PROPOSED.render(language, address=self.address, citation=self.citation.text(language))


class HumanDecides(Struct, frozen=True):
    """No form can be given: the body that runs the mail system chooses a name."""

    citation: Citation
    skipped: tuple[Skipped, ...]

    @property
    def tried(self) -> str:
        """The addresses tried, apart by commas."""
        return ", ".join(dict.fromkeys(step.candidate.address for step in self.skipped))

    def text(self, language: Language) -> str:
        """One line for a person to read."""
        return texts.HUMAN_DECIDES.render(language, tried=self.tried, citation=self.citation.text(language))


def is_local_part(text: str) -> bool:
    """Lower-case a–z, digits, and single dots, hyphens, underscores inside."""
    return len(text) <= MAXIMUM_LOCAL_OCTETS and _LOCAL.fullmatch(text) is not None


def parse_address(text: str) -> tuple[str, str] | None:
    """(local part, domain) of an address in lower case, None when it is not well-formed."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > MAXIMUM_ADDRESS_OCTETS or not is_local_part(local):
        return None
    return (local, domain) if _DOMAIN.fullmatch(domain) else None


def rules_of(pack: Pack, kind: MailboxKind) -> MailboxRules:
    """The rules of that kind; raises KindNotProvided."""
    rules = pack.mailbox(kind)
    if rules is None:
        raise KindNotProvided(texts.KIND_NOT_PROVIDED.filled(kind=kind))
    return rules


def candidates(
    pack: Pack,
    rules: MailboxRules,
    fields: Mapping[str, str],
    override: Override | None = None,
    place: str | None = None,
) -> Iterator[Candidate]:
    """Every form in the order of the ladder, a registered one first; forms may repeat or be malformed.

    `place` is where the mailbox stands (AddressForm.within); None: in some body if `fields` name a parent.
    Raises ParentNeeded when the forms are for mailboxes in a body and this one is in none.
    """
    if override is not None:
        domain = f"{override.sub_domain}.{pack.domain}" if override.sub_domain else pack.domain
        yield Candidate(0, f"{override.local}@{domain}", override.citation)
    forms = [form for form in rules.ladder if _fits(form, place, fields)]
    if rules.ladder and not forms:
        raise ParentNeeded(texts.PARENT_NEEDED.filled(kind=rules.title))
    for rank, form in enumerate(forms, start=1):
        try:
            if form.local.is_series or form.domain.fields != ("domain",):
                yield from _series(pack, form, rank, fields)
            else:
                yield Candidate(rank, f"{form.local.fill(fields)}@{pack.domain}", form.citation)
        except KeyError:
            raise ParentNeeded(texts.PARENT_NEEDED.filled(kind=rules.title)) from None


def _fits(form: AddressForm, place: str | None, fields: Mapping[str, str]) -> bool:
    if not form.within or place in form.within:
        return True
    return place is None and (form.within != {PROVINCE}) is ("parent" in fields)


def _series(pack: Pack, form: AddressForm, rank: int, fields: Mapping[str, str]) -> Iterator[Candidate]:
    domain = form.domain.fill({**fields, "domain": pack.domain})
    for count in range(form.first, form.last + 1):
        counted = {**fields, "number": str(count), "letter": _letters(count)}
        yield Candidate(rank, f"{form.local.fill(counted)}@{domain}", form.citation)


def _letters(count: int) -> str:
    """1 is a, 26 z, 27 aa; 0 nothing."""
    text = ""
    while count > 0:
        count, rest = divmod(count - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def propose(  # noqa: PLR0917 (as candidates takes them)
    pack: Pack,
    rules: MailboxRules,
    fields: Mapping[str, str],
    taken: Callable[[str], bool],
    override: Override | None = None,
    place: str | None = None,
) -> Proposal | HumanDecides:
    """The first form that is free; `taken` is asked once per address (lower case), in the ladder's order.

    Forms that equal an earlier one, are reserved or no valid address are skipped without asking.
    Raises ParentNeeded.
    """
    skipped: list[Skipped] = []
    for candidate in candidates(pack, rules, fields, override, place):
        why = _why_skipped(pack, candidate, skipped, taken)
        if why is None:
            aliases = override.aliases if override is not None and candidate.rank == 0 else ()
            return Proposal(candidate, tuple(skipped), tuple(f"{alias}@{pack.domain}" for alias in aliases))
        skipped.append(Skipped(candidate, why))
    return HumanDecides(rules.exhausted, tuple(skipped))


def _why_skipped(
    pack: Pack, candidate: Candidate, skipped: list[Skipped], taken: Callable[[str], bool]
) -> Wording | None:
    address = candidate.address
    for earlier in skipped:
        if earlier.candidate.address == address:
            return texts.SKIPPED_SAME
    if parse_address(address) is None:
        return texts.SKIPPED_MALFORMED
    if candidate.local_part in pack.reserved:
        return texts.SKIPPED_RESERVED
    return texts.SKIPPED_TAKEN if taken(address) else None


def propose_address(  # noqa: PLR0917 (the order people write a name's parts in)
    pack: Pack,
    kind: MailboxKind,
    name: str,
    parent_label: str | None = None,
    taken: Collection[str] = (),
    surname: str | None = None,
    middle: str | None = None,
    given: str | None = None,
) -> Proposal | HumanDecides:
    """The address for a name, without any directory.

    `taken` holds addresses, or local parts in the pack's domain. `surname`, `middle` and `given` go before
    the split of `name` for persons. Raises InvalidName (InvalidPersonName, InvalidBodyName, ParentNeeded,
    KindNotProvided).
    """
    rules = rules_of(pack, kind)
    if parent_label and not labels.is_label(parent_label):
        raise labels.InvalidBodyName(texts.LABEL_MALFORMED.filled(label=parent_label))
    place = dict.fromkeys(PLACE_FIELDS - {"unit"}, parent_label) if parent_label else {}
    held = {(item if "@" in item else f"{item}@{pack.domain}").lower() for item in taken}
    if kind.is_personal:
        person = names.split(name, surname=surname, middle=middle, given=given)
        fields = person.fields(place)
        return propose(pack, rules, fields, held.__contains__)
    override = labels.find_override(pack, kind, name, (parent_label,) if parent_label else ())
    fields = labels.fields(rules, pack.words, name=name, label=None, place=place)
    return propose(pack, rules, fields, held.__contains__, override)
