"""Fields of a query or of a form: each at most once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl

# The longest form of ours has some ten fields, a SAML message four.
MAX_FIELDS = 64


class BadFields(Exception):
    """The fields cannot be read, or one comes twice: which one is meant would be anybody's guess."""


class Fields(Mapping[str, str]):
    """Names and values of `application/x-www-form-urlencoded` octets; blank values are kept.

    They are read when they are first asked for, since some of who get octets here read them themselves
    (saml.redirect); everything raises BadFields then.
    """

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._values: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return "Fields(<hidden>)"

    def _read(self) -> dict[str, str]:
        if self._values is None:
            try:
                text = self._octets.decode("ascii")
                pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
            except ValueError:
                raise BadFields from None
            self._values = dict(pairs)
            if len(self._values) != len(pairs):
                self._values = None
                raise BadFields
        return self._values
