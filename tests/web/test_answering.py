"""The site as a whole: headers on everything, pages for every trouble, cookies that do no harm."""

from __future__ import annotations

import json
import re
from io import StringIO

import pytest
from msgspec.structs import replace
from twisted.logger import Logger, LogPublisher

from govdir.directory.errors import Busy, Unavailable
from govdir.directory.ports import StoreUnavailable
from govdir.logs import EventLog, LogOutput
from govdir.policy.texts import Language
from govdir.web import texts
from govdir.web.answering import Answering
from govdir.web.asked import Asked
from govdir.web.pages import Pages
from govdir.web.reply import Reply, json_reply, redirect
from govdir.web.router import Route, Router
from govdir.web.static_files import load_static_files
from govdir.web.trouble import Trouble
from tests.sso.memory_ports import run
from tests.web.asking_for import SITE, VISIT, get, post

STATIC = load_static_files()
PAGES = Pages(STATIC, SITE, "cantho.gov.vn")


async def page(asked: Asked) -> Reply:
    return PAGES.page(asked, "trouble.html", trouble=Trouble(200, texts.HOME, texts.HOME), event="")


async def fails(asked: Asked) -> Reply:
    raise ZeroDivisionError(f"secret of {asked.network}")


async def busy(asked: Asked) -> Reply:
    raise Busy(asked.path)


async def without_database(asked: Asked) -> Reply:
    raise StoreUnavailable(asked.path)


async def cannot_write(asked: Asked) -> Reply:
    raise Unavailable(asked.path)


async def on(asked: Asked) -> Reply:
    return redirect(f"/?from={asked.path}")


async def data(asked: Asked) -> Reply:
    return json_reply({"at": asked.path})


ROUTER = Router(
    [
        *STATIC.routes(),
        *(
            Route("GET", path, handler)
            for path, handler in {
                "/": page,
                "/fails": fails,
                "/busy": busy,
                "/nobase": without_database,
                "/nowrite": cannot_write,
                "/on": on,
                "/data": data,
            }.items()
        ),
        Route("POST", "/", page),
        Route("POST", "/saml/sso", page, foreign=True),
    ]
)


def answer(asked: Asked, url: str = SITE) -> Reply:
    return run(Answering(url, ROUTER, PAGES).reply(asked))


def names(reply: Reply) -> set[str]:
    return {cookie.name for cookie in reply.cookies}


@pytest.mark.parametrize("path", ["/", "/on", "/data", "/fails", "/nothing"])
def test_every_reply_carries_the_headers_that_protect_it_and_is_kept_by_nobody(path: str) -> None:
    headers = dict(answer(get(path)).headers)

    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "script-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_a_site_on_localhost_does_not_bind_it_to_tls_for_other_programs() -> None:
    assert "Strict-Transport-Security" not in dict(answer(get("/"), "https://localhost:8443").headers)


def test_static_files_are_kept_for_ever_under_names_of_their_content() -> None:
    reply = answer(get(STATIC.path("govdir.css")))

    assert re.fullmatch(r"/static/govdir\.[0-9a-f]{16}\.css", STATIC.path("govdir.css"))
    assert dict(reply.headers)["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.content_type == "text/css; charset=utf-8"
    assert reply.cookies == ()


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/nothing", 404, "There is no such page"),
        ("/busy", 503, "The system is busy"),
        ("/nowrite", 503, "The system is busy"),
        ("/nobase", 503, "The system is busy"),
        ("/fails", 500, "Something went wrong here"),
    ],
)
def test_every_trouble_has_its_page(path: str, status: int, told: str) -> None:
    reply = answer(get(path))

    assert reply.status == status
    assert f"<h1>{told}</h1>" in reply.body.decode()


def test_pages_speak_vietnamese_to_those_who_do() -> None:
    assert "<h1>Không có trang này</h1>" in answer(get("/nothing", Language.VIETNAMESE)).body.decode()


def test_who_has_to_come_again_is_told_when() -> None:
    assert dict(answer(get("/busy")).headers)["Retry-After"] == "5"


def test_a_fault_is_told_by_its_number_alone_which_the_log_has_too(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = StringIO()
    log = Logger(namespace="govdir.web", observer=LogPublisher(EventLog(LogOutput(None, stream))))
    monkeypatch.setattr("govdir.web.answering._log", log)

    told = answer(get("/fails?flow=hidden")).body.decode()

    (event,) = re.findall(r"Event number: ([0-9a-f]{8})", told)
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert line["message"] == f"event {event}: GET /fails failed"
    assert "ZeroDivisionError" in line["traceback"]
    assert "hidden" not in stream.getvalue()
    assert "secret" not in told
    assert "ZeroDivisionError" not in told


def test_under_another_host_nothing_is_served_and_nothing_is_set() -> None:
    reply = answer(replace(get("/"), right_host=False, new_visit=True))

    assert reply.status == 421
    assert f"The right address is {SITE}" in reply.body.decode()
    assert reply.cookies == ()


def test_a_page_leaves_a_visit_in_a_browser_that_has_none() -> None:
    (cookie,) = answer(replace(get("/"), new_visit=True)).cookies

    assert (cookie.name, cookie.value, cookie.max_age_seconds) == ("__Host-govdir-visit", VISIT, None)
    assert answer(get("/")).cookies == ()


def test_what_another_site_sends_never_replaces_the_visit_of_the_browser() -> None:
    sent = replace(post("/saml/sso", genuine=False), new_visit=True)

    assert answer(sent).cookies == ()


def test_no_visit_is_left_by_what_is_no_page() -> None:
    assert names(answer(replace(get("/on"), new_visit=True))) == set()
    assert names(answer(replace(get("/data"), new_visit=True))) == set()


def test_a_chosen_language_is_remembered_for_a_year() -> None:
    (cookie,) = answer(replace(get("/"), language_chosen=True)).cookies

    assert (cookie.name, cookie.value, cookie.max_age_seconds) == ("__Host-govdir-lang", "en", 31_536_000)
