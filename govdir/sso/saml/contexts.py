"""Authentication context classes: what may be said about how somebody was proved, and what that takes.

Classes have ranks. Being proved at one rank includes the ranks below, so an answer may name a class below
what was achieved: service providers that ask for a class exactly expect that very URI in the answer.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from govdir.sso.saml.model import Comparison, RequestedAuthnContext

_PREFIX: Final = "urn:oasis:names:tc:SAML:2.0:ac:classes:"

UNSPECIFIED: Final = _PREFIX + "unspecified"
PASSWORD: Final = _PREFIX + "Password"
PASSWORD_PROTECTED_TRANSPORT: Final = _PREFIX + "PasswordProtectedTransport"
TIME_SYNC_TOKEN: Final = _PREFIX + "TimeSyncToken"
REFEDS_SFA: Final = "https://refeds.org/profile/sfa"
REFEDS_MFA: Final = "https://refeds.org/profile/mfa"


class Rank(IntEnum):
    """How strongly somebody was proved, from nothing said to a second factor."""

    UNSPECIFIED = 0
    PASSWORD = 1
    PROTECTED_PASSWORD = 2  # by a password over TLS: what every sign-in here is at least
    SECOND_FACTOR = 3  # and by a code


RANKS: Final = {
    UNSPECIFIED: Rank.UNSPECIFIED,
    PASSWORD: Rank.PASSWORD,
    PASSWORD_PROTECTED_TRANSPORT: Rank.PROTECTED_PASSWORD,
    REFEDS_SFA: Rank.PROTECTED_PASSWORD,
    TIME_SYNC_TOKEN: Rank.SECOND_FACTOR,
    REFEDS_MFA: Rank.SECOND_FACTOR,
}
"""The classes that are understood; all others are as if nobody could reach them."""

_USUAL: Final = {
    Rank.UNSPECIFIED: UNSPECIFIED,
    Rank.PASSWORD: PASSWORD,
    Rank.PROTECTED_PASSWORD: PASSWORD_PROTECTED_TRANSPORT,
    Rank.SECOND_FACTOR: REFEDS_MFA,
}


def answer(requested: RequestedAuthnContext | None, achieved_rank: int) -> str | None:
    """The class an assertion names for somebody proved at `achieved_rank`; None: NoAuthnContext.

    One of the requested classes wherever the comparison admits it, the first of them that was reached where
    they stand in order of preference (core §3.3.2.2.1). Whoever has a second factor has always proved it.
    """
    achieved = Rank(achieved_rank)
    if requested is None:
        return _USUAL[achieved]
    needed = rank_needed(requested)
    if needed is None or achieved < needed:
        return None
    reached = [name for name in requested.classes if name in RANKS and RANKS[name] <= achieved]
    match requested.comparison:
        case Comparison.EXACT:
            return reached[0]
        case Comparison.MINIMUM:
            return max(reached, key=RANKS.__getitem__)
        case Comparison.BETTER:
            return _USUAL[achieved]
        case Comparison.MAXIMUM:
            strongest = min(achieved, max(_ranks(requested)))
            return next((name for name in reached if RANKS[name] == strongest), _USUAL[strongest])


def rank_needed(requested: RequestedAuthnContext | None) -> Rank | None:
    """The lowest rank that satisfies the request; None when none does, however somebody is proved.

    Classes that are not understood are left aside, save for "better": nobody can say that an
    authentication is stronger than one of those.
    """
    if requested is None:
        return Rank.UNSPECIFIED
    ranks = _ranks(requested)
    if not ranks:
        return None
    match requested.comparison:
        case Comparison.EXACT | Comparison.MINIMUM:
            return min(ranks)
        case Comparison.MAXIMUM:
            return Rank.UNSPECIFIED
        case Comparison.BETTER:
            if len(ranks) < len(requested.classes) or max(ranks) == max(Rank):
                return None
            return Rank(max(ranks) + 1)


def _ranks(requested: RequestedAuthnContext) -> list[Rank]:
    """Ranks of the requested classes that are understood, in their order."""
    return [RANKS[name] for name in requested.classes if name in RANKS]
