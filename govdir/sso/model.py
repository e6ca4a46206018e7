"""What signing in leaves behind: sessions, flows under way, second factors, service providers, the trail.

Times are aware, UTC. Everything here is stored by `ports`; secrets are held as digests or encrypted.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from govdir.sso.saml.model import NameId, NameIdFormat


class Factor(StrEnum):
    """How somebody was proved; a recovery code stands for the code of a device."""

    PASSWORD = "password"  # noqa: S105 - the word
    CODE = "code"


def factors_word(factors: frozenset[Factor]) -> str:
    """As the trail says it: "password", "password+code", or ""."""
    return "+".join(factor.value for factor in Factor if factor in factors)


class Session(Struct, frozen=True):
    """A browser that is signed in.

    `key` is the SHA-256 of the cookie's token, which only the browser has. `authenticated` is the last time
    the factors were proved; `seen` the last use, to the minute; `ends` the absolute end. `proof` is what the
    account's password and state were (directory.identity): when others change them, the session is over.
    `network` is the client's address, `agent` a short name of browser and system, for its owner to recognise.
    """

    key: bytes
    entry_uuid: str
    began: datetime
    seen: datetime
    ends: datetime
    authenticated: datetime
    factors: frozenset[Factor]
    proof: bytes
    network: str
    agent: str


class Participant(Struct, frozen=True):
    """A service provider that was told of a session, and under which names: what a logout must reach."""

    session_key: bytes
    entity_id: str
    session_index: str
    name_id: NameId
    since: datetime


class Kept(Struct, frozen=True):
    """Something under way between two requests of one browser, until `expires`; `version` guards writes."""

    id: str
    version: int
    expires: datetime
    payload: bytes

    def __repr__(self) -> str:
        return f"Kept(version={self.version}, <hidden>)"


class StoredFactor(Struct, frozen=True):
    """A second factor: the TOTP secret, encrypted; the last time step that was used; digests of the recovery
    codes that are left. Confirmed factors are stored, none else."""

    entry_uuid: str
    secret: bytes
    since: datetime
    last_step: int
    recovery: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"StoredFactor(entry_uuid={self.entry_uuid!r}, <hidden>)"


class Encryption(StrEnum):
    """Whether assertions are encrypted for a service provider."""

    OFFERED = "offered"  # when its metadata has a key for it
    REQUIRED = "required"
    NEVER = "never"


class ReleasedAttribute(Struct, frozen=True):
    """A directory attribute, or one that is computed ("subject-id", "pairwise-id", "eduPersonPrincipalName",
    "agency", "roles"), and the SAML name it goes out under; "" for its usual one."""

    source: str
    name: str = ""


class ServiceSettings(Struct, frozen=True, omit_defaults=True):
    """What the administrator decided about one service provider, beside its metadata.

    The access rule: whoever has one of `states` (gdState) and one of `kinds` (gdMailboxKind, none: any),
    works below one of `agencies` (DNs, none: anywhere) and holds one of `roles` (gdRoleKind, none: anybody).
    `signed_requests` None: as the metadata says. `encryption_method` is a URI of XML encryption.
    `session_minutes` is SessionNotOnOrAfter, 0 for none. `signing_key` pins a key of the ring by name.
    """

    title: str = ""
    enabled: bool = True
    name_id: str = NameIdFormat.EMAIL
    attributes: tuple[ReleasedAttribute, ...] = ()
    basic_names: bool = False
    states: tuple[str, ...] = ("active", "sendBlocked")
    kinds: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    second_factor: bool = False
    idp_initiated: bool = False
    default_relay_state: str = ""
    signed_requests: bool | None = None
    allow_sha1: bool = False
    unsigned_logout: bool = False
    sign_assertion: bool = True
    sign_response: bool = True
    signature_method: str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    signing_key: str = "current"
    encryption: Encryption = Encryption.OFFERED
    encryption_method: str = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
    session_minutes: int = 0


class ServiceProvider(Struct, frozen=True):
    """A registered service provider. `name` is the short name of commands ("portal"); `metadata` the XML
    as it was taken over last; `metadata_url` "" when it is not refreshed; `metadata_signer` the DER
    certificate whose key must have signed it, b"" for any; `trouble` why the last refresh failed, or ""."""

    entity_id: str
    name: str
    metadata: bytes
    settings: ServiceSettings = ServiceSettings()
    metadata_url: str = ""
    metadata_signer: bytes = b""
    refreshed: datetime | None = None
    trouble: str = ""
    version: int = 0


class Kind(StrEnum):
    """What happened, in the trail."""

    SIGN_IN = "sign-in"
    SIGN_OUT = "sign-out"
    ASSERTION = "assertion"  # a service provider was told
    REFUSAL = "refusal"
    PASSWORD = "password-change"  # noqa: S105 - the word
    FACTOR = "second-factor"
    SESSION = "session-end"
    SERVICE = "service-provider"


class Happened(Struct, frozen=True):
    """One line of the trail: who (by the lasting entry_uuid and the address then, "" when unknown), at which
    service provider, over what, proved how, and what came of it.

    `outcome` is "ok" or a stable word for the refusal ("wrong-password", "throttled", "locked",
    "not-allowed", "no-passive", …); `detail` is for people. It never holds a message, RelayState,
    NameID, password or code.
    """

    at: datetime
    kind: Kind
    outcome: str
    entry_uuid: str = ""
    who: str = ""
    entity_id: str = ""
    channel: str = ""  # redirect, post, soap, idp-initiated, web, cli
    factors: str = ""  # "password" or "password+code"
    network: str = ""
    agent: str = ""
    detail: str = ""


class Letter(Struct, frozen=True):
    """A mail that goes out once its cause is durable."""

    to: str
    subject: str
    text: str


class Outgoing(Struct, frozen=True):
    """A letter that somebody is about to send, since when it waits, and the how-manieth attempt it is."""

    number: int
    letter: Letter
    written: datetime
    tries: int
