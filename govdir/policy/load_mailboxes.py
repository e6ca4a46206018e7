"""The kinds of mailboxes of a pack: their ladders, labels and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from govdir.policy.kinds import MailboxKind
from govdir.policy.load_citations import Citations, read_wording
from govdir.policy.model import PROVINCE, AddressForm, MailboxRules, PasswordRules
from govdir.policy.tables import Table
from govdir.policy.templates import (
    BODY_FIELDS,
    PERSON_FIELDS,
    PLACE_FIELDS,
    SERIES_FIELDS,
    Template,
    TemplateError,
)

PLACES: Final = frozenset({PROVINCE, *(kind.value for kind in MailboxKind if kind.is_body)})
"""What AddressForm.within and Ranks.leader_places can name."""

_DOMAIN_FIELDS: Final = PLACE_FIELDS | {"domain"}
_SERIES_LAST: Final = 702  # z and zz: longer suffixes tell nobody apart


def read_mailboxes(
    top: Table, citations: Citations, passwords: Mapping[str, PasswordRules]
) -> Mapping[MailboxKind, MailboxRules]:
    """The tables [mailbox.<kind>]."""
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


def read_places(table: Table, key: str) -> frozenset[str]:
    """A list of places; empty when the key is missing."""
    places = table.texts(key)
    if unknown := set(places) - PLACES:
        raise table.error(key, f"no such place: {', '.join(sorted(unknown))}")
    return frozenset(places)


def _same_as(kind: MailboxKind, table: Table, rules: Mapping[MailboxKind, MailboxRules]) -> MailboxRules:
    """The rules of a kind described before, under this kind's own title."""
    model = rules.get(table.parsed("same_as", MailboxKind))
    if model is None or model.kind.is_personal is not kind.is_personal:
        raise table.error("same_as", "must name a kind of the same nature that is described above")
    copy = replace(model, kind=kind, title=read_wording(table.table("title")))
    table.finish()
    return copy


def _mailbox(
    kind: MailboxKind, table: Table, citations: Citations, passwords: Mapping[str, PasswordRules]
) -> MailboxRules:
    known = PERSON_FIELDS if kind.is_personal else BODY_FIELDS
    password = table.text("password") if "password" in table else None
    if password is not None and password not in passwords:
        raise table.error("password", f"no password rules are called {password!r}")
    ladder = tuple(_form(form, known, citations) for form in table.tables("ladder"))
    if not ladder and kind is not MailboxKind.LIST:
        raise table.error("", "needs at least one [[…ladder]] step")
    attachment = table.size("maximum_attachment_size") if "maximum_attachment_size" in table else 0
    rules = MailboxRules(
        kind=kind,
        title=read_wording(table.table("title")),
        ladder=ladder,
        exhausted=citations.of(table, "exhausted_by"),
        quota=table.size("quota"),
        quota_citation=citations.of(table, "quota_by"),
        maximum_message_size=table.size("maximum_message_size"),
        message_size_citation=citations.of(table, "message_size_by"),
        password=passwords[password] if password is not None else None,
        quota_is_minimum=table.flag("quota_is_minimum"),
        maximum_attachment_size=attachment,
        attachment_citation=citations.of(table, "attachment_by") if attachment else None,
        free_name=citations.maybe(table, "free_name_by"),
        free_for_all=table.flag("free_for_all"),
        label=None if kind.is_personal else table.parsed("label", _label_template),
        spelled=table.texts("spelled"),
        domain_label=table.parsed("domain_label", _domain_label) if "domain_label" in table else None,
    )
    if rules.maximum_attachment_size > rules.maximum_message_size > 0:
        raise table.error("maximum_attachment_size", "must fit into 'maximum_message_size'")
    if rules.free_for_all and rules.free_name is None:
        raise table.error("free_for_all", "needs the rule that allows it, 'free_name_by'")
    table.finish()
    return rules


def _label_template(text: str) -> Template:
    return Template.parse(text, BODY_FIELDS - {"label", "letter", "number"})


def _domain_label(text: str) -> Template:
    return Template.parse(text, BODY_FIELDS - SERIES_FIELDS)


def _form(table: Table, known: frozenset[str], citations: Citations) -> AddressForm:
    local = table.parsed("local", lambda text: _local_template(text, known))
    domain = Template.parse("{domain}", _DOMAIN_FIELDS)
    if "domain" in table:
        domain = table.parsed("domain", _domain_template)
    first = table.integer("first", minimum=0) if "first" in table else 1
    last = table.integer("last", minimum=first) if "last" in table or local.is_series else first
    if local.is_series and not first <= last <= _SERIES_LAST:
        raise table.error("last", f"must be between first and {_SERIES_LAST}")
    if not local.is_series:
        for key in ("first", "last"):
            if key in table:
                raise table.error(key, "only a step with {letter} or {number} counts")
    form = AddressForm(
        local,
        domain,
        citations.of(table, "by"),
        first,
        last,
        within=read_places(table, "within"),
        on_request=table.flag("on_request"),
    )
    table.finish()
    return form


def _local_template(text: str, known: frozenset[str]) -> Template:
    template = Template.parse(text, known)
    if set(template.fields) >= SERIES_FIELDS:
        raise TemplateError("a step counts by {letter} or by {number}, not by both")
    return template


def _domain_template(text: str) -> Template:
    template = Template.parse(text, _DOMAIN_FIELDS)
    if template.fields[-1:] != ("domain",) or template.literals[-1]:
        raise TemplateError("must end in {domain}, the province's")
    return template
