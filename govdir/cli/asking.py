"""Questions to the person at the terminal, which scripts answer with --yes."""

from __future__ import annotations

import click

from govdir.cli.command import Function, option
from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.policy.texts import Wording

_YES = Wording("Không hỏi lại.", "Do not ask.")
_NOTHING_DONE = Wording("Không có gì bị thay đổi.", "Nothing was changed.")
_SAY_YES = Wording("Không có ai trả lời; thêm --yes nếu đồng ý.", "Nobody answers; add --yes to agree.")


def yes_option(function: Function) -> Function:
    """Decorates a function with `--yes`."""
    return option("--yes", is_flag=True, wording=_YES)(function)


def make_sure(question: str, *, yes: bool) -> None:
    """Goes on only when told so. Raises Refused."""
    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        raise Refused("", say(_SAY_YES), say(_NOTHING_DONE)) from None
    if not agreed:
        raise Refused(say(_NOTHING_DONE))
