"""The changes of a modify request, applied in order (RFC 4511 §4.6, RFC 4525)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.directory.entry import Attributes
from govdir.directory.errors import DirectoryError
from govdir.directory.modifications import apply_changes
from govdir.ldap.codec.messages import Attribute, Change, ModifyOperation
from tests.directory.imaging import attributes, person

ADD, DELETE, REPLACE, INCREMENT = (
    ModifyOperation.ADD,
    ModifyOperation.DELETE,
    ModifyOperation.REPLACE,
    ModifyOperation.INCREMENT,
)
Step = tuple[ModifyOperation, str, tuple[bytes, ...]]


def entry() -> Attributes:
    return attributes(
        person("an", "An", title=("Giám đốc", "Trưởng ban"), mailQuota="1024", jpegPhoto=[b"\xff"])
    )


def apply(held: Attributes, *steps: Step) -> Attributes:
    apply_changes(held, [Change(operation, Attribute(name, values)) for operation, name, values in steps])
    return held


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((ADD, "title", ()), 2),
        ((ADD, "title", ("giám  ĐỐC".encode(),)), 20),
        ((ADD, "title", (b"x", b"X")), 20),
        ((ADD, "nosuch", (b"x",)), 17),
        ((ADD, "createTimestamp", (b"x",)), 21),
        ((DELETE, "description", ()), 16),
        ((DELETE, "description", (b"x",)), 16),
        ((DELETE, "title", (b"x",)), 16),
        ((DELETE, "title", ("Giám đốc".encode(), "giám đốc".encode())), 16),
        ((DELETE, "nosuch", ()), 17),
        ((DELETE, "jpegPhoto", (b"\xff",)), 18),
        ((DELETE, "mailQuota", (b"many",)), 21),
        ((REPLACE, "nosuch", ()), 17),
        ((INCREMENT, "maxMessageSize", (b"1",)), 16),
        ((INCREMENT, "title", (b"1",)), 19),
        ((INCREMENT, "description", (b"1",)), 19),
        ((INCREMENT, "mailQuota", ()), 2),
        ((INCREMENT, "mailQuota", (b"1", b"2")), 2),
        ((INCREMENT, "mailQuota", (b"one",)), 21),
        ((INCREMENT, "mailQuota", (b"1" * 5000,)), 21),
        ((INCREMENT, "mailQuota", (b"01",)), 21),
        ((INCREMENT, "nosuch", (b"1",)), 17),
        ((INCREMENT, "member", (b"1",)), 19),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(step: Step, code: int) -> None:
    with pytest.raises(DirectoryError) as refusal:
        apply(entry(), step)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("steps", "name", "left"),
    [
        (((ADD, "TITLE", (b"x",)),), "title", ("Giám đốc", "Trưởng ban", "x")),
        (((DELETE, "title", ("GIÁM ĐỐC".encode(),)),), "title", ("Trưởng ban",)),
        (((DELETE, "title", ()),), "title", ()),
        (((REPLACE, "title", (b"x", b"y")),), "title", ("x", "y")),
        (((REPLACE, "title", ()),), "title", ()),
        (((REPLACE, "description", ()),), "description", ()),
        (((DELETE, "jpegPhoto", ()),), "jpegPhoto", ()),
        (((DELETE, "sn", ()), (ADD, "sn", (b"Le",))), "sn", ("Le",)),
        (((ADD, "title", (b"x",)), (DELETE, "title", (b"x",))), "title", ("Giám đốc", "Trưởng ban")),
        (((ADD, "title;lang-vi", (b"x",)),), "title", ("Giám đốc", "Trưởng ban")),
        (((INCREMENT, "mailQuota", (b"1024",)),), "mailQuota", ("2048",)),
        (((INCREMENT, "mailQuota", (b"-2048",)),), "mailQuota", ("-1024",)),
        (((INCREMENT, "mailQuota", (b"-1024",)),), "mailQuota", ("0",)),
        (((INCREMENT, "mailQuota", (b"9" * 300,)),), "mailQuota", ("1" + "0" * 296 + "1023",)),
        (
            ((REPLACE, "mailQuota", (b"7", b"-8")), (INCREMENT, "mailQuota", (b"1",))),
            "mailQuota",
            ("8", "-7"),
        ),
    ],
)
def test_changes_leave(steps: tuple[Step, ...], name: str, left: tuple[str, ...]) -> None:
    assert apply(entry(), *steps).texts(name) == left


WORDS = st.lists(st.sampled_from([b"a", b"A", b"b", b"c", b"d"]), max_size=3).map(tuple)


@given(st.lists(st.tuples(st.sampled_from([ADD, DELETE, REPLACE]), WORDS), max_size=6))
def test_changes_do_what_a_list_without_case_does(
    steps: list[tuple[ModifyOperation, tuple[bytes, ...]]],
) -> None:
    held = attributes(person("an", "An"))
    model: list[bytes] = []
    for operation, words in steps:
        lower = [word.lower() for word in words]
        if operation is ADD:
            allowed = bool(words) and len({*lower, *model}) == len(lower) + len(model)
            after = model + lower
        elif operation is DELETE:
            allowed = bool(model) and set(lower) <= set(model) and len(set(lower)) == len(lower)
            after = [one for one in model if one not in lower] if lower else []
        else:
            allowed, after = True, lower
        if operation is REPLACE and len(set(lower)) != len(lower):
            return  # refused when the schema is checked, at the end
        try:
            apply(held, (operation, "title", words))
        except DirectoryError:
            assert not allowed
            return
        assert allowed
        model = after
        assert [value.lower() for value in held.values("title")] == model


def test_what_is_no_number_is_not_incremented_though_the_same_request_has_put_it_there() -> None:
    with pytest.raises(DirectoryError) as refusal:
        apply(entry(), (REPLACE, "mailQuota", (b"many",)), (INCREMENT, "mailQuota", (b"1",)))
    assert refusal.value.code == 21


@pytest.mark.parametrize(
    ("step", "left", "made"),
    [
        ((ADD, "title", ("GIÁM đốc".encode(),)), ("Giám đốc", "Trưởng ban"), None),
        ((ADD, "title", ("giám đốc".encode(), b"x")), ("Giám đốc", "Trưởng ban", "x"), (b"x",)),
        ((ADD, "title", (b"x", b"X")), ("Giám đốc", "Trưởng ban", "x"), (b"x",)),
        ((DELETE, "title", (b"x",)), ("Giám đốc", "Trưởng ban"), None),
        ((DELETE, "title", (b"x", "giám đốc".encode())), ("Trưởng ban",), ("giám đốc".encode(),)),
        ((DELETE, "title", ()), (), ()),
        ((DELETE, "description", ()), ("Giám đốc", "Trưởng ban"), None),
        ((DELETE, "description", (b"x",)), ("Giám đốc", "Trưởng ban"), None),
        ((REPLACE, "title", (b"x",)), ("x",), (b"x",)),
    ],
)
def test_permissive_changes_are_made_as_far_as_they_are_needed(
    step: Step, left: tuple[str, ...], made: tuple[bytes, ...] | None
) -> None:
    operation, name, values = step
    held = entry()
    changes = apply_changes(held, [Change(operation, Attribute(name, values))], permissive=True)

    assert held.texts("title") == left
    expected = [] if made is None else [Change(operation, Attribute(name, made))]
    assert list(changes) == expected


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((ADD, "title", ()), 2),
        ((ADD, "mailQuota", (b"many",)), 21),
        ((DELETE, "mailQuota", (b"many",)), 21),
        ((DELETE, "jpegPhoto", (b"\xff",)), 18),
        ((DELETE, "nosuch", ()), 17),
        ((INCREMENT, "maxMessageSize", (b"1",)), 16),
    ],
)
def test_what_is_wrong_in_itself_stays_wrong_when_changes_are_permissive(step: Step, code: int) -> None:
    operation, name, values = step
    with pytest.raises(DirectoryError) as refusal:
        apply_changes(entry(), [Change(operation, Attribute(name, values))], permissive=True)
    assert refusal.value.code == code


@given(st.lists(st.tuples(st.sampled_from([ADD, DELETE, REPLACE]), WORDS), max_size=6))
def test_permissive_changes_leave_what_a_set_without_case_does_and_tell_changes_that_lead_there(
    steps: list[tuple[ModifyOperation, tuple[bytes, ...]]],
) -> None:
    held = attributes(person("an", "An"))
    changes = [Change(operation, Attribute("title", values)) for operation, values in steps]
    model: set[bytes] = set()
    try:
        made = apply_changes(held, changes, permissive=True)
    except DirectoryError:  # nothing to add, or a value twice in a replacement that is added to
        return
    for operation, values in steps:
        keys = {value.lower() for value in values}
        if operation is ADD:
            model |= keys
        elif operation is REPLACE:
            model = keys
        else:
            model = model - keys if values else set()

    assert {value.lower() for value in held.values("title")} == model
    again = attributes(person("an", "An"))
    apply_changes(again, made)
    assert again.values("title") == held.values("title")
