"""The ladder of a mailbox: the forms its address may have, in order, and the one it gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from msgspec import Struct

from govdir.mailattrs import texts
from govdir.mailattrs.names import InvalidName
from govdir.policy.model import PROVINCE, Citation, MailboxKind, MailboxRules, Override, Pack
from govdir.policy.texts import Language, Wording

MAXIMUM_LOCAL_OCTETS: Final = 64
"""RFC 5321 §4.5.3.1.1."""

MAXIMUM_ADDRESS_OCTETS: Final = 254
"""RFC 5321 §4.5.3.1.3: a path is 256 octets with its brackets."""

_ASKED_IN_TURN: Final = 8
"""So many members of a series are asked about one by one; behind them in leaps that double."""

_NUMBER: Final = "\x1a"
_LETTER: Final = "\x00"
"""Stand in a pattern for what a series counts with; no field holds them."""

_LOCAL = re.compile(r"[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9_-]))*(?<![._-])")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])")


class ParentNeeded(InvalidName):
    """The form needs the label of the body above, which is not known."""

    rule = "parent-needed"

    def __init__(self, why: Wording, kind: MailboxKind) -> None:
        super().__init__(why)
        self.kind = kind


class PlaceUnsuitable(ParentNeeded):
    """The regulation has no form of address for such a mailbox in such a body."""

    rule = "place"


class KindNotProvided(InvalidName):
    """The regulation has no such mailbox."""

    rule = "kind"


class Subject(Struct, frozen=True):
    """A mailbox that wants an address: its rules and what its forms are made of.

    `place` is where it stands (AddressForm.within), `override` the address registered for it by name.
    """

    rules: MailboxRules
    fields: Mapping[str, str]
    place: str
    override: Override | None = None


class Candidate(Struct, frozen=True):
    """One form of an address; `rank` counts the ladder's steps from 1, 0 = registered by name.

    `fixed`: the pack spells it out, nothing of it comes from a name. `on_request`: given to who asks for it.
    """

    rank: int
    address: str
    citation: Citation
    fixed: bool = False
    on_request: bool = False

    @property
    def local_part(self) -> str:
        """What stands before the @."""
        return local_part(self.address)


class Skipped(Struct, frozen=True):
    """A form that could not be given, and why.

    Of a long series only the members that were asked about are told.
    """

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
        if not self.skipped:
            return texts.HUMAN_NAMES.render(language, citation=self.citation.text(language))
        return texts.HUMAN_DECIDES.render(language, tried=self.tried, citation=self.citation.text(language))


Taken = Callable[[str], bool]
"""Whether somebody holds an address (in lower case), or nobody may have it again."""


def is_local_part(text: str) -> bool:
    """Lower-case a–z, digits, and single dots, hyphens, underscores inside."""
    return len(text) <= MAXIMUM_LOCAL_OCTETS and _LOCAL.fullmatch(text) is not None


def local_part(address: str) -> str:
    """What stands before the @."""
    return address.partition("@")[0]


def parse_address(text: str) -> tuple[str, str] | None:
    """(local part, domain) of an address in lower case, None when it is not well-formed."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > MAXIMUM_ADDRESS_OCTETS or not is_local_part(local):
        return None
    return (local, domain) if _is_domain(domain) else None


@lru_cache(maxsize=1024)
def _is_domain(text: str) -> bool:
    return _DOMAIN.fullmatch(text) is not None


def rules_of(pack: Pack, kind: MailboxKind) -> MailboxRules:
    """The rules of that kind; raises KindNotProvided."""
    rules = pack.mailbox(kind)
    if rules is None:
        raise KindNotProvided(texts.KIND_NOT_PROVIDED.filled(kind=kind))
    return rules


class _Step(Struct, frozen=True):
    """One step of a ladder for one mailbox: an address, or a series of them, numbered or lettered."""

    rank: int
    pattern: str
    citation: Citation
    counts: range = range(1, 2)
    fixed: bool = False
    on_request: bool = False

    def candidate(self, count: int) -> Candidate:
        """The member of the series."""
        address = self.pattern
        if _NUMBER in address:
            address = address.replace(_NUMBER, str(count))
        if _LETTER in address:
            address = address.replace(_LETTER, _letters(count))
        return Candidate(self.rank, address, self.citation, self.fixed, self.on_request)


