"""FreeRADIUS lets people of a town in by their password, as a VPN gateway asks it to."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.conftest import connect
from interop.ldap.test_mail_service import wait_until_known
from interop.mail.folders import open_folder
from interop.mail.radius import ACCEPT, REJECT, SILENCE, Radius
from interop.mail.town import (
    ACTIVE,
    ALIAS_DOMAIN,
    BOX,
    DOMAIN,
    EXPIRED,
    MUST_CHANGE,
    PENDING,
    RENAMED,
    REVOKED,
    SEND_BLOCKED,
    SOTTTT,
    SUSPENDED,
    UNUSED,
    Town,
)
from interop.server import SUFFIX, govdir

LOGGED_SECONDS = 10.0
"""Lines of the access log are written together."""


@pytest.fixture(scope="module")
def radius(town: Town) -> Iterator[Radius]:
    """FreeRADIUS as an administrator sets it up."""
    with open_folder("radius") as folder:
        radius = Radius(folder, town.files(folder / "files", "radius", "freeradius"))
        radius.start()
        try:
            yield radius
        finally:
            radius.stop()


@pytest.mark.parametrize(
    "name",
    [f"tqan@{DOMAIN}", f"an.tran@{DOMAIN}", f"tqan@{ALIAS_DOMAIN}", "tqan", "TQAN"],
)
def test_people_get_in_under_each_of_their_names(town: Town, radius: Radius, name: str) -> None:
    assert radius.ask(name, town.password_of("tqan")) == (ACCEPT, f"tqan@{DOMAIN}")


def test_the_name_from_before_a_rename_goes_on_working(town: Town, radius: Radius) -> None:
    said = radius.ask(f"ntyen@{DOMAIN}", town.password_of(RENAMED))

    assert said == (ACCEPT, town.address_of(RENAMED))


def test_who_is_blocked_from_sending_gets_in(town: Town, radius: Radius) -> None:
    assert radius.ask(town.address_of(SEND_BLOCKED), town.password_of(SEND_BLOCKED))[0] == ACCEPT


@pytest.mark.parametrize("uid", [MUST_CHANGE, EXPIRED, SUSPENDED, REVOKED, PENDING])
def test_who_may_not_sign_in_does_not_get_in(town: Town, radius: Radius, uid: str) -> None:
    assert radius.ask(town.address_of(uid), town.password_of(uid)) == (REJECT, "")


def test_a_wrong_password_is_refused(town: Town, radius: Radius) -> None:
    assert radius.ask(f"tqan@{DOMAIN}", town.password_of("nvminh"))[0] == REJECT


@pytest.mark.parametrize(
    "name", ["*", "tq*", f"tqan@{DOMAIN})(mail=*", "tqan\\2a", "%{User-Password}", BOX, "khongco"]
)
def test_a_name_is_never_part_of_the_question(town: Town, radius: Radius, name: str) -> None:
    assert radius.ask(name, town.password_of("tqan"))[0] == REJECT


@pytest.mark.parametrize(
    ("state", "then"), [("suspended", REJECT), ("revoked", REJECT), ("sendblocked", ACCEPT)]
)
def test_a_state_counts_at_the_next_login(town: Town, radius: Radius, state: str, then: str) -> None:
    asked = (town.address_of("mvxuan"), town.password_of("mvxuan"))
    assert radius.ask(*asked)[0] == ACCEPT
    with town.changed(town.dn_of("mvxuan"), gdState=state):
        assert radius.ask(*asked)[0] == then
    assert radius.ask(*asked)[0] == ACCEPT


def test_passwords_of_any_signs_work_after_they_were_changed(town: Town, radius: Radius) -> None:
    first, own = "Lua-chin-tam-thoi-1", 'Bưởi $h1 "x" \\N %{User-Name} é'
    dn = f"uid=nvthanh,{SOTTTT}"
    with connect(town.server) as admin:
        person = {"cn": "Nguyễn Văn Thành", "sn": "Nguyễn", "userPassword": first}
        assert admin.add(dn, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
    try:
        assert radius.ask("nvthanh", first)[0] == REJECT
        with connect(town.server, dn, first) as himself:
            assert himself.extend.standard.modify_password(dn, first, own), himself.result
        assert radius.ask("nvthanh", own) == (ACCEPT, f"nvthanh@{DOMAIN}")
    finally:
        with connect(town.server) as admin:
            assert admin.delete(dn), admin.result


def test_wrong_passwords_lock_the_account_for_the_right_one_too(town: Town, radius: Radius) -> None:
    first, own = "Lua-chin-tam-thoi-1", "Lua-chin-cua-toi-2"
    dn = f"uid=dtlen,{SOTTTT}"
    with connect(town.server) as admin:
        person = {"cn": "Đinh Thị Lên", "sn": "Đinh", "userPassword": first}
        assert admin.add(dn, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
    try:
        with connect(town.server, dn, first) as herself:
            assert herself.extend.standard.modify_password(dn, first, own), herself.result
        assert radius.ask("dtlen", own)[0] == ACCEPT
        for attempt in range(12):
            assert radius.ask("dtlen", f"sai-{attempt}")[0] == REJECT
        assert radius.ask("dtlen", own)[0] == REJECT
    finally:
        with connect(town.server) as admin:
            assert admin.delete(dn), admin.result


def test_the_log_tells_that_the_login_was_for_the_vpn(town: Town, radius: Radius) -> None:
    assert radius.ask(f"cvquan@{DOMAIN}", town.password_of("cvquan"))[0] == ACCEPT

    deadline = time.monotonic() + LOGGED_SECONDS
    while "vpn" not in _channels_of(town, "cvquan"):
        assert time.monotonic() < deadline, _channels_of(town, "cvquan")
        time.sleep(0.05)


def _channels_of(town: Town, uid: str) -> set[str]:
    """What the person's binds were for, as far as the log has been written."""
    whole = town.server.access_log.read_text("utf-8").rpartition("\n")[0]
    lines = (json.loads(line) for line in whole.splitlines() if town.dn_of(uid) in line)
    return {line.get("channel", "") for line in lines if line["op"] == "bind"}


