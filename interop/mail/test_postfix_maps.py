"""Every map that govdir writes for Postfix, asked with `postmap -q` as an administrator asks them."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interop.conftest import connect
from interop.mail.certificates import make_certificate
from interop.mail.folders import open_folder
from interop.mail.postfix import Postfix
from interop.mail.town import (
    ACTIVE,
    ALIAS_DOMAIN,
    BOX,
    DOMAIN,
    EXPIRED,
    INTERNAL,
    MUST_CHANGE,
    NESTED_LIST,
    PENDING,
    REVOKED,
    SEND_BLOCKED,
    SOTTTT,
    STAFF_LIST,
    SUSPENDED,
    UNUSED,
    Town,
)
from interop.server import free_port, govdir

LOG_IN = "REJECT 5.7.1 Addresses of this domain are for those who log in"
CLOCK_SECONDS = 20.0
RECEIVING = {*ACTIVE, MUST_CHANGE, EXPIRED, SEND_BLOCKED, SUSPENDED, UNUSED}


@pytest.fixture(scope="module")
def maps(town: Town) -> Iterator[Postfix]:
    """Postfix's programs with its configuration; no daemon runs."""
    with open_folder("maps") as folder:
        yield Postfix(folder, town.files(folder / "files", "postfix-maps", "postfix"), 0, 0)


@pytest.mark.parametrize(
    ("map_name", "key", "answer"),
    [
        ("domains", DOMAIN, "known"),
        ("domains", ALIAS_DOMAIN, "known"),
        ("domains", DOMAIN.upper(), "known"),
        ("domains", f"sonv.{DOMAIN}", None),
        ("domains", "example.org", None),
        ("mailboxes", f"nvminh@{DOMAIN}", f"nvminh@{DOMAIN}"),
        ("mailboxes", f"NVMINH@{DOMAIN}", f"nvminh@{DOMAIN}"),
        ("mailboxes", BOX, BOX),
        ("mailboxes", f"an.tran@{DOMAIN}", None),
        ("mailboxes", f"nvminh@{ALIAS_DOMAIN}", None),
        ("mailboxes", INTERNAL, None),
        ("mailboxes", f"@{DOMAIN}", None),
        ("mailboxes", "nvminh", None),
        ("mailboxes", f"*@{DOMAIN}", None),
        ("mailboxes", f"nvminh)(uid=*@{DOMAIN}", None),
        ("mailboxes", f"nguyễn@{DOMAIN}", None),
        ("aliases", f"an.tran@{DOMAIN}", f"tqan@{DOMAIN}"),
        ("aliases", f"sottt@{DOMAIN}", f"sotttt@{DOMAIN}"),
        ("aliases", f"ntyen@{DOMAIN}", f"nthyen@{DOMAIN}"),
        ("aliases", f"sonv@{ALIAS_DOMAIN}", BOX),
        ("aliases", f"hvson@{ALIAS_DOMAIN}", None),
        ("aliases", f"nvminh@{DOMAIN}", None),
        ("aliases", f"khongco@{DOMAIN}", None),
        ("lists", f"khongco@{DOMAIN}", None),
        ("lists", f"nvminh@{DOMAIN}", None),
        ("senders", f"nvminh@{DOMAIN}", f"nvminh@{DOMAIN}"),
        ("senders", f"an.tran@{DOMAIN}", f"tqan@{DOMAIN}"),
        ("senders", f"tqan@{ALIAS_DOMAIN}", f"tqan@{DOMAIN}"),
        ("senders", INTERNAL, None),
        ("senders", "khach@example.org", None),
        ("outside", f"khongco@{DOMAIN}", LOG_IN),
        ("outside", f"khongco@{ALIAS_DOMAIN}", LOG_IN),
        ("outside", f"root@may1.{DOMAIN}", None),
        ("outside", DOMAIN, None),
        ("relocated", f"ntyen@{DOMAIN}", None),
        ("relocated", f"nvminh@{DOMAIN}", None),
    ],
)  # fmt: skip
def test_a_key_has_this_answer(maps: Postfix, map_name: str, key: str, answer: str | None) -> None:
    assert maps.ask(map_name, key) == answer


def test_a_map_answers_alike_however_often_it_is_asked(maps: Postfix, town: Town) -> None:
    for uid in (*sorted(RECEIVING), REVOKED, *sorted(RECEIVING)):
        expected = town.address_of(uid) if uid in RECEIVING else None
        assert maps.ask("mailboxes", town.address_of(uid)) == expected


@pytest.mark.parametrize("uid", [*ACTIVE, MUST_CHANGE, EXPIRED, SEND_BLOCKED, SUSPENDED, REVOKED, PENDING])
def test_each_state_is_seen_in_both_directions(maps: Postfix, town: Town, uid: str) -> None:
    address = town.address_of(uid)
    assert maps.ask("mailboxes", address) == (address if uid in RECEIVING else None)
    assert maps.ask("senders", address) == (address if uid in ACTIVE else None)


def test_an_agency_s_address_is_for_its_owner_its_delegate_and_itself(maps: Postfix, town: Town) -> None:
    answer = str(maps.ask("senders", BOX)).split(",")
    assert sorted(answer) == sorted((town.address_of("nvminh"), town.address_of("ltbdao"), BOX))


