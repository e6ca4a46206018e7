"""The PEM files of TLS, read with errors that name them."""

from __future__ import annotations

from pathlib import Path


class TlsFilesError(Exception):
    """The certificate, key or another file of TLS cannot be used; the text says which file and why."""


def read_file(path: Path) -> bytes:
    """What the file holds; raises TlsFilesError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsFilesError(f"{path}: {error.strerror}") from error
