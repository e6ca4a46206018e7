"""Changes with controls, as OpenLDAP's tools and ldap3 ask for them; what one may do with an entry."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from typing import Final

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Said, Tools
from interop.server import ADMIN, SUFFIX, Server, running_server

PERMISSIVE: Final = "!1.2.840.113556.1.4.1413"
RIGHTS: Final = "!1.3.6.1.4.1.42.2.27.9.5.2"
NO_OPERATION: Final = 16654 & 0xFF
"""The exit status of a tool that was answered noOperation."""
ASSERTION_FAILED: Final = 122
ORGS: Final = f"ou=orgs,{SUFFIX}"
SOTN: Final = f"ou=sotn,{ORGS}"
PLACE: Final = f"ou=place,{SUFFIX}"
AN: Final = f"uid=an,{PLACE}"
MAILBOX: Final = "objectClass: inetOrgPerson\nobjectClass: gdPerson\nobjectClass: gdMailbox\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("controls")) as running:
        with connect(running) as admin:
            assert admin.add(PLACE, "organizationalUnit"), admin.result
            classes = ["organizationalUnit", "gdOrganization", "gdMailbox"]
            assert admin.add(SOTN, classes, {"displayName": "Sở Thử nghiệm"}), admin.result
        yield running


@pytest.fixture
def tools(server: Server) -> Iterator[Tools]:
    """The tools, and a person to change."""
    with connect(server) as admin:
        values = {"cn": "Lê An", "sn": "Lê", "title": "x", "employeeNumber": "0"}
        assert admin.add(AN, "inetOrgPerson", values), admin.result
        yield Tools(server)
        admin.delete(AN)


def change(tools: Tools, ldif: str, *controls: str) -> Said:
    asked = [word for control in controls for word in ("-e", control)]
    return tools.change(ldif, *asked, start_tls=False)


def replace(name: str, value: str) -> str:
    return f"dn: {AN}\nchangetype: modify\nreplace: {name}\n{name}: {value}\n"


def values(tools: Tools, name: str, dn: str = AN) -> list[str]:
    return tools.search(dn, "-s", "base", name, start_tls=False).values(name)


def read_along(said: Said, which: str) -> dict[str, str]:
    """The entry that came with the response, as the tool prints it: single values by name."""
    text = said.out.partition(f"# ==> {which}\n")[2].partition(f"# <== {which}")[0]
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


class TestAssertion:
    def test_a_change_is_made_only_where_the_filter_holds(self, tools: Tools) -> None:
        assert change(tools, replace("title", "y"), "!assert=(title=x)").code == 0
        assert change(tools, replace("title", "z"), "!assert=(title=x)").code == ASSERTION_FAILED
        rename = f"dn: {AN}\nchangetype: modrdn\nnewrdn: uid=b\ndeleteoldrdn: 1\n"
        assert change(tools, rename, "!assert=(title=x)").code == ASSERTION_FAILED
        new = f"dn: uid=c,{PLACE}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: C\nsn: C\n"
        assert change(tools, new, "!assert=(cn=D)").code == ASSERTION_FAILED
        assert tools.run("ldapdelete", "-e", "!assert=(title=x)", AN).code == ASSERTION_FAILED
        assert tools.run("ldapcompare", "-e", "!assert=(title=x)", AN, "title:y").code == ASSERTION_FAILED
        assert tools.run("ldapcompare", "-e", "!assert=(uid=an)", AN, "title:y").code == 6
        assert values(tools, "title") == ["y"]

    def test_eight_writers_count_without_losing_a_step(self, tools: Tools) -> None:
        """Test and set: each sees what is there and writes one more if it still is."""

        def count() -> None:
            with connect(tools.server) as mine:
                for _ in range(10):
                    while True:
                        mine.search(AN, "(objectClass=*)", ldap3.BASE, attributes=["employeeNumber"])
                        held = int(mine.response[0]["attributes"]["employeeNumber"][0])
                        asserted = ("1.3.6.1.1.12", True, _equality("employeeNumber", str(held)))
                        more = {"employeeNumber": [(ldap3.MODIFY_REPLACE, [str(held + 1)])]}
                        mine.modify(AN, more, controls=[asserted])
                        if mine.result["result"] != ASSERTION_FAILED:
                            break
                    assert mine.result["result"] == 0, mine.result

        writers = [threading.Thread(target=count) for _ in range(8)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert values(tools, "employeeNumber") == ["80"]


def _equality(name: str, value: str) -> bytes:
    """The BER of a filter, for names and values of a few octets."""
    parts = b"".join(bytes((4, len(text))) + text for text in (name.encode(), value.encode()))
    return bytes((0xA3, len(parts))) + parts


class TestEntriesReadAlong:
    def test_before_and_after_a_modify(self, tools: Tools) -> None:
        said = change(tools, replace("title", "y"), "!preread=title,uid", "!postread=title,modifiersName")
        assert read_along(said, "preread") == {"dn": AN, "title": "x", "uid": "an"}
        assert read_along(said, "postread") == {"dn": AN, "title": "y", "modifiersName": ADMIN}

    def test_a_new_mailbox_tells_the_name_and_address_it_was_given(self, tools: Tools) -> None:
        new = f"dn: uid=*,{SOTN}\nchangetype: add\n{MAILBOX}cn:: {_base64('Lê Thị Bình')}\n"
        said = change(tools, new, "!postread=uid,mail,entryUUID")
        told = read_along(said, "postread")
        assert told["dn"] == f"uid={told['uid']},{SOTN}"
        assert [told["mail"]] == values(tools, "mail", told["dn"])
        assert [told["entryUUID"]] == values(tools, "entryUUID", told["dn"])

    def test_before_and_after_a_rename_and_before_a_delete(self, tools: Tools) -> None:
        rename = f"dn: {AN}\nchangetype: modrdn\nnewrdn: uid=b\ndeleteoldrdn: 1\n"
        said = change(tools, rename, "!preread=entryDN", "!postread=entryDN")
        new = f"uid=b,{PLACE}"
        assert read_along(said, "preread") == {"dn": AN, "entryDN": AN}
        assert read_along(said, "postread") == {"dn": new, "entryDN": new}
        said = tools.run("ldapdelete", "-v", "-e", "!preread=sn", new)
        assert said.code == 0
        assert tools.search(new, "-s", "base").code == 32

    def test_a_refused_change_brings_no_entry(self, tools: Tools) -> None:
        said = change(tools, replace("mailQuota", "many"), "!preread=title", "!postread=title")
        assert said.code != 0
        assert "read" not in said.out

    @pytest.mark.parametrize("control", ["!preread=cn"])
    def test_what_an_operation_has_none_of_is_refused(self, tools: Tools, control: str) -> None:
        new = f"dn: uid=c,{PLACE}\nchangetype: add\nobjectClass: inetOrgPerson\ncn: C\nsn: C\n"
        assert change(tools, new, control).code == 12
        assert tools.run("ldapdelete", "-e", "!postread=cn", AN).code == 12


class TestPermissive:
    def test_it_adds_what_is_there_and_deletes_what_is_not(self, tools: Tools) -> None:
        lines = "add: title\ntitle: X\n-\ndelete: description\n-\ndelete: title\ntitle: other\n"
        ldif = f"dn: {AN}\nchangetype: modify\n{lines}"
        assert change(tools, ldif).code == 20
        assert change(tools, ldif, PERMISSIVE).code == 0
        assert values(tools, "title") == ["x"]


def stored(tools: Tools) -> list[str]:
    """Everything but the time of the latest sign-in, which each of the tools moves."""
    lines = tools.search(SUFFIX, "*", "+", start_tls=False).out.splitlines()
    return [line for line in lines if not line.startswith("pwdLastSuccess:")]


class TestNoOp:
    def test_what_could_be_done_is_told_and_not_done(self, tools: Tools) -> None:
        before = stored(tools)

        said = change(tools, replace("title", "y"), "!noop", "!postread=title")
        assert (said.code, read_along(said, "postread")) == (NO_OPERATION, {"dn": AN, "title": "y"})
        new = f"dn: uid=*,{SOTN}\nchangetype: add\n{MAILBOX}cn:: {_base64('Lê Thị Châu')}\n"
        said = change(tools, new, "!noop", "!postread=mail")
        assert said.code == NO_OPERATION
        assert read_along(said, "postread")["mail"].startswith("ltchau@")
        assert tools.run("ldapdelete", "-e", "!noop", AN).code == NO_OPERATION
        rename = f"dn: {AN}\nchangetype: modrdn\nnewrdn: uid=b\ndeleteoldrdn: 1\n"
        assert change(tools, rename, "!noop").code == NO_OPERATION

        assert stored(tools) == before

    def test_what_could_not_is_refused_as_ever(self, tools: Tools) -> None:
        assert change(tools, replace("mailQuota", "many"), "!noop").code == 65
        assert change(tools, replace("entryUUID", "x"), "!noop").code == 19
        assert tools.run("ldapdelete", "-e", "!noop", f"uid=none,{PLACE}").code == 32


class TestRights:
    def test_the_administrator_sees_what_a_person_may_do(self, tools: Tools) -> None:
        new = f"dn: uid=dung,{SOTN}\nchangetype: add\n{MAILBOX}cn:: {_base64('Lê Dung')}\n"
        assert change(tools, new).code == 0
        dn = f"uid=dung,{SOTN}"
        said = tools.search(
            dn, "-E", f"{RIGHTS}=:dn:{dn}", "-s", "base", "telephoneNumber", "cn", "userPassword"
        )
        (entry,) = said.entries.values()
        assert entry["entryLevelRights"] == ["v"]
        assert entry["attributeLevelRights"] == ["telephoneNumber:rscwo, cn:rsc, userPassword:w"]

        said = tools.search(dn, "-E", f"{RIGHTS}=:", "-s", "base", "cn")
        assert said.values("entryLevelRights") == ["vadn"]
        assert said.values("attributeLevelRights") == ["cn:rscwo"]
        said = tools.search(dn, "-E", f"{RIGHTS}=:dn:uid=none,{SOTN}", "-s", "base", "cn")
        assert said.code == 50


def test_there_are_no_copies_to_keep_from_using(tools: Tools) -> None:
    assert tools.search(AN, "-s", "base", "-E", "!dontUseCopy", start_tls=False).code == 0
    assert tools.run("ldapcompare", "-e", "!1.3.6.1.1.22", AN, "title:x").code == 6
    assert tools.run("ldapcompare", "-e", "1.3.6.1.1.22", AN, "title:x").code == 2


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
