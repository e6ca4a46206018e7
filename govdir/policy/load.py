"""Province packs from TOML: strict, so that a misspelt rule is an error and never a rule left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from govdir.policy.folding import fold
from govdir.policy.model import (
    PROVINCE,
    AddressForm,
    Citation,
    Document,
    MailboxKind,
    MailboxRules,
    NameWords,
    Override,
    Pack,
    PasswordRules,
)
from govdir.policy.tables import PackError, Table, read_toml
from govdir.policy.templates import BODY_FIELDS, PERSON_FIELDS, PLACE_FIELDS, SERIES_FIELDS, Template
from govdir.policy.texts import Wording

PACK_FORMAT: Final = 1
"""The version of the pack's layout this program reads."""

MAXIMUM_PACK_BYTES: Final = 1_000_000
"""A pack is a page or ten; what is larger was given by mistake."""

_PROVINCE = re.compile(r"[a-z][a-z0-9]{0,31}")
_LOCAL = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]")
_DOMAIN_TEMPLATE_FIELDS: Final = PLACE_FIELDS | {"domain"}
_PLACES: Final = frozenset({PROVINCE, *(kind.value for kind in MailboxKind if kind.is_body)})
_SERIES_LAST: Final = 702  # z and zz: longer suffixes tell nobody apart


