"""Packs made from the shipped one by changing its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources

from govdir.policy.load import read_pack
from govdir.policy.model import Pack

TEXT = resources.files("govdir.policy").joinpath("packs", "cantho.toml").read_text("utf-8")


def changed_text(
    *,
    reserved: Sequence[str] | None = None,
    without: str | None = None,
    person_ladder: str | None = None,
    replace: tuple[str, str] | None = None,
) -> str:
    """The shipped text with other reserved names, without one kind of mailbox, or with another ladder."""
    text = TEXT
    if reserved is not None:
        text = re.sub(r"reserved = \[.*?\]", f"reserved = {list(reserved)!r}", text, flags=re.DOTALL)
    if without is not None:
        text = re.sub(
            rf"\[mailbox\.{without}\].*?(?=\n# |\n\[mailbox\.(?!{without}))", "", text, flags=re.DOTALL
        )
    if person_ladder is not None:
        text = re.sub(
            r"\[\[mailbox\.person\.ladder\]\].*?(?=\[mailbox\.leader\])", person_ladder, text, flags=re.DOTALL
        )
    if replace is not None:
        assert replace[0] in text
        text = text.replace(*replace)
    return text


def changed_pack(**changes: object) -> Pack:
    return read_pack("changed.toml", changed_text(**changes))  # type: ignore[arg-type]
