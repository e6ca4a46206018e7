"""Transactions: each update sees what those before it leave, and all are made or none (RFC 5805 §3.3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from govdir.directory.caller import Role
from govdir.directory.errors import (
    Busy,
    DirectoryError,
    InsufficientAccessRights,
    OldPasswordNeeded,
    UpdateFailed,
)
from govdir.directory.handle import Handle
from govdir.directory.image import Image, Record
from govdir.directory.options import PLAIN_WRITE, WriteOptions, Written
from govdir.directory.writing import Update
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import (
    AddRequest,
    Change,
    DeleteRequest,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
)
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town, attribute, names, open_town

PHONG = f"ou=phong,{SONV}"
AN, BINH = f"uid=an,{SONV}", f"uid=binh,{SONV}"
LIST = f"cn=all,ou=lists,{SUFFIX}"
PASSWORD = "Hoa-sen-trang-927"


def adding(dn: str, **values: str | Sequence[str]) -> AddRequest:
    return AddRequest(dn, tuple(attribute(name, each) for name, each in values.items()))


def unit(dn: str) -> AddRequest:
    return adding(dn, objectClass="organizationalUnit")


def device(dn: str, **values: str) -> AddRequest:
    return adding(dn, objectClass="device", **values)


def person(dn: str, name: str, **values: str) -> AddRequest:
    return adding(dn, objectClass=("inetOrgPerson", "gdPerson", "gdMailbox"), cn=name, **values)


def replacing(dn: str, name: str, *values: str) -> ModifyRequest:
    return ModifyRequest(dn, (Change(ModifyOperation.REPLACE, attribute(name, values)),))


def replace_password(dn: str, old: str, new: str) -> ModifyRequest:
    old_one = Change(ModifyOperation.DELETE, attribute("userPassword", old))
    return ModifyRequest(dn, (old_one, Change(ModifyOperation.ADD, attribute("userPassword", new))))


def moving(dn: str, rdn: str, superior: str | None = None) -> ModifyDnRequest:
    return ModifyDnRequest(dn, rdn, True, superior)


def transact(town: Town, *updates: Update, handle: Handle | None = None) -> list[Written]:
    return town.run((handle or town.local).transact([(update, PLAIN_WRITE) for update in updates]))


def failure_of(town: Town, *updates: Update, handle: Handle | None = None) -> UpdateFailed:
    before = everything(town.directory.image)
    with pytest.raises(UpdateFailed) as failure:
        transact(town, *updates, handle=handle)
    assert everything(town.directory.image) == before
    return failure.value


def everything(image: Image) -> object:
    """All that an image holds, records by identity."""
    assert image.root is not None
    records = {
        record.dn_text: (id(record), record.version, record.rdn, record.body, record.secrets, record.shape)
        for record in image.root.descendants()
    }
    postings = {
        name: {key: posting(held) for key, held in index.table.items()}
        for name, index in image.indexes.items()
    }
    ordered = {
        name: set(index.ordering.at_least(b""))
        for name, index in image.indexes.items()
        if index.ordering is not None
    }
    members = {shape.descriptor: set(map(id, shape.members)) for shape in image.shapes if shape.members}
    return (
        records,
        postings,
        ordered,
        members,
        set(image.retired_addresses),
        image.count,
        image.number,
        dict(image.tentative),
        dict(image.domains.by_alias),
    )


def posting(held: Record | set[Record]) -> frozenset[int]:
    return frozenset(map(id, held)) if isinstance(held, set) else frozenset((id(held),))


def test_an_entry_stands_below_one_that_the_same_transaction_adds(town: Town) -> None:
    number = town.directory.image.number
    written = transact(town, unit(PHONG), person(f"uid=an,{PHONG}", "Lê An"), device(f"cn=d,uid=an,{PHONG}"))
    assert [each.dn for each in written] == [PHONG, f"uid=an,{PHONG}", f"cn=d,uid=an,{PHONG}"]
    assert all(each.performed for each in written)
    assert town.directory.image.number == number + 1
    assert town.values(f"uid=an,{PHONG}", "mail") == ("lan@cantho.gov.vn",)
    assert names(town.local, "(objectClass=device)") == ["d"]


def test_names_and_addresses_are_given_as_if_the_updates_came_one_after_the_other(town: Town) -> None:
    written = transact(
        town, person(f"uid=*,{SONV}", "Nguyễn Văn Minh"), person(f"uid=*,{SONV}", "Nguyễn Văn Minh")
    )
    assert [each.dn for each in written] == [f"uid=nvminh,{SONV}", f"uid=nvanminh,{SONV}"]


def test_an_entry_is_changed_moved_and_deleted_under_the_names_it_has_by_then(town: Town) -> None:
    transact(
        town,
        unit(PHONG),
        device(f"cn=d,{PHONG}"),
        moving(PHONG, "ou=ban", SOTTTT),
        replacing(f"cn=d,ou=ban,{SOTTTT}", "description", "hai"),
        device(f"cn=e,ou=ban,{SOTTTT}"),
        moving(f"cn=e,ou=ban,{SOTTTT}", "cn=f"),
        DeleteRequest(f"cn=f,ou=ban,{SOTTTT}"),
    )
    assert town.values(f"cn=d,ou=ban,{SOTTTT}", "description") == ("hai",)
    assert names(town.local, "(objectClass=device)") == ["d"]


def test_two_entries_swap_their_names(town: Town) -> None:
    town.add(f"cn=a,{SONV}", {"objectClass": "device", "description": "một"})
    town.add(f"cn=b,{SONV}", {"objectClass": "device", "description": "hai"})
    transact(
        town, moving(f"cn=a,{SONV}", "cn=x"), moving(f"cn=b,{SONV}", "cn=a"), moving(f"cn=x,{SONV}", "cn=b")
    )
    assert town.values(f"cn=a,{SONV}", "description") == ("hai",)
    assert town.values(f"cn=b,{SONV}", "description") == ("một",)


def test_an_address_that_one_gives_away_another_takes(town: Town) -> None:
    town.person("an", "Lê An", mailLocalAddress="phu@cantho.gov.vn")
    town.person("binh", "Trần Bình")
    transact(
        town, replacing(AN, "mailLocalAddress"), replacing(BINH, "mailLocalAddress", "phu@cantho.gov.vn")
    )
    assert town.values(BINH, "mailLocalAddress") == ("phu@cantho.gov.vn",)
    assert town.values(AN, "mailLocalAddress") == ()


def test_references_follow_within_the_transaction(town: Town) -> None:
    town.person("an", "Lê An")
    town.person("chi", "Vũ Chi")
    transact(
        town,
        adding(LIST, objectClass="gdMailList", mail="all@cantho.gov.vn", member=(AN, f"uid=chi,{SONV}")),
        moving(AN, "uid=anh"),
        DeleteRequest(f"uid=chi,{SONV}"),
    )
    assert town.values(LIST, "member") == (f"uid=anh,{SONV}",)


def test_a_new_person_comes_with_a_password_and_is_changed_again(town: Town) -> None:
    transact(
        town,
        unit(PHONG),
        person(f"uid=an,{PHONG}", "Lê An", userPassword=PASSWORD),
        replacing(f"uid=an,{PHONG}", "title", "Giám đốc"),
        moving(f"uid=an,{PHONG}", "uid=anh", SONV),
    )
    assert town.values(f"uid=anh,{SONV}", "title") == ("Giám đốc",)
    assert town.bound(f"uid=anh,{SONV}", PASSWORD).stands


def test_a_password_is_changed_that_the_same_transaction_has_set(town: Town) -> None:
    changed = ModifyRequest(
        AN, (Change(ModifyOperation.REPLACE, attribute("userPassword", PASSWORD + "-b")),)
    )
    transact(town, person(AN, "Lê An", userPassword=PASSWORD), changed)
    with pytest.raises(DirectoryError):
        town.bound(AN, PASSWORD)
    assert town.bound(AN, PASSWORD + "-b").stands


def test_a_wrong_old_password_of_somebody_who_is_not_there_yet_counts_for_nobody(town: Town) -> None:
    wrong = replace_password(AN, "nhầm", f"{PASSWORD}-mới")
    for _ in range(12):
        with pytest.raises(UpdateFailed) as failure:
            transact(town, person(AN, "Lê An", userPassword=PASSWORD), wrong, handle=town.admin())
        assert failure.value.number == 1
    right = replace_password(AN, PASSWORD, f"{PASSWORD}-mới")
    transact(town, person(AN, "Lê An", userPassword=PASSWORD), right, handle=town.admin())
    assert town.directory.logins.has_failed(-1) is False
    assert town.bound(AN, f"{PASSWORD}-mới")


def test_ones_own_password_is_changed_with_the_present_one_so_that_nothing_tells_it(town: Town) -> None:
    town.person("an", "Lê An", userPassword=PASSWORD)
    town.replace(AN, "pwdReset")
    own = town.caller(Role.PERSON, AN)
    nothing = DeleteRequest(BINH)
    for guess in (PASSWORD, f"{PASSWORD}-khác"):
        refused = failure_of(town, replacing(AN, "userPassword", guess), nothing, handle=own)
        assert (refused.number, type(refused.error)) == (0, OldPasswordNeeded)
    transact(town, replace_password(AN, PASSWORD, f"{PASSWORD}-mới"), handle=own)
    assert town.bound(AN, f"{PASSWORD}-mới")


def test_a_password_that_comes_with_a_change_that_is_refused_is_not_tried(town: Town) -> None:
    town.person("an", "Lê An", userPassword=PASSWORD)
    town.replace(AN, "pwdReset")
    own = town.caller(Role.PERSON, AN)
    name = Change(ModifyOperation.REPLACE, attribute("cn", "Lê Anh"))
    for old in (PASSWORD, "nhầm"):
        for new in (PASSWORD, f"{PASSWORD}-mới"):
            for changes in (
                replace_password(AN, old, new).changes,
                replacing(AN, "userPassword", new).changes,
            ):
                with pytest.raises(InsufficientAccessRights, match="cn"):
                    town.run(own.modify(ModifyRequest(AN, (*changes, name))))
    record = town.directory.image.find(("ou=orgs", "ou=sonv", "uid=an"))
    assert record is not None
    assert town.directory.logins.has_failed(record.id) is False


def test_a_policy_that_was_only_planned_is_not_in_force(town: Town) -> None:
    policy = town.add(
        f"cn=person,ou=policies,{SUFFIX}",
        {"objectClass": ("device", "pwdPolicy"), "pwdAttribute": "userPassword", "pwdMinLength": "14"},
    )
    town.person("an", "Lê An")
    looser = replacing(policy, "pwdMinLength", "9")
    weak = replacing(AN, "userPassword", "Sen#hồng#9")
    refused = failure_of(town, looser, weak, DeleteRequest(BINH), handle=town.admin())
    assert refused.number == 2
    assert failure_of(town, weak, handle=town.admin()).number == 0


def test_a_password_is_hashed_once_though_the_transaction_is_planned_anew(
    tmp_path: Path, furnished: Path
) -> None:
    path = tmp_path / "town.db"
    with open_town(path, furnished) as town, open_town(path, furnish=False) as other:
        other.add(f"cn=cuoc,{SONV}", {"objectClass": "device"})
        transact(
            town,
            person(AN, "Lê An", userPassword=PASSWORD),
            unit(PHONG),
            replacing(SONV, "description", "mới"),
        )
        hashed = town.slow.done
        other.replace(SONV, "telephoneNumber", "+84 292 111")
        transact(
            town, person(BINH, "Trần Bình", userPassword=PASSWORD), replacing(SONV, "description", "nữa")
        )
        assert town.slow.done == 2 * hashed
        assert town.values(SONV, "telephoneNumber") == ("+84 292 111",)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (unit(PHONG), 68),
        (DeleteRequest(SONV), 66),
        (DeleteRequest(f"cn=nobody,{SONV}"), 32),
        (ModifyRequest(AN, (Change(ModifyOperation.DELETE, attribute("roomNumber", ())),)), 16),
        (person(f"uid=c,{SONV}", "Vũ Chi", mail="lan@cantho.gov.vn"), 19),
        (moving(PHONG, "ou=ban", f"ou=trong,{PHONG}"), 53),
        (adding(f"cn=x,{SONV}", objectClass="device", nonsense="x"), 17),
    ],
)
def test_one_that_cannot_be_made_keeps_all_from_being_made_and_is_named(
    town: Town, last: Update, code: int
) -> None:
    town.person("an", "Lê An")
    town.add(f"cn=giu,{SONV}", {"objectClass": "device"})
    failure = failure_of(
        town,
        unit(PHONG),
        unit(f"ou=trong,{PHONG}"),
        replacing(AN, "title", "Giám đốc"),
        moving(AN, "uid=khac", f"ou=trong,{PHONG}"),
        moving(f"uid=khac,ou=trong,{PHONG}", "uid=an", SONV),
        DeleteRequest(f"cn=giu,{SONV}"),
        last,
        unit(f"ou=sau,{SONV}"),
    )
    assert (failure.number, failure.error.code) == (6, code)


def test_rights_are_those_that_the_updates_before_leave(town: Town) -> None:
    """Whoever is made an operator by the transaction may do an operator's things in it, and no sooner."""
    town.person("an", "Lê An")
    plain = town.caller(Role.PERSON, AN)
    assert failure_of(town, unit(PHONG), handle=plain).error.code == 50
    transact(town, replacing(SONV, "gdItAdmin", AN), handle=town.admin())
    assert failure_of(town, replacing(ADMIN, "description", "x"), handle=plain).number == 0


