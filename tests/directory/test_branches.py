"""The children of an entry, many or few, while others change them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from govdir.directory import branches
from govdir.directory.branches import children_of
from govdir.directory.image import Record
from tests.directory.imaging import Plot


@pytest.fixture
def plot(monkeypatch: pytest.MonkeyPatch) -> Plot:
    monkeypatch.setattr(branches, "FIRST_CHILDREN", 3)
    monkeypatch.setattr(branches, "SLICE", 4)
    return Plot()


def device(plot: Plot, name: str, above: str = "") -> Record:
    return plot.put(f"cn={name}{above}", {"objectClass": "device", "cn": name})


def found(plot: Plot) -> Iterator[Record]:
    return (record for record in children_of(plot.at(""), plot.image) if record is not None)


@pytest.mark.parametrize("count", [0, 3, 4, 9])
@pytest.mark.parametrize("many", [2, 100])
def test_every_child_is_sent_once_and_no_grandchild(
    plot: Plot, monkeypatch: pytest.MonkeyPatch, count: int, many: int
) -> None:
    monkeypatch.setattr(branches, "MANY_CHILDREN", many)
    records = [device(plot, f"d{number}") for number in range(count)]
    if records:
        device(plot, "below", ",cn=d0")
    assert list(found(plot)) == records


@pytest.mark.parametrize("many", [2, 100])
def test_the_first_are_sent_without_looking_at_the_others(
    plot: Plot, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(branches, "MANY_CHILDREN", many)
    records = [device(plot, f"d{number}") for number in range(9)]
    running = found(plot)
    assert [next(running) for _ in range(3)] == records[:3]
    plot.image.remove(records[0].id)
    plot.image.remove(records[5].id)
    new = device(plot, "new")
    assert list(running) == [*records[3:5], *records[6:], new]


def test_among_very_many_there_are_points_to_breathe_at(plot: Plot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "MANY_CHILDREN", 2)
    for number in range(9):
        device(plot, f"d{number}")
    runs = "".join("." if record is None else "x" for record in children_of(plot.at(""), plot.image))
    assert runs.count("x") == 9
    assert all(len(run) <= 4 for run in runs[3:].split("."))
