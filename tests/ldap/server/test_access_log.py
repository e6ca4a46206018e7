"""One JSON line an operation, and no secret in any of them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from govdir.ldap.codec.extended import PasswordModify, password_modify_request
from govdir.ldap.codec.filters import (
    And,
    Approx,
    Equality,
    Extensible,
    GreaterOrEqual,
    LessOrEqual,
    Not,
    Or,
    Present,
    Substrings,
)
from govdir.ldap.codec.messages import (
    AbandonRequest,
    AddRequest,
    Attribute,
    BindRequest,
    Change,
    CompareRequest,
    DeleteRequest,
    ExtendedRequest,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    SaslAuthentication,
    Scope,
)
from govdir.ldap.server.access_log import FLUSH_BYTES, FLUSH_SECONDS, AccessLog, is_secret, origin_of
from tests.ldap.server.doubles import (
    MAIL_SERVICE,
    SUFFIX,
    UNBIND,
    Server,
    bind_request,
    entry,
    search_request,
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def blocks():
    return []


@pytest.fixture
def log(blocks, clock):
    return AccessLog(blocks.append, clock)


def line_of(wanted):
    """The line of a search with a filter."""
    blocks = []
    log = AccessLog(blocks.append, Clock())
    log.search(origin_of(1, ""), 1, search_request(wanted=wanted), code=0, entries=0, seconds=0.0)
    log.flush()
    return json.loads("".join(blocks))


def operation_line(request):
    blocks = []
    log = AccessLog(blocks.append, Clock())
    log.operation(origin_of(1, ""), 1, "op", request, code=0, seconds=0.0)
    log.flush()
    return json.loads("".join(blocks))


def test_a_search_line_says_who_asked_what_and_what_came_of_it(log, blocks, clock):
    clock.advance(1_700_000_000.25)
    request = search_request(scope=Scope.SINGLE_LEVEL, attributes=("mail", "cn"))
    log.search(origin_of(17, "cn=postfix"), 3, request, code=0, entries=1, seconds=0.000_023)
    log.flush()
    assert json.loads(blocks[0]) == {
        "time": "2023-11-14T22:13:20.250000Z",
        "conn": 17,
        "caller": "cn=postfix",
        "id": 3,
        "op": "search",
        "base": SUFFIX,
        "scope": "one",
        "filter": "(mail=a1@cantho.gov.vn)",
        "attrs": "mail cn",
        "result": 0,
        "entries": 1,
        "us": 23,
    }


def test_what_was_abandoned_has_no_result(log, blocks):
    log.search(origin_of(1, ""), 3, search_request(), code=None, entries=1, seconds=0.0)
    log.operation(origin_of(1, ""), 4, "delete", DeleteRequest("dc=vn"), code=None, seconds=0.0)
    log.flush()
    assert [json.loads(line)["result"] for line in blocks[0].splitlines()] == [None, None]


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (Equality("cn", "Nguyễn Văn Minh".encode()), "(cn=Nguyễn Văn Minh)"),
        (Equality("cn", b'a"b\\c*'), '(cn=a"b\\5cc\\2a)'),
        (Equality('c"n', b"x"), '(c"n=x)'),
        (And((Equality("cn", b"a"), Not(Present("mail")))), "(&(cn=a)(!(mail=*)))"),
        (Substrings("cn", b"a", (), b"z"), "(cn=a*z)"),
    ],
)
def test_filters_are_written_as_text(wanted, text):
    assert line_of(wanted)["filter"] == text


@pytest.mark.parametrize(
    ("request_", "facts"),
    [
        (bind_request("cn=x", b"secret"), {"dn": "cn=x", "method": "simple"}),
        (BindRequest(3, "", SaslAuthentication("PLAIN", b"s")), {"dn": "", "method": "sasl PLAIN"}),
        (UNBIND, {}),
        (
            AddRequest("cn=x", (Attribute("cn", (b"v",)), Attribute("sn", (b"v",)))),
            {"dn": "cn=x", "attrs": "cn sn"},
        ),
        (
            ModifyRequest("cn=x", (Change(ModifyOperation.REPLACE, Attribute("sn", (b"v",))),)),
            {"dn": "cn=x", "attrs": "replace:sn"},
        ),
        (ModifyDnRequest("cn=x", "cn=y", True), {"dn": "cn=x", "newRdn": "cn=y"}),
        (
            ModifyDnRequest("cn=x", "cn=y", True, "ou=z"),
            {"dn": "cn=x", "newRdn": "cn=y", "newSuperior": "ou=z"},
        ),
        (DeleteRequest("cn=x"), {"dn": "cn=x"}),
        (CompareRequest("cn=x", "sn", b"v"), {"dn": "cn=x", "attr": "sn"}),
        (ExtendedRequest("1.2.3", b"v"), {"oid": "1.2.3"}),
        (AbandonRequest(7), {"target": 7}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_operation_tells_its_facts(request_, facts):
    line = operation_line(request_)
    for common in ("time", "conn", "caller", "id", "op", "result", "us"):
        del line[common]
    assert line == facts


def test_names_cannot_break_out_of_their_line():
    line = operation_line(DeleteRequest('cn="},\n{"op":"forged'))
    assert line["dn"] == 'cn="},\n{"op":"forged'


@pytest.mark.parametrize(
    "name", ["userPassword", "USERPASSWORD", "userPassword;x-a", "2.5.4.35", "pwdHistory"]
)
def test_password_attributes_are_known_in_any_spelling(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["mail", "uid", "cn;lang-vi", "gdMailQuota"])
def test_other_attributes_are_no_secret(name):
    assert not is_secret(name)


# No secret ever

# The sign in front makes sure that nothing else in a line is the password by chance.
PASSWORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"])).map(
    lambda text: "§" + text
)
KINDS = [Equality, GreaterOrEqual, LessOrEqual, Approx]


@settings(deadline=None)  # the machine may be busy
@given(PASSWORDS, st.sampled_from(["userPassword", "userpassword;binary", "2.5.4.35", "pwdHistory"]))
def test_asserted_passwords_never_reach_the_log(password, attribute):
    value = password.encode()
    leaves = [kind(attribute, value) for kind in KINDS] + [
        Substrings(attribute, value, (value,), value),
        Extensible(None, attribute, value, True),
        Extensible("caseExactMatch", None, value, False),
    ]
    for leaf in leaves:
        for wanted in (leaf, Not(leaf), And((leaf, Present("cn"))), Or((Present("cn"), Not(leaf)))):
            text = line_of(wanted)["filter"]
            assert text == line_of_any_other_value(wanted, password)


def line_of_any_other_value(wanted, password):
    """What is logged for the same filter with another password: the same, if the log knows neither."""
    other = b"~another~" if password != "~another~" else b"~yet another~"
    return line_of(_replace(wanted, password.encode(), other))["filter"]


def _replace(wanted, value, other):
    match wanted:
        case And(filters) | Or(filters):
            return type(wanted)(tuple(_replace(each, value, other) for each in filters))
        case Not(inner):
            return Not(_replace(inner, value, other))
        case Present():
            return wanted
        case Substrings(attribute):
            return Substrings(attribute, other, (other,), other)
        case Extensible(rule, attribute, _, flag):
            return Extensible(rule, attribute, other, flag)
        case _:
            return type(wanted)(wanted.attribute, other)


@settings(deadline=None, max_examples=50)  # each builds a whole server
@given(PASSWORDS)
def test_passwords_sent_in_a_session_never_reach_the_log(password):
    server = Server()
    server.directory.found = (entry(1),)
    client = server.connect()
    value = password.encode()
    secret = Attribute("userPassword", (value,))
    client.send(
        bind_request(MAIL_SERVICE.dn, value),
        BindRequest(3, "", SaslAuthentication("PLAIN", value)),
        search_request(wanted=Equality("userPassword", value)),
        CompareRequest(SUFFIX, "userPassword", value),
        AddRequest(f"uid=a,{SUFFIX}", (secret,)),
        ModifyRequest(SUFFIX, (Change(ModifyOperation.REPLACE, secret),)),
        password_modify_request(PasswordModify("u", value, value)),
        ExtendedRequest("1.2.3", value),
    )
    lines = server.log
    assert len(lines) == 9
    assert password not in json.dumps([list(line.values()) for line in lines], ensure_ascii=False)


# Writing


def test_lines_are_gathered_and_written_after_a_while(log, blocks, clock):
    log.event(1, "connect", peer="::1")
    log.event(2, "connect", peer="::1")
    assert blocks == []
    clock.advance(FLUSH_SECONDS)
    assert len(blocks) == 1
    assert blocks[0].count("\n") == 2


def test_many_lines_are_written_at_once(log, blocks, clock):
    while not blocks:
        log.event(1, "connect", peer="x" * 1000)
    assert FLUSH_BYTES <= len(blocks[0]) < FLUSH_BYTES + 2000
    clock.advance(FLUSH_SECONDS)
    assert len(blocks) == 1


def test_an_idle_log_schedules_nothing(log, clock):
    log.event(1, "connect")
    clock.advance(FLUSH_SECONDS)
    assert clock.getDelayedCalls() == []


def test_a_full_disk_loses_lines_but_stops_nothing(clock):
    def write(block):
        raise OSError(28, "No space left on device")

    log = AccessLog(write, clock)
    log.event(1, "connect")
    log.flush()
    log.event(1, "disconnect")
    clock.advance(FLUSH_SECONDS)


def test_a_filter_that_asserts_a_secret_is_not_remembered():
    log = AccessLog(lambda block: None, Clock())
    for wanted in (Equality("cn", b"\xc3\x81nh"), Equality("userPassword", b"\xc3\x81nh")):
        request = search_request(wanted=wanted)
        for _ in range(2):
            log.search(origin_of(1, ""), 2, request, code=0, entries=0, seconds=0.0)
    assert list(log._texts) == [Equality("cn", b"\xc3\x81nh")]