def _steps(pack: Pack, subject: Subject) -> Iterator[_Step]:
    """The steps that are for this place, what is registered first. Raises ParentNeeded."""
    rules, override = subject.rules, subject.override
    if override is not None:
        domain = f"{override.sub_domain}.{pack.domain}" if override.sub_domain else pack.domain
        yield _Step(0, f"{override.local}@{domain}", override.citation, fixed=True)
    forms = [form for form in rules.ladder if not form.within or subject.place in form.within]
    if rules.ladder and not forms:
        raise _parent_needed(rules) if subject.place == PROVINCE else _place_unsuitable(pack, subject)
    fields = {**subject.fields, "domain": pack.domain, "number": _NUMBER, "letter": _LETTER}
    for rank, form in enumerate(forms, start=1):
        try:
            pattern = f"{form.local.fill(fields)}@{form.domain.fill(fields)}"
        except KeyError:
            if form.on_request:
                continue
            raise _parent_needed(rules) from None
        counts = range(form.first, form.last + 1) if form.local.is_series else range(1, 2)
        yield _Step(rank, pattern, form.citation, counts, not form.local.fields, form.on_request)


def _parent_needed(rules: MailboxRules) -> ParentNeeded:
    return ParentNeeded(texts.PARENT_NEEDED.filled(kind=rules.title), rules.kind)


def _place_unsuitable(pack: Pack, subject: Subject) -> PlaceUnsuitable:
    rules = subject.rules
    wanted = sorted({place for form in rules.ladder for place in form.within})
    why = texts.PLACE_UNSUITABLE.filled(
        kind=rules.title, wanted=_places(pack, wanted), place=_places(pack, [subject.place])
    )
    return PlaceUnsuitable(why, rules.kind)


def _places(pack: Pack, places: Iterable[str]) -> Wording:
    """As the pack calls them."""
    titles = [_place(pack, place) for place in places]
    return Wording("; ".join(title.vi for title in titles), "; ".join(title.en for title in titles))


def _place(pack: Pack, place: str) -> Wording:
    if place == PROVINCE:
        return texts.WHOLE_PROVINCE
    rules = pack.mailbox(MailboxKind(place))
    return Wording(place, place) if rules is None else rules.title


def candidates(pack: Pack, subject: Subject) -> Iterator[Candidate]:
    """Every form in the order of the ladder, a registered one first; forms may repeat or be malformed.

    Forms on request that this mailbox lacks a part for are left out. Raises ParentNeeded when the forms are
    for mailboxes in a body and this one is in none, PlaceUnsuitable when it is in one of another kind.
    """
    for step in _steps(pack, subject):
        yield from map(step.candidate, step.counts)


