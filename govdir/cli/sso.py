"""What single sign-on keeps in a directory's database, for commands at the host; running servers notice."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from govdir.assembly import SystemClock, outbound_of, site_of
from govdir.cli.language import say
from govdir.cli.local import InPlace, LocalDirectory
from govdir.cli.outcome import EnvironmentTrouble, Refused
from govdir.cli.people import find_mailbox, record_of
from govdir.cli.trouble import told_as_trouble
from govdir.key_files import load_key_ring, load_sso_secret, settle_sso_files
from govdir.policy.texts import Language, Wording
from govdir.sso.accounts import Account, Accounts
from govdir.sso.idp.provider import IdentityProvider
from govdir.sso.idp.resources import Flow
from govdir.sso.model import Happened, Kind, ServiceProvider
from govdir.sso.saml.model import Binding
from govdir.sso.sign_in import texts
from govdir.sso.sign_in.letters import Letters
from govdir.storage.sso import SqlSso
from govdir.web.outbound import SoapChannel

T = TypeVar("T")

_UNKNOWN = Wording(
    "Không có ứng dụng “{name}”; có: {known}", 'There is no application "{name}"; there are: {known}'
)
_MEANWHILE = Wording(
    "Ứng dụng “{name}” vừa được người khác thay đổi; hãy chạy lại.",
    'The application "{name}" was changed by somebody else just now; try again.',
)
_NO_SITE = Wording("danh bạ này không có trang web", "this directory has no web site")
_NO_SITE_MEND = Wording(
    "đặt web.url hoặc listen.web trong govdir.toml.", "set web.url or listen.web in govdir.toml."
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

    def identity_provider(self) -> IdentityProvider:
        """The one that servers of this directory are, for what needs no browser.

        Raises EnvironmentTrouble.
        """
        core, stored = self.local.core, self.stored
        site = site_of(core.config, core.pack)
        if site is None:
            raise EnvironmentTrouble(say(_NO_SITE), say(_NO_SITE_MEND))
        with told_as_trouble(core.config.home):
            settle_sso_files(core.config)
            keys, secret = load_key_ring(core.config), load_sso_secret(core.config)
        return IdentityProvider(
            site=site,
            keys=keys,
            secret=secret,
            directory=core.directory,
            sessions=stored.sessions,
            keeping=stored.keeping,
            services=stored.services,
            trail=stored.trail,
            back_channel=SoapChannel(outbound_of(core.config, site.url), InPlace()),
            sign_ins=_NobodySignsIn(),
            slow=InPlace(),
            clock=SystemClock(),
        )

    def end_sessions(self, keys: Sequence[bytes]) -> list[str]:
        """Ends sessions and tells it to the applications that take that from a server (SOAP); the names of
        the others, whose own sessions go on. Raises EnvironmentTrouble."""
        told = {one.entity_id for key in keys for one in self.wait(self.stored.sessions.participants(key))}
        provider = self.identity_provider()
        self.wait(provider.end_sessions(keys))
        known = {entity_id: one.metadata.slo for entity_id, one in provider.registry.known.items()}
        deaf = {one for one in told if all(end.binding != Binding.SOAP for end in known.get(one, ()))}
        return self.names_of(deaf)

    def names_of(self, entity_ids: Iterable[str]) -> list[str]:
        """Short names; the entity ID of one that is not registered any more."""
        known = {one.entity_id: one.name for one in self.services()}
        return sorted(known.get(entity_id, entity_id) for entity_id in entity_ids)

    def tell(self, account: Account, subject: Wording, text: Wording) -> None:
        """Puts a letter to the account on its way, as the web site would: what happened here is told too."""
        core = self.local.core
        language, clock = Language(core.config.language), core.directory.clock
        letters = Letters(self.stored.outbox, clock, language, core.pack.helpdesk)
        self.wait(letters.send(account, subject, text, None, by=texts.OPERATOR))

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


class _NobodySignsIn:
    """Implements sso.idp.resources.SignIns where there is no browser."""

    def begin(self, purpose: str, **_: object) -> Awaitable[Flow]:
        """Never called: only a browser's request leads to signing in."""
        raise AssertionError(purpose)


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
