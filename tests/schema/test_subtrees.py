"""The grammar of subtree specifications (RFC 3672 appendix A)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema.errors import InvalidValue
from govdir.schema.subtrees import check_subtree_specification


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{ }",
        '{ base "ou=a,o=b" }',
        '{ base "" }',
        r'{base "cn=\""quoted\"""}',
        '{ base "ou=a", minimum 1, maximum 3 }',
        "{ minimum 0, specificationFilter item:2.5.6.6 }",
        "{ specificExclusions { } }",
        '{ specificExclusions { chopBefore:"cn=x}", chopAfter: "ou=y" } }',
        "{ specificationFilter and:{ item:person, not:or:{ item:device, item:2.5.6.9 } } }",
        '{ base "ou=a", specificExclusions { chopAfter:"cn=b" }, minimum 2, specificationFilter or:{} }',
    ],
)
def test_it_is_one(text: str) -> None:
    check_subtree_specification(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "}{",
        "{} {}",
        '{"}',
        "everything",
        "{ base }",
        "{ base ou=a }",
        '{ base "ou" }',
        '{ base "ou=a" minimum 1 }',
        '{ minimum 1, base "ou=a" }',
        "{ minimum 1, minimum 2 }",
        "{ minimum -1 }",
        "{ minimum 01 }",
        "{ minimum 1, }",
        '{ specificExclusions { chop:"cn=a" } }',
        "{ specificationFilter person }",
        "{ specificationFilter item:{person} }",
        "{ specificationFilter all:{ item:person } }",
        "{ specificationFilter " + "not:" * 40 + "item:person }",
        "{" + " " * 9000 + "}",
    ],
)
def test_it_is_none(text: str) -> None:
    with pytest.raises(InvalidValue, match="not a subtree specification"):
        check_subtree_specification(text)


def test_what_was_expected_is_told_with_its_place() -> None:
    with pytest.raises(InvalidValue, match="a number expected at character 10"):
        check_subtree_specification("{ minimum x }")


@given(st.text(alphabet='{}",: 012.abminuspecfltr-', max_size=60))
def test_any_text_is_one_or_is_refused(text: str) -> None:
    try:
        check_subtree_specification(text)
    except InvalidValue:
        return
    assert text.strip(" ").startswith("{")
    assert text.rstrip(" ").endswith("}")
