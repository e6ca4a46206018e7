"""The bodies that a list names in its column of units: by label, address, name, or "unit, agency"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from govdir.cli.local import LocalDirectory
from govdir.cli.org_lookup import all_bodies, label_of, names_of
from govdir.cli.people import Found, name_of
from govdir.directory.entry import Attributes
from govdir.mailattrs.folding import fold, name_key
from govdir.mailattrs.labels import read_name
from govdir.mailattrs.names import InvalidName
from govdir.policy.model import MailboxKind, Pack
from govdir.policy.texts import Wording

_SUGGESTIONS: Final = 3
_LIKENESS: Final = 0.6
_BETWEEN = re.compile(r"\s*(?:[,;/|]|\s[-–—]\s|\bthuộc\b|\btrực thuộc\b)\s*")

_NO_BODY = Wording(
    "Cột đơn vị để trống; hãy điền, hoặc chọn nơi nhận cả danh sách bằng --in.",
    "The column of units is empty here; fill it in, or name the body of the whole list with --in.",
)
_UNKNOWN = Wording("Danh bạ không có cơ quan, đơn vị “{body}”{place}.", "There is no body “{body}”{place}.")
_WITHIN = Wording(" trong {name}", " in {name}")
_ALIKE = Wording("{why} Gần giống: {alike}.", "{why} Much alike: {alike}.")
_SEVERAL = Wording(
    "“{body}” chỉ nhiều đơn vị: {alike}; hãy ghi cả cơ quan, ví dụ “{example}”, hoặc dùng --in.",
    "“{body}” is several bodies: {alike}; write the agency too, such as “{example}”, or use --in.",
)


class UnknownBody(Exception):
    """No body, or no single one, is meant; `why` says so."""

    rule = "body"

    def __init__(self, why: Wording) -> None:
        super().__init__(why.en)
        self.why = why


class Body:
    """A body with the ones above it, the nearest first."""

    def __init__(self, found: Found, path: tuple[str, ...], above: Sequence[Body]) -> None:
        self.found = found
        self.path = path
        self.above = tuple(above)

    @property
    def dn(self) -> str:
        """As stored."""
        return self.found.dn

    @property
    def name(self) -> str:
        """As people say it: "Văn phòng, Sở Nội vụ"."""
        return ", ".join(name_of(each.found.attributes) for each in (self, *self.above))

    def attributes(self) -> list[Attributes]:
        """Its own, then those of the bodies above."""
        return [each.found.attributes for each in (self, *self.above)]

    def within(self, other: Body) -> bool:
        """Whether it is that body or stands in it."""
        return self.path[: len(other.path)] == other.path


class Bodies:
    """Every body of the directory by what it may be called; `top` narrows to one and those within."""

    def __init__(self, local: LocalDirectory, top: Found | None) -> None:
        self._pack: Pack = local.core.pack
        self._called: dict[str, list[Body]] = {}
        self._short: dict[str, list[Body]] = {}
        self._known: dict[str, tuple[Body, ...]] = {}
        by_path: dict[tuple[str, ...], Body] = {}
        found = [(local.directory.path_of(each.dn) or (), each) for each in all_bodies(local)]
        for path, each in sorted(found, key=lambda pair: len(pair[0])):
            ends = range(len(path) - 1, 0, -1)
            above = next((by_path[path[:end]] for end in ends if path[:end] in by_path), None)
            by_path[path] = Body(each, path, () if above is None else (above, *above.above))
        self.top = None if top is None else by_path[local.directory.path_of(top.dn) or ()]
        for body in by_path.values():
            if self.top is None or body.within(self.top):
                for text in _names(body):
                    self._called.setdefault(text, []).append(body)
                for text in self._abbreviations(name_of(body.found.attributes)):
                    self._short.setdefault(text, []).append(body)

    def find(self, text: str) -> Body:
        """The body meant; "" is that of the whole list. Raises UnknownBody."""
        if not text:
            if self.top is None:
                raise UnknownBody(_NO_BODY)
            return self.top
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = tuple(dict.fromkeys(self._meant(text)))
        if not found:
            raise UnknownBody(self._unknown(text))
        if len(found) > 1:
            alike = "; ".join(body.name for body in found[:_SUGGESTIONS])
            raise UnknownBody(_SEVERAL.filled(body=text, alike=alike, example=found[0].name))
        return found[0]

    def _meant(self, text: str) -> Sequence[Body]:
        return self._by_name(text) or list(self._by_parts(text)) or self._by_abbreviation(text)

    def _by_name(self, text: str) -> Sequence[Body]:
        """By a name of its own; of several the one nearest to the top of the list, if that is one."""
        lowered = " ".join(text.lower().split())
        found = self._called.get(lowered) or self._called.get(name_key(text)) or []
        if self.top is None or len(found) < 2:
            return found
        depth = min(len(body.path) for body in found)
        return [body for body in found if len(body.path) == depth]

    def _by_parts(self, text: str) -> Iterator[Body]:
        """ "Văn phòng, Sở Nội vụ" and "Sở Nội vụ - Văn phòng", wherever the name is cut in two."""
        for cut in _BETWEEN.finditer(text):
            parts = text[: cut.start()], text[cut.end() :]
            for inner, outer in (parts, parts[::-1]):
                outers = self._named(outer)
                for body in self._named(inner):
                    if any(body is not other and body.within(other) for other in outers):
                        yield body

    def _named(self, text: str) -> Sequence[Body]:
        found = self._called.get(" ".join(text.lower().split())) or self._called.get(name_key(text))
        return found or self._by_abbreviation(text)

    def _by_abbreviation(self, text: str) -> Sequence[Body]:
        """ "Sở KH&ĐT" and "stttt": by the label that such a name suggests, else by what names shorten to."""
        short = self._abbreviations(text)
        for known in (self._called, self._short):
            for each in (*short, text.lower(), fold(text)):
                if each in known:
                    return known[each]
        return ()

    def _abbreviations(self, name: str) -> tuple[str, ...]:
        """What a name shortens to in the province's style, and its initials; () for a single word's."""
        agency = self._pack.mailbox(MailboxKind.AGENCY)
        try:
            read = read_name(name, self._pack.words, agency.spelled if agency is not None else ())
        except InvalidName:
            return ()
        return tuple(dict.fromkeys(each for each in (read.style, read.initials) if len(each) > 1))

    def _unknown(self, text: str) -> Wording:
        place = Wording("", "")
        if self.top is not None:
            place = _WITHIN.filled(name=self.top.name)
        why = _UNKNOWN.filled(body=text, place=place)
        near = get_close_matches(name_key(text), self._called, _SUGGESTIONS, _LIKENESS)
        alike = dict.fromkeys(body for each in near for body in self._called[each])
        if not alike:
            return why
        told = "; ".join(f"{body.name} ({label_of(body.found)})" for body in list(alike)[:_SUGGESTIONS])
        return _ALIKE.filled(why=why, alike=told)


def _names(body: Body) -> set[str]:
    """Everything it may be called: addresses, local parts, labels, DN, and folded names."""
    texts = {body.dn.lower(), label_of(body.found).lower(), *names_of(body.found)}
    for address in body.found.addresses:
        texts |= {address, address.partition("@")[0]}
    return texts - {""}
