"""What single sign-on keeps in a directory's database, for commands at the host; running servers notice."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from govdir.cli.language import say
from govdir.cli.local import InPlace, LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.people import find_mailbox, record_of
from govdir.policy.texts import Wording
from govdir.sso.accounts import Account, Accounts
from govdir.sso.model import Happened, Kind, ServiceProvider
from govdir.storage.sso import SqlSso

T = TypeVar("T")

_UNKNOWN = Wording(
    "Không có ứng dụng “{name}”; có: {known}", 'There is no application "{name}"; there are: {known}'
)
_MEANWHILE = Wording(
    "Ứng dụng “{name}” vừa được người khác thay đổi; hãy chạy lại.",
    'The application "{name}" was changed by somebody else just now; try again.',
)
_NOBODY = Wording("Danh bạ không có tài khoản “{who}”.", 'The directory has no account "{who}".')


class LocalSso:
    """Sessions, service providers and the trail of a loaded directory."""

    def __init__(self, local: LocalDirectory) -> None:
        core = local.core
        self.local = local
        self.stored = SqlSso(
            core.database, core.store.writer, InPlace(), sends_mail=bool(core.config.mail.server)
        )
        self.accounts = Accounts(core.directory, core.pack)

    def wait(self, awaitable: Awaitable[T]) -> T:
        """What an operation of storage comes to."""

        async def waiting() -> T:
            return await awaitable

        return self.local.run(waiting())

    def services(self) -> list[ServiceProvider]:
        """All service providers, by name."""
        return list(self.wait(self.stored.services.all()))

    def service(self, name: str) -> ServiceProvider:
        """The one of that short name or entity ID. Raises Refused, which lists what there is."""
        services = self.services()
        for one in services:
            if name in (one.name, one.entity_id):
                return one
        raise Refused(say(_UNKNOWN, name=name, known=", ".join(one.name for one in services) or "–"))

    def change(self, service: ServiceProvider) -> None:
        """Stores the next version of a service provider that was looked up. Raises Refused."""
        if not self.wait(self.stored.services.put(service)):
            raise Refused(say(_MEANWHILE, name=service.name))


@contextmanager
def open_sso(local: LocalDirectory) -> Iterator[LocalSso]:
    """For the block; what was noted in the trail is written at its end."""
    sso = LocalSso(local)
    yield sso
    sso.wait(sso.stored.flush())


def now() -> datetime:
    """Aware, UTC."""
    return datetime.now(UTC)


def note(sso: LocalSso, service: ServiceProvider, detail: str) -> None:
    """Writes in the trail that the operator changed a service provider."""
    happened = Happened(
        at=now(), kind=Kind.SERVICE, outcome="ok", entity_id=service.entity_id, channel="cli", detail=detail
    )
    sso.stored.trail.note(happened)


def account_of(sso: LocalSso, who: str) -> Account:
    """Whose account is meant: as they would sign in, or as a mailbox. Raises Refused, listing candidates."""
    record = sso.accounts.find(who)
    if record is None:
        record = record_of(sso.local, find_mailbox(sso.local, who).dn)
    if record is None:
        raise Refused(say(_NOBODY, who=who))
    return sso.accounts.of(record)
