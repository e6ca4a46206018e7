"""The regulation's password rules applied to entries: implements directory.rules.PasswordRules."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random, SystemRandom

from msgspec import structs

from govdir.directory.entry import Attributes
from govdir.directory.errors import RuleViolation
from govdir.directory.password_policy import PasswordPolicy
from govdir.mailattrs import labels
from govdir.mailattrs.names import InvalidName
from govdir.mailattrs.rotation import password_kind
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.password_rules import PasswordReport, check, generate_password
from govdir.policy.texts import Language

ADMINISTRATORS = "administrator"
"""The policy of those who run the directory and have no mailbox."""

_OWN_ATTRIBUTES = ("cn", "sn", "givenName", "uid", "displayName", "ou", "gdOrgCode")


class MailboxPasswords:
    """One pack's rules. `clockwork` is what the regulation leaves to the product: history, lock-out, resets.

    Entries that are no mailbox (administrators, services) are judged like persons, but theirs is a password
    somebody else may choose for good: no rotation, no change at first login.
    """

    def __init__(
        self,
        pack: Pack,
        clockwork: PasswordPolicy,
        language: Language = Language.VIETNAMESE,
        random: Random | None = None,
    ) -> None:
        self._pack = pack
        self._language = language
        self._random = random or SystemRandom()
        self._unrotated = structs.replace(clockwork, max_age_months=None, must_change_after_reset=False)
        self._policies = {
            kind: structs.replace(clockwork, max_age_months=rules.password.rotation_months)
            for kind, rules in pack.mailboxes.items()
            if rules.password is not None
        }

    def policy(self, attributes: Attributes) -> PasswordPolicy | None:
        """The clockwork with the rotation of this kind of mailbox; None for services."""
        classes = attributes.object_classes
        if "gdmailbox" in classes:
            return self._policies.get(password_kind(self._pack, attributes), self._unrotated)
        return None if "gdservice" in classes else self._unrotated

    def policy_name(self, attributes: Attributes) -> str | None:
        """The kind of mailbox whose rules hold, ADMINISTRATORS for other identities that sign in; None for
        services and whatever else is no account."""
        classes = attributes.object_classes
        if "gdmailbox" in classes:
            kind = password_kind(self._pack, attributes)
            return kind.value if kind in self._policies else None
        return ADMINISTRATORS if "gdadministrator" in classes else None

    def policies(self) -> dict[str, PasswordPolicy]:
        """The policy of each kind that has one, by that name."""
        return {
            **{kind.value: policy for kind, policy in self._policies.items()},
            ADMINISTRATORS: self._unrotated,
        }

    def check(self, candidate: str, attributes: Attributes) -> None:
        """Raises RuleViolation that says every broken rule, under the name and article of the first."""
        report = password_report(self._pack, candidate, attributes)
        if report.accepted:
            return
        first = report.broken[0]
        raise RuleViolation(
            report.text(self._language),
            rule=first.rule,
            citation=first.citation.reference,
        )

    def generate(self, attributes: Attributes, least: int = 0) -> str:
        """A random password that `check` accepts, of at least so many characters."""
        kind = password_kind(self._pack, attributes)
        own = tuple(_own_words(self._pack, attributes))
        return generate_password(self._pack, kind, self._random, own, least)


def password_report(pack: Pack, candidate: str, attributes: Attributes) -> PasswordReport:
    """Every rule's verdict on a password for this entry."""
    kind = password_kind(pack, attributes)
    return check(pack, kind, candidate, _own_words(pack, attributes))


def _own_words(pack: Pack, attributes: Attributes) -> Iterator[str]:
    """What somebody who knows the account would try."""
    for name in _OWN_ATTRIBUTES:
        yield from attributes.texts(name)
    for name in ("mail", "mailLocalAddress"):
        for address in attributes.texts(name):
            yield from _words_of(address.lower())
    yield from _labels(pack, attributes.text("displayName") or "")


def _labels(pack: Pack, displayed: str) -> tuple[str, ...]:
    """Of the agency in a displayed name, or of the body so named."""
    between = pack.display_name.partition("{name}")[2].partition("{agency}")[0]
    body = displayed.rpartition(between)[2] if between else displayed
    agency = pack.mailbox(MailboxKind.AGENCY)
    try:
        return labels.read_name(body, pack.words, agency.spelled if agency else ()).ladder()
    except InvalidName:
        return ()


def _words_of(address: str) -> Iterator[str]:
    """The local part and what it is made of ("namtv.stttt"), and the labels of the domain but the last two,
    which are nobody's own ("gov.vn")."""
    local, _, domain = address.partition("@")
    yield local
    yield from local.split(".")
    yield from domain.split(".")[:-2]
