"""The signing keys through a roll-over: the one that signs, the one to come, the former."""

from __future__ import annotations

from msgspec import Struct

from govdir.sso.model import ServiceSettings
from govdir.sso.saml.keys import SigningKey


class KeyRing(Struct, frozen=True):
    """Signing keys by what they are for; `next` and `old` None when there is none.

    `next` is published before it signs, so that service providers know it by then; `old` stays published and
    goes on signing for those that are pinned to it.
    """

    current: SigningKey
    next: SigningKey | None = None
    old: SigningKey | None = None

    def key_for(self, settings: ServiceSettings) -> SigningKey:
        """The key a service provider is answered with: the one it is pinned to while there is one."""
        pinned = {"next": self.next, "old": self.old}.get(settings.signing_key)
        return pinned or self.current

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """All there are, the current one first: any of them may decrypt what service providers encrypt."""
        return tuple(key for key in (self.current, self.next, self.old) if key is not None)

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The DER certificates that metadata shows, in that order."""
        return tuple(key.certificate for key in self.keys)
