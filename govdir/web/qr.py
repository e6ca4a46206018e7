"""QR codes as inline SVG, without attributes that the pages' content policy forbids."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_svg(text: str, title: str) -> Markup:
    """A QR code of the text; `title` says what it is to who does not see it."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(border=2, omitsize=True, title=title, svgclass=None, lineclass=None))  # noqa: S704 - segno escapes the title, the rest is its own
