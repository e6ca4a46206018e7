"""The password rules of a pack."""

from __future__ import annotations

from govdir.policy.load_citations import Citations
from govdir.policy.model import PasswordRules
from govdir.policy.tables import Table


def read_password_rules(table: Table, citations: Citations) -> dict[str, PasswordRules]:
    """The tables [passwords.rules.<name>]."""
    return {name: _password(rules, citations) for name, rules in table.named_tables("rules").items()}


def read_generated_specials(table: Table, rules: dict[str, PasswordRules]) -> str:
    """Special characters of generated passwords: at least one, all of them in every closed list."""
    specials = table.text("generated_specials")
    closed = [set(rule.specials) for rule in rules.values() if rule.specials]
    if not specials or any(not set(specials) <= allowed for allowed in closed):
        raise table.error("generated_specials", "must hold characters that all 'specials' allow")
    return specials


def _password(table: Table, citations: Citations) -> PasswordRules:
    months, rotation = citations.number(table, "rotation_months", "rotation_by")
    rules = PasswordRules(
        minimum_length=table.integer("minimum_length", minimum=1),
        length_citation=citations.of(table, "length_by"),
        upper=citations.maybe(table, "upper_by"),
        lower=citations.maybe(table, "lower_by"),
        digit=citations.maybe(table, "digit_by"),
        special=citations.maybe(table, "special_by"),
        specials=table.text("specials") if "specials" in table else "",
        rotation_months=months,
        rotation_citation=rotation,
    )
    if rules.specials and rules.special is None:
        raise table.error("specials", "needs the rule that asks for one, 'special_by'")
    if any(character.isalnum() or character.isspace() for character in rules.specials):
        raise table.error("specials", "must hold no letters, digits or blanks")
    table.finish()
    return rules