class UnknownProvince(Exception):
    """No pack of that name is shipped; `known` are those that are."""

    def __init__(self, province: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no pack for the province {province!r}; there are: {', '.join(known)}")
        self.province = province
        self.known = known


def shipped_provinces() -> tuple[str, ...]:
    """The provinces whose packs are part of the program, by name."""
    folder = resources.files("govdir.policy").joinpath("packs")
    return tuple(
        sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    )


@lru_cache(maxsize=16)
def load_province(province: str) -> Pack:
    """The shipped pack of that name; raises UnknownProvince, PackError."""
    known = shipped_provinces()
    if province not in known:
        raise UnknownProvince(province, known)
    source = resources.files("govdir.policy").joinpath("packs", f"{province}.toml")
    return read_pack(f"{province}.toml", source.read_text("utf-8"))


def load_pack(path: Path) -> Pack:
    """A pack from a file; raises PackError, also when the file cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_PACK_BYTES + 1)
    except OSError as error:
        raise PackError(str(path), 0, error.strerror or "cannot be read") from error
    if len(data) > MAXIMUM_PACK_BYTES:
        raise PackError(str(path), 0, f"larger than {MAXIMUM_PACK_BYTES} bytes")
    try:
        return read_pack(str(path), data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PackError(str(path), line, "not UTF-8") from None


def read_pack(path: str, text: str) -> Pack:
    """A pack from its TOML text; `path` is for messages only. Raises PackError."""
    top = read_toml(path, text)
    if top.integer("format") != PACK_FORMAT:
        raise top.error("format", f"this program reads format {PACK_FORMAT}")
    document = _document(top.table("document"))
    citations = _Citations(document, top.named_tables("citations"))
    addresses = top.table("addresses")
    states = top.table("states")
    words = _words(top.table("words"))
    passwords = top.table("passwords")
    password_rules = _password_rules(passwords, citations)
    pack = Pack(
        province=_matching(top, "province", _PROVINCE),
        name=_wording(top.table("name")),
        domain=_matching(addresses, "domain", _DOMAIN),
        sub_domains=addresses.flag("sub_domains"),
        document=document,
        reserved=frozenset(_locals(addresses, "reserved")),
        reserved_citation=citations.of(addresses, "reserved_by"),
        unique_citation=citations.of(addresses, "unique_by"),
        domain_citation=citations.of(addresses, "domain_by"),
        state_citation=citations.of(states, "transition_by"),
        display_name=_display_name(addresses, "display_name"),
        display_name_citation=citations.of(addresses, "display_name_by"),
        words=words,
        mailboxes=_mailboxes(top, citations, password_rules),
        overrides=tuple(_override(table, citations) for table in top.tables("override")),
        sample_passwords=frozenset(passwords.texts("samples")),
        common_words=frozenset(map(fold, passwords.texts("common_words"))),
        generated_specials=_generated_specials(passwords, password_rules),
        good_practice_citation=citations.of(passwords, "good_practice_by"),
        citations=MappingProxyType(citations.known),
    )
    for table in (addresses, states, passwords, top):
        table.finish()
    return pack


class _Citations:
    """The pack's table of citations; rules refer to them by name."""

    def __init__(self, document: Document, tables: dict[str, Table]) -> None:
        self.known: dict[str, Citation] = {}
        for name, table in tables.items():
            wording = Wording(table.text("vi"), table.text("en"))
            if "source" in table:
                self.known[name] = Citation("", "", wording, _wording(table.table("source")))
            else:
                self.known[name] = Citation(document.number, table.text("article"), wording)
            table.finish()

    def of(self, table: Table, key: str) -> Citation:
        name = table.text(key)
        if name not in self.known:
            raise table.error(key, f"no citation is called {name!r}")
        return self.known[name]

    def maybe(self, table: Table, key: str) -> Citation | None:
        return self.of(table, key) if key in table else None


def _wording(table: Table) -> Wording:
    wording = Wording(table.text("vi"), table.text("en"))
    table.finish()
    return wording


def _document(table: Table) -> Document:
    document = Document(table.text("number"), table.text("title"), table.day("issued"), table.day("in_force"))
    table.finish()
    return document


def _matching(table: Table, key: str, pattern: re.Pattern[str]) -> str:
    text = table.text(key)
    if not pattern.fullmatch(text):
        raise table.error(key, f"{text!r} is not of the form {pattern.pattern}")
    return text


def _locals(table: Table, key: str) -> tuple[str, ...]:
    texts = table.texts(key)
    for text in texts:
        if not _LOCAL.fullmatch(text):
            raise table.error(key, f"{text!r} is no local part of an address")
    return texts


def _display_name(table: Table, key: str) -> str:
    text = table.text(key)
    if text.count("{name}") != 1 or text.count("{agency}") != 1 or text.count("{") != 2:
        raise table.error(key, "must hold {name} and {agency} once each and no other field")
    return text


def _words(table: Table) -> NameWords:
    words = NameWords(
        dropped=table.texts("dropped"),
        acronyms=table.texts("acronyms"),
        place_types=MappingProxyType(table.string_map("place_types")),
        trailing=table.texts("trailing"),
    )
    table.finish()
    return words


def _password_rules(table: Table, citations: _Citations) -> dict[str, PasswordRules]:
    return {name: _password(rules, citations) for name, rules in table.named_tables("rules").items()}


def _password(table: Table, citations: _Citations) -> PasswordRules:
    rotation = citations.maybe(table, "rotation_by")
    rules = PasswordRules(
        minimum_length=table.integer("minimum_length", minimum=1),
        length_citation=citations.of(table, "length_by"),
        upper=citations.maybe(table, "upper_by"),
        lower=citations.maybe(table, "lower_by"),
        digit=citations.maybe(table, "digit_by"),
        special=citations.maybe(table, "special_by"),
        specials=table.text("specials") if "specials" in table else "",
        rotation_months=table.integer("rotation_months", minimum=1) if rotation else None,
        rotation_citation=rotation,
    )
    table.finish()
    return rules


def _generated_specials(table: Table, rules: dict[str, PasswordRules]) -> str:
    """Special characters of generated passwords: at least one, all of them in every closed list."""
    specials = table.text("generated_specials")
    closed = [set(rule.specials) for rule in rules.values() if rule.specials]
    if not specials or any(not set(specials) <= allowed for allowed in closed):
        raise table.error("generated_specials", "must hold characters that all 'specials' allow")
    return specials


def _mailboxes(
    top: Table, citations: _Citations, passwords: dict[str, PasswordRules]
) -> MappingProxyType[MailboxKind, MailboxRules]:
    rules: dict[MailboxKind, MailboxRules] = {}
    for name, table in top.named_tables("mailbox").items():
        if name not in {kind.value for kind in MailboxKind}:
            raise table.error("", f"unknown kind of mailbox; known: {', '.join(MailboxKind)}")
        kind = MailboxKind(name)
        rules[kind] = (
            _same_as(kind, table, rules)
            if "same_as" in table
            else _mailbox(kind, table, citations, passwords)
        )
    return MappingProxyType(rules)


def _same_as(kind: MailboxKind, table: Table, rules: Mapping[MailboxKind, MailboxRules]) -> MailboxRules:
    """The rules of a kind described before, under this kind's own title."""
    model = rules.get(table.parsed("same_as", MailboxKind))
    if model is None or model.kind.is_personal is not kind.is_personal:
        raise table.error("same_as", "must name a kind of the same nature that is described above")
    copy = replace(model, kind=kind, title=_wording(table.table("title")))
    table.finish()
    return copy


def _mailbox(
    kind: MailboxKind, table: Table, citations: _Citations, passwords: dict[str, PasswordRules]
) -> MailboxRules:
    known = PERSON_FIELDS if kind.is_personal else BODY_FIELDS
    password = table.text("password") if "password" in table else None
    if password is not None and password not in passwords:
        raise table.error("password", f"no password rules are called {password!r}")
    ladder = tuple(_form(form, known, citations) for form in table.tables("ladder"))
    if not ladder:
        raise table.error("", "needs at least one [[…ladder]] step")
    rules = MailboxRules(
        kind=kind,
        title=_wording(table.table("title")),
        ladder=ladder,
        exhausted=citations.of(table, "exhausted_by"),
        quota=table.size("quota"),
        quota_citation=citations.of(table, "quota_by"),
        maximum_message_size=table.size("maximum_message_size"),
        password=passwords[password] if password is not None else None,
        free_name=citations.maybe(table, "free_name_by"),
        free_for_all=table.flag("free_for_all"),
        label=None if kind.is_personal else table.parsed("label", _label_template),
        spelled=table.texts("spelled"),
        domain_label=table.parsed("domain_label", _domain_label) if "domain_label" in table else None,
    )
    table.finish()
    return rules


def _label_template(text: str) -> Template:
    return Template.parse(text, BODY_FIELDS - {"label", "letter", "number"})


def _domain_label(text: str) -> Template:
    return Template.parse(text, BODY_FIELDS - SERIES_FIELDS)


def _form(table: Table, known: frozenset[str], citations: _Citations) -> AddressForm:
    local = table.parsed("local", lambda text: Template.parse(text, known))
    domain = Template.parse("{domain}", _DOMAIN_TEMPLATE_FIELDS)
    if "domain" in table:
        domain = table.parsed("domain", lambda text: Template.parse(text, _DOMAIN_TEMPLATE_FIELDS))
    first = table.integer("first", minimum=0) if "first" in table else 1
    last = table.integer("last", minimum=first) if "last" in table else first
    if local.is_series and not first <= last <= _SERIES_LAST:
        raise table.error("last", f"must be between first and {_SERIES_LAST}")
    if not local.is_series and "last" in table:
        raise table.error("last", "only a step with {letter} or {number} counts")
    within = table.texts("within")
    if unknown := set(within) - _PLACES:
        raise table.error("within", f"no such place: {', '.join(sorted(unknown))}")
    form = AddressForm(
        local,
        domain,
        citations.of(table, "by"),
        first,
        last,
        within=frozenset(within),
        on_request=table.flag("on_request"),
    )
    table.finish()
    return form


def _override(table: Table, citations: _Citations) -> Override:
    kind = table.parsed("kind", MailboxKind)
    override = Override(
        kind=kind,
        names=table.texts("names"),
        parents=table.texts("parents"),
        local=_matching(table, "local", _LOCAL),
        aliases=_locals(table, "aliases"),
        citation=citations.of(table, "by"),
        sub_domain=_matching(table, "sub_domain", _LOCAL) if "sub_domain" in table else "",
        domain_label=_matching(table, "domain_label", _LOCAL) if "domain_label" in table else None,
    )
    if kind.is_personal or not override.names:
        raise table.error("", "an override is for a body's or list's 'names'")
    table.finish()
    return override
