"""What is said of the forms of an address that were passed over, and of aliases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from govdir.cli.language import say
from govdir.cli.output import remark
from govdir.mailattrs.ladder import Skipped
from govdir.policy.texts import Wording

_SKIPPED = Wording("  bỏ qua {address}: {why}", "  passed over {address}: {why}")
_ALIAS = Wording("  bí danh: {address}", "  alias: {address}")


def skipped_forms(steps: Iterable[Skipped]) -> tuple[dict[str, str], ...]:
    """For --json: the `address` of each and `why` it could not be given."""
    return tuple({"address": step.candidate.address, "why": say(step.why)} for step in steps)


def skipped_line(form: Mapping[str, str]) -> str:
    """One of them for people to read."""
    return say(_SKIPPED, **form)


def remark_aliases(aliases: Iterable[str]) -> None:
    """Tells the aliases of a mailbox, a line each, on standard error."""
    for alias in aliases:
        remark(say(_ALIAS, address=alias))
