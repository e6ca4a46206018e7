"""`govdir address keep`: until when a further address receives."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.changes import modify, put
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.days import day, last_moment, shown_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json
from govdir.cli.people import Found, read
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.directory.addresses import canonical
from govdir.directory.password_policy import PROVINCE_ZONE
from govdir.ldap.codec.filter_text import escape_value
from govdir.mailattrs.address_terms import ATTRIBUTE, term_text, terms_of
from govdir.policy.texts import Wording
from govdir.schema.times import parse_generalized_time

_ALWAYS = "always"
_NOBODYS = Wording("Danh bạ không có địa chỉ {address}.", "The directory has no address {address}.")
_RETIRED = Wording(
    "Địa chỉ {address} đã thôi nhận thư và được giữ, không cấp lại.",
    "The address {address} receives no more; it is kept from being given again.",
)
_PRIMARY = Wording(
    "{address} là địa chỉ chính, nhận thư không có hạn.",
    "{address} is a primary address and receives without an end.",
)
_ALIAS_DOMAIN = Wording(
    "{address} là {canonical} ở tên miền thay cho nó; hãy ghi {canonical}.",
    "{address} is {canonical} in a domain that stands for its own; name {canonical}.",
)
_LABELS = {
    "address": Wording("Địa chỉ", "Address"),
    "mail": Wording("Của hộp thư", "Of the mailbox"),
    "until": Wording("Nhận thư đến", "Receives until"),
}
_FOR_GOOD = Wording("không có hạn", "for good")


class Kept(Struct, frozen=True):
    """What --json prints; `until` is a time of the province's zone, None: for good."""

    address: str
    mail: str
    until: datetime | None
    dn: str


def _until(context: click.Context, parameter: click.Parameter, text: str | None) -> date | str | None:
    return _ALWAYS if text == _ALWAYS else day(context, parameter, text)


@command(
    "keep",
    Wording(
        "Xem hoặc đặt hạn nhận thư của địa chỉ phụ ADDRESS, như địa chỉ trước khi đổi tên. Quá hạn, địa chỉ "
        "bị bỏ khỏi hộp thư và không bao giờ cấp lại.",
        "Shows or sets until when the further address ADDRESS receives, such as the one before a rename. "
        "After that it is taken from its mailbox and never given again.",
    ),
    "govdir address keep ./home sonoivu@cantho.gov.vn --until 2027-06-30",
    "govdir address keep ./home sonoivu@cantho.gov.vn --until always",
)
@home_argument
@click.argument("address", metavar="ADDRESS")
@option(
    "--until",
    callback=_until,
    metavar="DAY|always",
    wording=Wording("Đến hết ngày; always: không có hạn.", "The last day; always: for good."),
)
@json_option
def keep(*, home: Path, address: str, until: date | str | None, as_json: bool) -> None:
    """`govdir address keep`."""
    with open_directory(load_config(home)) as local:
        whole = address if "@" in address else f"{address}@{local.core.config.mail_domain}"
        found = _holder(local, whole.strip().lower())
        wanted = whole.strip().lower()
        if until is not None:
            others = [term.text for term in terms_of(found.attributes) if term.address != wanted]
            if isinstance(until, date):
                others.append(term_text(wanted, parse_generalized_time(last_moment(until))))
            modify(local, found.dn, put(ATTRIBUTE, *others))
            found = read(local, found.dn)
    view = _view(found, wanted)
    if as_json:
        print_json(view)
        return
    ends = shown_moment(view.until) or say(_FOR_GOOD)
    shown = {"address": view.address, "mail": view.mail, "until": ends}
    print_facts((say(_LABELS[name]), value) for name, value in shown.items())


def _holder(local: LocalDirectory, address: str) -> Found:
    """Who has it as a further address. Raises Refused."""
    image = local.directory.image
    if address in image.retired_addresses:
        raise Refused(say(_RETIRED, address=address))
    other = canonical(image, address)
    if other != address:
        raise Refused(say(_ALIAS_DOMAIN, address=address, canonical=other))
    for dn in local.find(f"(mailLocalAddress={escape_value(address)})"):
        return read(local, dn)
    if any(local.find(f"(mail={escape_value(address)})")):
        raise Refused(say(_PRIMARY, address=address))
    raise Refused(say(_NOBODYS, address=address))


def _view(found: Found, address: str) -> Kept:
    ends = (term.until for term in terms_of(found.attributes) if term.address == address)
    until = next(ends, None)
    return Kept(address, found.mail, None if until is None else until.astimezone(PROVINCE_ZONE), found.dn)
