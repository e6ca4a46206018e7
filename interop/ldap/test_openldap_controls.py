"""Every extension that the tools of OpenLDAP 2.5 ask for by name, and every extended operation."""

from __future__ import annotations

import itertools
import re
from typing import Final

import ldap3
import pytest

from interop.conftest import connect
from interop.ldap.openldap import Said, Tools
from interop.programs import require_program
from interop.server import ADMIN, SUFFIX, Server

HERE: Final = f"ou=openldap,{SUFFIX}"
AN: Final = f"uid=an,{HERE}"
PASSWORD: Final = "Song-Hau-7894"
NO_OPERATION: Final = 16654 & 0xFF
"""The exit status of a tool that was answered noOperation."""
CANCELED: Final = 118
"""The exit status of a tool that did not wait for the answer."""
NOT_LEAF: Final = 66

NOT_SPOKEN: Final = {
    "bauthzid": "RFC 3829: Who Am I tells it",
    "chaining": "nothing here asks another server",
    "relax": "no rule of the regulation is relaxed",
}
"""General extensions that are refused where they are critical, with the reason."""
SEARCHES_NOT_SPOKEN: Final = {
    "domainScope": "Active Directory's; referral objects exist only where an administrator makes one",
    "sync=ro": "RFC 4533: other nodes follow the database, not LDAP",
    "sync=rp": "RFC 4533",
    "deref=manager:cn": "a draft that expired; a list's people come by filter",
    "dirSync=0/0": "Active Directory's",
    "extendedDn=0": "Active Directory's",
    "showDeleted": "Active Directory's; what was deleted is in the trail",
    "serverNotif": "Active Directory's",
}
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def tools(server: Server) -> Tools:
    """Three people below `HERE`: An with two titles, Bình with one, Châu with none; An has a password."""
    people: tuple[tuple[str, str, str, list[str]], ...] = (
        ("an", "Nguyễn Văn An", "Nguyễn", ["Chuyên viên", "Kế toán"]),
        ("binh", "Trần Thị Bình", "Trần", ["Giám đốc"]),
        ("chau", "Lê Minh Châu", "Lê", []),
    )
    require_program("ldapsearch", "ldap-utils")
    with connect(server) as connection:
        assert connection.add(HERE, "organizationalUnit"), connection.result
        for uid, name, surname, titles in people:
            attributes = {"cn": name, "sn": surname, **({"title": titles} if titles else {})}
            assert connection.add(f"uid={uid},{HERE}", "inetOrgPerson", attributes), connection.result
        assert connection.extend.standard.modify_password(AN, new_password=PASSWORD)
    return Tools(server)


@pytest.fixture
def person(tools: Tools) -> str:
    """The DN of somebody more, whom a test may change and delete."""
    dn = f"uid=p{next(_numbers)},ou=more,{HERE}"
    with connect(tools.server) as connection:
        connection.add(f"ou=more,{HERE}", "organizationalUnit")
        assert connection.add(dn, "inetOrgPerson", {"cn": "Người", "sn": "Lê", "title": "cũ"})
    return dn


def search(tools: Tools, *arguments: str, given: str = "") -> Said:
    """People below `HERE` with comments, in which the tool tells of response controls."""
    words = ("-LL", "-o", "ldif-wrap=no", "-b", HERE, "-s", "one", *arguments, "(uid=*)", "uid", "title")
    return tools.run("ldapsearch", *words, start_tls=False, given=given)


def run(tools: Tools, tool: str, *arguments: str, **how: str) -> Said:
    """A tool as the administrator without TLS: many of them, in no time."""
    return tools.run(tool, *arguments, start_tls=False, **how)


def change(tools: Tools, dn: str, *arguments: str) -> Said:
    """Makes the title of `dn` "mới"."""
    ldif = f"dn: {dn}\nchangetype: modify\nreplace: title\ntitle:: beG7m2k=\n"
    return run(tools, "ldapmodify", *arguments, given=ldif)


def titles(tools: Tools, dn: str) -> list[str]:
    return tools.search(dn, "-s", "base", "title", start_tls=False).values("title")


def uids(said: Said) -> str:
    """The uids in the order in which they came."""
    return " ".join(re.findall(r"(?m)^uid: (.*)$", said.out))


