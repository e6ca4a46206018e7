"""Get effective rights: what a search tells agrees with what really happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdir.directory.caller import Role
from govdir.directory.errors import (
    ConstraintViolation,
    DirectoryError,
    InsufficientAccessRights,
    NoSuchObject,
    UnwillingToPerform,
)
from govdir.directory.handle import Handle
from govdir.directory.options import SearchOptions, WriteOptions
from govdir.directory.static import StaticEntry, StaticTree
from govdir.ldap.codec.controls.effective_rights import RightsQuestion
from govdir.ldap.codec.messages import (
    AddRequest,
    Change,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from tests.directory.building import ADMIN, SONV, SOTTTT, SUFFIX, Town, attribute, entries, open_town, request
from tests.directory.role_town import AN, BINH, SERVICE, caller, holder, populate
from tests.directory.test_role_matrix import CALLERS, PLACES

ADD, DELETE, REPLACE = ModifyOperation.ADD, ModifyOperation.DELETE, ModifyOperation.REPLACE
ATTRIBUTES = (
    "cn", "sn", "mail", "description", "telephoneNumber", "title", "gdState", "gdStateReason", "gdItAdmin",
    "member", "employeeNumber", "accountStatus", "memberOf", "entryUUID", "createTimestamp", "pwdChangedTime",
    "pwdAccountLockedTime", "pwdHistory", "objectClass", "gdNameKey", "mailQuota", "jpegPhoto", "cn;lang-vi",
)  # fmt: skip
TRIED = WriteOptions(no_op=True)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Everybody in every role; nothing in here is changed."""
    with open_town(tmp_path_factory.mktemp("rights") / "town.db") as town:
        populate(town)
        yield town


def told(
    handle: Handle, dn: str, *names: str, subject: str = "", of: tuple[str, ...] = ()
) -> tuple[str, dict[str, str]]:
    """The letters of the entry and of its attributes, as the search of one entry tells them."""
    options = SearchOptions(rights=RightsQuestion(subject, of))
    (entry,) = entries(
        handle.search(request("(&)", dn, Scope.BASE_OBJECT, attributes=names or ("1.1",)), options)
    )
    values = {each.type: each.values for each in entry.attributes}
    (on_entry,), (on_attributes,) = values["entryLevelRights"], values["attributeLevelRights"]
    pairs = (pair.split(":") for pair in on_attributes.decode().split(", "))
    return _letters(on_entry.decode()), {name: _letters(text) for name, text in pairs}


def _letters(text: str) -> str:
    return "" if text == "none" else text


def subject(who: str) -> str:
    return "dn:" if who == "anonymous" else f"dn:{AN if who == 'person' else holder(who)}"


def passes(town: Town, change: Callable[[], object]) -> bool:
    """Whether an attempt, which cannot succeed, is let through to the schema and the regulation."""
    try:
        change()
    except (InsufficientAccessRights, NoSuchObject):
        return False
    except ConstraintViolation as refusal:
        return "no user modification" not in refusal.diagnostic and "as a password" not in refusal.diagnostic
    except DirectoryError:
        return True
    return True


def changing(
    town: Town, handle: Handle, dn: str, operation: ModifyOperation, name: str, *values: str
) -> Callable[[], object]:
    wanted = ModifyRequest(dn, (Change(operation, attribute(name, values)),))
    return lambda: town.run(handle.modify(wanted, TRIED))


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(CALLERS), st.sampled_from(sorted(PLACES)), st.sampled_from(ATTRIBUTES))
def test_a_right_to_write_is_told_exactly_where_a_change_passes(
    town: Town, who: str, place: str, name: str
) -> None:
    dn, handle = PLACES[place], caller(town, who)
    _, letters = told(town.admin(), dn, subject=subject(who), of=(name,))

    # Adding no values, and taking away one that is not there, fail behind the rights and nowhere before.
    assert ("w" in letters[name]) == passes(town, changing(town, handle, dn, ADD, name))
    assert ("o" in letters[name]) == passes(town, changing(town, handle, dn, DELETE, name, "no such value"))


@pytest.mark.parametrize("who", CALLERS)
@pytest.mark.parametrize("place", PLACES)
def test_the_letters_of_an_entry_and_of_its_password_agree_with_the_operations(
    town: Town, who: str, place: str
) -> None:
    dn, handle = PLACES[place], caller(town, who)
    entry, letters = told(town.admin(), dn, subject=subject(who), of=("userPassword",))

    below = AddRequest(f"cn=may,{dn}", (attribute("objectClass", "device"),))
    renamed = ModifyDnRequest(dn, "cn=khac", False, None)
    weak = changing(town, handle, dn, REPLACE, "userPassword", "x")
    assert ("a" in entry) == passes(town, lambda: town.run(handle.add(below, TRIED)))
    assert ("d" in entry) == passes(town, lambda: town.run(handle.delete(dn, TRIED)))
    assert ("n" in entry) == passes(town, lambda: town.run(handle.modify_dn(renamed, TRIED)))
    assert ("w" in letters["userPassword"]) == passes(town, weak)
    assert not {"r", "s", "c"} & set(letters["userPassword"])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(CALLERS), st.sampled_from(sorted(PLACES)), st.sampled_from(ATTRIBUTES))
