"""Pictures of what Directory Studio shows of a demonstration, for docs/clients: drawn from what the server
answers to Studio's own requests. `python -m interop.ldap.studio_pictures` draws them anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Final

from interop.ldap.java_clients import JavaClient, compiled
from interop.ldap.studio import Entry, Studio
from interop.server import SUFFIX, make_home

FOLDER: Final = Path(__file__).parents[2] / "docs" / "clients" / "apache-directory-studio"
SAMPLE: Final = 40
PERSON: Final = f"uid=nvminh,ou=phongcntt,ou=sotttt,ou=orgs,{SUFFIX}"
_SHOWN_CHILDREN: Final = 3
_ROW, _INDENT, _WIDTH, _TOP = 22, 18, 760, 34
# Times and identities differ from one demonstration to the next; the editor shows them, the picture does not.
_VARYING: Final = frozenset(
    {"entryUUID", "entryCSN", "createTimestamp", "modifyTimestamp", "gdStateSince", "pwdChangedTime"}
)


def draw(studio: Studio) -> Mapping[str, str]:
    """The pictures' SVG by file name; `studio` is connected to a demonstration of `SAMPLE` people."""
    return {"tree.svg": _tree_picture(studio), "entry.svg": _entry_picture(studio)}


def _tree_picture(studio: Studio) -> str:
    """Below the root DSE stands every name in it that is an entry, the naming context first."""
    root = studio.root_dse()
    named = {str(value) for values in root.attributes.values() for value in values if "=" in str(value)}
    rows = [_tree_row(0, "▾", f"Root DSE ({len(named)})"), *_branch(studio, SUFFIX, 1)]
    for dn in sorted(named - {SUFFIX}):
        entry = studio.entry(dn, "hasSubordinates")
        assert entry is not None
        rows.append(_tree_row(1, "•" if entry.leaf else "▸", dn))
    return _window("LDAP Browser: DIT", rows)


def _branch(studio: Studio, dn: str, depth: int) -> Iterator[list[str]]:
    """An opened entry: its children, those on the way to the person opened too, of many only the first."""
    children = studio.children(dn).entries
    name = dn if dn == SUFFIX else dn.partition(",")[0]
    yield _tree_row(depth, "▾", f"{name} ({len(children)})")
    ways = [child for child in children if child.dn == PERSON or PERSON.endswith(f",{child.dn}")]
    shown = list(children) if depth == 1 else [*children[:_SHOWN_CHILDREN], *ways]
    for child in dict.fromkeys(entry.dn for entry in shown):
        entry = next(each for each in children if each.dn == child)
        if not entry.leaf and (entry in ways or depth == 1):
            yield from _branch(studio, child, depth + 1)
        else:
            yield _tree_row(depth + 1, "•" if entry.leaf else "▸", child.partition(",")[0])
    left = len(children) - len({entry.dn for entry in shown})
    if left > 0:
        yield _tree_row(depth + 1, " ", f"… {left} more")


def _tree_row(depth: int, mark: str, text: str) -> list[str]:
    return [_text(12 + depth * _INDENT, mark, "m"), _text(28 + depth * _INDENT, text)]


def _entry_picture(studio: Studio) -> str:
    user, entry = studio.entry(PERSON, "*"), studio.attributes(PERSON)
    assert user is not None
    rows = [[_text(12, "Attribute Description", "h"), _text(250, "Value", "h")]]
    for operational in (False, True):
        names = entry.attributes.keys() - user.attributes.keys() if operational else user.attributes.keys()
        rows += list(_value_rows(entry, sorted(names - _VARYING, key=_editor_order), operational=operational))
    return _window(f"Entry Editor: {PERSON}", rows)


def _editor_order(name: str) -> tuple[bool, str]:
    return name != "objectClass", name.lower()


def _value_rows(entry: Entry, names: list[str], *, operational: bool) -> Iterator[list[str]]:
    style = "o" if operational else ""
    for name in names:
        for value in entry.attributes[name]:
            shown = value if isinstance(value, str) else f"({len(value)} bytes)"
            yield [_text(12, name, style or "n"), _text(250, shown, style)]


def _text(x: int, text: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text x="{x}" y="Y"{kind}>{escape(text)}</text>'


def _window(title: str, rows: list[list[str]]) -> str:
    height = _TOP + len(rows) * _ROW + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        "<style>text{font:13px sans-serif;fill:#222;white-space:pre}.h,.t{font-weight:bold}.m{fill:#777}"
        ".n{fill:#036}.o{font-style:italic;fill:#666}</style>",
        f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="#fff" stroke="#bbb"/>',
        f'<path d="M0 26H{_WIDTH}" stroke="#bbb"/>',
        _text(12, title, "t").replace('y="Y"', 'y="18"', 1),
    ]
    for number, row in enumerate(rows):
        y = str(_TOP + number * _ROW + 14)
        lines += [text.replace('y="Y"', f'y="{y}"', 1) for text in row]
    return "\n".join((*lines, "</svg>", ""))


def main() -> None:
    """Writes the pictures, from a demonstration of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "java").mkdir()
        server = make_home(folder, sample=SAMPLE)
        server.start()
        client = JavaClient(compiled(folder / "java"), "api", folder / "log")
        try:
            FOLDER.mkdir(exist_ok=True)
            for file, svg in draw(Studio(client, server).open()).items():
                (FOLDER / file).write_text(svg, "utf-8")
        finally:
            client.close()
            server.stop()


if __name__ == "__main__":
    main()
