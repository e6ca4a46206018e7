"""The bodies of a province laid out as a tree: where each stands and how many people work there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from govdir.mailattrs import labels
from govdir.mailattrs.ladder import Proposal, Subject, propose
from govdir.policy.kinds import MailboxKind
from govdir.policy.model import PROVINCE, Pack
from govdir.sample.province import Agency, Commune, District, Province, Sort, Unit


class Body(Struct, frozen=True):
    """A body or unit with its place in the tree.

    `path` are the labels and `names` the names from the body at the top down to this one; `kind` is its
    gdOrgKind; `address` is "" where the regulation provides no such mailbox; `staff` are those who work in it
    directly, as a proportion; `heads` and `posts` their titles, `leaders`: they lead the province.
    """

    dn: str
    path: tuple[str, ...]
    names: tuple[str, ...]
    kind: MailboxKind
    address: str
    staff: float
    heads: tuple[str, ...]
    posts: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    leaders: bool = False

    @property
    def label(self) -> str:
        """What addresses are made of."""
        return self.path[-1]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.names[-1]

    @property
    def is_agency(self) -> bool:
        """It stands at the top: an agency of the province or a district."""
        return len(self.path) == 1


class LabelNeeded(ValueError):
    """The regulation gives a body no address of its own; its label must stand in the province's data."""

    def __init__(self, body: str, tried: str) -> None:
        super().__init__(f"no address is free for {body!r} (tried: {tried}); register a label for it")


def lay_out(province: Province, pack: Pack) -> tuple[Body, ...]:
    """Every body of the province, parents before children, with the labels its regulation gives.

    Raises LabelNeeded.
    """
    return tuple(_Layout(province, pack).bodies())


def find_body(bodies: Sequence[Body], place: Sequence[str]) -> Body:
    """The body at `place`, names or labels from the top downwards; raises LookupError."""
    for body in bodies:
        steps = tuple(zip(body.path, body.names, strict=True))
        if len(steps) == len(place) and all(map(tuple.__contains__, steps, place)):
            return body
    raise LookupError(f"no body is called {' / '.join(place)}")


class _Place(Struct, frozen=True):
    """Where a body stands for what is in it: its DN, path and names, the place that forms of addresses are
    for (AddressForm.within), and what these can be made of (templates.PLACE_FIELDS)."""

    dn: str
    path: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    kind: str = PROVINCE
    fields: Mapping[str, str] = {}


class _Layout:
    """Gives labels and addresses in the order of the tree, none of them twice."""

    def __init__(self, province: Province, pack: Pack) -> None:
        self._province = province
        self._pack = pack
        self._taken: set[str] = set()
        self._dns: set[str] = set()

    def bodies(self) -> Iterator[Body]:
        root = _Place(f"ou=orgs,{self._province.suffix}")
        for agency in self._province.agencies:
            yield from self._agency(agency, root)
        for district in self._province.districts:
            yield from self._district(district, root)

    def _agency(self, agency: Agency, root: _Place) -> Iterator[Body]:
        sort = self._province.sorts[agency.sort]
        if agency.staff is not None:
            sort = replace(sort, staff=agency.staff)
        if agency.heads is not None:
            sort = replace(sort, heads=agency.heads)
        top, place = self._of_sort(sort, agency.name, agency.label, root)
        yield from self._with_units(replace(top, aliases=agency.aliases), place, (*sort.units, *agency.units))

    def _district(self, district: District, root: _Place) -> Iterator[Body]:
        sort = self._province.sorts[district.sort]
        top, place = self._of_sort(sort, district.name, district.label, root)
        yield from self._with_units(top, place, sort.units)
        for each in district.communes:
            commune = Commune(each) if isinstance(each, str) else each
            yield self._of_sort(self._province.sorts["commune"], commune.name, commune.label, place)[0]

    def _with_units(self, top: Body, place: _Place, units: Sequence[Unit]) -> Iterator[Body]:
        """The body, then its units; the units share the people who are not at the top, as their sizes are."""
        if not units:
            yield top
            return
        at_top = len(top.heads)
        yield replace(top, staff=at_top)
        share = (top.staff - at_top) / sum(unit.staff for unit in units)
        for unit in units:
            sort = Sort(unit.kind, unit.staff, unit.heads, unit.posts)
            body, _ = self._of_sort(sort, unit.name, unit.label, place)
            yield replace(body, staff=unit.staff * share)

    def _of_sort(self, sort: Sort, name: str, registered: str, above: _Place) -> tuple[Body, _Place]:
        """The body with everybody in it, and itself as the place of others."""
        name = sort.called.format(name=name)
        settled = self._settle(sort.kind, name, registered, above)
        dn = f"ou={settled.label},{above.dn}"
        self._dns.add(dn)
        path, names = (*above.path, settled.label), (*above.names, name)
        body = Body(
            dn,
            path,
            names,
            sort.kind,
            settled.address,
            sort.staff,
            sort.heads,
            sort.posts,
            leaders=sort.leaders,
        )
        return body, _Place(dn, path, names, sort.kind, settled.fields)

    def _settle(self, kind: MailboxKind, name: str, registered: str, above: _Place) -> _Settled:
        rules = self._pack.mailbox(kind)
        if rules is None:
            return _Settled(registered or self._free_label(name, above), "", {})
        fields = labels.fields(
            rules, self._pack.words, name=name, label=registered or None, place=above.fields
        )
        override = labels.find_override(self._pack, kind, name, (*above.path[-1:], *above.names[-1:]))
        outcome = propose(self._pack, Subject(rules, fields, above.kind, override), self._taken.__contains__)
        if not isinstance(outcome, Proposal):
            raise LabelNeeded(name, outcome.tried)
        self._taken.update((outcome.address, *outcome.aliases))
        local = outcome.local_part
        by_ladder = outcome.candidate.rank > 0
        label = registered or labels.registered_label(kind, local, fields, by_ladder=by_ladder)
        domain = labels.domain_label(rules, {**fields, "label": label}, override) or label
        inside = {"parent": label, "parent.domain": domain, "agency": local, "body": local}
        return _Settled(label, outcome.address, inside)

    def _free_label(self, name: str, above: _Place) -> str:
        """The shortest label that no body beside this one has."""
        ladder = labels.read_name(name, self._pack.words).ladder()
        for label in ladder:
            if f"ou={label},{above.dn}" not in self._dns:
                return label
        raise LabelNeeded(name, ", ".join(ladder))


class _Settled(Struct, frozen=True):
    """A body's label and address, and what addresses in it can be made of."""

    label: str
    address: str
    fields: Mapping[str, str]


def apportion(people: int, bodies: tuple[Body, ...]) -> tuple[int, ...]:
    """How many of `people` work in each body: by staff, rounded so that the sum is `people`.

    The largest remainders get the people that rounding down leaves; of equal ones, the first in the tree.
    """
    total = sum(body.staff for body in bodies)
    exact = [people * body.staff / total for body in bodies]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(bodies)), key=lambda index: counts[index] - exact[index])
    for index in by_remainder[: people - sum(counts)]:
        counts[index] += 1
    return tuple(counts)
