"""What the server writes on entries by itself."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta, timezone

from govdir.directory.operational import change_sequence_number, stamp_change, stamp_new, timestamp
from tests.directory.imaging import attributes, person

MOMENT = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=timezone(timedelta(hours=7)))


def test_times_are_written_in_utc() -> None:
    assert timestamp(MOMENT) == b"20260302080000Z"
    assert change_sequence_number(MOMENT) == b"20260302080000.123456Z#000000#000#000000"


def test_a_new_entry_gets_all_of_them_and_each_is_valid_in_its_syntax() -> None:
    held = attributes(person("an", "An"))
    stamp_new(held, "cn=admin", MOMENT)
    assert held.text("structuralObjectClass") == "inetOrgPerson"
    assert uuid.UUID(held.text("entryUUID") or "").version == 4
    assert held.text("creatorsName") == held.text("modifiersName") == "cn=admin"
    assert held.text("createTimestamp") == held.text("modifyTimestamp") == "20260302080000Z"
    for description, values in held.items():
        description.attribute.syntax.check(values[0])


def test_identity_and_creation_that_are_there_are_kept() -> None:
    kept = {"entryUUID": str(uuid.uuid4()), "creatorsName": "cn=other", "createTimestamp": "20200101000000Z"}
    held = attributes({**person("an", "An"), **kept})
    stamp_new(held, "cn=admin", MOMENT)
    for name, value in kept.items():
        assert held.texts(name) == (value,)


def test_a_change_leaves_who_and_when_and_nothing_else() -> None:
    held = attributes(person("an", "An"))
    stamp_new(held, "cn=admin", MOMENT)
    before = {one.text: values for one, values in held.copy().items()}
    stamp_change(held, "uid=an", MOMENT.astimezone(UTC) + timedelta(seconds=1))
    after = {one.text: values for one, values in held.items()}
    assert {name for name in after if after[name] != before[name]} == {
        "modifiersName",
        "modifyTimestamp",
        "entryCSN",
    }
    assert after["entryCSN"] > before["entryCSN"]
