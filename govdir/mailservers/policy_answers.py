"""Verdicts as Postfix reads them (access(5)): one line, in ASCII, in both languages."""

from __future__ import annotations

from typing import Final

from govdir.mailattrs.sending import Verdict
from govdir.policy.folding import without_marks
from govdir.policy.texts import Language, Wording

# A reply has 512 octets with its code and line end (RFC 5321 §4.5.3.1.5), and Postfix adds the address.
MAX_TEXT: Final = 400
_MAX_WORDING: Final = 150
_MAX_CITATION: Final = 90

NO_OPINION: Final = "DUNNO"
_DEFER: Final = "DEFER_IF_PERMIT 4.3.0"
_WARN: Final = "WARN"

UNSURE: Final = Wording(
    "danh bạ tạm thời không trả lời được, xin gửi lại sau",
    "the directory cannot judge this at present, please try again later",
)

_TYPOGRAPHY: Final = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "..."})


def refusal(verdict: Verdict) -> str:
    """The action of a verdict that does not pass: never without the rule's place."""
    return _cut(f"{verdict.action.value} {_told(verdict)}")


def warning(verdict: Verdict) -> str:
    """The same as a warning, after which Postfix goes on as if nothing had been said."""
    return _cut(f"{_WARN} govdir: {verdict.action.value} {_told(verdict)}")


def deferral() -> str:
    """For a message that cannot be judged, unless another rule refuses it for good."""
    return _cut(f"{_DEFER} {_both(UNSURE)}")


def unsure_warning() -> str:
    """The same where nothing is enforced."""
    return _cut(f"{_WARN} govdir: {_both(UNSURE)}")


def encoded(action: str) -> bytes:
    """An action as it is sent."""
    return b"action=" + action.encode("ascii") + b"\n\n"


def plain(text: str) -> str:
    """Printable ASCII on one line, whatever came: Vietnamese loses its marks, the rest its place."""
    folded = without_marks(text.translate(_TYPOGRAPHY))
    return " ".join("".join(each if each.isprintable() else " " for each in folded).split())


def _told(verdict: Verdict) -> str:
    if verdict.citation is None:
        return _both(verdict.why)
    place = plain(verdict.citation.place_in(Language.VIETNAMESE))[:_MAX_CITATION]
    return f"{_both(verdict.why)} ({place})"


def _both(wording: Wording) -> str:
    """Vietnamese first: whoever sends reads it."""
    texts = (wording.in_language(language) for language in (Language.VIETNAMESE, Language.ENGLISH))
    return " / ".join(plain(text)[:_MAX_WORDING] for text in texts)


def _cut(text: str) -> str:
    return text[:MAX_TEXT]
