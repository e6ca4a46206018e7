"""What a password policy entry may say: no less than the regulation asks, and nothing that cannot be.

Stricter is allowed. What an entry says besides is the administrators' to choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from govdir.directory.entry import Attributes
from govdir.directory.errors import ConstraintViolation
from govdir.directory.login_facts import MAX_FAILURES
from govdir.directory.password_policy import longest_months
from govdir.directory.policy_entries import NUMBERS, POLICY_CLASS
from govdir.mailattrs.passwords import ADMINISTRATORS
from govdir.mailattrs.refusals import Refusals
from govdir.policy.model import Citation, MailboxKind, Pack, PasswordRules
from govdir.policy.password_rules import GENERATED_LENGTH, MAXIMUM_PASSWORD_CHARACTERS
from govdir.policy.texts import Wording

_DAY: Final = 86_400
_MAX_HISTORY: Final = 24
"""Each former password costs a hash at every change."""

_BOUNDS: Final = {
    "pwdCheckQuality": (0, 2),
    "pwdInHistory": (0, _MAX_HISTORY),
    "pwdMaxFailure": (0, MAX_FAILURES),
    "pwdMaxRecordedFailure": (0, MAX_FAILURES),
    "pwdMinLength": (0, MAXIMUM_PASSWORD_CHARACTERS),
}
_NAMES_OF_THE_ATTRIBUTE: Final = frozenset({"userpassword", "2.5.4.35"})

_MAX_AGE = Wording(
    "pwdMaxAge: tối đa {seconds} giây ({days} ngày, {months} tháng dài nhất); 0 là không bao giờ hết hạn.",
    "pwdMaxAge: at most {seconds} seconds ({days} days, the longest {months} months); 0 would be never.",
)
_MIN_LENGTH = Wording("pwdMinLength: ít nhất {count} ký tự.", "pwdMinLength: at least {count} characters.")
_QUALITY = Wording(
    "pwdCheckQuality: phải là 2, để mọi mật mã đều được kiểm tra.",
    "pwdCheckQuality: must be 2, so that every password is checked.",
)
_MUST_CHANGE = Wording(
    "pwdMustChange: không tắt được, người dùng phải đổi mật mã được cấp.",
    "pwdMustChange: cannot be switched off, people change a password they were given.",
)
_USER_CHANGE = Wording(
    "pwdAllowUserChange: không tắt được, người dùng phải tự đổi mật mã đúng hạn.",
    "pwdAllowUserChange: cannot be switched off, people have to change their password in time.",
)


class PasswordLimits:
    """The limits by one pack. A policy that has the name of a kind of mailbox is held to that kind's rules,
    that of administrators to none, any other to the rules of persons."""

    def __init__(self, pack: Pack, refusals: Refusals) -> None:
        self._pack = pack
        self._refusals = refusals

    def check(self, entry: Attributes) -> None:
        """Raises RuleViolation for less than the regulation asks, ConstraintViolation for what cannot be."""
        if POLICY_CLASS not in entry.object_classes:
            return
        _check_possible(entry)
        for kind in self._kinds(text.strip().lower() for text in entry.texts("cn")):
            mailbox = self._pack.mailbox(kind)
            if mailbox is not None and mailbox.password is not None:
                for rule, why, citation in self._broken(entry, mailbox.password):
                    raise self._refusals.violation(rule, why, citation)

    def _kinds(self, names: Iterable[str]) -> Iterator[MailboxKind]:
        known = {kind.value: kind for kind in self._pack.mailboxes}
        for name in names:
            if name != ADMINISTRATORS:
                yield known.get(name, MailboxKind.PERSON)

    def _broken(self, entry: Attributes, rules: PasswordRules) -> Iterator[tuple[str, Wording, Citation]]:
        age, months, by = _number(entry, "pwdMaxAge"), rules.rotation_months, rules.rotation_citation
        if age is not None and months is not None and by is not None:
            most = longest_months(months)
            if not 0 < age <= most:
                why = _MAX_AGE.filled(seconds=most, days=most // _DAY, months=months)
                yield "policy-max-age", why, by
        length = _number(entry, "pwdMinLength")
        if length is not None and length < rules.minimum_length:
            yield "policy-min-length", _MIN_LENGTH.filled(count=rules.minimum_length), rules.length_citation
        if entry.text("pwdCheckQuality") in {"0", "1"}:
            yield "policy-quality", _QUALITY, rules.special or rules.digit or rules.length_citation
        if entry.text("pwdMustChange") == "FALSE":
            yield "policy-must-change", _MUST_CHANGE, self._pack.first_password
        if entry.text("pwdAllowUserChange") == "FALSE" and by is not None:
            yield "policy-user-change", _USER_CHANGE, by


def _check_possible(entry: Attributes) -> None:
    if not _NAMES_OF_THE_ATTRIBUTE.issuperset(text.lower() for text in entry.texts("pwdAttribute")):
        raise ConstraintViolation("pwdAttribute: only userPassword has a policy here")
    for name in (*NUMBERS, "pwdInHistory"):
        value = _number(entry, name)
        least, most = _BOUNDS.get(name, (0, None))
        if value is not None and (value < least or (most is not None and value > most)):
            upwards = "" if most is None else f" to {most}"
            raise ConstraintViolation(f"{name}: a number from {least}{upwards}")
    longest = _number(entry, "pwdMaxLength") or 0
    if longest and longest < max(GENERATED_LENGTH, _number(entry, "pwdMinLength") or 0):
        raise ConstraintViolation(
            f"pwdMaxLength: at least pwdMinLength, and {GENERATED_LENGTH} as generated passwords have, or 0"
        )
    oldest = _number(entry, "pwdMaxAge") or 0
    if oldest and (_number(entry, "pwdMinAge") or 0) >= oldest:
        raise ConstraintViolation(
            "pwdMinAge: shorter than pwdMaxAge, or passwords expire before they may change"
        )


def _number(entry: Attributes, name: str) -> int | None:
    """None for what is no number, too: the schema, which is asked after the rules, says so better."""
    text = entry.text(name)
    try:
        return None if text is None else int(text)
    except ValueError:
        return None
