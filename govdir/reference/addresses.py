"""The part of a pack's page on addresses: forms, worked examples, labels, registered and reserved names."""

from __future__ import annotations

from collections.abc import Iterator

from govdir.mailattrs.addresses import Proposal, propose_address
from govdir.policy.model import AddressForm, Example, MailboxRules, Override, Pack
from govdir.policy.templates import Template
from govdir.reference.markdown import article, code, plain, table


def address_part(pack: Pack) -> Iterator[str]:
    """The lines of the part."""
    yield "## Addresses"
    yield ""
    yield "The first form that is free is given. What `{…}` stand for:"
    yield "[how to write a pack](../../how-to/write-a-pack.md)."
    yield ""
    for rules in pack.mailboxes.values():
        yield from _kind(pack, rules)
    yield from _examples(pack)
    yield from _registered(pack)
    yield from _words(pack)


def _kind(pack: Pack, rules: MailboxRules) -> Iterator[str]:
    yield f"### {rules.title.en[:1].upper()}{rules.title.en[1:]} · {rules.title.vi} (`{rules.kind}`)"
    yield ""
    numbered = enumerate(rules.ladder, start=1)
    yield from table(
        ("step", "form", "for", "rule"),
        ((str(step), code(_form(form)), _when(form), article(form.citation)) for step, form in numbered),
    )
    yield f"Then a human decides: {plain(rules.exhausted.wording.en)} ({article(rules.exhausted)})."
    if rules.free_name is not None:
        who = "Whoever may write the entry" if rules.free_for_all else "An operator"
        yield f"{who} may choose another name ({article(rules.free_name)})."
    if rules.label is not None and rules.ladder:
        spelled = f", where {', '.join(rules.spelled)} is spelled out" if rules.spelled else ""
        yield f"The label, unless one is registered, is {code(str(rules.label))}{spelled}."
    if rules.domain_label is not None:
        yield f"Its people and units are in {code(f'{rules.domain_label}.{pack.domain}')}."
    yield ""


def _form(form: AddressForm) -> str:
    return f"{form.local}@{form.domain}"


def _when(form: AddressForm) -> str:
    said: list[str] = []
    if form.within:
        said.append(f"in: {', '.join(sorted(form.within))}")
    if form.local.is_series:
        said.append(f"{_count(form.local, form.first)} to {_count(form.local, form.last)}")
    if form.on_request:
        said.append("when asked for")
    return "; ".join(said)


def _count(template: Template, number: int) -> str:
    if "number" in template.fields:
        return str(number)
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _examples(pack: Pack) -> Iterator[str]:
    yield "### Worked by the program"
    yield ""
    yield from table(
        ("kind", "name", "in", "taken", "address", "rule"), (_worked(pack, each) for each in pack.examples)
    )


def _worked(pack: Pack, example: Example) -> tuple[str, ...]:
    outcome = propose_address(pack, example.kind, example.name, example.parent, example.taken)
    given = outcome.address if isinstance(outcome, Proposal) else ""
    taken = ", ".join(code(held) for held in example.taken)
    place = code(example.parent or "")
    return (example.kind, example.name, place, taken, code(given), article(outcome.citation))


def _registered(pack: Pack) -> Iterator[str]:
    if not pack.overrides:
        return
    yield "### Registered by name"
    yield ""
    yield from table(
        ("body", "address", "aliases", "rule"),
        (
            (
                override.names[0] + (f", {override.parents[-1]}" if override.parents else ""),
                code(_address(pack, override)),
                ", ".join(code(f"{alias}@{pack.domain}") for alias in override.aliases),
                article(override.citation),
            )
            for override in pack.overrides
        ),
    )


def _address(pack: Pack, override: Override) -> str:
    below = f"{override.sub_domain}." if override.sub_domain else ""
    return f"{override.local}@{below}{pack.domain}"


def _words(pack: Pack) -> Iterator[str]:
    yield "### Names that nobody gets"
    yield ""
    names = ", ".join(code(name) for name in sorted(pack.reserved))
    yield f"Reserved ({article(pack.reserved_citation)}): {names}."
    yield f"By a human's decision only ({article(pack.unlucky_citation)}): {len(pack.unlucky)} unlucky words."
    yield ""
