"""Changes on a condition, with the entry before and after, leniently, or only tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from govdir.directory.access import AccessRules
from govdir.directory.caller import Role
from govdir.directory.errors import (
    AssertionFailed,
    ConstraintViolation,
    DirectoryError,
    EntryAlreadyExists,
    InvalidCredentials,
    NoSuchObject,
    Unavailable,
    UnwillingToPerform,
)
from govdir.directory.handle import Handle
from govdir.directory.options import WriteOptions, Written
from govdir.directory.ports import Committed, WriteUnit
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.decode import decode_message
from govdir.ldap.codec.encode import search_entry
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import (
    AddRequest,
    Change,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    SearchResultEntry,
)
from govdir.storage.store import SqlStore
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town, attribute, open_town
from tests.directory.test_commit import fragile

ADD, DELETE, REPLACE = ModifyOperation.ADD, ModifyOperation.DELETE, ModifyOperation.REPLACE
AN = f"uid=an,{SONV}"
PERSON = ("inetOrgPerson", "gdPerson", "gdMailbox")
ALL = ("*", "+")


@pytest.fixture
def town(town: Town) -> Town:
    town.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "title": "x"})
    return town


@pytest.fixture
def pair(tmp_path: Path, furnished: Path) -> Iterator[tuple[Town, Town]]:
    """Two processes' directories on one database."""
    path = tmp_path / "town.db"
    with open_town(path, furnished) as one, open_town(path, furnish=False) as other:
        yield one, other


def change(
    town: Town,
    operation: ModifyOperation,
    name: str,
    *values: str,
    dn: str = AN,
    handle: Handle | None = None,
    **options: object,
) -> Written:
    request = ModifyRequest(dn, (Change(operation, attribute(name, values)),))
    return town.run((handle or town.admin()).modify(request, WriteOptions(**options)))  # type: ignore[arg-type]


def add(town: Town, dn: str, values: dict[str, str | Sequence[str]], **options: object) -> Written:
    request = AddRequest(dn, tuple(attribute(name, value) for name, value in values.items()))
    return town.run(town.admin().add(request, WriteOptions(**options)))  # type: ignore[arg-type]


def rename(town: Town, dn: str, rdn: str, superior: str | None = None, **options: object) -> Written:
    request = ModifyDnRequest(dn, rdn, True, superior)
    return town.run(town.admin().modify_dn(request, WriteOptions(**options)))  # type: ignore[arg-type]


