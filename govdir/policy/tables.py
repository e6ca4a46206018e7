"""Reading TOML tables strictly: every key is asked for once, with its type, and errors name file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final, TypeVar

T = TypeVar("T")

SETTINGS: Final = "govdir.toml"
"""The file whose [pack_settings] go before a pack."""

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-.\"]+)\s*=")
_SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_UNITS: Final = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_SIZE = re.compile(r"^(\d+) (KiB|MiB|GiB)$")


class PackError(Exception):
    """A pack cannot be used: `why`, at `line` (from 1; 0 when the file as a whole is meant) of `path`."""

    def __init__(self, path: str, line: int, why: str) -> None:
        super().__init__(f"{path}:{line}: {why}" if line else f"{path}: {why}")
        self.path = path
        self.line = line
        self.why = why


class Source:
    """The text of a TOML file, to tell on which line a key stands."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._lines: dict[str, int] = {}
        self._set_elsewhere: dict[str, tuple[str, str]] = {}
        self._locate(text)

    def set_elsewhere(self, where: str, file: str, key: str) -> None:
        """The value at `where` comes from `key` of `file`, which errors about it will name."""
        self._set_elsewhere[where] = (file, key)

    def _locate(self, text: str) -> None:
        table = ""
        counts: dict[str, int] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            if header := _TABLE.match(line):
                table = header[2].replace('"', "")
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = f"{table}[{counts[table]}]"
                self._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                name = key[1].replace('"', "")
                self._lines.setdefault(f"{table}.{name}" if table else name, number)

    def error(self, where: str, why: str) -> PackError:
        """The error for the key at `where`, on its line or that of the nearest table around it."""
        for spot, (file, key) in self._set_elsewhere.items():
            brought = spot.startswith(f"{where}.") and where not in self._lines
            if brought or where == spot or where.startswith((f"{spot}.", f"{spot}[")):
                return PackError(file, 0, f"{key}: {why}")
        spot = where
        while spot and spot not in self._lines:
            spot = spot[: max(spot.rfind("."), spot.rfind("["), 0)]
        return PackError(self.path, self._lines.get(spot, 0), f"{where}: {why}" if where else why)


