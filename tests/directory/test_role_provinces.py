"""What roles may do is the system's, not a regulation's: the same under another province's pack."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.directory.building import Town, open_town
from tests.directory.role_town import populate
from tests.directory.test_role_matrix import OPERATIONS, allowed

# Who, where, what they may do there of: r read, w write, s decide the state, p set the password, a add
# below, d delete, n rename.
SPOTS = (
    ("anonymous", "colleague", ""),
    ("person", "colleague", ""),
    ("person", "body", ""),
    ("agency-admin", "colleague", "adnprsw"),
    ("agency-admin", "stranger", ""),
    ("agency-approver", "colleague", "rs"),
    ("approver", "stranger", "rs"),
    ("approver", "list", ""),
    ("auditor", "policy", "r"),
    ("auditor", "body", "r"),
    ("operator", "container", "aprsw"),
    ("operator", "group", "r"),
    ("administrator", "group", "adnprsw"),
)


LISTS = {"daknong": "internal@daknong.gov.vn", "binhphuoc": "all@binhphuoc.gov.vn"}


@pytest.fixture(scope="module", params=LISTS.items())
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of that province whose changes are planned, and checked, but never made."""
    province, list_mail = request.param
    path = tmp_path_factory.mktemp("roles") / "town.db"
    with open_town(path, province=province) as town:
        populate(town, list_mail)

        async def only_plan(plan: Callable[[], object]) -> None:
            plan()

        town.directory.committer.commit = only_plan  # type: ignore[method-assign]
        yield town


@pytest.mark.parametrize(("who", "place", "letters"), SPOTS)
def test_each_may_do_the_same_under_every_regulation(town: Town, who: str, place: str, letters: str) -> None:
    found = {letter for letter, operation in OPERATIONS.items() if allowed(town, who, place, operation)}

    assert found == set(letters)
