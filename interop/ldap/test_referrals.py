"""Referral objects, aliases and subentries as OpenLDAP's tools, python-ldap and ldap3 meet them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Tools
from interop.programs import SYSTEM_PYTHON, require_system_module
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, running_server

HERE = f"ou=here,{SUFFIX}"
AWAY = f"ou=away,{HERE}"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of these tests alone: what they make shows in every search of the whole tree."""
    with running_server(tmp_path_factory.mktemp("special")) as running:
        yield running


@pytest.fixture(scope="module")
def tools(own_server: Server) -> Tools:
    """The tools aimed at it, with a referral object, two aliases and a subentry below ou=here."""
    tools = Tools(own_server)
    records = (
        (HERE, "objectClass: organizationalUnit", "administrativeRole: 2.5.23.1"),
        (f"cn=lamp,{HERE}", "objectClass: device"),
        (AWAY, "objectClass: referral", "objectClass: extensibleObject", "ref: ldap://other.example.vn/ou=B"),
        (
            f"ou=schema,{HERE}",
            "objectClass: referral",
            "objectClass: extensibleObject",
            f"ref: {own_server.uri}/cn=subschema",
        ),
        (
            f"cn=light,{HERE}",
            "objectClass: alias",
            "objectClass: extensibleObject",
            f"aliasedObjectName: cn=lamp,{HERE}",
        ),
        (
            f"cn=dark,{HERE}",
            "objectClass: alias",
            "objectClass: extensibleObject",
            f"aliasedObjectName: cn=nothing,{HERE}",
        ),
        (f"cn=rules,{HERE}", "objectClass: subentry", "subtreeSpecification: {}"),
    )
    ldif = "\n".join("\n".join((f"dn: {dn}", *lines, "")) for dn, *lines in records)
    said = tools.change(ldif, "-a")
    assert said.code == 0, said.err
    return tools


