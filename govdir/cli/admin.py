"""`govdir admin`: the roles in the running of the directory, and who holds them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.changes import add, also, modify, without
from govdir.cli.command import Function, Group, Verb, command, home_argument, json_option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import called_at
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_person, name_of, read, who_argument
from govdir.cli.table import print_table
from govdir.config import load_config
from govdir.directory.roles import HeldRole
from govdir.policy.texts import Wording

ROLE_CLASS = "gdRoleGroup"
ROLES = {
    HeldRole.ADMINISTRATOR: Wording(
        "quản trị toàn danh bạ: đọc, sửa mọi thứ",
        "administers the whole directory: reads and writes everything",
    ),
    HeldRole.OPERATOR: Wording(
        "vận hành: cấp, sửa hộp thư, cơ quan, danh sách của toàn tỉnh",
        "runs the system: gives and changes mailboxes, bodies and lists of the whole province",
    ),
    HeldRole.APPROVER: Wording(
        "duyệt: cho hộp thư mới bắt đầu, đổi trạng thái", "approves: lets new mailboxes begin, changes states"
    ),
    HeldRole.AUDITOR: Wording(
        "kiểm tra: đọc mọi thứ trừ mật mã, không sửa gì",
        "audits: reads everything but passwords, writes nothing",
    ),
}
_OF_BODY = {
    "gdItAdmin": Wording("quản trị hộp thư của {body}", "administers the mailboxes of {body}"),
    "gdApprover": Wording("duyệt yêu cầu của {body}", "approves the requests of {body}"),
    "owner": Wording("phụ trách {body}", "owns {body}"),
    "gdDelegate": Wording("được ủy quyền dùng {body}", "may use {body} as a delegate"),
}

_NOBODY = Wording("Chưa ai giữ vai trò nào.", "Nobody holds a role yet.")
_HOLDS = Wording("{who}: {role}", "{who}: {role}")
_NO_ROLE = Wording("{who} không giữ vai trò “{role}”.", '{who} does not hold the role "{role}".')
_HAS_ROLE = Wording("{who} đã giữ vai trò “{role}”.", '{who} holds the role "{role}" already.')
_ENDED = Wording("{who} thôi giữ vai trò “{role}”.", '{who} no longer holds the role "{role}".')
_NOTHING = Wording(
    "{who} chỉ có quyền với mục của chính mình.", "{who} may do nothing but with the entry of its own."
)

admin = Group(
    "admin",
    Wording("Ai được làm gì với danh bạ.", "Who may do what in the directory."),
    ("govdir admin grant ./home operator nvminh", "govdir admin list ./home"),
    {
        "list": Verb(
            "govdir.cli.admin:list_roles",
            Wording("Liệt kê ai giữ vai trò nào.", "List who holds which role."),
        ),
        "show": Verb(
            "govdir.cli.admin:show", Wording("Cho biết một người được làm gì.", "Tell what somebody may do.")
        ),
        "grant": Verb("govdir.cli.admin:grant", Wording("Giao vai trò.", "Give somebody a role.")),
        "revoke": Verb("govdir.cli.admin:revoke", Wording("Thu lại vai trò.", "Take a role away.")),
    },
)


class Power(Struct, frozen=True):
    """A role somebody holds, or a body's mailboxes somebody answers for; `body` is "" for the province."""

    role: str
    who: str
    name: str
    body: str
    text: str


def _role_argument(function: Function) -> Function:
    return click.argument(
        "role", metavar="|".join(ROLES), type=click.Choice([role.value for role in HeldRole])
    )(function)


@command(
    "list",
    Wording(
        "Liệt kê ai giữ vai trò nào trong toàn danh bạ, và ai quản trị, duyệt cho từng cơ quan.",
        "Lists who holds which role in the whole directory, and each body's administrators and approvers.",
    ),
    "govdir admin list ./home",
)
@home_argument
@json_option
def list_roles(*, home: Path, as_json: bool) -> None:
    """`govdir admin list`."""
    with open_directory(load_config(home)) as local:
        powers = [*_roles(local), *_appointments(local, ("gdItAdmin", "gdApprover"))]
    if as_json:
        print_json(powers)
    elif powers:
        print_table([(power.role, power.who, power.name, power.body) for power in powers])
    else:
        remark(say(_NOBODY))


