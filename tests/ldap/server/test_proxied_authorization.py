"""Acting as somebody else (RFC 4370): who may as whom, on every operation, and what is left behind."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from govdir.directory.access import AccessRuleError, AccessRules
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.controls.oids import PROXIED_AUTHORIZATION
from govdir.ldap.codec.extended import (
    WHO_AM_I,
    PasswordModify,
    decode_who_am_i_response,
    password_modify_request,
)
from govdir.ldap.codec.filters import Present
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    CompareRequest,
    Control,
    DeleteRequest,
    ExtendedRequest,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from govdir.ldap.codec.result_codes import ResultCode
from tests.directory.building import ACCESS, ADMIN, SONV, SUFFIX, open_town
from tests.ldap.server.doubles import bind_request, search_request
from tests.ldap.server.sasl_client import connect, plain
from tests.ldap.server.test_with_directory import attributes_of

AN, BINH, BOSS = (f"uid={uid},{SONV}" for uid in ("an", "binh", "boss"))
PORTAL = f"cn=portal,ou=services,{SUFFIX}"
MAILER = f"cn=mailer,ou=services,{SUFFIX}"
PASSWORD = "Hoa-sen-trang-927"
WHO = ExtendedRequest(WHO_AM_I)
DENIED = ResultCode.AUTHORIZATION_DENIED
RULE = """
[[rule]]
name = "the portal acts for people"
who = "service:portal"
under = "ou=orgs"
classes = ["gdPerson"]
rights = ["proxy"]
"""


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    path = tmp_path_factory.mktemp("furnished") / "town.db"
    with open_town(path) as town:
        for dn, kind in ((PORTAL, "portal"), (MAILER, "mail")):
            classes = ("applicationProcess", "gdService")
            town.add(dn, {"objectClass": classes, "gdServiceKind": kind, "userPassword": PASSWORD})
        for uid, name in (("an", "Lê An"), ("binh", "Trần Bình"), ("boss", "Lê Văn Trưởng")):
            town.person(uid, name, userPassword=PASSWORD)
            town.replace(f"uid={uid},{SONV}", "pwdReset")
        town.replace(SONV, "gdItAdmin", BOSS)
    return path


@pytest.fixture
def town(tmp_path, furnished):
    with open_town(tmp_path / "town.db", furnished) as town:
        vocabulary = Vocabulary(town.directory.schema)
        rules = AccessRules.parse(ACCESS.read_text("utf-8") + RULE, vocabulary, publication=False)
        town.directory.access = rules
        yield town


@pytest.fixture
def portal(town):
    client = connect(town)
    assert client.code(bind_request(PORTAL, PASSWORD.encode())) == 0
    return client


def acting_as(identity, critical=True):
    return Control(PROXIED_AUTHORIZATION, critical, identity.encode())


AS_AN = acting_as(f"dn:{AN}")


def who(client, *controls):
    response = client.ask(WHO, *controls)
    return decode_who_am_i_response(response.value) if response.result.code == 0 else response.result.code


def title(text):
    return Change(ModifyOperation.REPLACE, Attribute("mobile", (text.encode(),)))


@pytest.mark.parametrize("identity", [f"dn:{AN}", "u:an", "u:lan@cantho.gov.vn", f"dn:{AN.upper()}"])
def test_a_service_with_the_right_acts_as_a_person_for_one_request(portal, identity):
    assert who(portal, acting_as(identity)) == f"dn:{AN}"
    assert who(portal) == f"dn:{PORTAL}"


@pytest.mark.parametrize("identity", ["", "dn:"])
def test_an_empty_identity_is_anonymous(portal, identity):
    assert who(portal, acting_as(identity)) == ""
    assert portal.code(search_request(SUFFIX), acting_as(identity)) == ResultCode.NO_SUCH_OBJECT


@pytest.mark.parametrize(
    "identity",
    [
        f"dn:{ADMIN}",
        f"dn:{MAILER}",
        f"dn:{PORTAL}",
        f"dn:{BOSS}",
        f"dn:{SONV}",
        f"dn:{SUFFIX}",
        f"dn:uid=nobody,{SONV}",
        "u:nobody",
        "dn:no name",
        "an",
        "x:an",
        "\0",
        "u:" + "n" * 5000,
    ],
)
def test_whom_it_may_not_act_as_and_who_is_not_there_are_refused_alike(portal, identity):
    if identity == "an":  # a name without its form is taken as people write it
        assert who(portal, acting_as(identity)) == f"dn:{AN}"
        return
    result = portal.ask(WHO, acting_as(identity)).result
    nobody = portal.ask(WHO, acting_as("u:nobody")).result
    assert result == nobody
    assert result.code == DENIED


def test_closed_and_locked_accounts_are_not_acted_for(town, portal):
    assert who(portal, AS_AN) == f"dn:{AN}"
    town.replace(AN, "gdState", "suspended")
    assert who(portal, AS_AN) == DENIED
    town.replace(AN, "gdState", "active")
    assert who(portal, AS_AN) == f"dn:{AN}"
    town.replace(AN, "pwdAccountLockedTime", "000001010000Z")
    assert who(portal, AS_AN) == DENIED


def test_a_lock_that_is_not_yet_written_holds_here_too(town, portal):
    client = connect(town)
    while not town.directory.logins.is_barred(town.directory.image.find(town.directory.path_of(AN))):
        assert client.code(bind_request(AN, b"Sai-mat-ma-271")) == 49
    assert town.values(AN, "pwdAccountLockedTime") == ()
    assert who(portal, AS_AN) == DENIED


def test_whoever_is_given_an_office_is_acted_for_no_more(town, portal):
    assert who(portal, AS_AN) == f"dn:{AN}"
    town.replace(SONV, "gdItAdmin", AN)
    assert who(portal, AS_AN) == DENIED


def test_services_without_the_right_and_people_act_as_nobody_else(town):
    for dn in (MAILER, AN, BOSS):
        client = connect(town)
        assert client.code(bind_request(dn, PASSWORD.encode())) == 0
        assert who(client, acting_as(f"dn:{BINH}")) == DENIED
        assert who(client, acting_as("u:nobody")) == DENIED


def test_anonymous_acts_as_nobody_but_itself(town):
    client = connect(town)
    assert who(client, AS_AN) == DENIED
    assert who(client, acting_as("")) == ""


def test_an_administrator_acts_as_anybody(town):
    client = connect(town).as_admin()
    assert [who(client, acting_as(f"dn:{dn}")) for dn in (AN, BOSS, PORTAL, ADMIN)] == [
        f"dn:{dn}" for dn in (AN, BOSS, PORTAL, ADMIN)
    ]


def test_a_control_that_is_not_critical_is_a_protocol_error(portal):
    assert who(portal, acting_as(f"dn:{AN}", critical=False)) == ResultCode.PROTOCOL_ERROR
    assert portal.code(WHO, Control(PROXIED_AUTHORIZATION, True, b"\xff")) == ResultCode.PROTOCOL_ERROR
    assert portal.code(WHO, Control(PROXIED_AUTHORIZATION, True)) == ResultCode.PROTOCOL_ERROR


def test_a_bind_takes_no_such_control(portal):
    request = bind_request(AN, PASSWORD.encode())
    assert portal.code(request, AS_AN) == ResultCode.UNAVAILABLE_CRITICAL_EXTENSION


def test_searches_find_what_the_other_one_may_see(portal):
    portal.send(
        search_request(AN, Scope.BASE_OBJECT, Present("objectClass"), ("pwdChangedTime",)), controls=[AS_AN]
    )
    own = portal.received()[0].operation
    assert set(attributes_of(own)) == {"pwdChangedTime"}
    portal.send(search_request(AN, Scope.BASE_OBJECT, Present("objectClass"), ("pwdChangedTime",)))
    assert attributes_of(portal.received()[0].operation) == {}


def test_a_repeated_search_is_never_answered_as_somebody_else(portal):
    request = search_request(AN, Scope.BASE_OBJECT, Present("objectClass"), ("pwdChangedTime",))
    for controls, seen in ((), set()), ((AS_AN,), {"pwdChangedTime"}), ((), set()), ((), set()):
        portal.send(request, controls=controls)
        assert set(attributes_of(portal.received()[0].operation)) == seen


def test_changes_are_the_other_ones_and_the_trail_names_both(town, portal):
    assert portal.code(ModifyRequest(AN, (title("0911"),))) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert portal.code(ModifyRequest(AN, (title("0911"),)), AS_AN) == 0
    assert portal.code(ModifyRequest(BINH, (title("0911"),)), AS_AN) == 50
    assert town.values(AN, "modifiersName") == (AN,)
    assert actors(town)[-1] == f"{AN} (by {PORTAL})"


def actors(town):
    from sqlalchemy import text

    with town.directory._store._database.engine.connect() as connection:
        return [row[0] for row in connection.execute(text("select actor from changes order by number"))]


@pytest.mark.parametrize(
    ("request_", "as_admin"),
    [
        (CompareRequest(AN, "pwdReset", b"TRUE"), ResultCode.NO_SUCH_ATTRIBUTE),
        (AddRequest(f"ou=thu,{SUFFIX}", (Attribute("objectClass", (b"organizationalUnit",)),)), 0),
        (ModifyDnRequest(BINH, "uid=binh2", True), 0),
        (DeleteRequest(BINH), 0),
    ],
)
def test_every_operation_is_held_to_the_other_ones_rights(town, request_, as_admin):
    client = connect(town).as_admin()
    assert client.code(request_, acting_as(f"dn:{MAILER}")) in (
        ResultCode.NO_SUCH_OBJECT,
        ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
    )
    assert client.code(request_, acting_as(f"dn:{ADMIN}")) == as_admin


def test_a_password_is_changed_for_somebody_only_with_the_present_one(town, portal):
    new = b"Song-Hau-chay-mai-38"
    asked = password_modify_request(PasswordModify(None, None, new))
    assert portal.code(asked, AS_AN) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    replaced = Change(ModifyOperation.REPLACE, Attribute("userPassword", (new,)))
    assert portal.code(ModifyRequest(AN, (replaced,)), AS_AN) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    asked = password_modify_request(PasswordModify(None, PASSWORD.encode(), new))
    assert portal.code(asked, AS_AN) == 0
    assert connect(town).code(bind_request(AN, new)) == 0
    assert who(portal, AS_AN) == f"dn:{AN}"


def test_what_ends_the_service_ends_what_it_does_for_others(town, portal):
    assert who(portal, AS_AN) == f"dn:{AN}"
    town.clock.pass_time(seconds=2)
    town.replace(PORTAL, "userPassword", "Song-Hau-chay-mai-38")
    assert who(portal, AS_AN) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    assert who(portal, acting_as("")) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS


def test_a_connection_bound_to_act_as_somebody_ends_with_the_right(town):
    client = connect(town)
    assert client.code(plain("cn=portal,ou=services", PASSWORD, authzid="u:an")) == 0
    search = search_request(AN, Scope.BASE_OBJECT, Present("objectClass"), ("pwdChangedTime",))
    assert client.code(search) == 0
    town.replace(SONV, "gdItAdmin", AN)
    assert client.code(search) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS


def test_renames_are_followed(town, portal):
    assert who(portal, AS_AN) == f"dn:{AN}"
    town.rename(AN, "uid=an2")
    assert who(portal, AS_AN) == DENIED
    assert who(portal, acting_as("u:an2")) == f"dn:uid=an2,{SONV}"


def test_handles_of_many_people_are_bounded(town, portal, monkeypatch):
    monkeypatch.setattr("govdir.directory.proxying.MAX_HANDLES", 1)
    for uid in ("an", "binh", "an"):
        assert who(portal, acting_as(f"u:{uid}")) == f"dn:uid={uid},{SONV}"
    assert len(portal.protocol._conversation._identities._proxying._handles) == 1


def test_the_access_log_names_both(town):
    lines = []
    client = connect(town, lines=lines)
    client.code(bind_request(PORTAL, PASSWORD.encode()))
    client.code(ModifyRequest(AN, (title("0912"),)), AS_AN)
    client.code(search_request(), AS_AN)
    client.code(WHO, acting_as("u:nobody"))
    client.code(WHO, acting_as(""))
    client.flush_log()
    told = [json.loads(line) for line in "".join(lines).splitlines()][2:]
    assert [(line["op"], line["caller"], line["as"], line["result"]) for line in told] == [
        ("modify", PORTAL, f"dn:{AN}", 0),
        ("search", PORTAL, f"dn:{AN}", 0),
        ("who_am_i", PORTAL, "u:nobody", 123),
        ("who_am_i", PORTAL, "anonymous", 0),
    ]


@pytest.mark.parametrize("who_", ["person", "self", "operator", "authenticated", "anonymous", "agency-admin"])
def test_only_services_are_given_the_right(town, who_):
    text = RULE.replace("service:portal", who_)
    with pytest.raises(AccessRuleError, match="proxy is for service:<kind> only"):
        AccessRules.parse(text, Vocabulary(town.directory.schema), publication=False)


def test_no_rule_that_is_shipped_gives_it(town):
    rules = AccessRules.parse(ACCESS.read_text("utf-8"), Vocabulary(town.directory.schema), publication=True)
    assert all("proxy" not in rule.grant.rights for rule in rules.rules)


def test_a_caller_keeps_its_name_apart_from_who_acts_as_it(town):
    caller = town.bound(AN, PASSWORD).caller
    assert replace(caller, by=PORTAL) != caller
