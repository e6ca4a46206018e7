"""How settings are declared, read from TOML with errors that name the line, written back and documented.

A section is a frozen dataclass whose fields are settings (`setting`, `required`, `free_table`) or further
sections (`field(default_factory=Section)`); any other field is no setting.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar, cast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


class ConfigError(Exception):
    """The configuration cannot be used; `line` is 0 where none is to blame, `key` is the dotted setting."""

    def __init__(self, file: Path, line: int, key: str, detail: str) -> None:
        super().__init__(f"{file}:{line}: {key}: {detail}" if key else f"{file}:{line}: {detail}")
        self.file = file
        self.line = line
        self.key = key
        self.detail = detail


class ConfigUnreadable(ConfigError):
    """There is no such file, or it may not be read; `detail` is the system's reason."""


class ConfigNotToml(ConfigError):
    """The file is not TOML; `detail` says what the parser met."""


class UnknownSetting(ConfigError):
    """No setting has that name; `detail` lists those allowed there, the most similar first."""


class BadSetting(ConfigError):
    """A value is of the wrong kind; `detail` says what is allowed."""


class MissingSetting(ConfigError):
    """A setting without default is not given; `detail` says what is allowed."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What a setting may hold: `allowed` in words any reader understands, `accept` raising ValueError."""

    allowed: str
    accept: Callable[[object], T]


def _typed(value: object, wanted: type[T]) -> T:
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        raise ValueError(value)
    return value


def matching(pattern: str, allowed: str) -> Kind[str]:
    """A text that the regular expression matches as a whole."""

    def accept(value: object) -> str:
        text = _typed(value, str)
        if re.fullmatch(pattern, text) is None:
            raise ValueError(text)
        return text

    return Kind(allowed, accept)


def one_of(*choices: str) -> Kind[str]:
    """One of these words."""
    return matching("|".join(map(re.escape, choices)), " | ".join(f'"{choice}"' for choice in choices))


def whole(low: int, high: int) -> Kind[int]:
    """A whole number in this range, both ends included."""

    def accept(value: object) -> int:
        number = _typed(value, int)
        if not low <= number <= high:
            raise ValueError(number)
        return number

    return Kind(f"{low} … {high}", accept)


def list_of(parse: Callable[[str], T], allowed: str) -> Kind[tuple[T, ...]]:
    """A list of texts, each read by `parse`, which raises ValueError."""

    def accept(value: object) -> tuple[T, ...]:
        return tuple(parse(_typed(item, str)) for item in _typed(value, list))

    return Kind(allowed, accept)


SWITCH: Kind[bool] = Kind("true | false", lambda value: _typed(value, bool))


def setting(kind: Kind[T], explanation: str, default: T) -> T:
    """Declares a setting with its default."""
    return field(default=default, metadata={"kind": kind, "explanation": explanation})


def required(kind: Kind[T], explanation: str) -> T:
    """Declares a setting without default."""
    return cast("T", field(metadata={"kind": kind, "explanation": explanation}))


def free_table(allowed: str, explanation: str) -> Mapping[str, object]:
    """Declares a table whose names are not known here, empty by default."""
    kind: Kind[dict[str, object]] = Kind(allowed, lambda value: _typed(value, dict))
    metadata = {"kind": kind, "explanation": explanation}
    return cast("Mapping[str, object]", field(default_factory=dict, metadata=metadata))


def _declared(section: type[DataclassInstance]) -> Iterator[dataclasses.Field[object]]:
    """The settings and sections of a section, in order."""
    return (each for each in dataclasses.fields(section) if each.metadata or _nested(each) is not None)


def _nested(declared: dataclasses.Field[object]) -> type[DataclassInstance] | None:
    factory = declared.default_factory
    return factory if isinstance(factory, type) and dataclasses.is_dataclass(factory) else None


