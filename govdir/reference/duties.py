"""The part of a pack's page on everything but addresses: sizes, passwords, the clock, sharing, reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from govdir.policy.duties import Inactivity, Leaving, Restoration
from govdir.policy.kinds import MailboxKind
from govdir.policy.model import MailboxRules, Pack, PasswordRules
from govdir.reference.markdown import article, both, code, rule, size, table

_CHANGE = ("rule", "what it says", "article")


def duty_part(pack: Pack) -> Iterator[str]:
    """The lines of the part."""
    yield from _sizes(pack)
    yield from _passwords(pack)
    yield from _clock(pack)
    yield from _sharing(pack)
    yield from _procedure(pack)
    yield from _operations(pack)


def _sizes(pack: Pack) -> Iterator[str]:
    yield "## Sizes"
    yield ""
    yield from table(
        ("mailbox", "quota", "rule", "one message", "attached", "rule"),
        (
            (
                rules.title.en,
                f"{'at least ' if rules.quota_is_minimum else ''}{size(rules.quota)}",
                article(rules.quota_citation),
                size(rules.maximum_message_size),
                size(rules.maximum_attachment_size) if rules.attachment_citation else "",
                article(rules.attachment_citation or rules.message_size_citation),
            )
            for rules in pack.mailboxes.values()
        ),
    )


def _passwords(pack: Pack) -> Iterator[str]:
    yield "## Passwords"
    yield ""
    yield from table(
        ("mailbox", "characters", "upper", "lower", "digit", "special", "changed every"),
        (_password(rules, rules.password) for rules in pack.mailboxes.values() if rules.password is not None),
    )
    yield from table(
        _CHANGE,
        (
            rule("a password that was given", pack.first_password),
            rule("a forgotten password", pack.forgotten_password),
            rule("passwords easy to guess", pack.good_practice_citation),
        ),
    )


def _password(mailbox: MailboxRules, rules: PasswordRules) -> tuple[str, ...]:
    special = article(rules.special)
    if rules.special is not None and rules.specials:
        special = f"one of {code(rules.specials)}, {special}"
    months, rotation = rules.rotation_months, article(rules.rotation_citation)
    return (
        mailbox.title.en,
        f"at least {rules.minimum_length}, {article(rules.length_citation)}",
        *(article(each) or "not asked for" for each in (rules.upper, rules.lower, rules.digit)),
        special or "not asked for",
        f"{months} {_plural('month', months)}, {rotation}" if months else "not asked for",
    )


def _plural(noun: str, number: int) -> str:
    return noun if number == 1 else f"{noun}s"


def _clock(pack: Pack) -> Iterator[str]:
    clock = pack.lifecycle
    yield "## The clock of a mailbox"
    yield ""
    rows = [
        *(
            (f"somebody leaves: {rank}", _leaving(terms), article(terms.citation))
            for rank, terms in clock.leaving.items()
        ),
        *_unused(clock.inactivity),
        _restored(clock.restoration),
    ]
    yield from table(("when", "what", "article"), rows)
    yield from table(
        _CHANGE,
        (
            rule("states", pack.state_citation),
            rule("suspension", clock.suspension_citation),
            *((rule("emergency", clock.emergency_citation),) if clock.emergency_citation else ()),
            *(
                (rule(f"after {clock.reminders} reminders", clock.reminders_citation),)
                if clock.reminders_citation
                else ()
            ),
        ),
    )


def _unused(rule: Inactivity | None) -> Iterator[tuple[str, str, str]]:
    if rule is None:
        yield "unused mailboxes", "the regulation says nothing", ""
        return
    cited = article(rule.citation)
    yield f"unused for {rule.months} months", f"{rule.consequence}: {_kinds(rule.kinds)}", cited
    if rule.alert_kinds:
        yield "", f"only reported: {_kinds(rule.alert_kinds)}", cited
    if rule.warn_months is not None:
        yield f"unused for {rule.warn_months} months", "the holder is warned", article(rule.warn_citation)
    if rule.revoke_working_days is not None:
        when = f"{rule.revoke_working_days} working days after the notice"
        yield when, "revoked unless the agency confirms it", article(rule.revoke_citation)
    yield "exempt", rule.exemption_citation.wording.en, article(rule.exemption_citation)


def _restored(rule: Restoration) -> tuple[str, str, str]:
    how = "with the password it had"
    if rule.new_password:
        how = "only with a new password, changed at the first access"
    if rule.working_days:
        how += f", within {rule.working_days} working {_plural('day', rule.working_days)}"
    return "restored", how, article(rule.citation)


def _leaving(terms: Leaving) -> str:
    revoked = (
        "revoked that day" if terms.revoke_months == 0 else f"revoked after {terms.revoke_months} months"
    )
    match terms.block_sending_months:
        case None:
            return revoked
        case 0:
            return f"sending blocked that day, {revoked}"
        case months:
            return f"sending blocked after {months} {_plural('month', months)}, {revoked}"


def _kinds(kinds: Iterable[MailboxKind]) -> str:
    return ", ".join(kind for kind in MailboxKind if kind in kinds)


def _sharing(pack: Pack) -> Iterator[str]:
    sharing, lists, delegation = pack.sharing, pack.lists, pack.delegation
    several = "any number" if sharing.delegates is None else str(sharing.delegates)
    if sharing.delegates_within:
        several += ", of the same agency"
    senders = f"{lists.sender_policy}{', and who runs the system' if lists.announced_to_bodies else ''}"
    yield "## Shared mailboxes, lists, and who may do what"
    yield ""
    yield from table(
        _CHANGE,
        (
            rule("owner", sharing.owner_citation),
            rule(f"delegates: {several}", sharing.delegates_citation),
            rule("handover", sharing.handover_citation),
            rule(f"who sends to a list: {senders}", lists.sender_citation),
            rule("members of a list", lists.members_citation),
            rule(f"an agency's administrator creates: {_kinds(delegation.kinds)}", delegation.citation),
            rule("everything else", delegation.others_citation),
        ),
    )


def _procedure(pack: Pack) -> Iterator[str]:
    yield "## Requests, reports, checks"
    yield ""
    yield from table(
        ("step", "who does what", "working days", "article"),
        (
            (step.name, both(step.wording), str(step.working_days or ""), article(step.citation))
            for step in pack.requests
        ),
    )
    yield from table(
        ("report", "by", "to", "due", "content", "article"),
        (
            (
                report.name,
                report.by.en,
                report.to.en,
                ("before " if report.before else "")
                + ", ".join(f"{day:02}/{month:02}" for month, day in report.due),
                both(report.content),
                article(report.citation),
            )
            for report in pack.reports
        ),
    )
    yield from table(
        ("mailboxes", "looked into", "article"),
        (
            (
                _kinds(check.kinds),
                f"{check.times_a_day} × a working day" if check.times_a_day else "regularly",
                article(check.citation),
            )
            for check in pack.checks
        ),
    )
    if pack.usage is not None:
        (part, whole), (some, all_of) = pack.usage.unused_days, pack.usage.failing_share
        yield (
            f"A mailbox counts as unused in a quarter when it was not accessed on {part}/{whole} or more of"
            f" its working days; an agency fails when more than {some}/{all_of} of its mailboxes are"
            f" ({article(pack.usage.citation)})."
        )
        yield ""


def _operations(pack: Pack) -> Iterator[str]:
    owed = pack.operations
    rows: list[tuple[str, str, str]] = []
    if owed.log_months is not None:
        rows.append(("logs", f"kept for {owed.log_months} months", article(owed.log_citation)))
    if owed.maintenance_days is not None:
        working = "working days" if owed.maintenance_working else "days"
        rows.append(
            (
                "maintenance",
                f"announced {owed.maintenance_days} {working} before",
                article(owed.maintenance_citation),
            )
        )
    if owed.provider_working_days is not None:
        rows.append(
            (
                "hired provider",
                f"tells {owed.provider_working_days} working days before",
                article(owed.provider_citation),
            )
        )
    if owed.quota_warning_percent is not None:
        rows.append(
            ("nearly full", f"warned at {owed.quota_warning_percent} %", article(owed.quota_warning_citation))
        )
    if rows:
        yield "## What the operator owes"
        yield ""
        yield from table(("", "", "article"), rows)
