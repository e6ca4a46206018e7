"""Runs a module and counts the password hashes it computes: `python -m bench.counted FILE -m MODULE …`.

Each hash adds one octet to FILE, so its size can be read while the module runs.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable
from typing import Any

from govdir.directory import password_schemes, passwords


def _counted(function: Callable[..., Any], descriptor: int) -> Callable[..., Any]:
    def counting(*arguments: Any, **named: Any) -> Any:
        os.write(descriptor, b".")
        return function(*arguments, **named)

    return counting


def main() -> None:
    """Replaces Argon2id's two functions where govdir uses them, then becomes the module."""
    _, file, _, module, *arguments = sys.argv
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for holder, name in ((password_schemes, "verify_secret"), (passwords, "hash_secret")):
        setattr(holder, name, _counted(getattr(holder, name), descriptor))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
