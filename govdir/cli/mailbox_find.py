"""`govdir mailbox show`, `find` and `duplicates`: what is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import click
from msgspec import Struct

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import facts_of, say_state, view_of
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, body_name, find_mailbox, name_of, named_like, read, who_argument
from govdir.cli.progress import watched
from govdir.cli.table import print_facts, print_table
from govdir.config import load_config
from govdir.policy.texts import Wording

_NOTHING = Wording("Không có hộp thư nào như “{text}”.", 'There is no mailbox like "{text}".')
_SEARCHING = Wording("Đang đọc danh bạ", "Reading the directory")
_NO_DUPLICATES = Wording("Không ai trùng họ tên.", "Nobody shares a name.")
_SHARED = Wording(
    "{name}: {count} người, trong cùng một nơi có {together}.",
    "{name}: {count} people, {together} of them in one body.",
)


class Line(Struct, frozen=True):
    """One mailbox of a list."""

    mail: str
    name: str
    body: str
    state: str
    dn: str


class Namesakes(Struct, frozen=True):
    """People of one folded name; `together` is how many the body with most of them has."""

    key: str
    name: str
    together: int
    people: tuple[Line, ...]


@command(
    "show",
    Wording(
        "Cho biết mọi điều về hộp thư WHO (địa chỉ, bí danh, tên đăng nhập hoặc DN): trạng thái, máy chủ "
        "thư thấy gì, mật mã, lần đăng nhập gần nhất, các thời hạn, người phụ trách và người được ủy quyền.",
        "Tells all about the mailbox WHO (address, alias, login name or DN): its state, what mail "
        "servers see, password, last sign-in, what is due, owner and delegates.",
    ),
    "govdir mailbox show ./home nvminh",
    "govdir mailbox show ./home sonv@cantho.gov.vn --json",
)
@home_argument
@who_argument
@json_option
def show(*, home: Path, who: str, as_json: bool) -> None:
    """`govdir mailbox show`."""
    with open_directory(load_config(home)) as local:
        view = view_of(local, find_mailbox(local, who))
    print_json(view) if as_json else print_facts(facts_of(view))


@command(
    "find",
    Wording(
        "Tìm hộp thư có tên hoặc địa chỉ chứa TEXT; dấu và chữ hoa không kể.",
        "Finds mailboxes whose name or an address holds TEXT; accents and capitals do not matter.",
    ),
    'govdir mailbox find ./home "van minh"',
    "govdir mailbox find ./home noi --json",
)
@home_argument
@click.argument("text", metavar="TEXT")
@json_option
def find(*, home: Path, text: str, as_json: bool) -> None:
    """`govdir mailbox find`."""
    with open_directory(load_config(home)) as local:
        found = [_line(local, one) for one in named_like(local, text)]
    if as_json:
        print_json(found)
    if not found:
        raise Refused(say(_NOTHING, text=text))
    if not as_json:
        print_table([_cells(line) for line in found])


@command(
    "duplicates",
    Wording(
        "Liệt kê những người trùng họ tên (không kể dấu) trong toàn danh bạ; nơi nào có hai người trùng "
        "tên thì có thể là cấp hai lần.",
        "Lists people who share a name (accents aside) in the whole directory; two of them in one body "
        "may be one who was given a mailbox twice.",
    ),
    "govdir mailbox duplicates ./home",
)
@home_argument
@json_option
def duplicates(*, home: Path, as_json: bool) -> None:
    """`govdir mailbox duplicates`."""
    with open_directory(load_config(home)) as local:
        groups = _groups(local)
    if as_json:
        print_json(groups)
        return
    if not groups:
        remark(say(_NO_DUPLICATES))
    for group in groups:
        click.echo(say(_SHARED, name=group.name, count=len(group.people), together=group.together))
        print_table([("", *_cells(line)) for line in group.people])


def _groups(local: LocalDirectory) -> list[Namesakes]:
    """Those who stand in one body first, then by name."""
    people: dict[str, list[Found]] = defaultdict(list)
    for dn in watched(local.find("(&(objectClass=gdPerson)(gdNameKey=*))"), say(_SEARCHING)):
        found = read(local, dn)
        people[found.attributes.text("gdNameKey") or ""].append(found)
    groups = [
        Namesakes(key, name_of(same[0].attributes), _together(same), tuple(_line(local, one) for one in same))
        for key, same in people.items()
        if len(same) > 1
    ]
    return sorted(groups, key=lambda group: (group.together == 1, group.key))


def _together(people: list[Found]) -> int:
    return max(Counter(one.dn.partition(",")[2] for one in people).values())


def _line(local: LocalDirectory, found: Found) -> Line:
    return Line(found.mail, name_of(found.attributes), body_name(local, found.dn), found.state, found.dn)


def _cells(line: Line) -> tuple[str, ...]:
    return line.mail, line.name, line.body, say_state(line.state)
