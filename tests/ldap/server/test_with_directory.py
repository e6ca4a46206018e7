"""The server on a real directory and store: whole conversations, octets to octets."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from govdir.ldap.codec.controls.assertion import encode_assertion
from govdir.ldap.codec.controls.paged_results import PagedResults, decode_paged_results, encode_paged_results
from govdir.ldap.codec.extended import WHO_AM_I, PasswordModify, password_modify_request
from govdir.ldap.codec.filters import And, Equality, Present
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    Change,
    CompareRequest,
    DeleteRequest,
    ExtendedRequest,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from govdir.ldap.codec.result_codes import ResultCode
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from govdir.ldap.server.traits import EXTENDED, SUPPORTED_CONTROLS
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SONV, SUFFIX, open_town
from tests.ldap.server.doubles import Client, bind_request, search_request

PERSON_CLASSES = Attribute("objectClass", (b"inetOrgPerson", b"gdPerson", b"gdMailbox"))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with open_town(tmp_path_factory.mktemp("town") / "town.db") as town:
        yield town


@pytest.fixture
def client(town):
    clock = Clock()
    log = AccessLog(lambda block: None, clock)
    return TownClient(LdapFactory(directory=town.directory, clock=clock, access_log=log), town)


class TownClient(Client):
    """Waits for the store's thread after each request."""

    def __init__(self, factory, town, host="127.0.0.1"):
        super().__init__(factory, host)
        self._town = town

    def send(self, *operations, controls=(), message_id=None):
        number = super().send(*operations, controls=controls, message_id=message_id)
        deliveries = self._town.run.__self__._calls
        while not self.protocol._conversation.session.is_idle:
            deliveries.get(timeout=10)()
        return number

    def as_admin(self):
        assert self.code(bind_request(ADMIN, ADMIN_PASSWORD.encode())) == 0
        return self

    def found(self, *arguments, **options):
        self.send(search_request(*arguments, **options))
        return [message.operation for message in self.received()[:-1]]


def attributes_of(entry):
    return {each.type: {value.decode() for value in each.values} for each in entry.attributes}


def person(name, uid="*"):
    return AddRequest(f"uid={uid},{SONV}", (PERSON_CLASSES, Attribute("cn", (name.encode(),))))


def test_everything_the_root_dse_announces_is_there(client):
    (root,) = client.found("", Scope.BASE_OBJECT, Present("objectClass"), ("*", "+"))
    told = attributes_of(root)
    assert told["namingContexts"] == {SUFFIX}
    assert told["supportedControl"] == SUPPORTED_CONTROLS
    assert told["supportedExtension"] < set(EXTENDED)


def test_the_root_dse_shows_operational_attributes_only_when_asked(client):
    (root,) = client.found("", Scope.BASE_OBJECT, Present("objectClass"))
    assert set(attributes_of(root)) == {"objectClass"}


def test_the_subschema_entry_is_where_the_root_dse_says(client):
    (subschema,) = client.found(
        "cn=Subschema",
        Scope.BASE_OBJECT,
        Equality("objectClass", b"subschema"),
        ("attributeTypes", "matchingRules"),
    )
    assert any("'gdMailboxKind'" in text for text in attributes_of(subschema)["attributeTypes"])


def test_anonymous_is_told_nothing_of_the_tree(client):
    assert client.code(search_request(wanted=Present("objectClass"))) == ResultCode.NO_SUCH_OBJECT


def test_a_person_is_added_found_changed_renamed_and_deleted(client):
    client.as_admin()
    assert client.ask(person("Trần Thị Bưởi")).result.diagnostic_message == f"stored as uid=ttbuoi,{SONV}"
    (found,) = client.found(wanted=Equality("mail", b"ttbuoi@cantho.gov.vn"), attributes=("displayName",))
    assert attributes_of(found)["displayName"] == {"Trần Thị Bưởi - Sở Nội vụ"}
    title = Change(ModifyOperation.REPLACE, Attribute("title", ("Chuyên viên".encode(),)))
    assert client.code(ModifyRequest(f"uid=ttbuoi,{SONV}", (title,))) == 0
    assert client.code(CompareRequest(f"uid=ttbuoi,{SONV}", "title", "chuyên viên".encode())) == 6
    assert client.code(ModifyDnRequest(f"uid=ttbuoi,{SONV}", "uid=ttbuoi2", True)) == 0
    assert client.code(DeleteRequest(f"uid=ttbuoi,{SONV}")) == ResultCode.NO_SUCH_OBJECT
    assert client.code(DeleteRequest(f"uid=ttbuoi2,{SONV}")) == 0


