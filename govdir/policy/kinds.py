"""The kinds of mailboxes and of ranks that rules tell apart."""

from __future__ import annotations

from enum import StrEnum


class MailboxKind(StrEnum):
    """Whose mailbox it is; the values are the words of the command line."""

    PERSON = "person"
    LEADER = "leader"
    AGENCY = "agency"
    UNIT = "unit"
    DISTRICT = "district"
    COMMUNE = "commune"
    LIST = "list"

    @property
    def attribute_value(self) -> str:
        """The value of gdMailboxKind, which says "org" for an agency."""
        return "org" if self is MailboxKind.AGENCY else self.value

    @property
    def is_personal(self) -> bool:
        """Its address comes from a person's name."""
        return self in (MailboxKind.PERSON, MailboxKind.LEADER)

    @property
    def is_body(self) -> bool:
        """Its address comes from the name or label of an organisation."""
        return self in (MailboxKind.AGENCY, MailboxKind.UNIT, MailboxKind.DISTRICT, MailboxKind.COMMUNE)


class RankClass(StrEnum):
    """Values of gdRankClass: leaders of provincial agencies, districts and above, and everybody else."""

    LEADER = "leader"
    STAFF = "staff"
