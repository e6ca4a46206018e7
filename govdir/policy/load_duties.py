"""The duties of a pack: the clock, sharing, lists, who may act, who reports, what the operator owes."""

from __future__ import annotations

import re
from datetime import date
from types import MappingProxyType
from typing import Final

from govdir.policy.duties import (
    Check,
    Consequence,
    Delegation,
    Inactivity,
    Leaving,
    Lifecycle,
    Lists,
    Operations,
    Publication,
    Report,
    Restoration,
    SenderPolicy,
    Sharing,
    Step,
    Usage,
)
from govdir.policy.kinds import MailboxKind, RankClass
from govdir.policy.load_citations import Citations, matching, read_wording
from govdir.policy.tables import Table

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DAY_OF_YEAR = re.compile(r"(\d\d)-(\d\d)")
_COMMON_YEAR: Final = 2001  # a report due on 29 February would not be due every year


def read_lifecycle(table: Table, citations: Citations) -> Lifecycle:
    """The table [lifecycle]."""
    leaving = table.table("leaving")
    inactivity = table.table_if_there("inactivity")
    reminders, reminders_citation = citations.number(table, "reminders", "reminders_by")
    lifecycle = Lifecycle(
        leaving=MappingProxyType(
            {rank: _leaving(leaving.table(rank.value), citations) for rank in RankClass}
        ),
        restoration=_restoration(table.table("restoration"), citations),
        suspension_citation=citations.of(table, "suspension_by"),
        inactivity=_inactivity(inactivity, citations) if inactivity is not None else None,
        expiry_warning_days=table.integer("expiry_warning_days"),
        reminders=reminders,
        reminders_citation=reminders_citation,
        emergency_citation=citations.maybe(table, "emergency_by"),
    )
    leaving.finish()
    table.finish()
    return lifecycle


def _leaving(table: Table, citations: Citations) -> Leaving:
    block = "block_sending_months"
    leaving = Leaving(
        block_sending_months=table.integer(block) if block in table else None,
        revoke_months=table.integer("revoke_months"),
        citation=citations.of(table, "by"),
    )
    if leaving.block_sending_months is not None and leaving.block_sending_months > leaving.revoke_months:
        raise table.error(block, "must not come after the revocation")
    table.finish()
    return leaving


def _restoration(table: Table, citations: Citations) -> Restoration:
    days = "working_days"
    restoration = Restoration(
        new_password=table.flag("new_password"),
        working_days=table.integer(days, minimum=1) if days in table else None,
        citation=citations.of(table, "by"),
    )
    table.finish()
    return restoration


def _inactivity(table: Table, citations: Citations) -> Inactivity:
    warn_months, warn = citations.number(table, "warn_months", "warn_by")
    revoke_working_days, revoke = citations.number(table, "revoke_working_days", "revoke_by")
    inactivity = Inactivity(
        months=table.integer("months", minimum=1),
        consequence=table.parsed("consequence", Consequence),
        citation=citations.of(table, "by"),
        kinds=_kinds(table, "kinds"),
        alert_kinds=_kinds(table, "alert_kinds"),
        exemption_citation=citations.of(table, "exemption_by"),
        warn_months=warn_months,
        warn_citation=warn,
        revoke_working_days=revoke_working_days,
        revoke_citation=revoke,
    )
    if inactivity.warn_months is not None and inactivity.warn_months >= inactivity.months:
        raise table.error("warn_months", "must come before 'months'")
    if revoke and inactivity.consequence is not Consequence.SUSPEND:
        raise table.error("revoke_working_days", "only follows a suspension")
    if both := inactivity.kinds & inactivity.alert_kinds:
        raise table.error("alert_kinds", f"{', '.join(sorted(both))}: in 'kinds' already")
    table.finish()
    return inactivity


def _kinds(table: Table, key: str) -> frozenset[MailboxKind]:
    return frozenset(table.each_parsed(key, MailboxKind))


def read_sharing(table: Table, citations: Citations) -> Sharing:
    """The table [sharing]."""
    sharing = Sharing(
        owner_citation=citations.of(table, "owner_by"),
        delegates=table.integer("delegates") if "delegates" in table else None,
        delegates_citation=citations.of(table, "delegates_by"),
        handover_citation=citations.of(table, "handover_by"),
        delegates_within=table.flag("delegates_within"),
    )
    table.finish()
    return sharing


