"""Folded copies of what people wrote, for finding and telling apart (gdNameKey)."""

from __future__ import annotations

from govdir.policy.folding import fold, fold_words

__all__ = ["fold", "fold_words", "name_key"]


def name_key(text: str) -> str:
    """Any name folded, words apart by one blank: "Sở Nội vụ" is "so noi vu", in NFC and NFD alike."""
    return " ".join(fold_words(text).replace("-", " ").split())
