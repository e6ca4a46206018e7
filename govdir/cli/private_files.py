"""Files and folders that only the server's own user may read."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700


def write_private(path: Path, data: bytes) -> None:
    """A new file, never readable by others, not even for a moment. Raises FileExistsError, OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def replace_private(path: Path, data: bytes) -> None:
    """Puts a whole file in the place of another: readers see the old one or the new one. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write_private(draft, data)
    draft.replace(path)


def make_private_folder(path: Path) -> None:
    """A new folder, with its parents as the umask has it. Raises FileExistsError, OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=PRIVATE_FOLDER)
    path.chmod(PRIVATE_FOLDER)  # mkdir's mode is masked
