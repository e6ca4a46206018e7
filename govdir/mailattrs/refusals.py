"""Refusals by the regulation, put into words once, in the directory's language."""

from __future__ import annotations

from govdir.directory.errors import RuleViolation
from govdir.mailattrs import texts
from govdir.policy.model import Citation
from govdir.policy.texts import Language, Wording


class Refusals:
    """Makes RuleViolations that say why, what would be right, and which article says so."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def violation(
        self, rule: str, why: Wording, citation: Citation, suggestion: str | None = None
    ) -> RuleViolation:
        """The refusal of `rule`, to be raised."""
        if suggestion is None:
            shape, fields = texts.WITHOUT_SUGGESTION, {}
        else:
            shape, fields = texts.WITH_SUGGESTION, {"suggestion": suggestion}
        text = shape.render(self.language, why=why, citation=citation.text(self.language), **fields)
        return RuleViolation(text, rule=rule, citation=citation.reference, suggestion=suggestion)
