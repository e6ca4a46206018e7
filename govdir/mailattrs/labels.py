"""Labels of agencies, units, districts and communes: what their names suggest, and what is registered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from govdir.mailattrs import texts
from govdir.mailattrs.folding import fold, name_key
from govdir.mailattrs.names import InvalidName, tidy
from govdir.policy.folding import characters
from govdir.policy.model import MailboxKind, MailboxRules, NameWords, Override, Pack

MAXIMUM_BODY_NAME_CHARACTERS: Final = 200
"""Names of joint councils run to 120 characters."""

MAXIMUM_LABEL_OCTETS: Final = 63
"""A label may become a DNS label of a mail domain (RFC 1035 §2.3.4)."""

_KINDS_OF_PLACES: Final = (
    ((("xã",), ("phường",), ("thị", "trấn"), ("đặc", "khu")), MailboxKind.COMMUNE),
    (
        (("quận",), ("huyện",), ("thị", "xã"), ("thành", "phố"), ("tp",), ("tx",)),
        MailboxKind.DISTRICT,
    ),
)
"""What the law calls the units of the two levels below a province."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_BETWEEN_WORDS = re.compile(r"[\s&,;:./()+\-–—\"“”]+")


class InvalidBodyName(InvalidName):
    """A body's name or label that no address can be made of."""


class BodyName(Struct, frozen=True):
    """What a body's name suggests; see policy.templates.BODY_FIELDS for the meaning of each."""

    style: str
    initials: str
    tail: str
    full: str
    place: str
    place_initials: str
    place_tail: str
    place_stem: str
    type: str

    def ladder(self) -> tuple[str, ...]:
        """Labels worth offering, shortest first, without repetition."""
        offered = (self.style, self.initials, self.tail, self.place, self.full, self.type + self.place)
        return tuple(dict.fromkeys(label for label in offered if label))


def is_label(text: str) -> bool:
    """Whether the text can stand in an address as it is."""
    return bool(_LABEL.fullmatch(text)) and ".." not in text and len(text) <= MAXIMUM_LABEL_OCTETS


def read_name(name: str, words: NameWords, spelled: Sequence[str] = ()) -> BodyName:
    """What the name of a body suggests; raises InvalidBodyName.

    `spelled` are leading words that the style spells out. The conjunctions in `words.dropped` go by their
    exact letters ("và" goes, "Va" of a place name stays).
    """
    tokens = _tokens(name)
    kept = _without_trailing(tokens, words.trailing)
    kept = [token for token in kept if token.lower() not in words.dropped]
    pieces = [fold(token) for token in kept]
    short = [
        piece if _is_whole(token, kept, words.acronyms) else piece[:1]
        for token, piece in zip(kept, pieces, strict=True)
    ]
    full = "".join(pieces)
    if not full:
        raise InvalidBodyName(texts.BODY_NAME_EMPTY)
    head = _longest_head(kept, spelled)
    type_name, type_start, start = _place_type(kept, words)
    place = "".join(pieces[start:])
    if place.isdecimal():  # "Phường 1" is phuong1: a number alone is nobody's name
        place = "".join(pieces[type_start:])
    return BodyName(
        style="".join((*pieces[:head], *short[head:])),
        initials="".join(short),
        tail="".join((*short[:-1], pieces[-1])),
        full=full,
        place=place or full,
        place_initials="".join(short[start:]),
        place_tail="".join((*short[start:-1], pieces[-1])),
        place_stem="".join((*short[start:-1], pieces[-1][:2])),
        type=type_name,
    )


def fields(
    rules: MailboxRules, words: NameWords, *, name: str, label: str | None, place: Mapping[str, str]
) -> dict[str, str]:
    """What an address pattern of a body or list can use; `place` are templates.PLACE_FIELDS.

    `label` is the registered one, None to derive it. Raises InvalidBodyName.
    """
    body = read_name(name, words, rules.spelled)
    values = {
        "style": body.style,
        "initials": body.initials,
        "tail": body.tail,
        "full": body.full,
        "place": body.place,
        "place.initials": body.place_initials,
        "place.tail": body.place_tail,
        "place.stem": body.place_stem,
        "type": body.type,
        **place,
    }
    if label is None:
        label = rules.label.fill(values) if rules.label is not None else body.style
    elif not is_label(label):
        raise InvalidBodyName(texts.LABEL_MALFORMED.filled(label=label))
    values["label"] = label
    return values


def find_override(pack: Pack, kind: MailboxKind, name: str, parents: Sequence[str]) -> Override | None:
    """The registered address of the body so named; `parents` are the names and labels of the body above.

    "UBND huyện Cư Kuin" and "huyện Cư Kuin" are one body.
    """
    key = _body_key(name)
    above = {_body_key(parent) for parent in parents}
    for override in pack.overrides:
        if override.kind is not kind or key not in map(_body_key, override.names):
            continue
        if not override.parents or not above.isdisjoint(map(_body_key, override.parents)):
            return override
    return None