class TestSearchExtensions:
    @pytest.mark.parametrize("critical", ["", "!"])
    @pytest.mark.parametrize(
        ("extension", "found"),
        [
            ("pr=2/noprompt", "an binh chau"),
            ("sss=sn", "chau an binh"),
            ("sss=-sn", "binh an chau"),
            ("sss=-title/uid", "chau binh an"),
            ("sss=cn:2.5.13.3", "chau an binh"),
            ("subentries=false", "an binh chau"),
            ("subentries=true", ""),
            ("subentries", ""),
        ],
    )
    def test_they_decide_what_comes_and_how(
        self, tools: Tools, extension: str, found: str, critical: str
    ) -> None:
        said = search(tools, "-E", critical + extension)
        assert (said.code, uids(said)) == (0, found), said.err

    def test_pages_end_with_an_empty_cookie(self, tools: Tools) -> None:
        cookies = re.findall(r"# pagedresults: cookie=(.*)", search(tools, "-E", "!pr=2/noprompt").out)
        assert [bool(cookie) for cookie in cookies] == [True, False]

    def test_a_prompt_between_pages_may_change_their_size(self, tools: Tools) -> None:
        said = search(tools, "-E", "!pr=1/prompt", given="2\n")
        assert (said.code, uids(said)) == (0, "an binh chau")
        assert said.out.count("# pagedresults: cookie=") == 2

    def test_who_sorts_by_what_is_not_there_is_told(self, tools: Tools) -> None:
        refused = search(tools, "-E", "!sss=nosuch")
        assert (refused.code, uids(refused)) == (12, "")
        ignored = search(tools, "-E", "sss=nosuch")
        assert (ignored.code, uids(ignored)) == (0, "an binh chau")
        assert "# sortResult: (16) No such attribute nosuch" in refused.out
        assert "# sortResult: (16) No such attribute nosuch" in ignored.out

    @pytest.mark.parametrize(
        ("window", "found", "position"),
        [
            ("0/1/1/0", "chau an", 1),
            ("1/0/3/3", "an binh", 3),
            ("0/0:Ngu", "an", 2),
            ("0/5:L", "chau an binh", 1),
        ],
    )
    def test_windows_of_lists(self, tools: Tools, window: str, found: str, position: int) -> None:
        said = search(tools, "-E", "!sss=sn", "-E", f"!vlv={window}", given="x\n")  # which ends it
        assert uids(said) == found, said.err
        assert re.search(rf"# vlvResultpos={position} count=3 context=\S+ \(0\) Success", said.out), said.out

    def test_a_window_moves_at_the_prompt(self, tools: Tools) -> None:
        said = search(tools, "-E", "!sss=sn", "-E", "!vlv=0/0/1/0", given="0/0/3/3\n0/0:Tr\nx\n")
        assert uids(said) == "chau binh binh", said.err

    def test_matched_values(self, tools: Tools) -> None:
        said = search(tools, "-E", "!mv=(title=Kế toán)")
        assert said.values("title") == ["Kế toán"]
        assert len(said.entries) == 3
        assert search(tools, "-E", "!mv=((title=K*)(uid=a*))").values("uid") == ["an"]

    def test_account_usability(self, tools: Tools) -> None:
        assert (
            uids(search(tools, "-E", "!accountUsability")) == "an binh chau"
        )  # of a kind that signs in nowhere
        said = run(tools, "ldapsearch", "-LL", "-b", ADMIN, "-s", "base", "-E", "!accountUsability", "cn")
        assert "# accountUsability: available and does not expire" in said.out, said.err

    def test_there_are_no_copies(self, tools: Tools) -> None:
        assert uids(search(tools, "-E", "!dontUseCopy")) == "an binh chau"

    @pytest.mark.parametrize("extension", SEARCHES_NOT_SPOKEN)
    def test_what_is_not_spoken_is_refused_and_never_done_by_halves(
        self, tools: Tools, extension: str
    ) -> None:
        said = search(tools, "-E", f"!{extension}")
        assert (said.code, uids(said)) == (12, ""), said.err
        if extension not in {"dirSync=0/0", "sync=rp"}:  # always critical; waits for what never comes
            assert uids(search(tools, "-E", extension)) == "an binh chau"


