"""A short name for a browser and its system, for its owner to recognise: "Chrome, Windows"."""

from __future__ import annotations

# More tells nobody anything, and Agent strings are long.
MAX_LENGTH = 60

# In this order: each names itself besides those that it pretends to be.
_BROWSERS = (
    ("Edg", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Zalo", "Zalo"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def agent_name(header: str) -> str:
    """From User-Agent; "" when it says nothing."""
    browser = next((name for mark, name in _BROWSERS if mark in header), "")
    system = next((name for mark, name in _SYSTEMS if mark in header), "")
    known = ", ".join(name for name in (browser, system) if name)
    return known or "".join(filter(str.isprintable, header.partition("/")[0]))[:MAX_LENGTH]
