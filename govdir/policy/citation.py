"""Where a rule comes from."""

from __future__ import annotations

from msgspec import Struct

from govdir.policy.texts import Language, Wording


class Citation(Struct, frozen=True):
    """Where a rule stands ("Điều 4 khoản 2 điểm c" of `document`) and what it says, in short.

    A rule of the product itself has neither; its `source` names it instead.
    """

    document: str
    article: str
    wording: Wording
    source: Wording | None = None

    @property
    def reference(self) -> str:
        """The article alone, for programs; of a rule of the product its source."""
        return self.article if self.source is None else self.source.vi

    @property
    def place(self) -> str:
        """The article with its document, in Vietnamese."""
        return self.place_in(Language.VIETNAMESE)

    def place_in(self, language: Language) -> str:
        """The article with its document, which stay Vietnamese, or the source of a rule of the product."""
        if self.source is not None:
            return self.source.in_language(language)
        return f"{self.article}, {self.document}"

    def text(self, language: Language) -> str:
        """The rule with its place."""
        return f"{self.wording.in_language(language)} ({self.place_in(language)})"
