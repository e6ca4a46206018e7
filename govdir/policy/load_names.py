"""The words, posts, registered addresses and forbidden names of a pack."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from govdir.policy.folding import fold_words
from govdir.policy.kinds import MailboxKind
from govdir.policy.load_citations import Citations, matching
from govdir.policy.load_mailboxes import read_places
from govdir.policy.model import NameWords, Override, Ranks
from govdir.policy.tables import Table

_LOCAL = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


@lru_cache(maxsize=1)
def unlucky_everywhere() -> frozenset[str]:
    """Local parts that nobody wants to have, in any province: govdir/policy/data/unlucky.toml."""
    text = resources.files("govdir.policy").joinpath("data", "unlucky.toml").read_text("utf-8")
    words: dict[str, str] = tomllib.loads(text)["words"]
    return frozenset(words)


def read_locals(table: Table, key: str) -> tuple[str, ...]:
    """A list of local parts of addresses; empty when the key is missing."""
    texts = table.texts(key)
    for text in texts:
        if not _LOCAL.fullmatch(text):
            raise table.error(key, f"{text!r} is no local part of an address")
    return texts


def read_words(table: Table) -> NameWords:
    """The table [words]."""
    words = NameWords(
        dropped=table.texts("dropped"),
        acronyms=table.texts("acronyms"),
        place_types=MappingProxyType(table.string_map("place_types")),
        trailing=table.texts("trailing"),
    )
    table.finish()
    return words


def read_ranks(table: Table, citations: Citations) -> Ranks:
    """The table [ranks]."""
    posts = table.each_parsed("posts", _named)
    leaders = table.each_parsed("leaders", _named)
    if unknown := set(leaders) - set(posts):
        raise table.error("leaders", f"none of the 'posts': {', '.join(sorted(unknown))}")
    places, priority = read_places(table, "leader_places"), citations.maybe(table, "priority_by")
    ranks = Ranks(posts, frozenset(leaders), places, priority)
    table.finish()
    return ranks


def _named(text: str) -> str:
    if not fold_words(text).strip():
        raise ValueError("must hold names of posts")
    return text


def read_overrides(tables: tuple[Table, ...], citations: Citations) -> tuple[Override, ...]:
    """The tables [[override]]: no body twice, no address twice."""
    overrides: list[Override] = []
    bodies: set[tuple[MailboxKind, str, str]] = set()
    addresses: set[tuple[str, str]] = set()
    for table in tables:
        override = _override(table, citations)
        held = {(override.local, override.sub_domain), *((alias, "") for alias in override.aliases)}
        if twice := held & addresses:
            raise table.error("", f"{min(twice)[0]!r} is registered twice")
        above = [_key(parent) for parent in override.parents] or [""]
        named = {(override.kind, _key(name), parent) for name in override.names for parent in above}
        if again := named & bodies:
            raise table.error("names", f"{min(again)[1]!r} is registered twice")
        addresses |= held
        bodies |= named
        overrides.append(override)
    return tuple(overrides)


def _override(table: Table, citations: Citations) -> Override:
    kind = table.parsed("kind", MailboxKind)
    override = Override(
        kind=kind,
        names=table.texts("names"),
        parents=table.texts("parents"),
        local=matching(table, "local", _LOCAL),
        aliases=read_locals(table, "aliases"),
        citation=citations.of(table, "by"),
        sub_domain=matching(table, "sub_domain", _LOCAL) if "sub_domain" in table else "",
        domain_label=matching(table, "domain_label", _LOCAL) if "domain_label" in table else None,
    )
    if kind.is_personal or not override.names:
        raise table.error("", "an override is for a body's or list's 'names'")
    table.finish()
    return override


def _key(name: str) -> str:
    return " ".join(fold_words(name).replace("-", " ").split())