class Table:
    """One table of the file. Ask for its keys, then call `finish`, which refuses what nobody asked for."""

    def __init__(self, source: Source, where: str, content: Mapping[str, object]) -> None:
        self._source = source
        self.where = where
        self._content = content
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def _at(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def error(self, key: str, why: str) -> PackError:
        """An error about the value of `key` ("" = about the table)."""
        return self._source.error(self._at(key) if key else self.where, why)

    def _take(self, key: str, kind: type[T], name: str) -> T:
        self._asked.add(key)
        if key not in self._content:
            raise self.error("", f"lacks the key {key!r} ({name})")
        value = self._content[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"must be {name}, not {type(value).__name__}")
        return value

    def text(self, key: str) -> str:
        """A string."""
        return self._take(key, str, "a string")

    def integer(self, key: str, minimum: int = 0) -> int:
        """A whole number that is at least `minimum`."""
        value = self._take(key, int, "a whole number")
        if value < minimum:
            raise self.error(key, f"must be at least {minimum}")
        return value

    def flag(self, key: str) -> bool:
        """true or false; false when the key is missing."""
        return self._take(key, bool, "true or false") if key in self._content else False

    def day(self, key: str) -> date:
        """A date."""
        return self._take(key, date, "a date")

    def size(self, key: str) -> int:
        """Bytes, written "unlimited" (0) or "5 GiB"."""
        text = self.text(key)
        if text == "unlimited":
            return 0
        match = _SIZE.match(text)
        if match is None or match[1].startswith("0"):
            raise self.error(key, f'must be "unlimited" or a size such as "5 GiB", not {text!r}')
        return int(match[1]) * _UNITS[match[2]]

    def fraction(self, key: str) -> tuple[int, int]:
        """A share, written [part, whole]."""
        found = self._take(key, list, "a share such as [1, 3]")
        match found:
            case [int(part), int(whole)] if 0 < part <= whole and not isinstance(part, bool):
                return part, whole
        raise self.error(key, "must be a share such as [1, 3]")

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty when the key is missing."""
        if key not in self._content:
            self._asked.add(key)
            return ()
        texts: list[str] = []
        for item in self._take(key, list, "a list of strings"):
            if not isinstance(item, str):
                raise self.error(key, f"must hold strings only, not {type(item).__name__}")
            texts.append(item)
        return tuple(texts)

    def table(self, key: str) -> Table:
        """A table within."""
        return Table(self._source, self._at(key), self._take(key, dict, "a table"))

    def table_if_there(self, key: str) -> Table | None:
        """A table within that may be missing."""
        return self.table(key) if key in self._content else None

    def tables(self, key: str) -> tuple[Table, ...]:
        """A list of tables; empty when the key is missing."""
        if key not in self._content:
            self._asked.add(key)
            return ()
        tables: list[Table] = []
        for index, item in enumerate(self._take(key, list, "a list of tables")):
            where = f"{self._at(key)}[{index}]"
            if not isinstance(item, dict):
                raise self._source.error(where, "must be a table")
            tables.append(Table(self._source, where, item))
        return tuple(tables)

    def named_tables(self, key: str) -> dict[str, Table]:
        """The tables within the table `key`, by name."""
        outer = self.table(key)
        return {name: outer.table(name) for name in outer._content}  # noqa: SLF001 (same class)

    def string_map(self, key: str) -> dict[str, str]:
        """A table whose values are all strings."""
        inner = self.table(key)
        return {name: inner.text(name) for name in inner._content}  # noqa: SLF001 (same class)

    def each_parsed(self, key: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        """A list of strings that `parse` understands, without repetition; empty when the key is missing."""
        found: list[T] = []
        for text in self.texts(key):
            try:
                item = parse(text)
            except ValueError as why:
                raise self.error(key, str(why)) from None
            if item in found:
                raise self.error(key, f"{text!r} stands there twice")
            found.append(item)
        return tuple(found)

    def parsed(self, key: str, parse: Callable[[str], T]) -> T:
        """A string that `parse` understands; its ValueError becomes this key's error."""
        text = self.text(key)
        try:
            return parse(text)
        except ValueError as why:
            raise self.error(key, str(why)) from None

    def finish(self) -> None:
        """Refuses keys nobody asked for."""
        for key in self._content:
            if key not in self._asked:
                raise self.error(key, "unknown key")


def read_toml(path: str, text: str, settings: Mapping[str, object] = MappingProxyType({})) -> Table:
    """The top table of a TOML text; raises PackError on a syntax error.

    `settings` are values that go before the text's, by their dotted keys; errors about them name SETTINGS.
    """
    try:
        content: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _SYNTAX_LINE.search(str(error))
        why = _SYNTAX_LINE.sub("", str(error)).strip()
        raise PackError(path, int(line[1]) if line else 0, f"no valid TOML: {why}") from None
    source = Source(path, text)
    placed = [(key, _path(content, key), value) for key, value in _dotted(settings)]
    for key, steps, value in placed:
        _put(content, steps, value)
        source.set_elsewhere(_where(steps), SETTINGS, f'[pack_settings] "{key}"')
    return Table(source, "", content)


def value_at(content: Mapping[str, object], key: str) -> object:
    """The value at the dotted key, which picks among repeated tables as settings do; None: there is none."""
    within: object = content
    for part in key.split("."):
        if isinstance(within, list):
            index = _picked(within, part)
            within = None if index is None else within[index]
        else:
            within = within.get(part) if isinstance(within, Mapping) else None
    return within


def _dotted(settings: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """Values by dotted key; TOML reads the key a.b without quotation marks as tables within tables."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def _path(content: Mapping[str, object], key: str) -> list[str | int]:
    """The steps from the top to a dotted key, which need not exist. Raises PackError.

    Among repeated tables a part of the key picks one by its number from 1, or by its `name` or `local`.
    """
    within: object = content
    steps: list[str | int] = []
    for part in key.split("."):
        if isinstance(within, list):
            index = _picked(within, part)
            if index is None:
                raise _no_such_setting(key, part)
            steps.append(index)
            within = within[index]
        elif isinstance(within, Mapping | None) and part:
            steps.append(part)
            within = within.get(part) if within is not None else None
        else:
            raise _no_such_setting(key, part)
    return steps


def _put(content: dict[str, object], steps: Sequence[str | int], value: object) -> None:
    within: object = content
    for step in steps[:-1]:
        if isinstance(within, list) and isinstance(step, int):
            within = within[step]
        elif isinstance(within, dict):
            within = within.setdefault(step, {})
    last = steps[-1]
    if isinstance(within, list) and isinstance(last, int):
        within[last] = value
    if isinstance(within, dict):
        within[last] = value


def _where(steps: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _picked(tables: list[object], part: str) -> int | None:
    if part.isdecimal():
        return int(part) - 1 if 0 < int(part) <= len(tables) else None
    for index, table in enumerate(tables):
        if isinstance(table, dict) and part in (table.get("name"), table.get("local")):
            return index
    return None


def _no_such_setting(key: str, part: str) -> PackError:
    return PackError(SETTINGS, 0, f'[pack_settings] "{key}": the pack has nothing called {part!r} there')
