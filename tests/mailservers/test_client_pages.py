"""Files of configurations that are quoted on the pages for administrators, as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import structs

from govdir.mailservers.configurations import configuration
from govdir.mailservers.programs import PROGRAMS
from tests.mailservers.test_configurations import CITY

PAGES = Path(__file__).parents[2] / "docs" / "clients"
SHOWN = structs.replace(
    CITY,
    urls=("ldap://ldap.cantho.gov.vn:389",),
    dn="cn=postfix,ou=services,dc=cantho,dc=gov,dc=vn",
    password="…",
)
_QUOTED = re.compile(r"<!-- ([\w.-]+) -->\n+```\n(.*?)```\n", re.DOTALL)


@pytest.mark.parametrize(("page", "program"), [("postfix.md", "postfix")])
def test_a_quoted_file_is_what_is_written(page: str, program: str) -> None:
    texts = {file.path.rpartition("/")[2]: file.text for file in configuration(PROGRAMS[program], SHOWN)}
    quoted = _QUOTED.findall((PAGES / page).read_text("utf-8"))
    assert quoted
    assert dict(quoted) == {name: texts[name] for name, _ in quoted}