@command(
    "show",
    Wording(
        "Cho biết WHO được làm gì: vai trò, cơ quan quản trị hoặc duyệt, hộp thư chung phụ trách hoặc "
        "được dùng.",
        "Tells what WHO may do: roles, bodies administered or approved for, shared mailboxes owned or used.",
    ),
    "govdir admin show ./home nvminh",
)
@home_argument
@who_argument
@json_option
def show(*, home: Path, who: str, as_json: bool) -> None:
    """`govdir admin show`."""
    with open_directory(load_config(home)) as local:
        person = find_person(local, who)
        powers = [power for power in _powers(local) if power.who == person.called]
    if as_json:
        print_json(powers)
        return
    for power in powers:
        click.echo(power.text)
    if not powers:
        remark(say(_NOTHING, who=person.called))


@command(
    "grant",
    Wording(
        "Giao cho WHO một vai trò trong toàn danh bạ; WHO vẫn đăng nhập bằng tài khoản của mình.",
        "Gives WHO a role in the whole directory; WHO goes on signing in with its own account.",
    ),
    "govdir admin grant ./home operator nvminh",
)
@home_argument
@_role_argument
@who_argument
def grant(*, home: Path, role: str, who: str) -> None:
    """`govdir admin grant`."""
    with open_directory(load_config(home)) as local:
        person, groups = find_person(local, who), _groups(local, role)
        if any(person.dn in group.attributes.texts("member") for group in groups):
            raise Refused(say(_HAS_ROLE, who=person.called, role=role))
        if groups:
            modify(local, groups[0].dn, also("member", person.dn))
        else:
            dn = f"cn={role}s,ou=admins,{local.core.config.suffix}"
            add(local, dn, (ROLE_CLASS,), {"gdRoleKind": role, "member": person.dn})
        click.echo(say(_HOLDS, who=person.called, role=ROLES[HeldRole(role)]))


@command(
    "revoke",
    Wording("Thu lại vai trò đó của WHO.", "Takes that role away from WHO."),
    "govdir admin revoke ./home auditor tqan",
)
@home_argument
@_role_argument
@who_argument
def revoke(*, home: Path, role: str, who: str) -> None:
    """`govdir admin revoke`."""
    with open_directory(load_config(home)) as local:
        person = find_person(local, who)
        holding = [group for group in _groups(local, role) if person.dn in group.attributes.texts("member")]
        if not holding:
            raise Refused(say(_NO_ROLE, who=person.called, role=role))
        for group in holding:
            modify(local, group.dn, without("member", person.dn))
        click.echo(say(_ENDED, who=person.called, role=role))


def _groups(local: LocalDirectory, role: str) -> list[Found]:
    """The groups that give the role: those below ou=admins; anywhere else a group gives none."""
    base = f"ou=admins,{local.core.config.suffix}"
    return [read(local, dn) for dn in local.find(f"(&(objectClass={ROLE_CLASS})(gdRoleKind={role}))", base)]


def _powers(local: LocalDirectory) -> Iterator[Power]:
    yield from _roles(local)
    yield from _appointments(local, tuple(_OF_BODY))


def _roles(local: LocalDirectory) -> Iterator[Power]:
    for role, wording in ROLES.items():
        for group in _groups(local, role):
            for dn in group.attributes.texts("member"):
                yield _power(local, role.value, dn, "", say(wording))


def _appointments(local: LocalDirectory, attributes: tuple[str, ...]) -> Iterator[Power]:
    named = "".join(f"({name}=*)" for name in attributes)
    for dn in local.find(f"(|{named})", f"ou=orgs,{local.core.config.suffix}"):
        found = read(local, dn)
        body = name_of(found.attributes)
        for name in attributes:
            for one in found.attributes.texts(name):
                yield _power(local, name, one, body, say(_OF_BODY[name], body=body))


def _power(local: LocalDirectory, role: str, dn: str, body: str, text: str) -> Power:
    called = called_at(local, dn)
    name = name_of(read(local, dn).attributes) if called != dn else ""
    return Power(role, called, name, body, text)
