"""Access rules: what callers may see and do, as data; deny unless a rule grants. Rules only add up.

How they bear on one caller is worked out by `access_view`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from typing import TypeGuard

from msgspec import Struct

from govdir.directory.caller import Caller, Role
from govdir.directory.roles import HeldRole, Powers
from govdir.directory.vocabulary import Vocabulary
from govdir.schema.dn_text import rdn_key, split_dn
from govdir.schema.errors import InvalidName

_RIGHTS = frozenset({"add", "delete", "rename", "proxy"})
_OF_SERVICES = frozenset({"proxy"})
_KEYS = frozenset(
    {
        "name",
        "who",
        "under",
        "classes",
        "read",
        "search",
        "compare",
        "write",
        "rights",
        "receiving",
        "only_if",
    }
)
_ROLES = ("anonymous", "person", "service", "administrator")
_WHO = (
    "anonymous",
    "person",
    "self",
    "agency-admin",
    *sorted(HeldRole),
    "authenticated",
)


class AccessRuleError(ValueError):
    """The rules' text is wrong; says which rule and what is allowed."""


class AttributeSet(Struct, frozen=True):
    """Attribute keys, or all user or operational attributes."""

    keys: frozenset[str] = frozenset()
    all_user: bool = False
    all_operational: bool = False

    def union(self, other: AttributeSet) -> AttributeSet:
        """Both together."""
        return AttributeSet(
            self.keys | other.keys,
            self.all_user or other.all_user,
            self.all_operational or other.all_operational,
        )

    def holds(self, key: str, operational: bool) -> bool:
        """Whether the attribute type with this key is in it."""
        return (self.all_operational if operational else self.all_user) or key in self.keys


_NONE = AttributeSet()


class Grant:
    """What one caller may do with entries of one kind; compared by identity, made once per kind.

    `visible`: the entry may be seen to exist, since something of it may be read.
    """

    __slots__ = ("compare", "read", "rights", "search", "visible", "write")

    def __init__(
        self,
        read: AttributeSet = _NONE,
        search: AttributeSet = _NONE,
        compare: AttributeSet = _NONE,
        *,
        write: AttributeSet = _NONE,
        rights: frozenset[str] = frozenset(),
    ) -> None:
        self.read = read
        self.search = search
        self.compare = compare
        self.write = write
        self.rights = rights
        self.visible = bool(read.keys) or read.all_user or read.all_operational

    def union(self, other: Grant) -> Grant:
        """Both together."""
        return Grant(
            self.read.union(other.read),
            self.search.union(other.search),
            self.compare.union(other.compare),
            write=self.write.union(other.write),
            rights=self.rights | other.rights,
        )

    @property
    def staying(self) -> Grant:
        """The same without the right to rename or delete the entry itself."""
        return Grant(
            self.read, self.search, self.compare, write=self.write, rights=self.rights - {"delete", "rename"}
        )

    @property
    def reading(self) -> Grant:
        """The same without any right to change."""
        return Grant(self.read, self.search, self.compare)

    @property
    def content(self) -> tuple[object, ...]:
        """What two equal grants have in common."""
        return (self.read, self.search, self.compare, self.write, self.rights)


_ALL = AttributeSet(frozenset(), True, True)
NOTHING = Grant()
EVERYTHING = Grant(_ALL, _ALL, _ALL, write=_ALL, rights=_RIGHTS)
READABLE = EVERYTHING.reading


class Rule(Struct, frozen=True, eq=False):
    """One rule; `under` is the normalised RDN of a container below the suffix, None for everywhere.

    `receiving`: not for mailboxes that take no mail (pending, revoked, deleted).
    """

    name: str
    who: str
    under: str | None
    classes: frozenset[str]
    grant: Grant
    receiving: bool = False


