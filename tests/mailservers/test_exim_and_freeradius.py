"""What Exim's and FreeRADIUS's templates come to: nodes, odd passwords, no look-up that is logged."""

from __future__ import annotations

import re

from msgspec import structs

from govdir.mailservers.configurations import ConfigurationFile, Surroundings, configuration
from govdir.mailservers.programs import PROGRAMS
from tests.mailservers.test_configurations import CITY

PASSWORD = "yd24&4'yY$6\\fMJ"
TOWN = structs.replace(
    CITY,
    urls=("ldap://ldap1.cantho.gov.vn:389", "ldap://ldap2.cantho.gov.vn:1389"),
    password=PASSWORD,
)


def written(program: str, surroundings: Surroundings = TOWN) -> dict[str, ConfigurationFile]:
    """Files by name."""
    files = configuration(PROGRAMS[program], surroundings)
    return {file.path.rpartition("/")[2]: file for file in files}


def test_exim_asks_each_node_in_turn() -> None:
    line = "ldap_default_servers = ldap1.cantho.gov.vn::389 : ldap2.cantho.gov.vn::1389\n"

    assert line in written("exim")["main"].text


def test_exims_password_stands_in_a_file_of_its_own() -> None:
    files = written("exim")

    assert files["password"].text == f"{PASSWORD}\n"
    assert [name for name, file in files.items() if PASSWORD in file.text] == ["password"]
    assert files["password"].secret


def test_exims_look_ups_stand_only_where_a_failed_one_is_not_logged() -> None:
    for name, file in written("exim").items():
        lines = [line for line in file.text.splitlines() if "GOVDIR_AS" in line and not line.startswith("#")]
        allowed = {"main": r"(domainlist|localpartlist) |GOVDIR_AS = ", "routers": r"  (data|condition) = "}
        assert all(re.match(allowed.get(name, "nowhere"), line) for line in lines), name


def test_exim_quotes_whatever_comes_from_outside() -> None:
    for name, file in written("exim").items():
        for query in re.findall(r"ldap:///.*", file.text):
            bare = re.sub(r"\$\{quote_ldap:[^}]*\}", "", query)
            assert "$" not in bare, (name, bare)


def test_exim_knows_the_domains_without_asking() -> None:
    text = written("exim")["main"].text

    assert r"domainlist govdir_domains = <\n cantho.gov.vn \n ctcity.gov.vn \n ldapm;" in text


def test_exim_without_a_policy_service_is_told_what_to_set() -> None:
    text = written("exim", structs.replace(TOWN, policy=""))["main"].text

    assert ("[listen] policy" in text, "GOVDIR_POLICY = 127.0.0.1:10031\n" in text) == (True, True)
    assert "GOVDIR_POLICY = 10.0.0.1:10031\n" in written("exim")["main"].text


def test_freeradius_asks_each_node_and_quotes_its_password() -> None:
    file = written("freeradius")["ldap-govdir"]

    assert (
        "server = 'ldap://ldap1.cantho.gov.vn:389'\n\tserver = 'ldap://ldap2.cantho.gov.vn:1389'\n"
        in file.text
    )
    assert "password = 'yd24&4\\'yY$6\\fMJ'\n" in file.text
