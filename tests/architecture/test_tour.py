"""The README shows what really happens."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.architecture.tour import real_tour, written_tour


def test_the_readmes_tour_prints_what_the_readme_says() -> None:
    if shutil.which("ldapsearch") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("ldap-utils is not installed")
        pytest.skip("needs ldapsearch (Debian: ldap-utils)")
    written = written_tour()

    assert real_tour(written) == written
