"""What commands that may change an address have in common: asking for it, and telling what became of it."""

from __future__ import annotations

from collections.abc import Container

import click

from govdir.cli.language import say
from govdir.cli.output import remark
from govdir.policy.texts import Wording

ASK_FOR_ADDRESS = "*"
"""mail: * and uid=* ask the directory for what the regulation gives."""

_BOTH = Wording("chỉ dùng một trong --keep-address và --mail", "--keep-address or --mail, not both")
_ALIAS = Wording("  {address} còn nhận thư (bí danh)", "  {address} still receives mail (alias)")


def check_one_wish(*, keep_address: bool, mail: str | None) -> None:
    """Raises UsageError where the address is to be kept and to be another one."""
    if keep_address and mail is not None:
        raise click.UsageError(say(_BOTH))


def remark_former(address: str, aliases: Container[str]) -> None:
    """Tells, on standard error, that the former address still receives mail, if it does."""
    if address in aliases:
        remark(say(_ALIAS, address=address))