class AccessRules(Struct, frozen=True):
    """All rules and the search limits by role (entries, 0 = none)."""

    rules: tuple[Rule, ...]
    limits: Mapping[str, int]

    @classmethod
    def parse(cls, text: str, vocabulary: Vocabulary, *, publication: bool) -> AccessRules:
        """Reads access.toml; raises AccessRuleError. Rules `only_if` publication count while it is on."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise AccessRuleError(str(error)) from None
        unknown = set(document) - {"groups", "limits", "rule"}
        if unknown:
            raise AccessRuleError(f"unknown table: {', '.join(sorted(unknown))}")
        reader = _RuleReader(vocabulary, _groups(document.get("groups", {})))
        tables = document.get("rule", [])
        if not isinstance(tables, list) or not all(isinstance(raw, dict) for raw in tables):
            raise AccessRuleError("rules are written as [[rule]]")
        rules = [(raw, reader.rule(raw, number)) for number, raw in enumerate(tables, 1)]
        in_force = tuple(rule for raw, rule in rules if publication or "only_if" not in raw)
        return cls(in_force, _limits(document.get("limits", {})))

    def search_limit(self, caller: Caller, powers: Powers) -> int:
        """How many entries one search of this caller may return, 0 for any number.

        Who holds a role works on the whole province, as the administrator does.
        """
        if caller.role is Role.LOCAL:
            return 0
        return self.limits[Role.ADMINISTRATOR.value if powers.roles else caller.role.value]


def _groups(raw: object) -> dict[str, list[str]]:
    if not isinstance(raw, dict):
        raise AccessRuleError("[groups] is a table of lists of attribute names")
    for name, members in raw.items():
        if not _is_texts(members):
            raise AccessRuleError(f"group {name}: a list of attribute names is expected")
    return raw


def _limits(raw: object) -> dict[str, int]:
    if not isinstance(raw, dict) or set(raw) - set(_ROLES):
        raise AccessRuleError(f"[limits] has the keys {', '.join(_ROLES)}")
    for name, value in raw.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise AccessRuleError(f"limit {name}: a number of entries, 0 for none, is expected")
    return {role: raw.get(role, 0) for role in _ROLES}


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


class _RuleReader:
    """Reads rules, checking every name against the schema."""

    def __init__(self, vocabulary: Vocabulary, groups: Mapping[str, list[str]]) -> None:
        self._vocabulary = vocabulary
        self._groups = groups

    def rule(self, raw: Mapping[str, object], number: int) -> Rule:
        name = str(raw.get("name", f"rule {number}"))
        unknown = set(raw) - _KEYS
        if unknown:
            raise AccessRuleError(f"{name!r}: unknown key {', '.join(sorted(unknown))}")
        if raw.get("only_if", "publication") != "publication":
            raise AccessRuleError(f'{name!r}: only_if is "publication" or absent')
        rights = frozenset(self._texts(raw, "rights", name))
        if rights - _RIGHTS:
            raise AccessRuleError(f"{name!r}: rights are {', '.join(sorted(_RIGHTS))}")
        if rights & _OF_SERVICES and not str(raw.get("who")).startswith("service:"):
            raise AccessRuleError(f"{name!r}: proxy is for service:<kind> only")
        read = self._attributes(raw, "read", name)
        grant = Grant(
            read,
            read.union(self._attributes(raw, "search", name)),
            read.union(self._attributes(raw, "compare", name)),
            write=self._attributes(raw, "write", name),
            rights=rights,
        )
        receiving = raw.get("receiving", False)
        if not isinstance(receiving, bool):
            raise AccessRuleError(f"{name!r}: receiving is true or false")
        place = self._under(raw, name), self._classes(raw, name)
        return Rule(name, self._who(raw, name), *place, grant, receiving)

    def _who(self, raw: Mapping[str, object], name: str) -> str:
        who = raw.get("who")
        if not isinstance(who, str) or (who not in _WHO and not who.startswith("service:")):
            raise AccessRuleError(f"{name!r}: who is one of {', '.join(_WHO)} or service:<kind>")
        return who

    def _under(self, raw: Mapping[str, object], name: str) -> str | None:
        under = raw.get("under")
        if under is None:
            return None
        try:
            rdns = split_dn(str(under))
            if len(rdns) != 1:
                raise AccessRuleError(f'{name!r}: under is one container such as "ou=orgs"')
            return rdn_key(rdns[0], self._vocabulary.schema)
        except InvalidName as error:
            raise AccessRuleError(f"{name!r}: under: {error}") from None

    def _classes(self, raw: Mapping[str, object], name: str) -> frozenset[str]:
        found = set()
        for text in self._texts(raw, "classes", name):
            one = self._vocabulary.schema.find_object_class(text)
            if one is None:
                raise AccessRuleError(f"{name!r}: {text} is not an object class of the schema")
            found.add(one.key)
        return frozenset(found)

    def _texts(self, raw: Mapping[str, object], key: str, name: str) -> list[str]:
        value = raw.get(key, [])
        if not _is_texts(value):
            raise AccessRuleError(f"{name!r}: {key} is a list of names")
        return value

    def _attributes(self, raw: Mapping[str, object], key: str, name: str) -> AttributeSet:
        names = self._expanded(self._texts(raw, key, name), name)
        found = set()
        for text in names - {"*", "+"}:
            description = self._vocabulary.find(text)
            if description is None:
                raise AccessRuleError(f"{name!r}: {key}: the schema has no attribute {text}")
            found.add(description.attribute.key)
        return AttributeSet(frozenset(found), "*" in names, "+" in names)

    def _expanded(self, texts: Iterable[str], name: str) -> set[str]:
        found: set[str] = set()
        for text in texts:
            if not text.startswith("@"):
                found.add(text)
            elif text[1:] in self._groups:
                found.update(self._groups[text[1:]])
            else:
                raise AccessRuleError(f"{name!r}: there is no group {text}")
        return found
