"""Whether the time of a refused bind tells why: wrong passwords, names nobody has, locked accounts.

    python -m bench.refusals [--binds 2000]

A server of its own, one connection, the kinds in random order. Printed are quantiles of each kind in
milliseconds and the two-sided p of a rank test (Mann and Whitney) of each pair; small ones tell them apart.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Final

import ldap3

from interop.server import ADMIN, ADMIN_PASSWORD, SUFFIX, Server, running_server

RIGHT: Final = "Song-Hau-chay-mai-38"
WRONG: Final = "Gio-mua-thu-ve-64"
PEOPLE: Final = 8
"""Of each kind; no account gets as many wrong passwords as lock it within the window that is set."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--binds", type=int, default=2000, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        times = measured(server, arguments.binds, random.Random(arguments.seed))
    for kind, taken in times.items():
        low, middle, high = (1000 * quantile(taken, share) for share in (0.05, 0.5, 0.95))
        print(f"{kind:8} n={len(taken)} 5%={low:.2f} median={middle:.2f} 95%={high:.2f} ms")
    kinds = list(times)
    for place, one in enumerate(kinds):
        for other in kinds[place + 1 :]:
            print(f"{one} and {other}: p={rank_test(times[one], times[other]):.3f}")


def measured(server: Server, binds: int, order: random.Random) -> dict[str, list[float]]:
    """Seconds of each refused bind, by kind."""
    names = prepared(server)
    times: dict[str, list[float]] = {kind: [] for kind in names}
    turns = [kind for kind in names for _ in range(binds)]
    order.shuffle(turns)
    peer = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.NONE)
    connection = ldap3.Connection(peer, receive_timeout=30)
    connection.open()
    for kind in turns:
        connection.user = order.choice(names[kind])
        connection.password = RIGHT if kind == "locked" else WRONG
        connection.authentication = ldap3.SIMPLE
        started = perf_counter()
        refused = not connection.bind()
        times[kind].append(perf_counter() - started)
        if not refused or connection.result["result"] != 49:
            raise AssertionError(f"{kind}: {connection.result}")
    return times


def prepared(server: Server) -> dict[str, list[str]]:
    """Names of each kind: accounts that nothing locks, names nobody has, accounts locked by hand."""
    below = f"ou=thử,{SUFFIX}"
    kinds = ("wrong", "unknown", "locked")
    names = {kind: [f"uid={kind}{number},{below}" for number in range(PEOPLE)] for kind in kinds}
    peer = ldap3.Server("127.0.0.1", server.port, get_info=ldap3.NONE)
    with ldap3.Connection(peer, ADMIN, ADMIN_PASSWORD, auto_bind=True) as admin:
        policy = f"cn=administrator,ou=policies,{SUFFIX}"
        expect(admin.modify(policy, {"pwdLockout": [(ldap3.MODIFY_REPLACE, ["FALSE"])]}), admin)
        expect(admin.add(below, "organizationalUnit"), admin)
        for dn in names["wrong"] + names["locked"]:
            person = {"cn": "Người Thử", "sn": "Thử", "userPassword": RIGHT}
            expect(admin.add(dn, ["inetOrgPerson", "gdAdministrator"], person), admin)
        for dn in names["locked"]:
            locked = {"pwdAccountLockedTime": [(ldap3.MODIFY_REPLACE, ["000001010000Z"])]}
            expect(admin.modify(dn, locked), admin)
    return names


def expect(done: bool, connection: ldap3.Connection) -> None:
    """Raises AssertionError with the result of what was not done."""
    if not done:
        raise AssertionError(connection.result)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def rank_test(one: Sequence[float], other: Sequence[float]) -> float:
    """The p of Mann and Whitney's test by its normal approximation; ties in times are too rare to count."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    count, others = len(one), len(other)
    mean = count * (count + others + 1) / 2
    deviation = math.sqrt(count * others * (count + others + 1) / 12)
    return math.erfc(abs(ranks - mean) / deviation / math.sqrt(2))


if __name__ == "__main__":
    main()
