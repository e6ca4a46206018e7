"""Columns line up however many code points a letter takes."""

from __future__ import annotations

import unicodedata

import pytest

from govdir.cli.table import print_facts, print_table


def test_columns_line_up_with_composed_and_decomposed_letters(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([("Đặng", "1"), (unicodedata.normalize("NFD", "Đặng"), "2"), ("Niê Kđăm", "3")])
    lines = [unicodedata.normalize("NFC", line) for line in capsys.readouterr().out.splitlines()]
    assert lines == ["Đặng      1", "Đặng      2", "Niê Kđăm  3"]


def test_facts_without_a_value_are_left_out_and_several_stand_below_one_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_facts([("Name", "Minh"), ("Aliases", ("a", "b")), ("Phone", ""), ("Units", ())])
    assert capsys.readouterr().out.splitlines() == ["Name     Minh", "Aliases  a", "         b"]


def test_no_rows_are_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_table([])
    assert not capsys.readouterr().out
