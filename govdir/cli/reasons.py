"""`--reason`: why something is done, in words."""

from __future__ import annotations

from collections.abc import Callable

import click

from govdir.cli.command import Function, option
from govdir.cli.language import say
from govdir.policy.texts import Wording

REASON = Wording("Lý do, ghi vào gdStateReason.", "The reason, kept in gdStateReason.")
_NO_WORDS = Wording("hãy ghi lý do bằng lời", "say the reason in words")


def reason_option(*, required: bool, wording: Wording = REASON) -> Callable[[Function], Function]:
    """Decorates a function with `--reason`; a reason without a letter or digit is a usage error."""
    return option("--reason", required=required, wording=wording, callback=_in_words)


def _in_words(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not any(map(str.isalnum, value)):
        raise click.BadParameter(say(_NO_WORDS))
    return value
