"""A province's sample directory: real bodies, people who do not exist, the same every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from random import Random

from msgspec import structs

from govdir.policy.kinds import MailboxKind
from govdir.policy.load import load_province as load_pack
from govdir.policy.model import Pack
from govdir.sample.bodies import Body, apportion, find_body, lay_out
from govdir.sample.content import SampleEntry
from govdir.sample.names import PersonName, draw_names
from govdir.sample.province import NamedPerson, Province, SampleList, load_province

_FICTION = "Người mẫu do phần mềm sinh ra, không có thật"
_COLLEAGUES_OF_A_DEPUTY = 3


def generate(
    province: str, people: int, seed: int = 0, suffix: str | None = None, pack: Pack | None = None
) -> Iterator[SampleEntry]:
    """The sample directory of `province` with `people` people, parents before children.

    `suffix` replaces the province's own; addresses that are given are in the mail domain that it spells.
    `pack` gives the bodies their labels; by default the one that is shipped for the province.

    First come the bodies (agencies, districts, communes, units; most with a mailbox of their own), then the
    lists, then the people whom the regulation uses as examples, in the order in which they register, then the
    generated ones. The base tree (`ou=orgs` and its like) must be there. The same arguments give the same
    entries; no generated person shares a full name with anyone.

    Raises UnknownProvince, TooManyPeople when the vocabulary does not hold that many names, and LabelNeeded
    when the pack gives a body no address.
    """
    data = load_province(province)
    if suffix is not None:
        data = structs.replace(data, suffix=suffix)
    bodies = lay_out(data, pack or load_pack(province))
    numbers = count(1)
    for body in bodies:
        yield _body_entry(body, data, next(numbers))
    for each in data.lists:
        yield from _list_entries(each, bodies, data)
    named = data.people[:people]
    for person in named:
        yield _named_person_entry(person, find_body(bodies, person.place), data, next(numbers))
    taken = {body.label for body in bodies} | {person.full_name.spelling for person in data.people}
    random = Random(seed)  # noqa: S311 (no secret depends on it)
    names = draw_names(random, people - len(named), taken, data.peoples)
    for body, inhabitants in zip(bodies, apportion(people - len(named), bodies), strict=True):
        for rank in range(inhabitants):
            title, is_leader = _post(body, rank, inhabitants)
            yield _person_entry(
                next(names), body, title=title, is_leader=is_leader, telephone=_telephone(data, next(numbers))
            )


def _body_entry(body: Body, province: Province, number: int) -> SampleEntry:
    classes = ("top", "organizationalUnit", "gdOrganization", *(("gdMailbox",) if body.address else ()))
    return SampleEntry(
        body.dn,
        (
            *(("objectClass", name) for name in classes),
            ("ou", body.label),
            ("displayName", body.name),
            ("gdOrgCode", body.label),
            ("gdOrgKind", body.kind.value),
            *_aliases(body.aliases, province),
            ("telephoneNumber", _telephone(province, number)),
        ),
    )


def _aliases(local_parts: Sequence[str], province: Province) -> Iterator[tuple[str, str]]:
    return (("mailLocalAddress", f"{local_part}@{province.domain}") for local_part in local_parts)


def _list_entries(each: SampleList, bodies: Sequence[Body], province: Province) -> Iterator[SampleEntry]:
    """The list, or one for each agency and district, which then owns it."""
    agencies = [body for body in bodies if body.is_agency]
    match each.of:
        case "province":
            yield _list_entry(each.name, each.description, each, province)
        case "mailboxes":
            members = [("member", agency.dn) for agency in agencies if agency.address]
            yield _list_entry(each.name, each.description, each, province, members)
        case "bodies":
            for agency in agencies:
                name, description = (
                    text.format(label=agency.label, name=agency.name)
                    for text in (each.name, each.description)
                )
                yield _list_entry(name, description, each, province, [("owner", agency.dn)])


def _list_entry(
    name: str,
    description: str,
    each: SampleList,
    province: Province,
    content: Iterable[tuple[str, str]] = (),
) -> SampleEntry:
    chosen = (("mail", f"{name}@{province.domain}"),) if each.free else ()
    return SampleEntry(
        f"cn={name},ou=lists,{province.suffix}",
        (
            ("objectClass", "top"),
            ("objectClass", "gdMailList"),
            ("cn", name),
            *chosen,
            ("description", description),
            *content,
        ),
    )


def _named_person_entry(person: NamedPerson, body: Body, province: Province, number: int) -> SampleEntry:
    return _person_entry(
        person.full_name,
        body,
        title=person.title,
        is_leader=False,
        telephone=_telephone(province, number),
        more=_aliases(person.aliases, province),
    )


def _person_entry(
    name: PersonName,
    body: Body,
    *,
    title: str,
    is_leader: bool,
    telephone: str,
    more: Iterable[tuple[str, str]] = (),
) -> SampleEntry:
    classes = ("top", "person", "organizationalPerson", "inetOrgPerson", "gdPerson", "gdMailbox")
    parts = (
        ("cn", name.written),
        ("sn", name.surname or name.written),
        ("gdMiddleName", name.middle),
        ("givenName", name.given),
    )
    return SampleEntry(
        f"uid=*,{body.dn}",
        (
            *(("objectClass", class_name) for class_name in classes),
            *((attribute, part) for attribute, part in parts if part),
            ("title", title),
            ("gdRankClass", "leader" if is_leader else "staff"),
            *((("gdMailboxKind", MailboxKind.LEADER.value),) if body.leaders and is_leader else ()),
            ("telephoneNumber", telephone),
            ("description", _FICTION),
            *more,
        ),
    )


def _post(body: Body, rank: int, inhabitants: int) -> tuple[str, bool]:
    """The title of the person at `rank` (0 = head), and whether the holder leads a body.

    A body has its head, then one deputy for so many colleagues, as far as it has titles for them; a body of
    leaders fills its posts first.
    """
    deputies = len(body.heads) if body.leaders else inhabitants // (_COLLEAGUES_OF_A_DEPUTY + 1)
    heads = body.heads[: 1 + deputies]
    if rank < len(heads):
        return heads[rank], body.kind is not MailboxKind.UNIT
    return body.posts[(rank - len(heads)) % len(body.posts)], False


def _telephone(province: Province, number: int) -> str:
    """A number that nobody can have: subscriber numbers in Vietnam never begin with 0."""
    return f"+84 {province.area_code} {number:07d}"
