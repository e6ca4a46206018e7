"""Labels to choose from for a new body, and which of them are free: a human picks one and registers it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import Struct

from govdir.mailattrs import labels
from govdir.mailattrs.labels import BodyName
from govdir.mailattrs.ladder import Candidate, HumanDecides, Proposal, Subject, Taken, propose, rules_of
from govdir.mailattrs.names import InvalidName
from govdir.mailattrs.stated_places import read_place
from govdir.policy.model import Citation, MailboxKind, Pack
from govdir.policy.texts import Wording

RULE_STYLE: Final = Wording("nhãn theo quy chế", "the label by the regulation")


class How(StrEnum):
    """How a label is made of a name."""

    RULE = "rule"
    INITIALS = "initials"
    TAIL = "tail"
    PLACE = "place"
    FULL = "full"
    TYPE = "type"


HOW_WORDINGS: Final = {
    How.RULE: RULE_STYLE,
    How.INITIALS: Wording("chữ cái đầu", "initials"),
    How.TAIL: Wording("chữ cái đầu, âm tiết cuối viết đủ", "initials, the last syllable in full"),
    How.PLACE: Wording("tên riêng viết đủ", "the proper name in full"),
    How.FULL: Wording("viết đủ", "in full"),
    How.TYPE: Wording("kèm loại đơn vị", "with the type of the place"),
}


class Suggestion(Struct, frozen=True):
    """One label, how it is made, the address it gives, and why that cannot be had (None: it is free)."""

    label: str
    how: How
    address: str
    clash: Wording | None


class Suggestions(Struct, frozen=True):
    """From the shortest label to the longest; `citation` is the rule that wants them told apart.

    `registered`: the address is fixed by name, the labels are for its people and units.
    """

    registered: Candidate | None
    labels: tuple[Suggestion, ...]
    citation: Citation

    @property
    def first_free(self) -> Suggestion | None:
        """The one to take, unless somebody has a better reason."""
        return next((each for each in self.labels if each.clash is None), None)


def suggest_labels(
    pack: Pack,
    kind: MailboxKind,
    name: str,
    parent: str | None,
    taken: Taken,
    *,
    parent_kind: MailboxKind | None = None,
) -> Suggestions:
    """The labels that the name of a body offers; `taken` tells about addresses. Raises InvalidName."""
    rules = rules_of(pack, kind)
    around = read_place(pack, parent, kind, kind=parent_kind)
    derived = labels.fields(rules, pack.words, name=name, label=None, place=around.fields)
    offered = {derived["label"]: How.RULE}
    for label, how in _ladder(labels.read_name(name, pack.words, rules.spelled)):
        offered.setdefault(label, how)
    found = []
    for label, how in offered.items():
        fields = {**derived, "label": label}
        outcome = propose(pack, Subject(rules, fields, around.place), taken)
        found.append(_suggestion(label, how, outcome))
    override = labels.find_override(pack, kind, name, around.names)
    registered = None
    if override is not None:
        outcome = propose(pack, Subject(rules, derived, around.place, override), lambda _: False)
        registered = outcome.candidate if isinstance(outcome, Proposal) else None
    return Suggestions(registered, tuple(found), pack.label_citation)


def _suggestion(label: str, how: How, outcome: Proposal | HumanDecides) -> Suggestion:
    """The first form is the one that holds the label; if it was passed over, that is the clash."""
    if outcome.skipped:
        first = outcome.skipped[0]
        return Suggestion(label, how, first.candidate.address, first.why)
    if isinstance(outcome, HumanDecides):
        raise InvalidName(outcome.citation.wording)
    return Suggestion(label, how, outcome.address, None)


def _ladder(name: BodyName) -> tuple[tuple[str, How], ...]:
    """As BodyName has them: of a place by its own name and with its type, of other bodies by all words."""
    steps: tuple[tuple[str, How], ...]
    if name.type:
        steps = (
            (name.type + name.place_initials, How.INITIALS),
            (name.type + name.place_tail, How.TAIL),
            (name.place, How.PLACE),
            (name.type + name.place, How.TYPE),
        )
    else:
        steps = ((name.initials, How.INITIALS), (name.tail, How.TAIL), (name.full, How.FULL))
    return tuple((label, how) for label, how in steps if label)
