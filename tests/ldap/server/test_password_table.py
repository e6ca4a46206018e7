"""Every state of an account against every operation, with the password policy control and without: the cells
of docs/password-policy.md, which is read here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from govdir.directory import passwords
from govdir.directory.proving import Outcome
from govdir.directory.secrets import Secrets, pack_secrets
from govdir.ldap.codec.controls.oids import PASSWORD_POLICY
from govdir.ldap.codec.controls.password_policy import PolicyError, PolicyState, decode_policy_state
from govdir.ldap.codec.extended import (
    START_TLS,
    WHO_AM_I,
    PasswordModify,
    password_modify_request,
)
from govdir.ldap.codec.filters import Present
from govdir.ldap.codec.messages import (
    AbandonRequest,
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
    UnbindRequest,
)
from tests.directory.building import ADMIN, SONV, SUFFIX, open_town
from tests.ldap.server.doubles import bind_request, search_request
from tests.ldap.server.password_states import OTHER, PASSWORD, POLICY, States, quick
from tests.ldap.server.sasl_client import ScramClient, connect, plain

NEW = "Trang-sang-vuon-5"
ASKING = (Control(PASSWORD_POLICY, True, None),)
PAGE = Path("docs/password-policy.md").read_text("utf-8")


def table(heading, first):
    """The rows of the table whose first header is `first`, below a heading: {row: {column: cell}}."""
    lines = PAGE.partition(f"### {heading}\n")[2].partition("\n###")[0].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    columns = cells(lines[start])
    rows = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        name, *values = cells(line)
        rows[name] = dict(zip(columns[1:], values, strict=True))
    return rows


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


SIGNING_IN = table("Signing in", "State")
BOUND = table("Once bound", "State")
CHANGING = table("Changing one's own password", "State")
WRONG = table("Changing one's own password", "New password")
BEFORE = table("A connection that was open before", "What happened meanwhile")


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    cheap = pytest.MonkeyPatch()
    cheap.setattr(passwords, "MEMORY_KIB", 64)
    cheap.setattr(passwords, "TIME_COST", 1)
    cheap.setattr(passwords, "_NOBODY", lambda form: False)
    with open_town(tmp_path_factory.mktemp("town") / "town.db", remembered_seconds=300) as town:
        yield States(town)
    cheap.undo()


@pytest.fixture(params=[True, False], ids=["asking", "not asking"])
def asking(request):
    return request.param


class Session:
    """A connection that asks with the control, or without, and tells the answer as the page writes it."""

    def __init__(self, states, *, asking):
        self.client = connect(states.town)
        self.controls = ASKING if asking else ()

    def says(self, operation):
        self.client.send(operation, controls=self.controls)
        return self.told(self.client.received()[-1])

    def told(self, message):
        code = str(int(message.operation.result.code))
        told = [control for control in message.controls if control.oid == PASSWORD_POLICY]
        assert self.controls or not told
        return code + (written(decode_policy_state(told[0])) if told else "")


def written(state: PolicyState) -> str:
    text = "" if state.expires_in_seconds is None else f", {state.expires_in_seconds} s"
    text += "" if state.grace_logins_left is None else f", {state.grace_logins_left} left"
    return text + ("" if state.error is None else ", " + camel(state.error))


def camel(error: PolicyError) -> str:
    first, *more = error.name.lower().split("_")
    return first + "".join(map(str.capitalize, more))


def expected(cell: str, *, asking: bool) -> str:
    """A cell, without what only the control tells."""
    return cell if asking else cell.partition(",")[0]


def bind(dn, password=PASSWORD):
    return bind_request(dn, password.encode())


# -- signing in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", SIGNING_IN)
def test_binds_are_as_the_page_says(states, state, asking):
    row = SIGNING_IN[state]
    session, dn = Session(states, asking=asking), states.account(state)
    found = {"bind": session.says(bind(dn)), "again": session.says(bind(dn))}
    found["wrong"] = Session(states, asking=asking).says(bind(states.account(state), "wrong"))

    assert found == {name: expected(row[name], asking=asking) for name in found}


@pytest.mark.parametrize("state", SIGNING_IN)
def test_sasl_is_as_the_page_says(states, state, asking):
    wanted = expected(SIGNING_IN[state]["SASL"], asking=asking)
    session, dn = Session(states, asking=asking), states.account(state)
    assert session.says(plain(f"dn:{dn}", PASSWORD)) == wanted
    if "left" not in wanted and state != "grace used up":
        assert scram(states, session, dn) == wanted


def scram(states, session, dn):
    """SCRAM needs keys, which a password has that was chosen here: put there as such a change leaves them."""
    uid = dn.partition("=")[2].partition(",")[0]
    directory = states.town.directory
    record = directory.image.find(directory.path_of(dn))
    keys = directory.scram.made_of(PASSWORD.encode(), b"an")
    record.secrets = pack_secrets(Secrets(quick(PASSWORD).encode(), (), keys))
    exchange = ScramClient(uid, PASSWORD)
    session.client.send(exchange.first, controls=session.controls)
    answer = session.client.received()[-1].operation
    return session.says(exchange.last(answer.server_sasl_credentials))


@pytest.mark.parametrize("state", SIGNING_IN)
def test_the_web_site_is_as_the_page_says(states, state):
    dn, directory = states.account(state), states.town.directory
    proof = states.town.run(
        directory.logins.prove(lambda: directory.image.find(directory.path_of(dn)), PASSWORD.encode())
    )
    words = {
        Outcome.OK: "in",
        Outcome.MUST_CHANGE: "change",
        Outcome.LOCKED: "locked",
        Outcome.CLOSED: "closed",
    }
    assert words[proof.outcome] == SIGNING_IN[state]["web"]


@pytest.mark.parametrize("state", SIGNING_IN)
def test_refusals_are_the_same_octets(states, state, asking):
    """A refused bind of any state is that of a name nobody has, octet by octet."""
    if SIGNING_IN[state]["bind"] != "49":
        return
    answers = set()
    for dn in (states.account(state), f"uid=nobody,{SONV}"):
        for password in (PASSWORD, "wrong"):
            session = Session(states, asking=asking)
            session.client.send(bind(dn, password), controls=session.controls)
            answers.add(session.client.transport.value())
    assert len(answers) == 1


def test_a_known_password_is_answered_as_the_first_time(states):
    """The way of octets (known_binds) for the states in which a bind succeeds."""
    for state, row in SIGNING_IN.items():
        if row["bind"].startswith("0"):
            session, dn = Session(states, asking=False), states.account(state)
            answers = []
            for _ in range(2):
                session.client.send(bind(dn), message_id=7)
                answers.append(session.client.transport.value())
                session.client.transport.clear()
            assert answers[0] == answers[1]


# -- once bound ----------------------------------------------------------------------------------------------


def add(dn):
    """Of an entry that no rule of the regulation is about."""
    return AddRequest(dn, (Attribute("objectClass", (b"device",)),))


def add_person(name, password):
    classes = Attribute("objectClass", (b"inetOrgPerson", b"gdPerson", b"gdMailbox"))
    given = {"cn": name, "userPassword": password}
    attributes = (Attribute(each, (value.encode(),)) for each, value in given.items())
    return AddRequest(f"uid=*,{SONV}", (classes, *attributes))


def modify(dn, *changes):
    """Changes as (operation, attribute, value)."""
    return ModifyRequest(
        dn, tuple(Change(operation, Attribute(name, (value.encode(),))) for operation, name, value in changes)
    )


def search():
    return search_request(OTHER, Scope.BASE_OBJECT, Present("objectClass"), ("1.1",))


def bound(states, state, *, asking):
    session, dn = Session(states, asking=asking), states.account(state)
    assert session.says(bind(dn)) == expected(SIGNING_IN[state]["bind"], asking=asking)
    return session, dn


@pytest.mark.parametrize("state", BOUND)
def test_operations_are_as_the_page_says(states, state, asking):
    session, dn = bound(states, state, asking=asking)
    name, below = dn.partition("=")[2].partition(",")[0], f"ou=lists,{SUFFIX}"
    found = {
        "who am I": session.says(ExtendedRequest(WHO_AM_I)),
        "compare": session.says(CompareRequest(OTHER, "uid", b"other")),
        "search": session.says(search()),
        "add": session.says(add(f"cn={name},{below}")),
        "others": session.says(modify(OTHER, (ModifyOperation.REPLACE, "roomNumber", name))),
    }
    if not states.town.exists(f"cn={name},{below}"):
        states.town.add(f"cn={name},{below}", {"objectClass": "device"})
    found["rename"] = session.says(ModifyDnRequest(f"cn={name},{below}", f"cn={name}x", True, None))
    here = next(each for each in (f"{name}x", name) if states.town.exists(f"cn={each},{below}"))
    found["delete"] = session.says(DeleteRequest(f"cn={here},{below}"))

    assert found == {name: expected(cell, asking=asking) for name, cell in BOUND[state].items()}


@pytest.mark.parametrize("state", BOUND)
def test_what_ends_a_session_is_always_taken(states, state, asking):
    session, _ = bound(states, state, asking=asking)
    unavailable = Session(states, asking=asking).says(ExtendedRequest(START_TLS))
    assert session.says(ExtendedRequest(START_TLS)) == unavailable
    session.client.send(AbandonRequest(1), controls=session.controls)
    assert session.client.received() == []
    assert session.says(ExtendedRequest(WHO_AM_I)) == "0"
    session.client.send(UnbindRequest(), controls=session.controls)
    assert session.client.closed


# -- changing one's own password -----------------------------------------------------------------------------


def ways(dn):
    """The columns: requests by which an owner changes the password."""
    replace, delete, put = ModifyOperation.REPLACE, ModifyOperation.DELETE, ModifyOperation.ADD
    return {
        "replace": modify(dn, (replace, "userPassword", NEW)),
        "delete, add": modify(dn, (delete, "userPassword", PASSWORD), (put, "userPassword", NEW)),
        "with old": password_modify_request(PasswordModify(None, PASSWORD.encode(), NEW.encode())),
        "without old": password_modify_request(PasswordModify(None, None, NEW.encode())),
        "generated": password_modify_request(PasswordModify(None, None, None)),
    }


@pytest.mark.parametrize("way", ways(""))
@pytest.mark.parametrize("state", CHANGING)
def test_changes_of_ones_own_password_are_as_the_page_says(states, state, way, asking):
    session, dn = bound(states, state, asking=asking)
    said = session.says(ways(dn)[way])

    assert said == expected(CHANGING[state][way], asking=asking)
    assert session.says(search()) == CHANGING[state]["then"]
    if said == "0" and way != "generated":
        assert Session(states, asking=False).says(bind(dn, NEW)) == "0"
        assert Session(states, asking=False).says(bind(dn)) == "49"


CANDIDATES = {
    "too short": "Aa-9",
    "too long": "Trang-sang-vuon-chuoi-dem-ram-5",
    "without a digit": "Trang-sang-vuon-x",
    "a hash": quick(NEW),
    "the present one": PASSWORD,
    "beside a wrong old one": NEW,
}


@pytest.mark.parametrize("why", WRONG)
def test_refused_passwords_are_as_the_page_says(states, why, asking):
    new, row = CANDIDATES[why], WRONG[why]
    session, dn = bound(states, "fine", asking=asking)
    wrong_old = b"Song-Hau-chay-mai-38" if why == "beside a wrong old one" else None
    exchange = ((ModifyOperation.DELETE, "userPassword", wrong_old.decode()),) if wrong_old else ()
    put = ModifyOperation.ADD if wrong_old else ModifyOperation.REPLACE
    found = {
        "modify": session.says(modify(dn, *exchange, (put, "userPassword", new))),
        "Password Modify": session.says(
            password_modify_request(PasswordModify(None, wrong_old, new.encode()))
        ),
        "add": "–" if row["add"] == "–" else session.says(add_person(states.name(), new)),
    }
    assert found == {name: expected(cell, asking=asking) for name, cell in row.items()}


def test_an_expired_account_is_let_back_in_by_a_change_alone(states, asking):
    """389-ds #5899, #7795, #5221: the bind with the new password is one like any other."""
    session, dn = bound(states, "expired", asking=asking)
    assert session.says(ways(dn)["with old"]) == "0"
    assert session.says(search()) == "0"
    assert Session(states, asking=asking).says(bind(dn, NEW)) == "0"


