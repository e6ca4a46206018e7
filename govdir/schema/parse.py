"""Definition texts (RFC 4512 §4.1) to descriptions.

Reading is liberal in the order of keywords and in white space, strict in everything else. Errors say what is
wrong and name the definition by its OID and the first NAME as far as they were read.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from govdir.schema.descriptions import (
    AttributeTypeDescription,
    Extensions,
    MatchingRuleDescription,
    MatchingRuleUseDescription,
    ObjectClassDescription,
    ObjectClassKind,
    SyntaxDescription,
    Usage,
)
from govdir.schema.errors import InvalidDefinition

MAX_DEFINITION_LENGTH: Final = 65_536
"""The longest definitions in use (object classes with hundreds of attributes) are below 10,000 characters."""

NUMERIC_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")
DESCRIPTOR: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_REFERENCE: Final = re.compile(rf"{NUMERIC_OID.pattern}|{DESCRIPTOR.pattern}")
_RULE_ID: Final = re.compile(r"0|[1-9][0-9]*")
_SYNTAX: Final = re.compile(rf"({NUMERIC_OID.pattern})(?:\{{(0|[1-9][0-9]{{0,9}})\}})?")
_EXTENSION: Final = re.compile(r"X-[A-Za-z_-]+")

_TOKEN: Final = re.compile(r"[ \t\r\n]*([()$]|'[^']*'|[^\s()$']+)")
_QUOTED_ESCAPE: Final = re.compile(r"\\(27|5[Cc])")
_STRAY_BACKSLASH: Final = re.compile(r"\\(?!27|5[Cc])")

_FLAGS: Final = frozenset(
    {
        "OBSOLETE",
        "SINGLE-VALUE",
        "COLLECTIVE",
        "NO-USER-MODIFICATION",
        "ABSTRACT",
        "STRUCTURAL",
        "AUXILIARY",
    }
)
_COMMON: Final = frozenset({"NAME", "DESC", "OBSOLETE"})
_ATTRIBUTE_TYPE: Final = _COMMON | {
    "SUP",
    "EQUALITY",
    "ORDERING",
    "SUBSTR",
    "SYNTAX",
    "SINGLE-VALUE",
    "COLLECTIVE",
    "NO-USER-MODIFICATION",
    "USAGE",
}
_OBJECT_CLASS: Final = _COMMON | {"SUP", "ABSTRACT", "STRUCTURAL", "AUXILIARY", "MUST", "MAY"}
_MATCHING_RULE: Final = _COMMON | {"SYNTAX"}
_MATCHING_RULE_USE: Final = _COMMON | {"APPLIES"}
_SYNTAX_DESCRIPTION: Final = frozenset({"DESC"})
_CONTENT_RULE: Final = _COMMON | {"AUX", "MUST", "MAY", "NOT"}
_STRUCTURE_RULE: Final = _COMMON | {"FORM", "SUP"}
_NAME_FORM: Final = _COMMON | {"OC", "MUST", "MAY"}


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_DEFINITION_LENGTH:
        raise InvalidDefinition(f"longer than {MAX_DEFINITION_LENGTH} characters", text[:40])
    tokens: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            raise InvalidDefinition(
                "a quotation mark is not closed", f"{text[:40]}… at character {position + 1}"
            )
        tokens.append(match[1])
        position = match.end()
    return tokens


def _unescape(match: re.Match[str]) -> str:
    return "'" if match[1] == "27" else "\\"


class _Fields:
    """The keywords of one definition with their values as tokens, and typed access to them."""

    def __init__(
        self, text: str, keywords: frozenset[str], identifier: re.Pattern[str] = NUMERIC_OID
    ) -> None:
        tokens = _tokens(text)
        self._where = "definition"
        if len(tokens) < 3 or tokens[0] != "(" or tokens[-1] != ")":
            self.refuse("it is not enclosed in parentheses")
        self.oid = tokens[1]
        self._where = f"definition {self.oid}"
        if identifier.fullmatch(self.oid) is None:
            self.refuse("it does not begin with an OID")
        self._values: dict[str, list[str]] = {}
        position, last = 2, len(tokens) - 1
        while position < last:
            keyword = tokens[position]
            if keyword not in keywords and _EXTENSION.fullmatch(keyword) is None:
                self.refuse(f"{keyword} is not expected here")
            if keyword in self._values:
                self.refuse(f"{keyword} is given twice")
            position = self._take(keyword, tokens, position + 1, last)

    def _take(self, keyword: str, tokens: list[str], position: int, last: int) -> int:
        """Stores the value that begins at `position`; the position after it."""
        if keyword in _FLAGS:
            self._values[keyword] = []
            return position
        if position < last and tokens[position] == "(":
            close = tokens.index(")", position)
            values, position = tokens[position + 1 : close], close + 1
        else:
            values, position = tokens[position : min(position + 1, last)], position + 1
        if not values or position > last:
            self.refuse(f"{keyword} has no value, or its list is not closed")
        self._values[keyword] = values
        if keyword == "NAME":
            self._where = f"definition {self.oid} {values[0]}"
        return position

    def refuse(self, why: str) -> NoReturn:
        raise InvalidDefinition(why, self._where)

    def flag(self, keyword: str) -> bool:
        return keyword in self._values

    def quoted(self, keyword: str) -> tuple[str, ...]:
        """The quoted strings, without quotation marks and escapes."""
        texts: list[str] = []
        for token in self._values.get(keyword, ()):
            if not token.startswith("'"):
                self.refuse(f"{keyword} wants quoted strings")
            if _STRAY_BACKSLASH.search(token) is not None:
                self.refuse(f"{keyword} holds a backslash that is not \\27 or \\5C")
            texts.append(_QUOTED_ESCAPE.sub(_unescape, token[1:-1]))
        return tuple(texts)

    def names(self) -> tuple[str, ...]:
        names = self.quoted("NAME")
        for name in names:
            if DESCRIPTOR.fullmatch(name) is None:
                self.refuse(f"{name!r} is not a name (letters, digits, hyphens)")
        return names

    def text(self) -> str:
        texts = self.quoted("DESC")
        if len(texts) > 1:
            self.refuse("DESC wants one quoted string")
        return texts[0] if texts else ""

    def references(self, keyword: str) -> tuple[str, ...]:
        """Names or OIDs parted by "$"."""
        tokens = self._values.get(keyword, [])
        references = tokens[::2]
        if tokens and (len(tokens) % 2 == 0 or set(tokens[1::2]) - {"$"}):
            self.refuse(f"{keyword} is not a list of names parted by $")
        for reference in references:
            if _REFERENCE.fullmatch(reference) is None:
                self.refuse(f"{keyword} {reference} is not a name or OID")
        return tuple(references)

    def check_rule_ids(self, keyword: str) -> None:
        """Rule identifiers are numbers parted by spaces."""
        for token in self._values.get(keyword, ()):
            if _RULE_ID.fullmatch(token) is None:
                self.refuse(f"{keyword} {token} is not a rule number")

    def reference(self, keyword: str) -> str | None:
        references = self.references(keyword)
        if len(references) > 1:
            self.refuse(f"{keyword} wants one name or OID")
        return references[0] if references else None

    def required(self, keyword: str) -> tuple[str, ...]:
        references = self.references(keyword)
        if not references:
            self.refuse(f"{keyword} is missing")
        return references

    def syntax(self) -> tuple[str, int | None] | None:
        """The OID of the syntax and the suggested length."""
        tokens = self._values.get("SYNTAX")
        if tokens is None:
            return None
        match = _SYNTAX.fullmatch(tokens[0]) if len(tokens) == 1 else None
        if match is None:
            self.refuse("SYNTAX wants one OID")
        return match[1], int(match[2]) if match[2] else None

    def usage(self) -> Usage:
        tokens = self._values.get("USAGE", [Usage.USER_APPLICATIONS.value])
        try:
            return Usage(tokens[0])
        except ValueError:
            self.refuse(f"USAGE {tokens[0]} is unknown")

    def kind(self) -> ObjectClassKind:
        kinds = [kind for kind in ObjectClassKind if kind.value in self._values]
        if len(kinds) > 1:
            self.refuse("a class is of one kind only")
        return kinds[0] if kinds else ObjectClassKind.STRUCTURAL

    def extensions(self) -> Extensions:
        return tuple((key, self.quoted(key)) for key in self._values if key.startswith("X-"))


def parse_attribute_type(text: str) -> AttributeTypeDescription:
    """An AttributeTypeDescription (RFC 4512 §4.1.2); raises InvalidDefinition."""
    fields = _Fields(text, _ATTRIBUTE_TYPE)
    syntax = fields.syntax()
    description = AttributeTypeDescription(
        oid=fields.oid,
        names=fields.names(),
        description=fields.text(),
        obsolete=fields.flag("OBSOLETE"),
        superior=fields.reference("SUP"),
        equality=fields.reference("EQUALITY"),
        ordering=fields.reference("ORDERING"),
        substring=fields.reference("SUBSTR"),
        syntax=syntax[0] if syntax else None,
        length=syntax[1] if syntax else None,
        single_value=fields.flag("SINGLE-VALUE"),
        collective=fields.flag("COLLECTIVE"),
        no_user_modification=fields.flag("NO-USER-MODIFICATION"),
        usage=fields.usage(),
        extensions=fields.extensions(),
    )
    if description.superior is None and description.syntax is None:
        fields.refuse("it has neither SUP nor SYNTAX")
    operational = description.usage is not Usage.USER_APPLICATIONS
    if description.collective and operational:
        fields.refuse("COLLECTIVE is for user attributes only")
    if description.no_user_modification and not operational:
        fields.refuse("NO-USER-MODIFICATION is for operational attributes only")
    return description


def parse_object_class(text: str) -> ObjectClassDescription:
    """An ObjectClassDescription (RFC 4512 §4.1.1); raises InvalidDefinition."""
    fields = _Fields(text, _OBJECT_CLASS)
    return ObjectClassDescription(
        oid=fields.oid,
        names=fields.names(),
        description=fields.text(),
        obsolete=fields.flag("OBSOLETE"),
        superiors=fields.references("SUP"),
        kind=fields.kind(),
        must=fields.references("MUST"),
        may=fields.references("MAY"),
        extensions=fields.extensions(),
    )


def parse_matching_rule(text: str) -> MatchingRuleDescription:
    """A MatchingRuleDescription (RFC 4512 §4.1.3); raises InvalidDefinition."""
    fields = _Fields(text, _MATCHING_RULE)
    syntax = fields.syntax()
    if syntax is None:
        fields.refuse("SYNTAX is missing")
    return MatchingRuleDescription(
        oid=fields.oid,
        syntax=syntax[0],
        names=fields.names(),
        description=fields.text(),
        obsolete=fields.flag("OBSOLETE"),
        extensions=fields.extensions(),
    )


def parse_matching_rule_use(text: str) -> MatchingRuleUseDescription:
    """A MatchingRuleUseDescription (RFC 4512 §4.1.4); raises InvalidDefinition."""
    fields = _Fields(text, _MATCHING_RULE_USE)
    return MatchingRuleUseDescription(
        oid=fields.oid,
        applies=fields.required("APPLIES"),
        names=fields.names(),
        description=fields.text(),
        obsolete=fields.flag("OBSOLETE"),
        extensions=fields.extensions(),
    )


def parse_syntax(text: str) -> SyntaxDescription:
    """A SyntaxDescription (RFC 4512 §4.1.5); raises InvalidDefinition."""
    fields = _Fields(text, _SYNTAX_DESCRIPTION)
    return SyntaxDescription(oid=fields.oid, description=fields.text(), extensions=fields.extensions())


def check_content_rule(text: str) -> None:
    """Raises InvalidDefinition for what is not a DITContentRuleDescription (RFC 4512 §4.1.6)."""
    fields = _Fields(text, _CONTENT_RULE)
    fields.names(), fields.text(), fields.extensions()
    for keyword in ("AUX", "MUST", "MAY", "NOT"):
        fields.references(keyword)


def check_structure_rule(text: str) -> None:
    """Raises InvalidDefinition for what is not a DITStructureRuleDescription (RFC 4512 §4.1.7.1)."""
    fields = _Fields(text, _STRUCTURE_RULE, _RULE_ID)
    fields.names(), fields.text(), fields.extensions()
    fields.required("FORM")
    fields.check_rule_ids("SUP")


def check_name_form(text: str) -> None:
    """Raises InvalidDefinition for what is not a NameFormDescription (RFC 4512 §4.1.7.2)."""
    fields = _Fields(text, _NAME_FORM)
    fields.names(), fields.text(), fields.extensions()
    fields.required("OC"), fields.required("MUST")
    fields.references("MAY")
