"""Two nodes on one PostgreSQL: one that ends costs nobody anything; each knows what the other was told."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import ldap3
import pytest

from interop.conftest import connect
from interop.mail.certificates import make_certificate
from interop.mail.dovecot import Dovecot
from interop.mail.flow import Flow, flowing
from interop.mail.folders import open_folder
from interop.mail.letters import delivered, letter
from interop.mail.nodes import town_of_two
from interop.mail.postfix import Postfix
from interop.mail.town import DOMAIN, STAFF_LIST, Town
from interop.server import SUFFIX, Server
from tests.storage.postgres import Cluster, private_cluster

SOMEBODY: Final = "khach@example.org"
SOON_SECONDS: Final = 3.0
"""A twentieth of a second is what is promised; the rest is the machine's."""

_END_SECONDS: Final = 20.0
_POLL_SECONDS: Final = 0.02


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with private_cluster() as cluster:
        cluster.execute("CREATE DATABASE directory")
        yield cluster


@pytest.fixture(scope="module")
def city(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """As `town`, served by two nodes."""
    with town_of_two(tmp_path_factory.mktemp("nodes"), cluster.url("directory")) as town:
        yield town


@pytest.fixture(scope="module")
def imap_server(city: Town) -> Iterator[Dovecot]:
    """Asks both nodes."""
    with open_folder("dovecot") as folder:
        make_certificate(folder / "imap", "localhost")
        files = city.files(folder / "files", "dovecot-imap", "dovecot-2.3")
        made = Dovecot(
            folder / "instance", files, folder / "imap.crt", folder / "imap.key", city.doveadm_port
        )
        made.start()
        yield made
        made.stop()


@pytest.fixture(scope="module")
def mail_server(city: Town, imap_server: Dovecot) -> Iterator[Postfix]:
    """Asks both nodes, the policy service of each too."""
    with open_folder("postfix") as folder:
        files = city.files(folder / "files", "postfix", "postfix")
        made = Postfix(folder, files, imap_server.lmtp_port, imap_server.auth_port)
        made.start()
        yield made
        made.stop()


def test_a_node_that_is_stopped_costs_nobody_a_retry_and_one_that_is_killed_no_letter(
    city: Town, imap_server: Dovecot, mail_server: Postfix
) -> None:
    name, password = city.address_of("tqan"), city.password_of("tqan")

    def from_outside(sent: Callable[[str], None]) -> None:
        message = letter(SOMEBODY, f"an.tran@{DOMAIN}")
        sent(str(message["Subject"]))
        with mail_server.outside() as session:
            session.send_message(message, SOMEBODY, [f"an.tran@{DOMAIN}"])

    def from_within(sent: Callable[[str], None]) -> None:
        message = letter(name, name)
        sent(str(message["Subject"]))
        with mail_server.login(name, password) as session:
            session.send_message(message, name, [name])

    outside, within = Flow(from_outside), Flow(from_within)
    let_in, retries = [], []
    with flowing(outside, within):
        for node, end in ((city.server, city.server.stop), (city.others[0], city.others[0].kill)):
            _some_more(outside, within)
            end()
            let_in += [imap_server.lets_in(name, password) for _ in range(3)]
            _some_more(outside, within)
            retries.append(outside.temporary + within.temporary)
            node.start()
    mail_server.wait_until_empty(_END_SECONDS)

    assert all(let_in), imap_server.log[-3000:]
    assert (outside.for_good, within.for_good) == ([], [])
    after_stop, after_kill = retries
    log = re.findall(r".*(?:lookup|ldap|reject).*", mail_server.log)
    assert after_stop == {}, log
    # A killed process's ports may outlive its connections for an instant, and somebody's second try meet one.
    assert (after_kill.keys() <= {451}, after_kill.total() < 5) == (True, True), log
    had = Counter(delivered(imap_server, name))
    taken = [*outside.taken, *within.taken]
    assert {subject: had[subject] for subject in taken} == dict.fromkeys(taken, 1)


def test_a_state_set_at_one_node_counts_at_the_other_and_in_open_sessions(
    city: Town, imap_server: Dovecot
) -> None:
    other, who = city.others[0], "mvxuan"
    session = imap_server.imap(city.address_of(who), city.password_of(who))
    city.set_state(who, "suspended")
    _wait_until(lambda: not _binds(other, city, who))
    assert b"BYE" in session.readline()
    city.set_state(who, "active")
    _wait_until(lambda: _binds(other, city, who))


def test_who_is_revoked_at_one_node_gets_no_letter_to_a_list_by_the_other(city: Town) -> None:
    gone, other = city.address_of("ptvan"), city.others[0]
    assert gone in _members(other)
    city.set_state("ptvan", "revoked")
    _wait_until(lambda: gone not in _members(other))


def test_an_alias_domain_entered_at_one_node_receives_at_the_other(city: Town) -> None:
    name, other = f"associatedDomain={DOMAIN},ou=domains,{SUFFIX}", city.others[0]
    with connect(city.server) as admin:
        assert admin.modify(name, {"gdDomainAlias": [(ldap3.MODIFY_ADD, ["ninhkieu.gov.vn"])]}), admin.result
    _wait_until(lambda: len(_found(other, "(mailLocalAddress=an.tran@ninhkieu.gov.vn)")) == 1)


def test_a_database_that_hangs_keeps_neither_logins_nor_mail_waiting(
    cluster: Cluster, city: Town, imap_server: Dovecot, mail_server: Postfix
) -> None:
    name, password = city.address_of("nvminh"), city.password_of("nvminh")
    message = letter(name, name)
    with _hanging(cluster), mail_server.login(name, password) as session:
        assert imap_server.lets_in(name, password)
        assert session.send_message(message, name, [name]) == {}
    assert _binds(city.server, city, "nvminh")


def _some_more(*flows: Flow) -> None:
    """Until each has sent two letters more. Raises AssertionError."""
    wanted = [len(flow.taken) + 2 for flow in flows]
    deadline = time.monotonic() + _END_SECONDS
    while any(len(flow.taken) < count for flow, count in zip(flows, wanted, strict=True)):
        assert time.monotonic() < deadline, flows
        time.sleep(_POLL_SECONDS)


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(_POLL_SECONDS)


def _binds(node: Server, city: Town, uid: str) -> bool:
    server = ldap3.Server(node.uri, connect_timeout=5)
    connection = ldap3.Connection(server, city.dn_of(uid), city.password_of(uid), receive_timeout=10)
    try:
        return bool(connection.bind())
    finally:
        connection.unbind()


def _found(node: Server, wanted: str, attribute: str = "mail") -> list[ldap3.Entry]:
    with connect(node) as admin:
        admin.search(SUFFIX, wanted, attributes=[attribute])
        return list(admin.entries)


def _members(node: Server) -> list[str]:
    (entry,) = _found(node, f"(mail={STAFF_LIST})", "gdMemberAddress")
    return [str(value) for value in entry["gdMemberAddress"].values]


class _hanging:  # noqa: N801 - used as a word
    """PostgreSQL neither answers nor ends for a while."""

    def __init__(self, cluster: Cluster) -> None:
        first = int((cluster.home / "data" / "postmaster.pid").read_text().split()[0])
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(first)], capture_output=True, check=False)
        self._processes = [first, *map(int, found.stdout.split())]

    def __enter__(self) -> None:
        self._signal(signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            os.kill(process, number)
