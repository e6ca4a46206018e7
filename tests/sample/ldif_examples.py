"""The files in ldif/, written by the program itself: `python -m tests.sample.ldif_examples` (`make ldif`).

For each province the base tree, its agencies and districts with the bodies its examples need, the people whom
its regulation takes for examples, and their lists. Comments say what a record is, and the address it gets.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from govdir.cli.base_tree import base_tree
from govdir.cli.home import new_home
from govdir.cli.init import new_config
from govdir.cli.loading import plan_load
from govdir.ldap.codec.ldif import VERSION_LINE, ContentRecord, write_entry
from govdir.ldap.codec.ldif_records import grouped
from govdir.ldap.codec.messages import AddRequest
from govdir.policy.load import load_province as load_pack
from govdir.policy.model import Pack
from govdir.sample.content import SampleEntry
from govdir.sample.generate import generate
from govdir.sample.province import load_province, provinces

FOLDER = Path(__file__).parents[2] / "ldif"

_LEFT_OUT = ("description", "telephoneNumber")
_SUPERIOR_CLASSES = {("objectClass", name) for name in ("top", "person", "organizationalPerson")}
"""Left out too: the server knows them."""

_BASE = """\
# {name}, {document}.
# The tree that `govdir init HOME --province {province}` begins with, without the administrator's password.
# A directory of govdir's own has it already; this file is for comparison, and for other servers."""
_AGENCIES = """\
# {name}, {document}.
# The agencies and districts, and the bodies in which the people of people.ldif work, by name and place.
# Behind the arrows stand the addresses that the server derives; so it does quotas, domains and the rest.
#
#   govdir import HOME ldif/{province}/agencies.ldif ldif/{province}/people.ldif"""
_PEOPLE = """\
# {name}, {document}.
# People as the regulation takes them for examples, in the order in which they register, by name and place.
# The server names the entries and gives the addresses behind the arrows; those who bear one name show the
# regulation's way out."""
_LISTS = """\
# {name}, {document}.
# Lists of a whole staff. The server derives who is on them and who may send to them."""


def written_examples() -> dict[str, str]:
    """Every file of ldif/ by its path in there, with the text it should have."""
    return {
        f"{province}/{name}.ldif": text
        for province in provinces()
        for name, text in _files(province, load_pack(province))
    }


def _files(province: str, pack: Pack) -> Iterator[tuple[str, str]]:
    data = load_province(province)
    entries = list(generate(province, people=len(data.people)))
    people = [entry for entry in entries if "gdPerson" in _classes(entry)]
    lists = [entry for entry in entries if "gdMailList" in _classes(entry)]
    needed = {dn for person in people for dn in _above(person.dn)}
    bodies = [
        entry
        for entry in entries
        if "gdOrganization" in _classes(entry) and (entry.dn in needed or _is_top(entry, data.suffix))
    ]
    lists = [each for each in lists if not each.values("owner") or each.values("owner")[0] in needed]
    names = {body.dn: body.values("displayName")[0] for body in bodies}
    addresses = _addresses(pack, [*bodies, *people, *lists])
    yield "base", _text(_BASE, pack, [_base_record(each) for each in base_tree(data.suffix, pack, "")])
    for name, head, chosen in (
        ("agencies", _AGENCIES, bodies),
        ("people", _PEOPLE, people),
        ("lists", _LISTS, lists),
    ):
        if chosen:
            yield name, _text(head, pack, [_record(entry, addresses, names) for entry in chosen])


def _above(dn: str) -> Iterator[str]:
    while dn := dn.partition(",")[2]:
        yield dn


def _is_top(entry: SampleEntry, suffix: str) -> bool:
    return entry.dn.partition(",")[2] == f"ou=orgs,{suffix}"


def _addresses(pack: Pack, entries: list[SampleEntry]) -> dict[int, str]:
    """The mail address that the server gives each entry, by the entry's identity; "" for none."""
    records = [
        ContentRecord(number, entry.dn, [(name, value.encode()) for name, value in entry.attributes])
        for number, entry in enumerate(entries, start=1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        config = new_config(Path(folder) / "home", pack)
        with new_home(config, pack, "Chỉ-dùng-1-lần!") as local:
            plan = plan_load(local, records)
            mails = [
                next((address for address, kind in planned.addresses.items() if kind == "mail"), "")
                for planned in plan.entries
            ]
    return {id(entry): mail for entry, mail in zip(entries, mails, strict=True)}


def _text(head: str, pack: Pack, records: list[str]) -> str:
    filled = head.format(name=pack.name.vi, document=pack.document.number, province=pack.province)
    return f"{VERSION_LINE}{filled}\n\n{''.join(records)}"


def _record(entry: SampleEntry, addresses: dict[int, str], bodies: dict[str, str]) -> str:
    places = [bodies[dn] for dn in _above(entry.dn) if dn in bodies] if "gdPerson" in _classes(entry) else []
    name = (entry.values("displayName") or entry.values("cn"))[0]
    about = ", ".join([name, *places])
    mail = addresses[id(entry)]
    content = [
        (name, value.encode())
        for name, value in entry.attributes
        if name not in _LEFT_OUT and (name, value) not in _SUPERIOR_CLASSES
    ]
    comment = f"# {about} -> {mail}" if mail else f"# {about}"
    return f"{comment}\n{write_entry(entry.dn, grouped(content))}"


def _classes(entry: SampleEntry) -> tuple[str, ...]:
    return entry.values("objectClass")


def _base_record(request: AddRequest) -> str:
    attributes = [each for each in request.attributes if each.type != "userPassword"]
    shown = {each.type: each.values[0].decode() for each in attributes}
    about = next(shown[name] for name in ("displayName", "description", "o") if name in shown)
    return f"# {about}\n{write_entry(request.entry, attributes)}"


def main() -> None:
    """Writes the files anew."""
    for path, text in written_examples().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text)


if __name__ == "__main__":
    main()
