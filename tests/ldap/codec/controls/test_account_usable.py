"""The account usability response in Sun's octets."""

from __future__ import annotations

import pytest

from govdir.ldap.codec.controls.account_usable import Unusable, encode_unusable, encode_usable
from govdir.ldap.codec.controls.oids import ACCOUNT_USABLE


@pytest.mark.parametrize(("left", "octets"), [(None, "8001ff"), (0, "800100"), (86_400, "8003015180")])
def test_a_usable_account_tells_how_long(left: int | None, octets: str) -> None:
    control = encode_usable(left)

    assert (control.oid, control.critical) == (ACCOUNT_USABLE, False)
    assert (control.value or b"").hex() == octets


@pytest.mark.parametrize(
    ("why", "octets"),
    [
        (Unusable(inactive=True), "a1098001ff810100820100"),
        (Unusable(reset=True), "a1098001008101ff820100"),
        (Unusable(expired=True, grace_logins_left=2), "a10c8001008101008201ff830102"),
        (Unusable(unlocks_in_seconds=900), "a10d80010081010082010084020384"),
    ],
)
def test_an_unusable_account_tells_why(why: Unusable, octets: str) -> None:
    assert (encode_unusable(why).value or b"").hex() == octets
