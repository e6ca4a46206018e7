"""A person at a screen, who looks at every page as somebody without a mouse, or without eyes, would."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from ldap3.core.exceptions import LDAPBindError
from playwright.sync_api import Page, Route

from govdir.cli.demo_accounts import BehindClock
from govdir.cli.local import open_directory
from govdir.config import load_config
from interop.conftest import connect
from interop.saml.browser import Visit
from interop.saml.handmade import Handmade
from interop.saml.people import PASSWORD, Person
from interop.server import Server

SHOTS: Final = "GOVDIR_SHOTS"
"""The environment's name of a folder for a picture of every page that was looked at."""

_LONG_AGO: Final = timedelta(days=400)
_KNOWN_SECONDS: Final = 10.0
_FAULTS: Final = """() => {
  const faults = [];
  const say = (what, element) => faults.push(what + (element ? ": " + element.outerHTML.slice(0, 160) : ""));
  if (!/^(vi|en)$/.test(document.documentElement.lang)) say("no language of the page");
  if (!document.title.trim()) say("no title");
  if (document.querySelectorAll("h1").length !== 1) say("not one h1");
  if (document.querySelectorAll("main").length !== 1) say("not one main");
  const ids = new Map();
  for (const element of document.querySelectorAll("*")) {
    if (element.tabIndex > 0) say("positive tabindex", element);
    if (element.hasAttribute("style") || [...element.attributes].some(a => a.name.startsWith("on")))
      say("style or handler within the markup", element);
    if (element.id && ids.has(element.id)) say("id twice", element);
    ids.set(element.id, element);
    for (const name of ["aria-describedby", "aria-labelledby", "for"])
      for (const id of (element.getAttribute(name) || "").split(/\\s+/).filter(Boolean))
        if (!document.getElementById(id)) say(name + " leads nowhere", element);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!field.labels.length && !field.ariaLabel && field.ariaHidden !== "true") say("no label", field);
  for (const field of document.querySelectorAll("input[type=password]"))
    if (!/password/.test(field.autocomplete)) say("no autocomplete", field);
  for (const control of document.querySelectorAll("button, a[href]"))
    if (!control.textContent.trim() && !control.ariaLabel && !control.querySelector("img[alt]:not([alt=''])"))
      say("no name", control);
  for (const image of document.querySelectorAll("img:not([alt])")) say("no alt", image);
  let level = 1;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4")) {
    if (+heading.tagName[1] > level + 1) say("heading skips a level", heading);
    level = +heading.tagName[1];
  }
  if (document.documentElement.scrollWidth > window.innerWidth) say("wider than its window");
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const channel = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = rgb(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const [one, other] = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (contrast < 4.5) say("contrast " + contrast.toFixed(2), element);
  }
  return faults;
}"""


def looked_at(page: Page, name: str) -> Page:
    """Raises AssertionError for what would keep somebody from using the page (WCAG 2.2, level AA)."""
    page.wait_for_load_state()
    faults = page.evaluate(_FAULTS)
    folder = os.environ.get(SHOTS)
    if folder:
        width = (page.viewport_size or {"width": 0})["width"]
        language = page.evaluate("document.documentElement.lang")
        light = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
        page.screenshot(path=Path(folder) / f"{name}-{language}-{light}-{width}.png", full_page=True)
    assert faults == [], (page.url, faults)
    return page


def type_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fills in the sign-in page and sends it."""
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("main form button").first.click()


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return str(page.evaluate("document.activeElement.id"))


def cookies_of(page: Page, prefix: str) -> dict[str, Any]:
    """The cookies whose names begin so, by name."""
    held = page.context.cookies()
    return {each["name"]: each for each in held if each["name"].startswith(prefix)}


def expired_password(server: Server, person: Person) -> str:
    """A new password for the person, of long ago; known to the server when this returns."""
    with open_directory(load_config(server.home), clock=BehindClock(_LONG_AGO)) as past:
        password = past.set_password(person.dn)
    deadline = time.monotonic() + _KNOWN_SECONDS
    while True:
        try:
            connect(server, person.dn, person.password).unbind()
        except LDAPBindError:
            return password
        assert time.monotonic() < deadline, "the server never learns"
        time.sleep(0.1)


def serve(page: Page, application: Handmade) -> None:
    """Answers for the application's host, whose /login begins a sign-in."""

    def answer(route: Route) -> None:
        request = route.request
        visit = Visit(request.method, request.url, dict(parse_qsl(request.post_data or "")))
        if visit.path == "/login":
            url = f"{application.idp.url}/saml/sso"
            told = application.going(url, application.authn_request(), "SAMLRequest", None)
        else:
            told = application(visit)
        headers = {"content-type": "text/html; charset=utf-8", **told.headers}
        route.fulfill(status=told.status, headers=headers, body=f"<!DOCTYPE html>{told.text}")

    page.context.route(f"{application.host}/**", answer)
