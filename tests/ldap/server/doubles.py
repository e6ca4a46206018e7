"""A directory that does what a test tells it, and a client's end of a connection without a network."""

from __future__ import annotations

import json

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from govdir.directory.access import READABLE, AccessRules
from govdir.directory.admission import Bound
from govdir.directory.caller import ANONYMOUS, Caller, Role
from govdir.directory.comparing import compared
from govdir.directory.cookies import Cookies
from govdir.directory.errors import InvalidCredentials, NoSuchObject
from govdir.directory.image import Image
from govdir.directory.matches import Matches, Outcome
from govdir.directory.options import PLAIN_SEARCH, PLAIN_WRITE, Written
from govdir.directory.scram_keys import ScramVault
from govdir.directory.vocabulary import Vocabulary
from govdir.ldap.codec.connection import NEED_DATA, Connection
from govdir.ldap.codec.encode import encode_message, entry_content
from govdir.ldap.codec.filters import Equality
from govdir.ldap.codec.limits import AFTER_BIND
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    BindRequest,
    Control,
    DerefAliases,
    LdapMessage,
    Scope,
    SearchRequest,
    SimpleAuthentication,
    UnbindRequest,
)
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory, PlaintextBind
from govdir.ldap.server.limits import ServerLimits
from govdir.schema.registry import load_schema

SUFFIX = "dc=cantho,dc=gov,dc=vn"
MAIL_SERVICE = Caller(f"cn=postfix,ou=services,{SUFFIX}", 7, Role.SERVICE, "mail")
PERSON = Caller(f"uid=nvminh,ou=sonv,ou=orgs,{SUFFIX}", 9, Role.PERSON)


def entry(number: int = 1, size: int = 0) -> bytes:
    """The content of a SearchResultEntry, `size` octets of description in it."""
    attributes = (
        Attribute("mail", (b"a%d@cantho.gov.vn" % number,)),
        Attribute("description", (b"x" * size,)),
    )
    return entry_content(f"uid=a{number},{SUFFIX}", attributes)


class FakeHandle:
    """`found` is what searches yield, or an error to raise; updates wait until `release` when `slow`."""

    def __init__(self, directory, caller):
        self.directory = directory
        self.caller = caller
        self.authz_id = f"dn:{caller.dn}" if caller.dn else ""
        self.stands = True

    def search(self, request, options=PLAIN_SEARCH):
        self.directory.calls.append(("search", self.caller.dn, request.base, options.page))
        found = self.directory.found
        if isinstance(found, Exception):
            raise found
        outcome = Outcome()
        outcome.cookie = self.directory.cookie
        return Matches(found() if callable(found) else found, outcome)

    def prepared(self, request):
        return None

    def search_static(self, tree, request, options=PLAIN_SEARCH):
        return tree.search(request, options, self.directory, self.caller)

    def compare_static(self, tree, dn, attribute, value):
        return compared(tree.find(dn), tree.image, READABLE, attribute, value)

    @property
    def sees_operation(self):
        return self.caller.role is Role.ADMINISTRATOR

    def compare(self, dn, attribute, value, options=PLAIN_SEARCH):
        self.directory.calls.append(("compare", self.caller.dn, dn))
        if isinstance(self.directory.found, Exception):
            raise self.directory.found
        return value == b"yes"

    async def _update(self, name, target):
        self.directory.calls.append((name, self.caller.dn, target))
        await self.directory.pause()

    async def add(self, request, options=PLAIN_WRITE):
        await self._update("add", request.entry)
        return Written(self.directory.stored_as or request.entry)

    async def modify(self, request, options=PLAIN_WRITE):
        await self._update("modify", request.object)
        return Written(request.object)

    async def modify_dn(self, request, options=PLAIN_WRITE):
        await self._update("modify_dn", request.entry)
        return Written(request.entry)

    async def delete(self, dn, options=PLAIN_WRITE):
        await self._update("delete", dn)
        return Written(dn)

    async def change_password(self, user, old, new):
        await self._update("change_password", user)
        return None if new is not None else b"generated"


class FakeDirectory:
    schema = load_schema()
    vocabulary = Vocabulary(load_schema())
    image = Image(vocabulary)
    access = AccessRules((), {})
    cookies = Cookies(b"0" * 32)
    suffix = SUFFIX
    anonymous = ANONYMOUS
    scram = ScramVault(bytes(32))

    def __init__(self):
        self.calls = []
        self.found = ()
        self.cookie = b""
        self.stored_as = None
        self.slow = False
        self.known = set()
        self.callers = {MAIL_SERVICE.dn: MAIL_SERVICE, PERSON.dn: PERSON}
        self._paused = []

    def as_caller(self, caller, seen=None, warrant=None):
        return FakeHandle(self, caller)

    def bind_at_once(self, name, password, channel):
        if (name, password) not in self.known:
            return None
        self.calls.append(("bind at once", name, channel))
        return Bound(self.callers[name])

    async def bind(self, name, password, channel):
        self.calls.append(("bind", name, channel))
        await self.pause()
        if password != b"right" or name not in self.callers:
            raise InvalidCredentials("invalid credentials")
        return Bound(self.callers[name])

    def pause(self):
        waiting = Deferred()
        if self.slow:
            self._paused.append(waiting)
        else:
            waiting.callback(None)
        return waiting

    def release(self, error=None):
        """Lets the oldest paused piece of work go on, or fail."""
        waiting = self._paused.pop(0)
        waiting.errback(error) if error else waiting.callback(None)


