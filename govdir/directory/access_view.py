"""The access rules as they bear on one caller: its answer for every entry.

The answer depends on the entry's shape, the container it lies in and its relation to the caller, so it is
worked out once per such combination.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from govdir.directory.access import EVERYTHING, NOTHING, AccessRules, Grant, Rule
from govdir.directory.caller import Caller, Role
from govdir.directory.identity import IDENTITY_CLASSES, Seen, Standing, Warrant
from govdir.directory.image import Image, Record
from govdir.directory.roles import NO_POWERS, ROLE_CLASS, HeldRole, Powers
from govdir.directory.shape import Shape
from govdir.directory.special import SPECIAL_CLASSES

# Callers' roles times shapes times containers: a few hundred; more means something is odd, start anew.
MAX_REMEMBERED_GRANTS = 4096

# Only administrators make entries of these classes, or change such: they are rights by themselves, or send
# other callers elsewhere.
GUARDED_CLASSES = IDENTITY_CLASSES | {ROLE_CLASS} | SPECIAL_CLASSES

# Rules of these do not hold alike for every entry they name.
_BY_ENTRY = frozenset({"self", "agency-admin", HeldRole.APPROVER, HeldRole.OPERATOR})


class Within(Enum):
    """How an entry stands to the organisations that name a caller."""

    NONE = 0
    ITSELF = 1
    BELOW = 2


class Relation(Struct, frozen=True):
    """How an entry stands to a caller: whether it is its own or a container, the organisations the caller
    administers and approves for, and whether it holds rights the caller lacks."""

    own: bool
    container: bool
    administered: Within = Within.NONE
    approved: Within = Within.NONE
    beyond: bool = False


class AccessView:
    """The rules as they bear on one caller, whose roles and offices are followed as they change."""

    def __init__(
        self,
        rules: AccessRules,
        caller: Caller,
        image: Image,
        seen: Seen | None = None,
        warrant: Warrant | None = None,
    ) -> None:
        self.caller = caller
        self.era = 0
        self._all_rules = rules
        self._image = image
        self._standing = Standing(caller, image, seen, warrant)
        self._record = self._standing.record
        self._is_person = caller.role is Role.PERSON
        self._rights_era = -1
        self._powers = NO_POWERS
        self._apply_powers()

    @property
    def caller_dn(self) -> str:
        """The caller's present name, which renames change; "" for callers without one."""
        return self._standing.dn

    @property
    def stands(self) -> bool:
        """Whether the caller's own entry still is what it signed in as."""
        if self._is_person and self._rights_era != self._image.rights_era:
            self._refresh()
        return self._standing.holds

    def confirm(self) -> None:
        """The caller has changed its own entry, and goes on as what it is now."""
        self._standing.confirm()

    @property
    def powers(self) -> Powers:
        """The roles and offices the caller holds now."""
        if self._is_person and self._rights_era != self._image.rights_era:
            self._refresh()
        return self._powers

    @property
    def search_limit(self) -> int:
        """How many entries one search may return, 0 for any number."""
        return self._all_rules.search_limit(self.caller, self.powers)

    @property
    def is_administrator(self) -> bool:
        """Whether it may do everything, and make others administrators and services."""
        role = self.caller.role
        return role in (Role.ADMINISTRATOR, Role.LOCAL) or HeldRole.ADMINISTRATOR in self.powers.roles

    @property
    def is_operator(self) -> bool:
        """Whether it decides where the regulation leaves the choice to the system's operator."""
        return self.is_administrator or HeldRole.OPERATOR in self.powers.roles

    @property
    def sees_operation(self) -> bool:
        """Whether it may see how the server is doing: administrators, operators and auditors."""
        return self.is_operator or HeldRole.AUDITOR in self.powers.roles

    def may_approve(self, place: Record | None) -> bool:
        """Whether it lets new mailboxes begin at `place` or below it."""
        powers = self.powers
        if self.is_operator or HeldRole.APPROVER in powers.roles:
            return True
        return place is not None and any(place.is_under(body) for body in powers.approves)

    def may_act_as(self, record: Record) -> bool:
        """Whether it may ask in this entry's name: administrators for everybody, a service that has the right
        for those who hold no rights beyond their own."""
        grant = self.grant(record)
        if not grant.visible:
            return False
        if self.is_administrator:
            return True
        plain = GUARDED_CLASSES.isdisjoint(record.shape.classes)
        return "proxy" in grant.rights and plain and self._image.offices.of(record) == NO_POWERS

    def grant(self, record: Record) -> Grant:
        """What the caller may do with this entry."""
        if self._is_person and self._rights_era != self._image.rights_era:
            self._refresh()
        constant = self._constant
        if constant is not None:
            return constant
        container = record.container
        relation = self._relation(record) if self._powers is not NO_POWERS else None
        own = record is self._record
        key = (record.shape, container, own, relation)
        held = self._remembered.get(key)
        if held is None:
            held = self._decide(record, container, relation or Relation(own, _is_container(record)))
            held = self._distinct.setdefault(held.content, held)
            if len(self._remembered) >= MAX_REMEMBERED_GRANTS:
                self._remembered.clear()
            self._remembered[key] = held
        return held

    # -- the caller's powers -------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Takes note of roles and offices given or taken away, by this process or another."""
        self._rights_era = self._image.rights_era
        powers = NO_POWERS if self._record is None else self._image.offices.of(self._record)
        if powers != self._powers:
            self._powers = powers
            self.era += 1
            self._apply_powers()

    def _apply_powers(self) -> None:
        names = _applicable(self.caller, self._powers)
        self._rules = [rule for rule in self._all_rules.rules if rule.who in names]
        self._remembered: dict[tuple[Shape, str | None, bool, Relation | None], Grant] = {}
        self._distinct: dict[tuple[object, ...], Grant] = {}
        self._constant = _constant_grant(self.caller, self._rules)

    def _relation(self, record: Record) -> Relation:
        mine = self._powers
        guarded = not GUARDED_CLASSES.isdisjoint(record.shape.classes)
        return Relation(
            record is self._record,
            _is_container(record),
            _within(record, mine.administers),
            _within(record, mine.approves),
            beyond=guarded or not mine.covers(self._image.offices.of(record)),
        )

    # -- the rules -----------------------------------------------------------------------------------------

    def _decide(self, record: Record, container: str | None, relation: Relation) -> Grant:
        total = NOTHING
        for rule in self._rules:
            if rule.under is not None and rule.under != container:
                continue
            if rule.classes and not rule.classes & record.shape.classes:
                continue
            if rule.receiving and not record.shape.receives:
                continue
            grant = self._granted(rule, relation)
            if grant is not None:
                # Whoever renames a container moves all below it out of every rule's sight.
                total = total.union(grant.staying if rule.under and relation.container else grant)
        return total

    def _granted(self, rule: Rule, relation: Relation) -> Grant | None:
        """What the rule grants, None when it is not for this entry.

        To set somebody's password, to suspend or to delete is to take its rights: whoever holds some that the
        caller lacks is only read.
        """
        if rule.who == "self":
            return rule.grant if relation.own else None
        if rule.who == "agency-admin":
            return _graded(rule.grant, relation.administered, rule.grant.staying, beyond=relation.beyond)
        if rule.who == HeldRole.APPROVER:
            within = Within.BELOW if HeldRole.APPROVER in self._powers.roles else relation.approved
            beyond = relation.beyond or relation.own
            return _graded(rule.grant, within, rule.grant.reading, beyond=beyond)
        if rule.who == HeldRole.OPERATOR and relation.beyond:
            return rule.grant.reading
        return rule.grant


