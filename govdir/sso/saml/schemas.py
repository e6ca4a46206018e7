"""OASIS' schemas of SAML 2.0, as the package python3-saml brings them: what is not by them is not read."""

from __future__ import annotations

import re
from importlib import resources
from typing import Final

from lxml import etree

from govdir.sso.saml.errors import MalformedMessage
from govdir.sso.saml.xml import MD, SAML, SAMLP

_FILES: Final = {
    SAMLP: "saml-schema-protocol-2.0.xsd",
    SAML: "saml-schema-protocol-2.0.xsd",
    MD: "saml-schema-metadata-2.0.xsd",
}
_SHOWN: Final = 200  # characters of a path
_NAMES: Final = re.compile(
    r"Element '(?:{[^}']*})?([\w.-]+)'"
    r"(?:, attribute '(?:{[^}']*})?([\w.-]+)'|: The attribute '([\w.-]+)' is required)?"
)
"""What libxml2 calls what it does not like; a value comes only after that."""
_IDLE: Final[dict[str, list[etree.XMLSchema]]] = {file: [] for file in _FILES.values()}
"""Compiled schemas that nobody uses just now: a check takes one out, for it keeps its errors in it."""


def check(root: etree._Element) -> None:
    """Raises MalformedMessage unless the element is by the schema of its namespace."""
    qualified = etree.QName(root)
    file = _FILES.get(qualified.namespace or "")
    if file is None:
        raise MalformedMessage("not an element of SAML 2.0")
    idle = _IDLE[file]
    try:
        schema = idle.pop()
    except IndexError:
        schema = _compiled(file)
    try:
        if not schema(root):
            first = schema.error_log[0]  # type: ignore[index] # the stubs leave its class empty
            place = f"line {first.line}, {first.path or ''}: {_named(first.message)}"[:_SHOWN]
            raise MalformedMessage(f"{qualified.localname} is not as the schema wants it ({place})")
    finally:
        idle.append(schema)


def _named(message: str) -> str:
    """Where, not what: the element or attribute that a line of libxml2's log is about, of whose values the
    rest of the line quotes some."""
    found = _NAMES.match(message)
    if found is None:
        return ""
    element, attribute, missing = found.groups()
    name = attribute or missing
    return f"{element}/@{name}" if name else element


def _compiled(file: str) -> etree.XMLSchema:
    directory = resources.files("onelogin.saml2") / "schemas"
    with resources.as_file(directory) as path:
        return etree.XMLSchema(etree.parse(str(path / file)))