class TestReferrals:
    def test_a_search_goes_on_elsewhere(self, tools: Tools) -> None:
        said = tools.search(HERE, "(cn=nobody)")
        assert said.code == 0
        assert "ldap://other.example.vn/ou=B??sub" in said.out
        assert tools.search(HERE, "-s", "one", "(cn=lamp)").out.count("??base") == 2

    def test_a_base_below_is_referred(self, tools: Tools) -> None:
        said = tools.search(f"cn=Lamp 2,{AWAY}", "-s", "base")
        assert said.code == 10
        assert f"Matched DN: {AWAY}" in said.out + said.err
        assert "ldap://other.example.vn/cn=Lamp%202,ou=B??base" in said.out + said.err

    def test_the_client_that_chases_gets_there(self, tools: Tools) -> None:
        said = tools.search(
            f"ou=schema,{HERE}", "-C", "-s", "base", "(objectClass=subschema)", "cn", start_tls=False, dn=None
        )
        assert said.code == 32, "an anonymous caller may not know of the referral"
        said = tools.search(
            f"ou=schema,{HERE}", "-C", "-s", "base", "(objectClass=subschema)", "cn", start_tls=False
        )
        assert said.code == 0, said
        assert list(said.entries) == ["cn=subschema"]

    @pytest.mark.parametrize(
        "change",
        [
            ("changetype: modify", "replace: description", "description: x"),
            ("changetype: delete",),
            ("changetype: modrdn", "newrdn: ou=b", "deleteoldrdn: 1"),
            ("changetype: add", "objectClass: device"),
        ],
    )
    @pytest.mark.parametrize("below", ["", "cn=a,"])
    def test_changes_are_referred(self, tools: Tools, below: str, change: tuple[str, ...]) -> None:
        said = tools.change("\n".join((f"dn: {below}{AWAY}", *change, "")))
        assert said.code == 10
        assert f"ldap://other.example.vn/{below}ou=B" in said.err

    def test_a_comparison_and_a_password_are_referred(self, tools: Tools) -> None:
        assert tools.run("ldapcompare", AWAY, "ou:away").code == 10
        assert "Result: Referral (10)" in tools.run("ldappasswd", "-s", "Song-Hau-7894", AWAY).out

    def test_nobody_signs_in_there_or_hears_of_it(self, tools: Tools) -> None:
        said = tools.search(SUFFIX, dn=f"cn=a,{AWAY}", password="Song-Hau-7894")
        assert said.code == 49
        assert "other.example.vn" not in said.err

    @pytest.mark.parametrize("how", ["-M", "-MM"])
    def test_with_manage_dsa_it_they_are_entries(self, tools: Tools, how: str) -> None:
        said = tools.search(HERE, how, "(objectClass=referral)", "ref")
        assert said.values("ref") == [f"{tools.server.uri}/cn=subschema", "ldap://other.example.vn/ou=B"]
        assert "??sub" not in said.out
        renew = "\n".join((f"dn: {AWAY}", "changetype: modify", "replace: description", "description: x", ""))
        assert tools.change(renew, how).code == 0
        assert tools.search(AWAY, how, "-s", "base", "description").values("description") == ["x"]
        assert tools.run("ldapcompare", how, AWAY, "ou:AWAY").code == 6

    def test_python_ldap_tells_references_from_entries(self, tools: Tools) -> None:
        require_system_module("ldap", "python3-ldap")
        script = Path(__file__).with_name("python_ldap_references.py")
        said = subprocess.run(
            [SYSTEM_PYTHON, str(script), tools.server.uri, ADMIN, ADMIN_PASSWORD, HERE],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert json.loads(said.stdout) == [
            [f"cn=lamp,{HERE}", ""],
            [None, f"{tools.server.uri}/cn=subschema??sub"],
            [None, "ldap://other.example.vn/ou=B??sub"],
        ]

    def test_ldap3_tells_references_from_entries(self, tools: Tools) -> None:
        with connect(tools.server) as connection:
            connection.auto_referrals = False
            connection.search(HERE, "(cn=lamp)", ldap3.SUBTREE)
            kinds = sorted(each["type"] for each in connection.response)
            assert kinds == ["searchResEntry", "searchResRef", "searchResRef"]


class TestAliases:
    @pytest.mark.parametrize(
        ("deref", "expected"),
        [
            ("never", {"dark", "lamp", "light"}),
            ("find", {"dark", "lamp", "light"}),
            ("search", {"lamp"}),
            ("always", {"lamp"}),
        ],
    )
    def test_a_search_follows_them_where_it_says_so(
        self, tools: Tools, deref: str, expected: set[str]
    ) -> None:
        said = tools.search(HERE, "-a", deref, "(|(cn=lamp)(objectClass=alias))")
        assert {dn.split(",")[0].removeprefix("cn=") for dn in said.entries} == expected

    def test_a_base_is_followed_to_its_entry_or_is_a_problem(self, tools: Tools) -> None:
        assert list(tools.search(f"cn=light,{HERE}", "-s", "base", "-a", "find").entries) == [
            f"cn=lamp,{HERE}"
        ]
        said = tools.search(f"cn=dark,{HERE}", "-s", "base", "-a", "always")
        assert said.code == 33
        assert f"Matched DN: cn=dark,{HERE}" in said.out + said.err


class TestSubentries:
    def test_the_control_says_whether_they_show(self, tools: Tools) -> None:
        assert f"cn=rules,{HERE}" not in tools.search(HERE).entries
        assert list(tools.search(HERE, "-E", "!subentries=true").entries) == [f"cn=rules,{HERE}"]
        assert f"cn=rules,{HERE}" not in tools.search(HERE, "-E", "!subentries=false").entries
        assert list(tools.search(f"cn=rules,{HERE}", "-s", "base").entries) == [f"cn=rules,{HERE}"]

    def test_the_schema_is_one(self, tools: Tools) -> None:
        for wanted, expected in (("true", ["cn=subschema"]), ("false", [])):
            said = tools.search("cn=subschema", "-s", "base", "-E", f"!subentries={wanted}", "(&)", "cn")
            assert list(said.entries) == expected

    def test_directory_studio_fetches_them(self, tools: Tools) -> None:
        text = "(|(objectClass=subentry)(objectClass=ldapSubentry))"
        assert list(
            tools.search(HERE, "-s", "one", "-E", "1.3.6.1.4.1.4203.1.10.1=::AQH/", text).entries
        ) == [f"cn=rules,{HERE}"]
