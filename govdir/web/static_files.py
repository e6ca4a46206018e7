"""Style sheets, scripts and pictures: in memory, under names that change with their content."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Final

from msgspec import Struct

from govdir.web.asked import Asked
from govdir.web.reply import Reply
from govdir.web.router import Route

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# A name never gets another content, so browsers need not ask again.
_FOREVER: Final = ("Cache-Control", "public, max-age=31536000, immutable")


class StaticFile(Struct, frozen=True):
    """One file; `path` is that of its URL."""

    path: str
    body: bytes
    content_type: str

    async def reply(self, asked: Asked) -> Reply:
        """The file."""
        del asked
        return Reply(body=self.body, content_type=self.content_type, headers=(_FOREVER,), public=True)


class StaticFiles:
    """The files of govdir/web/static by name."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._files = {name: _named(name, body) for name, body in contents.items()}

    def path(self, name: str) -> str:
        """The path of a file's URL. Raises KeyError."""
        return self._files[name].path

    def routes(self) -> list[Route]:
        """One for each file."""
        return [Route("GET", each.path, each.reply) for each in self._files.values()]


def load_static_files() -> StaticFiles:
    """Those that come with the program. Blocking."""
    folder = files("govdir.web") / "static"
    found = [each for each in folder.iterdir() if PurePosixPath(each.name).suffix in _TYPES]
    return StaticFiles({each.name: each.read_bytes() for each in found})


def _named(name: str, body: bytes) -> StaticFile:
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    return StaticFile(f"/static/{stem}.{sha256(body).hexdigest()[:16]}{suffix}", body, _TYPES[suffix])
