"""Everything about signing in put together: what the web site and the identity provider are given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from govdir.directory.service import Directory
from govdir.policy.model import Pack
from govdir.sso.accounts import Accounts
from govdir.sso.ports import Attempts, Factors, Keeping, Outbox, Sessions, Trail
from govdir.sso.second_factor import SecondFactors
from govdir.sso.sign_in.engine import SignIn
from govdir.sso.sign_in.flow import Flows
from govdir.sso.sign_in.helpdesk import Helpdesk
from govdir.sso.sign_in.letters import Letters
from govdir.sso.sign_in.new_password import NewPasswords
from govdir.sso.sign_in.notes import Notes
from govdir.sso.sign_in.progress import SignInSettings
from govdir.sso.sign_in.proving import Prover
from govdir.sso.sign_in.self_service import SelfService
from govdir.sso.sign_in.sessions import DEFAULT_LIMITS, SessionBook, SessionLimits
from govdir.sso.sign_in.throttle import Throttle


class Stores(Protocol):
    """Where it is all kept."""

    @property
    def sessions(self) -> Sessions: ...
    @property
    def keeping(self) -> Keeping: ...
    @property
    def attempts(self) -> Attempts: ...
    @property
    def factors(self) -> Factors: ...
    @property
    def trail(self) -> Trail: ...
    @property
    def outbox(self) -> Outbox: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that others call. `book.farewell` is to be set once service providers can be told."""

    accounts: Accounts
    book: SessionBook
    sign_in: SignIn
    self_service: SelfService
    helpdesk: Helpdesk
    throttle: Throttle
    directory: Directory


def open_desk(
    directory: Directory,
    pack: Pack,
    stores: Stores,
    *,
    secret: bytes,
    settings: SignInSettings,
    limits: SessionLimits = DEFAULT_LIMITS,
) -> Desk:
    """The object graph. `secret` is that of [sso] secret, from which every key here is derived."""
    clock = directory.clock
    accounts = Accounts(directory, pack)
    throttle = Throttle(stores.attempts, secret, clock)
    prover = Prover(directory, throttle)
    notes = Notes(stores.trail, clock)
    letters = Letters(stores.outbox, clock, settings.language, pack.helpdesk)
    passwords = NewPasswords(directory, accounts)
    book = SessionBook(stores.sessions, accounts, clock, limits)
    issuer = pack.name.in_language(settings.language)
    factors = SecondFactors(stores.factors, secret, clock, issuer)
    sign_in = SignIn(
        flows=Flows(stores.keeping, clock),
        accounts=accounts,
        book=book,
        prover=prover,
        factors=factors,
        passwords=passwords,
        throttle=throttle,
        letters=letters,
        notes=notes,
        clock=clock,
        settings=settings,
    )
    self_service = SelfService(
        accounts=accounts,
        book=book,
        prover=prover,
        factors=factors,
        passwords=passwords,
        letters=letters,
        notes=notes,
        trail=stores.trail,
        settings=settings,
    )
    helpdesk = Helpdesk(
        directory=directory, accounts=accounts, book=book, factors=factors, letters=letters, notes=notes
    )
    return Desk(accounts, book, sign_in, self_service, helpdesk, throttle, directory)