class Transport(StringTransport):
    """Like a socket: remembers TLS and closing, and its output buffer can be full."""

    tls = None

    def under_tls(self, tls):
        self.tls = tls
        return self

    def leave(self):
        self.loseConnection()

    def fill(self):
        self.producer.pauseProducing()

    def empty(self):
        self.producer.resumeProducing()

    def pauseProducing(self):  # noqa: N802 - Twisted's name
        self.producerState = "paused"

    def resumeProducing(self):  # noqa: N802 - Twisted's name
        self.producerState = "producing"


class Client:
    """One connection to a factory: requests in, messages out."""

    def __init__(self, factory, host="127.0.0.1"):
        self.protocol = factory.buildProtocol(IPv4Address("TCP", host, 40000))
        self.transport = Transport(peerAddress=IPv4Address("TCP", host, 40000))
        self.protocol.makeConnection(self.transport)
        self._next_id = 0

    def send(self, *operations, controls=(), message_id=None):
        """Sends requests in one segment; returns the last message id."""
        octets = b""
        for operation in operations:
            self._next_id += 1
            number = self._next_id if message_id is None else message_id
            octets += encode_message(LdapMessage(number, operation, tuple(controls)))
        self.protocol.dataReceived(octets)
        return number

    def received(self):
        """The messages that came since the last call."""
        codec = Connection(AFTER_BIND)
        codec.feed(self.transport.value())
        self.transport.clear()
        messages = []
        while (message := codec.next_message()) is not NEED_DATA:
            messages.append(message)
        return messages

    def ask(self, operation, *controls, message_id=None):
        """Sends one request and returns the operation of the last message that came."""
        self.send(operation, controls=controls, message_id=message_id)
        return self.received()[-1].operation

    def code(self, operation, *controls):
        """The result code of a request."""
        return int(self.ask(operation, *controls).result.code)

    def bind(self, caller=MAIL_SERVICE, password=b"right"):
        return self.code(bind_request(caller.dn, password))

    @property
    def closed(self):
        return self.transport.disconnecting

    def lose(self):
        """The network takes the connection away."""
        from twisted.internet.error import ConnectionLost
        from twisted.python.failure import Failure

        self.protocol.connectionLost(Failure(ConnectionLost()))


class Reactor(Clock):
    """A clock whose turns can be counted: each does what is due when it begins, not what follows."""

    def turn(self):
        due = [call for call in self.calls if call.getTime() <= self.seconds()]
        for call in due:
            if call.active():
                self.calls.remove(call)
                call.called = 1
                call.func(*call.args, **call.kw)


class Server:
    """A factory with all its surroundings in memory."""

    def __init__(self, *, tls=None, plaintext_bind=PlaintextBind.LOOPBACK, queues=None, **limits):
        limits.setdefault("turn_seconds", 60)  # all in one turn, however busy the machine is
        self.clock = Reactor()
        self.directory = FakeDirectory()
        self.written = []
        self.access_log = AccessLog(self.written.append, self.clock)
        self.factory = LdapFactory(
            directory=self.directory,
            clock=self.clock,
            access_log=self.access_log,
            limits=ServerLimits(**limits),
            tls=tls,
            plaintext_bind=plaintext_bind,
            queues=queues,
        )

    def connect(self, host="127.0.0.1"):
        return Client(self.factory, host)

    def turns(self, count=1):
        """Lets the reactor go round."""
        for _ in range(count):
            self.clock.turn()

    @property
    def log_text(self):
        self.access_log.flush()
        return "".join(self.written)

    @property
    def log(self):
        """The access log's lines as values."""
        return [json.loads(line) for line in self.log_text.splitlines()]

    def logged(self, operation):
        """The last line of an operation."""
        return [line for line in self.log if line["op"] == operation][-1]


def bind_request(name="", password=b"", version=3):
    return BindRequest(version, name, SimpleAuthentication(password))


def search_request(base=SUFFIX, scope=Scope.WHOLE_SUBTREE, wanted=None, attributes=(), time_limit=0):
    wanted = wanted or Equality("mail", b"a1@cantho.gov.vn")
    return SearchRequest(base, scope, DerefAliases.NEVER, 0, time_limit, False, wanted, attributes)


def add_request(name=f"uid=new,{SUFFIX}"):
    return AddRequest(name, (Attribute("objectClass", (b"person",)),))


UNBIND = UnbindRequest()
CRITICAL_UNKNOWN = Control("1.2.3.4", critical=True)
NO_SUCH = NoSuchObject("no such entry", matched_dn=SUFFIX)
