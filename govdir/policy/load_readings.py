"""The readings of a pack: settings that are our reading of the text and may be set otherwise."""

from __future__ import annotations

import tomllib

from govdir.policy.duties import Reading
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
