"""A process that commits without end and prints the number of each change once it is acknowledged."""

from __future__ import annotations

import sys

from govdir.storage.engine import open_database
from govdir.storage.store import SqlStore
from tests.storage.loop import Loop, SameThread
from tests.storage.units_of_work import add_person, insert, unit

loop = Loop()
store = SqlStore(open_database(sys.argv[1]), loop.deliver, SameThread())
store.start()
if not store.last_number():
    loop.result(store.commit(unit(insert(None, "vn"))))


def acknowledge_and_go_on(committed: object) -> None:
    sys.stdout.write(f"{committed.number}\n")  # type: ignore[attr-defined]
    sys.stdout.flush()
    submit()


def submit() -> None:
    global serial  # noqa: PLW0603 - a script of one loop
    serial += 1
    store.commit(add_person(1, f"p{serial}")).addCallback(acknowledge_and_go_on)


serial = store.last_number()
for _ in range(8):
    submit()
while True:
    loop.run_once()
