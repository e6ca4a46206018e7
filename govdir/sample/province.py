"""A province's bodies, posts and named people, read from `data/<province>.toml`."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from govdir.policy.kinds import MailboxKind
from govdir.sample.names import PersonName, written_name

_USUAL_UNIT_STAFF = 8
_NO_PROVINCES = frozenset({"names", "usual"})


class UnknownProvince(LookupError):
    """There is no sample for a province of that name; `known` are those that have one."""

    def __init__(self, province: str, known: tuple[str, ...]) -> None:
        super().__init__(f"no sample data for province {province!r}; there is for: {', '.join(known)}")
        self.known = known


class Unit(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit (đơn vị) inside a body. `heads` are the titles at its top, `posts` those of the others.

    Here and below `label` is what addresses are made of, "" to leave it to the regulation; `kind` is the
    gdOrgKind, of a unit another one where the mail system treats it as an agency.
    """

    name: str
    label: str = ""
    kind: MailboxKind = MailboxKind.UNIT
    staff: int = _USUAL_UNIT_STAFF
    heads: tuple[str, ...] = ("Trưởng phòng", "Phó Trưởng phòng")
    posts: tuple[str, ...] = ("Chuyên viên",)


class Sort(Struct, frozen=True, forbid_unknown_fields=True):
    """What bodies of one sort have in common.

    `called` makes a body's full name of its name; `leaders` says that everybody in it leads the province.
    """

    kind: MailboxKind
    staff: int
    heads: tuple[str, ...]
    posts: tuple[str, ...] = ("Chuyên viên",)
    units: tuple[Unit, ...] = ()
    called: str = "{name}"
    leaders: bool = False


class Agency(Struct, frozen=True, forbid_unknown_fields=True):
    """An agency; what it leaves out is as in its sort, and its own units come after those of the sort."""

    name: str
    sort: str
    label: str = ""
    staff: int | None = None
    heads: tuple[str, ...] | None = None
    units: tuple[Unit, ...] = ()
    aliases: tuple[str, ...] = ()


class Commune(Struct, frozen=True, forbid_unknown_fields=True):
    """A ward, commune or township; always of the sort "commune"."""

    name: str
    label: str = ""


class District(Struct, frozen=True, forbid_unknown_fields=True):
    """A district with its communes; a mere name stands for a commune without a registered label."""

    name: str
    sort: str
    communes: tuple[Commune | str, ...]
    label: str = ""


class NamedPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody whom the regulation uses as an example; `aliases` are the local parts of further addresses.

    `place` are the names or labels from the body downwards; `written` is the full name where it is not
    surname, middle and given in this order.
    """

    surname: str
    middle: str
    given: str
    place: tuple[str, ...]
    title: str
    written: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def full_name(self) -> PersonName:
        """The name in parts and as it is written."""
        parts = (self.surname, self.middle, self.given)
        return PersonName(*parts, written=self.written or written_name(parts))


class SampleList(Struct, frozen=True, forbid_unknown_fields=True):
    """A mailing list, or one for each body: what `of` says are its members.

    province: everybody; bodies: everybody in an agency or district, a list for each of them; mailboxes: the
    mailboxes of the agencies and districts. `name` and `description` may hold {label} and {name} of the body;
    `free`: the address is a choice, not what the regulation derives.
    """

    of: Literal["province", "bodies", "mailboxes"]
    name: str
    description: str
    free: bool = False


class Usual(Struct, frozen=True, forbid_unknown_fields=True):
    """What provinces have in common (data/usual.toml)."""

    sorts: dict[str, Sort]
    agencies: tuple[Agency, ...]


class Province(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the sample knows of a province. Telephone numbers begin with `area_code`.

    `peoples` are the kinds of names people bear, with their weights. With `usual` it has the sorts and
    agencies of data/usual.toml too, except those named in `without` and those it describes itself.
    """

    province: str
    suffix: str
    area_code: str
    peoples: dict[str, int]
    districts: tuple[District, ...]
    agencies: tuple[Agency, ...] = ()
    sorts: dict[str, Sort] = field(default_factory=dict)
    people: tuple[NamedPerson, ...] = ()
    lists: tuple[SampleList, ...] = ()
    usual: bool = False
    without: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The mail domain: the suffix as a domain name (RFC 2247)."""
        return ".".join(part.partition("=")[2] for part in self.suffix.split(","))


def provinces() -> tuple[str, ...]:
    """The provinces that have a sample, sorted."""
    files = (resources.files("govdir.sample") / "data").iterdir()
    names = {file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")}
    return tuple(sorted(names - _NO_PROVINCES))


@cache
def load_province(province: str) -> Province:
    """The sample data of `province`. Raises UnknownProvince."""
    known = provinces()
    if province not in known:
        raise UnknownProvince(province, known)
    own = msgspec.toml.decode(_text(province), type=Province)
    return _with_usual(own, msgspec.toml.decode(_text("usual"), type=Usual)) if own.usual else own


def _with_usual(own: Province, usual: Usual) -> Province:
    """The usual agencies in their order, the province's own in the place of those of the same name."""
    described = {agency.name: agency for agency in own.agencies}
    kept = [agency for agency in usual.agencies if agency.name not in own.without]
    agencies = [described.pop(agency.name, agency) for agency in kept]
    return replace(own, sorts={**usual.sorts, **own.sorts}, agencies=(*agencies, *described.values()))


def _text(name: str) -> bytes:
    return (resources.files("govdir.sample") / "data" / f"{name}.toml").read_bytes()
