"""Apache Directory Studio finds no rough edge: what its windows do, by the library inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interop.ldap import studio_pictures
from interop.ldap.java_clients import JavaClient
from interop.ldap.studio import ALL_OPERATIONAL, PAGED_RESULTS, TREE_DELETE, Attributes, Studio
from interop.ldap.studio_fixture import JPEG, PEOPLE, Places, ldif, plant, replanted
from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, free_port, make_home

PERSON = ["top", "person", "organizationalPerson", "inetOrgPerson"]
SECURITIES = ("none", "start-tls", "ldaps")
PASSWORD = "Ruộng-bậc-thang-57"
NEW_PASSWORD = "Thuyền-thúng-ngoài-khơi-8"


@pytest.fixture(scope="module")
def studio(server: Server, directory_api: JavaClient) -> Studio:
    """Studio, connected as the administrator over StartTLS."""
    return Studio(directory_api, server).open()


@pytest.fixture(scope="module")
def at(studio: Studio) -> Places:
    """The tree all cases are tried on."""
    return plant(studio, f"ou=studio,{SUFFIX}")


@pytest.fixture(scope="module")
def strict(directory_api: JavaClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A second connection, to a server with a sample of people that takes passwords by TLS only; not
    connected yet."""
    settings = {"plaintext_bind": '"never"'}
    server = make_home(tmp_path_factory.mktemp("strict"), settings, sample=studio_pictures.SAMPLE)
    server.start()
    yield Studio(directory_api, server, on="strict")
    server.stop()


@pytest.fixture
def newcomer(studio: Studio, at: Places) -> Iterator[str]:
    """A person just added, with a password; gone after the test."""
    dn = f"uid=moi,{at.target}"
    person = {"objectClass": PERSON, "cn": "Người Mới", "sn": "Người", "userPassword": PASSWORD}
    assert studio.add(dn, person).code == 0
    yield dn
    studio.delete(dn)


# Connecting and binding


@pytest.mark.parametrize(
    ("security", "secured", "protocol"),
    [("none", False, None), ("ldaps", True, "TLSv1.3"), ("start-tls", True, "TLSv1.3")],
)
def test_it_connects_and_disconnects(
    studio: Studio, security: str, secured: bool, protocol: str | None
) -> None:
    other = Studio(studio.client, studio.server, on="other")

    assert other.connect(security) == {"connected": True, "secured": secured, "protocol": protocol}
    assert other.close()["connected"] is False


def test_a_port_where_nobody_listens_is_no_connection(studio: Studio) -> None:
    other = Studio(studio.client, studio.server, on="other")

    assert other.connect(port=free_port())["failure"] == "InvalidConnectionException"


@pytest.mark.parametrize("security", SECURITIES)
def test_the_administrator_binds(studio: Studio, security: str) -> None:
    other = Studio(studio.client, studio.server, on="other")
    other.connect(security)

    assert other.bind(ADMIN, ADMIN_PASSWORD).code == 0
    assert other.who_am_i() == ADMIN


def test_without_authentication_it_is_nobody_and_still_sees_root_dse_and_schema(studio: Studio) -> None:
    other = Studio(studio.client, studio.server, on="other")
    other.connect()

    assert other.bind(None).code == 0
    assert other.root_dse()["namingContexts"] == [SUFFIX]
    assert "inetOrgPerson" in other.schema()["classes"]


@pytest.mark.parametrize(
    ("security", "code"), [("none", 13), ("start-tls", 0), ("ldaps", 0)]
)  # 13: confidentialityRequired
def test_where_passwords_need_tls_a_bind_without_it_is_told_so(
    strict: Studio, security: str, code: int
) -> None:
    strict.connect(security)

    done = strict.bind(ADMIN, ADMIN_PASSWORD)

    assert done.code == code
    assert bool(done.message) is (code != 0)


@pytest.mark.parametrize("who", [f"cn=khongco,{SUFFIX}", ADMIN], ids=["unknown name", "wrong password"])
def test_a_refused_bind_says_nothing_but_that(studio: Studio, who: str) -> None:
    other = Studio(studio.client, studio.server, on="other")
    other.connect()

    done = other.bind(who, "Sai-mật-khẩu-1")

    assert (done.code, done.message, done.matched) == (49, "", "")


