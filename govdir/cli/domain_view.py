"""What a home knows of a mail domain, for people and programs to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import click
from msgspec import Struct

from govdir.cli.command import Function
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory
from govdir.cli.outcome import Refused
from govdir.cli.people import name_of, read
from govdir.ldap.codec.filter_text import escape_value
from govdir.mailattrs.ladder import parse_address
from govdir.policy.texts import Wording

MAX_SHOWN = 20
"""Addresses named one by one: a screen's part."""

_MALFORMED = Wording(
    "“{text}” không phải tên miền thư; viết như lamdong.gov.vn.",
    '"{text}" is no mail domain; write it as lamdong.gov.vn.',
)
_UNKNOWN = Wording("Danh bạ không có tên miền thư {domain}.", "The directory has no mail domain {domain}.")
_THERE_ARE = Wording("Có các tên miền: {domains}", "There are: {domains}")
_ALIAS_OF = Wording(
    "{domain} thay cho {main}; hãy ghi {main}.", "{domain} stands for {main}; name {main} itself."
)
_LABELS = {
    "domain": Wording("Tên miền", "Domain"),
    "aliases": Wording("Tên miền thay cho nó", "Domains that stand for it"),
    "bodies": Wording("Của cơ quan, đơn vị", "Of the body"),
    "addresses": Wording("Số địa chỉ", "Addresses"),
    "kept": Wording("Địa chỉ cấp riêng", "Addresses held apart"),
    "dn": Wording("DN", "DN"),
}


class DomainView(Struct, frozen=True):
    """A domain with addresses of its own.

    `aliases` stand for it; `bodies` are those whose own it is; `addresses` counts what people, bodies and
    lists hold in it; `kept` are addresses of the aliases that somebody holds himself, which go before. `dn`
    is the entry below ou=domains, "" where only bodies name the domain. `named` is false for a domain that no
    entry names: mail servers turn its mail away.
    """

    domain: str
    aliases: tuple[str, ...]
    bodies: tuple[str, ...]
    addresses: int
    kept: tuple[str, ...]
    dn: str
    named: bool = True


def domain_argument(name: str) -> Callable[[Function], Function]:
    """Decorates a function with a domain as an argument, in lower case."""
    return click.argument(name, metavar=name.upper(), callback=_read)


def _read(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    domain = text.strip().lower().removeprefix("@")
    if parse_address(f"x@{domain}") is None:
        raise click.BadParameter(say(_MALFORMED, text=text))
    return domain


def views(local: LocalDirectory) -> list[DomainView]:
    """Every domain with addresses of its own: the system's, those of ou=domains, the bodies', then what no
    entry names."""
    named: dict[str, tuple[str, tuple[str, ...]]] = {}
    bodies: dict[str, list[str]] = {}
    for dn in local.find("(&(objectClass=gdMailDomain)(associatedDomain=*))"):
        found = read(local, dn).attributes
        named[(found.text("associatedDomain") or "").lower()] = (dn, found.texts("gdDomainAlias"))
    for dn in local.find("(&(objectClass=gdOrganization)(associatedDomain=*))"):
        found = read(local, dn).attributes
        for domain in found.texts("associatedDomain"):
            bodies.setdefault(domain.lower(), []).append(name_of(found))
    held = _held(local)
    aliases = {alias for _, each in named.values() for alias in each}
    counts = Counter(address.rpartition("@")[2] for address in held)
    own = local.core.config.mail_domain
    first = [own] if own in named or own in counts else []
    known = dict.fromkeys((*first, *sorted(named), *sorted(bodies), *sorted(counts.keys() - aliases)))
    return [
        _view(domain, named.get(domain, ("", ())), bodies.get(domain, ()), counts, held) for domain in known
    ]


def _view(
    domain: str,
    entry: tuple[str, tuple[str, ...]],
    bodies: Iterable[str],
    counts: Counter[str],
    held: list[str],
) -> DomainView:
    dn, aliases = entry
    endings = tuple(f"@{alias}" for alias in aliases if counts[alias])
    kept = tuple(sorted(address for address in held if address.endswith(endings))) if endings else ()
    of = tuple(bodies)
    return DomainView(domain, aliases, of, counts[domain], kept, dn, bool(dn or of))


def _held(local: LocalDirectory) -> list[str]:
    """Every address that a mailbox or list has."""
    image = local.directory.image
    return [
        value.decode("utf-8", "replace").strip().lower()
        for shape in image.shapes
        if not {"gdmailbox", "gdmaillist"}.isdisjoint(shape.classes)
        for record in shape.members
        for attribute in ("mail", "maillocaladdress")
        for value in record.values(attribute)
    ]


def find_view(local: LocalDirectory, domain: str) -> DomainView:
    """The domain meant. Raises Refused for one that is unknown, or stands for another."""
    found = views(local)
    for view in found:
        if view.domain == domain:
            return view
    for view in found:
        if domain in view.aliases:
            raise Refused(say(_ALIAS_OF, domain=domain, main=view.domain))
    some = ", ".join(view.domain for view in found[:MAX_SHOWN])
    raise Refused(say(_UNKNOWN, domain=domain), *((say(_THERE_ARE, domains=some),) if some else ()))


def entry_of(local: LocalDirectory, domain: str) -> str:
    """The DN of the domain's entry below ou=domains, "" where there is none."""
    wanted = f"(&(objectClass=gdMailDomain)(associatedDomain={escape_value(domain)}))"
    return next(iter(local.find(wanted)), "")


def facts_of(view: DomainView) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """What print_facts shows."""
    shown: dict[str, str | tuple[str, ...]] = {
        "domain": view.domain,
        "aliases": view.aliases,
        "bodies": view.bodies,
        "addresses": str(view.addresses),
        "kept": view.kept[:MAX_SHOWN],
        "dn": view.dn,
    }
    for name, value in shown.items():
        yield say(_LABELS[name]), value
