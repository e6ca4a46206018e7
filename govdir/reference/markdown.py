"""Markdown of tables and citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from govdir.policy.citation import Citation
from govdir.policy.texts import Wording

_ESCAPED = str.maketrans({"|": "\\|", "<": "&lt;", "\n": " "})


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table and a blank one; nothing without rows."""
    cells = [[cell.translate(_ESCAPED) for cell in row] for row in rows]
    if not cells:
        return
    for row in (headers, ["---"] * len(headers), *cells):
        yield f"| {' | '.join(row)} |"
    yield ""


def code(text: str) -> str:
    """As typed; nothing for nothing."""
    return f"`{text}`" if text else ""


def plain(text: str) -> str:
    """Text in which Markdown finds no tags."""
    return text.translate(_ESCAPED)


def both(wording: Wording) -> str:
    """English, then Vietnamese."""
    return f"{wording.en} · {wording.vi}"


def article(citation: Citation | None) -> str:
    """Where the rule stands; for a rule of the product, that it is one."""
    if citation is None:
        return ""
    return citation.article if citation.source is None else f"*{citation.source.en}*"


def rule(name: str, citation: Citation | None) -> tuple[str, str, str]:
    """A row: what it is about, what the rule says, where it stands."""
    return (name, both(citation.wording) if citation is not None else "–", article(citation))


def size(octets: int) -> str:
    """Bytes as a pack writes them."""
    if octets == 0:
        return "unlimited"
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if octets % unit == 0:
            return f"{octets // unit} {name}"
    return f"{octets} bytes"
