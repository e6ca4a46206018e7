"""The bodies of a province laid out as a tree: where each stands and how many people work there."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec import Struct

from govdir.sample.province import Agency, District, Province, Sort, Unit


class Body(Struct, frozen=True):
    """A body or unit with its place in the tree.

    `path` are the labels from the body at the top down to this one; `kind` is its gdOrgKind; `staff` the
    people who work in it directly, as a proportion; `heads` and `posts` their titles.
    """

    dn: str
    path: tuple[str, ...]
    name: str
    kind: str
    staff: float
    heads: tuple[str, ...]
    posts: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What addresses are made of."""
        return self.path[-1]

    @property
    def is_agency(self) -> bool:
        """It stands at the top: an agency of the province or a district."""
        return len(self.path) == 1


def lay_out(province: Province) -> tuple[Body, ...]:
    """Every body of the province, parents before children."""
    root = f"ou=orgs,{province.suffix}"
    agencies = (_agency(agency, province, root) for agency in province.agencies)
    districts = (_district(district, province, root) for district in province.districts)
    return tuple(chain(chain.from_iterable(agencies), chain.from_iterable(districts)))


def _agency(agency: Agency, province: Province, root: str) -> Iterator[Body]:
    sort = province.sorts[agency.sort]
    top = Body(
        dn=f"ou={agency.label},{root}",
        path=(agency.label,),
        name=agency.name,
        kind=sort.kind,
        staff=sort.staff if agency.staff is None else agency.staff,
        heads=sort.heads if agency.heads is None else agency.heads,
        posts=sort.posts,
        aliases=agency.aliases,
    )
    yield from _with_units(top, sort.units + agency.units)


def _district(district: District, province: Province, root: str) -> Iterator[Body]:
    top = _of_sort(
        province.sorts[district.sort], f"ou={district.label},{root}", (district.label,), district.name
    )
    yield from _with_units(top, province.sorts[district.sort].units)
    for commune in district.communes:
        dn = f"ou={commune.label},{top.dn}"
        yield _of_sort(province.sorts["commune"], dn, (district.label, commune.label), commune.name)


def _of_sort(sort: Sort, dn: str, path: tuple[str, ...], name: str) -> Body:
    return Body(dn, path, name, sort.kind, sort.staff, sort.heads, sort.posts)


def _with_units(top: Body, units: tuple[Unit, ...]) -> Iterator[Body]:
    """The body, then its units; the units share the people who are not at the top, as their sizes are."""
    staff_in_units = top.staff - len(top.heads)
    yield Body(top.dn, top.path, top.name, top.kind, len(top.heads), top.heads, top.posts, top.aliases)
    share = staff_in_units / sum(unit.staff for unit in units)
    for unit in units:
        yield Body(
            dn=f"ou={unit.label},{top.dn}",
            path=(*top.path, unit.label),
            name=unit.name,
            kind="unit",
            staff=unit.staff * share,
            heads=unit.heads,
            posts=unit.posts,
        )


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
