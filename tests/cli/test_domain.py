"""`govdir domain`: which domains mail is taken for, and which stand for others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from govdir.cli.changes import also, modify
from govdir.cli.local import LocalDirectory, open_directory
from govdir.config import load_config
from govdir.ldap.codec.messages import ModifyRequest
from tests.cli.command_line import govdir
from tests.cli.office import MINH, SONV, SUFFIX, answer, refused, same_refusal, texts

MAIN = f"associatedDomain=cantho.gov.vn,ou=domains,{SUFFIX}"
HAUGIANG = "haugiang.gov.vn"


@pytest.fixture
def merged(office: Path) -> Path:
    answer("domain", "alias", "add", office, "cantho.gov.vn", HAUGIANG)
    return office


def with_office(home: Path, act: Callable[[LocalDirectory], object]) -> None:
    with open_directory(load_config(home)) as local:
        act(local)


def test_a_new_home_has_the_regulations_domain(office: Path) -> None:
    (view,) = answer("domain", "list", office)
    assert (view["domain"], view["aliases"], view["bodies"]) == ("cantho.gov.vn", [], [])
    assert (view["addresses"], view["named"], view["dn"]) == (8, True, MAIN)


def test_a_domain_stands_for_another_at_once(merged: Path) -> None:
    assert texts(merged, MAIN, "gdDomainAlias") == (HAUGIANG,)
    assert answer("mailbox", "show", merged, f"NVMinh@{HAUGIANG}")["dn"] == MINH
    assert answer("org", "show", merged, f"sonv@{HAUGIANG}")["dn"] == SONV
    shown = govdir("domain", "show", merged, "cantho.gov.vn")
    assert HAUGIANG in shown.stdout


def test_what_is_to_be_done_outside_the_directory_is_said(office: Path) -> None:
    result = govdir("domain", "alias", "add", office, "cantho.gov.vn", HAUGIANG)
    assert f"point the MX of {HAUGIANG}" in result.stderr


def test_addresses_that_somebody_holds_himself_are_told(merged: Path) -> None:
    with_office(merged, lambda local: modify(local, SONV, also("mailLocalAddress", f"nvminh@{HAUGIANG}")))
    assert answer("domain", "show", merged, "cantho.gov.vn")["kept"] == [f"nvminh@{HAUGIANG}"]
    assert answer("mailbox", "show", merged, f"nvminh@{HAUGIANG}")["dn"] == SONV
    govdir("domain", "alias", "remove", merged, "cantho.gov.vn", HAUGIANG, "--yes")
    again = govdir("domain", "alias", "add", merged, "cantho.gov.vn", HAUGIANG)
    assert f"1 address of {HAUGIANG} is held by somebody and stays so" in again.stderr


def test_a_domain_stands_for_another_no_more(merged: Path) -> None:
    line = ("domain", "alias", "remove", merged, "cantho.gov.vn", HAUGIANG)
    assert "Nobody answers" in refused(*line)
    assert answer(*line, "--yes")["aliases"] == []
    assert "no mailbox" in refused("mailbox", "show", merged, f"nvminh@{HAUGIANG}")
    assert f"{HAUGIANG} does not stand for cantho.gov.vn; what does: none." in refused(*line, "--yes")


def test_a_further_domain_holds_further_addresses(office: Path) -> None:
    made = answer("domain", "add", office, "HoiNghi.gov.vn")
    assert made["dn"] == f"associatedDomain=hoinghi.gov.vn,ou=domains,{SUFFIX}"
    with_office(office, lambda local: modify(local, MINH, also("mailLocalAddress", "apec@hoinghi.gov.vn")))
    listed = {view["domain"]: view["addresses"] for view in answer("domain", "list", office)}
    assert listed == {"cantho.gov.vn": 8, "hoinghi.gov.vn": 1}
    assert "has the domain hoinghi.gov.vn already" in refused("domain", "add", office, "hoinghi.gov.vn")


def test_what_the_directory_refuses_is_refused_in_its_words(merged: Path) -> None:
    def asked(local: LocalDirectory) -> Coroutine[Any, Any, None]:
        return local.handle.modify(ModifyRequest(MAIN, (also("gdDomainAlias", "cantho.gov.vn"),)))

    line = ("domain", "alias", "add", merged, "cantho.gov.vn", "cantho.gov.vn")
    same_refusal(merged, govdir(*line), asked)


def test_a_domain_nobody_knows_is_refused_with_those_there_are(merged: Path) -> None:
    assert refused("domain", "show", merged, "soctrang.gov.vn").splitlines() == [
        "The directory has no mail domain soctrang.gov.vn.",
        "There are: cantho.gov.vn",
    ]
    assert "stands for cantho.gov.vn; name cantho.gov.vn" in refused("domain", "show", merged, HAUGIANG)
    assert "Danh bạ không có" in refused("domain", "show", merged, "x.vn", locale="vi_VN.UTF-8")


@pytest.mark.parametrize("text", ["cantho", "a b.vn", "", "x-.vn", "a..vn"])
def test_what_is_no_domain_is_a_usage_error(office: Path, text: str) -> None:
    result = govdir("domain", "add", office, text)
    assert result.exit_code == 2
    assert "is no mail domain" in result.stderr


# -- homes made before there was ou=domains


@pytest.fixture
def older(office: Path) -> Path:
    with closing(sqlite3.connect(office / "govdir.sqlite")) as database:
        for named in ("rdn_key LIKE 'associateddomain=%'", "rdn_key = 'ou=domains'"):
            database.execute(f"DELETE FROM entries WHERE {named}")
        database.commit()
    return office


def doctor(home: Path) -> list[str]:
    """What it finds about domains."""
    checks = json.loads(govdir("doctor", home, "--json").stdout)
    (found,) = [check["findings"] for check in checks if check["name"] == "mail domains"]
    return list(found)


def test_the_doctor_tells_and_the_command_mends(older: Path) -> None:
    (finding,) = doctor(older)
    assert finding.endswith(f'run "govdir domain add {older} cantho.gov.vn"')
    answer("domain", "add", older, "cantho.gov.vn")
    assert doctor(older) == []
    assert texts(older, MAIN, "associatedDomain") == ("cantho.gov.vn",)


def test_an_alias_makes_what_is_missing(older: Path) -> None:
    made = answer("domain", "alias", "add", older, "cantho.gov.vn", HAUGIANG)
    assert (made["aliases"], made["dn"]) == ([HAUGIANG], MAIN)
    assert doctor(older) == []


def test_the_doctor_tells_of_addresses_in_a_domain_that_no_entry_names(office: Path) -> None:
    answer("domain", "add", office, "hoinghi.gov.vn")
    with_office(office, lambda local: modify(local, MINH, also("mailLocalAddress", "apec@hoinghi.gov.vn")))
    dn = f"associatedDomain=hoinghi.gov.vn,ou=domains,{SUFFIX}"
    with_office(office, lambda local: local.run(local.handle.delete(dn)))
    (finding,) = doctor(office)
    assert finding.startswith("hoinghi.gov.vn: there is 1 address in it but no entry names the domain")
    assert "Mail servers take no mail for hoinghi.gov.vn" in govdir("domain", "list", office).stderr
    assert answer("domain", "add", office, "hoinghi.gov.vn")["addresses"] == 1
    assert doctor(office) == []


def test_the_doctor_tells_of_rules_that_keep_domains_from_mail_servers(office: Path) -> None:
    rules = office / "access.toml"
    kept = [
        each for each in rules.read_text().split("\n[[rule]]") if "mail servers look domains up" not in each
    ]
    rules.write_text("\n[[rule]]".join(kept))
    (finding,) = doctor(office)
    assert f"{rules}: no rule lets mail servers (service:mail) read ou=domains" in finding


def test_what_is_exported_comes_back(merged: Path, tmp_path: Path) -> None:
    own = f"nvminh@{HAUGIANG}"
    with_office(merged, lambda local: modify(local, SONV, also("mailLocalAddress", own)))
    answer("address", "keep", merged, own, "--until", "2027-06-30")
    file = tmp_path / "all.ldif"
    file.write_bytes(govdir("export", merged, "--with-secrets").stdout_bytes)

    again = tmp_path / "again"
    made = govdir("init", again, "--province", "cantho", "--from", file)

    assert made.exit_code == 0, made.stderr
    assert answer("domain", "show", again, "cantho.gov.vn")["kept"] == [own]
    assert answer("mailbox", "show", again, f"tqan@{HAUGIANG}")["mail"] == "tqan@cantho.gov.vn"
    assert answer("address", "keep", again, own)["until"] == "2027-06-30T23:59:59+07:00"
    assert doctor(again) == []
