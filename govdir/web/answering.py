"""The site without its connections: a request in, a reply out, whatever happens on the way."""

from __future__ import annotations

from secrets import token_hex
from urllib.parse import urlsplit

import msgspec
from twisted.logger import Logger

from govdir.directory.errors import Busy, Unavailable
from govdir.directory.ports import StoreUnavailable
from govdir.sso.saml.locations import is_this_machine
from govdir.web import texts
from govdir.web.asked import Asked
from govdir.web.cookies import LANGUAGE_COOKIE, VISIT_COOKIE, YEAR_SECONDS, Cookie
from govdir.web.headers import security_headers
from govdir.web.pages import Pages
from govdir.web.reply import HTML, Reply
from govdir.web.router import Router
from govdir.web.trouble import Trouble

RETRY_SECONDS = 5

_log = Logger(namespace="govdir.web")


class Answering:
    """Answers every request to the site at `url`; nothing that handlers raise gets past it."""

    def __init__(self, url: str, router: Router, pages: Pages) -> None:
        self._url = url
        self._router = router
        self._pages = pages
        # Browsers must not remember for localhost that it is only to be had over TLS: others live there too.
        self._transport_security = not is_this_machine(urlsplit(url).hostname or "")

    async def reply(self, asked: Asked) -> Reply:
        """With all headers but those of HTTP itself."""
        try:
            if not asked.right_host:
                raise self._wrong_host()
            reply = await self._router.answer(asked)
        except Trouble as trouble:
            reply = self._told(asked, trouble)
        except (Busy, Unavailable, StoreUnavailable):
            reply = self.busy(asked)
        except Exception:
            reply = self._fault(asked)
        return self._completed(asked, reply)

    def busy(self, asked: Asked) -> Reply:
        """For who should come again a little later."""
        later = ("Retry-After", str(RETRY_SECONDS))
        again = asked.place if asked.method == "GET" else "/"
        trouble = Trouble(503, texts.BUSY_TITLE, texts.BUSY, again=again, headers=(later,))
        return self._completed(asked, self._told(asked, trouble))

    def _fault(self, asked: Asked) -> Reply:
        """The program's own fault: the traceback for the log, a number to find it by for people."""
        event = token_hex(4)
        _log.failure(
            "event {event}: {method} {path} failed", event=event, method=asked.method, path=asked.path
        )
        trouble = Trouble(500, texts.FAULT_TITLE, texts.FAULT)
        return self._told(asked, trouble, event)

    def _wrong_host(self) -> Trouble:
        title = texts.WRONG_HOST_TITLE.filled(url=self._url)
        return Trouble(421, title, texts.WRONG_HOST, again=f"{self._url}/")

    def _told(self, asked: Asked, trouble: Trouble, event: str = "") -> Reply:
        tell = self._router.tells(asked)
        if tell is not None:
            return tell(trouble, event)
        found = self._router.knows(asked.path)
        return self._pages.page(
            asked,
            "trouble.html",
            status=trouble.status,
            headers=trouble.headers,
            here=None if found else "/",
            trouble=trouble,
            event=event,
        )

    def _completed(self, asked: Asked, reply: Reply) -> Reply:
        """With the headers that all have, and the cookies that pages leave."""
        headers = security_headers(
            reply.policy, public=reply.public, transport_security=self._transport_security
        )
        given = {name.lower() for name, _ in reply.headers}
        added = tuple((name, value) for name, value in headers.items() if name.lower() not in given)
        cookies = (*reply.cookies, *_lasting_cookies(asked, reply))
        return msgspec.structs.replace(reply, headers=(*reply.headers, *added), cookies=cookies)


def _lasting_cookies(asked: Asked, reply: Reply) -> tuple[Cookie, ...]:
    """Only a GET that was answered by a page leaves a visit: another site's form brings no cookies, and what
    is set in answer to it would replace the visit that this browser has."""
    cookies: list[Cookie] = []
    if asked.method == "GET" and asked.new_visit and reply.content_type == HTML and asked.right_host:
        cookies.append(Cookie(VISIT_COOKIE, asked.visit))
    if asked.method == "GET" and asked.language_chosen and asked.right_host:
        cookies.append(Cookie(LANGUAGE_COOKIE, asked.language.value, YEAR_SECONDS))
    return tuple(cookies)
