"""Definition texts (RFC 4512 §4.1)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdir.schema import format as definition_text
from govdir.schema import parse
from govdir.schema.descriptions import (
    AttributeTypeDescription,
    MatchingRuleDescription,
    MatchingRuleUseDescription,
    ObjectClassDescription,
    ObjectClassKind,
    SyntaxDescription,
    Usage,
)
from govdir.schema.errors import InvalidDefinition

FULL = (
    r"( 1.2.3 NAME ( 'a' 'b-1' ) DESC 'it\27s a \5C' OBSOLETE SUP c EQUALITY e ORDERING 1.5 SUBSTR s "
    r"SYNTAX 1.6{64} SINGLE-VALUE NO-USER-MODIFICATION USAGE dSAOperation X-ORIGIN ( 'p' 'q' ) X-A 'r' )"
)


def test_every_field_of_an_attribute_type_is_read() -> None:
    assert parse.parse_attribute_type(FULL) == AttributeTypeDescription(
        oid="1.2.3",
        names=("a", "b-1"),
        description="it's a \\",
        obsolete=True,
        superior="c",
        equality="e",
        ordering="1.5",
        substring="s",
        syntax="1.6",
        length=64,
        single_value=True,
        no_user_modification=True,
        usage=Usage.DSA_OPERATION,
        extensions=(("X-ORIGIN", ("p", "q")), ("X-A", ("r",))),
    )


def test_every_field_of_an_object_class_is_read() -> None:
    text = "(1.2 NAME 'a' SUP ( top $ b ) AUXILIARY MUST cn MAY (sn$ou $ 1.2.3))"

    assert parse.parse_object_class(text) == ObjectClassDescription(
        oid="1.2",
        names=("a",),
        superiors=("top", "b"),
        kind=ObjectClassKind.AUXILIARY,
        must=("cn",),
        may=("sn", "ou", "1.2.3"),
    )


def test_a_class_without_a_kind_is_structural() -> None:
    assert parse.parse_object_class("( 1.2 )").kind is ObjectClassKind.STRUCTURAL


def test_the_order_of_keywords_and_white_space_do_not_matter() -> None:
    texts = (
        "( 1.2 NAME 'a' SYNTAX 1.6 SINGLE-VALUE )",
        "(\t1.2\n  SINGLE-VALUE SYNTAX 1.6 NAME ('a') )\n",
    )

    assert len({parse.parse_attribute_type(text) for text in texts}) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "parentheses"),
        ("()", "parentheses"),
        ("1.2 NAME 'a'", "parentheses"),
        ("( a SYNTAX 1.6 )", "OID"),
        ("( 1.02 SYNTAX 1.6 )", "OID"),
        ("( 1.2 NAME 'a )", "not closed"),
        ("( 1.2 NAME a SYNTAX 1.6 )", "quoted"),
        ("( 1.2 NAME '1a' SYNTAX 1.6 )", "'1a' is not a name"),
        ("( 1.2 NAME ( ) SYNTAX 1.6 )", "NAME has no value"),
        ("( 1.2 NAME ( 'a' )", "not closed"),
        ("( 1.2 SYNTAX )", "SYNTAX has no value"),
        ("( 1.2 DESC ( 'a' 'b' ) SYNTAX 1.6 )", "one quoted string"),
        (r"( 1.2 DESC 'a\b' SYNTAX 1.6 )", "backslash"),
        ("( 1.2 SYNTAX 1.6 SYNTAX 1.6 )", "SYNTAX is given twice"),
        ("( 1.2 SYNTAX '1.6' )", "SYNTAX wants"),
        ("( 1.2 SYNTAX 1.6{a} )", "SYNTAX wants"),
        ("( 1.2 SYNTAX 1.6 MUST cn )", "MUST is not expected"),
        ("( 1.2 SYNTAX 1.6 'x' )", "'x' is not expected"),
        ("( 1.2 SUP ( a $ b ) )", "one name"),
        ("( 1.2 SUP ( a b ) )", r"parted by \$"),
        ("( 1.2 SUP ( a $ ) )", r"parted by \$"),
        ("( 1.2 SUP 'a' )", "not a name"),
        ("( 1.2 SYNTAX 1.6 USAGE local )", "USAGE local is unknown"),
        ("( 1.2 NAME 'a' )", "neither SUP nor SYNTAX"),
        ("( 1.2 SYNTAX 1.6 NO-USER-MODIFICATION )", "operational"),
        ("( 1.2 SYNTAX 1.6 COLLECTIVE USAGE dSAOperation )", "COLLECTIVE"),
        (f"( 1.2 DESC '{'a' * parse.MAX_DEFINITION_LENGTH}' )", "longer than"),
    ],
)
def test_what_is_no_attribute_type_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidDefinition, match=why):
        parse.parse_attribute_type(text)


def test_a_refusal_names_the_definition() -> None:
    with pytest.raises(InvalidDefinition, match=r"^definition 1\.2 'cn': USAGE x is unknown$") as refusal:
        parse.parse_attribute_type("( 1.2 NAME 'cn' SYNTAX 1.6 USAGE x )")
    assert refusal.value.where == "definition 1.2 'cn'"


oids = st.from_regex(r"[0-2](\.(0|[1-9][0-9]{0,5})){1,5}", fullmatch=True)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
references = st.one_of(oids, names)
several = st.lists(references, max_size=3).map(tuple)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
extensions = st.dictionaries(
    st.from_regex(r"X-[A-Z_-]{1,6}", fullmatch=True),
    st.lists(texts, min_size=1, max_size=2).map(tuple),
    max_size=2,
).map(lambda found: tuple(found.items()))
common = {
    "oid": oids,
    "names": st.lists(names, max_size=2).map(tuple),
    "description": texts,
    "obsolete": st.booleans(),
    "extensions": extensions,
}
operational = st.sampled_from([usage for usage in Usage if usage is not Usage.USER_APPLICATIONS])
attribute_types = st.builds(
    AttributeTypeDescription,
    **common,
    superior=references,
    equality=st.none() | references,
    ordering=st.none() | references,
    substring=st.none() | references,
    single_value=st.booleans(),
    no_user_modification=st.booleans(),
    usage=operational,
) | st.builds(
    AttributeTypeDescription,
    **common,
    syntax=oids,
    length=st.none() | st.integers(0, 10**9),
    collective=st.booleans(),
)


@given(attribute_types)
def test_attribute_types_survive_being_written_and_read(description: AttributeTypeDescription) -> None:
    assert parse.parse_attribute_type(definition_text.format_attribute_type(description)) == description


@given(
    st.builds(
        ObjectClassDescription,
        **common,
        superiors=several,
        kind=st.sampled_from(ObjectClassKind),
        must=several,
        may=several,
    )
)
def test_object_classes_survive_being_written_and_read(description: ObjectClassDescription) -> None:
    assert parse.parse_object_class(definition_text.format_object_class(description)) == description


@given(st.builds(MatchingRuleDescription, **common, syntax=oids))
def test_matching_rules_survive_being_written_and_read(description: MatchingRuleDescription) -> None:
    assert parse.parse_matching_rule(definition_text.format_matching_rule(description)) == description


@given(st.builds(MatchingRuleUseDescription, **common, applies=several.filter(bool)))
def test_matching_rule_uses_survive_being_written_and_read(description: MatchingRuleUseDescription) -> None:
    assert parse.parse_matching_rule_use(definition_text.format_matching_rule_use(description)) == description


@given(st.builds(SyntaxDescription, oid=oids, description=texts, extensions=extensions))
def test_syntaxes_survive_being_written_and_read(description: SyntaxDescription) -> None:
    assert parse.parse_syntax(definition_text.format_syntax(description)) == description


@given(st.text(st.sampled_from("( ) ' $ 1.2 NAME SUP top {5} \\ X-A\n"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (parse.parse_attribute_type, parse.parse_object_class, parse.check_structure_rule):
        with suppress(InvalidDefinition):
            read(text)
