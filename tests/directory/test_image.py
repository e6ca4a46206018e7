"""The image stays a tree with right indexes, in whatever order changes arrive."""

from __future__ import annotations

import pytest

from govdir.directory.image import Image, Record
from govdir.schema.accents import Wanted
from tests.directory.imaging import Plot, person


def unit(name: str) -> dict[str, str]:
    return {"objectClass": "organizationalUnit", "ou": name}


@pytest.fixture
def plot() -> Plot:
    plot = Plot()
    plot.put("ou=a", unit("a"))
    plot.put("ou=b", unit("b"))
    plot.put("ou=c,ou=b", unit("c"))
    plot.put("uid=an,ou=c,ou=b", person("an", "An"))
    return plot


def found(image: Image, index: str, key: bytes) -> set[str]:
    return {record.dn_text for record in image.indexes[index].get(key)}


def test_a_moved_subtree_answers_under_its_new_names(plot: Plot) -> None:
    moved = plot.at("ou=c,ou=b")
    assert plot.at("uid=an,ou=c,ou=b").dn_text.startswith("uid=an,ou=c,ou=b")
    plot.change(moved, "ou=C2,ou=a", unit("C2"))
    assert plot.at("uid=an,ou=c2,ou=a").dn_text.startswith("uid=an,ou=C2,ou=a,")
    assert plot.at("ou=b").children is None
    assert plot.image.moves == 1


def test_a_change_of_case_alone_changes_the_names_below(plot: Plot) -> None:
    plot.change(plot.at("ou=c,ou=b"), "ou=C,ou=b", unit("C"))
    assert plot.at("uid=an,ou=c,ou=b").dn_text.startswith("uid=an,ou=C,ou=b,")
    assert plot.image.moves == 0


def test_an_entry_is_not_put_below_itself_while_the_old_place_is_still_known(plot: Plot) -> None:
    upper, lower = plot.at("ou=b"), plot.at("ou=c,ou=b")
    below = plot.stored("ou=b,ou=c", unit("b"), upper.id, lower.id)
    with pytest.raises(LookupError):
        plot.image.put(below)
    plot.change(lower, "ou=c", unit("c"))
    plot.image.put(below)
    assert plot.at("ou=b,ou=c") is upper


def test_older_versions_and_entries_known_to_be_gone_are_ignored(plot: Plot) -> None:
    an = plot.at("uid=an,ou=c,ou=b")
    old = plot.stored("uid=an,ou=c,ou=b", person("an", "Old"), an.id, plot.at("ou=c,ou=b").id)
    plot.change(an, "uid=an,ou=c,ou=b", person("an", "New"))
    plot.image.put(old)
    assert an.values("cn") == [b"New"]
    plot.image.remove(an.id)
    plot.image.remove(an.id)
    plot.change(an, "uid=an,ou=c,ou=b", person("an", "Newer"))
    assert plot.image.by_id(an.id) is None
    assert not an.alive
    assert plot.image.count == 4


def test_indexes_follow_changes_and_removals(plot: Plot) -> None:
    an = plot.at("uid=an,ou=c,ou=b")
    plot.change(an, "uid=an,ou=c,ou=b", {**person("an", "Bình"), "cn;lang-vi": "Bình", "mail": "b@x.vn"})
    assert not found(plot.image, "cn", b" an ")
    assert found(plot.image, "cn", " bình ".encode()) == {an.dn_text}
    plot.image.remove(an.id)
    for index in plot.image.indexes.values():
        for key in list(index.table):
            assert an not in set(index.get(key))
    substring = plot.image.indexes["cn"].substring
    assert substring is not None
    assert list(substring.search(Wanted((None, ("bình".encode(),), None)))) == []


def test_a_change_of_other_attributes_leaves_the_indexes_alone(plot: Plot) -> None:
    substring = plot.image.indexes["cn"].substring
    assert substring is not None
    before = len(substring._keys)
    an = plot.at("uid=an,ou=c,ou=b")
    for number in range(5):
        plot.change(an, "uid=an,ou=c,ou=b", person("an", "An", title=f"t{number}"))
    assert len(substring._keys) == before
    assert found(plot.image, "cn", b" an ") == {an.dn_text}


def test_the_deepest_entry_of_a_path_is_the_last_that_exists(plot: Plot) -> None:
    assert plot.image.deepest(("ou=b", "ou=nosuch", "uid=an")) is plot.at("ou=b")
    assert plot.image.deepest(("ou=nosuch",)) is plot.image.root
    assert Image(plot.image.vocabulary).deepest(("ou=b",)) is None


