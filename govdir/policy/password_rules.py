"""Whether a password meets the regulation and is hard enough to guess: one engine for every way in.

History, lock-out and expiry depend on an account's past and are decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from random import Random
from typing import Final

from msgspec import Struct

from govdir.policy import texts
from govdir.policy.common_passwords import COMMON_PASSWORDS
from govdir.policy.folding import characters, fold, fold_words
from govdir.policy.model import Citation, MailboxKind, Pack, PasswordRules
from govdir.policy.password_patterns import is_repetition, is_walk, is_year
from govdir.policy.telex import typed_forms
from govdir.policy.texts import Language, Wording

MAXIMUM_PASSWORD_CHARACTERS: Final = 128
"""Above any passphrase; in UTF-8 no more than can be stored (directory.passwords) and crypt(3) takes."""

GENERATED_LENGTH: Final = 14
"""Three groups of four letters and digits with a sign between them: about 73 bits, and read out in groups."""

_GROUP: Final = 4

_CONTAINED_LENGTH: Final = 5
"""One's own words at least this long must not appear anywhere; shorter ones may by chance."""

_CHAINED_LENGTH: Final = 5
"""Common words at least this long are common in a row, too; shorter ones are syllables of any sentence."""

_UPPER: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O: nobody should mistake 1 or 0
_LOWER: Final = "abcdefghijkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"

_LONG_COMMON: Final = frozenset(word for word in COMMON_PASSWORDS if len(word) >= _CHAINED_LENGTH)
_LOOKALIKES: Final = str.maketrans("@4310$5!7", "aaeiossit")
_ENDS = re.compile(r"^[^a-z]+|[^a-z]+$", re.IGNORECASE)
_BETWEEN_LETTERS = re.compile(r"[\W\d_]+")
_STRAY_LETTERS: Final = 2
_NO_LETTERS = re.compile(r"[0-9 -]+")


class NoPassword(ValueError):
    """Nobody signs in to mailboxes of this kind."""


class Verdict(Struct, frozen=True):
    """One rule's judgement; `rule` is its stable name, `text` what it asks for."""

    rule: str
    passed: bool
    text: Wording
    citation: Citation

    def line(self, language: Language) -> str:
        """The judgement for a person to read."""
        return texts.VERDICT_LINE.render(
            language,
            mark=texts.MARK_PASSED if self.passed else texts.MARK_BROKEN,
            text=self.text,
            citation=self.citation.place_in(language),
        )


class PasswordReport(Struct, frozen=True):
    """Every rule's verdict on one candidate, which is not kept."""

    title: Wording
    verdicts: tuple[Verdict, ...]

    @property
    def accepted(self) -> bool:
        """No rule is broken."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def broken(self) -> tuple[Verdict, ...]:
        """The verdicts against it."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)

    def text(self, language: Language) -> str:
        """The broken rules, or that there are none, as one paragraph."""
        if self.accepted:
            return texts.PASSWORD_ACCEPTED.render(language, kind=self.title)
        return " ".join(
            f"{verdict.text.in_language(language)} ({verdict.citation.place_in(language)})"
            for verdict in self.broken
        )


def rules_of(pack: Pack, kind: MailboxKind) -> PasswordRules:
    """The password rules of that kind of mailbox; raises NoPassword."""
    mailbox = pack.mailbox(kind)
    if mailbox is None or mailbox.password is None:
        raise NoPassword(kind.value)
    return mailbox.password


def check(pack: Pack, kind: MailboxKind, candidate: str, own: Iterable[str] = ()) -> PasswordReport:
    """Judges `candidate` rule by rule.

    `own` are texts an attacker would try first for this account: name, uid, address, labels and names of the
    bodies above. Raises NoPassword.
    """
    rules = rules_of(pack, kind)
    text = unicodedata.normalize("NFC", candidate[: MAXIMUM_PASSWORD_CHARACTERS * 8])
    mailbox = pack.mailboxes[kind]
    verdicts = (
        *_regulation(rules, text),
        *_good_practice(pack, text, (*own, pack.domain, pack.domain.partition(".")[0])),
    )
    return PasswordReport(mailbox.title, verdicts)


def generate_password(
    pack: Pack, kind: MailboxKind, random: Random, own: Sequence[str] = (), least: int = 0
) -> str:
    """A password that `check` accepts for that account, to be read out: groups of letters and digits between
    signs, without characters easily mistaken for others; of at least `least` characters.

    Give it a SystemRandom; another Random is for tests. Raises NoPassword.
    """
    length = max(GENERATED_LENGTH, rules_of(pack, kind).minimum_length, least)
    letters = _UPPER + _LOWER + _DIGITS
    while True:
        password = "".join(
            random.choice(letters if place % (_GROUP + 1) < _GROUP else pack.generated_specials)
            for place in range(length)
        )
        if all(map(set(password).intersection, (_UPPER, _LOWER, _DIGITS))) and (
            check(pack, kind, password, own).accepted
        ):
            return password