def test_nothing_at_all_is_a_transaction_too(town: Town) -> None:
    number = town.directory.image.number
    assert transact(town) == []
    assert town.directory.image.number == number


def test_the_trail_has_one_change_with_all_of_them(town: Town) -> None:
    transact(town, unit(PHONG), replacing(PHONG, "description", "mới"))
    kind, dn, detail = changes_of(town)[-1]
    assert (kind, dn) == ("transaction", PHONG)
    assert detail.index("changetype: add") < detail.index("changetype: modify")


def changes_of(town: Town) -> list[tuple[str, str, str]]:
    store = town.directory._store
    with store._database.snapshot() as connection:  # type: ignore[attr-defined]
        cursor = connection.cursor()
        cursor.execute("SELECT kind, dn, detail FROM changes ORDER BY number")
        return list(cursor.fetchall())


def test_what_is_read_before_and_after_is_of_that_very_step(town: Town) -> None:
    read = WriteOptions(pre_read=("description",), post_read=("description", "entryDN"))
    updates: list[tuple[Update, WriteOptions]] = [
        (unit(PHONG), WriteOptions(post_read=("entryDN",))),
        (replacing(PHONG, "description", "một"), read),
        (moving(PHONG, "ou=ban"), read),
        (replacing(f"ou=ban,{SONV}", "description", "hai"), read),
        (DeleteRequest(f"ou=ban,{SONV}"), WriteOptions(pre_read=("description",))),
    ]
    added, first, moved, second, gone = town.run(town.local.transact(updates))
    assert PHONG.encode() in (added.after or b"")
    assert b"description" not in (first.before or b"description")
    assert "một".encode() in (first.after or b"")
    assert b"ou=ban" in (moved.after or b"")
    assert "một".encode() in (second.before or b"")
    assert b"hai" in (gone.before or b"")


