"""Until when further addresses receive: gdAddressUntil, "address time" for each that is not for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.password_policy import add_months
from govdir.mailattrs.change import EntryChange, has_address
from govdir.mailattrs.moments import stored
from govdir.mailattrs.refusals import Refusals
from govdir.policy.model import Pack
from govdir.policy.texts import Wording
from govdir.schema.errors import InvalidValue
from govdir.schema.times import parse_generalized_time

ATTRIBUTE: Final = "gdAddressUntil"

_MALFORMED: Final = Wording(
    "gdAddressUntil “{value}” không đúng dạng: địa chỉ, một dấu cách, thời điểm, như “cu@tinh.gov.vn "
    "20270630170000Z”.",
    "The gdAddressUntil “{value}” is no address, blank and time, such as “old@tinh.gov.vn 20270630170000Z”.",
)
_NOT_ITS: Final = Wording(
    "gdAddressUntil nêu {address}, không phải địa chỉ phụ (mailLocalAddress) của mục này.",
    "gdAddressUntil names {address}, which is no further address (mailLocalAddress) of this entry.",
)
_TWICE: Final = Wording(
    "gdAddressUntil nêu {address} hai lần.", "gdAddressUntil names {address} more than once."
)


class Term(Struct, frozen=True):
    """`address` (lower case) receives until `until` (aware, UTC); `text` is the value as it is stored."""

    address: str
    until: datetime
    text: str


def terms_of(entry: Attributes) -> tuple[Term, ...]:
    """The terms an entry states; what broke the syntax before it was checked is left out."""
    return tuple(term for text in entry.texts(ATTRIBUTE) if (term := read_term(text)) is not None)


def read_term(text: str) -> Term | None:
    """One value of gdAddressUntil; None where it is malformed."""
    address, _, time = text.strip().rpartition(" ")
    address = address.strip().lower()
    if "@" not in address or " " in address:
        return None
    try:
        return Term(address, parse_generalized_time(time), text)
    except (InvalidValue, OverflowError):
        return None


def term_text(address: str, until: datetime) -> str:
    """A value of gdAddressUntil."""
    return f"{address.lower()} {stored(until)}"


class AddressTerms:
    """One pack's rules on gdAddressUntil; `months`: how long the address before a rename goes on receiving,
    0: for good. Methods raise RuleViolation."""

    def __init__(self, pack: Pack, refusals: Refusals, months: int) -> None:
        self._pack = pack
        self._refusals = refusals
        self._months = months

    def begin(self, change: EntryChange) -> None:
        """The terms of a new mailbox or list: each of an address it has."""
        self._settle(None, change.entry)

    def follow(self, before: Attributes, change: EntryChange) -> None:
        """New terms name addresses that the entry has. Those of addresses that are gone, or are the primary
        one again, go; the address before a rename gets one where the configuration says so. An address whose
        term took it away is noted as a former one."""
        entry = change.entry
        terms = self._settle(before, entry)
        self._note_former(before, change)
        mail, aliases = before.text("mail"), _aliases(entry)
        if not self._months or mail is None or not has_address(before.object_classes):
            return
        former = mail.lower()
        if former in aliases and former not in _aliases(before) and former not in terms:
            until = add_months(change.near.moment, self._months)
            entry.replace(ATTRIBUTE, (*entry.texts(ATTRIBUTE), term_text(former, until)))

    def _settle(self, before: Attributes | None, entry: Attributes) -> frozenset[str]:
        """Writes the terms in one spelling; the addresses they are of."""
        said = entry.texts(ATTRIBUTE)
        if not said:
            return frozenset()
        aliases = _aliases(entry)
        known = frozenset() if before is None else frozenset(before.texts(ATTRIBUTE))
        terms = dict(self._checked(said, known, aliases))
        if said != tuple(terms.values()):
            entry.replace(ATTRIBUTE, terms.values())
        return frozenset(terms)

    def _checked(
        self, said: tuple[str, ...], known: frozenset[str], aliases: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        seen: set[str] = set()
        for text in said:
            term = read_term(text)
            if term is not None and term.address in aliases and term.address not in seen:
                seen.add(term.address)
                yield term.address, term_text(term.address, term.until)
            elif text not in known:
                raise self._refused(text, term, seen)

    def _refused(self, text: str, term: Term | None, seen: set[str]) -> Exception:
        if term is None:
            why = _MALFORMED.filled(value=text)
        else:
            why = (_TWICE if term.address in seen else _NOT_ITS).filled(address=term.address)
        return self._refusals.violation("address-until", why, self._pack.unique_citation)

    @staticmethod
    def _note_former(before: Attributes, change: EntryChange) -> None:
        entry, now = change.entry, change.near.moment
        held = _aliases(entry) | {text.lower() for text in entry.texts("mail")}
        known = {text.lower() for text in entry.texts("gdPreviousAddress")}
        ended = [term.address for term in terms_of(before) if term.until <= now]
        fresh = [address for address in ended if address not in held and address not in known]
        if fresh:
            entry.replace("gdPreviousAddress", (*entry.texts("gdPreviousAddress"), *fresh))


def _aliases(entry: Attributes) -> frozenset[str]:
    return frozenset(text.lower() for text in entry.texts("mailLocalAddress"))
