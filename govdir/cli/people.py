"""Who is meant: the mailbox of an address, an alias, a login name or a DN, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import click

from govdir.cli.command import Function
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.directory.dn import Dn
from govdir.directory.entry import Attributes
from govdir.directory.errors import InvalidDn, NoSuchObject
from govdir.directory.image import Record
from govdir.ldap.codec.filter_text import escape_value
from govdir.mailattrs.change import addresses
from govdir.mailattrs.folding import name_key
from govdir.policy.texts import Wording

PERSON_CLASSES = ("inetOrgPerson", "gdPerson", "gdMailbox")
MAX_CANDIDATES = 10  # shown when more than one is meant, or none: a screen's part

_UNKNOWN = Wording("Danh bạ không có hộp thư “{who}”.", 'The directory has no mailbox "{who}".')
_NO_PERSON = Wording(
    "“{who}” là hộp thư {mail}, không phải của một người.", '"{who}" is the mailbox {mail}, not a person\'s.'
)
_NOBODY = Wording("Danh bạ không có người “{who}”.", 'The directory has no person "{who}".')
_SEVERAL = Wording(
    "“{who}” chỉ nhiều hộp thư; hãy ghi rõ địa chỉ:", '"{who}" is several mailboxes; give the address:'
)
_ALIKE = Wording("Gần giống:", "Much alike:")


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as it was when it was looked up."""

    dn: str
    attributes: Attributes

    @property
    def mail(self) -> str:
        """The primary address; "" where there is none."""
        return self.attributes.text("mail") or ""

    @property
    def addresses(self) -> list[str]:
        """Every address, the primary one first, in lower case."""
        return addresses(self.attributes)

    @property
    def called(self) -> str:
        """The address, else the name, else the DN."""
        return self.mail or name_of(self.attributes) or self.dn

    @property
    def is_person(self) -> bool:
        """Whether it is somebody, not a body's mailbox."""
        return "gdperson" in self.attributes.object_classes

    @property
    def state(self) -> str:
        """gdState."""
        return self.attributes.text("gdState") or ""


def name_of(attributes: Attributes) -> str:
    """What people call a person, body or list."""
    person = attributes.text("cn") if "person" in attributes.object_classes else None
    return person or attributes.text("displayName") or attributes.text("cn") or attributes.text("ou") or ""


def who_argument(function: Function) -> Function:
    """Decorates a function with the argument WHO."""
    return click.argument("who", metavar="WHO")(function)


def read(local: LocalDirectory, dn: str) -> Found:
    """The entry of that name. Raises NoSuchObject, InvalidDn."""
    return Found(dn, local.handle.read(dn))


def record_of(local: LocalDirectory, dn: str) -> Record | None:
    """Its place in the tree; None for a name that no entry has."""
    path = local.directory.path_of(dn)
    return None if path is None else local.directory.image.find(path)


def find_mailbox(local: LocalDirectory, who: str) -> Found:
    """The mailbox meant by an address, alias, login name or DN. Raises Refused, listing candidates."""
    return _only(local, who, list(_meant(local, who, "gdMailbox")), _UNKNOWN)


def find_person(local: LocalDirectory, who: str) -> Found:
    """The person likewise; a body's mailbox is none."""
    meant = list(_meant(local, who, "gdMailbox"))
    people = [one for one in meant if one.is_person]
    if meant and not people:
        raise Refused(say(_NO_PERSON, who=who, mail=meant[0].called))
    return _only(local, who, people, _NOBODY)


def _meant(local: LocalDirectory, who: str, object_class: str) -> Iterator[Found]:
    if "=" in who:
        try:
            found = read(local, who)
        except (NoSuchObject, InvalidDn):
            return
        if object_class.lower() in found.attributes.object_classes:
            yield found
        return
    for dn in local.find(f"(&(objectClass={object_class}){_named(local, who)})"):
        yield read(local, dn)


def _named(local: LocalDirectory, who: str) -> str:
    address = who if "@" in who else f"{who}@{local.core.config.mail_domain}"
    tests = [f"(mail={escape_value(address)})", f"(mailLocalAddress={escape_value(address)})"]
    if "@" not in who:
        tests.append(f"(uid={escape_value(who)})")
    return f"(|{''.join(tests)})"


def _only(local: LocalDirectory, who: str, found: list[Found], unknown: Wording) -> Found:
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(say(_SEVERAL, who=who), *lines(local, found))
    alike = list(islice(named_like(local, who), MAX_CANDIDATES))
    raise Refused(say(unknown, who=who), *((say(_ALIKE), *lines(local, alike)) if alike else ()))


def named_like(local: LocalDirectory, text: str) -> Iterator[Found]:
    """Mailboxes whose name or an address holds the text, whatever its accents; people first."""
    key, part = name_key(text), escape_value(text.strip())
    tests = [f"({name}=*{part}*)" for name in ("mail", "mailLocalAddress", "uid") if part]
    if key:
        tests.append(f"(gdNameKey=*{escape_value(key)}*)")
    if not tests:
        return
    seen = set()
    for dn in local.find(f"(&(objectClass=gdMailbox)(|{''.join(tests)}))"):
        seen.add(dn)
        yield read(local, dn)
    if key:
        for dn in local.find("(&(objectClass=gdMailbox)(!(objectClass=gdPerson)))"):
            if dn not in seen and key in name_key(name_of(local.handle.read(dn))):
                yield read(local, dn)


def namesakes(local: LocalDirectory, key: str) -> list[Found]:
    """People whose folded name is `key`."""
    return [read(local, dn) for dn in local.find(f"(&(objectClass=gdPerson)(gdNameKey={escape_value(key)}))")]


def lines(local: LocalDirectory, found: Iterable[Found]) -> list[str]:
    """One line for each, to tell them apart."""
    return [
        "  "
        + ", ".join(filter(None, (one.mail or one.dn, name_of(one.attributes), body_name(local, one.dn))))
        for one in found
    ]


def bodies_above(local: LocalDirectory, dn: str) -> list[Found]:
    """The bodies an entry stands in, the nearest first."""
    found = []
    name = Dn.parse(dn, local.directory.schema).parent
    while name and name.below(local.directory.suffix):
        one = read(local, str(name))
        if "gdorganization" in one.attributes.object_classes:
            found.append(one)
        name = name.parent
    return found


def body_name(local: LocalDirectory, dn: str) -> str:
    """The bodies an entry stands in as people say it: "Văn phòng, Sở Nội vụ"; "" for none."""
    return ", ".join(name_of(one.attributes) for one in bodies_above(local, dn))
