"""Second factors: codes of an authenticator (RFC 6238) and recovery codes.

Secrets are stored encrypted under a key that is not in the database, recovery codes as keyed digests.
"""

from __future__ import annotations

import hmac
import os
import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from typing import Final
from unicodedata import normalize

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct
from pyotp import TOTP

from govdir.directory.ports import Clock
from govdir.sso.accounts import Account
from govdir.sso.model import StoredFactor
from govdir.sso.ports import Factors
from govdir.sso.sign_in.steps import Secret

SECRET_OCTETS: Final = 20
"""160 bits, what RFC 4226 §4 R6 recommends."""

STEP_SECONDS: Final = 30
DIGITS: Final = 6
WINDOW_STEPS: Final = 1
"""What every authenticator can do; a code of the step before or after is good, too (RFC 6238 §5.2)."""

RECOVERY_CODES: Final = 10
RECOVERY_CHARACTERS: Final = 16
"""Of five bits each: 80 bits, more than anybody tries; in groups of four, to be written down."""

TICKET_MINUTES: Final = 10
"""To find the telephone and install an authenticator, with the password proved before."""

_MOMENT_OCTETS: Final = 8
_MAX_TICKET: Final = 512
_GROUP: Final = 4
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: none is mistaken for another
_READ_AS: Final = str.maketrans("oil", "011", "- \t\u00a0\u2010\u2011\u2013")
_KEY_OCTETS: Final = 32
_NONCE_OCTETS: Final = 12
_MAX_TYPED: Final = 64


class BadSeal(ValueError):
    """Not encrypted for this account with the secret of this directory."""


class FactorStatus(Struct, frozen=True):
    """Since when somebody has a second factor, and how many recovery codes are left."""

    since: datetime
    recovery_left: int