def test_a_search_behind_an_add_in_one_go_finds_the_entry(client):
    client.as_admin()
    client.send(person("Lê Văn Mít"), search_request(wanted=Equality("mail", b"lvmit@cantho.gov.vn")))
    assert [message.message_id for message in client.received()] == [2, 3, 3]


def test_pages_together_are_the_whole(client):
    client.as_admin()
    whole = [entry.object_name for entry in client.found(wanted=Present("objectClass"), attributes=("1.1",))]
    pages, cookie = [], b""
    while True:
        control = encode_paged_results(PagedResults(3, cookie), critical=True)
        client.send(search_request(wanted=Present("objectClass"), attributes=("1.1",)), controls=[control])
        *entries, done = client.received()
        pages += [message.operation.object_name for message in entries]
        cookie = decode_paged_results(done.controls[0]).cookie
        if not cookie:
            break
    assert sorted(pages) == sorted(whole)


def test_a_foreign_cookie_is_refused(client):
    client.as_admin()
    control = encode_paged_results(PagedResults(3, b"made up by the client"))
    assert client.code(search_request(), control) == ResultCode.UNWILLING_TO_PERFORM


def test_a_password_set_by_the_administrator_must_be_changed_first(client):
    client.as_admin()
    client.ask(person("Phạm Văn Cam"))
    name = f"uid=pvcam,{SONV}"
    generated = client.ask(password_modify_request(PasswordModify(name))).value[4:]
    bound = client.ask(bind_request(name, generated))
    assert bound.result.code == 0
    assert "password" in bound.result.diagnostic_message
    assert client.code(search_request()) == ResultCode.INSUFFICIENT_ACCESS_RIGHTS
    change = password_modify_request(PasswordModify(None, generated, b"Qua-Cam-Ngot-2026"))
    assert client.code(change) == 0
    assert client.code(bind_request(name, b"Qua-Cam-Ngot-2026")) == 0
    assert client.ask(ExtendedRequest(WHO_AM_I)).value == f"dn:{name}".encode()


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        (ADMIN, b"wrong", ResultCode.INVALID_CREDENTIALS),
        (f"cn=nobody,{SUFFIX}", b"wrong", ResultCode.INVALID_CREDENTIALS),
        (ADMIN, b"", ResultCode.UNWILLING_TO_PERFORM),
        ("no name at all", b"x", ResultCode.INVALID_DN_SYNTAX),
    ],
)
def test_binds_that_are_refused(client, name, password, code):
    assert client.code(bind_request(name, password)) == code


def units_named_twice(client, value):
    wanted = And((Equality("ou", value), Equality("ou", value)))
    return [entry.object_name for entry in client.found(wanted=wanted)]


def test_a_repeated_search_takes_the_value_in_every_condition(client):
    client.as_admin()
    for _ in range(3):
        assert units_named_twice(client, b"services") == [f"ou=services,{SUFFIX}"]
    assert units_named_twice(client, b"policies") == [f"ou=policies,{SUFFIX}"]


def test_a_request_is_not_taken_for_the_search_before_it(client):
    client.as_admin()
    search = search_request(wanted=Equality("ou", b"services"))
    compare = CompareRequest(SUFFIX, "l", b"services")
    client.send(search)
    client.send(search, search)
    client.received()
    codes = [client.code(compare) for _ in range(3)]
    assert codes == [ResultCode.NO_SUCH_ATTRIBUTE] * 3


@pytest.mark.parametrize(
    ("compared", "asserted", "code"),
    [
        (("", "supportedLDAPVersion", b"3"), Present("namingContexts"), ResultCode.COMPARE_TRUE),
        (("", "supportedLDAPVersion", b"2"), Present("namingContexts"), ResultCode.COMPARE_FALSE),
        (("", "supportedLDAPVersion", b"3"), Present("nosuch"), ResultCode.ASSERTION_FAILED),
        (("", "nosuch", b"3"), Present("nosuch"), ResultCode.ASSERTION_FAILED),
        (("cn=subschema", "cn", b"subschema"), Equality("cn", b"Subschema"), ResultCode.COMPARE_TRUE),
        (("cn=subschema", "cn", b"subschema"), Equality("cn", b"other"), ResultCode.ASSERTION_FAILED),
        ((SUFFIX, "o", b"x"), Present("title"), ResultCode.ASSERTION_FAILED),
        ((SUFFIX, "o", b"x"), Present("o"), ResultCode.COMPARE_FALSE),
    ],
)
def test_a_compare_is_made_only_where_what_is_asserted_holds(client, compared, asserted, code):
    client.as_admin()
    client.send(CompareRequest(*compared), controls=(encode_assertion(asserted),))
    (message,) = client.received()
    assert message.operation.result.code is code