def test_an_assertion_is_of_what_the_updates_before_leave(town: Town) -> None:
    asserted = WriteOptions(assertion=parse_filter("(description=một)"))
    town.run(
        town.local.transact(
            [
                (unit(PHONG), PLAIN_WRITE),
                (replacing(PHONG, "description", "một"), PLAIN_WRITE),
                (replacing(PHONG, "description", "hai"), asserted),
            ]
        )
    )
    with pytest.raises(UpdateFailed) as failure:
        town.run(town.local.transact([(DeleteRequest(PHONG), asserted)]))
    assert failure.value.error.code == 122


def test_a_subtree_that_the_transaction_has_filled_is_deleted_by_it(town: Town) -> None:
    town.add(PHONG, {"objectClass": "organizationalUnit"})
    town.person("an", "Lê An", PHONG)
    updates: list[tuple[Update, WriteOptions]] = [
        (device(f"cn=d,uid=an,{PHONG}"), PLAIN_WRITE),
        (DeleteRequest(PHONG), WriteOptions(subtree=True)),
        (unit(PHONG), PLAIN_WRITE),
    ]
    town.run(town.local.transact(updates))
    assert town.exists(PHONG)
    assert not town.exists(f"uid=an,{PHONG}")
    assert names(town.local, "(objectClass=device)") == []


