"""A province's sample directory: real bodies, people who do not exist, the same every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from random import Random

from msgspec import structs

from govdir.sample.bodies import Body, apportion, lay_out
from govdir.sample.content import SampleEntry
from govdir.sample.names import PersonName, draw_names
from govdir.sample.province import NamedPerson, Province, load_province

_FICTION = "Người mẫu do phần mềm sinh ra, không có thật"
_COLLEAGUES_OF_A_DEPUTY = 3


def generate(province: str, people: int, seed: int = 0, suffix: str | None = None) -> Iterator[SampleEntry]:
    """The sample directory of `province` with `people` people, parents before children.

    `suffix` replaces the province's own; addresses that are given are in the mail domain that it spells.

    First come the bodies (agencies, districts, communes, units; some hundred mailboxes of their own), then
    the lists, then the people whom the regulation uses as examples, in the order in which they register, then
    the generated ones. The base tree (`ou=orgs` and its like) must be there. The same arguments give the same
    entries; no generated person shares a full name with anyone.

    Raises UnknownProvince, and TooManyPeople when the vocabulary does not hold that many names.
    """
    data = load_province(province)
    if suffix is not None:
        data = structs.replace(data, suffix=suffix)
    bodies = lay_out(data)
    numbers = count(1)
    for body in bodies:
        yield _body_entry(body, data, next(numbers))
    yield from _lists(bodies, data)
    named = data.people[:people]
    for person in named:
        yield _named_person_entry(person, data, next(numbers))
    taken = {body.label for body in bodies} | {_name_of(person).spelling for person in data.people}
    names = draw_names(Random(seed), people - len(named), taken)  # noqa: S311 (no secret depends on it)
    for body, inhabitants in zip(bodies, apportion(people - len(named), bodies), strict=True):
        for rank in range(inhabitants):
            title, is_leader = _post(body, rank, inhabitants)
            telephone = _telephone(data, next(numbers))
            yield _person_entry(next(names), body.dn, title=title, is_leader=is_leader, telephone=telephone)


def _body_entry(body: Body, province: Province, number: int) -> SampleEntry:
    classes = ("top", "organizationalUnit", "gdOrganization", "gdMailbox")
    return SampleEntry(
        body.dn,
        (
            *(("objectClass", name) for name in classes),
            ("ou", body.label),
            ("displayName", body.name),
            ("gdOrgCode", body.label),
            ("gdOrgKind", body.kind),
            *_aliases(body.aliases, province),
            ("telephoneNumber", _telephone(province, number)),
        ),
    )


def _aliases(local_parts: Sequence[str], province: Province) -> Iterator[tuple[str, str]]:
    return (("mailLocalAddress", f"{local_part}@{province.domain}") for local_part in local_parts)


def _lists(bodies: Sequence[Body], province: Province) -> Iterator[SampleEntry]:
    """One list of the staff of each agency and district (Điều 11 khoản 5), and one of all these bodies."""
    agencies = [body for body in bodies if body.is_agency]
    for agency in agencies:
        everybody = f"ldap:///{agency.dn}?mail?sub?(&(objectClass=gdPerson)(enabledService=deliver))"
        yield _list_entry(
            f"canbo.{agency.label}",
            f"Cán bộ, công chức {agency.name}",
            province,
            (("memberURL", everybody), ("owner", agency.dn)),
        )
    members = tuple(("member", agency.dn) for agency in agencies)
    yield _list_entry("cacdonvi", "Hộp thư chung của các sở, ban, ngành, UBND quận, huyện", province, members)


def _list_entry(
    name: str, description: str, province: Province, content: tuple[tuple[str, str], ...]
) -> SampleEntry:
    return SampleEntry(
        f"cn={name},ou=lists,{province.suffix}",
        (
            ("objectClass", "top"),
            ("objectClass", "gdMailList"),
            ("cn", name),
            ("mail", f"{name}@{province.domain}"),
            ("description", description),
            *content,
        ),
    )


def _name_of(person: NamedPerson) -> PersonName:
    return PersonName(person.surname, person.middle, person.given)


def _named_person_entry(person: NamedPerson, province: Province, number: int) -> SampleEntry:
    place = ",".join(f"ou={label}" for label in reversed(person.place))
    return _person_entry(
        _name_of(person),
        f"{place},ou=orgs,{province.suffix}",
        title=person.title,
        is_leader=False,
        telephone=_telephone(province, number),
        more=_aliases(person.aliases, province),
    )


def _person_entry(
    name: PersonName,
    parent_dn: str,
    *,
    title: str,
    is_leader: bool,
    telephone: str,
    more: Iterable[tuple[str, str]] = (),
) -> SampleEntry:
    classes = ("top", "person", "organizationalPerson", "inetOrgPerson", "gdPerson", "gdMailbox")
    return SampleEntry(
        f"uid=*,{parent_dn}",
        (
            *(("objectClass", class_name) for class_name in classes),
            ("cn", name.full),
            ("sn", name.surname),
            ("gdMiddleName", name.middle),
            ("givenName", name.given),
            ("title", title),
            ("gdRankClass", "leader" if is_leader else "staff"),
            ("telephoneNumber", telephone),
            ("description", _FICTION),
            *more,
        ),
    )


def _post(body: Body, rank: int, inhabitants: int) -> tuple[str, bool]:
    """The title of the person at `rank` (0 = head), and whether the holder leads a body.

    A body has its head, then one deputy for so many colleagues, as far as it has titles for them.
    """
    heads = body.heads[: 1 + inhabitants // (_COLLEAGUES_OF_A_DEPUTY + 1)]
    if rank < len(heads):
        return heads[rank], body.kind != "unit"
    return body.posts[(rank - len(heads)) % len(body.posts)], False


def _telephone(province: Province, number: int) -> str:
    """A number that nobody can have: subscriber numbers in Vietnam never begin with 0."""
    return f"+84 {province.area_code} {number:07d}"
