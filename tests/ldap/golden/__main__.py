"""Writes tests/ldap/golden/diagnostics.txt anew: `python -m tests.ldap.golden`."""

from __future__ import annotations

from tests.ldap.golden.diagnostics import FILE, written

if __name__ == "__main__":
    FILE.write_text(written()[0], "utf-8")
