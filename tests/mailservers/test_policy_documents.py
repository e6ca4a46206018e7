"""What the pages say of rules and of the mail log is what the program says."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from tests.mailservers.asking import REFUSAL, Asked
from tests.mailservers.test_policy_service import answer

ROOT = Path(__file__).parents[2]
PASSING = {"pass", "shared-owner"}
"""Words for what lets a message pass."""


def words(path: str) -> set[str]:
    """The rules' words in a module: small letters and hyphens, given as such to a verdict or an answer."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, (ast.Call, ast.Return, ast.Assign)):
            held = node.args if isinstance(node, ast.Call) else getattr(node.value, "elts", [])
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else "tuple"
            if called in {"Verdict", "self._refused", "tuple"}:
                found |= {each.value for each in held if isinstance(each, ast.Constant) and each.value}
    return {each for each in found if isinstance(each, str) and re.fullmatch(r"[a-z][a-z-]+", each)}


def test_the_page_tells_every_rule_that_refuses() -> None:
    page = (ROOT / "docs/clients/policy-service.md").read_text("utf-8")
    used = words("govdir/mailattrs/sending.py") | words("govdir/mailservers/policy_service.py")
    assert {"unknown-login", "list-sender", "stale", "fault"} <= used
    assert {each for each in used - PASSING if f"`{each}`" not in page} == set()


def test_the_operations_page_tells_every_key_of_the_mail_log() -> None:
    asked = Asked()
    asked.judge.verdict = REFUSAL
    answer(asked)
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    section = page.partition("**The mail log**")[2].partition("With logrotate")[0]
    told = {
        key for row in re.findall(r"^\| (`[^|]*`) \|", section, re.M) for key in re.findall(r"`(\w+)`", row)
    }
    assert told == json.loads(asked.written[0]).keys()
