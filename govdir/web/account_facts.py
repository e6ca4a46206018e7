"""Who somebody is, and how long the password lasts, as the pages of an account tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from govdir.directory.entry import Attributes
from govdir.directory.image import Record
from govdir.directory.password_policy import expires_at
from govdir.directory.password_state import state_of
from govdir.directory.service import Directory
from govdir.mailattrs.moments import day_of
from govdir.mailattrs.places import name_of
from govdir.mailattrs.rotation import password_rules_of
from govdir.policy.citation import Citation
from govdir.policy.model import Pack
from govdir.policy.texts import Language, Wording
from govdir.web import account_texts as texts
from govdir.web.moments import day_text

_SOON_DAYS = 30
"""Within a month the days that are left are told beside the date."""


class Facts(Struct, frozen=True):
    """What people call somebody and where they belong; `bodies` the nearest first, texts may be ""."""

    name: str
    address: str
    aliases: tuple[str, ...]
    login: str
    bodies: tuple[str, ...]
    position: str
    state: str

    @property
    def called(self) -> str:
        """The name, else the address, else the login name."""
        return self.name or self.address or self.login

    @property
    def agency(self) -> str:
        """As people say it: "Văn phòng, Sở Nội vụ"."""
        return ", ".join(self.bodies)

    def state_text(self, tag: str) -> str:
        """The same by the tag of a language, for templates."""
        return self.state_in(Language(tag))

    def state_in(self, language: Language) -> str:
        """The state in words; an unknown one as it is written."""
        wording = texts.STATES.get(self.state.replace("-", "").lower())
        return self.state if wording is None else wording.in_language(language)


class PasswordAge(Struct, frozen=True):
    """Since when a password holds and until when; None where that is not known or has no end.

    `citation` is the article that sets the term.
    """

    changed: datetime | None
    expires: datetime | None
    citation: Citation | None

    def changed_text(self) -> Wording:
        """When it was changed last."""
        if self.changed is None:
            return texts.NEVER_CHANGED
        return texts.CHANGED_ON.filled(day=day_text(self.changed))

    def expiry_text(self, now: datetime) -> Wording:
        """When it expires, and in how many days where that is soon."""
        if self.expires is None:
            return texts.NO_EXPIRY
        day = day_text(self.expires)
        if self.expires <= now:
            return texts.EXPIRED.filled(day=day)
        left = (day_of(self.expires) - day_of(now)).days
        if left == 0:
            return texts.EXPIRES_TODAY.filled(day=day)
        if left <= _SOON_DAYS:
            return texts.EXPIRES_IN.filled(day=day, days=left)
        return texts.EXPIRES_ON.filled(day=day)

    def ends_within(self, days: int, now: datetime) -> bool:
        """Whether it ends in so many days, or has ended."""
        return self.expires is not None and (day_of(self.expires) - day_of(now)).days <= days


def facts_of(record: Record, attributes: Attributes) -> Facts:
    """The facts of an entry; `attributes` are those whoever looks may read."""
    return Facts(
        name=_name(attributes),
        address=attributes.text("mail") or "",
        aliases=attributes.texts("mailLocalAddress"),
        login=attributes.text("uid") or "",
        bodies=tuple(_bodies(record)),
        position=", ".join(attributes.texts("gdPosition") or attributes.texts("title")),
        state=attributes.text("gdState") or "",
    )


def _name(attributes: Attributes) -> str:
    person = attributes.text("cn") if "person" in attributes.object_classes else None
    return person or attributes.text("displayName") or attributes.text("cn") or attributes.text("ou") or ""


def _bodies(record: Record) -> Iterator[str]:
    """The names of the bodies an entry stands in; whoever has signed in may read them."""
    for above in record.ancestors():
        if "gdorganization" in above.shape.classes:
            name = name_of(above.shape.attributes(above.body))
            if name:
                yield name


def password_age(directory: Directory, pack: Pack, record: Record) -> PasswordAge:
    """How old an entry's password is and how long it lasts."""
    attributes = record.shape.attributes(record.body)
    policy, state = directory.password_rules.policy(attributes), state_of(attributes)
    expires = None if policy is None else expires_at(policy, state)
    rules = password_rules_of(pack, attributes) if expires is not None else None
    return PasswordAge(state.changed_at, expires, None if rules is None else rules.rotation_citation)