def _letters(count: int) -> str:
    """1 is a, 26 z, 27 aa; 0 nothing."""
    text = ""
    while count > 0:
        count, rest = divmod(count - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def by_rule(candidate: Candidate) -> bool:
    """Whether the form is given without being asked for."""
    return not candidate.on_request


def propose(
    pack: Pack, subject: Subject, taken: Taken, accept: Callable[[Candidate], bool] = by_rule
) -> Proposal | HumanDecides:
    """The first form that is free and that `accept` wants; `taken` is asked at most once per address.

    Forms that equal an earlier one, are reserved, unlucky or no valid address are skipped without asking.
    Of a series the first free member is found without asking for all before it: a gap far inside a long one,
    as only a released address leaves it, may be passed over. Raises ParentNeeded.
    """
    search = _Search(pack, subject, taken)
    for step in _steps(pack, subject):
        first = step.candidate(step.counts.start)
        if not accept(first):
            continue
        if not search.refuses(first):
            return search.proposal(first)
        found = search.later_in(step)
        if found is not None:
            return search.proposal(found)
    return HumanDecides(subject.rules.exhausted, tuple(search.skipped))


class _Search:
    """What has been asked for one mailbox, and what came of it."""

    __slots__ = ("_known", "_pack", "_seen", "_subject", "_taken", "skipped")

    def __init__(self, pack: Pack, subject: Subject, taken: Taken) -> None:
        self.skipped: list[Skipped] = []
        self._pack = pack
        self._subject = subject
        self._taken = taken
        self._known: dict[str, bool] = {}
        self._seen: set[str] = set()

    def proposal(self, candidate: Candidate) -> Proposal:
        """With the aliases that are registered with the address."""
        override, domain = self._subject.override, self._pack.domain
        aliases = override.aliases if override is not None and candidate.rank == 0 else ()
        return Proposal(candidate, tuple(self.skipped), tuple([f"{alias}@{domain}" for alias in aliases]))

    def refuses(self, candidate: Candidate) -> bool:
        """Whether the form cannot be given; then the reason is noted."""
        why = self._why(candidate)
        if why is None:
            return False
        self.skipped.append(Skipped(candidate, why))
        self._seen.add(candidate.address)
        return True

    def later_in(self, step: _Step) -> Candidate | None:
        """The first free member of a series whose first one is not."""
        if len(step.counts) == 1:
            return None
        in_turn, rest = step.counts[1:_ASKED_IN_TURN], step.counts[_ASKED_IN_TURN:]
        for candidate in map(step.candidate, in_turn):
            if not self.refuses(candidate):
                return candidate
        start = self._first_not_taken(step, rest)
        # The last one taken is told too; those before `start` are looked at when none is left behind it.
        for count in chain(rest[max(start - 1, 0) :], rest[: max(start - 1, 0)]):
            candidate = step.candidate(count)
            if not self.refuses(candidate):
                return candidate
        return None

    def _first_not_taken(self, step: _Step, counts: range) -> int:
        """The place in `counts` where members that are taken one after the other end, found by doubling and
        halving; the length of `counts` when they do not."""
        low, leap = -1, 1
        while low + leap < len(counts) and self._held(step.candidate(counts[low + leap]).address):
            low, leap = low + leap, leap * 2
        high = min(low + leap, len(counts))
        while low + 1 < high:
            middle = (low + high) // 2
            if self._held(step.candidate(counts[middle]).address):
                low = middle
            else:
                high = middle
        return high

    def _held(self, address: str) -> bool:
        known = self._known.get(address)
        if known is None:
            known = self._known[address] = self._taken(address)
        return known

    def _why(self, candidate: Candidate) -> Wording | None:
        address = candidate.address
        if address in self._seen:
            return texts.SKIPPED_SAME
        if parse_address(address) is None:
            return texts.SKIPPED_MALFORMED
        if not candidate.fixed:
            if is_reserved(self._pack, self._subject.rules.kind, address):
                return texts.SKIPPED_RESERVED
            if is_unlucky(self._pack, self._subject.rules.kind, address):
                return texts.SKIPPED_UNLUCKY
        return texts.SKIPPED_TAKEN if self._held(address) else None


def is_reserved(pack: Pack, kind: MailboxKind, address: str) -> bool:
    """Whether the local part, of a person also what stands before its first dot, is kept for the system.

    What begins with the word of the lists, as internal.stttt@ does, is theirs.
    """
    word = local_part(address)
    if word in pack.reserved or (kind.is_personal and word.partition(".")[0] in pack.reserved):
        return True
    return kind is not MailboxKind.LIST and is_for_lists(pack, address)


def is_for_lists(pack: Pack, address: str) -> bool:
    """Whether only a list may have the address, and only by the regulation: its form is that of lists."""
    return local_part(address).partition(".")[0] in pack.list_words


def is_unlucky(pack: Pack, kind: MailboxKind, address: str) -> bool:
    """Whether the local part, of a person what stands before its first dot, reads as a word to avoid."""
    word = local_part(address)
    return (word.partition(".")[0] if kind.is_personal else word) in pack.unlucky
