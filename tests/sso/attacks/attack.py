"""What an attack is: the row of the threat model, what guards against it, and the deed itself.

The guards are named by where they stand in the product. A build without them is made by putting something
careless in their place, and against that build the same attack must succeed: so each test is known to be able
to fail.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.sso.attacks.place import Place


@dataclass(frozen=True)
class Attack:
    """`row` of docs/threat-model.md; `guards` by "module:name" with what a careless build has there instead;
    `succeeds` tries it on a fresh site."""

    row: int
    name: str
    succeeds: Callable[[Place], bool]
    guards: Mapping[str, Any]

    def weaken(self, patch: pytest.MonkeyPatch) -> None:
        """Takes the guards away."""
        for where, instead in self.guards.items():
            owner, name = resolved(where)
            patch.setattr(owner, name, instead)

    @property
    def id(self) -> str:
        return f"{self.row:02d}-{self.name.replace(' ', '-')}"


def resolved(where: str) -> tuple[Any, str]:
    """What holds the guard, and its name there."""
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    assert hasattr(owner, name), where
    return owner, name


def nothing(*_args: Any, **_named: Any) -> None:
    """A check that was left out."""


def first(value: Any, *_args: Any, **_named: Any) -> Any:
    """A check that was left out, where what was checked is handed on."""
    return value


def always(value: Any) -> Callable[..., Any]:
    """The same whatever is asked."""
    return lambda *_args, **_named: value


async def soon_nothing(*_args: Any, **_named: Any) -> None:
    """A check that would have waited, left out."""
