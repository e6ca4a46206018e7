"""Where a mailbox stands, by what somebody says of it where there is no directory to look into.

A place is said by a label ("stttt"), by labels from the inside out ("pnv.cujut", a unit or commune in a
district), by a label's mail domain, or by names ("UBND xã Minh Hưng, huyện Bù Đăng").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from govdir.mailattrs import labels, texts
from govdir.mailattrs.ladder import Proposal, Subject, candidates, propose
from govdir.mailattrs.names import InvalidName, tidy
from govdir.policy.model import PROVINCE, MailboxKind, MailboxRules, Override, Pack
from govdir.policy.templates import PLACE_FIELDS

_OPENERS: Final = ("sở ", "ban ", "văn phòng ", "trung tâm ", "chi cục ")
"""What a body's name begins with behind a comma; other commas are part of one name."""


class StatedPlace(Struct, frozen=True):
    """`place` as AddressForm.within names it; `fields` are templates.PLACE_FIELDS, as far as they are known;
    `names` are the labels and names of the nearest body that is no unit."""

    place: str
    fields: Mapping[str, str]
    names: tuple[str, ...] = ()


class _Body(Struct, frozen=True):
    kind: MailboxKind
    label: str
    local: str
    domain: str
    names: tuple[str, ...]


def read_place(
    pack: Pack,
    stated: str | None,
    of: MailboxKind,
    *,
    kind: MailboxKind | None = None,
    unit: str | None = None,
) -> StatedPlace:
    """The place `stated` for a mailbox of kind `of`.

    `kind` is that of the nearest body that is no unit: by default an agency for one label (a district for a
    commune's), a commune for labels with a dot, and what names say. `unit` is the label of the unit in it.
    Raises InvalidBodyName for what is no label or name, and what `propose` raises.
    """
    if unit is not None and not labels.is_label(unit):
        raise labels.InvalidBodyName(texts.LABEL_MALFORMED.filled(label=unit))
    if stated is None or not stated.strip():
        return StatedPlace(PROVINCE, {})
    agency = nearest = None
    parts = _parts(pack, stated)
    for depth, part in enumerate(parts):
        nearest = _body(pack, _kind(pack, part, of, kind, depth=depth, count=len(parts)), part, nearest)
        if nearest.kind is not MailboxKind.UNIT or agency is None:
            agency = nearest
    if agency is None or nearest is None:
        raise labels.InvalidBodyName(texts.LABEL_MALFORMED.filled(label=stated))
    fields = _fields(agency)
    if nearest is not agency:
        fields |= {"unit": nearest.label, "body": nearest.local}
    elif unit is not None:
        fields |= {"unit": unit, "body": f"{unit}.{agency.local}"}
    return StatedPlace(agency.kind.value, fields, agency.names)


def _parts(pack: Pack, stated: str) -> list[str]:
    """Labels or names, from the outside in."""
    text = tidy(stated)
    for ending in (f"@{pack.domain}", f".{pack.domain}"):
        text = text.lower().removesuffix(ending) if text.lower().endswith(ending) else text
    if "@" in text:
        raise labels.InvalidBodyName(texts.LABEL_MALFORMED.filled(label=stated))
    if labels.is_label(text):
        return text.split(".")[::-1]
    names: list[str] = []
    for piece in text.split(","):
        opens = f"{piece.strip().lower()} ".startswith(_OPENERS) or labels.place_kind(piece, pack.words)
        if names and not opens:
            names[-1] += f",{piece}"
        else:
            names.append(piece)
    return [name.strip() for name in reversed(names)]


def _kind(
    pack: Pack, part: str, of: MailboxKind, stated: MailboxKind | None, *, depth: int, count: int
) -> MailboxKind:
    by_name = labels.place_kind(part, pack.words)
    if by_name is not None:
        return by_name
    if depth == 0:
        if count == 1 and stated is not None:
            return stated
        if stated is MailboxKind.AGENCY or not labels.is_label(part):
            return MailboxKind.AGENCY
        return MailboxKind.DISTRICT if count > 1 or of is MailboxKind.COMMUNE else MailboxKind.AGENCY
    is_commune = depth == 1 and labels.is_label(part) and stated in (None, MailboxKind.COMMUNE)
    return MailboxKind.COMMUNE if is_commune else MailboxKind.UNIT


def _body(pack: Pack, kind: MailboxKind, part: str, above: _Body | None) -> _Body:
    rules = pack.mailbox(kind)
    place = StatedPlace(above.kind.value, _fields(above), above.names) if above else StatedPlace(PROVINCE, {})
    by_ladder = False
    if rules is None:
        return _Body(kind, part, part, part, (part,))
    if labels.is_label(part):
        override = _by_label(pack, part)
        fields = labels.fields(rules, pack.words, name=part, label=part, place=place.fields)
        local = override.local if override is not None else _usual_local(pack, rules, fields, place)
    else:
        override = labels.find_override(pack, kind, part, place.names)
        fields = labels.fields(rules, pack.words, name=part, label=None, place=place.fields)
        outcome = propose(pack, Subject(rules, fields, place.place, override), lambda _: False)
        by_ladder = isinstance(outcome, Proposal) and outcome.candidate.rank > 0
        local = outcome.local_part if isinstance(outcome, Proposal) else fields["label"]
    label = labels.registered_label(rules.kind, local, fields, by_ladder=by_ladder)
    domain = labels.domain_label(rules, {**fields, "label": label}, override) or label
    names = (label, local, part, *(override.names if override is not None else ()))
    return _Body(kind, label, local, domain, tuple(dict.fromkeys(names)))


def _by_label(pack: Pack, label: str) -> Override | None:
    """The registered agency or district that goes by the label, in addresses or as a mail domain."""
    for override in pack.overrides:
        above_all = override.kind in (MailboxKind.AGENCY, MailboxKind.DISTRICT)
        if above_all and label in (override.local, override.domain_label):
            return override
    return None


def _usual_local(pack: Pack, rules: MailboxRules, fields: Mapping[str, str], place: StatedPlace) -> str:
    """The local part of the address that a body with that label usually has."""
    known = PLACE_FIELDS | {"label"}
    try:
        for form, candidate in zip(
            rules.ladder, candidates(pack, Subject(rules, fields, place.place)), strict=False
        ):
            return candidate.local_part if known.issuperset(form.local.fields) else fields["label"]
    except InvalidName:
        pass
    return fields["label"]


def _fields(body: _Body) -> dict[str, str]:
    return {"parent": body.label, "parent.domain": body.domain, "agency": body.local, "body": body.local}
