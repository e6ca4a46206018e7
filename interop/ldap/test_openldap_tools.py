"""OpenLDAP's command-line clients do their whole job; result codes as slapd gives them where it is right."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from interop.ldap.openldap import Tools
from interop.programs import require_program
from interop.server import ADMIN, SUFFIX, Server

PASSWORD = "Song-Hau-7894"


@pytest.fixture
def tools(server: Server) -> Tools:
    return Tools(server)


def person(dn: str, *lines: str) -> str:
    return "\n".join((f"dn: {dn}", "objectClass: inetOrgPerson", "sn: Tô", "cn: Tô Thử", *lines, ""))


def modify(dn: str, *lines: str) -> str:
    return "\n".join((f"dn: {dn}", "changetype: modify", *lines, ""))


def _ldapurl(*arguments: str) -> str:
    command = [require_program("ldapurl", "ldap-utils"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class TestConnecting:
    def test_anyone_reads_the_root_dse(self, tools: Tools) -> None:
        (root,) = tools.search("", "-s", "base", "*", "+", dn=None, start_tls=False).entries.values()
        assert root["namingContexts"] == [SUFFIX]
        assert root["supportedLDAPVersion"] == ["3"]
        assert "1.3.6.1.4.1.1466.20037" in root["supportedExtension"]
        assert "1.2.840.113556.1.4.319" in root["supportedControl"]
        assert root["subschemaSubentry"]

    def test_the_schema_is_where_the_root_dse_says(self, tools: Tools) -> None:
        (root,) = tools.search("", "-s", "base", "subschemaSubentry", dn=None).entries.values()
        said = tools.search(
            root["subschemaSubentry"][0], "-s", "base", "(objectClass=subschema)", "+", dn=None
        )
        (schema,) = said.entries.values()
        assert any("NAME 'inetOrgPerson'" in text for text in schema["objectClasses"])
        assert any("gdMailbox" in text for text in schema["objectClasses"])
        assert any("caseIgnoreMatch" in text for text in schema["matchingRules"])

    def test_start_tls_with_the_authority_of_the_home(self, tools: Tools) -> None:
        assert tools.search(SUFFIX, "-s", "base", start_tls=True).code == 0

    def test_ldaps(self, tools: Tools, server: Server) -> None:
        assert SUFFIX in tools.search(SUFFIX, "-s", "base", uri=server.ldaps_uri).entries

    def test_a_client_that_trusts_another_authority_refuses(self, tools: Tools, tmp_path: Path) -> None:
        nobody = tmp_path / "ca.crt"
        nobody.touch()
        said = tools.search(SUFFIX, "-s", "base", "-o", f"TLS_CACERT={nobody}")
        assert said.code not in (0, 32), said

    def test_an_anonymous_search_shows_nothing_of_the_tree(self, tools: Tools, staff: str) -> None:
        said = tools.search(SUFFIX, "(uid=*)", dn=None)
        assert said.entries == {}

    def test_a_critical_control_nobody_knows_is_refused(self, tools: Tools) -> None:
        assert tools.search(SUFFIX, "-s", "base", "-e", "!1.3.6.1.4.1.99999.1").code == 12
        assert tools.search(SUFFIX, "-s", "base", "-e", "1.3.6.1.4.1.99999.1").code == 0

    def test_manage_dsa_it_is_accepted(self, tools: Tools, staff: str) -> None:
        assert len(tools.search(staff, "-MM").entries) == 6


class TestSearching:
    @pytest.mark.parametrize(("scope", "count"), [("base", 1), ("one", 4), ("sub", 6)])
    def test_scopes(self, tools: Tools, staff: str, scope: str, count: int) -> None:
        assert len(tools.search(staff, "-s", scope).entries) == count

    @pytest.mark.parametrize(
        ("filter_", "uids"),
        [
            ("(uid=an)", "an"),
            ("(UID=AN)", "an"),
            ("(cn=nguyễn văn an)", "an"),
            ("(cn=NGUYỄN  VĂN  AN)", "an"),
            ("(sn=Nguyễn)", "an dung"),
            ("(title=*)", "an binh chau em"),
            ("(!(title=*))", "dung"),
            ("(&(title=Chuyên viên)(sn=Lê))", "chau"),
            ("(|(uid=an)(uid=em))", "an em"),
            ("(cn=*Văn*)", "an em"),
            ("(cn=Nguyễn*)", "an dung"),
            ("(cn=*Bình)", "binh"),
            ("(cn=N*v*An)", "an"),
            ("(cn=*an*an*)", "an"),
            ("(uid~=an)", "an"),
            ("(employeeNumber=7)", "binh"),
            ("(telephoneNumber=+84-292111)", "an"),
            ("(cn:caseExactMatch:=Nguyễn Văn An)", "an"),
            ("(cn:caseExactMatch:=nguyễn văn an)", ""),
            ("(name=Lê)", "chau"),
            ("(2.5.4.4=Lê)", "chau"),
            ("(objectClass=person)", "an binh chau dung em"),
            ("(nosuch=1)", ""),
            ("(!(nosuch=1))", ""),
            ("(|(nosuch=1)(uid=an))", "an"),
            ("(uid=kh\\c3\\b4ng)", ""),
            ("(cn=Nguy\\e1\\bb\\85n V\\c4\\83n An)", "an"),
            ("(&(uid=*)(&))", "an binh chau dung em"),
            ("(&(uid=*)(|))", ""),
        ],
    )
    def test_filters(self, tools: Tools, staff: str, filter_: str, uids: str) -> None:
        said = tools.search(staff, f"(&(uid=*){filter_})", "uid")
        assert (said.code, said.values("uid")) == (0, uids.split()), said.err

    def test_the_other_unicode_form_finds_the_same(self, tools: Tools, staff: str) -> None:
        assert tools.search(staff, "(cn=Nguye\u0302\u0303n Va\u0306n An)", "uid").values("uid") == ["an"]

    def test_types_only_gives_names_without_values(self, tools: Tools, staff: str) -> None:
        (entry,) = tools.search(staff, "-A", "(uid=an)", "cn", "sn").entries.values()
        assert entry == {"cn": [""], "sn": [""]}

    def test_star_is_user_attributes_and_plus_the_operational_ones(self, tools: Tools, staff: str) -> None:
        (user,) = tools.search(staff, "(uid=an)", "*").entries.values()
        (operational,) = tools.search(staff, "(uid=an)", "+").entries.values()
        assert "entryUUID" not in user
        assert "cn" in user
        assert "cn" not in operational
        wanted = {
            "entryUUID",
            "entryDN",
            "createTimestamp",
            "modifyTimestamp",
            "creatorsName",
            "modifiersName",
        }
        assert wanted <= set(operational)
        assert operational["structuralObjectClass"] == ["inetOrgPerson"]
        assert operational["creatorsName"] == [ADMIN]

    def test_1_1_gives_no_attribute(self, tools: Tools, staff: str) -> None:
        assert list(tools.search(staff, "(uid=an)", "1.1").entries.values()) == [{}]

    def test_a_supertype_brings_its_subtypes(self, tools: Tools, staff: str) -> None:
        (entry,) = tools.search(staff, "(uid=an)", "name").entries.values()
        assert {"cn", "sn"} <= set(entry)

    def test_pages_hold_everything_once(self, tools: Tools, staff: str) -> None:
        said = tools.search(staff, "-E", "pr=2/noprompt", "(uid=*)", "uid")
        assert said.values("uid") == ["an", "binh", "chau", "dung", "em"]

    def test_the_size_limit_cuts_and_says_so(self, tools: Tools, staff: str) -> None:
        said = tools.search(staff, "-z", "2", "(uid=*)", "uid")
        assert (said.code, len(said.entries)) == (4, 2)
        assert tools.search(staff, "-z", "5", "(uid=*)", "uid").code == 0

    def test_a_missing_base_names_what_exists(self, tools: Tools, staff: str) -> None:
        said = tools.search(f"cn=x,uid=ai đó,uid=an,{staff}")
        assert said.code == 32
        assert "Matched DN: uid=an," in said.out + said.err

    def test_a_base_elsewhere_is_missing_without_a_match(self, tools: Tools) -> None:
        said = tools.search("dc=example,dc=org")
        assert (said.code, "Matched DN" in said.out + said.err) == (32, False)

    def test_a_base_that_is_no_dn_is_refused(self, tools: Tools) -> None:
        assert tools.search("nodn").code == 34

    def test_aliases_may_be_dereferenced(self, tools: Tools, staff: str) -> None:
        assert len(tools.search(staff, "-a", "always").entries) == 6

    def test_a_url_taken_apart_by_ldapurl_searches(self, tools: Tools, staff: str, server: Server) -> None:
        where = ("-S", "ldap", "-h", "127.0.0.1", "-p", str(server.port))
        made = _ldapurl(*where, "-b", staff, "-s", "one", "-f", "(uid=an)", "-a", "cn").strip()
        parts = dict(line.split(": ", 1) for line in _ldapurl("-H", made).splitlines())
        said = tools.search(parts["dn"], "-s", parts["scope"], parts["filter"], parts["selector"])
        assert said.values("cn") == ["Nguyễn Văn An"]


class TestAdding:
    def test_add_then_find(self, tools: Tools, container: str) -> None:
        said = tools.run("ldapadd", given=person(f"uid=moi,{container}", "mail: moi@example.org"))
        assert said.code == 0, said.err
        assert tools.search(container, "(mail=MOI@example.org)", "uid").values("uid") == ["moi"]

    @pytest.mark.parametrize(
        ("entry", "code"),
        [
            (person("uid=an,{base}"), 68),
            (person("UID=AN , {base}"), 68),
            (person("uid=x,uid=khong co,{base}"), 32),
            (person("uid=x,dc=example,dc=org"), 53),
            (person("uid=x,{base}", "nosuch: 1"), 17),
            (person("uid=x,{base}", "objectClass: nosuch"), 21),
            (person("uid=x,{base}", "dc: x"), 65),
            ("dn: uid=x,{base}\nobjectClass: inetOrgPerson\ncn: x\n", 65),
            (person("uid=x,{base}", "description: a", "description: A"), 20),
            (person("uid=x,{base}", "preferredLanguage: vi", "preferredLanguage: en"), 19),
            (person("uid=x,{base}", "entryUUID: 7f7f7f7f-0000-4000-8000-000000000000"), 19),
            (person("uid=x,{base}", "manager: not a dn"), 21),
            (person("uid=x,{base}", "objectClass: organizationalUnit"), 65),
            ("dn: uid=x,{base}\nobjectClass: uidObject\nuid: x\n", 65),
        ],
    )
    def test_what_cannot_be_added(self, tools: Tools, staff: str, entry: str, code: int) -> None:
        said = tools.run("ldapadd", given=entry.replace("{base}", staff))
        assert said.code == code, said.err

    def test_the_rdn_value_is_added_where_it_is_missing(self, tools: Tools, container: str) -> None:
        assert tools.run("ldapadd", given=person(f"uid=tựthêm,{container}")).code == 0
        assert tools.search(container, "(uid=tựthêm)", "uid").values("uid") == ["tựthêm"]

    def test_a_stream_goes_on_after_a_refusal_with_c(self, tools: Tools, container: str) -> None:
        ldif = "\n".join(person(f"uid={uid},{container}") for uid in ("m", "m", "n"))
        assert tools.run("ldapadd", "-c", given=ldif).code == 68
        assert tools.search(container, "(uid=*)", "uid").values("uid") == ["m", "n"]


class TestModifying:
    def test_add_delete_and_replace_in_one_request(self, tools: Tools, staff: str) -> None:
        changes = ("add: mobile", "mobile: +84 9", "-", "delete: telephoneNumber", "-")
        said = tools.change(modify(f"uid=an,{staff}", *changes, "replace: title", "title: Giám đốc"))
        assert said.code == 0, said.err
        (entry,) = tools.search(staff, "(uid=an)", "mobile", "telephoneNumber", "title").entries.values()
        assert entry == {"mobile": ["+84 9"], "title": ["Giám đốc"]}

    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            (("delete: mobile",), 16),
            (("delete: title", "title: khác"), 16),
            (("add: title", "title: chuyên  viên"), 20),
            (("delete: uid", "uid: an"), 67),
            (("replace: uid", "uid: khac"), 67),
            (("delete: sn",), 65),
            (("add: dc", "dc: x"), 65),
            (("add: nosuch", "nosuch: x"), 17),
            (("replace: manager", "manager: x"), 21),
            (("replace: entryUUID", "entryUUID: 7f7f7f7f-0000-4000-8000-000000000000"), 19),
            (("replace: preferredLanguage", "preferredLanguage: vi", "preferredLanguage: en"), 19),
            (("delete: objectClass",), 65),
            (("replace: objectClass", "objectClass: organizationalRole"), 69),
        ],
    )
    def test_what_cannot_be_changed(
        self, tools: Tools, staff: str, lines: tuple[str, ...], code: int
    ) -> None:
        said = tools.change(modify(f"uid=an,{staff}", *lines))
        assert said.code == code, said.err

    def test_a_missing_entry_names_what_exists(self, tools: Tools, staff: str) -> None:
        said = tools.change(modify(f"uid=ai,{staff}", "replace: title", "title: x"))
        assert said.code == 32
        assert "matched DN" in said.err

    def test_nothing_is_changed_when_a_later_part_is_refused(self, tools: Tools, staff: str) -> None:
        lines = ("replace: title", "title: Giám đốc", "-", "delete: mobile")
        assert tools.change(modify(f"uid=an,{staff}", *lines)).code == 16
        assert tools.search(staff, "(uid=an)", "title").values("title") == ["Chuyên viên"]

    def test_a_required_attribute_may_be_deleted_and_added_again(self, tools: Tools, staff: str) -> None:
        lines = ("delete: sn", "sn: Nguyễn", "-", "add: sn", "sn: Ngô")
        assert tools.change(modify(f"uid=an,{staff}", *lines)).code == 0

    def test_replacing_what_is_absent_with_nothing_is_done(self, tools: Tools, staff: str) -> None:
        assert tools.change(modify(f"uid=an,{staff}", "replace: mobile")).code == 0

    def test_the_modifier_and_the_time_are_noted(self, tools: Tools, staff: str) -> None:
        tools.change(modify(f"uid=an,{staff}", "replace: title", "title: x"))
        (entry,) = tools.search(staff, "(uid=an)", "modifiersName", "entryCSN").entries.values()
        assert entry["modifiersName"] == [ADMIN]

    def test_a_number_is_incremented(self, tools: Tools, container: str) -> None:
        dn = f"cn=đếm,{container}"
        classes = "objectClass: organizationalRole\nobjectClass: pwdPolicy\npwdAttribute: userPassword"
        said = tools.run("ldapadd", given=f"dn: {dn}\n{classes}\ncn: đếm\npwdMaxFailure: 3\n")
        assert said.code == 0, said.err
        assert tools.change(modify(dn, "increment: pwdMaxFailure", "pwdMaxFailure: 4")).code == 0
        assert tools.change(modify(dn, "increment: pwdMaxFailure", "pwdMaxFailure: -2")).code == 0
        assert tools.search(dn, "-s", "base", "pwdMaxFailure").values("pwdMaxFailure") == ["5"]
        assert tools.change(modify(dn, "increment: pwdMinAge", "pwdMinAge: 1")).code == 16
        assert tools.change(modify(dn, "increment: cn", "cn: 1")).code in (18, 19)

    def test_a_file_with_all_kinds_of_changes(self, tools: Tools, staff: str) -> None:
        ldif = "\n".join(
            (
                person(f"uid=moi,{staff}").replace("objectClass", "changetype: add\nobjectClass", 1),
                modify(f"uid=moi,{staff}", "add: title", "title: mới"),
                f"dn: uid=moi,{staff}\nchangetype: modrdn\nnewrdn: uid=cu\ndeleteoldrdn: 1\n",
                f"dn: uid=dung,{staff}\nchangetype: delete\n",
            )
        )
        said = tools.change(ldif)
        assert said.code == 0, said.err
        assert tools.search(staff, "-s", "one", "uid").values("uid") == ["an", "binh", "chau", "cu"]


class TestRenamingAndDeleting:
    def test_a_new_name_replaces_the_old_value(self, tools: Tools, staff: str) -> None:
        assert tools.run("ldapmodrdn", "-r", f"uid=an,{staff}", "uid=an2").code == 0
        assert tools.search(staff, "(cn=Nguyễn Văn An)", "uid").values("uid") == ["an2"]

    def test_a_new_name_may_keep_the_old_value(self, tools: Tools, staff: str) -> None:
        assert tools.run("ldapmodrdn", f"uid=an,{staff}", "uid=an2").code == 0
        assert tools.search(staff, "(cn=Nguyễn Văn An)", "uid").values("uid") == ["an", "an2"]

    def test_a_whole_subtree_moves_and_keeps_its_identity(self, tools: Tools, staff: str) -> None:
        before = tools.search(staff, "(uid=em)", "entryUUID").values("entryUUID")
        said = tools.run("ldapmodrdn", "-r", "-s", f"uid=binh,{staff}", f"uid=chau,{staff}", "uid=chau")
        assert said.code == 0, said.err
        moved = tools.search(staff, "(uid=em)", "entryUUID")
        assert list(moved.entries) == [f"uid=em,uid=chau,uid=binh,{staff}"]
        assert moved.values("entryUUID") == before

    @pytest.mark.parametrize(
        ("renaming", "code"),
        [
            ("uid=an,{base} uid=binh", 68),
            ("uid=an,{base} uid=AN", 0),
            ("uid=an,{base} nosuch=1", 34),
            ("uid=an,{base} dc=x", 65),
            ("uid=khong,{base} uid=co", 32),
            ("-s uid=khong,{base} uid=an,{base} uid=an", 32),
            ("-s uid=em,uid=chau,{base} uid=chau,{base} uid=chau", 53),
        ],
    )
    def test_renames(self, tools: Tools, staff: str, renaming: str, code: int) -> None:
        arguments = [word.replace("{base}", staff) for word in renaming.split()]
        said = tools.run("ldapmodrdn", "-r", *arguments)
        assert said.code == code, said.err

    def test_only_leaves_are_deleted(self, tools: Tools, staff: str) -> None:
        assert tools.run("ldapdelete", f"uid=chau,{staff}").code == 66
        assert tools.run("ldapdelete", f"uid=em,uid=chau,{staff}").code == 0
        assert tools.run("ldapdelete", f"uid=chau,{staff}").code == 0
        assert tools.run("ldapdelete", f"uid=chau,{staff}").code == 32

    def test_the_client_deletes_a_tree_by_itself(self, tools: Tools, staff: str) -> None:
        said = tools.run("ldapdelete", "-r", staff)
        assert said.code == 0, said.err
        assert tools.search(staff, "-s", "base").code == 32


class TestComparing:
    @pytest.mark.parametrize(
        ("assertion", "code"),
        [("title:chuyên viên", 6), ("title:khác", 5), ("mobile:1", 16), ("nosuch:1", 17)],
    )
    def test_compare(self, tools: Tools, staff: str, assertion: str, code: int) -> None:
        assert tools.run("ldapcompare", f"uid=an,{staff}", assertion).code == code

    def test_a_missing_entry(self, tools: Tools, staff: str) -> None:
        assert tools.run("ldapcompare", f"uid=khong,{staff}", "cn:x").code == 32


class TestIdentity:
    def test_who_am_i(self, tools: Tools) -> None:
        assert tools.run("ldapwhoami").out.strip() == f"dn:{ADMIN}"
        assert tools.run("ldapwhoami", dn=None).out.strip() == "anonymous"

    def test_a_wrong_password_and_an_unknown_name_look_the_same(self, tools: Tools) -> None:
        wrong = tools.run("ldapwhoami", password="sai")
        unknown = tools.run("ldapwhoami", dn=f"uid=khong,ou=orgs,{SUFFIX}", password="sai")
        assert (wrong.code, wrong.err) == (unknown.code, unknown.err)
        assert wrong.code == 49

    def test_a_name_without_a_password_is_refused(self, tools: Tools) -> None:
        assert tools.run("ldapwhoami", password="").code == 53

    def test_a_bind_name_that_is_no_dn_is_refused(self, tools: Tools) -> None:
        assert tools.run("ldapwhoami", dn="nguyễn văn an").code in (34, 49)

    def test_a_set_password_works_and_the_old_one_does_not(self, tools: Tools, staff: str) -> None:
        dn = f"uid=an,{staff}"
        assert tools.run("ldappasswd", "-s", PASSWORD, dn).code == 0
        assert tools.run("ldapwhoami", dn=dn, password=PASSWORD).out.strip() == f"dn:{dn}"
        assert tools.run("ldappasswd", "-s", "Song-Hau-7895", dn).code == 0
        assert tools.run("ldapwhoami", dn=dn, password=PASSWORD).code == 49

    def test_a_generated_password_works(self, tools: Tools, staff: str) -> None:
        dn = f"uid=binh,{staff}"
        said = tools.run("ldappasswd", dn)
        generated = said.out.strip().removeprefix("New password: ")
        assert tools.run("ldapwhoami", dn=dn, password=generated).code == 0

    def test_ldapexop_asks_who_it_is(self, tools: Tools) -> None:
        assert f"dn:{ADMIN}" in tools.run("ldapexop", "whoami").out

    def test_an_unknown_extended_operation_is_a_protocol_error(self, tools: Tools) -> None:
        assert "Protocol error (2)" in tools.run("ldapexop", "1.3.6.1.4.1.99999.2").err
