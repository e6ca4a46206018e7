"""`govdir service config`: a mail server's finished configuration for this directory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from govdir.cli.command import Function, accepted_by, command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.service_accounts import WORD, find_service
from govdir.cli.service_surroundings import Places, Prepared, prepare
from govdir.config import load_config
from govdir.mailservers.configurations import ConfigurationFile, configuration, paths
from govdir.mailservers.programs import PROGRAMS, Program
from govdir.policy.texts import Wording

PASSWORD_PLACE: Final = "PASSWORD-OF-THE-SERVICE"  # noqa: S105 - a place for one
"""Stands where a password belongs that govdir does not know any more."""

_SERVER = Wording(
    "Tên máy chủ govdir như máy chủ thư gọi, có trong chứng thư; nêu nhiều lần khi có nhiều nút.",
    "The govdir host as the mail server calls it, a name its certificate has; several for several nodes.",
)
_POLICY = Wording(
    "Nơi máy chủ thư hỏi dịch vụ xét thư; nêu nhiều lần khi có nhiều nút. Mặc định: [listen] policy.",
    "Where the mail server asks the policy service; several for several nodes. Default: [listen] policy.",
)
_WRITE = Wording(
    "Ghi các tệp vào dưới DIR thay vì in ra.", "Write the files below DIR instead of printing them."
)
_WRITTEN = Wording("Đã ghi {path}.", "Wrote {path}.")
_EXISTS = Wording("{path} đã có; hãy dùng thư mục khác.", "{path} exists; use another folder.")
_COPY = Wording(
    "Chép các tệp này sang máy chủ thư, giữ nguyên đường dẫn; đừng để ai khác đọc tệp có mật mã.",
    "Copy these files to the mail server, keeping their paths; let nobody else read those with the password.",
)
_NEXT = Wording("Trên máy chủ thư, với quyền root: {command}", "Then, on the mail server, as root: {command}")
_PAGE = Wording("Giải thích: docs/clients/{page}.md", "Explained in docs/clients/{page}.md")


def place_options(function: Function) -> Function:
    """Decorates a function with `--server` and `--policy` (tuples), and `--write`."""
    for decorate in (
        option("--write", "folder", metavar="DIR", type=click.Path(path_type=Path), wording=_WRITE),
        option("--policy", "policies", multiple=True, metavar="HOST:PORT", wording=_POLICY),
        option("--server", "servers", multiple=True, metavar="HOST[:PORT]", wording=_SERVER),
    ):
        function = decorate(function)
    return function


@command(
    "config",
    Wording(
        "In cấu hình của phần mềm PROGRAM dùng tài khoản NAME, với các giá trị của danh bạ này.\n\n"
        "Mật mã không in lại được: chỗ của nó ghi " + PASSWORD_PLACE + ".",
        "Prints the configuration of the program PROGRAM for the account NAME, with this directory's "
        "values.\n\nThe password cannot be shown again: its place says " + PASSWORD_PLACE + ".",
    ),
    "govdir service config ./home postfix postfix --server ldap.cantho.gov.vn:389",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@click.argument("program", metavar="PROGRAM", type=click.Choice(sorted(PROGRAMS)))
@place_options
@json_option
def config(
    *,
    home: Path,
    name: str,
    program: str,
    servers: tuple[str, ...],
    policies: tuple[str, ...],
    folder: Path | None,
    as_json: bool,
) -> None:
    """`govdir service config`."""
    with open_directory(load_config(home)) as local:
        dn = find_service(local, name).dn
        prepared = prepare(local, PROGRAMS[program], dn, PASSWORD_PLACE, Places(servers, policies))
    if folder is not None:
        write_configuration(PROGRAMS[program], prepared, folder)
    tell_configuration(PROGRAMS[program], prepared, written=folder is not None, as_json=as_json)


def write_configuration(program: Program, prepared: Prepared, folder: Path) -> None:
    """Writes the files below `folder`. Raises Refused, OSError."""
    refuse_to_overwrite(program, folder)
    _write(configuration(program, prepared.surroundings), folder)


def tell_configuration(program: Program, prepared: Prepared, *, written: bool, as_json: bool) -> None:
    """Prints the files, unless they were written, and says what to do next."""
    files = () if written else configuration(program, prepared.surroundings)
    if as_json and not written:
        print_json(files)
    else:
        for file in files:
            click.echo(f"# ---- {file.path}\n{file.text}")
    if not as_json:
        _say_what_next(program, prepared.troubles)


def _say_what_next(program: Program, troubles: Sequence[Wording]) -> None:
    for trouble in troubles:
        remark(say(trouble))
    remark(say(_COPY))
    if program.then:
        remark(say(_NEXT, command=program.then))
    remark(say(_PAGE, page=program.page))


def refuse_to_overwrite(program: Program, folder: Path) -> None:
    """Raises Refused where a file of the configuration is there already."""
    for path in paths(program):
        place = folder / path.lstrip("/")
        if place.exists():
            raise Refused(say(_EXISTS, path=place))


def _write(files: Sequence[ConfigurationFile], folder: Path) -> None:
    for file in files:
        place = folder / file.path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o640 if file.secret else 0o644)
        place.write_text(file.text, "utf-8")
        remark(say(_WRITTEN, path=place))