class Meddling:
    """Breathes by letting somebody else commit, as often as there is something."""

    def __init__(self, other: Handle, requests: Iterator[Update]) -> None:
        self._other = other
        self._requests = requests

    async def __call__(self) -> None:
        request = next(self._requests, None)
        if request is not None:
            if isinstance(request, ModifyRequest):
                await self._other.modify(request)
            elif isinstance(request, ModifyDnRequest):
                await self._other.modify_dn(request)


@pytest.fixture
def breathing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdir.directory.transactions.SLICE_SECONDS", 0)


@pytest.mark.usefixtures("breathing")
def test_nobody_sees_any_of_it_before_all_is_made(town: Town) -> None:
    town.person("an", "Lê An")
    seen: list[object] = []

    class Looking:
        async def __call__(self) -> None:
            seen.append(everything(town.directory.image))

    before = everything(town.directory.image)
    town.directory.committer.breathe = Looking()
    transact(
        town, unit(PHONG), moving(AN, "uid=a", PHONG), DeleteRequest(f"uid=a,{PHONG}"), unit(f"ou=x,{PHONG}")
    )
    assert len(seen) == 4
    assert all(each == before for each in seen)


@pytest.mark.usefixtures("breathing")
def test_what_others_change_in_between_is_planned_on_anew(town: Town) -> None:
    town.person("an", "Lê An")
    meddling: Iterator[Update] = iter(
        [replacing(AN, "telephoneNumber", "+84 292 111"), moving(AN, "uid=khac")]
    )
    town.directory.committer.breathe = Meddling(town.local, meddling)
    failure = None
    try:
        transact(town, replacing(AN, "title", "Giám đốc"), unit(PHONG), unit(f"ou=x,{PHONG}"))
    except UpdateFailed as error:
        failure = error
    assert failure is not None
    assert (failure.number, failure.error.code) == (0, 32)
    assert town.values(f"uid=khac,{SONV}", "title") == ()
    assert not town.exists(PHONG)


