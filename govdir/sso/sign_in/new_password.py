"""Choosing a new password: the rules as a list, and the change itself, made as the directory makes any."""

from __future__ import annotations

from typing import Final
from unicodedata import normalize

from govdir.directory.errors import (
    ConstraintViolation,
    InsufficientAccessRights,
    InvalidAttributeSyntax,
    PasswordTooYoung,
    PasswordUsedBefore,
    RuleViolation,
)
from govdir.directory.service import Directory
from govdir.mailattrs.passwords import password_report
from govdir.sso.accounts import Account, Accounts
from govdir.sso.sign_in import texts
from govdir.sso.sign_in.steps import PasswordList, PasswordProblem

_PROBLEMS: Final = {
    PasswordUsedBefore: PasswordProblem.USED_BEFORE,
    PasswordTooYoung: PasswordProblem.TOO_YOUNG,
    RuleViolation: PasswordProblem.RULES,
}


class NewPasswords:
    """Judges candidates for an account, and makes the owner's change."""

    def __init__(self, directory: Directory, accounts: Accounts) -> None:
        self._directory = directory
        self._accounts = accounts

    def rules(self, account: Account, candidate: str = "") -> PasswordList:
        """The list judged on a candidate; without one it is blank."""
        return self._listed(account, candidate, blank=not candidate)

    def judged(self, account: Account, new: str, repeated: str) -> PasswordList | None:
        """What is wrong with it as far as that costs no hash; None for nothing."""
        listed = self._listed(account, new)
        problems = []
        if listed.broken:
            problems.append(PasswordProblem.RULES)
        if normalize("NFC", new) != normalize("NFC", repeated):
            problems.append(PasswordProblem.DIFFERENT)
        return self._listed(account, new, *problems) if problems else None

    async def change(self, account: Account, new: str, repeated: str) -> Account | PasswordList:
        """The account with its new password, or what is wrong with that.

        Whoever calls has seen the owner prove the present one. Raises Busy, Unavailable.
        """
        wrong = self.judged(account, new, repeated)
        if wrong is not None:
            return wrong
        handle = self._directory.as_caller(account.caller)
        try:
            await handle.change_password(None, None, new.encode("utf-8", "surrogatepass"), proved=True)
        except (ConstraintViolation, InsufficientAccessRights, InvalidAttributeSyntax) as error:
            return self._listed(account, new, _PROBLEMS.get(type(error), PasswordProblem.REFUSED))
        return self._accounts.by_uuid(account.entry_uuid) or account

    def _listed(
        self, account: Account, candidate: str, *problems: PasswordProblem, blank: bool = False
    ) -> PasswordList:
        attributes = account.attributes
        report = password_report(self._accounts.pack, candidate, attributes)
        policy = self._directory.password_rules.policy(attributes)
        count = 0 if policy is None else policy.history_length
        history = texts.PASSWORD_HISTORY.filled(count=count) if count else None
        return PasswordList(report.title, report.verdicts, blank, history, problems)