def _regulation(rules: PasswordRules, text: str) -> Iterator[Verdict]:
    length = characters(text)
    asked = texts.PASSWORD_LENGTH if text else texts.PASSWORD_LENGTH_ASKED
    yield Verdict(
        "password-length",
        length >= rules.minimum_length,
        asked.filled(minimum=rules.minimum_length, length=length),
        rules.length_citation,
    )
    if rules.upper is not None:
        yield Verdict("password-upper", any(map(str.isupper, text)), texts.PASSWORD_UPPER, rules.upper)
    if rules.lower is not None:
        yield Verdict("password-lower", any(map(str.islower, text)), texts.PASSWORD_LOWER, rules.lower)
    if rules.digit is not None:
        yield Verdict("password-digit", any(map(str.isdecimal, text)), texts.PASSWORD_DIGIT, rules.digit)
    if rules.special is not None:
        wanted = texts.PASSWORD_SPECIAL
        if rules.specials:
            wanted = texts.PASSWORD_SPECIAL_CLOSED.filled(specials=" ".join(rules.specials))
        yield Verdict("password-special", _has_special(text, rules.specials), wanted, rules.special)


def _has_special(text: str, specials: str) -> bool:
    if specials:
        return not set(specials).isdisjoint(text)
    return any(unicodedata.category(character)[0] in "PS" for character in text)


def _good_practice(pack: Pack, text: str, own: Sequence[str]) -> Iterator[Verdict]:
    by = pack.good_practice_citation
    yield Verdict(
        "password-too-long",
        len(text) <= MAXIMUM_PASSWORD_CHARACTERS,
        texts.PASSWORD_TOO_LONG.filled(maximum=MAXIMUM_PASSWORD_CHARACTERS),
        by,
    )
    controls = any(unicodedata.category(character) == "Cc" for character in text)
    yield Verdict("password-control", not controls, texts.PASSWORD_CONTROL, by)
    folded, cores = fold(text), _cores(text)
    yield Verdict("password-sample", not _is_sample(pack, folded, cores), texts.PASSWORD_SAMPLE, by)
    yield Verdict("password-own", not _is_made_of_own(folded, cores, own), texts.PASSWORD_OWN, by)
    yield Verdict("password-common", not _is_common(pack, cores | {folded}), texts.PASSWORD_COMMON, by)
    pattern = is_walk(text) or is_repetition(text)
    yield Verdict("password-pattern", not pattern, texts.PASSWORD_PATTERN, by)
    yield Verdict("password-year", not is_year(text), texts.PASSWORD_YEAR, by)


def _is_sample(pack: Pack, folded: str, cores: frozenset[str]) -> bool:
    """A published sample, in any case, with other digits and signs, or with something before or after it."""
    samples = {fold(sample) for sample in pack.sample_passwords}
    if any(sample in folded for sample in samples):
        return True
    return folded not in cores and not cores.isdisjoint(map(_letters, samples))


def _is_common(pack: Pack, guesses: frozenset[str]) -> bool:
    """A word of the lists, or nothing but longer ones of them in a row."""
    if not (guesses.isdisjoint(COMMON_PASSWORDS) and guesses.isdisjoint(pack.common_words)):
        return True
    chained = _LONG_COMMON | {word for word in pack.common_words if len(word) >= _CHAINED_LENGTH}
    return any(_is_chain(guess, chained) for guess in guesses)


def _cores(text: str) -> frozenset[str]:
    """What is left of a password without its decoration: its letters alone, these without a stray one or two
    ("Saigon#99A"), and read as look-alikes."""
    plain = _letters(text)
    groups = (fold(group) for group in _BETWEEN_LETTERS.split(text))
    long = "".join(group for group in groups if len(group) > _STRAY_LETTERS)
    return frozenset({plain, long, _letters(_stripped(text).translate(_LOOKALIKES))} - {""})


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", fold(text))


def _stripped(text: str) -> str:
    """Without the digits and signs before the first and after the last plain letter."""
    decomposed = unicodedata.normalize("NFD", text)
    return _ENDS.sub("", decomposed)


def _is_made_of_own(folded: str, cores: Iterable[str], own: Iterable[str]) -> bool:
    words: set[str] = set()
    for text in own:
        joined = fold(text)
        if len(joined) >= _CONTAINED_LENGTH and joined in folded:
            return True
        words.add(_letters(text))
        words.update(_letters(word) for word in fold_words(text).replace("-", " ").split())
        words.update(typed_forms(text), *map(typed_forms, text.split()))
    words.discard("")
    return any(_is_chain(core, words) for core in cores)


def _is_chain(text: str, words: Set[str]) -> bool:
    """Whether `text` is words one after the other; time bounded by its length times their longest."""
    longest = max(map(len, words), default=0)
    reachable = {0}
    for start in range(len(text)):
        if start in reachable:
            ends = range(start + 1, min(start + longest, len(text)) + 1)
            reachable.update(end for end in ends if text[start:end] in words)
    return bool(text) and len(text) in reachable