@pytest.mark.usefixtures("breathing")
def test_whoever_is_always_overtaken_is_told_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("govdir.directory.commit.MAX_LONG_ATTEMPTS", 3)
    town.person("an", "Lê An")
    meddling = (replacing(AN, "description", f"lần {number}") for number in range(10))
    town.directory.committer.breathe = Meddling(town.directory.as_caller(town.local.caller), meddling)
    with pytest.raises(Busy):
        transact(town, replacing(AN, "title", "Giám đốc"), unit(PHONG))
    assert not town.exists(PHONG)


def test_of_two_that_cross_one_wins_and_the_other_is_refused_by_the_rule(
    tmp_path: Path, furnished: Path
) -> None:
    path = tmp_path / "town.db"
    with open_town(path, furnished) as one, open_town(path, furnish=False) as other:
        first = [(device(f"cn=x,{SONV}"), PLAIN_WRITE), (device(f"cn=y,{SONV}"), PLAIN_WRITE)]
        transact(other, device(f"cn=y,{SONV}"), device(f"cn=z,{SONV}"))
        with pytest.raises(UpdateFailed) as failure:
            one.run(one.local.transact(first))
        assert (failure.value.number, failure.value.error.code) == (1, 68)
        assert not one.exists(f"cn=x,{SONV}")
        assert names(other.local, "(objectClass=device)") == ["y", "z"]


