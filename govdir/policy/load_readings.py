"""What a pack says about itself: the settings that are readings, and the addresses it must give."""

from __future__ import annotations

import tomllib

from govdir.policy.duties import Reading
from govdir.policy.kinds import MailboxKind
from govdir.policy.model import Example
from govdir.policy.tables import Table, value_at
from govdir.policy.texts import Wording


def read_readings(top: Table, text: str) -> tuple[Reading, ...]:
    """The tables [[reading]]; each must name a setting of the pack, whose TOML is `text`."""
    written = tomllib.loads(text)
    readings: list[Reading] = []
    for table in top.tables("reading"):
        setting = table.text("setting")
        value = value_at(written, setting)
        if value is None:
            raise table.error("setting", f"the pack has no setting {setting!r}")
        if any(setting == earlier.setting for earlier in readings):
            raise table.error("setting", f"a reading of {setting!r} stands above already")
        readings.append(Reading(setting, Wording(table.text("vi"), table.text("en")), _shown(value)))
        table.finish()
    return tuple(readings)


def _shown(value: object) -> str:
    """As TOML writes it; "" for tables."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        items = [_shown(item) for item in value]
        return f"[{', '.join(items)}]" if all(items) else ""
    return str(value) if isinstance(value, int) else ""


def read_examples(tables: tuple[Table, ...]) -> tuple[Example, ...]:
    """The tables [[example]]."""
    examples: list[Example] = []
    for table in tables:
        address = table.text("address")
        if address.count("@") != 1:
            raise table.error("address", f"{address!r} is no address")
        examples.append(
            Example(
                kind=table.parsed("kind", MailboxKind),
                name=table.text("name"),
                parent=table.text("parent") if "parent" in table else None,
                taken=table.texts("taken"),
                address=address,
            )
        )
        table.finish()
    return tuple(examples)
