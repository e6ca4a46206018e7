"""`govdir org show` and `tree`: what bodies there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import moment, shown_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import called_at, say_kind, say_state
from govdir.cli.org_lookup import all_bodies, find_body, label_of
from govdir.cli.output import print_json
from govdir.cli.people import Found, body_name, name_of, read, record_of
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.directory.errors import NoSuchObject
from govdir.directory.image import Record
from govdir.policy.texts import Wording

_LABELS = {
    "name": Wording("Tên", "Name"),
    "kind": Wording("Loại", "Kind"),
    "label": Wording("Nhãn", "Label"),
    "above": Wording("Thuộc", "Belongs to"),
    "mail": Wording("Địa chỉ", "Address"),
    "aliases": Wording("Bí danh", "Aliases"),
    "state": Wording("Trạng thái", "State"),
    "domain": Wording("Tên miền", "Domain"),
    "owner": Wording("Người phụ trách", "Owner"),
    "delegates": Wording("Được ủy quyền", "Delegates"),
    "it_admins": Wording("Quản trị", "Administrators"),
    "approvers": Wording("Người duyệt", "Approvers"),
    "units": Wording("Đơn vị", "Units"),
    "people": Wording("Số người", "People"),
    "valid_from": Wording("Từ ngày", "Since"),
    "valid_to": Wording("Đến ngày", "Ends"),
    "successors": Wording("Kế thừa", "Successors"),
    "basis": Wording("Căn cứ", "Rests on"),
    "dn": Wording("DN", "DN"),
}
_PEOPLE = Wording("số người: {count}", "people: {count}")


class BodyView(Struct, frozen=True):
    """All that matters about a body; `people` are those right in it, `everybody` those below it too."""

    name: str
    kind: str
    label: str
    above: str
    mail: str
    aliases: tuple[str, ...]
    state: str
    domain: tuple[str, ...]
    owner: tuple[str, ...]
    delegates: tuple[str, ...]
    it_admins: tuple[str, ...]
    approvers: tuple[str, ...]
    units: tuple[str, ...]
    people: int
    everybody: int
    valid_from: datetime | None
    valid_to: datetime | None
    successors: tuple[str, ...]
    basis: tuple[str, ...]
    dn: str


class Branch(Struct, frozen=True):
    """One body of the tree with those below it."""

    name: str
    label: str
    mail: str
    people: int
    dn: str
    below: tuple[Branch, ...]


@command(
    "show",
    Wording(
        "Cho biết mọi điều về cơ quan, đơn vị BODY (nhãn, địa chỉ, tên hoặc DN).",
        "Tells all about the body BODY (label, address, name or DN).",
    ),
    "govdir org show ./home sonv",
)
@home_argument
@click.argument("body", metavar="BODY")
@json_option
def show(*, home: Path, body: str, as_json: bool) -> None:
    """`govdir org show`."""
    with open_directory(load_config(home)) as local:
        view = view_of(local, find_body(local, body))
    print_json(view) if as_json else print_facts(facts_of(view))


@command(
    "tree",
    Wording(
        "In cây cơ quan, đơn vị: nhãn, tên, địa chỉ, số người.",
        "Prints the tree of bodies: label, name, address, number of people.",
    ),
    "govdir org tree ./home",
    "govdir org tree ./home --in sonv --json",
)
@home_argument
@option(
    "--in", "body", metavar="BODY", wording=Wording("Chỉ nơi này trở xuống.", "Only this body and below.")
)
@json_option
def tree(*, home: Path, body: str | None, as_json: bool) -> None:
    """`govdir org tree`."""
    with open_directory(load_config(home)) as local:
        tops = [find_body(local, body)] if body else _tops(local)
        branches = [_branch(local, top) for top in tops]
    if as_json:
        print_json(branches)
        return
    for branch in branches:
        _print(branch, 0)


def view_of(local: LocalDirectory, found: Found) -> BodyView:
    """The body as it is now."""
    attributes, record = found.attributes, _record(local, found)

    def text(name: str) -> str:
        return attributes.text(name) or ""

    def called(name: str) -> tuple[str, ...]:
        return tuple(called_at(local, dn) for dn in attributes.texts(name))

    return BodyView(
        name=name_of(attributes),
        kind=text("gdOrgKind") or text("gdMailboxKind"),
        label=label_of(found),
        above=body_name(local, found.dn),
        mail=found.mail,
        aliases=attributes.texts("mailLocalAddress"),
        state=found.state,
        domain=attributes.texts("associatedDomain"),
        owner=called("owner"),
        delegates=called("gdDelegate"),
        it_admins=called("gdItAdmin"),
        approvers=called("gdApprover"),
        units=tuple(name_of(unit.attributes) for unit in _right_below(local, found)),
        people=_people(record),
        everybody=sum(map(_people, record.descendants())),
        valid_from=moment(attributes.text("gdValidFrom")),
        valid_to=moment(attributes.text("gdValidTo")),
        successors=called("gdSuccessor"),
        basis=attributes.texts("gdLegalBasis"),
        dn=found.dn,
    )


def facts_of(view: BodyView) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """What print_facts shows."""
    shown: dict[str, str | tuple[str, ...]] = {
        "name": view.name,
        "kind": say_kind(view.kind),
        "label": view.label,
        "above": view.above,
        "mail": view.mail,
        "aliases": view.aliases,
        "state": say_state(view.state),
        "domain": view.domain,
        "owner": view.owner,
        "delegates": view.delegates,
        "it_admins": view.it_admins,
        "approvers": view.approvers,
        "units": view.units,
        "people": f"{view.people} / {view.everybody}" if view.units else str(view.people),
        "valid_from": shown_moment(view.valid_from),
        "valid_to": shown_moment(view.valid_to),
        "successors": view.successors,
        "basis": view.basis,
        "dn": view.dn,
    }
    for name, value in shown.items():
        yield say(_LABELS[name]), value


def _tops(local: LocalDirectory) -> list[Found]:
    """Bodies that stand in no other."""
    found = list(all_bodies(local))
    places = {one.dn for one in found}
    return [
        one for one in found if places.isdisjoint(above.dn_text for above in _record(local, one).ancestors())
    ]


def _branch(local: LocalDirectory, found: Found) -> Branch:
    below = tuple(_branch(local, one) for one in _right_below(local, found))
    people = _people(_record(local, found))
    return Branch(name_of(found.attributes), label_of(found), found.mail, people, found.dn, below)


def _print(branch: Branch, depth: int) -> None:
    people = say(_PEOPLE, count=branch.people) if branch.people else ""
    click.echo("  " * depth + ", ".join(filter(None, (branch.name, branch.mail or branch.label, people))))
    for one in branch.below:
        _print(one, depth + 1)


def _record(local: LocalDirectory, found: Found) -> Record:
    record = record_of(local, found.dn)
    if record is None:
        raise NoSuchObject(found.dn)
    return record


def _right_below(local: LocalDirectory, found: Found) -> list[Found]:
    """Its units, by name of entry."""
    children = (_record(local, found).children or {}).values()
    names = sorted(child.dn_text for child in children if "gdorganization" in child.shape.classes)
    return [read(local, name) for name in names]


def _people(record: Record) -> int:
    """How many stand right below."""
    return sum("gdperson" in child.shape.classes for child in (record.children or {}).values())
