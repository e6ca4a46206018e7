"""Answers with more than the attribute list asks for: what controls want to be told of every entry.

A decorator takes what a search would return (a Selecting) and what the request's controls ask, and gives back
the same or something around it, whose plans add to each entry's content or send controls along (Annotated).
Plain searches never come here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from govdir.directory.access_view import AccessView
from govdir.directory.account_usable import with_usability
from govdir.directory.options import SearchOptions
from govdir.directory.rights_told import with_rights
from govdir.directory.selection import Selecting

if TYPE_CHECKING:
    from govdir.directory.service import Directory

Decorator = Callable[[Selecting, SearchOptions, "Directory", AccessView], Selecting]

# Rights first: they are told of what the attribute list itself asks for.
_DECORATORS: Final[tuple[Decorator, ...]] = (with_rights, with_usability)


def decorated(
    selection: Selecting, options: SearchOptions, directory: Directory, view: AccessView
) -> Selecting:
    """What the search returns, with everything that its controls ask of each entry."""
    for decorate in _DECORATORS:
        selection = decorate(selection, options, directory, view)
    return selection
