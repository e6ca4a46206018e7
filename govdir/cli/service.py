"""`govdir service`: the bind identities of mail servers and applications."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import Group, Verb, accepted_by, command, home_argument, json_option, option
from govdir.cli.days import shown_moment
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.one_time import print_password
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, record_of
from govdir.cli.service_accounts import (
    WORD,
    NewService,
    add_program,
    add_service,
    find_service,
    service_name,
    services,
)
from govdir.cli.service_config import (
    place_options,
    refuse_to_overwrite,
    tell_configuration,
    write_configuration,
)
from govdir.cli.service_surroundings import Places, prepare
from govdir.cli.table import print_table
from govdir.config import load_config
from govdir.mailservers.programs import PROGRAMS
from govdir.policy.texts import Wording
from govdir.settings import matching

# What the shipped access rules know; a home's own rules may know more.
USUAL_KINDS = ("mail", "login", "addressbook", "portal", "reader")
# A program's name, which says its job and configures it, or a kind of job.
_JOB = matching(r"[a-z0-9][a-z0-9._-]{0,62}", "a-z 0-9 - _ .")

service = Group(
    "service",
    Wording("Tài khoản của máy chủ thư và ứng dụng.", "Accounts of mail servers and applications."),
    ("govdir service add ./home postfix --for postfix",),
    {
        "add": Verb(
            "govdir.cli.service:add",
            Wording("Tạo tài khoản và in mật mã một lần.", "Make an account and print its password once."),
        ),
        "config": Verb(
            "govdir.cli.service_config:config",
            Wording("In lại cấu hình của một phần mềm.", "Print a program's configuration again."),
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
_SURE = Wording(
    "Bỏ {dn}? Chương trình dùng tài khoản này sẽ không truy vấn được nữa.",
    "Remove {dn}? The program that uses it can ask no more.",
)
_NO_PROGRAM = Wording(
    "--server, --policy và --write dùng với phần mềm: --for {programs}",
    "--server, --policy and --write are for programs: --for {programs}",
)
_REMOVED = Wording("Đã bỏ {dn}.", "Removed {dn}.")


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
        "Nêu tên phần mềm ("
        + ", ".join(PROGRAMS)
        + ") thì in luôn cấu hình hoàn chỉnh. In DN và mật mã, một lần. Máy chủ đang chạy nhận ra ngay.",
        "Makes the account with which the mail server or application NAME asks the directory, seeing "
        "only what its job needs.\n\nFor a program that govdir knows ("
        + ", ".join(PROGRAMS)
        + ") its finished configuration is printed. Prints DN and password, once. A running server knows "
        "it at once.",
    ),
    "govdir service add ./home postfix --for postfix --write ./postfix-files",
    "govdir service add ./home hr --for personnel",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@option(
    "--for",
    "job",
    required=True,
    callback=accepted_by(_JOB),
    metavar="|".join((*PROGRAMS, *USUAL_KINDS)),
    wording=Wording(
        "Phần mềm, hoặc công việc: tên sau “service:” trong access.toml.",
        'The program, or the job: what stands after "service:" in access.toml.',
    ),
)
@place_options
@json_option
def add(
    *,
    home: Path,
    name: str,
    job: str,
    servers: tuple[str, ...],
    policies: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """`govdir service add`."""
    program = PROGRAMS.get(job)
    if program is None and (servers or policies or folder):
        raise click.UsageError(say(_NO_PROGRAM, programs=", ".join(PROGRAMS)))
    if program is not None and folder is not None:
        refuse_to_overwrite(program, folder)
    with open_directory(load_config(home)) as local:
        if program is None:
            made, prepared = add_service(local, name, job), None
        else:
            made = add_program(local, name, program)
            prepared = prepare(local, program, made.dn, made.password, Places(servers, policies))
    if program is not None and prepared is not None and folder is not None:
        # Before anything is printed: who reads no further than the first line ends the command there.
        write_configuration(program, prepared, folder)
    if not as_json or program is None:
        _tell(made, as_json=as_json)
    if program is not None and prepared is not None:
        tell_configuration(program, prepared, written=folder is not None, as_json=as_json)


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
        found = [_service(local, each) for each in services(local)]
    if as_json:
        print_json(found)
    elif found:
        print_table([(one.name, one.kind, shown_moment(one.last_sign_in), one.dn) for one in found])
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
        dn = find_service(local, name).dn
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
        dn = find_service(local, name).dn
        make_sure(say(_SURE, dn=dn), yes=yes)
        local.run(local.handle.delete(dn))
    remark(say(_REMOVED, dn=dn))


def _tell(made: NewService, *, as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    click.echo(made.dn)
    print_password(made.password)


def _service(local: LocalDirectory, found: Found) -> Service:
    record = record_of(local, found.dn)
    last = None if record is None else local.directory.logins.last_success(record.id)
    return Service(service_name(found), found.attributes.text("gdServiceKind") or "", last, found.dn)