@pytest.mark.parametrize(
    ("address", "uids"),
    [
        (STAFF_LIST, RECEIVING - {"mvxuan", "cvquan", UNUSED}),
        (f"canbo.sonv@{ALIAS_DOMAIN}", RECEIVING - {"mvxuan", "cvquan", UNUSED}),
        (NESTED_LIST, RECEIVING - {"cvquan", UNUSED}),
        (INTERNAL, RECEIVING),
    ],
)
def test_a_list_is_everybody_who_takes_mail_each_once(
    maps: Postfix, town: Town, address: str, uids: set[str]
) -> None:
    answer = str(maps.ask("lists", address)).split(",")
    assert sorted(answer) == sorted(town.address_of(uid) for uid in uids)


def test_a_list_follows_who_comes_and_goes(maps: Postfix, town: Town) -> None:
    address = town.address_of("mvxuan")
    for state, is_there in (("revoked", False), ("active", True), ("suspended", True), ("active", True)):
        town.set_state("mvxuan", state)
        assert (address in str(maps.ask("lists", NESTED_LIST)).split(",")) is is_there


def test_an_agency_s_old_address_goes_on_when_its_label_changes(maps: Postfix, town: Town) -> None:
    with town.changed(SOTTTT, mail=f"sokhcn@{DOMAIN}"):
        assert maps.ask("aliases", f"sotttt@{DOMAIN}") == f"sokhcn@{DOMAIN}"
        assert maps.ask("mailboxes", f"sotttt@{DOMAIN}") is None
    assert maps.ask("aliases", f"sokhcn@{DOMAIN}") == f"sotttt@{DOMAIN}"


def test_where_somebody_went_is_told_once_the_old_address_receives_no_more(maps: Postfix, town: Town) -> None:
    old, new = f"cvhai@{DOMAIN}", f"cvhoang@{DOMAIN}"
    dn = f"uid=cvhai,{SOTTTT}"
    with connect(town.server) as admin:
        person = {"cn": "Cù Văn Hai", "sn": "Cù", "mail": old}
        assert admin.add(dn, ["inetOrgPerson", "gdPerson", "gdMailbox"], person), admin.result
    try:
        town.change(dn, cn="Cù Văn Hoàng", mail=new)
        assert (maps.ask("aliases", old), maps.ask("relocated", old)) == (new, None)
        soon = datetime.now(UTC) + timedelta(seconds=2)
        town.change(dn, gdAddressUntil=f"{old} {soon:%Y%m%d%H%M%S}Z")
        deadline = time.monotonic() + CLOCK_SECONDS
        while maps.ask("aliases", old) is not None:
            assert time.monotonic() < deadline, "the old address goes on receiving"
            time.sleep(0.2)
        assert (maps.ask("relocated", old), maps.ask("mailboxes", new)) == (new, new)
    finally:
        with connect(town.server) as admin:
            assert admin.delete(dn), admin.result


def test_the_maps_are_for_root_and_postfix_only(maps: Postfix) -> None:
    for file in (maps.folder / "etc/govdir").glob("*.cf"):
        found = file.stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid, file.group()) == (0o640, 0, "postfix")


def test_when_the_first_node_is_gone_the_second_answers(town: Town) -> None:
    with open_folder("nodes") as folder:
        command = ("service", "add", str(town.server.home), "postfix-nodes", "--for", "postfix")
        servers = ("--server", f"localhost:{free_port()}", "--server", f"localhost:{town.server.port}")
        govdir(*command, *servers, "--write", str(folder / "files"))
        maps = Postfix(folder, folder / "files", 0, 0)
        assert maps.ask("mailboxes", BOX) == BOX


def test_a_server_that_another_authority_vouches_for_is_not_told_the_password(town: Town) -> None:
    with open_folder("authority") as folder:
        files = town.files(folder / "files", "postfix-authority", "postfix")
        make_certificate(files / "etc/postfix/govdir/ca", "localhost")
        with pytest.raises(AssertionError, match="Unable to set STARTTLS: -11: Connect error"):
            Postfix(folder, files, 0, 0).ask("mailboxes", BOX)


def test_setting_up_twice_changes_nothing(maps: Postfix) -> None:
    configuration = maps.folder / "etc"
    before = {name: (configuration / name).read_text("utf-8") for name in ("main.cf", "master.cf")}
    maps.set_up()
    again = {name: (configuration / name).read_text("utf-8") for name in ("main.cf", "master.cf")}
    assert again["main.cf"] == before["main.cf"]
    assert again["master.cf"].count("submission/smtpd") == before["master.cf"].count("submission/smtpd")


def test_postfix_finds_no_fault_with_its_settings(maps: Postfix) -> None:
    """A name that no Postfix knows would be taken for a setting of somebody's own, and warned of."""
    assert maps.warnings() == []


def test_nothing_but_the_maps_holds_the_password(town: Town, tmp_path: Path) -> None:
    files = town.files(tmp_path, "postfix-secret", "postfix")
    (password,) = re.findall(r"(?m)^bind_pw = (.*)$", (files / "etc/postfix/govdir/lists.cf").read_text())
    holding = {file.suffix for file in files.rglob("*") if file.is_file() and password in file.read_text()}
    assert holding == {".cf"}
