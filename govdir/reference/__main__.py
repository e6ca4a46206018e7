"""Writes docs/reference/packs from the shipped packs: `python -m govdir.reference` in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from govdir.policy.load import load_province, shipped_provinces
from govdir.reference.pages import render_index, render_page

FOLDER: Final = Path("docs/reference/packs")


def main() -> None:
    """Writes every page, and the list of them."""
    packs = [load_province(province) for province in shipped_provinces()]
    for pack in packs:
        (FOLDER / f"{pack.province}.md").write_text(render_page(pack), "utf-8")
    (FOLDER / "README.md").write_text(render_index(packs), "utf-8")


if __name__ == "__main__":
    main()
