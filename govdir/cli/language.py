"""In which language the command line speaks: `--lang`, else the locale, else English."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import pairwise

import click

from govdir.policy.texts import Language, Wording

# A context variable, not click's context: errors are explained after that context is gone.
_chosen: ContextVar[Language | None] = ContextVar("govdir_language", default=None)


def locale_language() -> Language:
    """The locale's, by POSIX's order of variables; anything but Vietnamese is answered in English."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return Language.VIETNAMESE if value.lower().startswith("vi") else Language.ENGLISH
    return Language.ENGLISH


def current_language() -> Language:
    """The running command's."""
    return _chosen.get() or locale_language()


def choose_language(_context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    """The callback of `--lang`."""
    if value is not None:
        _chosen.set(Language(value))


def foresee_language(arguments: Sequence[str]) -> None:
    """Takes a `--lang` that stands behind a `--help`, which is answered before the rest is read."""
    for option, value in pairwise([*arguments, ""]):
        name, equals, joined = option.partition("=")
        said = joined if equals else value
        if name == "--lang" and said in set(Language):
            _chosen.set(Language(said))


def forget_language() -> None:
    """Before a command line is read: the locale rules until it says otherwise."""
    _chosen.set(None)


def say(wording: Wording, **fields: object) -> str:
    """The message in the running command's language, its fields filled in."""
    return wording.render(current_language(), **fields)
