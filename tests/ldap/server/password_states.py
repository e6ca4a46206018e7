"""Accounts in every state that a password policy knows, on one town, each new and an administrator."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from itertools import count, product
from typing import Final

import pytest

from govdir.directory.errors import InvalidCredentials
from tests.directory.building import SONV, SUFFIX, Town

DAY: Final = 86_400
PASSWORD: Final = "Hoa-sen-trang-927"
OTHER: Final = f"uid=other,{SONV}"
POLICY: Final = f"cn=person,ou=policies,{SUFFIX}"
ADMINS: Final = f"cn=administrators,ou=admins,{SUFFIX}"

# What the policy says besides the baseline, the days that pass, and what is done to the account.
_POLICIES: Final = {
    "grace": {"pwdGraceAuthnLimit": "2"},
    "reset, grace": {"pwdGraceAuthnLimit": "2"},
    "grace used up": {"pwdGraceAuthnLimit": "1"},
    "delayed": {"pwdMinDelay": "60"},
    "idle": {"pwdMaxIdle": str(10 * DAY)},
    "too young": {"pwdMinAge": str(DAY)},
    "safe modify": {"pwdSafeModify": "TRUE"},
}
_DAYS: Final = {
    "expiring": 29.5,
    "expired": 30,
    "grace": 30,
    "grace used up": 30,
    "reset, grace": 30,
    "idle": 10,
}
_ATTRIBUTES: Final = {
    "reset": ("pwdReset", "TRUE"),
    "reset, grace": ("pwdReset", "TRUE"),
    "locked by hand": ("pwdAccountLockedTime", "000001010000Z"),
    "suspended": ("gdState", "suspended"),
    "revoked": ("gdState", "revoked"),
    "not yet": ("pwdStartTime", "20991231235959Z"),
    "over": ("pwdEndTime", "20200101000000Z"),
}
_FAILURES: Final = {"locked by failures": 3, "delayed": 1}
_BASELINE: Final = {
    "pwdMaxAge": str(30 * DAY),
    "pwdExpireWarning": str(DAY),
    "pwdMaxFailure": "3",
    "pwdMaxLength": "24",
}

# Each combination gives an address of its own.
_SURNAMES: Final = ("Bùi", "Cao", "Hà", "Lê", "Mai", "Ngô", "Phan", "Vũ")
_MIDDLES: Final = ("An", "Bá", "Công", "Gia", "Hữu", "Minh")
_GIVEN: Final = ("Anh", "Bình", "Chi", "Giang", "Hoa", "Khánh", "Lan", "Nga", "Oanh", "Phong", "Sơn", "Thu")


def quick(password: str) -> str:
    """A hash that costs next to nothing to check."""
    salted = hashlib.sha1(password.encode() + b"salt").digest() + b"salt"
    return "{SSHA}" + b64encode(salted).decode()


class States:
    """Makes accounts; the policy is that of the last one made."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._numbers = count(1)
        self._policy: dict[str, str] = {}
        self._names = map(" ".join, product(_SURNAMES, _MIDDLES, _GIVEN))
        town.add(
            POLICY,
            {
                "objectClass": ("device", "pwdPolicy"),
                "cn": "person",
                "pwdAttribute": "userPassword",
                **_BASELINE,
            },
        )
        town.person("other", "Trần Thị Khác")
        town.add(ADMINS, {"objectClass": "gdRoleGroup", "gdRoleKind": "administrator", "member": OTHER})

    def account(self, state: str) -> str:
        """The name of a new account in that state."""
        town = self.town
        dn = self._fresh(pending=state == "pending")
        self._rule(_POLICIES.get(state, {}))
        town.clock.pass_time(days=_DAYS.get(state, 0))
        for _ in range(_FAILURES.get(state, 0)):
            with pytest.raises(InvalidCredentials):
                town.run(town.directory.bind(dn, b"wrong"))
        if state == "grace used up":
            town.run(town.directory.bind(dn, PASSWORD.encode()))
        if state in _ATTRIBUTES:
            name, value = _ATTRIBUTES[state]
            town.replace(dn, name, value)
        return dn

    def _rule(self, policy: dict[str, str]) -> None:
        """The policy says this beside the baseline."""
        for name in policy.keys() | self._policy.keys():
            if policy.get(name) != self._policy.get(name):
                self.town.replace(POLICY, name, *([policy[name]] if name in policy else []))
        self._policy = policy

    def name(self) -> str:
        """Nobody's yet."""
        return next(self._names)

    def _fresh(self, *, pending: bool) -> str:
        """One whose owner has chosen PASSWORD just now."""
        town, uid = self.town, f"p{next(self._numbers)}"
        state = {"gdState": "pending"} if pending else {}
        dn = town.person(uid, self.name(), userPassword=quick(PASSWORD), **state)
        town.replace(dn, "pwdReset")
        town.replace(ADMINS, "member", OTHER, dn)
        return dn