def read_settings(section: type[DataclassInstance], text: str, file: Path) -> dict[str, object]:
    """What the TOML `text` of `file` gives for `section`, by field name. Raises ConfigError."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ConfigNotToml(file, int(line[1]) if line else 0, "", str(error)) from None
    return _Reading(file, text).section(section, document, "")


class _Reading:
    """One pass over a parsed document that can still tell on which line a key stands."""

    def __init__(self, file: Path, text: str) -> None:
        self._file = file
        self._lines = text.splitlines()

    def section(
        self, section: type[DataclassInstance], table: Mapping[str, object], prefix: str
    ) -> dict[str, object]:
        """The values given in `table`, by field name."""
        declared = {each.name: each for each in _declared(section)}
        for name in table:
            if name not in declared:
                similar = difflib.get_close_matches(name, declared, n=1)
                known = [*similar, *(each for each in declared if each not in similar)]
                raise UnknownSetting(self._file, self._line(prefix + name), prefix + name, ", ".join(known))
        return {
            name: self._value(each, table[name], prefix + name)
            for name, each in declared.items()
            if name in table or self._refuse_missing(each, prefix + name)
        }

    def _value(self, declared: dataclasses.Field[object], value: object, key: str) -> object:
        nested = _nested(declared)
        if nested is not None:
            if not isinstance(value, dict):
                raise BadSetting(self._file, self._line(key), key, f"[{key}]")
            return nested(**self.section(nested, value, f"{key}."))
        kind: Kind[object] = declared.metadata["kind"]
        try:
            return kind.accept(value)
        except ValueError:
            raise BadSetting(self._file, self._line(key), key, kind.allowed) from None

    def _refuse_missing(self, declared: dataclasses.Field[object], key: str) -> bool:
        if declared.default is dataclasses.MISSING and declared.default_factory is dataclasses.MISSING:
            kind: Kind[object] = declared.metadata["kind"]
            raise MissingSetting(self._file, 0, key, kind.allowed)
        return False

    def _line(self, key: str) -> int:
        """Where `key` is given, as "[a]" and "b =" or "a.b ="; 0 when it is written in a rarer way."""
        current = ""
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
                current = header[1] + "."
                if header[1] == key:
                    return number
            elif (assigned := re.match(r'\s*"?([\w.-]+)"?\s*=', line)) and current + assigned[1] == key:
                return number
        return 0


def render_settings(values: DataclassInstance) -> Iterator[str]:
    """Lines of a TOML text that gives `values`: each setting explained, a default left as a comment."""
    for each in _declared(type(values)):
        value = getattr(values, each.name)
        if _nested(each):
            yield f"\n[{each.name}]"
            yield from render_settings(value)
        elif isinstance(value, dict):
            yield f"\n# {each.metadata['explanation']}\n[{each.name}]"
            yield from (f"{_toml(name)} = {_toml(item)}" for name, item in value.items())
        else:
            yield f"# {each.metadata['explanation']} ({each.metadata['kind'].allowed})"
            yield f"{'# ' if value == each.default else ''}{each.name} = {_toml(value)}"


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case tuple() | list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{ {', '.join(f'{_toml(name)} = {_toml(item)}' for name, item in value.items())} }}"
    escaped = re.sub(r'[\\"\x00-\x1f\x7f]', lambda found: f"\\u{ord(found[0]):04X}", str(value))
    return f'"{escaped}"'


def reference_rows(section: type[DataclassInstance], heading: str) -> Iterator[str]:
    """Markdown: a table for the section and each of those below it."""
    yield from ("", f"## {heading}", "", (section.__doc__ or "").strip(), "")
    yield from ("| setting | default | allowed | |", "|---|---|---|---|")
    for each in _declared(section):
        if _nested(each):
            continue
        required = each.default is dataclasses.MISSING
        free = each.default_factory is not dataclasses.MISSING
        default = "none" if free else "required" if required else f"`{_toml(each.default)}`"
        allowed = each.metadata["kind"].allowed.replace("|", "\\|")
        yield f"| `{each.name}` | {default} | {allowed} | {each.metadata['explanation']} |"
    for each in _declared(section):
        if nested := _nested(each):
            yield from reference_rows(nested, f"[{each.name}]")