@pytest.mark.parametrize("security", SECURITIES)
@pytest.mark.parametrize("mechanism", ["DIGEST-MD5", "CRAM-MD5"])
def test_the_old_sasl_methods_are_refused_in_words_and_the_connection_goes_on(
    studio: Studio, mechanism: str, security: str
) -> None:
    other = Studio(studio.client, studio.server, on="other")
    other.connect(security)

    told = other.bind_sasl(mechanism, "nguoi.1", PASSWORD)

    assert told["code"] == 7  # authMethodNotSupported
    assert "TLS" in told["message"]
    assert other.bind(ADMIN, ADMIN_PASSWORD).code == 0


@pytest.mark.parametrize("security", SECURITIES)
def test_much_work_small_and_large_leaves_no_connection_behind(
    studio: Studio, at: Places, security: str
) -> None:
    other, entries = Studio(studio.client, studio.server, on="other"), 12
    for _ in range(6):
        other.open(security).close()
    other.open(security)
    names = [f"uid=tai.{number},{at.deep}" for number in range(entries)]
    for number, dn in enumerate(names):
        large: Attributes = {"description": "d" * 10_000, "jpegPhoto": JPEG * 400}
        entry: Attributes = {"objectClass": PERSON, "cn": "tải", "sn": "tải"}
        assert other.add(dn, {**entry, **large} if number % 4 == 0 else entry).code == 0
        assert other.modify(dn, ("replace", "description", ["đã sửa"])).code == 0
    assert other.modify(names[0], ("replace", "userPassword", [PASSWORD])).code == 0

    found = other.search(at.deep, attributes=["*"])
    assert sorted(found.names) == sorted(names)
    assert sum(entry["jpegPhoto"] == [JPEG * 400] for entry in found.entries) == 3
    assert [other.delete(dn).code for dn in names] == [0] * entries


# The root DSE and the schema


def test_every_name_in_the_root_dse_is_an_entry(studio: Studio) -> None:
    root = studio.root_dse()
    names = {value for values in root.attributes.values() for value in values if "=" in str(value)}

    assert {SUFFIX, "cn=subschema"} <= names
    for name in names:
        assert studio.search(str(name), scope="base").names == [name]


def test_the_root_dse_says_who_it_is_and_names_no_other_maker(studio: Studio) -> None:
    root = studio.root_dse()
    told = f"{root['vendorName']} {root['vendorVersion']}"

    assert root["vendorName"] == ["govdir"]
    assert not [
        name
        for name in ("Apache", "IBM", "Netscape", "Novell", "Sun", "389", "OpenDJ", "Oracle")
        if name.lower() in told.lower()
    ]


def test_what_studio_switches_on_by_the_root_dse_is_listed(studio: Studio) -> None:
    root = studio.root_dse()

    assert {PAGED_RESULTS, TREE_DELETE, "1.3.6.1.4.1.4203.1.10.1", "2.16.840.1.113730.3.4.2"} <= set(
        root["supportedControl"]
    )
    assert ALL_OPERATIONAL in root["supportedFeatures"]
    assert "1.3.6.1.4.1.4203.1.11.1" in root["supportedExtension"]


def test_apaches_loader_takes_the_schema_without_complaint(studio: Studio) -> None:
    schema = studio.schema()

    assert schema["complaints"] == []
    assert {"top", "inetOrgPerson", "groupOfNames", "gdPerson"} <= schema["classes"].keys()
    assert [name for name, facts in schema["types"].items() if facts["syntax"] is None] == []


def test_every_attribute_an_entry_shows_is_in_the_schema_and_operational_ones_say_so(
    studio: Studio, at: Places
) -> None:
    types = {name.lower(): facts for name, facts in studio.schema()["types"].items()}
    shown = studio.attributes(at.captain)
    user = studio.entry(at.captain, "*")
    assert user is not None

    assert [name for name in shown.attributes if name.lower() not in types] == []
    operational = shown.attributes.keys() - user.attributes.keys()
    assert {name: types[name.lower()]["operational"] for name in operational} == dict.fromkeys(
        operational, True
    )
    assert not any(types[name.lower()]["modifiable"] for name in operational)


# The tree


def test_expanding_an_entry_shows_its_children_and_which_of_them_have_some(
    studio: Studio, at: Places
) -> None:
    found = studio.children(at.mixed)

    assert found.code == 0
    assert {entry.dn: entry.leaf for entry in found.entries if entry.dn != at.subentry} == {
        f"ou=một,{at.mixed}": False,
        at.captain: True,
        f"cn=loopback+serialNumber=127.0.0.1,{at.mixed}": True,
        f"cn=Bà Trưng+uid=batrung,{at.mixed}": True,
        at.alias: True,
    }