def read(content: bytes | None) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The name and the attributes of an entry that came with a response."""
    assert content is not None
    entry = decode_message(search_entry(1, content)).operation
    assert isinstance(entry, SearchResultEntry)
    return entry.object_name, {
        each.type: tuple(value.decode("utf-8", "replace") for value in each.values)
        for each in entry.attributes
    }


def number(town: Town) -> int:
    """The number of the newest change."""
    return town.directory.image.number


class TestAssertions:
    def test_a_change_is_made_where_it_holds_and_nowhere_else(self, town: Town) -> None:
        change(town, REPLACE, "title", "y", assertion=parse_filter("(title=x)"))
        before = number(town)

        with pytest.raises(AssertionFailed):
            change(town, REPLACE, "title", "z", assertion=parse_filter("(title=x)"))
        with pytest.raises(AssertionFailed):
            rename(town, AN, "uid=binh", assertion=parse_filter("(title=x)"))
        with pytest.raises(AssertionFailed):
            town.run(town.admin().delete(AN, WriteOptions(assertion=parse_filter("(title=x)"))))
        assert (number(town), town.values(AN, "title")) == (before, ("y",))

        rename(town, AN, "uid=binh", assertion=parse_filter("(title=y)"))
        town.run(town.admin().delete(f"uid=binh,{SONV}", WriteOptions(assertion=parse_filter("(uid=binh)"))))
        assert not town.exists(f"uid=binh,{SONV}")

    def test_of_a_new_entry_it_is_asserted_what_it_will_be(self, town: Town) -> None:
        values = {"objectClass": PERSON, "cn": "Lê Thị Bình"}
        with pytest.raises(AssertionFailed):
            add(town, f"uid=*,{SONV}", values, assertion=parse_filter("(uid=binhlt)"))
        written = add(town, f"uid=*,{SONV}", values, assertion=parse_filter("(uid=ltbinh)"))
        assert written.dn == f"uid=ltbinh,{SONV}"

    def test_a_name_that_is_taken_or_not_there_is_told_before_what_is_asserted(self, town: Town) -> None:
        with pytest.raises(EntryAlreadyExists):
            add(
                town,
                AN,
                {"objectClass": "inetOrgPerson", "cn": "a", "sn": "a"},
                assertion=parse_filter("(|)"),
            )
        with pytest.raises(NoSuchObject):
            change(town, REPLACE, "title", "y", dn=f"uid=x,{SONV}", assertion=parse_filter("(|)"))

    def test_it_is_judged_on_the_state_that_is_changed_not_on_an_earlier_one(
        self, pair: tuple[Town, Town]
    ) -> None:
        one, other = pair
        one.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "title": "x"})
        other.run(other.directory.catch_up())

        change(one, REPLACE, "title", "y", assertion=parse_filter("(title=x)"))
        with pytest.raises(AssertionFailed):  # the other process has not heard of it yet
            change(other, REPLACE, "title", "z", assertion=parse_filter("(title=x)"))
        assert other.values(AN, "title") == ("y",)

    def test_a_counter_with_test_and_set_loses_no_step(self, pair: tuple[Town, Town]) -> None:
        pair[0].add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "employeeNumber": "0"})
        for _ in range(10):
            for town in pair:
                held = int(town.values(AN, "employeeNumber")[0]) if town.exists(AN) else 0
                while True:
                    try:
                        asserted = parse_filter(f"(employeeNumber={held})")
                        change(town, REPLACE, "employeeNumber", str(held + 1), assertion=asserted)
                        break
                    except (AssertionFailed, NoSuchObject):
                        town.run(town.directory.catch_up())
                        held = int(town.values(AN, "employeeNumber")[0])
        assert pair[1].values(AN, "employeeNumber") == ("20",)

    def test_where_it_fails_no_old_password_is_tried(self, town: Town) -> None:
        town.run(town.admin().change_password(AN, None, b"Hoa-sen-trang-927"))
        own = town.bound(AN, "Hoa-sen-trang-927")
        wrong = ModifyRequest(
            AN,
            (
                Change(DELETE, attribute("userPassword", "nonsense")),
                Change(ADD, attribute("userPassword", "Hoa-cuc-vang-318")),
            ),
        )
        work = town.slow.done
        with pytest.raises(AssertionFailed):
            town.run(own.modify(wrong, WriteOptions(assertion=parse_filter("(uid=binh)"))))
        assert town.slow.done == work
        with pytest.raises(InvalidCredentials):
            town.run(own.modify(wrong, WriteOptions(assertion=parse_filter("(uid=an)"))))


class TestEntriesReadAlong:
    def test_a_modify_brings_the_entry_before_and_after(self, town: Town) -> None:
        written = change(town, REPLACE, "title", "y", pre_read=("title", "uid"), post_read=("title", "1.1"))

        assert read(written.before) == (AN, {"title": ("x",), "uid": ("an",)})
        assert read(written.after) == (AN, {"title": ("y",)})

    def test_nothing_comes_that_was_not_asked_for(self, town: Town) -> None:
        written = change(town, REPLACE, "title", "y")
        assert (written.before, written.after) == (None, None)

    def test_an_add_tells_the_name_the_address_and_the_uuid_it_was_given(self, town: Town) -> None:
        written = add(
            town, f"uid=*,{SONV}", {"objectClass": PERSON, "cn": "Lê Thị Bình"}, post_read=ALL, pre_read=()
        )

        dn, values = read(written.after)
        assert dn == written.dn == f"uid=ltbinh,{SONV}"
        assert values["uid"] == ("ltbinh",)
        assert values["mail"] == town.values(dn, "mail")
        assert values["entryUUID"] == town.values(dn, "entryUUID")
        assert values["creatorsName"] == (ADMIN,)
        assert values["entryDN"] == (dn,)
        assert values["hasSubordinates"] == ("FALSE",)
        assert "userPassword" not in values
        assert written.before is None

    def test_a_rename_brings_both_names(self, town: Town) -> None:
        town.add(
            f"cn=nhom,ou=lists,{SUFFIX}",
            {"objectClass": "gdMailList", "mail": "n@cantho.gov.vn", "member": AN},
        )
        names = ("uid", "entryDN", "memberOf")
        written = rename(town, AN, "uid=binh", SOTTTT, pre_read=names, post_read=names)

        new, group = f"uid=binh,{SOTTTT}", f"cn=nhom,ou=lists,{SUFFIX}"
        assert written.dn == new
        assert read(written.before) == (AN, {"uid": ("an",), "entryDN": (AN,), "memberOf": (group,)})
        assert read(written.after) == (new, {"uid": ("binh",), "entryDN": (new,), "memberOf": (group,)})

    def test_a_delete_brings_what_was(self, town: Town) -> None:
        written = town.run(town.admin().delete(AN, WriteOptions(pre_read=("@inetOrgPerson",), post_read=ALL)))

        dn, values = read(written.before)
        assert (dn, values["title"], "entryUUID" in values) == (AN, ("x",), False)
        assert written.dn == AN
        assert written.after is None

    def test_a_body_with_people_in_it_is_told_with_their_number(self, town: Town) -> None:
        written = change(
            town,
            REPLACE,
            "description",
            "y",
            dn=SONV,
            pre_read=("numSubordinates",),
            post_read=("numSubordinates",),
        )
        assert read(written.before)[1] == read(written.after)[1] == {"numSubordinates": ("1",)}

    def test_only_what_the_caller_may_read_is_in_it(self, town: Town) -> None:
        dn = town.person("*", "Lê Thị Bình", employeeNumber="7")
        town.run(town.admin().change_password(dn, None, b"Hoa-sen-trang-927"))
        own = town.bound(dn, "Hoa-sen-trang-927")
        request = ModifyRequest(dn, (Change(REPLACE, attribute("userPassword", "Hoa-cuc-vang-318")),))
        town.run(own.modify(request))

        written = change(
            town,
            REPLACE,
            "telephoneNumber",
            "1",
            dn=dn,
            handle=own,
            pre_read=(*ALL, "userPassword"),
            post_read=ALL,
        )
        _, before = read(written.before)
        _, after = read(written.after)
        assert not {"userPassword", "pwdHistory"} & {*before, *after}
        assert after["telephoneNumber"] == ("1",)
        readable = {each.type for each in own.read(dn).as_messages()}
        assert {name for name in after if name in readable or name == "mail"} <= readable

    def test_it_is_the_changes_own_state_though_another_writer_comes_right_behind(
        self, tmp_path: Path, furnished: Path
    ) -> None:
        path = tmp_path / "town.db"
        with (
            open_town(path, furnished) as other,
            open_town(path, store_in_use=overtaken, furnish=False) as town,
        ):
            other.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "title": "x"})
            town.run(town.directory.catch_up())
            store = town.directory._store
            assert isinstance(store, Overtaken)

            def right_behind() -> None:
                other.run(other.directory.catch_up())
                other.replace(AN, "title", "z")
                town.run(town.directory.catch_up())

            store.behind = right_behind
            written = change(town, REPLACE, "title", "y", pre_read=("title",), post_read=("title",))

            assert read(written.before)[1] == {"title": ("x",)}
            assert read(written.after)[1] == {"title": ("y",)}
            assert town.values(AN, "title") == ("z",)

    def test_where_the_change_is_planned_again_it_is_the_last_plans_before(
        self, pair: tuple[Town, Town]
    ) -> None:
        one, other = pair
        one.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "title": "x"})
        other.run(other.directory.catch_up())
        one.replace(AN, "title", "y")

        written = change(other, ADD, "title", "z", pre_read=("title",), post_read=("title",))
        assert read(written.before)[1] == {"title": ("y",)}
        assert read(written.after)[1] == {"title": ("y", "z")}


class Overtaken(SqlStore):
    """A store on which somebody else has written again before its answer arrives."""

    behind = staticmethod(lambda: None)

    def commit(self, unit: WriteUnit) -> Deferred[Committed]:
        def follow(committed: Committed) -> Committed:
            act, self.behind = self.behind, lambda: None
            act()
            return committed

        return super().commit(unit).addCallback(follow)


def overtaken(store: SqlStore) -> Overtaken:
    store.__class__ = Overtaken
    assert isinstance(store, Overtaken)
    return store


class TestPermissive:
    def test_what_is_there_is_added_and_what_is_not_is_deleted(self, town: Town) -> None:
        change(town, ADD, "title", "X", permissive=True)
        change(town, DELETE, "title", "nobody", permissive=True)
        change(town, DELETE, "description", permissive=True)
        assert town.values(AN, "title") == ("x",)

    def test_without_it_the_same_is_refused(self, town: Town) -> None:
        for operation, name, code in ((ADD, "title", 20), (DELETE, "description", 16)):
            with pytest.raises(DirectoryError) as refusal:
                change(town, operation, name, "x")
            assert refusal.value.code == code

    def test_an_address_of_somebody_else_stays_refused(self, town: Town) -> None:
        dn = town.person("*", "Lê Thị Bình")
        with pytest.raises(ConstraintViolation):
            change(town, ADD, "mail", *town.values(dn, "mail"), permissive=True)


class TestNoOp:
    def test_nothing_is_changed_and_the_answer_tells_what_would_have_been(self, town: Town) -> None:
        before, changes = town.local.read(AN).as_messages(), number(town)

        written = change(town, REPLACE, "title", "y", no_op=True, pre_read=("title",), post_read=("title",))
        assert (written.performed, written.dn) == (False, AN)
        assert read(written.before)[1] == {"title": ("x",)}
        assert read(written.after)[1] == {"title": ("y",)}

        values = {"objectClass": PERSON, "cn": "Lê Thị Bình"}
        written = add(town, f"uid=*,{SONV}", values, no_op=True, post_read=("mail",))
        assert (written.performed, written.dn) == (False, f"uid=ltbinh,{SONV}")
        assert read(written.after)[0] == written.dn

        written = rename(town, AN, "uid=chau", SOTTTT, no_op=True, post_read=("uid",))
        assert (written.performed, written.dn) == (False, f"uid=chau,{SOTTTT}")
        assert read(written.after) == (written.dn, {"uid": ("chau",)})

        written = town.run(town.admin().delete(AN, WriteOptions(no_op=True)))
        assert (written.performed, written.dn) == (False, AN)

        assert (town.local.read(AN).as_messages(), number(town)) == (before, changes)
        assert not town.exists(f"uid=ltbinh,{SONV}")

    def test_what_would_be_refused_is(self, town: Town) -> None:
        dn, nobody = town.person("*", "Lê Thị Bình"), town.caller(Role.ANONYMOUS)
        for attempt, code in (
            (lambda: change(town, REPLACE, "title", "", no_op=True), 21),
            (lambda: change(town, DELETE, "sn", no_op=True), 65),
            (lambda: change(town, ADD, "mail", *town.values(dn, "mail"), no_op=True), 19),
            (lambda: change(town, REPLACE, "title", "y", no_op=True, assertion=parse_filter("(|)")), 122),
            (lambda: add(town, AN, {"objectClass": "inetOrgPerson", "cn": "a", "sn": "a"}, no_op=True), 68),
            (lambda: rename(town, AN, dn.split(",")[0], no_op=True), 68),
            (lambda: town.run(town.admin().delete(SONV, WriteOptions(no_op=True))), 66),
            (lambda: change(town, REPLACE, "entryUUID", "y", no_op=True), 19),
            (lambda: change(town, REPLACE, "title", "y", no_op=True, handle=nobody), 32),
        ):
            with pytest.raises(DirectoryError) as refusal:
                attempt()
            assert refusal.value.code == code

    def test_it_knows_what_other_processes_have_committed(self, pair: tuple[Town, Town]) -> None:
        one, other = pair
        dn = one.person("an", "Lê An")
        values = {"objectClass": "inetOrgPerson", "cn": "B", "sn": "B", "mail": one.values(dn, "mail")}
        with pytest.raises(ConstraintViolation):
            add(other, f"uid=b,{SONV}", values, no_op=True)

    def test_a_database_that_is_away_is_told(self, tmp_path: Path, furnished: Path) -> None:
        with open_town(tmp_path / "town.db", furnished, store_in_use=fragile) as town:
            town.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An"})
            town.directory._store.reads_fail = True  # type: ignore[attr-defined]
            with pytest.raises(Unavailable):
                change(town, REPLACE, "title", "y", no_op=True)

    def test_a_new_password_is_held_to_the_rules_and_not_set(self, town: Town) -> None:
        with pytest.raises(ConstraintViolation):
            change(town, REPLACE, "userPassword", "x", no_op=True)
        values = {"objectClass": PERSON, "cn": "Lê Bình", "userPassword": "x"}
        with pytest.raises(ConstraintViolation):
            add(town, f"uid=*,{SONV}", values, no_op=True)
        assert not change(town, REPLACE, "userPassword", "Hoa-sen-trang-927", no_op=True).performed
        with pytest.raises(InvalidCredentials):
            town.bound(AN, "Hoa-sen-trang-927")

    def test_nobody_finds_out_a_password_by_it(self, town: Town) -> None:
        """Neither the old one, nor the present or an earlier one by its being refused as used before."""
        dn = town.person("*", "Lê Thị Bình")
        town.run(town.admin().change_password(dn, None, b"Hoa-sen-trang-927"))
        own = town.bound(dn, "Hoa-sen-trang-927")
        for old in ("Hoa-sen-trang-927", "nonsense"):
            changes = (
                Change(DELETE, attribute("userPassword", old)),
                Change(ADD, attribute("userPassword", "Hoa-cuc-vang-318")),
            )
            with pytest.raises(UnwillingToPerform, match="no-op"):
                town.run(own.modify(ModifyRequest(dn, changes), WriteOptions(no_op=True)))
        for guess in ("Hoa-sen-trang-927", "Hoa-cuc-vang-318"):
            tried = change(town, REPLACE, "userPassword", guess, dn=dn, handle=own, no_op=True, post_read=ALL)
            assert not tried.performed
        town.bound(dn, "Hoa-sen-trang-927")


def test_the_store_sees_nothing_of_a_no_op_and_of_a_permissive_change_what_was_needed(
    tmp_path: Path, furnished: Path
) -> None:
    with open_town(tmp_path / "town.db", furnished, store_in_use=noting) as town:
        town.add(AN, {"objectClass": "inetOrgPerson", "cn": "An", "sn": "An", "title": "x"})
        store = town.directory._store
        assert isinstance(store, Noting)
        store.seen.clear()

        change(town, REPLACE, "title", "y", no_op=True)
        assert store.seen == []
        both = (Change(ADD, attribute("title", ("X", "y"))), Change(DELETE, attribute("description", ())))
        town.run(town.admin().modify(ModifyRequest(AN, both), WriteOptions(permissive=True)))
        (unit,) = store.seen
        assert unit.change.detail == f"dn: {AN}\nchangetype: modify\nadd: title\ntitle: y\n-\n\n"


class Noting(SqlStore):
    """A store that remembers what it was given."""

    seen: list[WriteUnit]

    def commit(self, unit: WriteUnit) -> Deferred[Committed]:
        self.seen.append(unit)
        return super().commit(unit)


def noting(store: SqlStore) -> Noting:
    store.__class__ = Noting
    assert isinstance(store, Noting)
    store.seen = []
    return store


OUT_OF_SIGHT = """
[[rule]]
name = "devices of bodies are seen and moved"
who = "person"
under = "ou=orgs"
classes = ["device"]
read = ["cn"]
rights = ["rename"]

[[rule]]
name = "where devices are put is seen, what is there is not"
who = "person"
under = "ou=services"
classes = ["organizationalUnit"]
read = ["ou"]
rights = ["add"]
"""


def test_what_a_change_moves_out_of_sight_is_not_read_afterwards(town: Town) -> None:
    device = town.add(f"cn=may,{SONV}", {"objectClass": "device"})
    vocabulary = Vocabulary(town.directory.schema)
    town.directory.access = AccessRules.parse(OUT_OF_SIGHT, vocabulary, publication=False)
    request = ModifyDnRequest(device, "cn=may", True, f"ou=services,{SUFFIX}")

    moved = town.run(
        town.caller(Role.PERSON, AN).modify_dn(request, WriteOptions(pre_read=ALL, post_read=ALL))
    )

    assert read(moved.before) == (device, {"cn": ("may",)})
    assert moved.after is None
