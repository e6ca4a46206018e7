"""Several LDIF files read as one, with a line number that tells the file too."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path

from govdir.cli.language import say
from govdir.cli.outcome import Refused
from govdir.ldap.codec.ldif import ChangeRecord, ContentRecord, LdifError, parse_ldif
from govdir.policy.texts import Wording

Record = ContentRecord | ChangeRecord

STANDARD_INPUT = Path("-")

# Lines of the second file count on from here, those of the third from twice as much.
_STRIDE = 1 << 40

_MIXED = Wording(
    "{first} chứa mục, {second} chứa thay đổi: hãy nhập riêng.",
    "{first} holds entries, {second} holds changes: import them one after the other.",
)
_EMPTY = Wording("không có gì để nhập.", "there is nothing to import.")


class LdifFiles:
    """The files of one import; all hold entries or all hold changes."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self.hold_content = True

    @contextmanager
    def open(self) -> Iterator[Iterator[Record]]:
        """The records of all files. Raises Refused for the first line that is no LDIF, OSError."""
        with ExitStack() as files:
            streams: dict[type[Record], list[Iterator[Record]]] = {}
            named: dict[type[Record], Path] = {}
            for index, path in enumerate(self._paths):
                file = sys.stdin.buffer if path == STANDARD_INPUT else files.enter_context(path.open("rb"))
                records = self._numbered(index, parse_ldif(file))
                first = next(records, None)
                if first is not None:
                    streams.setdefault(type(first), []).append(chain((first,), records))
                    named.setdefault(type(first), path)
            if not streams:
                raise Refused(say(_EMPTY))
            if len(streams) > 1:
                raise Refused(say(_MIXED, first=named[ContentRecord], second=named[ChangeRecord]))
            self.hold_content = ContentRecord in streams
            yield chain.from_iterable(*streams.values())

    def _numbered(self, index: int, records: Iterator[Record]) -> Iterator[Record]:
        """The records of one file; `line` tells the file too."""
        offset = index * _STRIDE
        try:
            if not offset:
                yield from records
                return
            for record in records:
                if isinstance(record, ContentRecord):
                    yield ContentRecord(offset + record.line, record.dn, record.attributes)
                else:
                    yield ChangeRecord(offset + record.line, record.request, record.controls)
        except LdifError as error:
            raise Refused(self.told(offset + error.line, error.why)) from None

    @staticmethod
    def file_of(line: int) -> int:
        """Which of the files a line is of, from 0."""
        return line // _STRIDE

    def told(self, line: int, text: str) -> str:
        """The text with file and line before it, as compilers write it."""
        index, line = divmod(line, _STRIDE)
        return f"{self._paths[index]}:{line}: {text}"