def test_a_large_container_shows_as_many_as_asked_for_and_that_there_are_more(
    studio: Studio, at: Places
) -> None:
    found = studio.children(at.people, limit=5)

    assert (found.code, len(found.entries)) == (4, 5)  # sizeLimitExceeded


def test_an_entry_shows_what_it_is_and_where_it_comes_from(studio: Studio, at: Places) -> None:
    entry = studio.attributes(at.captain)

    assert entry["structuralObjectClass"] == ["inetOrgPerson"]
    assert entry["entryDN"] == [at.captain]
    assert entry["creatorsName"] == entry["modifiersName"] == [ADMIN]
    assert entry["subschemaSubentry"] == ["cn=subschema"]
    assert entry["hasSubordinates"] == ["FALSE"]
    assert entry["createTimestamp"][0] == entry["modifyTimestamp"][0]
    assert len(str(entry["entryUUID"][0])) == 36


def test_octets_come_back_as_they_went(studio: Studio, at: Places) -> None:
    entry = studio.attributes(at.captain)

    assert entry["jpegPhoto"] == [JPEG]
    certificates = {bytes(range(256)), bytes(range(256)) + b"\0", bytes(range(255))}
    assert set(entry["userSMIMECertificate"]) == certificates
    assert entry["description"] == ["A Ä € Я λ ש ع 誰 "]


# Searching


def test_a_search_takes_everything_its_dialog_offers(studio: Studio, at: Places) -> None:
    found = studio.search(
        at.root,
        "(&(objectClass=person)(cn=nguyễn*))",
        "sub",
        ["cn", "telephoneNumber"],
        count=3,
        time=30,
        controls=["manage"],
    )

    assert (found.code, len(found.entries)) == (4, 3)
    assert {name for entry in found.entries for name in entry.attributes} == {"cn", "telephoneNumber"}


def test_names_only_leaves_the_values_out(studio: Studio, at: Places) -> None:
    found = studio.search(at.captain, scope="base", types_only=True)

    assert "description" in found.entries[0].attributes
    assert not any(found.entries[0].attributes.values())


def test_a_time_limit_in_milliseconds_that_was_meant_in_seconds_is_no_reason_to_refuse(
    studio: Studio, at: Places
) -> None:
    assert studio.search(at.people, time=2_147_483_647).code == 0


def test_pages_hold_everybody_once(studio: Studio, at: Places) -> None:
    pages = studio.pages(at.people, 3)

    assert [len(page) for page in pages] == [3, 3, 2]
    assert len({name for page in pages for name in page}) == PEOPLE


def test_scroll_mode_holds_a_page_while_other_searches_and_other_pages_pass(
    studio: Studio, at: Places
) -> None:
    first = studio.search(at.people, controls=["page 5"])
    other = studio.search(at.mixed, controls=["page 2"])
    studio.search(at.root, scope="sub")
    cookie, second_cookie = (found.controls[PAGED_RESULTS]["cookie"] for found in (first, other))

    rest = studio.search(at.people, controls=[f"page 5 {cookie}"])
    other_rest = studio.search(at.mixed, controls=[f"page 9 {second_cookie}"])

    assert sorted(first.names + rest.names) == [at.person(number) for number in range(1, PEOPLE + 1)]
    assert rest.controls[PAGED_RESULTS]["cookie"] == ""
    assert sorted(other.names + other_rest.names) == sorted(studio.search(at.mixed).names)


def test_a_closed_connection_may_take_the_next_page_on_a_new_one(studio: Studio, at: Places) -> None:
    other = Studio(studio.client, studio.server, on="other").open()
    cookie = other.search(at.people, controls=["page 5"]).controls[PAGED_RESULTS]["cookie"]
    other.close()

    assert len(other.open().search(at.people, controls=[f"page 5 {cookie}"]).entries) == PEOPLE - 5


def test_a_sorted_search_comes_in_order(studio: Studio, at: Places) -> None:
    found = studio.search(at.people, attributes=["employeeNumber"], controls=["sort -employeeNumber"])

    numbers = [entry["employeeNumber"][0] for entry in found.entries]
    assert numbers == [str(number) for number in range(PEOPLE, 0, -1)]
    assert found.controls["1.2.840.113556.1.4.474"]["result"] == "SUCCESS"


