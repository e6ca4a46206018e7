"""Signing in: every refusal is the same, failures lock, success leaves its facts."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from govdir.directory import passwords
from govdir.directory.admission import Bound
from govdir.directory.caller import Role
from govdir.directory.errors import (
    Busy,
    DirectoryError,
    InsufficientAccessRights,
    InvalidCredentials,
    InvalidDn,
    UnwillingToPerform,
)
from govdir.directory.ports import StoreUnavailable
from govdir.directory.secrets import Secrets, pack_secrets, unpack_secrets
from govdir.ldap.codec.messages import ModifyOperation
from govdir.storage import writer
from tests.directory.building import (
    ADMIN,
    ADMIN_PASSWORD,
    SONV,
    SUFFIX,
    Town,
    names,
    open_town,
)

AN = f"uid=an,{SONV}"
FIRST = "Hoa-sen-trang-927"
SECOND = "Song-Hau-chay-mai-38"
LIMIT = 10
T = TypeVar("T")


def ssha(password: str) -> str:
    return "{SSHA}" + b64encode(hashlib.sha1(password.encode() + b"salt").digest() + b"salt").decode()


async def too_late(asked: Coroutine[Any, Any, T]) -> T:
    """The store hangs."""
    asked.close()
    raise StoreUnavailable("no answer yet")


@pytest.fixture
def town(town: Town) -> Town:
    """With one person who signs in with FIRST, stored as a cheap hash."""
    town.person("an", "Lê An", userPassword=ssha(FIRST))
    town.replace(AN, "pwdReset")
    return town


def bind(town: Town, dn: str, password: str, channel: str = "ldap") -> Bound:
    return town.run(town.directory.bind(dn, password.encode(), channel))


def upgrade(town: Town) -> None:
    town.run(town.directory.upgrade_passwords())


def fail_to_bind(town: Town, dn: str = AN, password: str = "wrong", times: int = 1) -> InvalidCredentials:
    for _ in range(times):
        with pytest.raises(InvalidCredentials) as refusal:
            bind(town, dn, password)
    upgrade(town)
    return refusal.value


def stored(town: Town, dn: str = AN) -> bytes:
    record = town.directory.image.find(town.directory.path_of(dn) or ())
    assert record is not None
    return unpack_secrets(record.secrets).password or b""


def test_a_right_password_gives_the_identity(town: Town) -> None:
    bound = bind(town, AN.upper(), FIRST)
    assert (bound.caller.dn, bound.caller.role, bound.caller.must_change) == (AN, Role.PERSON, False)
    assert bound.expires_in_seconds is not None
    assert bound.expires_in_seconds > 80 * 86_400
    assert bind(town, ADMIN, ADMIN_PASSWORD).caller.role is Role.ADMINISTRATOR


def test_a_service_signs_in_as_its_kind(town: Town) -> None:
    dn = f"cn=postfix,ou=services,{SUFFIX}"
    town.add(dn, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": ssha(FIRST)})
    bound = bind(town, dn, FIRST)
    assert (bound.caller.role, bound.caller.service_kind) == (Role.SERVICE, "mail")
    assert bound.expires_in_seconds is None


def test_every_refusal_is_the_same_and_costs_one_hash(town: Town) -> None:
    town.person("none", "Vũ Chi")
    town.person("late", "Trần Bình", userPassword=ssha(FIRST))
    late = f"uid=late,{SONV}"
    town.replace(late, "gdState", "suspended")
    attempts = [
        (AN, "wrong"),
        (f"uid=nobody,{SONV}", FIRST),
        ("cn=elsewhere", FIRST),
        (f"uid=none,{SONV}", FIRST),
        (late, FIRST),
        (late, "wrong"),
    ]
    texts = set()
    for dn, password in attempts:
        before = town.slow.done
        refusal = fail_to_bind(town, dn, password)
        assert town.slow.done == before + 1
        texts.add((str(refusal), refusal.diagnostic, refusal.matched_dn, refusal.code))
    assert texts == {("", "", "", 49)}


def test_names_without_password_and_passwords_without_name_are_refused(town: Town) -> None:
    with pytest.raises(UnwillingToPerform):
        bind(town, AN, "")
    with pytest.raises(InvalidCredentials):
        bind(town, "", "x")
    with pytest.raises(InvalidDn):
        bind(town, "an", "x")
    assert bind(town, "", "").caller.role is Role.ANONYMOUS


def test_the_account_is_locked_after_the_limit_and_not_before(town: Town) -> None:
    fail_to_bind(town, times=LIMIT - 1)
    bind(town, AN, FIRST)
    fail_to_bind(town, times=LIMIT)
    assert town.values(AN, "pwdAccountLockedTime") == ("20260302080000Z",)
    fail_to_bind(town, password=FIRST)


def test_a_lock_ends_by_itself_after_its_time(town: Town) -> None:
    fail_to_bind(town, times=LIMIT)
    town.clock.pass_time(seconds=899)
    fail_to_bind(town, password=FIRST)
    town.clock.pass_time(seconds=1)
    assert bind(town, AN, FIRST).caller.dn == AN


def test_failures_outside_the_window_do_not_count(town: Town) -> None:
    fail_to_bind(town, times=LIMIT - 1)
    town.clock.pass_time(seconds=901)
    fail_to_bind(town)
    bind(town, AN, FIRST)


def test_an_administrator_ends_a_lock_for_good(town: Town) -> None:
    fail_to_bind(town, times=LIMIT)
    town.change(AN, ModifyOperation.DELETE, "pwdAccountLockedTime", handle=town.admin())
    fail_to_bind(town)
    bind(town, AN, FIRST)


def test_a_new_password_ends_lock_and_failures(town: Town) -> None:
    fail_to_bind(town, times=LIMIT)
    town.replace(AN, "userPassword", SECOND, handle=town.admin())
    assert town.values(AN, "pwdAccountLockedTime") == ()
    fail_to_bind(town)
    bind(town, AN, SECOND)


def test_the_lock_outlives_a_restart_and_failures_do_after_a_flush(tmp_path: Path, town: Town) -> None:
    fail_to_bind(town, times=LIMIT - 1)
    town.run(town.directory.flush_logins())
    with open_town(tmp_path / "town.db", furnish=False) as again:
        fail_to_bind(again)
        assert again.values(AN, "pwdAccountLockedTime")
    with open_town(tmp_path / "town.db", furnish=False) as again:
        fail_to_bind(again, password=FIRST)


def test_a_success_clears_failures_and_is_remembered_once_flushed(tmp_path: Path, town: Town) -> None:
    fail_to_bind(town, times=3)
    bind(town, AN, FIRST)
    town.run(town.directory.flush_logins())
    before = town.directory.image.number
    town.run(town.directory.flush_logins())
    assert town.directory.image.number == before
    with open_town(tmp_path / "town.db", furnish=False) as again:
        fail_to_bind(again, times=LIMIT - 1)
        bind(again, AN, FIRST)
        again.delete(AN)
        assert again.directory.image.retired_addresses


@pytest.mark.parametrize("remembered_seconds", [0, 300])
def test_every_success_is_an_access_by_its_channel_and_no_failure_is(
    tmp_path: Path, remembered_seconds: int
) -> None:
    with open_town(tmp_path / "town.db", remembered_seconds=remembered_seconds) as town:
        town.person("an", "Lê An", userPassword=ssha(FIRST))
        town.replace(AN, "pwdReset")
        record = town.directory.image.find(town.directory.path_of(AN) or ())
        assert record is not None

        def bind_by(channel: str, password: str = FIRST) -> None:
            known = town.directory.bind_at_once(AN.encode(), password.encode(), channel)
            if known is None:
                town.run(town.directory.bind(AN, password.encode(), channel))

        began = town.clock.now()
        bind_by("imap")
        town.clock.pass_time(minutes=1)
        bind_by("imap")
        bind_by("smtp")
        with pytest.raises(InvalidCredentials):
            bind_by("pop3", "wrong")
        town.replace(AN, "gdState", "sendblocked")
        town.clock.pass_time(minutes=1)
        with pytest.raises(InvalidCredentials):
            bind_by("smtp")

        later = began + timedelta(minutes=1)
        assert town.run(town.directory.accesses.last(record.id)) == {"imap": later, "smtp": later}


def test_facts_that_a_busy_store_refused_are_stored_with_the_next_flush(
    tmp_path: Path, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind(town, AN, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "MAX_WAITING", 0)
        with pytest.raises(Busy):
            town.run(town.directory.flush_logins())
    town.run(town.directory.flush_logins())

    with open_town(tmp_path / "town.db", furnish=False) as again:
        record = again.directory.image.find(again.directory.path_of(AN) or ())
        assert record is not None
        assert again.directory.logins.last_success(record.id) == town.clock.now()
        assert again.run(again.directory.accesses.last(record.id)) == {"ldap": town.clock.now()}


def test_who_was_given_a_password_may_only_change_it(town: Town) -> None:
    town.replace(AN, "userPassword", SECOND, handle=town.admin())
    bound = bind(town, AN, SECOND)
    assert (bound.caller.must_change, bound.expires_in_seconds) == (True, 0)
    handle = town.directory.as_caller(bound.caller)
    with pytest.raises(InsufficientAccessRights):
        names(handle, "(uid=an)")
    town.run(handle.change_password(None, SECOND.encode(), b"Trang-sang-vuon-chuoi-5"))
    assert not bind(town, AN, "Trang-sang-vuon-chuoi-5").caller.must_change


def test_a_password_expires_after_the_months_of_the_regulation(town: Town) -> None:
    town.clock.moment = town.clock.moment.replace(month=6, day=2)
    town.clock.pass_time(seconds=-1)
    assert not bind(town, AN, FIRST).caller.must_change
    town.clock.pass_time(seconds=1)
    assert bind(town, AN, FIRST).caller.must_change


def test_an_imported_hash_is_replaced_at_the_next_bind_and_only_then(town: Town) -> None:
    assert stored(town).startswith(b"{SSHA}")
    fail_to_bind(town)
    assert stored(town).startswith(b"{SSHA}")
    bind(town, AN, FIRST)
    assert stored(town).startswith(b"{SSHA}")
    upgrade(town)
    fresh = stored(town)
    assert fresh.startswith(b"{ARGON2}")
    bind(town, AN, FIRST)
    upgrade(town)
    assert stored(town) == fresh
    assert not bind(town, AN, FIRST).caller.must_change


def test_a_password_changed_while_its_hash_is_upgraded_stays_changed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    local = town.local
    committer = town.directory.committer
    plain_commit = committer.commit
    interfering = [ssha(SECOND)]

    async def commit(plan: object) -> None:
        if interfering:
            town.directory.committer.commit = plain_commit  # type: ignore[method-assign]
            password = interfering.pop()
            await local.change_password(AN, None, password.encode())
        await plain_commit(plan)  # type: ignore[arg-type]

    monkeypatch.setattr(committer, "commit", commit)
    bind(town, AN, FIRST)
    upgrade(town)
    assert interfering == []
    assert stored(town) == ssha(SECOND).encode()


def test_a_change_decided_on_a_password_that_is_no_more_is_busy(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanged = town.directory.passwords.exchanged

    async def slow(*arguments: object, proved: bool) -> object:
        outcome = await exchanged(*arguments, proved=proved)  # type: ignore[arg-type]
        monkeypatch.undo()
        await town.local.change_password(AN, None, ssha(SECOND).encode())
        return outcome

    monkeypatch.setattr(town.directory.passwords, "exchanged", slow)
    with pytest.raises(Busy):
        town.run(town.admin().change_password(AN, FIRST.encode(), b"Trang-sang-vuon-chuoi-5"))
    assert stored(town) == ssha(SECOND).encode()


def test_no_refusal_waits_for_a_store_that_hangs(town: Town) -> None:
    town.directory.logins.in_time = too_late
    for _ in range(LIMIT + 1):
        with pytest.raises(InvalidCredentials):
            bind(town, AN, SECOND)
    with pytest.raises(InvalidCredentials):
        bind(town, AN, FIRST)
    assert town.values(AN, "pwdAccountLockedTime") == ()  # in force though it is not stored


def test_a_lock_is_in_force_before_it_is_written(town: Town) -> None:
    for _ in range(LIMIT):
        with pytest.raises(InvalidCredentials):
            bind(town, AN, "wrong")

    with pytest.raises(InvalidCredentials):
        bind(town, AN, FIRST)
    assert town.values(AN, "pwdAccountLockedTime") == ()
    upgrade(town)
    assert town.values(AN, "pwdAccountLockedTime") == ("20260302080000Z",)


def test_a_lock_that_a_new_password_has_overtaken_is_not_written(town: Town) -> None:
    for _ in range(LIMIT):
        with pytest.raises(InvalidCredentials):
            bind(town, AN, "wrong")
    town.run(town.admin().change_password(AN, None, SECOND.encode()))

    upgrade(town)
    assert town.values(AN, "pwdAccountLockedTime") == ()
    assert bind(town, AN, SECOND).caller.must_change


def test_a_lock_that_cannot_be_stored_tells_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unavailable(_plan: object) -> None:
        raise DirectoryError

    fail_to_bind(town, times=LIMIT - 1)
    monkeypatch.setattr(town.directory.committer, "commit", unavailable)
    fail_to_bind(town)
    monkeypatch.undo()
    fail_to_bind(town)
    assert town.values(AN, "pwdAccountLockedTime")


@pytest.mark.parametrize(
    ("state", "signs_in"), [("sendblocked", True), ("suspended", False), ("revoked", False)]
)
def test_states_decide_who_signs_in(town: Town, state: str, signs_in: bool) -> None:
    town.replace(AN, "gdState", state)
    if signs_in:
        assert bind(town, AN, FIRST).caller.dn == AN
    else:
        fail_to_bind(town, password=FIRST)


# Remembered passwords


@pytest.fixture
def remembering(tmp_path: Path) -> Iterator[Town]:
    """With the person of `town`, whose password has proved right once; its hash is imported no more."""
    with open_town(tmp_path / "remembering.db", remembered_seconds=300) as town:
        town.person("an", "Lê An", userPassword=ssha(FIRST))
        town.replace(AN, "pwdReset")
        bind(town, AN, FIRST)
        upgrade(town)
        yield town


def at_once(town: Town, password: str = FIRST, channel: str = "ldap") -> Bound | None:
    return town.directory.bind_at_once(AN.encode(), password.encode(), channel)


def test_a_password_that_proved_right_is_known_also_after_its_hash_was_replaced(remembering: Town) -> None:
    before = remembering.slow.done
    found = at_once(remembering)
    assert found == bind(remembering, AN, FIRST)
    assert remembering.slow.done == before + 1  # that of the bind it is compared with


def test_a_wrong_password_is_never_known_and_costs_the_hash(remembering: Town) -> None:
    assert at_once(remembering, "wrong") is None
    before = remembering.slow.done
    fail_to_bind(remembering)
    assert remembering.slow.done == before + 1
    assert at_once(remembering) is not None


def test_a_known_password_leaves_what_a_bind_leaves(remembering: Town) -> None:
    fail_to_bind(remembering, times=LIMIT - 1)
    remembering.clock.pass_time(seconds=60)
    assert at_once(remembering) is not None
    an = remembering.directory.image.find(remembering.directory.path_of(AN) or ())
    assert an is not None
    assert remembering.directory.logins.last_success(an.id) == remembering.clock.now()
    fail_to_bind(remembering, times=LIMIT - 1)
    bind(remembering, AN, FIRST)  # not locked: the known password had ended the count


def test_a_lock_holds_for_a_known_password(remembering: Town) -> None:
    fail_to_bind(remembering, times=LIMIT)
    assert at_once(remembering) is None
    fail_to_bind(remembering, password=FIRST)


@pytest.mark.parametrize("state", ["suspended", "revoked"])
def test_a_closed_account_is_closed_for_a_known_password(remembering: Town, state: str) -> None:
    remembering.replace(AN, "gdState", state)
    assert at_once(remembering) is None
    fail_to_bind(remembering, password=FIRST)


def test_what_remains_of_a_known_password_is_told_by_the_second(remembering: Town) -> None:
    remain = []
    for seconds in (0, 7):
        remembering.clock.pass_time(seconds=seconds)
        found = at_once(remembering)
        assert found is not None
        remain.append(found.expires_in_seconds or 0)
    assert remain[0] - remain[1] == 7


def test_where_passwords_are_changed_on_the_web_alone_who_must_change_one_does_not_bind(
    tmp_path: Path,
) -> None:
    with open_town(tmp_path / "town.db", remembered_seconds=300, changed_over_ldap=False) as town:
        town.person("an", "Lê An", userPassword=ssha(FIRST))
        town.replace(AN, "pwdReset")
        assert bind(town, AN, FIRST).caller.dn == AN
        town.replace(AN, "pwdReset", "TRUE")
        with pytest.raises(InvalidCredentials):
            bind(town, AN, FIRST)
        assert town.directory.logins.bind_at_once(AN.encode(), FIRST.encode()) is None
        town.replace(AN, "pwdReset")
        town.clock.moment += timedelta(days=400)
        with pytest.raises(InvalidCredentials):
            bind(town, AN, FIRST)
        assert bind(town, ADMIN, ADMIN_PASSWORD).caller.role is Role.ADMINISTRATOR


def test_whoever_must_change_a_known_password_still_must(remembering: Town) -> None:
    remembering.replace(AN, "userPassword", SECOND, handle=remembering.admin())
    assert bind(remembering, AN, SECOND).caller.must_change
    found = at_once(remembering, SECOND)
    assert found is not None
    assert found.caller.must_change


def test_a_refusal_by_channel_is_no_quicker_than_any_other(remembering: Town) -> None:
    remembering.replace(AN, "gdState", "sendblocked")
    bind(remembering, AN, FIRST, "imap")
    assert at_once(remembering, channel="imap") is not None
    assert at_once(remembering, channel="smtp") is None
    before = remembering.slow.done
    with pytest.raises(InvalidCredentials):
        bind(remembering, AN, FIRST, "smtp")
    assert remembering.slow.done == before + 1


def test_an_identity_stands_as_it_was_when_the_password_proved_right(remembering: Town) -> None:
    """A connection that does something for the first time after somebody else changed the password."""
    found = at_once(remembering)
    assert found is not None
    remembering.replace(AN, "userPassword", SECOND, handle=remembering.admin())
    late = remembering.directory.as_caller(found.caller, found.seen)
    with pytest.raises(InsufficientAccessRights):
        names(late, "(uid=an)")


# Channels

SEEN_BY = ("ldap", "web", "mail", "imap", "pop3", "smtp", "sieve", "vpn")
EVERYWHERE = set(SEEN_BY)


@pytest.mark.parametrize(
    ("attribute", "value", "let_in"),
    [
        ("gdState", "active", EVERYWHERE),
        ("gdState", "sendblocked", EVERYWHERE - {"smtp"}),
        ("gdState", "suspended", set()),
        ("gdState", "revoked", set()),
        ("pwdReset", "TRUE", {"ldap", "web"}),
    ],
)
def test_state_and_channel_decide_who_signs_in(
    town: Town, attribute: str, value: str, let_in: set[str]
) -> None:
    town.replace(AN, attribute, value)
    found = set()
    for channel in SEEN_BY:
        try:
            bind(town, AN, FIRST, channel)
        except InvalidCredentials:
            continue
        found.add(channel)
    assert found == let_in


def test_an_expired_password_is_for_the_portal_only_before_the_clock_has_come_round(town: Town) -> None:
    town.clock.moment = town.clock.moment.replace(month=6, day=2)
    assert "imap" in town.values(AN, "enabledService")
    assert bind(town, AN, FIRST, "web").caller.must_change
    with pytest.raises(InvalidCredentials):
        bind(town, AN, FIRST, "imap")


def test_a_service_signs_in_whatever_the_connection_was_for(town: Town) -> None:
    dn = f"cn=dovecot,ou=services,{SUFFIX}"
    town.add(dn, {"objectClass": "gdService", "gdServiceKind": "mail", "userPassword": ssha(FIRST)})
    assert bind(town, dn, FIRST, "imap").caller.channel == "mail"
    town.replace(dn, "gdServiceChannel", "SMTP")
    assert bind(town, dn, FIRST).caller.channel == "smtp"


def test_the_channel_of_a_login_is_noted(town: Town) -> None:
    bind(town, AN, FIRST, "imap")
    an = town.directory.image.find(town.directory.path_of(AN) or ())
    assert an is not None
    assert set(town.run(town.directory.accesses.last(an.id))) == {"imap"}


# The hash is replaced while it is checked


def test_a_right_password_is_right_though_its_hash_was_replaced_meanwhile(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = passwords.hash_password(FIRST.encode())
    verify = passwords.verify_at_once
    replaced = []

    def replacing(held: bytes, candidate: bytes) -> passwords.Verdict | None:
        if not replaced:
            replaced.append(held)
            an = town.directory.image.find(town.directory.path_of(AN) or ())
            assert an is not None
            an.secrets = pack_secrets(Secrets(better))
        return verify(held, candidate)

    monkeypatch.setattr(passwords, "verify_at_once", replacing)
    assert bind(town, AN, FIRST).caller.dn == AN
    assert replaced == [ssha(FIRST).encode()]


def test_a_right_password_with_an_imported_hash_waits_for_no_thread(town: Town) -> None:
    before = town.slow.done
    bind(town, AN, FIRST)
    assert town.slow.done == before


def test_a_refusal_is_counted_behind_the_answer_and_before_anything_depends_on_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What only accounts that exist take the time for would tell which do."""
    counted: list[str] = []
    logins = town.directory.logins
    real = logins._count_one
    monkeypatch.setattr(
        logins, "_count_one", lambda record, at: (counted.append(record.dn_text), real(record, at))
    )
    dn = town.person("hoa", "Lê Hoa", userPassword="Hoa-sen-trang-927")
    for name in (dn, f"uid=khong,{SONV}"):
        with pytest.raises(InvalidCredentials):
            town.run(town.directory.bind(name, b"nh\xe1\xba\xa7m"))
    assert counted == []
    record = next(each for each in town.directory.image.root.descendants() if each.dn_text == dn)
    assert len(logins.state_of(record).failures) == 1
    assert counted == [dn]