@lru_cache(maxsize=4096)
def _body_key(name: str) -> str:
    key = name_key(name)
    for committee in ("uy ban nhan dan ", "ubnd "):
        if key.startswith(committee):
            return key.removeprefix(committee)
    return key


def registered_label(
    kind: MailboxKind, local: str, fields: Mapping[str, str], *, by_ladder: bool = True
) -> str:
    """The label of a body whose address begins with `local`: without what only says where the body stands.

    A unit with an address that was named by hand, or registered, has the label its name gives.
    """
    for above in (fields.get("agency"), fields.get("parent")):
        if above and local.endswith(f".{above}"):
            return local.removesuffix(f".{above}")
    return fields["label"] if kind is MailboxKind.UNIT and not by_ladder else local


def domain_label(rules: MailboxRules, fields: Mapping[str, str], override: Override | None) -> str | None:
    """What stands before the province's domain in the addresses of a body's people; None: it has no own one.

    `fields` are the body's own, its registered label among them.
    """
    if override is not None and override.domain_label is not None:
        return override.domain_label
    if rules.domain_label is None:
        return None
    try:
        return rules.domain_label.fill(fields)
    except KeyError:
        return fields["label"]


def place_kind(name: str, words: NameWords) -> MailboxKind | None:
    """Whether a name is that of a commune or of a district, by the word for its type; None for neither."""
    tokens = tuple(token.lower() for token in _BETWEEN_WORDS.split(tidy(name)) if token)
    for _, phrase in _phrases(tuple(words.place_types)):
        if tokens[: len(phrase)] == tuple(phrase) and _kind_of_type(tokens) is None:
            tokens = tokens[len(phrase) :]
    return _kind_of_type(tokens)


def _kind_of_type(tokens: tuple[str, ...]) -> MailboxKind | None:
    """Of a place whose name begins with these words."""
    for types, kind in _KINDS_OF_PLACES:
        if any(tokens[: len(each)] == each and len(tokens) > len(each) for each in types):
            return kind
    return None


def _tokens(name: str) -> list[str]:
    if characters(name) > MAXIMUM_BODY_NAME_CHARACTERS:
        raise InvalidBodyName(texts.BODY_NAME_TOO_LONG.filled(maximum=MAXIMUM_BODY_NAME_CHARACTERS))
    for character in name:
        if unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"):
            raise InvalidBodyName(texts.BODY_NAME_CONTROL.filled(code=f"{ord(character):04X}"))
    tokens = [token for token in _BETWEEN_WORDS.split(tidy(name)) if token]
    for token in tokens:
        if not token.isascii():
            _check_letters(token)
    return tokens


def _check_letters(token: str) -> None:
    """Letters that only look like Latin ones, and pictures, would vanish from the label unnoticed."""
    for character in token:
        kind = unicodedata.category(character)
        if kind.startswith("L") and not fold(character):
            raise InvalidBodyName(texts.BODY_NAME_NOT_LATIN.filled(character=character))
        if kind == "So":
            raise InvalidBodyName(texts.BODY_NAME_SYMBOL.filled(character=character))


def _is_whole(token: str, tokens: Sequence[str], acronyms: Sequence[str]) -> bool:
    """Acronyms and numbers stay whole; capitals tell an acronym only where not everything is in capitals."""
    if token.isdecimal() or token in acronyms:
        return True
    return len(token) > 1 and token.isupper() and any(not other.isupper() for other in tokens)


def _phrases(phrases: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each phrase with its words in lower case, longest first."""
    split = [(text, _BETWEEN_WORDS.split(tidy(text).lower())) for text in phrases]
    yield from sorted(split, key=lambda item: -len(item[1]))


def _without_trailing(tokens: list[str], trailing: Sequence[str]) -> list[str]:
    lowered = [token.lower() for token in tokens]
    for _, phrase in _phrases(trailing):
        if len(phrase) < len(tokens) and lowered[-len(phrase) :] == phrase:
            return tokens[: -len(phrase)]
    return tokens


def _longest_head(tokens: list[str], spelled: Sequence[str]) -> int:
    lowered = [token.lower() for token in tokens]
    for _, phrase in _phrases(spelled):
        if lowered[: len(phrase)] == phrase:
            return len(phrase)
    return 0


def _place_type(tokens: list[str], words: NameWords) -> tuple[str, int, int]:
    """The short form of the last leading type word, where that begins, and where the place's name does."""
    lowered = [token.lower() for token in tokens]
    short, type_start, start = "", 0, 0
    while start < len(tokens):
        for text, phrase in _phrases(tuple(words.place_types)):
            if lowered[start : start + len(phrase)] == phrase:
                short, type_start, start = words.place_types[text] or short, start, start + len(phrase)
                break
        else:
            break
    return (short, type_start, start) if start < len(tokens) else ("", 0, 0)
