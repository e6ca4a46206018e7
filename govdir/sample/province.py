"""A province's bodies, posts and named people, read from `data/<province>.toml`."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

_USUAL_UNIT_STAFF = 8


class UnknownProvince(LookupError):
    """There is no sample for a province of that name; `known` are those that have one."""

    def __init__(self, province: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no sample data for province {province!r}; there is for: {', '.join(known)}")
        self.known = known


class Unit(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit (đơn vị) inside a body. `heads` are the titles at its top, `posts` those of the others."""

    label: str
    name: str
    staff: int = _USUAL_UNIT_STAFF
    heads: tuple[str, ...] = ("Trưởng phòng", "Phó Trưởng phòng")
    posts: tuple[str, ...] = ("Chuyên viên",)


class Sort(Struct, frozen=True, forbid_unknown_fields=True):
    """What bodies of one sort have in common; `kind` is their gdOrgKind."""

    kind: str
    staff: int
    heads: tuple[str, ...]
    posts: tuple[str, ...] = ("Chuyên viên",)
    units: tuple[Unit, ...] = ()


class Agency(Struct, frozen=True, forbid_unknown_fields=True):
    """An agency; what it leaves out is as in its sort, and its own units come after those of the sort."""

    label: str
    name: str
    sort: str
    staff: int | None = None
    heads: tuple[str, ...] | None = None
    units: tuple[Unit, ...] = ()
    aliases: tuple[str, ...] = ()


class Commune(Struct, frozen=True, forbid_unknown_fields=True):
    """A ward, commune or township; always of the sort "commune"."""

    label: str
    name: str


class District(Struct, frozen=True, forbid_unknown_fields=True):
    """A district with its communes."""

    label: str
    name: str
    sort: str
    communes: tuple[Commune, ...]


class NamedPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody whom the regulation uses as an example; `place` are the labels from the body downwards,
    `aliases` the local parts of further addresses."""

    surname: str
    middle: str
    given: str
    place: tuple[str, ...]
    title: str
    aliases: tuple[str, ...] = ()


class Province(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the sample knows of a province. Telephone numbers begin with `area_code`."""

    province: str
    suffix: str
    area_code: str
    sorts: dict[str, Sort]
    agencies: tuple[Agency, ...]
    districts: tuple[District, ...]
    people: tuple[NamedPerson, ...] = ()

    @property
    def domain(self) -> str:
        """The mail domain: the suffix as a domain name (RFC 2247)."""
        return ".".join(part.partition("=")[2] for part in self.suffix.split(","))


def provinces() -> tuple[str, ...]:
    """The provinces that have a sample, sorted."""
    files = (resources.files("govdir.sample") / "data").iterdir()
    names = (file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))
    return tuple(sorted(name for name in names if name != "names"))


@cache
def load_province(province: str) -> Province:
    """The sample data of `province`. Raises UnknownProvince."""
    known = provinces()
    if province not in known:
        raise UnknownProvince(province, known)
    text = (resources.files("govdir.sample") / "data" / f"{province}.toml").read_bytes()
    return msgspec.toml.decode(text, type=Province)
