"""Folders that daemons under other users can reach; pytest's own belong to whoever runs it."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def open_folder(name: str) -> Iterator[Path]:
    """A folder below /tmp that everybody may enter and read, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=f"govdir-{name}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
