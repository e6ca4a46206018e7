"""What can be wrong with the files of `key_files`, for commands that tell of it without loading keys.

`key_files` imports what reads and makes keys, which takes a tenth of the time of a short command.
"""

from __future__ import annotations

from pathlib import Path


class UnusableKeyFile(Exception):
    """A signing key's file does not hold an RSA key of 2048 bits or more with its certificate."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class KeysOfAnother(Exception):
    """The directory was served with other files than this home's: that at `path` is another, or `missing`."""

    def __init__(self, path: Path, *, missing: bool) -> None:
        super().__init__(f"{path}: {'missing' if missing else 'another'}")
        self.path = path
        self.missing = missing