class TestGeneralExtensionsOnSearches:
    @pytest.mark.parametrize(
        ("extension", "code", "found"),
        [
            ("!assert=(ou=openldap)", 0, "an binh chau"),
            ("!assert=(ou=x)", 122, ""),
            ("!authzid=dn:", 32, ""),
            (f"!authzid=dn:{ADMIN}", 0, "an binh chau"),
            (f"!authzid=dn:{AN}", 0, "an"),
            ("!authzid=u:khong-co", 123, ""),
            ("!manageDSAit", 0, "an binh chau"),
            ("ppolicy", 0, "an binh chau"),
            ("sessiontracking", 0, "an binh chau"),
            ("sessiontracking=an", 0, "an binh chau"),
            ("abandon", 0, "an binh chau"),
            ("cancel", 0, "an binh chau"),
            ("ignore", 0, "an binh chau"),
            ("!noop", 12, ""),
            ("!preread", 12, ""),
            ("!postread=cn", 12, ""),
            ("noop", 0, "an binh chau"),
            ("preread=cn", 0, "an binh chau"),
            ("postread", 0, "an binh chau"),
        ],
    )
    def test_each(self, tools: Tools, extension: str, code: int, found: str) -> None:
        said = search(tools, "-e", extension)
        assert (said.code, uids(said)) == (code, found), said.err

    @pytest.mark.parametrize("how", ["!abandon", "!cancel", "!ignore"])
    def test_a_client_that_does_not_wait_is_not_waited_for(self, tools: Tools, how: str) -> None:
        search(tools, "-e", how)
        assert uids(search(tools)) == "an binh chau"

    @pytest.mark.parametrize("extension", NOT_SPOKEN)
    def test_what_is_not_spoken(self, tools: Tools, extension: str) -> None:
        assert search(tools, "-e", f"!{extension}").code == 12
        assert uids(search(tools, "-e", extension)) == "an binh chau"


