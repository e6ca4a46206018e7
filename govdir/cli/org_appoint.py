"""`govdir org appoint` and `dismiss`: who administers a body, and who approves its requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from govdir.cli.changes import also, modify, without
from govdir.cli.command import Function, command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.org_lookup import find_body
from govdir.cli.org_show import facts_of, view_of
from govdir.cli.output import print_json
from govdir.cli.people import find_person, read
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.ldap.codec.messages import Change
from govdir.policy.texts import Wording

_ONE_NEEDED = Wording("cần --it-admin hoặc --approver", "--it-admin or --approver is needed")


def _person_options(function: Function) -> Function:
    administrator = option(
        "--it-admin",
        metavar="WHO",
        wording=Wording("Người quản trị hộp thư của cơ quan.", "Its administrator."),
    )
    approver = option(
        "--approver", metavar="WHO", wording=Wording("Người duyệt yêu cầu.", "Who approves its requests.")
    )
    return administrator(approver(function))


@command(
    "appoint",
    Wording(
        "Giao cho một người quyền quản trị (--it-admin) hoặc duyệt (--approver) những gì thuộc BODY.",
        "Makes somebody the administrator (--it-admin) or the approver (--approver) of what belongs to BODY.",
    ),
    "govdir org appoint ./home sonv --it-admin nvminh",
    "govdir org appoint ./home sonv --approver ltbdao",
)
@home_argument
@click.argument("body", metavar="BODY")
@_person_options
@json_option
def appoint(*, home: Path, body: str, it_admin: str | None, approver: str | None, as_json: bool) -> None:
    """`govdir org appoint`."""
    _change(home, body, it_admin, approver, also, as_json=as_json)


@command(
    "dismiss",
    Wording(
        "Thu lại của một người quyền quản trị hoặc duyệt những gì thuộc BODY.",
        "Ends somebody's appointment as administrator or approver of BODY.",
    ),
    "govdir org dismiss ./home sonv --it-admin tqan",
)
@home_argument
@click.argument("body", metavar="BODY")
@_person_options
@json_option
def dismiss(*, home: Path, body: str, it_admin: str | None, approver: str | None, as_json: bool) -> None:
    """`govdir org dismiss`."""
    _change(home, body, it_admin, approver, without, as_json=as_json)


def _change(
    home: Path,
    body: str,
    it_admin: str | None,
    approver: str | None,
    made: Callable[[str, str], Change],
    *,
    as_json: bool,
) -> None:
    if it_admin is None and approver is None:
        raise click.UsageError(say(_ONE_NEEDED))
    with open_directory(load_config(home)) as local:
        found = find_body(local, body)
        wanted = (("gdItAdmin", it_admin), ("gdApprover", approver))
        changes = [made(name, find_person(local, who).dn) for name, who in wanted if who is not None]
        modify(local, found.dn, *changes)
        view = view_of(local, read(local, found.dn))
    print_json(view) if as_json else print_facts(facts_of(view))
