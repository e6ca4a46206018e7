"""The shipped access rules, one by one, and what the reader of rules says about mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govdir.directory.access import AccessRuleError, AccessRules
from govdir.directory.caller import Caller, Role
from govdir.directory.errors import (
    ConstraintViolation,
    DirectoryError,
    InsufficientAccessRights,
    NoSuchObject,
)
from govdir.directory.handle import Handle
from govdir.ldap.codec.messages import AddRequest, ModifyOperation, Scope
from tests.directory.building import (
    ADMIN,
    SONV,
    SOTTTT,
    SUFFIX,
    Town,
    attribute,
    entries,
    names,
    open_town,
    request,
)
from tests.directory.imaging import VOCABULARY

AN, BINH, CHI = f"uid=an,{SONV}", f"uid=binh,{SOTTTT}", f"uid=chi,{SONV}"
PASSWORD = "{SSHA}qoqo8p2lzW2u9gJ5c1cV4vB0nYxhbGVtb3VzZQ=="
LIST = f"cn=all,ou=lists,{SUFFIX}"
SERVICE = f"cn=postfix,ou=services,{SUFFIX}"


def populate(town: Town) -> None:
    town.person("an", "Lê An", telephoneNumber="1", employeeNumber="7", userPassword=PASSWORD)
    town.person("binh", "Trần Bình", SOTTTT, telephoneNumber="2")
    town.person("chi", "Vũ Chi", SONV)
    town.add(
        LIST, {"objectClass": "gdMailList", "mail": "all@cantho.gov.vn", "member": (AN, BINH), "owner": AN}
    )
    town.add(SERVICE, {"objectClass": "gdService", "gdServiceKind": "mail"})


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, furnished: Path) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("access") / "town.db", furnished) as town:
        populate(town)
        yield town


@pytest.fixture
def peopled(town: Town) -> Town:
    populate(town)
    return town


def seen(handle: Handle, dn: str, *asked: str) -> set[str]:
    """The attribute types that a caller reads of an entry; nothing if the entry is hidden."""
    try:
        found = entries(handle.search(request("(&)", dn, Scope.BASE_OBJECT, asked or ("*", "+"))))
    except NoSuchObject:
        return set()
    return {one.type for one in found[0].attributes} if found else set()


def all_callers(town: Town) -> list[Handle]:
    return [
        town.local,
        town.admin(),
        town.caller(Role.ANONYMOUS),
        town.caller(Role.PERSON, AN),
        town.caller(Role.PERSON, BINH),
        *(
            town.caller(Role.SERVICE, SERVICE, kind)
            for kind in ("mail", "addressbook", "portal", "reader", "x")
        ),
    ]


def test_anonymous_sees_nothing_and_learns_nothing_from_errors(shared: Town) -> None:
    anonymous = shared.caller(Role.ANONYMOUS)
    for dn in (SUFFIX, SONV, AN, f"uid=nosuch,{SONV}"):
        with pytest.raises(NoSuchObject) as refusal:
            anonymous.search(request("(&)", dn))
        assert refusal.value.matched_dn == ""
        with pytest.raises(NoSuchObject):
            anonymous.compare(dn, "cn", b"An")
        for change in (anonymous.delete(dn), anonymous.change_password(dn, b"x", b"y")):
            with pytest.raises(NoSuchObject):
                shared.run(change)


def test_anonymous_sees_the_published_attributes_while_publication_is_on(
    tmp_path: Path, furnished: Path
) -> None:
    with open_town(tmp_path / "town.db", furnished, publication=True) as town:
        populate(town)
        anonymous = town.caller(Role.ANONYMOUS)
        assert {"cn", "mail", "telephoneNumber"} <= seen(anonymous, AN)
        assert not seen(anonymous, AN) & {"uid", "employeeNumber", "entryUUID", "mailQuota"}
        assert seen(anonymous, ADMIN) == seen(anonymous, SERVICE) == set()
        assert names(anonymous, "(employeeNumber=7)") == []


def test_a_person_reads_the_address_book_and_more_of_itself(shared: Town) -> None:
    an = shared.caller(Role.PERSON, AN)
    assert {"cn", "mail", "telephoneNumber", "entryDN"} <= seen(an, BINH)
    assert not seen(an, BINH) & {
        "mailQuota",
        "employeeNumber",
        "pwdChangedTime",
        "createTimestamp",
        "gdState",
    }
    assert {"employeeNumber", "mailQuota", "createTimestamp", "pwdChangedTime"} <= seen(an, AN)
    assert "owner" in seen(an, LIST)
    assert "member" not in seen(an, LIST)
    assert seen(an, ADMIN) == seen(an, SERVICE) == set()
    assert names(an, "(employeeNumber=7)") == ["an"]
    assert names(shared.caller(Role.PERSON, BINH), "(employeeNumber=7)") == []


def test_a_person_changes_only_its_own_contact_attributes(peopled: Town) -> None:
    an = peopled.caller(Role.PERSON, AN)
    peopled.replace(AN, "telephoneNumber", "123456", handle=an)
    assert peopled.values(AN, "telephoneNumber") == ("123456",)
    for dn, name in (
        (AN, "cn"),
        (AN, "mailQuota"),
        (AN, "gdState"),
        (BINH, "telephoneNumber"),
        (SONV, "displayName"),
    ):
        with pytest.raises(InsufficientAccessRights):
            peopled.replace(dn, name, "x", handle=an)
    with pytest.raises(InsufficientAccessRights):
        peopled.delete(AN, an)
    with pytest.raises(InsufficientAccessRights):
        peopled.rename(AN, "uid=an2", handle=an)
    with pytest.raises(InsufficientAccessRights):
        peopled.add(f"uid=dung,{SONV}", {"objectClass": "inetOrgPerson", "cn": "D", "sn": "D"}, an)


def test_a_mail_service_reads_routing_of_people_and_lists_only(shared: Town) -> None:
    mail = shared.caller(Role.SERVICE, SERVICE, "mail")
    assert {"mail", "mailQuota", "accountStatus", "enabledService"} <= seen(mail, AN)
    assert not seen(mail, AN) & {"telephoneNumber", "employeeNumber", "pwdChangedTime"}
    assert {"member", "mail"} <= seen(mail, LIST)
    assert seen(mail, ADMIN) == set()
    assert names(mail, "(telephoneNumber=1)", base=SONV) == []
    with pytest.raises(InsufficientAccessRights):
        shared.replace(AN, "mailQuota", "1", handle=mail)


def test_other_services_read_what_their_rule_says(shared: Town) -> None:
    book = shared.caller(Role.SERVICE, kind="addressbook")
    assert "telephoneNumber" in seen(book, AN)
    assert "memberOf" not in seen(book, AN)
    assert "memberOf" in seen(shared.caller(Role.SERVICE, kind="portal"), AN)
    assert {"employeeNumber", "createTimestamp"} <= seen(shared.caller(Role.SERVICE, kind="reader"), AN)
    assert seen(shared.caller(Role.SERVICE, kind="unheard-of"), AN) == set()


def test_the_administrator_reads_and_changes_everything_but_secrets(peopled: Town) -> None:
    admin = peopled.admin()
    assert {"employeeNumber", "createTimestamp", "memberOf"} <= seen(admin, AN)
    peopled.replace(AN, "employeeNumber", "8", handle=admin)
    peopled.rename(AN, "uid=an2", SOTTTT, handle=admin)
    peopled.delete(f"uid=an2,{SOTTTT}", admin)
    assert not peopled.exists(f"uid=an2,{SOTTTT}")


def test_nobody_reads_filters_or_compares_secrets(shared: Town) -> None:
    for handle in all_callers(shared):
        assert not seen(handle, AN, "*", "+", "userPassword", "pwdHistory") & {"userPassword", "pwdHistory"}
        for text in ("(userPassword=*)", f"(userPassword={PASSWORD})", "(pwdHistory=*)", "(userPassword:=x)"):
            try:
                assert names(handle, text) == []
            except NoSuchObject:
                assert handle.caller.role is Role.ANONYMOUS
        with pytest.raises((InsufficientAccessRights, NoSuchObject)):
            handle.compare(AN, "userPassword", PASSWORD.encode())
        assert "userPassword" not in shared.local.read(AN)


# -- an agency's administrator


def appoint(town: Town, dn: str, organisation: str = SONV) -> Handle:
    town.replace(organisation, "gdItAdmin", dn)
    return town.caller(Role.PERSON, dn)


def test_an_appointment_takes_effect_and_ends_at_once_on_open_connections(peopled: Town) -> None:
    chi = peopled.caller(Role.PERSON, CHI)
    assert "mailQuota" not in seen(chi, AN)
    peopled.replace(SONV, "gdItAdmin", CHI)
    assert "mailQuota" in seen(chi, AN)
    peopled.replace(AN, "title", "Trưởng phòng", handle=chi)
    peopled.replace(SONV, "gdItAdmin")
    assert "mailQuota" not in seen(chi, AN)
    with pytest.raises(InsufficientAccessRights):
        peopled.replace(AN, "title", "x", handle=chi)


def test_an_agencys_administrator_works_in_its_agency_only(peopled: Town) -> None:
    chi = appoint(peopled, CHI)
    dn = peopled.add(
        f"uid=dung,{SONV}", {"objectClass": ("inetOrgPerson", "gdPerson", "gdMailbox"), "cn": "Lê Dũng"}, chi
    )
    peopled.replace(dn, "telephoneNumber", "123", handle=chi)
    peopled.rename(dn, "uid=dungl", handle=chi)
    peopled.delete(f"uid=dungl,{SONV}", chi)
    with pytest.raises(InsufficientAccessRights):
        peopled.replace(BINH, "title", "x", handle=chi)
    with pytest.raises(InsufficientAccessRights):
        peopled.add(f"uid=x,{SOTTTT}", {"objectClass": "inetOrgPerson", "cn": "X", "sn": "X"}, chi)
    with pytest.raises(InsufficientAccessRights):
        peopled.rename(AN, "uid=an", SOTTTT, handle=chi)
    with pytest.raises(InsufficientAccessRights):
        peopled.rename(BINH, "uid=binh", SONV, handle=chi)


@pytest.mark.parametrize("name", ["gdItAdmin", "objectClass", "mailQuota", "entryUUID"])
def test_an_agencys_administrator_does_not_write_what_decides_about_rights(peopled: Town, name: str) -> None:
    chi = appoint(peopled, CHI)
    with pytest.raises(DirectoryError) as refusal:
        peopled.replace(SONV, name, CHI, handle=chi)
    assert refusal.value.code == 50


@pytest.mark.parametrize(
    "values",
    [
        {"objectClass": ("applicationProcess", "gdAdministrator")},
        {"objectClass": ("applicationProcess", "2.25.25670876277235021693878629996871965232.2.9")},
        {"objectClass": "gdService", "gdServiceKind": "reader"},
    ],
)
def test_an_agencys_administrator_makes_no_administrators_or_services(
    peopled: Town, values: dict[str, str]
) -> None:
    chi = appoint(peopled, CHI)
    with pytest.raises(DirectoryError):
        peopled.add(f"cn=me,{SONV}", values, chi)
    assert not peopled.exists(f"cn=me,{SONV}")


def test_an_agencys_administrator_does_not_take_over_whoever_has_rights_it_lacks(peopled: Town) -> None:
    chi = appoint(peopled, CHI)
    for dn, name, value in ((AN, "objectClass", "gdAdministrator"), (SOTTTT, "gdItAdmin", AN)):
        peopled.change(dn, ModifyOperation.ADD, name, value)
        with pytest.raises(InsufficientAccessRights):
            peopled.run(chi.change_password(AN, None, b"Hoa-sen-trang-927"))
        with pytest.raises(InsufficientAccessRights):
            peopled.delete(AN, chi)
        peopled.change(dn, ModifyOperation.DELETE, name, value)
        peopled.replace(AN, "title", name, handle=chi)
    peopled.change(SONV, ModifyOperation.ADD, "gdItAdmin", AN)
    peopled.run(chi.change_password(AN, None, b"Hoa-sen-trang-927"))


def test_an_agencys_administrator_neither_renames_nor_deletes_the_agency(peopled: Town) -> None:
    chi = appoint(peopled, CHI)
    with pytest.raises(InsufficientAccessRights):
        peopled.rename(SONV, "ou=noivu", delete_old=False, handle=chi)
    chi = appoint(peopled, CHI, SOTTTT)
    peopled.delete(BINH)
    with pytest.raises(InsufficientAccessRights):
        peopled.delete(SOTTTT, chi)


def test_a_password_has_no_options(peopled: Town) -> None:
    an = peopled.caller(Role.PERSON, AN)
    with pytest.raises(ConstraintViolation):
        peopled.replace(AN, "userPassword;lang-vi", "Hoa-sen-trang-927", handle=an)


def test_who_sets_anothers_password_does_not_learn_what_it_was(peopled: Town) -> None:
    peopled.run(peopled.admin().change_password(AN, None, b"Hoa-sen-trang-927"))
    peopled.run(peopled.admin().change_password(AN, None, b"Hoa-sen-trang-927"))
    with pytest.raises(ConstraintViolation):
        peopled.run(peopled.caller(Role.PERSON, AN).change_password(None, None, b"Hoa-sen-trang-927"))


def test_an_rdn_is_no_way_around_the_right_to_write(peopled: Town) -> None:
    chi = appoint(peopled, CHI)
    values = {
        "objectClass": ("organizationalUnit", "gdOrganization", "gdMailbox"),
        "displayName": "Phòng Một",
    }
    with pytest.raises(InsufficientAccessRights):
        peopled.add(f"ou=mot+mailQuota=999,{SONV}", values, chi)
    with pytest.raises(InsufficientAccessRights):
        peopled.rename(AN, "uid=an+mailQuota=999", handle=chi)


def test_moving_the_agency_takes_its_administrators_rights_along(peopled: Town) -> None:
    chi = appoint(peopled, CHI)
    peopled.rename(SONV, "ou=snv", delete_old=False)
    moved = f"ou=snv,ou=orgs,{SUFFIX}"
    assert peopled.values(moved, "gdItAdmin") == (f"uid=chi,{moved}",)
    assert "mailQuota" in seen(chi, f"uid=an,{moved}")


# -- identities that end


def test_a_deleted_identity_does_nothing_more(peopled: Town) -> None:
    before = peopled.caller(Role.PERSON, AN)
    caller = before.caller
    peopled.delete(AN)
    for handle in (before, peopled.directory.as_caller(caller)):
        with pytest.raises(InsufficientAccessRights):
            handle.search(request("(&)", SONV))
        with pytest.raises(InsufficientAccessRights):
            handle.compare(BINH, "cn", b"x")
        with pytest.raises(InsufficientAccessRights):
            peopled.run(handle.add(AddRequest(f"cn=x,{SONV}", (attribute("objectClass", "device"),))))


@pytest.mark.parametrize(
    ("dn", "role", "name", "value"),
    [
        (AN, Role.PERSON, "gdState", "suspended"),
        (AN, Role.PERSON, "gdState", "deleted"),
        (SERVICE, Role.SERVICE, "gdServiceKind", "portal"),
    ],
)
def test_a_closed_or_changed_identity_does_nothing_more_on_open_connections(
    peopled: Town, dn: str, role: Role, name: str, value: str
) -> None:
    handle = peopled.caller(role, dn, "mail" if role is Role.SERVICE else "")
    for _ in range(2):  # the second time prepares the search for repetition
        assert names(handle, "(mail=tbinh@cantho.gov.vn)") == ["binh"]
    peopled.replace(dn, name, value)
    with pytest.raises(InsufficientAccessRights):
        names(handle, "(mail=tbinh@cantho.gov.vn)")
    with pytest.raises(InsufficientAccessRights):
        peopled.replace(dn, "description", "x", handle=handle)


def test_an_administrator_is_one_no_longer_when_its_class_is_taken_away(peopled: Town) -> None:
    peopled.change(AN, ModifyOperation.ADD, "objectClass", "gdAdministrator")
    an = peopled.caller(Role.ADMINISTRATOR, AN)
    peopled.replace(BINH, "title", "x", handle=an)
    peopled.change(AN, ModifyOperation.DELETE, "objectClass", "gdAdministrator")
    with pytest.raises(InsufficientAccessRights):
        peopled.replace(BINH, "title", "y", handle=an)


def test_a_session_goes_on_after_a_change_of_its_own_entry(peopled: Town) -> None:
    an = peopled.caller(Role.PERSON, AN)
    peopled.replace(AN, "telephoneNumber", "2", handle=an)
    assert "telephoneNumber" in seen(an, AN)


def test_who_must_change_the_password_does_nothing_else(peopled: Town) -> None:
    record = peopled.directory.image.find(peopled.directory.path_of(AN) or ())
    assert record is not None
    an = peopled.directory.as_caller(Caller(AN, record.id, Role.PERSON, must_change=True))
    attempts = [
        lambda: an.search(request("(&)", AN)),
        lambda: an.compare(AN, "cn", b"x"),
        lambda: peopled.replace(AN, "telephoneNumber", "1", handle=an),
        lambda: peopled.delete(AN, an),
        lambda: peopled.rename(AN, "uid=x", handle=an),
        lambda: peopled.run(an.change_password(BINH, None, b"Hoa-sen-trang-927")),
        lambda: peopled.run(an.change_password(f"uid=nosuch,{SONV}", None, b"Hoa-sen-trang-927")),
        lambda: peopled.replace(f"uid=nosuch,{SONV}", "userPassword", "Hoa-sen-trang-927", handle=an),
    ]
    for attempt in attempts:
        with pytest.raises(InsufficientAccessRights):
            attempt()
    peopled.run(an.change_password(None, None, b"Hoa-sen-trang-927"))
    assert "mail" in seen(an, AN)


def test_compare_has_a_right_of_its_own(peopled: Town) -> None:
    text = '[[rule]]\nwho = "person"\nread = ["cn"]\ncompare = ["employeeNumber"]\n'
    peopled.directory.access = AccessRules.parse(text, VOCABULARY, publication=False)
    binh = peopled.caller(Role.PERSON, BINH)
    assert binh.compare(AN, "employeeNumber", b"7") is True
    assert binh.compare(AN, "employeeNumber", b"8") is False
    assert names(binh, "(employeeNumber=7)") == []
    with pytest.raises(InsufficientAccessRights):
        binh.compare(AN, "telephoneNumber", b"1")


# -- compare's codes


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("title", b"x", 16),
        ("cn;lang-vi", b"x", 16),
        ("memberOf", b"cn=x", None),
        ("hasSubordinates", b"TRUE", None),
        ("nosuch", b"x", 17),
        ("jpegPhoto", b"x", 18),
        ("mailQuota", b"many", 21),
        ("objectClass", b"device", None),
    ],
)
def test_compare_answers_false_or_by_its_code(
    shared: Town, name: str, value: bytes, code: int | None
) -> None:
    if code is None:
        assert shared.local.compare(AN, name, value) is False
        return
    with pytest.raises(DirectoryError) as refusal:
        shared.local.compare(AN, name, value)
    assert refusal.value.code == code


def test_compare_finds_values_by_their_matching_rule(shared: Town) -> None:
    assert shared.local.compare(AN, "commonName", "LÊ  an".encode())
    assert shared.local.compare(AN, "objectClass", b"PERSON")
    assert shared.local.compare(SONV, "hasSubordinates", b"TRUE")
    assert shared.local.compare(AN, "memberOf", LIST.upper().encode())
    with pytest.raises(NoSuchObject) as refusal:
        shared.local.compare(f"uid=x,{SONV}", "cn", b"x")
    assert refusal.value.matched_dn == SONV


# -- the rules' text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[rule]", "line"),
        ("[rules]", "unknown table: rules"),
        ('[rule]\nwho = "person"', "[[rule]]"),
        ("rule = [1]", "[[rule]]"),
        ("groups = 1", "[groups]"),
        ("[groups]\nstaff = [1]", "group staff"),
        ("[limits]\nnobody = 1", "[limits]"),
        ("[limits]\nperson = -1", "limit person"),
        ("[limits]\nperson = true", "limit person"),
        ('[[rule]]\nname = "mine"\nwho = "everyone"', "'mine': who"),
        ('[[rule]]\nwho = "person"', None),
        ('[[rule]]\nname = "mine"', "'mine': who"),
        ('[[rule]]\nwho = "person"\nread = "cn"', "'rule 1': read is a list"),
        ('[[rule]]\nwho = "person"\nread = ["nosuch"]', "'rule 1': read: the schema has no attribute nosuch"),
        ('[[rule]]\nwho = "person"\nread = ["@nosuch"]', "there is no group @nosuch"),
        ('[[rule]]\nwho = "person"\nrights = ["fly"]', "rights are add, delete, proxy, rename"),
        ('[[rule]]\nwho = "person"\nclasses = ["nosuch"]', "nosuch is not an object class"),
        ('[[rule]]\nwho = "person"\nunder = "orgs"', "under"),
        ('[[rule]]\nwho = "person"\nunder = "ou=a,ou=b"', "under"),
        ('[[rule]]\nwho = "person"\nwrites = []', "unknown key writes"),
        ('[[rule]]\nwho = "person"\nonly_if = "rain"', "only_if"),
        ('[[rule]]\nwho = "person"\nreceiving = "yes"', "receiving is true or false"),
        ('[[rule]]\nwho = "person"\nonly_if = "publication"\nread = ["nosuch"]', "nosuch"),
    ],
)
def test_a_mistake_is_named_with_its_rule(text: str, said: str | None) -> None:
    if said is None:
        assert AccessRules.parse(text, VOCABULARY, publication=False).rules
        return
    with pytest.raises(AccessRuleError) as refusal:
        AccessRules.parse(text, VOCABULARY, publication=False)
    assert said in str(refusal.value)