def test_a_view_of_a_sorted_list_tells_where_it_is(studio: Studio, at: Places) -> None:
    found = studio.search(
        at.people, attributes=["employeeNumber"], controls=["sort employeeNumber", "view 1 2 3"]
    )

    assert [entry["employeeNumber"][0] for entry in found.entries] == ["2", "3", "4", "5"]
    view = found.controls["2.16.840.1.113730.3.4.10"]
    assert (view["position"], view["count"]) == (3, PEOPLE)


def test_compare_is_true_or_false(studio: Studio, at: Places) -> None:
    assert studio.compare(at.person(1), "cn", "NGUYỄN ÁNH") == 6
    assert studio.compare(at.person(1), "cn", "Nguyễn Bình") == 5


# Editing


def test_a_new_entry_is_there(studio: Studio, newcomer: str) -> None:
    assert studio.attributes(newcomer)["cn"] == ["Người Mới"]


def test_a_value_is_edited_by_taking_the_old_away_and_adding_the_new(studio: Studio, newcomer: str) -> None:
    old = studio.attributes(newcomer)["cn"]

    assert studio.edit(newcomer, "cn", old, ["Người Cũ", "Người Khác"]).code == 0
    assert studio.edit(newcomer, "description", [], ["một", "hai"]).code == 0
    assert studio.edit(newcomer, "description", ["một", "hai"], []).code == 0
    entry = studio.attributes(newcomer)
    assert (entry["cn"], entry["description"]) == (["Người Cũ", "Người Khác"], [])


def test_replacing_is_the_other_mode_and_nothing_removes_the_attribute(studio: Studio, newcomer: str) -> None:
    assert studio.modify(newcomer, ("replace", "title", ["Chuyên viên", "Kế toán"])).code == 0
    assert studio.modify(newcomer, ("replace", "title", [])).code == 0
    assert studio.attributes(newcomer)["title"] == []


def test_an_octet_value_is_edited_by_its_octets(studio: Studio, newcomer: str) -> None:
    assert studio.edit(newcomer, "jpegPhoto", [], [JPEG]).code == 0
    assert studio.edit(newcomer, "jpegPhoto", [JPEG], [JPEG + b"\0"]).code == 0
    assert studio.attributes(newcomer)["jpegPhoto"] == [JPEG + b"\0"]


@pytest.mark.parametrize("dn", ["dc=cantho,dc=gov,dc=vn", f"ou=orgs,{SUFFIX}"])
def test_a_wrong_edit_is_explained(studio: Studio, dn: str) -> None:
    done = studio.modify(dn, ("add", "khongCo", ["1"]))

    assert done.code == 17  # undefinedAttributeType
    assert "khongCo" in done.message


def test_renaming_sends_the_parent_along_and_is_no_move(studio: Studio, at: Places, newcomer: str) -> None:
    before = studio.attributes(newcomer)["entryUUID"]
    new = f"uid=đổi tên,{at.target}"

    assert studio.rename(newcomer, new).code == 0
    entry = studio.attributes(new)
    assert (entry["uid"], entry["entryUUID"]) == (["đổi tên"], before)
    assert studio.rename(new, newcomer).code == 0


def test_renaming_may_keep_the_old_value(studio: Studio, at: Places, newcomer: str) -> None:
    new = f"cn=tên khác,{at.target}"

    assert studio.rename(newcomer, new, keep_old=True).code == 0
    assert studio.attributes(new)["uid"] == ["moi"]
    assert studio.rename(new, newcomer).code == 0


def test_moving_an_entry_takes_everything_below_along(studio: Studio, at: Places) -> None:
    here, there = f"ou=dọn đi,{at.target}", f"ou=dọn đi,{at.mixed}"
    for dn in (here, f"ou=con,{here}", f"ou=cháu,ou=con,{here}"):
        assert studio.add(dn, {"objectClass": "organizationalUnit"}).code == 0

    assert studio.rename(here, there).code == 0
    assert studio.search(there, scope="sub").names == [
        there,
        f"ou=con,{there}",
        f"ou=cháu,ou=con,{there}",
    ]
    assert studio.entry(here) is None
    assert studio.delete_one_by_one(there).code == 0


def test_a_group_follows_a_member_that_is_renamed(studio: Studio, at: Places) -> None:
    new = f"uid=thuyentruong.2,{at.mixed}"

    assert studio.rename(at.captain, new).code == 0
    assert new in studio.attributes(at.group)["member"]
    assert studio.rename(new, at.captain).code == 0
    assert at.captain in studio.attributes(at.group)["member"]