class TestExtensionsOnChanges:
    @pytest.mark.parametrize(
        ("extensions", "code", "after"),
        [
            (("-e", "!assert=(title=cũ)"), 0, ["mới"]),
            (("-e", "!assert=(title=x)"), 122, ["cũ"]),
            (("-e", f"!authzid=dn:{ADMIN}"), 0, ["mới"]),
            (("-e", "!authzid=dn:"), 32, ["cũ"]),
            (("-e", "!manageDSAit"), 0, ["mới"]),
            (("-M",), 0, ["mới"]),
            (("-MM",), 0, ["mới"]),
            (("-e", "!noop"), NO_OPERATION, ["cũ"]),
            (("-e", "ppolicy"), 0, ["mới"]),
            (("-e", "!preread=title", "-e", "!postread=title"), 0, ["mới"]),
            (("-e", "sessiontracking=an"), 0, ["mới"]),
            (("-e", "!bauthzid"), 12, ["cũ"]),
            (("-e", "!chaining"), 12, ["cũ"]),
            (("-e", "chaining=chainingPreferred/chainingRequired"), 0, ["mới"]),
            (("-e", "!relax"), 12, ["cũ"]),
            (("-e", "relax"), 0, ["mới"]),
            (("-e", "!ignore"), CANCELED, ["mới"]),
            (("-E", "!txn=commit"), 0, ["mới"]),
            (("-E", "!txn=abort"), 0, ["cũ"]),
            (("-n",), 0, ["cũ"]),
        ],
    )
    def test_a_modify(
        self, tools: Tools, person: str, extensions: tuple[str, ...], code: int, after: list[str]
    ) -> None:
        said = change(tools, person, *extensions)
        assert (said.code, titles(tools, person)) == (code, after), said.err

    def test_what_was_read_is_printed(self, tools: Tools, person: str) -> None:
        said = change(tools, person, "-e", "!preread=title,sn", "-e", "!postread=title")
        assert re.findall(r"(?m)^title:: (.*)$", said.out) == ["Y8Wp", "beG7m2k="]  # cũ, mới
        said = run(tools, "ldapmodrdn", "-e", "!preread=uid", "-e", "!postread=uid", "-r", person, "uid=khac")
        assert uids(said) == f"{person[4 : person.index(',')]} khac"
        said = run(tools, "ldapdelete", "-e", "!preread=sn", f"uid=khac,ou=more,{HERE}")
        assert (said.code, "# <== preread" in said.out) == (0, True), said.err

    def test_a_transaction_adds_all_or_nothing(self, tools: Tools, person: str) -> None:
        def both(one: str, other: str, how: str) -> Said:
            ldif = "\n".join(
                f"dn: uid={uid},{person}\nobjectClass: inetOrgPerson\ncn: x\nsn: x\n" for uid in (one, other)
            )
            return run(tools, "ldapadd", "-E", f"!txn={how}", given=ldif)

        def there() -> str:
            return uids(tools.search(person, "-s", "one", "uid", start_tls=False))

        assert (both("a", "b", "abort").code, there()) == (0, "")
        assert (both("a", "b", "commit").code, there()) == (0, "a b")
        assert (both("c", "b", "commit").code, there()) == (68, "a b")

    def test_a_delete_of_what_lies_below(self, tools: Tools, person: str) -> None:
        for uid in "ab":
            assert run(tools, "ldapmodrdn", "-n", person, f"uid={uid}").code == 0
            dn = f"uid={uid},{person}"
            assert (
                run(tools, "ldapadd", given=f"dn: {dn}\nobjectClass: inetOrgPerson\ncn: x\nsn: x\n").code == 0
            )
        assert run(tools, "ldapdelete", person).code == NOT_LEAF
        tree = "!1.2.840.113556.1.4.805"
        assert run(tools, "ldapdelete", "-e", tree, "-e", "!noop", person).code == NO_OPERATION
        assert run(tools, "ldapdelete", "-e", "!assert=(title=x)", "-e", tree, person).code == 122
        assert run(tools, "ldapdelete", "-r", person).code == 0
        assert tools.search(person, "-s", "base", start_tls=False).code == 32

    def test_an_entry_moves_below_another(self, tools: Tools, person: str) -> None:
        move = ("-r", "-s", AN, person, "uid=mot")
        assert run(tools, "ldapmodrdn", "-e", "!noop", *move).code == NO_OPERATION
        assert run(tools, "ldapmodrdn", "-e", "!assert=(title=cũ)", *move).code == 0
        assert run(tools, "ldapmodrdn", "-MM", f"uid=mot,{AN}", "uid=hai").code == 0
        assert uids(tools.search(AN, "-s", "one", "uid", start_tls=False)) == "mot hai"
        assert run(tools, "ldapdelete", "-MM", f"uid=hai,{AN}").code == 0

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ((), 6),
            (("-e", "!assert=(uid=an)"), 6),
            (("-e", "!assert=(uid=x)"), 122),
            (("-e", f"!authzid=dn:{AN}"), 6),
            (("-e", "!manageDSAit"), 6),
            (("-MM",), 6),
            (("-e", "ppolicy"), 6),
            (("-e", "!1.3.6.1.1.22"), 6),  # its own -E dontUseCopy is not read by 2.5.13
            (("-e", "!noop"), 12),
            (("-e", "!relax"), 12),
            (("-z",), 6),
        ],
    )
    def test_a_compare(self, tools: Tools, arguments: tuple[str, ...], code: int) -> None:
        assert run(tools, "ldapcompare", *arguments, AN, "title:kế toán").code == code


