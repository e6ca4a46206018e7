"""What cn=monitor tells, and to whom."""

import pytest

from govdir.directory.caller import Caller, Role
from govdir.directory.errors import NoSuchObject
from govdir.ldap.codec.controls.paged_results import PagedResults, decode_paged_results, encode_paged_results
from govdir.ldap.codec.extended import WHO_AM_I
from govdir.ldap.codec.filters import Equality, GreaterOrEqual, Present
from govdir.ldap.codec.messages import (
    Attribute,
    Change,
    CompareRequest,
    ExtendedRequest,
    ModifyOperation,
    ModifyRequest,
    Scope,
)
from govdir.ldap.codec.result_codes import ResultCode
from tests.directory.building import open_town
from tests.ldap.server.doubles import PERSON, SUFFIX, Server, add_request, search_request

ROOT = Caller(f"cn=admin,{SUFFIX}", 1, Role.ADMINISTRATOR)
ANY = Present("objectClass")


@pytest.fixture
def server():
    server = Server()
    server.directory.callers[ROOT.dn] = ROOT
    return server


@pytest.fixture
def admin(server):
    client = server.connect()
    assert client.bind(ROOT) == 0
    client.received()
    return client


def monitored(client, server, base="cn=monitor", scope=Scope.WHOLE_SUBTREE, *, wanted=ANY):
    """The entries found by name, with their attributes as text."""
    client.send(search_request(base, scope, wanted, ("*", "+")))
    server.turns(20)
    *entries, done = client.received()
    assert done.operation.result.code == 0, done
    return {
        entry.operation.object_name: {
            each.type: [value.decode() for value in each.values] for each in entry.operation.attributes
        }
        for entry in entries
    }


def counter(client, server, name):
    return int(monitored(client, server, name)[name]["monitorCounter"][0])


def test_its_containers_lie_below_it(server, admin):
    below = monitored(admin, server, scope=Scope.SINGLE_LEVEL)
    assert set(below) == {
        f"cn={name},cn=monitor"
        for name in ("operations", "results", "statistics", "image", "threads", "time", "connections")
    }


def test_connections_tell_who_is_bound_from_where_and_what_they_do(server, admin):
    person = server.connect("127.0.0.7")
    person.bind(PERSON)
    server.directory.slow = True
    person.send(add_request(), add_request("uid=second"))
    told = monitored(admin, server, "cn=connection 2,cn=connections,cn=monitor", Scope.BASE_OBJECT)
    (entry,) = told.values()
    assert entry["monitorConnectionAuthzDN"] == [PERSON.dn]
    assert entry["monitorConnectionPeerAddress"] == ["127.0.0.7"]
    assert entry["monitorConnectionProtocol"] == ["LDAPv3"]
    counts = ("Received", "Executing", "Pending", "Completed")
    assert [entry[f"monitorConnectionOps{name}"] for name in counts] == [["3"], ["1"], ["1"], ["1"]]


def test_nobody_is_named_where_nobody_is_bound(server, admin):
    server.connect()
    told = monitored(admin, server, "cn=connection 2,cn=connections,cn=monitor", Scope.BASE_OBJECT)
    assert "monitorConnectionAuthzDN" not in told["cn=connection 2,cn=connections,cn=monitor"]


def test_connections_are_counted_now_and_since_the_start(server, admin):
    server.connect().lose()
    assert counter(admin, server, "cn=total,cn=connections,cn=monitor") == 2
    assert counter(admin, server, "cn=current,cn=connections,cn=monitor") == 1


def test_operations_are_counted_by_kind(server, admin):
    admin.ask(ExtendedRequest(WHO_AM_I))
    admin.ask(ExtendedRequest(WHO_AM_I))
    server.directory.slow = True
    other = server.connect()
    other.send(add_request())
    told = monitored(admin, server, "cn=operations,cn=monitor")
    who, add = (told[f"cn={name},cn=operations,cn=monitor"] for name in ("who_am_i", "add"))
    assert (who["monitorOpInitiated"], who["monitorOpCompleted"]) == (["2"], ["2"])
    assert (add["monitorOpInitiated"], add["monitorOpCompleted"]) == (["1"], ["0"])


def test_refusals_are_counted_by_their_code(server, admin):
    server.connect().bind(PERSON, b"wrong")
    server.connect().bind(PERSON, b"wrong")
    assert counter(admin, server, "cn=49,cn=results,cn=monitor") == 2


def test_the_time_since_the_start_passes(server, admin):
    server.clock.pump([1] * 61)
    assert counter(admin, server, "cn=uptime,cn=time,cn=monitor") == 61
    start = "cn=start,cn=time,cn=monitor"
    assert monitored(admin, server, start)[start]["monitorTimestamp"] == ["19700101000000Z"]