def test_whoever_sets_a_password_the_owner_must_change_it(states, asking):
    """389-ds #5364: not the root account alone; by modify as by Password Modify, and not for oneself."""
    for request in (
        lambda dn: modify(dn, (ModifyOperation.REPLACE, "userPassword", NEW)),
        lambda dn: password_modify_request(PasswordModify(dn, None, NEW.encode())),
    ):
        dn = states.account("fine")
        setter, _ = bound(states, "fine", asking=False)
        assert setter.says(request(dn)) == "0"
        said = Session(states, asking=asking).says(bind(dn, NEW))
        assert said == expected("0, changeAfterReset", asking=asking)


def test_no_password_in_history_means_that_one_may_be_kept(states):
    """389-ds #7052: a history of none is none, not one."""
    town = states.town
    session, dn = bound(states, "fine", asking=True)
    town.replace(POLICY, "pwdInHistory", "0")
    try:
        assert session.says(modify(dn, (ModifyOperation.REPLACE, "userPassword", PASSWORD))) == "0"
    finally:
        town.replace(POLICY, "pwdInHistory")


def test_a_policy_that_says_little_switches_nothing_off(states):
    """389-ds #7374: passwords under a policy of one's own expire and lock as others do."""
    town = states.town
    little = f"cn=little,ou=policies,{SUFFIX}"
    if not town.exists(little):
        classes = ("device", "pwdPolicy")
        town.add(little, {"objectClass": classes, "cn": "little", "pwdAttribute": "userPassword"})
    dn = states.account("fine")
    town.replace(dn, "pwdPolicySubentry", little)
    town.clock.pass_time(days=93)

    assert Session(states, asking=True).says(bind(dn)) == "0, passwordExpired"
    for _ in range(10):
        assert Session(states, asking=True).says(bind(dn, "wrong")) == "49"
    assert Session(states, asking=True).says(bind(dn)) == "49"