def test_hashes_of_a_gateways_own_are_refused(town: Town, radius: Radius) -> None:
    assert radius.ask(f"tqan@{DOMAIN}", town.password_of("tqan"), "CHAP-Password")[0] == REJECT


def test_devices_get_in_through_eap_ttls(town: Town, radius: Radius) -> None:
    assert radius.through_tls(f"tqan@{DOMAIN}", town.password_of("tqan"))
    assert not radius.through_tls(f"tqan@{DOMAIN}", "sai-mat-khau")
    assert not radius.through_tls(town.address_of(SUSPENDED), town.password_of(SUSPENDED))
    assert not radius.through_tls(f"tqan@{DOMAIN}", town.password_of("tqan"), "MSCHAPV2")


def test_the_filter_for_servers_that_bind_by_themselves_finds_whom_freeradius_lets_in(town: Town) -> None:
    page = (Path(__file__).parents[2] / "docs" / "clients" / "radius.md").read_text("utf-8")
    plain, openvpn = re.findall(r"\(&\(objectClass=gdPerson\).*%u\)\)\)", page)
    made = govdir("service", "add", str(town.server.home), "openvpn", "--for", "login", "--json").stdout
    service = json.loads(made)
    wait_until_known(town.server, (service["dn"], service["password"]))

    found = set()
    with connect(town.server, service["dn"], service["password"]) as vpn:
        for uid, address in town.addresses.items():
            vpn.search(f"ou=orgs,{SUFFIX}", plain.replace("%u", address), attributes=["mail"])
            found |= {uid for entry in vpn.entries if str(entry["mail"]) == address}
    assert plain == openvpn
    assert found == {*ACTIVE, UNUSED, SEND_BLOCKED}


def test_only_members_of_a_list_where_the_filter_says_so(town: Town, radius: Radius) -> None:
    asked = (
        (town.address_of("mvxuan"), town.password_of("mvxuan")),
        (town.address_of("tqan"), town.password_of("tqan")),
    )
    with radius.changed(
        "(accountStatus=active)", f"(accountStatus=active)(memberOf=cn=lienlac.sonv,ou=lists,{SUFFIX})"
    ):
        assert [radius.ask(*each)[0] for each in asked] == [ACCEPT, REJECT]


def test_while_govdir_is_away_nobody_is_called_a_liar(town: Town, radius: Radius) -> None:
    asked = (f"tqan@{DOMAIN}", town.password_of("tqan"))
    assert radius.ask(*asked)[0] == ACCEPT
    town.server.stop()
    try:
        assert radius.ask(*asked)[0] == SILENCE
        radius.stop()
        radius.start()
        assert radius.ask(*asked)[0] == SILENCE
    finally:
        town.server.start()

    assert radius.ask(*asked)[0] == ACCEPT