def test_filters_choose_among_its_entries(server, admin):
    server.connect("192.0.2.7")
    by_class = monitored(admin, server, wanted=Equality("objectClass", b"monitorConnection"))
    assert len(by_class) == 2
    by_value = monitored(admin, server, wanted=GreaterOrEqual("monitorConnectionNumber", b"2"))
    assert list(by_value) == ["cn=connection 2,cn=connections,cn=monitor"]


def test_it_is_read_page_by_page(server, admin):
    whole = list(monitored(admin, server))
    paged, cookie = [], b""
    while True:
        control = encode_paged_results(PagedResults(7, cookie), critical=True)
        admin.send(search_request("cn=monitor", Scope.WHOLE_SUBTREE, ANY, ("1.1",)), controls=[control])
        server.turns(20)
        *entries, done = admin.received()
        paged += [entry.operation.object_name for entry in entries]
        cookie = decode_paged_results(done.controls[0]).cookie
        if not cookie:
            break
        assert len(entries) == 7
    assert paged == whole


@pytest.mark.parametrize("base", ["cn=monitor", "CN=Monitor", "cn = monitor", "cn=operations, cn=MONITOR"])
def test_it_is_found_under_any_spelling(server, admin, base):
    assert monitored(admin, server, base, Scope.BASE_OBJECT)


@pytest.mark.parametrize("base", ["cn=monitor", "cn=connections,cn=monitor", "cn=none,cn=monitor"])
@pytest.mark.parametrize("who", [None, PERSON], ids=["anonymous", "a person"])
def test_for_others_it_does_not_exist(server, base, who):
    client = server.connect()
    if who is not None:
        client.bind(who)
    assert client.code(search_request(base, Scope.BASE_OBJECT, ANY)) == ResultCode.NO_SUCH_OBJECT
    assert client.code(CompareRequest(base, "cn", b"monitor")) == ResultCode.NO_SUCH_OBJECT


def test_a_name_that_is_not_in_it_is_told_with_the_deepest_that_is(server, admin):
    admin.send(search_request("cn=none,cn=connections,cn=monitor", Scope.BASE_OBJECT, ANY))
    server.turns(20)
    result = admin.received()[-1].operation.result
    assert (result.code, result.matched_dn) == (ResultCode.NO_SUCH_OBJECT, "cn=connections,cn=monitor")


def test_its_values_are_compared(server, admin):
    server.connect()
    assert admin.code(CompareRequest("cn=current,cn=connections,cn=monitor", "monitorCounter", b"2")) == 6
    assert admin.code(CompareRequest("cn=current,cn=connections,cn=monitor", "monitorCounter", b"3")) == 5


def test_queues_of_the_process_are_told_by_their_names():
    with_queues = Server(queues={"hashing": lambda: 3})
    with_queues.directory.callers[ROOT.dn] = ROOT
    client = with_queues.connect()
    client.bind(ROOT)
    client.received()
    assert counter(client, with_queues, "cn=hashing,cn=threads,cn=monitor") == 3


def test_nothing_in_it_can_be_changed(tmp_path):
    with open_town(tmp_path / "town.db") as town:
        change = Change(ModifyOperation.REPLACE, Attribute("description", (b"x",)))
        with pytest.raises(NoSuchObject):
            town.run(town.admin().modify(ModifyRequest("cn=monitor", (change,))))


def test_the_auditor_sees_it_and_the_approver_does_not(tmp_path):
    with open_town(tmp_path / "town.db") as town:
        for number, (role, expected) in enumerate(
            (("auditor", True), ("operator", True), ("approver", False))
        ):
            dn = town.person(f"nguoi{number}", f"Lê Văn {['An', 'Ba', 'Ca'][number]}")
            town.add(
                f"cn={role},ou=admins,{SUFFIX}",
                {"objectClass": "gdRoleGroup", "gdRoleKind": role, "member": dn},
            )
            assert town.caller(Role.PERSON, dn).sees_operation is expected


def test_who_must_change_its_password_does_not_see_it(tmp_path):
    with open_town(tmp_path / "town.db") as town:
        must = Caller(ROOT.dn, town.admin().caller.entry_id, Role.ADMINISTRATOR, must_change=True)
        assert town.admin().sees_operation
        assert not town.directory.as_caller(must).sees_operation


def test_many_connections_are_told_in_turns_that_let_others_be_answered():
    server = Server(turn_seconds=0)  # every look at the clock ends a turn
    server.directory.callers[ROOT.dn] = ROOT
    admin = server.connect()
    admin.bind(ROOT)
    admin.received()
    clients = [server.connect() for _ in range(300)]
    admin.send(search_request("cn=connections,cn=monitor", Scope.SINGLE_LEVEL, ANY, ("1.1",)))
    turns = 0
    while not admin.protocol._conversation.session.is_idle:
        server.turns(1)
        turns += 1
    assert turns > len(clients) / 16
    assert len(admin.received()) == len(clients) + 1 + 2 + 1  # the admin's own; total and current; the result