def test_descendants_come_parents_first_and_survive_changes_between_steps(plot: Plot) -> None:
    walk = plot.at("").descendants()
    seen: list[Record] = [next(walk), next(walk)]
    plot.put("uid=new,ou=b", person("new", "New"))
    plot.image.remove(plot.at("uid=an,ou=c,ou=b").id)
    seen += walk
    assert len(seen) == len(set(seen))
    for record in seen:
        assert record.parent is None or seen.index(record.parent) < seen.index(record)


def test_loading_takes_children_before_their_parents(plot: Plot) -> None:
    stored = [
        plot.stored("uid=x,ou=z", person("x", "X"), 1, 2),
        plot.stored("ou=z", unit("z"), 2, 3),
        plot.stored("", {"objectClass": ("dcObject", "organization"), "dc": "cantho", "o": "o"}, 3, None),
    ]
    image = Image(plot.image.vocabulary)
    image.load(stored)
    leaf = image.find(("ou=z", "uid=x"))
    assert leaf is not None
    assert leaf.dn_key == "uid=x,ou=z,dc=cantho,dc=gov,dc=vn"
    assert image.count == 3


def test_an_entry_whose_parent_does_not_exist_cannot_be_loaded(plot: Plot) -> None:
    image = Image(plot.image.vocabulary)
    stored = [plot.stored("uid=x", person("x", "X"), 2, 1), plot.stored("uid=y", person("y", "Y"), 4, 3)]
    with pytest.raises(LookupError):
        image.load(stored)


def test_buried_entries_are_gone_for_everybody_before_their_keys_are(plot: Plot) -> None:
    an, body = plot.at("uid=an,ou=c,ou=b"), plot.at("ou=c,ou=b")
    told: list[str] = []
    plot.image.farewells.append(lambda record: told.append(record.rdn_key))
    buried = plot.image.bury([an.id, body.id, 99])
    assert told == ["uid=an", "ou=c"]
    assert buried == [an, body]
    assert not an.alive
    assert plot.at("ou=b").children is None
    assert plot.image.find(("ou=b", "ou=c")) is None
    assert plot.image.by_id(an.id) is plot.image.by_id(99) is None
    assert plot.image.indexes["uid"].table
    assert found(plot.image, "uid", b"an") == set()
    assert an not in an.shape.members
    for _ in plot.image.clear(buried):
        pass
    assert not plot.image.indexes["uid"].table


def test_clearing_breathes_after_some_entries(plot: Plot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdir.directory.image.SLICE_SECONDS", 0)
    people = [plot.put(f"uid=p{number},ou=a", person(f"p{number}", "P")) for number in range(5)]
    buried = plot.image.bury([one.id for one in people])
    assert list(plot.image.clear(buried)) == [None] * 5
    assert len(plot.image.indexes["uid"].table) == 1


def test_a_name_and_a_value_are_given_again_before_the_old_keys_are_gone(plot: Plot) -> None:
    an = plot.at("uid=an,ou=c,ou=b")
    buried = plot.image.bury([an.id])
    again = plot.put("uid=an,ou=c,ou=b", person("an", "An"))
    assert [*plot.image.indexes["cn"].get(an_key(plot, again))] == [again]
    for _ in plot.image.clear(buried):
        pass
    assert [*plot.image.indexes["cn"].get(an_key(plot, again))] == [again]
    assert plot.at("uid=an,ou=c,ou=b") is again


def an_key(plot: Plot, record: Record) -> bytes:
    (key,) = plot.image.index_keys.of_attribute("cn", record.shape, record.body)
    return key


def test_a_hidden_entry_comes_back_as_the_same_record_at_its_place(plot: Plot) -> None:
    an, parent = plot.at("uid=an,ou=c,ou=b"), plot.at("ou=c,ou=b")
    keys = plot.image.index_keys.of_body(an.shape, an.body)
    count = plot.image.count
    plot.image.hide(an)
    assert plot.image.count == count - 1
    assert plot.image.find(("ou=b", "ou=c", "uid=an")) is None
    assert plot.image.by_id(an.id) is None
    plot.image.show(an, keys, parent)
    assert plot.at("uid=an,ou=c,ou=b") is an
    assert plot.image.by_id(an.id) is an
    assert [*plot.image.indexes["cn"].get(an_key(plot, an))] == [an]
    assert plot.image.count == count
