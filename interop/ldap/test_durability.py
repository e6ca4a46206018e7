"""`kill -9` in the middle of a stream of writes: what was acknowledged is there, nothing is there by half.

Each write puts one number into two attributes of an entry in one request. After the crash both hold the
same number, and it is the last one acknowledged or the one that was under way.
"""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ldap3
import pytest
from ldap3.core.exceptions import LDAPException

from govdir.ldap.codec.controls.oids import TRANSACTION
from govdir.ldap.codec.messages import Control, ExtendedResponse, ModifyOperation
from govdir.ldap.codec.transactions import (
    EndTransaction,
    end_transaction_request,
    start_transaction_request,
)
from interop.conftest import connect
from interop.ldap.client import Client, Hung
from interop.ldap.races import add, modify
from interop.server import SUFFIX, Server, govdir, running_server

ROUNDS = int(os.environ.get("GOVDIR_KILL_ROUNDS", "3"))  # 100 before a release
ROUND_TIMEOUT_SECONDS = 20
TRANSACTION_ROUNDS = int(os.environ.get("GOVDIR_KILL_ROUNDS", "2"))
WRITERS = 4
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 0.4
BASE = f"ou=bền,{SUFFIX}"


@dataclass(slots=True)
class Writer:
    """One client that writes without pause; `under_way` was sent, `acknowledged` was answered."""

    number: int
    under_way: int = 0
    acknowledged: int = 0
    added: int = 0
    adding: int = 0

    @property
    def dn(self) -> str:
        return f"uid=ghi{self.number},{BASE}"

    def child(self, number: int) -> str:
        return f"uid=con{number},{self.dn}"

    def write(self, server: Server) -> None:
        """Until the server is gone: change the own entry, then add one below it, and so on."""
        with contextlib.suppress(LDAPException, OSError), connect(server) as connection:
            while True:
                self.under_way = self.acknowledged + 1
                text = f"lần {self.under_way}"
                changes = {name: [(ldap3.MODIFY_REPLACE, [text])] for name in ("title", "description")}
                if not connection.modify(self.dn, changes):
                    return
                self.acknowledged = self.under_way
                self.adding = self.added + 1
                names = {"cn": f"Con {self.adding}", "sn": "Con", "title": "x", "description": "y"}
                if not connection.add(self.child(self.adding), "inetOrgPerson", names):
                    return
                self.added = self.adding


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("durability")) as running:
        yield running


@pytest.mark.timeout(60 + ROUNDS * ROUND_TIMEOUT_SECONDS)
def test_what_was_acknowledged_survives_and_nothing_is_there_by_half(own_server: Server) -> None:
    writers = [Writer(number) for number in range(WRITERS)]
    chance = random.Random(2015)
    with connect(own_server) as connection:
        connection.add(BASE, "organizationalUnit")
        for writer in writers:
            connection.add(writer.dn, "inetOrgPerson", {"cn": "Ghi", "sn": "Ghi"})
    for _ in range(ROUNDS):
        before = sum(writer.acknowledged for writer in writers)
        crash_while_writing(own_server, writers, chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        assert sum(writer.acknowledged for writer in writers) > before, "nothing was written before the crash"
        assert govdir("doctor", str(own_server.home)).returncode == 0
        own_server.start()
        for writer in writers:
            check(own_server, writer)


def crash_while_writing(server: Server, writers: Sequence[Writer | Joiner], seconds: float) -> None:
    threads = [threading.Thread(target=writer.write, args=(server,)) for writer in writers]
    before = sum(writer.acknowledged for writer in writers)
    for thread in threads:
        thread.start()
    while sum(writer.acknowledged for writer in writers) == before and any(t.is_alive() for t in threads):
        time.sleep(0.001)
    time.sleep(seconds)
    server.kill()
    for thread in threads:
        thread.join()


def check(server: Server, writer: Writer) -> None:
    """Compares what is there with what the writer knows, and takes over what turned out to be done."""
    with connect(server) as connection:
        connection.search(writer.dn, "(objectClass=*)", ldap3.BASE, attributes=["title", "description"])
        (entry,) = connection.entries
        (title,), (description,) = entry.title.values or [""], entry.description.values or [""]
        assert title == description
        number = int(title.removeprefix("lần ") or 0)
        assert number in (writer.acknowledged, writer.under_way)
        connection.search(writer.dn, "(sn=Con)", ldap3.LEVEL, attributes=["cn", "title", "description"])
        assert len(connection.entries) in (writer.added, writer.adding)
        assert all(each.title.value == "x" and each.description.value == "y" for each in connection.entries)
        writer.acknowledged, writer.added = number, len(connection.entries)
        writer.under_way, writer.adding = writer.acknowledged, writer.added


@dataclass(slots=True)
class Joiner:
    """One client whose transactions each write a number into its entry and add an entry of that number."""

    number: int
    acknowledged: int = 0

    @property
    def dn(self) -> str:
        return f"ou=gộp {self.number},{BASE}"

    def write(self, server: Server) -> None:
        """Until the server is gone."""
        with contextlib.suppress(OSError, Hung), Client(server) as client:
            client.bind()
            while True:
                number = self.acknowledged + 1
                started = client.ask(start_transaction_request()).messages[-1].operation
                assert isinstance(started, ExtendedResponse)
                identifier = started.value or b""
                for request in (
                    add(f"cn={number},{self.dn}", objectClass="device"),
                    modify(self.dn, ModifyOperation.REPLACE, "description", str(number)),
                    add(f"cn=dưới,cn={number},{self.dn}", objectClass="device"),
                ):
                    assert client.ask(request, Control(TRANSACTION, True, identifier)).code == 0
                assert client.ask(end_transaction_request(EndTransaction(identifier))).code == 0
                self.acknowledged = number


@pytest.mark.timeout(60 + ROUNDS * ROUND_TIMEOUT_SECONDS)
def test_a_transaction_is_there_as_a_whole_or_not_at_all(own_server: Server) -> None:
    joiners = [Joiner(number) for number in range(WRITERS)]
    chance = random.Random(5805)
    with Client(own_server) as client:
        client.bind()
        client.ask(add(BASE, objectClass="organizationalUnit"))
        for joiner in joiners:
            assert client.ask(add(joiner.dn, objectClass="organizationalUnit", description="0")).code == 0
    for _ in range(TRANSACTION_ROUNDS):
        before = sum(joiner.acknowledged for joiner in joiners)
        crash_while_writing(own_server, joiners, chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
        assert sum(joiner.acknowledged for joiner in joiners) > before, "nothing was written before the crash"
        own_server.start()
        with Client(own_server) as client:
            client.bind()
            for joiner in joiners:
                (number,) = client.read(joiner.dn, "description")["description"]
                assert int(number) in (joiner.acknowledged, joiner.acknowledged + 1)
                there = client.search(joiner.dn, wanted="(objectClass=device)", attributes=("1.1",)).names
                numbers = range(1, int(number) + 1)
                assert set(there) == {
                    f"{rdn}{each},{joiner.dn}" for each in numbers for rdn in ("cn=", "cn=dưới,cn=")
                }
                joiner.acknowledged = int(number)


def test_a_clean_stop_ends_with_status_zero_and_loses_nothing(own_server: Server) -> None:
    with connect(own_server) as connection:
        connection.add(f"ou=cuối,{SUFFIX}", "organizationalUnit")
    assert own_server.stop() == 0
    own_server.start()
    with connect(own_server) as connection:
        assert connection.search(f"ou=cuối,{SUFFIX}", "(objectClass=*)", ldap3.BASE)
