"""Descriptions to definition texts (RFC 4512 §4.1), as the subschema publishes them.

Every text reads back (`parse`) to an equal description; keywords stand in the order of the RFC.
"""

from __future__ import annotations

from govdir.schema.descriptions import (
    AttributeTypeDescription,
    Extensions,
    MatchingRuleDescription,
    MatchingRuleUseDescription,
    ObjectClassDescription,
    SyntaxDescription,
    Usage,
)


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\5C").replace("'", "\\27") + "'"


def _quoted(keyword: str, texts: tuple[str, ...]) -> list[str]:
    if not texts:
        return []
    return [keyword, _quote(texts[0]) if len(texts) == 1 else f"( {' '.join(map(_quote, texts))} )"]


def _listed(keyword: str, references: tuple[str, ...]) -> list[str]:
    if not references:
        return []
    return [keyword, references[0] if len(references) == 1 else f"( {' $ '.join(references)} )"]


def _single(keyword: str, reference: str | None) -> list[str]:
    return [keyword, reference] if reference is not None else []


def _flag(keyword: str, present: bool) -> list[str]:
    return [keyword] if present else []


def _extensions(extensions: Extensions) -> list[str]:
    return [word for key, texts in extensions for word in _quoted(key, texts)]


def _described(
    description: AttributeTypeDescription
    | ObjectClassDescription
    | MatchingRuleDescription
    | MatchingRuleUseDescription,
) -> list[str]:
    """The OID and the fields that stand first in these four definitions."""
    return [
        description.oid,
        *_quoted("NAME", description.names),
        *_quoted("DESC", (description.description,) if description.description else ()),
        *_flag("OBSOLETE", description.obsolete),
    ]


def _enclosed(words: list[str]) -> str:
    return f"( {' '.join(words)} )"


def format_attribute_type(description: AttributeTypeDescription) -> str:
    """The definition text, keywords in the order of RFC 4512 §4.1.2."""
    syntax = description.syntax
    if syntax is not None and description.length is not None:
        syntax = f"{syntax}{{{description.length}}}"
    operational = description.usage is not Usage.USER_APPLICATIONS
    return _enclosed(
        [
            *_described(description),
            *_single("SUP", description.superior),
            *_single("EQUALITY", description.equality),
            *_single("ORDERING", description.ordering),
            *_single("SUBSTR", description.substring),
            *_single("SYNTAX", syntax),
            *_flag("SINGLE-VALUE", description.single_value),
            *_flag("COLLECTIVE", description.collective),
            *_flag("NO-USER-MODIFICATION", description.no_user_modification),
            *_single("USAGE", description.usage.value if operational else None),
            *_extensions(description.extensions),
        ]
    )


def format_object_class(description: ObjectClassDescription) -> str:
    """The definition text, keywords in the order of RFC 4512 §4.1.1."""
    return _enclosed(
        [
            *_described(description),
            *_listed("SUP", description.superiors),
            description.kind.value,
            *_listed("MUST", description.must),
            *_listed("MAY", description.may),
            *_extensions(description.extensions),
        ]
    )


def format_matching_rule(description: MatchingRuleDescription) -> str:
    """The definition text (RFC 4512 §4.1.3)."""
    return _enclosed(
        [*_described(description), "SYNTAX", description.syntax, *_extensions(description.extensions)]
    )


def format_matching_rule_use(description: MatchingRuleUseDescription) -> str:
    """The definition text (RFC 4512 §4.1.4)."""
    applies = _listed("APPLIES", description.applies)
    return _enclosed([*_described(description), *applies, *_extensions(description.extensions)])


def format_syntax(description: SyntaxDescription) -> str:
    """The definition text (RFC 4512 §4.1.5)."""
    texts = (description.description,) if description.description else ()
    return _enclosed([description.oid, *_quoted("DESC", texts), *_extensions(description.extensions)])