def _graded(grant: Grant, within: Within, itself: Grant, *, beyond: bool) -> Grant | None:
    """The grant for an entry below an organisation; `itself` for the organisation."""
    if within is Within.NONE:
        return None
    if beyond:
        return grant.reading
    return itself if within is Within.ITSELF else grant


def _within(record: Record, bodies: tuple[Record, ...]) -> Within:
    over = [body for body in bodies if record.is_under(body)]
    if not over:
        return Within.NONE
    return Within.ITSELF if over == [record] else Within.BELOW


def _is_container(record: Record) -> bool:
    return record.parent is not None and record.parent.parent is None


def _constant_grant(caller: Caller, rules: list[Rule]) -> Grant | None:
    """The grant that is the same for every entry, None when it differs."""
    if caller.role is Role.LOCAL:
        return EVERYTHING
    if not rules:
        return NOTHING
    only = rules[0]
    everywhere = only.under is None and not only.classes and not only.receiving and only.who not in _BY_ENTRY
    return only.grant if len(rules) == 1 and everywhere else None


def _applicable(caller: Caller, powers: Powers) -> set[str]:
    """The words of `who` that are for the caller."""
    if caller.role is Role.ANONYMOUS:
        return {"anonymous"}
    if caller.role is Role.ADMINISTRATOR or HeldRole.ADMINISTRATOR in powers.roles:
        return {HeldRole.ADMINISTRATOR.value}
    names = {"authenticated", "self"}
    if caller.role is Role.SERVICE:
        return names | {f"service:{caller.service_kind}"}
    names |= {"person", *(role.value for role in powers.roles)}
    if powers.administers:
        names.add("agency-admin")
    if powers.approves:
        names.add(HeldRole.APPROVER.value)
    return names
