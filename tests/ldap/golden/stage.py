"""A town with a server, people of all roles at it, and everything they are answered, written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from twisted.internet.task import Clock

from govdir.ldap.codec import transactions
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import (
    AddRequest,
    Attribute,
    BindRequest,
    Change,
    CompareRequest,
    DeleteRequest,
    DerefAliases,
    ExtendedRequest,
    ExtendedResponse,
    ModifyDnRequest,
    ModifyOperation,
    ModifyRequest,
    SaslAuthentication,
    Scope,
    SearchRequest,
    SimpleAuthentication,
)
from govdir.ldap.server.access_log import AccessLog
from govdir.ldap.server.factory import LdapFactory
from govdir.ldap.server.limits import ServerLimits
from tests.directory.building import ADMIN, ADMIN_PASSWORD, SUFFIX, open_town
from tests.directory.role_town import AN, BINH, SERVICE, holder, populate
from tests.ldap.golden.sites import recorded
from tests.ldap.server.doubles import bind_request
from tests.ldap.server.password_states import PASSWORD, quick
from tests.ldap.server.test_with_directory import TownClient

ADD, DELETE, REPLACE = ModifyOperation.ADD, ModifyOperation.DELETE, ModifyOperation.REPLACE
PEOPLE = {
    "administrator": ADMIN,
    "person": AN,
    "binh": BINH,
    "service": SERVICE,
    **{who: holder(who) for who in ("operator", "approver", "auditor", "agency-admin")},
}


class Faulty:
    """A store that fails as it is told: `fault` is raised by the next commits."""

    def __init__(self, store):
        self._store = store
        self.fault = None
        self.away = None

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def commit(self, unit):
        if self.fault is not None:
            raise self.fault
        return await self._store.commit(unit)

    async def changes_after(self, number):
        if self.away is not None:
            raise self.away
        return await self._store.changes_after(number)


class Stage:
    """Asks on behalf of people and notes the answers; `lines` is what the golden file has."""

    def __init__(self, town, store, lines):
        self.town = town
        self.store = store
        self.clock = Clock()
        log = AccessLog(lambda block: None, self.clock)
        one_turn = ServerLimits(turn_seconds=60)  # however busy the machine is
        self.factory = LdapFactory(
            directory=town.directory, clock=self.clock, access_log=log, limits=one_turn
        )
        self._clients = {}
        self._lines = lines

    def client(self, who):
        """The connection of somebody, bound under that name; "nobody" is anonymous."""
        if who not in self._clients:
            client = self._clients[who] = self.connect()
            if who in PEOPLE:
                password = ADMIN_PASSWORD if who == "administrator" else PASSWORD
                answer = client.ask(bind_request(PEOPLE[who], password.encode()))
                assert answer.result.code == 0, (who, answer)
        return self._clients[who]

    def bound(self, who):
        """A new connection of somebody."""
        self.again(who)
        client = self.client(who)
        self.again(who)
        return client

    def connect(self, host="127.0.0.1"):
        """A new connection of nobody."""
        return TownClient(self.factory, self.town, host)

    def again(self, *whos):
        """Forgets their connections, so that they bind anew."""
        for who in whos:
            self._clients.pop(who, None)

    def ask(self, name, who, request, *controls):
        """Asks as `who` (a name, or a connection) and notes the last answer under `name`."""
        client = self.client(who) if isinstance(who, str) else who
        client.send(request, controls=controls)
        message = client.received()[-1]
        self.note(name, who if isinstance(who, str) else "a connection of its own", request, message)
        return message

    def ask_together(self, name, client, *requests):
        """Asks in one segment and notes the answer to the last."""
        number = client.send(*requests)
        answers = {message.message_id: message for message in client.received()}
        self.note(name, "a connection of its own", requests[-1], answers[number])

    def note(self, name, who, request, message):
        """Writes an answer down."""
        result = message.operation.result
        self._lines += [
            f"## {name}",
            f"{who}: {in_words(request)}",
            f"{int(result.code)} {result.code.name.lower()}",
        ]
        for label, text in (("matched", result.matched_dn), ("says", result.diagnostic_message)):
            if text:
                self._lines.append(f"{label}: {text}")
        self._lines += [f"referral: {uri}" for uri in result.referrals or ()]
        for control in message.controls:
            self._lines.append(f"control {control.oid}: {(control.value or b'').hex(' ')}".rstrip())
        if isinstance(message.operation, ExtendedResponse) and message.operation.name:
            self._lines.append(f"name: {message.operation.name}")
        self._lines.append("")


@contextmanager
def stage(lines) -> Iterator[Stage]:
    """A new one."""
    held = []

    def faulty(store):
        held.append(Faulty(store))
        return held[0]

    with TemporaryDirectory() as folder, open_town(Path(folder) / "town.db", store_in_use=faulty) as town:
        populate(town)
        for dn in PEOPLE.values():
            if dn != ADMIN:
                town.replace(dn, "userPassword", quick(PASSWORD))
                town.replace(dn, "pwdReset")
        yield Stage(town, held[0], lines)


def performed(groups: dict[str, Callable[[Stage], None]]) -> tuple[list[str], set[str]]:
    """What the golden file has of these groups, and the places in the source that were reached."""
    lines: list[str] = []
    with recorded() as reached:
        for title, group in groups.items():
            lines += [f"# {title}", ""]
            with stage(lines) as one:
                group(one)
    return lines, set(reached)


def values(texts):
    """Octets of one text or several."""
    several = (texts,) if isinstance(texts, str | bytes) else texts
    return tuple(each.encode() if isinstance(each, str) else each for each in several)


def add(dn, **attributes):
    """An add; `objectClass` is device unless given."""
    given = {"objectClass": "device", **attributes}
    return AddRequest(
        dn, tuple(Attribute(name.replace("_", ";"), values(each)) for name, each in given.items())
    )


def modify(dn, *changes):
    """A modify of (operation, type, values)."""
    return ModifyRequest(
        dn, tuple(Change(how, Attribute(name, values(given))) for how, name, given in changes)
    )


def replace(dn, name, *given):
    """A modify that puts an attribute."""
    return modify(dn, (REPLACE, name, given))


def rename(dn, new_rdn, superior=None, *, keep=False):
    """A modify DN."""
    return ModifyDnRequest(dn, new_rdn, not keep, superior)


def search(base=SUFFIX, wanted="(objectClass=*)", scope=Scope.WHOLE_SUBTREE, attributes=("1.1",), size=0):
    """A search."""
    return SearchRequest(base, scope, DerefAliases.ALWAYS, size, 0, False, parse_filter(wanted), attributes)


def in_words(request) -> str:
    """A request on one line, without passwords."""
    match request:
        case BindRequest(name=name, authentication=SimpleAuthentication()):
            return f"bind {name!r}"
        case BindRequest(authentication=SaslAuthentication(mechanism=mechanism)):
            return f"bind by SASL {mechanism!r}"
        case AddRequest(entry=dn):
            return f"add {dn}"
        case ModifyRequest(object=dn, changes=changes):
            told = ", ".join(f"{each.operation.name.lower()} {each.modification.type}" for each in changes)
            return f"modify {dn}: {told}"
        case ModifyDnRequest(entry=dn, new_rdn=rdn, new_superior=superior):
            return f"rename {dn} to {rdn}" + (f" below {superior}" if superior is not None else "")
        case DeleteRequest(entry=dn):
            return f"delete {dn}"
        case CompareRequest(entry=dn, attribute=attribute):
            return f"compare {dn}: {attribute}"
        case SearchRequest(base=dn, scope=scope):
            return f"search {dn!r} {scope.name.lower()}"
        case ExtendedRequest(name=name):
            return f"extended {name}"
        case bytes():
            return request.hex(" ")
        case _:
            return str(type(request).__name__)


def begun(client) -> bytes:
    """The identifier of a new transaction."""
    return client.ask(transactions.start_transaction_request()).value
