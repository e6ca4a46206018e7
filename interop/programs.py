"""Programs the tests drive; a missing one skips its tests on a laptop and fails them in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

import pytest

SYSTEM_PYTHON: Final = "/usr/bin/python3"  # where Debian's python3-ldap is, not this environment's


def require_program(name: str, package: str) -> str:
    """The path of a program; without it the test is skipped, or fails when `CI=true`."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed (Debian package {package})")
    return str(found)


def require_system_module(module: str, package: str) -> None:
    """The system's Python can import the module; else as `require_program`."""
    if shutil.which(SYSTEM_PYTHON) is None:
        missing(f"{SYSTEM_PYTHON} is not installed (Debian package python3)")
    probe = subprocess.run([SYSTEM_PYTHON, "-c", f"import {module}"], capture_output=True, check=False)
    if probe.returncode:
        missing(f"the system's Python has no module {module} (Debian package {package})")


def missing(what: str) -> None:
    """Skips the test, or fails it when `CI=true`: there, nothing may silently go untested."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)