class Sealing:
    """Encrypts what is kept of somebody; what was sealed for one account or use opens for no other."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derived_key(secret, b"govdir second factor: encryption"))

    def seal(self, plain: bytes, entry_uuid: str, use: str) -> bytes:
        """AES-256-GCM: nonce, ciphertext, tag."""
        nonce = os.urandom(_NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, plain, _context(entry_uuid, use))

    def open(self, sealed: bytes, entry_uuid: str, use: str) -> bytes:
        """The opposite. Raises BadSeal."""
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE_OCTETS], sealed[_NONCE_OCTETS:], _context(entry_uuid, use)
            )
        except (InvalidTag, ValueError):
            raise BadSeal from None


def derived_key(secret: bytes, use: bytes) -> bytes:
    """A key of 256 bits for one use, by HKDF (RFC 5869)."""
    return HKDF(SHA256(), _KEY_OCTETS, salt=None, info=use).derive(secret)


def _context(entry_uuid: str, use: str) -> bytes:
    return f"{use}\0{entry_uuid}".encode()


class SecondFactors:
    """The second factors of a directory's accounts. `issuer` is what authenticators show above the code."""

    def __init__(self, factors: Factors, secret: bytes, clock: Clock, issuer: str) -> None:
        self._factors = factors
        self._clock = clock
        self._issuer = issuer
        self._sealing = Sealing(secret)
        self._recovery_key = derived_key(secret, b"govdir second factor: recovery codes")

    async def status(self, entry_uuid: str) -> FactorStatus | None:
        """None for whoever has none."""
        factor = await self._factors.get(entry_uuid)
        return None if factor is None else FactorStatus(factor.since, len(factor.recovery))

    # -- setting up ----------------------------------------------------------------------------------------

    def new_secret(self, account: Account) -> bytes:
        """A new secret, encrypted; it is nobody's factor before `enrol`."""
        return self._sealing.seal(os.urandom(SECRET_OCTETS), account.entry_uuid, "secret")

    def shown(self, sealed: bytes, account: Account) -> Secret:
        """The secret for its owner to take over. Raises BadSeal."""
        text = _base32(self._sealing.open(sealed, account.entry_uuid, "secret"))
        uri = TOTP(text, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(
            name=account.shown, issuer_name=self._issuer
        )
        return Secret(text, uri)

    async def enrol(self, account: Account, sealed: bytes, code: str) -> tuple[str, ...] | None:
        """Makes the secret the account's factor if `code` is one of its codes now: the recovery codes, which
        are shown this once; None for a wrong code. Raises BadSeal."""
        step = self._step(self._sealing.open(sealed, account.entry_uuid, "secret"), code, after=-1)
        if step is None:
            return None
        codes = _new_codes()
        digests = tuple(self._digest(account.entry_uuid, one) for one in codes)
        await self._factors.put(StoredFactor(account.entry_uuid, sealed, self._clock.now(), step, digests))
        return codes

    async def remove(self, entry_uuid: str) -> bool:
        """Whether there was one."""
        return await self._factors.remove(entry_uuid)

    async def renew_recovery(self, entry_uuid: str) -> tuple[str, ...] | None:
        """Other recovery codes in place of those that are left; None when there is no factor."""
        codes = _new_codes()
        digests = tuple(self._digest(entry_uuid, one) for one in codes)
        return codes if await self._factors.replace_recovery(entry_uuid, digests) else None

    # -- proving -------------------------------------------------------------------------------------------

    async def is_code(self, entry_uuid: str, code: str) -> bool:
        """Whether `code` is one of now that was not used before; it has been used then.

        No code is right for a secret that cannot be read, as after the site's own secret was exchanged.
        """
        factor = await self._factors.get(entry_uuid)
        if factor is None:
            return False
        try:
            secret = self._sealing.open(factor.secret, entry_uuid, "secret")
        except BadSeal:
            return False
        step = self._step(secret, code, after=factor.last_step)
        return step is not None and await self._factors.use_step(entry_uuid, step)

    async def is_recovery_code(self, entry_uuid: str, code: str) -> bool:
        """Whether `code` is one of the recovery codes that are left; it is not, after that."""
        plain = _recovery_text(code)
        if plain is None:
            return False
        return await self._factors.use_recovery(entry_uuid, self._digest(entry_uuid, plain))

    def _step(self, secret: bytes, code: str, *, after: int) -> int | None:
        """The time step whose code this is, within the window and later than `after`."""
        typed = _digits(code)
        totp = TOTP(_base32(secret), digits=DIGITS, interval=STEP_SECONDS)
        now = totp.timecode(self._clock.now())
        found = None
        for step in range(now - WINDOW_STEPS, now + WINDOW_STEPS + 1):
            if hmac.compare_digest(totp.generate_otp(step), typed) and step > after and found is None:
                found = step
        return found

    def _digest(self, entry_uuid: str, code: str) -> bytes:
        plain = _recovery_text(code) or ""
        return hmac.new(self._recovery_key, f"{entry_uuid}\0{plain}".encode(), sha256).digest()

    # -- between two forms: nothing is stored before a first code is right ---------------------------------

    def ticket(self, account: Account, sealed: bytes) -> str:
        """A new secret for a hidden field, good for TICKET_MINUTES."""
        moment = int(self._clock.now().timestamp()).to_bytes(_MOMENT_OCTETS)
        return urlsafe_b64encode(self._sealing.seal(moment + sealed, account.entry_uuid, "ticket")).decode()

    def from_ticket(self, account: Account, ticket: str) -> bytes:
        """The secret, still encrypted. Raises BadSeal for another's ticket and one that is too old."""
        try:
            plain = self._sealing.open(
                urlsafe_b64decode(ticket[:_MAX_TICKET].encode()), account.entry_uuid, "ticket"
            )
        except ValueError:
            raise BadSeal from None
        age = self._clock.now().timestamp() - int.from_bytes(plain[:_MOMENT_OCTETS])
        if age >= TICKET_MINUTES * 60:
            raise BadSeal
        return plain[_MOMENT_OCTETS:]

    # -- what flows keep for a moment ----------------------------------------------------------------------

    def seal_codes(self, account: Account, codes: tuple[str, ...]) -> bytes:
        """Recovery codes until they are acknowledged."""
        return self._sealing.seal("\n".join(codes).encode(), account.entry_uuid, "recovery")

    def sealed_codes(self, sealed: bytes, account: Account) -> tuple[str, ...]:
        """The opposite. Raises BadSeal."""
        return tuple(self._sealing.open(sealed, account.entry_uuid, "recovery").decode().split("\n"))


def _base32(secret: bytes) -> str:
    return b32encode(secret).decode()


def _digits(typed: str) -> str:
    """A code as people type it ("123 456", full-width digits), "" for what is none."""
    plain = "".join(normalize("NFKC", typed[:_MAX_TYPED]).split())
    return plain if len(plain) == DIGITS and plain.isascii() and plain.isdigit() else ""


def _new_codes() -> tuple[str, ...]:
    return tuple(_new_code() for _ in range(RECOVERY_CODES))


def _new_code() -> str:
    text = "".join(secrets.choice(_ALPHABET) for _ in range(RECOVERY_CHARACTERS))
    return "-".join(text[at : at + _GROUP] for at in range(0, RECOVERY_CHARACTERS, _GROUP))


def _recovery_text(typed: str) -> str | None:
    """A recovery code without hyphens, look-alikes read as Crockford does; None for what is none."""
    plain = normalize("NFKC", typed[:_MAX_TYPED]).lower().translate(_READ_AS)
    return plain if len(plain) == RECOVERY_CHARACTERS and set(plain) <= set(_ALPHABET) else None
