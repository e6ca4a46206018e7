"""In every province mail servers find each domain that an address is in, by one filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from govdir.cli.local import LocalDirectory, open_directory
from govdir.config import load_config
from govdir.directory.caller import Caller, Role
from tests.cli.command_line import govdir
from tests.cli.office import answer
from tests.directory.building import entries, request

PEOPLE = 120
OWN = {
    "binhphuoc": "binhphuoc.gov.vn",
    "cantho": "cantho.gov.vn",
    "daklak": "daklak.gov.vn",
    "daknong": "daknong.gov.vn",
    "vinhphuc": "vinhphuc.gov.vn",
}


@pytest.fixture(scope="module", params=sorted(OWN))
def province(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    home = tmp_path_factory.mktemp(request.param) / "home"
    made = govdir("init", home, "--province", request.param, "--sample", PEOPLE)
    assert made.exit_code == 0, made.stderr
    return request.param, home


def takes_mail_for(local: LocalDirectory, domain: str) -> bool:
    """What Postfix's virtual_mailbox_domains asks, as a mail server."""
    mail = local.directory.as_caller(Caller("", None, Role.SERVICE, "mail"))
    wanted = f"(|(associatedDomain={domain})(gdDomainAlias={domain}))"
    return bool(entries(mail.search(request(wanted, local.core.config.suffix, attributes=("1.1",)))))


def domains(local: LocalDirectory) -> set[str]:
    """Those that an address is in."""
    tables = (local.directory.image.indexes[name].table for name in ("mail", "maillocaladdress"))
    return {key.strip().decode().rpartition("@")[2] for table in tables for key in table}


def test_each_domain_of_an_address_is_found(province: tuple[str, Path]) -> None:
    name, home = province
    with open_directory(load_config(home)) as local:
        there = domains(local)
        assert OWN[name] in there
        assert {domain for domain in there if not takes_mail_for(local, domain)} == set()
        assert not takes_mail_for(local, "gov.vn")
    listed = {view["domain"]: view for view in answer("domain", "list", home)}
    assert there <= listed.keys()
    assert all(view["named"] for view in listed.values())
    assert len(there) > 1 if name == "daklak" else there == {OWN[name]}


def test_a_domain_that_stands_for_the_provinces_is_found_too(province: tuple[str, Path]) -> None:
    name, home = province
    answer("domain", "alias", "add", home, OWN[name], "moi.gov.vn")
    with open_directory(load_config(home)) as local:
        assert takes_mail_for(local, "moi.gov.vn")
        for shape in local.directory.image.shapes:
            for record in shape.members if "gdperson" in shape.classes else ():
                address = record.values("mail")[0].decode()
                other = f"{address.partition('@')[0]}@moi.gov.vn"
                found = list(local.find(f"(|(mail={other})(mailLocalAddress={other}))"))
                assert found == ([record.dn_text] if address.endswith(f"@{OWN[name]}") else [])