class TestExtendedOperations:
    def test_who_am_i(self, tools: Tools) -> None:
        for tool in (("ldapwhoami",), ("ldapexop", "whoami"), ("ldapexop", "-e", "ppolicy", "whoami")):
            assert run(tools, *tool).out == f"dn:{ADMIN}\n"
        assert run(tools, "ldapwhoami", "-e", f"!authzid=dn:{AN}").out == f"dn:{AN}\n"
        assert run(tools, "ldapwhoami", "-e", "!authzid=dn:").out == "anonymous\n"
        assert run(tools, "ldapwhoami", "-e", "sessiontracking").out == f"dn:{ADMIN}\n"

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("cancel", "5"), "No Operation to Cancel (119)"),
            (("refresh", AN, "100"), "Protocol error (2)"),  # RFC 2589: nothing here expires by itself
            (("1.3.6.1.1.21.3",), "Protocol error (2)"),  # an end of no transaction
            (("1.3.6.1.4.1.99999.1",), "Protocol error (2)"),
            (("-e", "!assert=(uid=an)", "whoami"), "Critical extension is unavailable (12)"),
        ],
    )
    def test_what_is_refused(self, tools: Tools, arguments: tuple[str, ...], told: str) -> None:
        assert told in run(tools, "ldapexop", *arguments).err

    def test_a_transaction_begins_with_a_name(self, tools: Tools) -> None:
        assert re.search(r"(?m)^data:: \S+$", run(tools, "ldapexop", "1.3.6.1.1.21.1").out)

    def test_passwords(self, tools: Tools) -> None:
        binh = f"uid=binh,{HERE}"
        generated = run(tools, "ldappasswd", binh).out.strip().removeprefix("New password: ")
        assert run(tools, "ldapwhoami", dn=binh, password=generated).out == f"dn:{binh}\n"
        own = {"dn": binh, "password": generated}
        assert (
            "Invalid credentials (49)"
            in run(tools, "ldappasswd", "-a", "Sai-78945", "-s", PASSWORD, **own).out
        )
        assert run(tools, "ldappasswd", "-a", generated, "-s", PASSWORD, **own).code == 0
        short = run(tools, "ldappasswd", "-e", "ppolicy", "-s", "abc", binh)
        assert "ppolicy: error=6 (Password is too short for policy)" in short.out + short.err
        assert (
            "(12)"
            in (said := run(tools, "ldappasswd", "-e", "!noop", "-s", "Song-Hau-7895", binh)).out + said.err
        )
        assert run(tools, "ldapwhoami", dn=binh, password=PASSWORD).code == 0


def test_the_root_dse_names_what_passes_here_and_nothing_that_is_refused(tools: Tools) -> None:
    with connect(tools.server) as connection:
        connection.search(
            "", "(objectClass=*)", ldap3.BASE, attributes=["supportedControl", "supportedExtension"]
        )
        named = {*connection.entries[0].supportedControl, *connection.entries[0].supportedExtension}
    refused = {
        "2.16.840.1.113730.3.4.16",  # bauthzid
        "1.3.6.1.4.1.4203.666.11.3",  # chaining
        "1.3.6.1.4.1.4203.666.5.12",  # relax
        "1.2.840.113556.1.4.1339",  # domainScope
        "1.3.6.1.4.1.4203.1.9.1.1",  # sync
        "1.3.6.1.4.1.4203.666.5.16",  # deref
        "1.2.840.113556.1.4.841",  # dirSync
        "1.2.840.113556.1.4.529",  # extendedDn
        "1.2.840.113556.1.4.417",  # showDeleted
        "1.2.840.113556.1.4.528",  # serverNotif
        "1.3.6.1.4.1.1466.101.119.1",  # refresh
    }
    assert refused & named == set()
    assert {
        "1.2.840.113556.1.4.319",
        "1.2.840.113556.1.4.473",
        "2.16.840.1.113730.3.4.9",
        "1.2.826.0.1.3344810.2.3",
        "1.3.6.1.4.1.4203.1.10.1",
        "1.3.6.1.4.1.42.2.27.9.5.8",
        "1.3.6.1.1.22",
        "1.3.6.1.1.12",
        "2.16.840.1.113730.3.4.18",
        "2.16.840.1.113730.3.4.2",
        "1.3.6.1.4.1.4203.666.5.2",
        "1.3.6.1.4.1.42.2.27.8.5.1",
        "1.3.6.1.1.13.1",
        "1.3.6.1.1.13.2",
        "1.3.6.1.4.1.21008.108.63.1",
        "1.3.6.1.1.21.2",
        "1.2.840.113556.1.4.805",
        "1.3.6.1.1.21.1",
        "1.3.6.1.1.21.3",
        "1.3.6.1.1.8",
        "1.3.6.1.4.1.4203.1.11.1",
        "1.3.6.1.4.1.4203.1.11.3",
    } <= named