def read_lists(table: Table, citations: Citations) -> Lists:
    """The table [lists]."""
    lists = Lists(
        sender_policy=table.parsed("sender_policy", SenderPolicy),
        sender_citation=citations.of(table, "sender_by"),
        members_citation=citations.of(table, "members_by"),
        authorised=table.integer("authorised") if "authorised" in table else None,
        announced_to_bodies=table.flag("announced_to_bodies"),
    )
    table.finish()
    return lists


def read_delegation(table: Table, citations: Citations) -> Delegation:
    """The table [delegation]."""
    delegation = Delegation(
        kinds=_kinds(table, "kinds"),
        citation=citations.of(table, "by"),
        others_citation=citations.of(table, "others_by"),
    )
    table.finish()
    return delegation


def read_publication(table: Table, citations: Citations) -> Publication:
    """The table [publication]."""
    publication = Publication(public=table.flag("public"), citation=citations.of(table, "by"))
    table.finish()
    return publication


def read_requests(tables: tuple[Table, ...], citations: Citations) -> tuple[Step, ...]:
    """The tables [[request]]: the steps by which mailboxes are asked for, in order."""
    return tuple(_step(table, citations) for table in tables)


def _step(table: Table, citations: Citations) -> Step:
    days = "working_days"
    step = Step(
        name=matching(table, "name", _NAME),
        wording=read_wording(table.table("what")),
        citation=citations.of(table, "by"),
        working_days=table.integer(days, minimum=1) if days in table else None,
    )
    table.finish()
    return step


def read_reports(tables: tuple[Table, ...], citations: Citations) -> tuple[Report, ...]:
    """The tables [[report]]."""
    return tuple(_report(table, citations) for table in tables)


def _report(table: Table, citations: Citations) -> Report:
    report = Report(
        name=matching(table, "name", _NAME),
        by=read_wording(table.table("who")),
        to=read_wording(table.table("to")),
        content=read_wording(table.table("content")),
        due=table.each_parsed("due", _day_of_year),
        before=table.flag("before"),
        citation=citations.of(table, "by"),
    )
    table.finish()
    return report


def _day_of_year(text: str) -> tuple[int, int]:
    match = _DAY_OF_YEAR.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no day of the year such as "06-15" (month, day)')
    try:
        day = date(_COMMON_YEAR, int(match[1]), int(match[2]))
    except ValueError:
        raise ValueError(f"{text!r} is no day of every year") from None
    return day.month, day.day


def read_checks(tables: tuple[Table, ...], citations: Citations) -> tuple[Check, ...]:
    """The tables [[check]]."""
    checks: list[Check] = []
    for table in tables:
        times = "times_a_day"
        checks.append(
            Check(
                kinds=_kinds(table, "kinds"),
                times_a_day=table.integer(times, minimum=1) if times in table else None,
                citation=citations.of(table, "by"),
            )
        )
        table.finish()
    return tuple(checks)


def read_usage(table: Table, citations: Citations) -> Usage:
    """The table [usage]."""
    usage = Usage(
        unused_days=table.fraction("unused_days"),
        failing_share=table.fraction("failing_share"),
        citation=citations.of(table, "by"),
    )
    table.finish()
    return usage


def read_operations(table: Table, citations: Citations) -> Operations:
    """The table [operations]."""
    log_months, logs = citations.number(table, "log_months", "log_by")
    days, maintenance = citations.number(table, "maintenance_days", "maintenance_by")
    provider_days, provider = citations.number(table, "provider_working_days", "provider_by")
    percent, warning = citations.number(table, "quota_warning_percent", "quota_warning_by")
    operations = Operations(
        log_months=log_months,
        log_citation=logs,
        maintenance_days=days,
        maintenance_working=table.flag("maintenance_working"),
        maintenance_citation=maintenance,
        provider_working_days=provider_days,
        provider_citation=provider,
        quota_warning_percent=percent,
        quota_warning_citation=warning,
    )
    if percent is not None and percent > 100:
        raise table.error("quota_warning_percent", "must be at most 100")
    table.finish()
    return operations
