"""`govdir mailbox delegate` and `handover`: whose a shared mailbox is, and who else may use it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.changes import also, modify, put, without
from govdir.cli.command import Group, Verb, command, home_argument, json_option, option
from govdir.cli.days import day, last_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import called_at, facts_of, view_of
from govdir.cli.one_time import generated, password_file_option, print_password, read_password
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_mailbox, find_person, read, who_argument
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.ldap.codec.messages import Change
from govdir.policy.texts import Wording

SHARED_CLASS = "gdSharedMailbox"

_NOT_SHARED = Wording(
    "{mail} là hộp thư của một người; chỉ hộp thư chung mới ủy quyền và bàn giao.",
    "{mail} is a person's mailbox; only shared ones are delegated and handed over.",
)
_NO_OWNER = Wording(
    "{mail} chưa có người phụ trách; trước hết: govdir mailbox handover … {mail} --to WHO",
    "{mail} has no owner yet; first: govdir mailbox handover … {mail} --to WHO",
)
_OWNED = Wording("{mail}: người phụ trách là {owner}", "{mail}: the owner is {owner}")

delegate = Group(
    "delegate",
    Wording(
        "Ủy quyền sử dụng hộp thư chung: ai khác ngoài người phụ trách được dùng.",
        "Who may use a shared mailbox besides its owner.",
    ),
    ("govdir mailbox delegate add ./home sonv nvminh --until 2027-06-30",),
    {
        "add": Verb(
            "govdir.cli.mailbox_sharing:delegate_add",
            Wording("Ủy quyền cho một người.", "Let somebody use it."),
        ),
        "remove": Verb(
            "govdir.cli.mailbox_sharing:delegate_remove", Wording("Thôi ủy quyền.", "End somebody's use.")
        ),
        "until": Verb(
            "govdir.cli.mailbox_sharing:delegate_until",
            Wording("Đặt ngày hết hạn ủy quyền.", "Set the day the delegation ends."),
        ),
    },
)


class HandedOver(Struct, frozen=True):
    """What is printed with --json; `record` is the line the directory wrote, None at the first owner."""

    dn: str
    mail: str
    owner: str
    record: str | None
    password: str | None


@command(
    "add",
    Wording(
        "Cho WHO sử dụng hộp thư chung BOX. Quy chế giới hạn số người được ủy quyền.",
        "Lets WHO use the shared mailbox BOX. The regulation limits how many may.",
    ),
    "govdir mailbox delegate add ./home sonv nvminh",
    "govdir mailbox delegate add ./home sonv nvminh --until 2027-06-30",
)
@home_argument
@click.argument("box", metavar="BOX")
@who_argument
@option("--until", callback=day, metavar="DAY", wording=Wording("Đến hết ngày.", "The last day."))
@json_option
def delegate_add(*, home: Path, box: str, who: str, until: date | None, as_json: bool) -> None:
    """`govdir mailbox delegate add`."""
    with open_directory(load_config(home)) as local:
        changes = [also("gdDelegate", find_person(local, who).dn)]
        if until is not None:
            changes.append(put("gdDelegateUntil", last_moment(until)))
        _change(local, _owned(local, box), changes, as_json=as_json)


@command(
    "remove",
    Wording("WHO thôi sử dụng hộp thư chung BOX.", "WHO uses the shared mailbox BOX no more."),
    "govdir mailbox delegate remove ./home sonv ltbdao",
)
@home_argument
@click.argument("box", metavar="BOX")
@who_argument
@json_option
def delegate_remove(*, home: Path, box: str, who: str, as_json: bool) -> None:
    """`govdir mailbox delegate remove`."""
    with open_directory(load_config(home)) as local:
        shared, person = _owned(local, box), find_person(local, who)
        changes = [without("gdDelegate", person.dn)]
        if len(shared.attributes.texts("gdDelegate")) == 1:
            changes.append(put("gdDelegateUntil"))
        _change(local, shared, changes, as_json=as_json)


@command(
    "until",
    Wording(
        "Việc ủy quyền sử dụng BOX hết hạn khi hết ngày DAY; không có DAY thì không hạn định.",
        "The delegation of BOX ends with DAY; without a DAY it has no end.",
    ),
    "govdir mailbox delegate until ./home sonv 2027-06-30",
)
@home_argument
@click.argument("box", metavar="BOX")
@click.argument("last", metavar="[DAY]", required=False, callback=day)
@json_option
def delegate_until(*, home: Path, box: str, last: date | None, as_json: bool) -> None:
    """`govdir mailbox delegate until`."""
    with open_directory(load_config(home)) as local:
        ends = () if last is None else (last_moment(last),)
        _change(local, _owned(local, box), [put("gdDelegateUntil", *ends)], as_json=as_json)


@command(
    "handover",
    Wording(
        "Bàn giao hộp thư chung BOX cho WHO: đổi người phụ trách và, khi hộp thư có mật mã, đặt mật mã "
        "mới trong cùng một thay đổi. Danh bạ tự ghi biên bản bàn giao.",
        "Hands the shared mailbox BOX over to WHO: another owner and, where the mailbox has a password, "
        "a new one in the same change. The directory itself writes the record.",
    ),
    "govdir mailbox handover ./home sonv --to ltbdao",
)
@home_argument
@click.argument("box", metavar="BOX")
@option("--to", "who", required=True, metavar="WHO", wording=Wording("Người nhận.", "Who takes it over."))
@password_file_option
@json_option
def handover(*, home: Path, box: str, who: str, password_file: Path | None, as_json: bool) -> None:
    """`govdir mailbox handover`."""
    given = None if password_file is None else read_password(password_file)
    with open_directory(load_config(home)) as local:
        shared, person = _shared(local, box), find_person(local, who)
        made = generated(local, shared.attributes) if given is None and _has_password(shared) else None
        password = given or made
        changes = [put("owner", person.dn)]
        if SHARED_CLASS.lower() not in shared.attributes.object_classes:
            changes.append(also("objectClass", SHARED_CLASS))
        if person.dn in shared.attributes.texts("gdDelegate"):
            changes.append(without("gdDelegate", person.dn))
        if password is not None:
            changes.append(put("userPassword", password))
        modify(local, shared.dn, *changes)
        _tell_handover(local, shared, made, as_json=as_json)


def _tell_handover(local: LocalDirectory, before: Found, password: str | None, *, as_json: bool) -> None:
    found = read(local, before.dn)
    earlier = set(before.attributes.texts("gdHandoverRecord"))
    records = [each for each in found.attributes.texts("gdHandoverRecord") if each not in earlier]
    owner = called_at(local, found.attributes.text("owner") or "")
    if as_json:
        print_json(HandedOver(found.dn, found.mail, owner, records[-1] if records else None, password))
        return
    click.echo(say(_OWNED, mail=found.called, owner=owner))
    for record in records:
        remark(f"  {record}")
    print_password(password)


def _change(local: LocalDirectory, shared: Found, changes: list[Change], *, as_json: bool) -> None:
    modify(local, shared.dn, *changes)
    view = view_of(local, read(local, shared.dn))
    print_json(view) if as_json else print_facts(facts_of(view))


def _shared(local: LocalDirectory, box: str) -> Found:
    found = find_mailbox(local, box)
    if found.is_person:
        raise Refused(say(_NOT_SHARED, mail=found.called))
    return found


def _owned(local: LocalDirectory, box: str) -> Found:
    found = _shared(local, box)
    if SHARED_CLASS.lower() not in found.attributes.object_classes:
        raise Refused(say(_NO_OWNER, mail=found.called))
    return found


def _has_password(found: Found) -> bool:
    return "pwdChangedTime" in found.attributes
