"""Which handler answers, and who may send to it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from govdir.web.asked import Asked
from govdir.web.reply import Reply
from govdir.web.router import Route, Router
from govdir.web.trouble import Trouble
from tests.sso.memory_ports import run
from tests.web.asking_for import get, post


async def page(asked: Asked) -> Reply:
    return Reply(body=asked.method.encode())


async def reads_fields(asked: Asked) -> Reply:
    return Reply(body=asked.query["a"].encode())


ROUTER = Router(
    [
        Route("GET", "/page", page),
        Route("POST", "/page", page),
        Route("POST", "/saml/slo", page, foreign=True),
        Route("GET", "/fields", reads_fields),
    ]
)


def refused(asked: Asked) -> Trouble:
    with pytest.raises(Trouble) as caught:
        run(ROUTER.answer(asked))
    return caught.value


def test_a_page_is_found_by_its_exact_path_and_method() -> None:
    assert run(ROUTER.answer(get("/page"))).body == b"GET"
    assert run(ROUTER.answer(post("/page"))).body == b"POST"


@pytest.mark.parametrize("path", ["/page/", "/Page", "//page", "/", ""])
def test_any_other_path_is_nothing(path: str) -> None:
    assert refused(replace(get(), path=path)).status == 404


def test_a_head_is_answered_like_a_get() -> None:
    assert run(ROUTER.answer(replace(get("/page"), method="HEAD"))).status == 200


def test_options_tell_the_methods() -> None:
    reply = run(ROUTER.answer(replace(get("/page"), method="OPTIONS")))

    assert (reply.status, reply.headers) == (204, (("Allow", "GET, HEAD, OPTIONS, POST"),))


@pytest.mark.parametrize("method", ["PUT", "TRACE", "get", ""])
def test_a_method_that_is_not_there_is_told_those_that_are(method: str) -> None:
    trouble = refused(replace(get("/page"), method=method))

    assert (trouble.status, trouble.headers) == (405, (("Allow", "GET, HEAD, OPTIONS, POST"),))


def test_only_forms_of_our_own_are_taken() -> None:
    trouble = refused(post("/page?flow=1", genuine=False))

    assert (trouble.status, trouble.again) == (403, "/page?flow=1")


def test_a_form_of_our_own_that_another_site_sends_is_refused() -> None:
    assert refused(replace(post("/page"), same_origin=False)).status == 403


def test_other_sites_send_only_where_they_may() -> None:
    asked = replace(post("/saml/slo", genuine=False), same_origin=False)

    assert run(ROUTER.answer(asked)).body == b"POST"


def test_fields_that_cannot_be_read_are_a_bad_request() -> None:
    assert refused(get("/fields?a=1&a=2")).status == 400
    assert refused(replace(post("/page", genuine=False), body=b"%FF=1")).status == 400


def test_two_handlers_of_one_route_are_a_mistake() -> None:
    with pytest.raises(ValueError):
        Router([Route("GET", "/page", page), Route("GET", "/page", page)])
