"""`govdir service`: the bind identities of mail servers and applications."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.base_tree import service_entry
from govdir.cli.command import Group, Verb, accepted_by, command, home_argument, json_option, option
from govdir.cli.days import shown_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.one_time import print_password
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, read, record_of
from govdir.cli.table import print_table
from govdir.config import load_config
from govdir.policy.texts import Wording
from govdir.settings import matching

# What the shipped access rules know; a home's own rules may know more.
USUAL_KINDS = ("mail", "addressbook", "portal", "reader")
WORD = matching(r"[a-z0-9][a-z0-9_-]{0,62}", "a-z 0-9 - _")

service = Group(
    "service",
    Wording("Tài khoản của máy chủ thư và ứng dụng.", "Accounts of mail servers and applications."),
    ("govdir service add ./home postfix --for mail",),
    {
        "add": Verb(
            "govdir.cli.service:add",
            Wording("Tạo tài khoản và in mật mã một lần.", "Make an account and print its password once."),
        ),
        "list": Verb(
            "govdir.cli.service:list_services", Wording("Các tài khoản.", "What accounts there are.")
        ),
        "rotate": Verb(
            "govdir.cli.service:rotate", Wording("Đặt mật mã mới.", "Give an account a new password.")
        ),
        "remove": Verb("govdir.cli.service:remove", Wording("Bỏ một tài khoản.", "Remove an account.")),
    },
)

_NONE = Wording("Chưa có tài khoản nào.", "There are no accounts yet.")
_UNKNOWN = Wording(
    "Không có tài khoản “{name}”; có: {known}", 'There is no account "{name}"; there are: {known}'
)
_SURE = Wording(
    "Bỏ {dn}? Chương trình dùng tài khoản này sẽ không truy vấn được nữa.",
    "Remove {dn}? The program that uses it can ask no more.",
)
_REMOVED = Wording("Đã bỏ {dn}.", "Removed {dn}.")


class NewService(Struct, frozen=True):
    """A service's bind identity."""

    dn: str
    password: str


class Service(Struct, frozen=True):
    """A service's bind identity as `list` tells it; never with a password."""

    name: str
    kind: str
    last_sign_in: datetime | None
    dn: str


@command(
    "add",
    Wording(
        "Tạo tài khoản để máy chủ thư hoặc ứng dụng NAME truy vấn danh bạ, đúng quyền của việc đó.\n\n"
        "In DN và mật mã, một lần. Máy chủ đang chạy nhận ra ngay.",
        "Makes the account with which the mail server or application NAME asks the directory, seeing "
        "only what its job needs.\n\nPrints DN and password, once. A running server knows it at once.",
    ),
    "govdir service add ./home postfix --for mail",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@option(
    "--for",
    "kind",
    required=True,
    callback=accepted_by(WORD),
    metavar="|".join(USUAL_KINDS),
    wording=Wording(
        "Công việc: tên sau “service:” trong access.toml.",
        'Its job: what stands after "service:" in access.toml.',
    ),
)
@json_option
def add(*, home: Path, name: str, kind: str, as_json: bool) -> None:
    """`govdir service add`."""
    with open_directory(load_config(home)) as local:
        made = add_service(local, name, kind)
    _tell(made, as_json=as_json)


@command(
    "list",
    Wording("Liệt kê tài khoản của các chương trình.", "Lists the accounts of programs."),
    "govdir service list ./home",
)
@home_argument
@json_option
def list_services(*, home: Path, as_json: bool) -> None:
    """`govdir service list`."""
    with open_directory(load_config(home)) as local:
        services = [_service(local, found) for found in _services(local)]
    if as_json:
        print_json(services)
    elif services:
        print_table([(one.name, one.kind, shown_moment(one.last_sign_in), one.dn) for one in services])
    else:
        remark(say(_NONE))


@command(
    "rotate",
    Wording(
        "Đặt mật mã mới cho tài khoản NAME và in ra một lần; mật mã cũ hết hiệu lực ngay.",
        "Gives the account NAME a new password and prints it once; the old one ends at once.",
    ),
    "govdir service rotate ./home postfix",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@json_option
def rotate(*, home: Path, name: str, as_json: bool) -> None:
    """`govdir service rotate`."""
    with open_directory(load_config(home)) as local:
        dn = _find(local, name).dn
        password = local.run(local.handle.change_password(dn, None, None)) or b""
    _tell(NewService(dn, password.decode()), as_json=as_json)


@command(
    "remove",
    Wording("Bỏ tài khoản NAME.", "Removes the account NAME."),
    "govdir service remove ./home postfix --yes",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@yes_option
def remove(*, home: Path, name: str, yes: bool) -> None:
    """`govdir service remove`."""
    with open_directory(load_config(home)) as local:
        dn = _find(local, name).dn
        make_sure(say(_SURE, dn=dn), yes=yes)
        local.run(local.handle.delete(dn))
    remark(say(_REMOVED, dn=dn))


def add_service(local: LocalDirectory, name: str, kind: str) -> NewService:
    """Adds the entry and gives it a password that the rules accept. Raises DirectoryError."""
    request = service_entry(local.core.config.suffix, name, kind)
    dn = local.run(local.handle.add(request))
    password = local.run(local.handle.change_password(dn, None, None)) or b""
    return NewService(dn, password.decode())


def _tell(made: NewService, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    click.echo(made.dn)
    print_password(made.password)


def _services(local: LocalDirectory) -> list[Found]:
    return [read(local, dn) for dn in local.find("(objectClass=gdService)")]


def _service(local: LocalDirectory, found: Found) -> Service:
    record = record_of(local, found.dn)
    last = None if record is None else local.directory.logins.last_success(record.id)
    return Service(_name(found), found.attributes.text("gdServiceKind") or "", last, found.dn)


def _find(local: LocalDirectory, name: str) -> Found:
    services = _services(local)
    for found in services:
        if _name(found) == name:
            return found
    raise Refused(say(_UNKNOWN, name=name, known=", ".join(map(_name, services)) or "–"))


def _name(found: Found) -> str:
    return found.attributes.text("cn") or ""