# -- connections that were open before -----------------------------------------------------------------------


@pytest.mark.parametrize("event", BEFORE)
def test_an_open_connection_is_as_the_page_says(states, event, asking):
    town = states.town
    session, dn = bound(states, "fine", asking=asking)
    happens = {
        "expired": lambda: town.clock.pass_time(days=30),
        "locked by hand": lambda: town.replace(dn, "pwdAccountLockedTime", "000001010000Z"),
        "over": lambda: town.replace(dn, "pwdEndTime", "20200101000000Z"),
        "suspended": lambda: town.replace(dn, "gdState", "suspended"),
        "password set by others": lambda: town.run(town.local.change_password(dn, None, NEW.encode())),
    }
    happens[event]()
    assert session.says(search()) == BEFORE[event]["its next search"]


def test_the_page_has_every_state_once(states):
    assert set(BOUND) == set(CHANGING)
    assert {state for state, row in SIGNING_IN.items() if row["bind"].startswith("0")} == set(BOUND)
    assert len(re.findall(r"^\| ", PAGE, re.MULTILINE)) > 60
    assert ADMIN not in PAGE


def test_a_refused_bind_costs_one_hash_whatever_the_reason(states, monkeypatch):
    """The time of a refusal is that of its hashes: the same number for all, with or without an account."""
    costs = {}
    for state, row in SIGNING_IN.items():
        if row["bind"] == "49":
            costs[state] = hashes(states, monkeypatch, states.account(state), PASSWORD)
    costs["wrong"] = hashes(states, monkeypatch, states.account("fine"), "wrong")
    costs["nobody"] = hashes(states, monkeypatch, f"uid=nobody,{SONV}", "wrong")
    assert set(costs.values()) == {1}


def hashes(states, monkeypatch, dn, password):
    """How many costly hashes a refused bind takes; the accounts have a hash that costs nothing."""
    made = []
    with monkeypatch.context() as patched:
        verify = passwords.verify_nothing
        patched.setattr(passwords, "verify_nothing", lambda candidate: (made.append(1), verify(candidate))[1])
        assert Session(states, asking=False).says(bind(dn, password)) == "49"
    return len(made)