def test_a_copy_is_like_its_original(studio: Studio, at: Places) -> None:
    copy = f"uid=bản sao,{at.target}"

    assert studio.copy(at.person(3), copy).code == 0
    assert studio.attributes(copy)["cn"] == ["Nguyễn Châu"]
    assert studio.copy(at.person(3), copy).code == 68  # entryAlreadyExists: the dialog asks what to do
    assert studio.delete(copy).code == 0


@pytest.fixture
def tree(studio: Studio, at: Places) -> Iterator[str]:
    """The top of four entries."""
    top = f"ou=cây,{at.target}"
    for dn in (top, f"ou=cành,{top}", f"ou=lá,ou=cành,{top}", f"ou=quả,{top}"):
        assert studio.add(dn, {"objectClass": "organizationalUnit"}).code == 0
    yield top
    if studio.entry(top) is not None:
        studio.delete_one_by_one(top)


def test_an_entry_with_others_below_goes_from_below(studio: Studio, tree: str) -> None:
    assert studio.delete(tree).code == 66  # notAllowedOnNonLeaf
    assert studio.delete_one_by_one(tree).code == 0
    assert studio.entry(tree) is None


def test_the_tree_control_deletes_all_at_once(studio: Studio, tree: str) -> None:
    done = studio.delete(tree, controls=["tree-delete"])

    assert done.code == 0
    assert studio.search(tree, scope="sub").code == 32  # noSuchObject


# LDIF


def test_an_import_carries_out_record_by_record_and_tells_of_each(
    studio: Studio, at: Places, tmp_path: Path
) -> None:
    one, two = f"ou=một,{at.target}", f"ou=hai,{at.target}"
    unit = {"objectClass": ["organizationalUnit"]}
    modify = ldif({"dn": [one]}) + "changetype: modify\nadd: description\n" + ldif({"description": ["mô tả"]})
    rename = ldif({"dn": [one]}) + "changetype: moddn\nnewrdn: ou=ba\ndeleteoldrdn: 1\n"
    delete = ldif({"dn": [f"ou=ba,{at.target}"]}) + "changetype: delete\n"
    add = ldif({"dn": [one]}) + "changetype: add\n" + ldif(unit)
    again = ldif({"dn": [two]}) + "changetype: add\n" + ldif(unit)
    gone = ldif({"dn": [two]}) + "changetype: delete\n"

    done = studio.import_ldif("\n".join((add, modify + "-\n", rename, delete, again, again, gone)))

    assert [outcome.code for outcome in done] == [0, 0, 0, 0, 0, 68, 0]


def test_an_export_can_be_imported_elsewhere(studio: Studio, at: Places) -> None:
    elsewhere = f"ou=nơi khác,{at.target}"
    text = studio.export_ldif(at.mixed, "*")

    done = studio.import_ldif(replanted(text, at.mixed, elsewhere))

    assert {outcome.code for outcome in done} == {0}
    captain = studio.attributes(f"uid=thuyentruong,{elsewhere}")
    assert captain["description"] == studio.attributes(at.captain)["description"]
    assert studio.attributes(f"cn=bí danh,{elsewhere}")["aliasedObjectName"] == [elsewhere]
    assert len(studio.search(elsewhere, scope="sub").names) == len(done)
    assert studio.delete_one_by_one(elsewhere).code == 0


# Passwords


def test_the_administrator_sets_a_password_by_the_dialog(studio: Studio, newcomer: str) -> None:
    assert studio.change_password(newcomer, new=NEW_PASSWORD).code == 0
    assert bind_as(studio, newcomer, NEW_PASSWORD).code == 0
    assert bind_as(studio, newcomer, PASSWORD).code == 49


def test_the_dialog_shows_a_password_the_server_made(studio: Studio, newcomer: str) -> None:
    done = studio.change_password(newcomer)

    assert done.code == 0
    assert bind_as(studio, newcomer, done.told["generated"]).code == 0


def test_a_person_changes_its_own_password_if_it_knows_the_old_one(studio: Studio, newcomer: str) -> None:
    person = Studio(studio.client, studio.server, on="person").open(dn=newcomer, password=PASSWORD)

    assert person.change_password(newcomer, "Không-phải-vậy-3", NEW_PASSWORD).code == 49
    assert person.change_password(newcomer, PASSWORD, NEW_PASSWORD).code == 0
    assert bind_as(studio, newcomer, NEW_PASSWORD).code == 0


