"""The applications' pages, from values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined

from govdir.policy.texts import Language
from govdir.showcase.service_provider import SignedIn
from govdir.showcase.setup import TITLES, Kind, Setup
from govdir.showcase.texts import ATTRIBUTES, DOCUMENTS, NOTICES, PAGE

_NAMES = ("urn:oid:2.5.4.3", "urn:oid:2.16.840.1.113730.3.1.241", "urn:oid:0.9.2342.19200300.100.1.3")


class Pages:
    """One application's."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._templates = Environment(
            loader=PackageLoader("govdir.showcase"), autoescape=True, undefined=StrictUndefined
        )

    def visitor(self, language: Language, notice: str = "") -> str:
        """For whoever is not signed in; `notice` is a key of the texts."""
        text = PAGE[notice].in_language(language) if notice else ""
        return self._page("visitor.html", language, notice=text)

    def trouble(self, language: Language, text: str, *, reason: str = "", sign_in: bool = True) -> str:
        """That something did not work; `text` is a key of the texts, `reason` is for engineers."""
        return self._page(
            "trouble.html",
            language,
            heading=(PAGE["refused"] if sign_in else TITLES[self._setup.kind]).in_language(language),
            text=PAGE[text].in_language(language),
            reason=reason,
            next="/sign-in" if sign_in else "/",
            next_text=PAGE["again" if sign_in else "home"].in_language(language),
        )

    def signed_in(self, language: Language, who: SignedIn) -> str:
        """What the application is for, and what it was told."""
        setup, told = self._setup, who.attributes
        named = next((told[name][0] for name in _NAMES if told.get(name)), who.name_id)
        documents = setup.kind is Kind.DOCUMENTS
        return self._page(
            "signed_in.html",
            language,
            who=who,
            called=named,
            other_url=setup.other_url,
            other_title=TITLES[setup.kind.other].in_language(language),
            account_url=f"{setup.sign_in_site}/account",
            documents=list(_documents(language)) if documents else [],
            notices=[each.in_language(language) for each in NOTICES],
            attributes=[
                (ATTRIBUTES[name].in_language(language) if name in ATTRIBUTES else "", name, values)
                for name, values in told.items()
            ],
        )

    def _page(self, template: str, language: Language, who: SignedIn | None = None, **fields: object) -> str:
        other = Language.VIETNAMESE if language is Language.ENGLISH else Language.ENGLISH
        return self._templates.get_template(template).render(
            language=language.value,
            other_language=other.value,
            kind=self._setup.kind.value,
            title=TITLES[self._setup.kind].in_language(language),
            t={key: wording.in_language(language) for key, wording in PAGE.items()},
            who=who,
            **fields,
        )


def _documents(language: Language) -> Iterator[tuple[str, str, str]]:
    for number, about, days in DOCUMENTS:
        yield number, about.in_language(language), f"{date.today() + timedelta(days):%d/%m/%Y}"  # noqa: DTZ011
