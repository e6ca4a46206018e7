"""`govdir service`: the bind identities of mail servers and applications."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.base_tree import service_entry
from govdir.cli.command import Group, Verb, accepted_by, command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.output import print_json, remark
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
        )
    },
)

_MADE = Wording("Mật mã chỉ hiện một lần này.", "The password is shown this once.")


class NewService(Struct, frozen=True):
    """A service's bind identity."""

    dn: str
    password: str


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
    if as_json:
        print_json(made)
        return
    click.echo(made.dn)
    click.echo(made.password)
    remark(say(_MADE))


def add_service(local: LocalDirectory, name: str, kind: str) -> NewService:
    """Adds the entry and gives it a password that the rules accept. Raises DirectoryError."""
    request = service_entry(local.core.config.suffix, name, kind)
    dn = local.run(local.handle.add(request))
    password = local.run(local.handle.change_password(dn, None, None)) or b""
    return NewService(dn, password.decode())
