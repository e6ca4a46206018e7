"""The pages on the regulations are what the packs say now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from govdir.policy.load import load_province, shipped_provinces
from govdir.reference import __main__ as command
from govdir.reference.pages import render_index, render_page

PAGES = Path(__file__).parents[2] / command.FOLDER


@pytest.mark.parametrize("province", shipped_provinces())
def test_the_page_of_a_pack_is_up_to_date(province: str) -> None:
    written = (PAGES / f"{province}.md").read_text("utf-8")

    assert written == render_page(load_province(province)), "run python -m govdir.reference"


def test_the_list_of_pages_is_up_to_date() -> None:
    packs = [load_province(province) for province in shipped_provinces()]

    assert (PAGES / "README.md").read_text("utf-8") == render_index(packs)


def test_the_command_writes_what_the_checkout_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "FOLDER", tmp_path)

    command.main()

    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in PAGES.iterdir()}


@pytest.mark.parametrize("province", shipped_provinces())
def test_a_page_names_every_article_and_reading(province: str) -> None:
    pack = load_province(province)
    page = render_page(pack)

    for citation in pack.citations.values():
        assert (citation.article if citation.source is None else citation.source.en) in page
    for reading in pack.readings:
        assert f"`{reading.setting}`" in page


@pytest.mark.parametrize("province", shipped_provinces())
def test_every_example_on_a_page_has_an_address(province: str) -> None:
    pack = load_province(province)
    worked = render_page(pack).partition("### Worked by the program")[2].partition("###")[0]

    assert len(re.findall(rf"`[^`|]+@[^`|]*{pack.domain}` \| (?:Điều|\*)", worked)) == len(pack.examples)


@pytest.mark.parametrize("province", shipped_provinces())
def test_a_page_holds_no_tags(province: str) -> None:
    assert not re.search(r"<(?!\s)", render_page(load_province(province)))
