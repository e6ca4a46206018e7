"""The steps, in the order they are taken: each relies on what those before it have left."""

from __future__ import annotations

from typing import Final

from interop.ldap.differential.script.adds import ADDS
from interop.ldap.differential.script.compares import COMPARES
from interop.ldap.differential.script.controls import CONTROLS
from interop.ldap.differential.script.deletes import DELETES
from interop.ldap.differential.script.modifies import MODIFIES
from interop.ldap.differential.script.renames import RENAMES
from interop.ldap.differential.script.searches import SEARCHES
from interop.ldap.differential.script.selections import SELECTIONS
from interop.ldap.differential.step import Step

STEPS: Final[tuple[Step, ...]] = (
    *ADDS,
    *SEARCHES,
    *SELECTIONS,
    *COMPARES,
    *CONTROLS,
    *MODIFIES,
    *RENAMES,
    *DELETES,
)
