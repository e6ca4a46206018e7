"""Province packs from TOML: strict, so that a misspelt rule is an error and never a rule left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Final

from govdir.policy.load_citations import Citations, matching, read_wording
from govdir.policy.load_duties import (
    read_checks,
    read_delegation,
    read_lifecycle,
    read_lists,
    read_operations,
    read_publication,
    read_reports,
    read_requests,
    read_sharing,
    read_usage,
)
from govdir.policy.load_mailboxes import read_mailboxes
from govdir.policy.load_names import (
    read_locals,
    read_overrides,
    read_ranks,
    read_words,
    unlucky_everywhere,
)
from govdir.policy.load_passwords import read_generated_specials, read_password_rules
from govdir.policy.load_readings import read_examples, read_readings
from govdir.policy.model import Document, Pack
from govdir.policy.tables import PackError, Table, read_toml
from govdir.policy.telex import typed_forms

PACK_FORMAT: Final = 1
"""The version of the pack's layout this program reads."""

PACK_ENDING: Final = ".toml"
"""What the name of a pack's file ends in, where a province's name is no file."""

MAXIMUM_PACK_BYTES: Final = 1_000_000
"""A pack is a page or ten; what is larger was given by mistake."""

_PROVINCE = re.compile(r"[a-z][a-z0-9]{0,31}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]")
_NO_SETTINGS: Final[Mapping[str, object]] = MappingProxyType({})


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
        sorted(
            item.name.removesuffix(PACK_ENDING)
            for item in folder.iterdir()
            if item.name.endswith(PACK_ENDING)
        )
    )


@lru_cache(maxsize=16)
def load_province(province: str) -> Pack:
    """The shipped pack of that name; raises UnknownProvince, PackError."""
    return _read_shipped(province, _NO_SETTINGS)


def load_shipped(province: str, settings: Mapping[str, object]) -> Pack:
    """The same with `settings` (by dotted key) that go before it; raises UnknownProvince, PackError."""
    return _read_shipped(province, settings) if settings else load_province(province)


def _read_shipped(province: str, settings: Mapping[str, object]) -> Pack:
    known = shipped_provinces()
    if province not in known:
        raise UnknownProvince(province, known)
    source = resources.files("govdir.policy").joinpath("packs", f"{province}.toml")
    return read_pack(f"{province}.toml", source.read_text("utf-8"), settings)


def file_named(province: str) -> Path | None:
    """The file that `province` names, None when it is the name of a shipped pack."""
    return Path(province) if province.endswith(PACK_ENDING) else None


def load_named(province: str) -> Pack:
    """The shipped pack of that name, or the one in that file; raises UnknownProvince, PackError."""
    file = file_named(province)
    return load_province(province) if file is None else load_pack(file)


def load_pack(path: Path, settings: Mapping[str, object] = _NO_SETTINGS) -> Pack:
    """A pack from a file; raises PackError, also when the file cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MAXIMUM_PACK_BYTES + 1)
    except OSError as error:
        raise PackError(str(path), 0, error.strerror or "cannot be read") from error
    if len(data) > MAXIMUM_PACK_BYTES:
        raise PackError(str(path), 0, f"larger than {MAXIMUM_PACK_BYTES} bytes")
    try:
        return read_pack(str(path), data.decode("utf-8"), settings)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PackError(str(path), line, "not UTF-8") from None


def read_pack(path: str, text: str, settings: Mapping[str, object] = _NO_SETTINGS) -> Pack:
    """A pack from its TOML text; `path` is for messages only. Raises PackError.

    `settings` are values that go before those of the text, by dotted key: "mailbox.unit.quota".
    """
    top = read_toml(path, text, settings)
    if top.integer("format") != PACK_FORMAT:
        raise top.error("format", f"this program reads format {PACK_FORMAT}")
    document = _document(top.table("document"))
    citations = Citations(document, top.named_tables("citations"))
    addresses = top.table("addresses")
    states = top.table("states")
    system = top.table("system")
    passwords = top.table("passwords")
    password_rules = read_password_rules(passwords, citations)
    usage = top.table_if_there("usage")
    pack = Pack(
        province=matching(top, "province", _PROVINCE),
        name=read_wording(top.table("name")),
        domain=matching(addresses, "domain", _DOMAIN),
        sub_domains=addresses.flag("sub_domains"),
        document=document,
        manager=citations.of(system, "manager_by"),
        eligible=citations.of(system, "eligible_by"),
        publication=read_publication(top.table("publication"), citations),
        encoding=citations.of(system, "encoding_by"),
        reorganisation=citations.of(system, "reorganisation_by"),
        misuse=citations.of(system, "misuse_by"),
        helpdesk=_helpdesk(system, "helpdesk"),
        other_rules=citations.each(system, "other_rules"),
        reserved=frozenset(read_locals(addresses, "reserved")),
        reserved_citation=citations.of(addresses, "reserved_by"),
        unlucky=unlucky_everywhere() | frozenset(read_locals(addresses, "unlucky")),
        unlucky_citation=citations.of(addresses, "unlucky_by"),
        unique_citation=citations.of(addresses, "unique_by"),
        domain_citation=citations.of(addresses, "domain_by"),
        label_citation=citations.of(addresses, "label_by"),
        state_citation=citations.of(states, "transition_by"),
        display_name=_display_name(addresses, "display_name"),
        display_name_citation=citations.of(addresses, "display_name_by"),
        words=read_words(top.table("words")),
        ranks=read_ranks(top.table("ranks"), citations),
        mailboxes=read_mailboxes(top, citations, password_rules),
        overrides=read_overrides(top.tables("override"), citations),
        sample_passwords=frozenset(passwords.texts("samples")),
        common_words=frozenset().union(*map(typed_forms, passwords.texts("common_words"))),
        generated_specials=read_generated_specials(passwords, password_rules),
        good_practice_citation=citations.of(passwords, "good_practice_by"),
        first_password=citations.of(passwords, "first_by"),
        forgotten_password=citations.of(passwords, "forgotten_by"),
        lifecycle=read_lifecycle(top.table("lifecycle"), citations),
        sharing=read_sharing(top.table("sharing"), citations),
        lists=read_lists(top.table("lists"), citations),
        delegation=read_delegation(top.table("delegation"), citations),
        requests=read_requests(top.tables("request"), citations),
        reports=read_reports(top.tables("report"), citations),
        operations=read_operations(top.table("operations"), citations),
        checks=read_checks(top.tables("check"), citations),
        usage=read_usage(usage, citations) if usage is not None else None,
        readings=read_readings(top, text),
        examples=read_examples(top.tables("example")),
        citations=MappingProxyType(citations.known),
    )
    for table in (addresses, states, system, passwords, top):
        table.finish()
    return pack


def _document(table: Table) -> Document:
    document = Document(table.text("number"), table.text("title"), table.day("issued"), table.day("in_force"))
    if document.in_force < document.issued:
        raise table.error("in_force", "must not come before 'issued'")
    table.finish()
    return document


def _helpdesk(table: Table, key: str) -> str:
    address = table.text(key) if key in table else ""
    if address and address.count("@") != 1:
        raise table.error(key, f"{address!r} is no address")
    return address


def _display_name(table: Table, key: str) -> str:
    text = table.text(key)
    if text.count("{name}") != 1 or text.count("{agency}") != 1 or text.count("{") != 2:
        raise table.error(key, "must hold {name} and {agency} once each and no other field")
    return text