def test_a_right_to_read_or_compare_is_told_exactly_where_it_is_so(
    town: Town, who: str, place: str, name: str
) -> None:
    dn, handle = PLACES[place], caller(town, who)
    entry, letters = told(town.admin(), dn, subject=subject(who), of=(name,))

    try:
        found = entries(handle.search(request("(&)", dn, Scope.BASE_OBJECT, attributes=(name,))))
    except NoSuchObject:
        found = []
    assert ("v" in entry) == bool(found)
    if found and found[0].attributes:
        assert "r" in letters[name]
    stored = town.local.read(dn).values(name)
    if stored:
        held = bool(found) and passes(town, lambda: handle.compare(dn, name, stored[0]))
        assert ("c" in letters[name]) == held


def test_one_asks_for_ones_own_rights_by_no_name_or_by_ones_name(town: Town) -> None:
    mine = told(caller(town, "person"), AN, "telephoneNumber", "cn")

    assert mine == ("v", {"telephoneNumber": "rscwo", "cn": "rsc"})
    assert told(caller(town, "person"), AN, "telephoneNumber", "cn", subject=f"dn:{AN}") == mine
    assert told(caller(town, "person"), AN, "telephoneNumber", "cn", subject="u:an") == mine


@pytest.mark.parametrize("who", ["person", "agency-admin", "approver", "anonymous"])
@pytest.mark.parametrize(
    "whose",
    [
        f"dn:{BINH}",
        f"dn:uid=nobody,{SONV}",
        "dn:",
        f"dn:{SERVICE}",
        "u:binh",
        "u:nobody",
        "dn:=,",
        "x",
        "dn:dc=com",
    ],
)
def test_others_rights_are_for_those_who_see_everything_and_a_refusal_tells_nothing(
    town: Town, who: str, whose: str
) -> None:
    base = SONV if who != "anonymous" else ""
    if who == "anonymous":  # sees no entry to ask about
        return
    options = SearchOptions(rights=RightsQuestion(whose))
    with pytest.raises(InsufficientAccessRights) as refusal:
        caller(town, who).search(request("(&)", base, Scope.BASE_OBJECT), options)
    assert "only operators, administrators and auditors" in refusal.value.diagnostic


@pytest.mark.parametrize("who", ["operator", "auditor", "administrator"])
def test_a_subject_that_is_not_there_reads_like_a_question_that_is_not_allowed(town: Town, who: str) -> None:
    options = SearchOptions(rights=RightsQuestion(f"dn:uid=nobody,{SONV}"))
    with pytest.raises(InsufficientAccessRights, match="only operators, administrators and auditors"):
        caller(town, who).search(request("(&)", SONV, Scope.BASE_OBJECT), options)
    assert told(caller(town, who), SONV, "cn", subject="dn:") == ("", {"cn": ""})


def test_the_list_tells_which_attributes_are_asked_for(town: Town) -> None:
    admin = town.admin()
    _, user = told(admin, AN, "*")
    _, operational = told(admin, AN, "+")
    _, of_class = told(admin, AN, "@device")

    assert {"cn", "sn", "jpegPhoto", "telephoneNumber"} <= user.keys()
    assert "entryUUID" not in user
    assert {"entryUUID", "memberOf", "hasSubordinates", "createTimestamp"} <= operational.keys()
    assert "cn" not in operational
    assert {"serialNumber", "cn", "seeAlso"} <= of_class.keys()
    assert told(admin, AN, "1.1", "nosuch", of=("mail", "alsonone")) == ("vadn", {"mail": "rscwo"})


def test_an_entry_comes_with_what_was_asked_for_besides(town: Town) -> None:
    options = SearchOptions(rights=RightsQuestion("", ()))
    (entry,) = entries(town.admin().search(request("(uid=an)", attributes=("uid",)), options))

    held = {each.type: each.values for each in entry.attributes}
    assert held == {
        "uid": (b"an",), "entryLevelRights": (b"vadn",), "attributeLevelRights": (b"uid:rscwo",)
    }  # fmt: skip


def test_who_asks_in_suns_words_is_answered_in_them(town: Town) -> None:
    options = SearchOptions(rights=RightsQuestion(f"dn:{AN}"))
    (entry,) = entries(town.admin().search(request("(uid=an)", attributes=("aclRights", "cn")), options))

    held = {each.type: each.values for each in entry.attributes}
    assert held["aclRights;entryLevel"] == (b"add:0,delete:0,read:1,write:0,proxy:0",)
    assert held["aclRights;attributeLevel;cn"] == (
        b"search:1,read:1,compare:1,write:0,selfwrite_add:0,selfwrite_delete:0,proxy:0",
    )
    assert "entryLevelRights" not in held

    options = SearchOptions(rights=RightsQuestion())
    (entry,) = entries(town.admin().search(request("(uid=an)", attributes=("aclRights",)), options))
    assert [each.values for each in entry.attributes] == [(b"add:1,delete:1,read:1,write:1,proxy:1",)]


