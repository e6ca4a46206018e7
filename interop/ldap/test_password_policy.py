"""OpenLDAP's tools with the password policy control: accounts in each state through every operation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from interop.ldap.openldap import Said, Tools
from interop.server import SUFFIX, Server, running_server

AGENCY = f"ou=sotn,ou=orgs,{SUFFIX}"
GIVEN, CHOSEN, NEXT = "Thuyen-ve-ben-cu-71", "Song-Hau-chay-mai-38", "Trang-sang-vuon-chuoi-5"
WRONG = "Gio-mua-thu-ve-64"
ASKING = ("-e", "ppolicy")
USABLE = "1.3.6.1.4.1.42.2.27.9.5.8"
PEOPLE = {
    "fine": "Bùi An Anh",
    "expired": "Cao Bá Bình",
    "grace": "Hà Công Chi",
    "reset": "Lê Gia Giang",
    "locked": "Mai Hữu Hoa",
    "byhand": "Ngô Minh Khánh",
    "suspended": "Phan An Lan",
    "safe": "Vũ Bá Nga",
}


def dn_of(who: str) -> str:
    return f"uid={who},{AGENCY}"


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    """A server of its own, whose people are in the states that their uids tell."""
    with running_server(tmp_path_factory.mktemp("policies")) as server:
        tools = Tools(server)
        assert tools.change(policies() + people(), "-a").code == 0
        for who in PEOPLE:
            if who != "reset":
                changed = tools.run("ldappasswd", "-a", GIVEN, "-s", CHOSEN, dn=dn_of(who), password=GIVEN)
                assert changed.code == 0, changed.err
        put_under(tools, expired="short", grace="grace", safe="safe")
        assert tools.change(replaced(dn_of("byhand"), "pwdAccountLockedTime", "000001010000Z")).code == 0
        assert tools.change(replaced(dn_of("suspended"), "gdState", "suspended")).code == 0
        for _ in range(10):
            assert tools.run("ldapwhoami", dn=dn_of("locked"), password=WRONG).code == 49
        time.sleep(1.1)  # the policies "short" and "grace" end passwords after a second
        yield tools


def policies() -> str:
    said = {
        "short": ("pwdMaxAge: 1",),
        "grace": ("pwdMaxAge: 1", "pwdGraceAuthNLimit: 3"),
        "safe": ("pwdSafeModify: TRUE",),
    }
    return "\n".join(
        "\n".join(
            (
                f"dn: cn={name},ou=policies,{SUFFIX}",
                "objectClass: device",
                "objectClass: pwdPolicy",
                "pwdAttribute: userPassword",
                *lines,
                "",
            )
        )
        for name, lines in said.items()
    )


def people() -> str:
    classes = "objectClass: {0}".format
    agency = (f"dn: {AGENCY}", classes("organizationalUnit"), classes("gdOrganization"), classes("gdMailbox"))
    blocks = ["\n".join(("", *agency, "displayName: Sở Thử nghiệm", ""))]
    for who, name in PEOPLE.items():
        person = (f"dn: {dn_of(who)}", classes("inetOrgPerson"), classes("gdPerson"), classes("gdMailbox"))
        blocks.append("\n".join((*person, f"cn: {name}", f"userPassword: {GIVEN}", "")))
    return "\n".join(blocks)


def put_under(tools: Tools, **policy_of: str) -> None:
    for who, policy in policy_of.items():
        named = f"cn={policy},ou=policies,{SUFFIX}"
        assert tools.change(replaced(dn_of(who), "pwdPolicySubentry", named)).code == 0


def replaced(dn: str, name: str, *values: str) -> str:
    return "\n".join(
        (f"dn: {dn}", "changetype: modify", f"replace: {name}", *(f"{name}: {v}" for v in values), "")
    )


def whoami(tools: Tools, who: str, password: str = CHOSEN) -> Said:
    return tools.run("ldapwhoami", *ASKING, dn=dn_of(who), password=password)


@pytest.mark.parametrize(
    ("who", "password", "told"),
    [
        ("fine", CHOSEN, ""),
        ("expired", CHOSEN, "Password expired"),
        ("reset", GIVEN, "Password must be changed"),
    ],
)
def test_a_bind_tells_what_the_account_has_to_do(tools: Tools, who: str, password: str, told: str) -> None:
    said = whoami(tools, who, password)
    assert (said.code, said.out.strip()) == (0, f"dn:{dn_of(who)}")
    assert told in said.err + said.out


@pytest.mark.parametrize("who", ["locked", "byhand", "suspended"])
def test_a_refused_bind_tells_what_an_unknown_name_is_told(tools: Tools, who: str) -> None:
    for password in (CHOSEN, WRONG):
        said, unknown = whoami(tools, who, password), whoami(tools, "nobody", password)
        assert (said.code, said.out, said.err) == (unknown.code, unknown.out, unknown.err)
        assert said.code == 49


Operation = Callable[[Tools, str, str], Said]


def as_user(tool: str, *arguments: str, given: str = "") -> Operation:
    def run(tools: Tools, dn: str, password: str) -> Said:
        return tools.run(tool, *ASKING, *arguments, given=given, dn=dn, password=password)

    return run


OPERATIONS: dict[str, Operation] = {
    "search": as_user("ldapsearch", "-b", AGENCY, "-s", "base", "1.1"),
    "compare": as_user("ldapcompare", AGENCY, "ou:sotn"),
    "add": as_user("ldapmodify", "-a", given=f"dn: cn=x,{AGENCY}\nobjectClass: device\n"),
    "modify": as_user("ldapmodify", given=replaced(AGENCY, "description", "x")),
    "rename": as_user("ldapmodrdn", dn_of("fine"), "uid=finer"),
    "delete": as_user("ldapdelete", dn_of("fine")),
}


@pytest.mark.parametrize(("who", "password"), [("expired", CHOSEN), ("reset", GIVEN)])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_who_must_change_the_password_does_nothing_else(
    tools: Tools, operation: str, who: str, password: str
) -> None:
    said = OPERATIONS[operation](tools, dn_of(who), password)
    assert said.code == 50
    assert "the password must be changed first" in said.err + said.out


@pytest.mark.parametrize("who", ["locked", "byhand", "suspended"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_who_is_shut_out_does_nothing(tools: Tools, operation: str, who: str) -> None:
    assert OPERATIONS[operation](tools, dn_of(who), CHOSEN).code == 49


def test_logins_that_are_left_are_counted_down_through_operations_and_then_refused(tools: Tools) -> None:
    first = whoami(tools, "grace")
    assert first.code == 0
    assert "2" in first.err + first.out
    assert "grace" in first.err + first.out
    assert OPERATIONS["search"](tools, dn_of("grace"), CHOSEN).code == 0
    assert whoami(tools, "grace").code == 0
    assert whoami(tools, "grace").code == 49
    uses = tools.search(dn_of("grace"), "-s", "base", "pwdGraceUseTime").values("pwdGraceUseTime")
    assert len(uses) == 3


def test_an_administrator_sees_who_is_usable_and_since_when_not(tools: Tools) -> None:
    said = tools.search(dn_of("byhand"), "-s", "base", "-E", f"!{USABLE}", "1.1")
    assert said.code == 0
    assert "# accountUsability: not available (inactive)" in said.out
    assert tools.search(dn_of("byhand"), "-s", "base", "+").values("pwdAccountLockedTime") == [
        "000001010000Z"
    ]


def test_refused_passwords_tell_why(tools: Tools) -> None:
    for new, error in (("Ab-1", 6), ("Trang-sang-vuon-x", 5), (CHOSEN, 8)):
        said = tools.run("ldappasswd", *ASKING, "-a", CHOSEN, "-s", new, dn=dn_of("fine"), password=CHOSEN)
        assert said.code == 1, said
        assert "Constraint violation (19)" in said.out + said.err
        assert f"error={error}" in said.out + said.err
    modified = tools.run(
        "ldapmodify",
        *ASKING,
        given=replaced(dn_of("fine"), "userPassword", "Ab-1"),
        dn=dn_of("fine"),
        password=CHOSEN,
    )
    assert modified.code == 19


def test_the_old_password_is_asked_for(tools: Tools) -> None:
    without = tools.run("ldappasswd", *ASKING, "-s", NEXT, dn=dn_of("safe"), password=CHOSEN)
    assert "error=4" in without.out + without.err
    assert tools.run("ldappasswd", "-a", CHOSEN, "-s", NEXT, dn=dn_of("safe"), password=CHOSEN).code == 0


@pytest.mark.parametrize(("who", "password"), [("expired", CHOSEN), ("reset", GIVEN)])
def test_a_change_lets_back_in(tools: Tools, who: str, password: str) -> None:
    changed = tools.run("ldappasswd", *ASKING, "-a", password, "-s", NEXT, dn=dn_of(who), password=password)
    assert changed.code == 0, changed
    assert (
        tools.change(replaced(dn_of(who), "pwdPolicySubentry")).code == 0
    )  # or it is over in a second again
    assert OPERATIONS["search"](tools, dn_of(who), NEXT).code == 0


def test_an_administrator_unlocks(tools: Tools) -> None:
    for who in ("locked", "byhand"):
        ended = f"dn: {dn_of(who)}\nchangetype: modify\ndelete: pwdAccountLockedTime\n"
        assert tools.change(ended).code == 0
        assert whoami(tools, who).code == 0


def test_policies_are_there_and_cannot_be_looser_than_the_regulation(tools: Tools) -> None:
    found = tools.search(f"ou=policies,{SUFFIX}", "(objectClass=pwdPolicy)", "cn", "pwdMaxAge")
    assert {"person", "agency", "administrator"} <= set(found.values("cn"))
    looser = tools.change(replaced(f"cn=person,ou=policies,{SUFFIX}", "pwdMaxAge", "0"))
    assert looser.code == 19
    assert "Điều 10" in looser.err + looser.out
    stricter = tools.change(replaced(f"cn=person,ou=policies,{SUFFIX}", "pwdMinLength", "12"))
    assert stricter.code == 0


def test_a_home_of_an_earlier_release_gets_its_policies(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_server(tmp_path_factory.mktemp("earlier")) as server:
        kinds = {"person", "agency", "administrator"}
        assert kinds <= policy_names(server)
        for name in policy_names(server):
            assert Tools(server).run("ldapdelete", f"cn={name},ou=policies,{SUFFIX}").code == 0
        server.stop()
        server.start()
        deadline = time.monotonic() + 10
        while not kinds <= policy_names(server):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def policy_names(server: Server) -> set[str]:
    return set(Tools(server).search(f"ou=policies,{SUFFIX}", "(objectClass=pwdPolicy)", "cn").values("cn"))