def test_another_process_takes_it_in_whole_though_portions_are_small(
    tmp_path: Path, furnished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("govdir.storage.store.PAGE_ENTRIES", 1)
    path = tmp_path / "town.db"
    with open_town(path, furnished) as one, open_town(path, furnish=False) as other:
        one.add(f"cn=a,{SONV}", {"objectClass": "device"})
        transact(one, replacing(f"cn=a,{SONV}", "description", "hai"), device(f"cn=b,{SONV}"))
        taken: list[list[str]] = []
        other.directory.image.watchers.append(lambda record: taken.append([record.rdn_key]))
        states: list[bool] = []
        original = other.directory.committer._store.changes_after

        def looking(number: int) -> Deferred[object]:
            a, b = other.exists(f"cn=a,{SONV}"), other.exists(f"cn=b,{SONV}")
            states.append(a == b)
            return original(number)  # type: ignore[return-value]

        monkeypatch.setattr(other.directory.committer._store, "changes_after", looking)
        other.run(other.directory.catch_up())
        assert len(states) > 2
        assert all(states)
        assert other.values(f"cn=a,{SONV}", "description") == ("hai",)


steps = st.lists(
    st.one_of(
        st.builds(
            lambda n, p: device(f"cn=d{n},{p}"), st.integers(0, 3), st.sampled_from([SONV, PHONG, SOTTTT])
        ),
        st.builds(lambda p: unit(f"ou=phong,{p}"), st.sampled_from([SONV, SOTTTT])),
        st.builds(
            lambda n, p, v: replacing(f"cn=d{n},{p}", "description", v),
            st.integers(0, 3),
            st.sampled_from([SONV, PHONG]),
            st.sampled_from(["một", "hai"]),
        ),
        st.builds(
            lambda n, m, p: moving(f"cn=d{n},{SONV}", f"cn=d{m}", p),
            st.integers(0, 3),
            st.integers(0, 3),
            st.sampled_from([None, SOTTTT, PHONG]),
        ),
        st.just(moving(PHONG, "ou=ban", SOTTTT)),
        st.just(DeleteRequest(PHONG)),
        st.builds(
            lambda n, p: DeleteRequest(f"cn=d{n},{p}"), st.integers(0, 3), st.sampled_from([SONV, PHONG])
        ),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(updates=steps)
def test_a_transaction_leaves_what_its_updates_would_leave_or_nothing_at_all(
    updates: list[Update], furnished: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("twins")
    with open_town(folder / "a.db", furnished) as one, open_town(folder / "b.db", furnished) as single:
        before = everything(one.directory.image)
        failed_at = None
        for number, update in enumerate(updates):
            try:
                single.run(single.local.transact([(update, PLAIN_WRITE)]))
            except UpdateFailed as error:
                failed_at = number, error.error.code, error.error.diagnostic
                break
        failure = None
        try:
            transact(one, *updates)
        except UpdateFailed as error:
            failure = error.number, error.error.code, error.error.diagnostic
        assert failure == failed_at
        assert everything(one.directory.image) == before if failure else contents(one) == contents(single)


def contents(town: Town) -> dict[str, set[bytes]]:
    root = town.directory.image.root
    assert root is not None
    return {
        record.dn_text: {*record.values("description"), *record.values("cn")} for record in root.descendants()
    }