def test_types_alone_come_without_values(town: Town) -> None:
    options = SearchOptions(rights=RightsQuestion())
    wanted = request("(uid=an)", attributes=("uid",), types_only=True)
    (entry,) = entries(town.admin().search(wanted, options))

    assert {each.type: each.values for each in entry.attributes} == {
        "uid": (), "entryLevelRights": (), "attributeLevelRights": ()
    }  # fmt: skip


def test_the_suffix_is_neither_deleted_nor_renamed(town: Town) -> None:
    assert told(town.admin(), SUFFIX)[0] == "va"
    with pytest.raises(UnwillingToPerform):
        town.run(town.admin().modify_dn(ModifyDnRequest(SUFFIX, "dc=x", True, None)))


def test_whoever_must_change_its_password_may_do_that_alone_and_a_closed_account_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with open_town(tmp_path_factory.mktemp("closed") / "town.db") as town:
        populate(town)
        admin = town.admin()
        town.run(admin.change_password(AN, None, b"Hoa-sen-trang-927"))
        names = ("telephoneNumber", "userPassword")
        assert told(admin, AN, *names, subject=f"dn:{AN}") == (
            "",
            {"telephoneNumber": "", "userPassword": "w"},
        )
        town.replace(AN, "gdState", "suspended", handle=admin)
        assert told(admin, AN, *names, subject=f"dn:{AN}") == (
            "",
            {"telephoneNumber": "", "userPassword": ""},
        )


def test_logins_left_with_an_expired_password_come_with_all_rights(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with open_town(tmp_path_factory.mktemp("grace") / "town.db") as town:
        populate(town)
        town.run(town.admin().change_password(AN, None, b"Hoa-sen-trang-927"))
        town.run(town.bound(AN, "Hoa-sen-trang-927").change_password(None, None, b"Song-Hau-chay-mai-38"))
        limits = {"pwdAttribute": "userPassword", "pwdMaxAge": "86400", "pwdGraceAuthnLimit": "1"}
        town.add(f"cn=person,ou=policies,{SUFFIX}", {"objectClass": ("device", "pwdPolicy"), **limits})

        def letters() -> str:
            return told(town.admin(), AN, "telephoneNumber", subject=f"dn:{AN}")[1]["telephoneNumber"]

        fresh = letters()
        town.clock.pass_time(days=1)
        assert fresh == letters() == "rscwo"
        town.replace(f"cn=person,ou=policies,{SUFFIX}", "pwdGraceAuthnLimit", "0")
        assert letters() == ""


def test_the_operator_at_the_host_asks_too(town: Town) -> None:
    assert town.caller(Role.LOCAL) is not None
    assert told(town.local, AN, "accountStatus")[1] == {"accountStatus": "rsc"}


def test_entries_that_are_not_stored_are_only_read(town: Town) -> None:
    root = StaticTree(town.directory.vocabulary, [StaticEntry(None, "", [("vendorName", (b"govdir",))])])
    wanted = request("(&)", "", Scope.BASE_OBJECT, ("vendorName",))
    for whose in ("", f"dn:{ADMIN}"):
        options = SearchOptions(rights=RightsQuestion(whose))
        (entry,) = entries(town.admin().search_static(root, wanted, options))
        held = {each.type: each.values for each in entry.attributes}
        assert held["entryLevelRights"] == (b"v",)
        assert held["attributeLevelRights"] == (b"vendorName:rsc",)


def test_what_an_entry_has_beyond_its_classes_is_listed_for_whoever_may_read_it(town: Town) -> None:
    with_more = town.person("khoa", "Lê Khoa", SOTTTT)
    town.replace(with_more, "pwdAccountLockedTime", "20260302080000Z")
    town.replace(with_more, "cn;lang-en", "Le Khoa")
    town.replace(with_more, "roomNumber;lang-en", "7")
    town.replace(with_more, "gdStateReason;lang-en", "leave")
    stranger, operator = caller(town, "person"), caller(town, "operator")
    for names in (("+",), ("*", "+")):
        assert "pwdAccountLockedTime" not in told(stranger, with_more, *names)[1]
        assert told(operator, with_more, *names)[1]["pwdAccountLockedTime"] == "rscwo"
    seen = told(stranger, with_more, "*")[1]
    assert [name for name in seen if ";" in name] == ["cn;lang-en", "roomNumber;lang-en"]
    assert told(stranger, with_more, "pwdAccountLockedTime")[1] == {"pwdAccountLockedTime": ""}
