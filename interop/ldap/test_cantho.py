"""Cần Thơ's regulation (33/2015), seen by an administrator who only has an LDAP client."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Sequence

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Tools
from interop.server import SUFFIX, Server

CONSTRAINT_VIOLATION = 19
CONNECTIONS = 64
ROUNDS = int(os.environ.get("GOVDIR_RACE_ROUNDS", "5"))  # 200 before a release
ROUND_TIMEOUT_SECONDS = 10
CLASSES = ["inetOrgPerson", "gdPerson", "gdMailbox"]


def named(surname: str, middle: str, given: str, **more: str) -> dict[str, str]:
    """The attributes of a person of whom only the name is known."""
    name = " ".join((surname, middle, given))
    return {"cn": name, "sn": surname, "gdMiddleName": middle, "givenName": given, **more}


def found(
    connection: ldap3.Connection, filter_: str, attributes: Sequence[str]
) -> list[dict[str, list[str]]]:
    connection.search(f"ou=orgs,{SUFFIX}", filter_, attributes=list(attributes))
    return [entry.entry_attributes_as_dict for entry in connection.entries]


class TestThreePeopleCalledMinh:
    """Điều 4.2: the ladder of addresses for people of one name."""

    def ldif(self, agency: str, uid: str = "*", *more: str) -> str:
        lines = (
            f"dn: uid={uid},{agency}",
            *(f"objectClass: {each}" for each in CLASSES),
            "cn: Nguyễn Văn Minh",
        )
        return "\n".join((*lines, "sn: Nguyễn", "gdMiddleName: Văn", "givenName: Minh", *more, ""))

    @pytest.fixture(scope="class")
    def tools(self, server: Server, agency: str) -> Tools:
        tools = Tools(server)
        for _ in range(3):
            said = tools.run("ldapadd", given=self.ldif(agency))
            assert said.code == 0, said.err
        return tools

    def test_three_get_an_address_each_by_the_ladder(self, tools: Tools, agency: str) -> None:
        said = tools.search(agency, "(cn=Nguyễn Văn Minh)", "mail")
        assert {f"uid={uid},{agency}" for uid in ("nvminh", "nvanminh", "nguyenvanminh")} == set(said.entries)
        assert said.values("mail") == [
            "nguyenvanminh@cantho.gov.vn",
            "nvanminh@cantho.gov.vn",
            "nvminh@cantho.gov.vn",
        ]

    def test_the_display_name_holds_name_and_agency(self, tools: Tools, agency: str) -> None:
        said = tools.search(agency, "(uid=nvminh)", "displayName")
        assert said.values("displayName") == ["Nguyễn Văn Minh - Sở Thử nghiệm"]

    def test_the_quota_is_that_of_a_person(self, tools: Tools, agency: str) -> None:
        said = tools.search(agency, "(uid=nvminh)", "mailQuota")
        assert said.values("mailQuota") == [str(5 * 1024**3)]

    def test_the_fourth_is_refused_with_the_article_and_a_hint(self, tools: Tools, agency: str) -> None:
        said = tools.run("ldapadd", given=self.ldif(agency))
        assert said.code == CONSTRAINT_VIOLATION
        assert "Điều 4" in said.err

    def test_the_fourth_is_accepted_at_an_address_an_operator_names(self, tools: Tools, agency: str) -> None:
        more = "mail: minhnv.sotn@cantho.gov.vn"
        said = tools.run("ldapadd", given=self.ldif(agency, "minhnv.sotn", more))
        assert said.code == 0, said.err
        assert tools.search(agency, "(mail=minhnv.sotn@cantho.gov.vn)", "uid").values("uid") == [
            "minhnv.sotn"
        ]

    def test_a_taken_address_is_refused_even_to_an_operator(self, tools: Tools, agency: str) -> None:
        said = tools.run("ldapadd", given=self.ldif(agency, "minh5", "mail: NVMINH@cantho.gov.vn"))
        assert said.code == CONSTRAINT_VIOLATION, said.err
        assert said.err.strip() != "ldap_add: Constraint violation (19)"

    def test_an_address_of_one_is_no_alias_of_another(self, tools: Tools, agency: str) -> None:
        alias = "add: mailLocalAddress\nmailLocalAddress: nvanminh@cantho.gov.vn"
        said = tools.change(f"dn: uid=nvminh,{agency}\nchangetype: modify\n{alias}\n")
        assert said.code == CONSTRAINT_VIOLATION, said.err


def test_a_weak_password_is_refused_with_the_article(server: Server, agency: str) -> None:
    with connect(server) as admin:
        assert admin.add(f"uid=*,{agency}", CLASSES, named("Bùi", "Thị", "Yếu")), admin.result
        refused = admin.extend.standard.modify_password(f"uid=btyeu,{agency}", new_password="matkhau")
        assert not refused
        assert (admin.result["result"], "Điều 10" in admin.result["message"]) == (CONSTRAINT_VIOLATION, True)


def test_after_a_reset_only_the_own_password_may_be_changed(server: Server, agency: str) -> None:
    dn, issued, chosen = f"uid=hvmoi,{agency}", "Song-Hau-7894", "Cua-rieng-toi-9"
    with connect(server) as admin:
        assert admin.add(f"uid=*,{agency}", CLASSES, named("Hồ", "Văn", "Mới")), admin.result
        assert admin.extend.standard.modify_password(dn, new_password=issued), admin.result
    with connect(server, dn, issued) as person:
        person.search(dn, "(objectClass=*)", ldap3.BASE)
        assert (person.result["result"], person.entries) == (50, [])
        assert person.extend.standard.modify_password(old_password=issued, new_password=chosen), person.result
    with connect(server, dn, chosen) as person:
        assert person.search(dn, "(objectClass=*)", ldap3.BASE)


def test_moving_a_person_keeps_address_and_identity(server: Server, agency: str) -> None:
    other = f"ou=sochuyen,ou=orgs,{SUFFIX}"
    with connect(server) as admin:
        admin.add(other, ["organizationalUnit", "gdOrganization", "gdMailbox"], {"displayName": "Sở Chuyển"})
        assert admin.add(f"uid=*,{agency}", CLASSES, named("Đỗ", "Hữu", "Chuyển")), admin.result
        before = found(admin, "(uid=dhchuyen)", ["mail", "entryUUID"])
        assert admin.modify_dn(f"uid=dhchuyen,{agency}", "uid=dhchuyen", new_superior=other), admin.result
        after = found(admin, "(uid=dhchuyen)", ["mail", "entryUUID"])
    assert before == after


@pytest.mark.timeout(60 + ROUNDS * ROUND_TIMEOUT_SECONDS)
def test_an_address_is_never_given_twice_however_many_ask_at_once(server: Server, agency: str) -> None:
    connections = [connect(server) for _ in range(CONNECTIONS)]
    names = given_names(ROUNDS)
    barrier = threading.Barrier(CONNECTIONS)
    results: list[tuple[str, int, str]] = []

    def keep_asking(connection: ldap3.Connection) -> None:
        for given in names:
            barrier.wait(60)
            connection.add(f"uid=*,{agency}", CLASSES, named("Đinh", "Quốc", given))
            results.append((given, connection.result["result"], connection.result["message"]))

    threads = [threading.Thread(target=keep_asking, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.unbind()
    assert Counter((given, code) for given, code, _ in results) == {
        **{(given, 0): 3 for given in names},
        **{(given, CONSTRAINT_VIOLATION): CONNECTIONS - 3 for given in names},
    }
    assert all("Điều 4" in message for _, code, message in results if code)
    with connect(server) as admin:
        holders = Counter(entry["mail"][0] for entry in found(admin, "(cn=Đinh Quốc *)", ["mail"]))
    assert len(holders) == 3 * ROUNDS
    assert set(holders.values()) == {1}


def given_names(count: int) -> list[str]:
    """That many syllables that could be given names; no two give one address."""
    onsets = ("B", "C", "D", "G", "H", "K", "L", "M", "N", "Ph", "S", "T", "Th", "Tr", "V", "X")
    rhymes = ("a", "an", "ao", "ac", "iên", "inh", "oan", "uân", "ương", "ông", "uy", "iêm", "âm")
    return [onset + rhyme for rhyme in rhymes for onset in onsets][:count]
