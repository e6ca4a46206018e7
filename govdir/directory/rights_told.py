"""A search that tells of each entry what somebody may do with it (get effective rights).

The answer stands in two attributes more, with the names and letters of 389 Directory Server. Who asks for the
attribute `aclRights` gets the names and words of Sun's servers and OpenDJ instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from govdir.directory.access import Grant
from govdir.directory.access_view import AccessView
from govdir.directory.dynamic import DYNAMIC
from govdir.directory.image import Image, Record
from govdir.directory.matches import Annotated, Sent
from govdir.directory.options import SearchOptions
from govdir.directory.rights import EntryRights, Rights, Subject, subject_of
from govdir.directory.selection import Planned, Selecting, Selection
from govdir.directory.shape import Shape, encode_values
from govdir.directory.vocabulary import Description, Vocabulary
from govdir.ldap.codec import ber

if TYPE_CHECKING:
    from govdir.directory.service import Directory

_SUNS: Final = "aclrights"
TOLD_OF_RIGHTS: Final = frozenset({"entrylevelrights", "attributelevelrights", _SUNS})
"""The attributes that the answer stands in, by key."""


def with_rights(
    selection: Selecting, options: SearchOptions, directory: Directory, view: AccessView
) -> Selecting:
    """The selection that tells of rights, too, where they are asked for.

    Raises InsufficientAccessRights as subject_of does.
    """
    asked = options.rights
    if asked is None:
        return selection
    subject = subject_of(asked.subject, directory, view)
    listed = selection if isinstance(selection, Selection) else None
    names = (*(() if listed is None else listed.names), *asked.attributes)
    types_only = listed is not None and listed.types_only
    if listed is not None and not listed.names:
        names = ("*", *names)
    return _Telling(selection, subject, names, directory.vocabulary, types_only=types_only)


class _Telling:
    """A selection whose entries tell what `subject` may do with them."""

    def __init__(
        self,
        inner: Selecting,
        subject: Subject,
        names: Sequence[str],
        vocabulary: Vocabulary,
        *,
        types_only: bool,
    ) -> None:
        self._inner = inner
        self._subject = subject
        self._names = names
        self._vocabulary = vocabulary
        self._types_only = types_only
        told = _told_as_sun if _SUNS in map(str.lower, names) else _told
        self._told: Callable[[EntryRights, Sequence[tuple[str, Rights]]], Iterator[tuple[str, str]]] = told
        self._known: dict[tuple[Shape, Grant, Grant, bool, bool, bool], bytes] = {}

    def plan(self, shape: Shape, grant: Grant) -> Planned:
        return _TellingPlan(self._inner.plan(shape, grant), self, grant)

    def more(self, record: Record, seen: Grant) -> bytes:
        """The attributes that tell of rights, encoded, for who asks and has the grant `seen` on the entry."""
        subject = self._subject
        grant = subject.grant(record)
        own, is_suffix = subject.is_own(record), record.parent is None
        proxy = subject.may_act_as(record)
        key = (record.shape, seen, grant, own, is_suffix, proxy)
        held = self._known.get(key)
        if held is None:
            on_entry = subject.on_entry(grant, is_suffix=is_suffix, proxy=proxy)
            asked = _asked(self._names, record.shape, self._vocabulary, seen)
            rights = [(each.text, subject.on(each, grant, own=own)) for each in asked]
            held = self._known[key] = b"".join(
                encode_values(ber.text(name), () if self._types_only else (text.encode(),))
                for name, text in self._told(on_entry, rights)
            )
        return held


class _TellingPlan:
    """One shape's entries with the rights behind their attributes."""

    __slots__ = ("_inner", "_seen", "_telling")

    def __init__(self, inner: Planned, telling: _Telling, seen: Grant) -> None:
        self._inner = inner
        self._telling = telling
        self._seen = seen

    def content(self, record: Record, image: Image) -> Sent:
        sent = self._inner.content(record, image)
        more = self._telling.more(record, self._seen)
        if isinstance(sent, Annotated):
            return replace(sent, content=_with_attributes(sent.content, more))
        return _with_attributes(sent, more)


def _with_attributes(content: bytes, more: bytes) -> bytes:
    """The content octets of a SearchResultEntry with encoded attributes added."""
    reader = ber.Reader(content)
    name = reader.octets(ber.OCTET_STRING, "objectName")
    attributes = reader.octets(ber.SEQUENCE, "attributes")
    return ber.octet_string(name) + ber.tlv(ber.SEQUENCE, attributes + more)


def _asked(
    names: Iterable[str], shape: Shape, vocabulary: Vocabulary, seen: Grant
) -> dict[Description, None]:
    """The attributes that a list names of an entry of this shape, those it does not have included.

    That the entry has others than its classes have (a lock, a language) is told to whoever may read them.
    """
    found: dict[Description, None] = {}
    classes = vocabulary.class_set(name.encode() for name in shape.classes)
    held = [one for one in shape.descriptions if seen.read.holds(one.attribute.key, one.operational)]
    for name in names:
        keys: Iterable[str]
        if name == "*":
            user = (one.text.lower() for one in held if not one.operational)
            keys = sorted({*classes.may, *user})
        elif name == "+":
            keys = sorted({*DYNAMIC, *(one.text.lower() for one in held if one.operational)})
        elif name.startswith("@"):
            one = vocabulary.schema.find_object_class(name[1:])
            keys = () if one is None else sorted(one.all_must | one.all_may)
        else:
            keys = (name,)
        for key in keys:
            description = vocabulary.find(key)
            if description is not None and description.attribute.key not in TOLD_OF_RIGHTS:
                found.setdefault(description)
    return found


def _told(on_entry: EntryRights, rights: Sequence[tuple[str, Rights]]) -> Iterator[tuple[str, str]]:
    """As 389 Directory Server writes it."""
    yield "entryLevelRights", on_entry.letters
    yield "attributeLevelRights", ", ".join(f"{name}:{one.letters}" for name, one in rights) or "*:none"


def _told_as_sun(on_entry: EntryRights, rights: Sequence[tuple[str, Rights]]) -> Iterator[tuple[str, str]]:
    """As Sun's servers and OpenDJ write it."""
    writes = on_entry.rename or any(one.add or one.delete for _, one in rights)
    yield (
        "aclRights;entryLevel",
        f"add:{on_entry.add:d},delete:{on_entry.delete:d},read:{on_entry.view:d},write:{writes:d},"
        f"proxy:{on_entry.proxy:d}",
    )
    for name, one in rights:
        yield (
            f"aclRights;attributeLevel;{name}",
            f"search:{one.search:d},read:{one.read:d},compare:{one.compare:d},write:{one.add:d},"
            "selfwrite_add:0,selfwrite_delete:0,proxy:0",
        )
