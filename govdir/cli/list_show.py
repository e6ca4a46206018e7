"""`govdir list show`, `members` and `check-sender`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.language import current_language, say
from govdir.cli.list_lookup import find_list, list_argument
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import called_at
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, name_of
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.mailattrs.list_members import body_of, may_send, members, search_of
from govdir.mailattrs.list_membership import ListMembership
from govdir.policy.texts import Wording

_LABELS = {
    "name": Wording("Tên", "Name"),
    "mail": Wording("Địa chỉ", "Address"),
    "aliases": Wording("Bí danh", "Aliases"),
    "owners": Wording("Kiểm soát", "Controlled by"),
    "policy": Wording("Ai được gửi", "Who may send"),
    "senders": Wording("Địa chỉ gửi", "Senders"),
    "members": Wording("Số thành viên", "Members"),
    "source": Wording("Lấy từ", "Taken from"),
    "dn": Wording("DN", "DN"),
}
_COUNT = Wording("số địa chỉ: {count}", "addresses: {count}")


class ListView(Struct, frozen=True):
    """A mailing list; `members` is how many addresses a letter reaches."""

    name: str
    mail: str
    aliases: tuple[str, ...]
    owners: tuple[str, ...]
    policy: str
    senders: tuple[str, ...]
    members: int
    source: tuple[str, ...]
    dn: str


class Verdict(Struct, frozen=True):
    """What `check-sender --json` prints."""

    sender: str
    allowed: bool
    why: str
    citation: str


@command(
    "show",
    Wording("Cho biết mọi điều về danh sách LIST.", "Tells all about the mailing list LIST."),
    "govdir list show ./home canbo.sonv",
)
@home_argument
@list_argument
@json_option
def show(*, home: Path, text: str, as_json: bool) -> None:
    """`govdir list show`."""
    with open_directory(load_config(home)) as local:
        view = view_of(local, find_list(local, text))
    print_json(view) if as_json else print_facts(facts_of(view))


@command(
    "members",
    Wording(
        "In các địa chỉ mà thư gửi vào LIST đến lúc này; hộp thư đã thu hồi không có trong đó.",
        "Prints the addresses that a letter to LIST reaches at this moment; revoked mailboxes are none.",
    ),
    "govdir list members ./home canbo.sonv",
)
@home_argument
@list_argument
@json_option
def list_members(*, home: Path, text: str, as_json: bool) -> None:
    """`govdir list members`."""
    with open_directory(load_config(home)) as local:
        found = _reached(local, find_list(local, text))
    if as_json:
        print_json(found)
        return
    for address in found:
        click.echo(address)
    remark(say(_COUNT, count=len(found)))


@command(
    "check-sender",
    Wording(
        "Cho biết ADDRESS có được gửi vào LIST không và căn cứ; không được thì kết thúc với mã 1.",
        "Tells whether ADDRESS may send to LIST, and by which rule; ends with status 1 if not.",
    ),
    "govdir list check-sender ./home canbo.sonv sonv@cantho.gov.vn",
)
@home_argument
@list_argument
@click.argument("address", metavar="ADDRESS")
@json_option
def check_sender(*, home: Path, text: str, address: str, as_json: bool) -> None:
    """`govdir list check-sender`."""
    with open_directory(load_config(home)) as local:
        found = find_list(local, text)
        sender = address if "@" in address else f"{address}@{local.core.config.mail_domain}"
        search = search_of(local.handle)
        is_on = ListMembership(local.directory, search)
        verdict = may_send(found.dn, found.attributes, sender, search, local.core.pack, is_on=is_on)
    language = current_language()
    if as_json:
        citation = verdict.citation.text(language)
        print_json(Verdict(sender, verdict.allowed, verdict.why.in_language(language), citation))
    if not verdict.allowed:
        raise Refused(verdict.text(language))
    if not as_json:
        click.echo(verdict.text(language))


def view_of(local: LocalDirectory, found: Found) -> ListView:
    """The list as it is now."""
    attributes = found.attributes
    urls, named = attributes.texts("memberURL"), attributes.texts("member")
    return ListView(
        name=name_of(attributes),
        mail=found.mail,
        aliases=attributes.texts("mailLocalAddress"),
        owners=tuple(dict.fromkeys(called_at(local, dn) for dn in _controllers(local, found))),
        policy=attributes.text("gdSenderPolicy") or "",
        senders=(
            *attributes.texts("rfc822sender"),
            *(called_at(local, dn) for dn in attributes.texts("dnsender")),
        ),
        members=len(_reached(local, found)),
        source=(*urls, *(called_at(local, dn) for dn in named)),
        dn=found.dn,
    )


def facts_of(view: ListView) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """What print_facts shows."""
    shown: dict[str, str | tuple[str, ...]] = {
        "name": view.name,
        "mail": view.mail,
        "aliases": view.aliases,
        "owners": view.owners,
        "policy": view.policy,
        "senders": view.senders,
        "members": str(view.members),
        "source": view.source,
        "dn": view.dn,
    }
    for name, value in shown.items():
        yield say(_LABELS[name]), value


def _controllers(local: LocalDirectory, found: Found) -> tuple[str, ...]:
    body = body_of(found.dn, found.attributes, search_of(local.handle))
    return (*([str(body)] if body is not None else []), *found.attributes.texts("owner"))


def _reached(local: LocalDirectory, found: Found) -> list[str]:
    return sorted(members(found.dn, search_of(local.handle)))
