"""Pages from templates: Jinja2 with escaping everywhere, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import ModuleType, SimpleNamespace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from govdir.policy.texts import Language, Wording
from govdir.web import moments, texts
from govdir.web.asked import Asked
from govdir.web.cookies import Cookie
from govdir.web.form_tokens import FIELD, form_token
from govdir.web.headers import STRICT, ContentPolicy
from govdir.web.reply import HTML, Reply
from govdir.web.static_files import StaticFiles

# Whose Wordings templates know, as `t.NAME`.
_TEXTS: Final[tuple[ModuleType, ...]] = (texts,)

_NO_NAME: Final = Wording("", "")
_OTHER: Final = {Language.VIETNAMESE: Language.ENGLISH, Language.ENGLISH: Language.VIETNAMESE}


class SignedIn(Struct, frozen=True):
    """Who is signed in, for the head of a page."""

    name: str
    address: str


class Pages:
    """Renders templates of govdir/web/templates.

    Every template knows: `t` all Wordings of the pages, `say(wording, **fields)` one of them in the reader's
    language, `in_other` in the other one, `lang`, `token(path)` the hidden field of a form that is sent to
    `path`, `static(name)` a file's path, `moment` and `day` for times, `place(language)` this page in another
    language, `who` (SignedIn or None), `site`, `domain` and `province`.
    """

    def __init__(self, static: StaticFiles, site: str, domain: str, province: Wording = _NO_NAME) -> None:
        self._environment = Environment(
            loader=PackageLoader("govdir.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            t=wordings(*_TEXTS),
            static=static.path,
            site=site,
            domain=domain,
            province=province,
            moment=_moment,
            day=_day,
        )

    def load(self) -> None:
        """Compiles all templates now, so that no request waits for it and none meets those of a later release
        that is being installed. Blocking, for a fraction of a second."""
        for name in self._environment.list_templates(extensions=["html"]):
            self._environment.get_template(name)

    def page(
        self,
        asked: Asked,
        template: str,
        values: Mapping[str, object] | None = None,
        *,
        status: int = 200,
        who: SignedIn | None = None,
        here: str | None = None,
        policy: ContentPolicy = STRICT,
        cookies: tuple[Cookie, ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
        **context: object,
    ) -> Reply:
        """A page. `here` is where the switch of languages leads, the page that was asked for unless said
        otherwise; it must answer a GET. `values` and `context` are the template's."""
        language = asked.language
        body = self._environment.get_template(template).render(
            {**(values or {}), **context},
            lang=language.value,
            who=who,
            say=_speaker(language),
            in_other=_speaker(_OTHER[language]),
            place=_switch(asked.place if here is None else here),
            token=lambda path: _token_field(asked, path),
        )
        return Reply(
            status=status,
            body=body.encode(),
            content_type=HTML,
            policy=policy,
            cookies=cookies,
            headers=headers,
        )


def wordings(*modules: ModuleType) -> SimpleNamespace:
    """The Wordings of these modules by name. Raises ValueError when two share one."""
    found: dict[str, Wording] = {}
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, Wording) and found.setdefault(name, value) != value:
                raise ValueError(f"{name} is two texts")
    return SimpleNamespace(**found)


def _speaker(language: Language) -> Callable[..., str]:
    def say(wording: Wording, **fields: object) -> str:
        return wording.render(language, **fields)

    return say


def _switch(here: str) -> Callable[[str], str]:
    def place(language: str) -> str:
        path, _, query = here.partition("?")
        kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "lang"]
        return f"{path}?{urlencode([*kept, ('lang', language)])}"

    return place


def _token_field(asked: Asked, path: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, form_token(asked, path))


def _moment(moment: datetime) -> str:
    return moments.moment_text(moment)


def _day(moment: datetime) -> str:
    return moments.day_text(moment)
