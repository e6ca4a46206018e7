"""Accounts: what of an entry signing in, and telling service providers about somebody, need."""

from __future__ import annotations

from msgspec import Struct

from govdir.directory.addresses import entries_with
from govdir.directory.caller import Caller, Role
from govdir.directory.entry import Attributes
from govdir.directory.identity import caller_of, proof_of, signs_in
from govdir.directory.image import Record
from govdir.directory.roles import AGENCY_ADMINISTRATOR, HeldRole
from govdir.directory.service import Directory
from govdir.directory.sign_in_names import find_named, read_name
from govdir.policy.model import Pack
from govdir.policy.texts import Language
from govdir.sso.model import Session


class Account(Struct, frozen=True):
    """An entry that signs in.

    `address` is "" for those without one (the administrator). `name` is for people to read: the display
    name, else the common one. `state` is gdState in lower case, "" for entries without states. `proof` is
    another one once others change the password or the state (directory.identity.proof_of). `administers`:
    at least one organisation names it in gdItAdmin.
    """

    record_id: int
    entry_uuid: str
    dn: str
    address: str
    name: str
    attributes: Attributes
    state: str
    roles: frozenset[HeldRole]
    proof: bytes
    caller: Caller
    administers: bool = False

    @property
    def duties(self) -> frozenset[str]:
        """Words for all that gives it power over others: roles, the office of an agency's administrator, and
        being the province's, which no group of a role names."""
        held: set[str] = set(self.roles)
        if self.caller.role is Role.ADMINISTRATOR:
            held.add(HeldRole.ADMINISTRATOR)
        if self.administers:
            held.add(AGENCY_ADMINISTRATOR)
        return frozenset(held)

    @property
    def shown(self) -> str:
        """What tells the account to people and in the trail: the address, else the DN."""
        return self.address or self.dn

    def language(self, otherwise: Language) -> Language:
        """The person's language by preferredLanguage (RFC 2798 §2.7: as Accept-Language), the first of it
        that everything is written in."""
        for part in (self.attributes.text("preferredLanguage") or "").split(","):
            tag = part.partition(";")[0].strip().lower().partition("-")[0]
            if tag in set(Language):
                return Language(tag)
        return otherwise

    def __repr__(self) -> str:
        return f"Account(dn={self.dn!r})"


class Accounts:
    """The accounts of a directory, as its image has them now."""

    def __init__(self, directory: Directory, pack: Pack) -> None:
        self._directory = directory
        self.pack = pack

    def find(self, name: str) -> Record | None:
        """The entry somebody means who signs in as `name`: any address, a uid that only one has, or a DN."""
        return find_named(self._directory, read_name(self._directory, name))

    def record(self, entry_uuid: str) -> Record | None:
        """The entry with that entryUUID."""
        return next(iter(entries_with(self._directory.image, "entryUUID", entry_uuid)), None)

    def by_uuid(self, entry_uuid: str) -> Account | None:
        """The account of that entry, whether it may sign in or not; None when it is gone."""
        record = self.record(entry_uuid)
        return None if record is None else self.of(record)

    def of(self, record: Record) -> Account:
        """The account of an entry of the image."""
        attributes = record.shape.attributes(record.body)
        dn, powers = record.dn_text, self._directory.image.offices.of(record)
        return Account(
            record_id=record.id,
            entry_uuid=attributes.text("entryUUID") or "",
            dn=dn,
            address=attributes.text("mail") or "",
            name=attributes.text("displayName") or attributes.text("cn") or dn,
            attributes=attributes,
            state=(attributes.text("gdState") or "").replace("-", "").lower(),
            roles=powers.roles,
            proof=proof_of(record),
            caller=caller_of(record, attributes),
            administers=bool(powers.administers),
        )

    def stands(self, session: Session) -> Account | None:
        """Whose session it is, provided the entry is there, signs in, and has the password and state it had;
        None ends the session."""
        record = self.record(session.entry_uuid)
        if record is None or proof_of(record) != session.proof:
            return None
        account = self.of(record)
        return account if may_sign_in(account) else None


def may_sign_in(account: Account) -> bool:
    """Whether its state lets it, and it is no program: services bind, they do not browse."""
    return signs_in(account.attributes) and account.caller.role is not Role.SERVICE
