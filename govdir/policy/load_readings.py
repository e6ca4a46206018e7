"""What a pack says about itself: which settings are a reading of the text, and which addresses it must give."""

from __future__ import annotations

import tomllib

from govdir.policy.duties import Reading
from govdir.policy.kinds import MailboxKind
from govdir.policy.model import Example
from govdir.policy.tables import Table, holds
from govdir.policy.texts import Wording


def read_readings(top: Table, text: str) -> tuple[Reading, ...]:
    """The tables [[reading]]; each must name a setting of the pack, whose TOML is `text`."""
    written = tomllib.loads(text)
    readings: list[Reading] = []
    for table in top.tables("reading"):
        setting = table.text("setting")
        if not holds(written, setting):
            raise table.error("setting", f"the pack has no setting {setting!r}")
        if any(setting == earlier.setting for earlier in readings):
            raise table.error("setting", f"a reading of {setting!r} stands above already")
        readings.append(Reading(setting, Wording(table.text("vi"), table.text("en"))))
        table.finish()
    return tuple(readings)


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
