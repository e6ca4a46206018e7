"""The directory of a home for a command's own use: no network, no reactor, the operator at the host."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, execute
from twisted.python.failure import Failure

from govdir.assembly import Core, assemble, load_directory
from govdir.cli.language import current_language
from govdir.cli.trouble import told_as_trouble
from govdir.config import Config
from govdir.directory.caller import LOCAL
from govdir.directory.handle import Handle
from govdir.directory.ports import Clock, Store
from govdir.ldap.codec.ber import OCTET_STRING, Reader
from govdir.ldap.codec.filter_text import parse_filter
from govdir.ldap.codec.messages import DerefAliases, Scope, SearchRequest
from govdir.logs import keep_events_off_the_terminal
from govdir.mailattrs.settlement import AddressCheck
from govdir.storage.store import SqlStore

T = TypeVar("T")


class InPlace:
    """Slow work done at once, as a command has nothing else to do; implements directory.ports.SlowWork."""

    def run(self, function: Callable[[], T]) -> Deferred[T]:
        """The function's result or failure, already there."""
        return execute(function)


class LocalLoop:
    """Drives the directory's coroutines: waits for what the store's writer thread delivers."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def deliver(self, function: Callable[[], None]) -> None:
        """Has `function` run by the thread that waits in `run`."""
        self._calls.put(function)

    def run(self, coroutine: Coroutine[Deferred[Any], Any, T]) -> T:
        """The coroutine's result; raises what it raises."""
        outcome: list[T | Failure] = []
        Deferred.fromCoroutine(coroutine).addBoth(outcome.append)
        while not outcome:
            self._calls.get()()
        result = outcome[0]
        if isinstance(result, Failure):
            result.raiseException()
        return result


class LocalDirectory:
    """A loaded directory and its operator."""

    def __init__(self, core: Core, loop: LocalLoop) -> None:
        self.core = core
        self.directory = core.directory
        self.handle: Handle = core.directory.as_caller(LOCAL)
        self.run = loop.run

    def find(self, wanted: str, base: str | None = None) -> Iterator[str]:
        """The names of the entries that match the filter (RFC 4515), parents first, then by the alphabet.

        Raises FilterTextError, NoSuchObject, InvalidDn.
        """
        within = base or self.core.config.suffix
        everything = SearchRequest(
            within, Scope.WHOLE_SUBTREE, DerefAliases.NEVER, 0, 0, True, parse_filter(wanted), ("1.1",)
        )
        found = self.handle.search(everything)
        names = [Reader(each).text(OCTET_STRING, "objectName") for each in found if isinstance(each, bytes)]
        yield from sorted(names, key=lambda dn: (dn.count(","), dn))

    def set_password(self, dn: str, password: str | None = None) -> str:
        """Gives an account a password that it need not change at its first login; generated if None.

        Done as the account itself would: with the password that an operator has set for it.
        Raises RuleViolation.
        """
        given = self.run(self.handle.change_password(dn, None, None)) or b""
        caller = self.run(self.directory.bind(dn, given)).caller
        chosen = None if password is None else password.encode()
        own = self.directory.as_caller(caller)
        generated = self.run(own.change_password(None, given, chosen))
        return (generated or chosen or given).decode()


@contextmanager
def open_directory(
    config: Config,
    address_check: AddressCheck = AddressCheck.STRICT,
    store_in_use: Callable[[SqlStore], Store] = lambda store: store,
    *,
    new: bool = False,
    clock: Clock | None = None,
) -> Iterator[LocalDirectory]:
    """The directory of a home, loaded; servers may run on it meanwhile and catch up by themselves.

    `new` expects a database without a directory; `clock` None is the system's. Refusals are in
    the command's language. Raises EnvironmentTrouble for all that is wrong with the home.
    """
    loop = LocalLoop()
    keep_events_off_the_terminal()
    with told_as_trouble(config.home):
        core = assemble(
            replace(config, language=current_language().value),
            deliver=loop.deliver,
            hashing=InPlace(),
            reading=InPlace(),
            address_check=address_check,
            store_in_use=store_in_use,
            clock=clock,
        )
        try:
            core.directory.load() if new else load_directory(core)
            core.store.start()
            try:
                yield LocalDirectory(core, loop)
            finally:
                core.store.close()
        finally:
            core.database.close()
