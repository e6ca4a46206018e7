"""Pages from templates: escaped, in the reader's language, and the other language keeps the place."""

from __future__ import annotations

from types import ModuleType

import pytest

from govdir.policy.texts import Language, Wording
from govdir.web import texts
from govdir.web.asked import Asked
from govdir.web.pages import Pages, SignedIn, wordings
from govdir.web.static_files import load_static_files
from govdir.web.trouble import Trouble
from tests.web.asking_for import SITE, get, post

PAGES = Pages(load_static_files(), SITE, "cantho.gov.vn", Wording("Thành phố Cần Thơ", "Can Tho City"))


def shown(asked: Asked, *, title: Wording = texts.NOT_FOUND_TITLE, **options: object) -> str:
    trouble = Trouble(404, title, texts.NOT_FOUND)
    reply = PAGES.page(asked, "trouble.html", {"trouble": trouble, "event": ""}, **options)  # type: ignore[arg-type]
    return reply.body.decode()


def test_what_is_filled_in_is_escaped() -> None:
    page = shown(get("/"), title=Wording('<script>"&', '<script>"&'))

    assert "<h1>&lt;script&gt;&#34;&amp;</h1>" in page


def test_a_page_says_its_language_its_site_and_its_province() -> None:
    assert '<html lang="en">' in shown(get("/"))
    assert "Can Tho City · cantho.gov.vn" in shown(get("/"))
    assert '<html lang="vi">' in shown(get("/", Language.VIETNAMESE))


@pytest.mark.parametrize(
    ("place", "link"),
    [
        ("/sign-in?flow=a_B", "/sign-in?flow=a_B&amp;lang=vi"),
        ("/", "/?lang=vi"),
        ("/?lang=en&a=%26", "/?a=%26&amp;lang=vi"),
        ("//evil.example/", "/evil.example/?lang=vi"),
        ("/x?a=%22%3E", "/x?a=%22%3E&amp;lang=vi"),
    ],
)
def test_the_other_language_keeps_the_place_and_stays_on_the_site(place: str, link: str) -> None:
    assert f'hreflang="vi" href="{link}"' in shown(get(place))


def test_the_answer_to_a_form_is_read_again_in_the_other_language_where_its_page_is() -> None:
    assert 'hreflang="vi" href="/sign-in/code?flow=1&amp;lang=vi"' in shown(
        post("/sign-in"), here="/sign-in/code?flow=1"
    )


def test_who_is_signed_in_stands_at_the_head_with_the_way_out() -> None:
    page = shown(get("/"), who=SignedIn("Nguyễn Văn <Minh>", "nvminh@cantho.gov.vn"))

    assert "Nguyễn Văn &lt;Minh&gt;" in page
    assert 'action="/sign-out"' in page
    assert "Sign out" not in shown(get("/"))


def test_two_texts_of_one_name_are_a_mistake() -> None:
    first, second = ModuleType("first"), ModuleType("second")
    first.HELLO, second.HELLO = Wording("Chào", "Hello"), Wording("Chào", "Hi")  # type: ignore[attr-defined]

    with pytest.raises(ValueError):
        wordings(first, second)
