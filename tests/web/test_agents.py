"""Names of browsers for their owners."""

from __future__ import annotations

import pytest

from govdir.web.agents import MAX_LENGTH, agent_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (f"{WINDOWS} Chrome/129.0.0.0 Safari/537.36", "Chrome, Windows"),
        (f"{WINDOWS} Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0", "Edge, Windows"),
        (f"{WINDOWS} coc_coc_browser/129.0 Chrome/123.0.0.0 Safari/537.36", "Cốc Cốc, Windows"),
        (f"{IPHONE} Version/17.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        (f"{IPHONE} CriOS/129.0 Mobile/15E148 Safari/604.1", "Chrome, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("curl/8.5.0", "curl"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(header: str, name: str) -> None:
    assert agent_name(header) == name


def test_an_unknown_program_is_named_briefly_and_in_print() -> None:
    assert agent_name("\x1b[2J" + "x" * 500) == "[2J" + "x" * (MAX_LENGTH - 3)
