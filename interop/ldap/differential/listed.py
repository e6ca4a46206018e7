"""Where govdir answers otherwise than slapd 2.5, step by step, under the reason of the deviations page.

A reason is an anchor of docs/protocol/deviations.md. What is not listed must be the same on both.
"""

from __future__ import annotations

from typing import Final

LISTED: Final[dict[str, tuple[str, ...]]] = {
    "entries-that-a-caller-may-not-see-do-not-exist-for-it": (
        "add as nobody",
        "change as nobody",
        "rename as nobody",
        "delete as nobody",
    ),
    "names-outside-the-naming-context": (
        "add the root DSE",
        "add the naming context again",
        "change outside the naming context",
        "change the root DSE",
        "delete outside the naming context",
        "delete the root DSE",
        "move outside the naming context",
        "rename the naming context",
        "move to a missing superior",
        "move onto a taken name",
    ),
    "what-names-may-look-like": (
        "add under a name in hexadecimal",
        "take away the name in hexadecimal",
        "search a quoted name",
        "read a group",
        "modify: delete a member: then",
        "modify: delete the last member: then",
        "rename two values the other way round: then",
        "rename dropping a required value: then",
        "move: then",
    ),
    "attributes-in-a-request": (
        "add the same attribute under two names",
        "take away the attribute under two names",
        "modify: add a value with a strange option",
        "modify: add a value with a strange option: then",
        "modify: take the strange option away",
        "permissive delete of a value that is not",
    ),
    "names-asked-for": ("read ['commonName']",),
    "rules-of-names-in-filters": (
        "search (entryDN:dnSubtreeMatch:=ou=things,BASE)",
        "search (entryDN:dnSubordinateMatch:=ou=things,BASE)",
        "search (entryDN:dnOneLevelMatch:=ou=things,BASE)",
        "search (:distinguishedNameMatch:=uid=an,ou=people,BASE)",
    ),
    "the-base-of-a-search": (
        "search the root DSE's subordinates",
        "search for the subschema entry",
        "read ['subschemaSubentry']",
        "search one more than the limit",
    ),
    "userpassword": ("compare a password that is not there",),
    "sorting": (
        "sort by an attribute without an ordering rule",
        "sort by an unknown attribute",
        "sort by an unknown attribute, if possible",
        "sort under an unknown rule",
        "view beyond the last value",
        "view without sorting",
        "view offset nought of many",
        "page of nothing",
    ),
    "controls-that-must-be-critical": (
        "don't use copy, not critical",
        "act as somebody, not critical",
        "act as nobody",
        "act as oneself",
    ),
    "matched-values": ("matched values that match none",),
    "tree-delete": ("tree delete",),
    "notallowedonrdn": (
        "modify: delete the naming value",
        "modify: delete the naming attribute",
        "modify: replace the naming value",
    ),
}