@pytest.mark.parametrize(
    "hashed",
    [
        "{SSHA}VHg6ewDaPUmVWw3efXL5NF6bVuRHGWhrCRH1xA==",
        "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
        "{MD5}X03MO1qnZdYdgyfeuILPmQ==",
        "{CRYPT}$6$abcdefgh$yVfUwsw5T.JApa8POvClA1pQ5peiq97DUNyXCZN5IrF.BMSkiaLQ5kvpuEm/VQ1Tvh/KV2TcaWh8qinoW5dhA1",
    ],
)
def test_a_password_hashed_by_the_editor_is_refused_with_what_to_choose_instead(
    studio: Studio, newcomer: str, hashed: str
) -> None:
    done = studio.modify(newcomer, ("replace", "userPassword", [hashed]), controls=["password-policy"])

    assert done.code == 19  # constraintViolation
    assert "Plaintext" in done.message
    assert hashed not in done.message
    assert bind_as(studio, newcomer, PASSWORD).code == 0


def test_plaintext_in_the_editor_sets_the_password(studio: Studio, newcomer: str) -> None:
    assert studio.modify(newcomer, ("replace", "userPassword", [NEW_PASSWORD])).code == 0
    assert studio.attributes(newcomer)["userPassword"] == []
    assert bind_as(studio, newcomer, NEW_PASSWORD).code == 0


def test_who_am_i_names_the_caller(studio: Studio) -> None:
    assert studio.who_am_i() == ADMIN


def test_a_transaction_is_carried_out_as_a_whole_or_not_at_all(studio: Studio, at: Places) -> None:
    unit: dict[str, Any] = {"objectClass": "organizationalUnit"}
    first, second = f"ou=giao dịch,{at.target}", f"ou=con,ou=giao dịch,{at.target}"
    for commit in (False, True):
        started, transaction = studio.start_transaction()
        assert started.code == 0
        for dn in (first, second):
            assert studio.add(dn, unit, controls=[f"transaction {transaction}"]).code == 0
        assert studio.entry(first) is None
        assert studio.end_transaction(transaction, commit=commit).code == 0
        assert (studio.entry(second) is not None) is commit
    assert studio.delete_one_by_one(first).code == 0


# The page about Studio

PAGE = studio_pictures.FOLDER.with_suffix(".md")


def test_the_pages_pictures_are_what_a_demonstration_shows(strict: Studio) -> None:
    # Differs? Draw them anew: python -m interop.ldap.studio_pictures
    drawn = studio_pictures.draw(strict.open())

    assert {file: (studio_pictures.FOLDER / file).read_text("utf-8") for file in drawn} == drawn


def test_the_page_quotes_what_the_server_says(strict: Studio) -> None:
    strict.open()
    person, agency = studio_pictures.PERSON, studio_pictures.PERSON.partition(",")[2]
    copied = strict.entry(person, "*")
    assert copied is not None
    mailbox = {"objectClass": ["inetOrgPerson", "gdPerson", "gdMailbox"], "cn": "Đặng Thị Lụa"}
    blocked: Attributes = {**mailbox, "accountStatus": "disabled"}
    hashed = "{SSHA}VHg6ewDaPUmVWw3efXL5NF6bVuRHGWhrCRH1xA=="
    said = [
        strict.bind_sasl("DIGEST-MD5", "nvminh", PASSWORD)["message"],
        strict.open().modify(person, ("add", "khongCo", ["1"])).message,
        strict.modify(person, ("replace", "userPassword", [hashed])).message,
        strict.copy(person, f"uid=khac,{agency}").message,
        strict.modify(person, ("replace", "accountStatus", ["disabled"])).message,
        strict.add(f"uid=khac,{agency}", blocked).message,
        strict.search(f"uid=khongco,{agency}").message,
        strict.rename(f"ou=orgs,{SUFFIX}", f"ou=coquan,{SUFFIX}").message,
        strict.delete(agency).message,
        strict.add(person, copied.attributes).message,
    ]

    rows = re.findall(r"^\| \d+ \| `(.*?)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len(said)
    said_otherwise = [
        quoted
        for quoted, message in zip(rows, said, strict=True)
        if not any(part in message for part in quoted.split("`, `"))
    ]
    assert said_otherwise == []


def bind_as(studio: Studio, dn: str, password: str) -> Any:
    """What Studio's *Bind* button gets: a second connection that binds."""
    second = Studio(studio.client, studio.server, on="second")
    second.connect()
    try:
        return second.bind(dn, password)
    finally:
        second.close()
