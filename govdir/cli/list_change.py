"""`govdir list authorise`, `withdraw` and `delete`."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.changes import also, modify, without
from govdir.cli.command import command, home_argument, json_option
from govdir.cli.language import say
from govdir.cli.list_lookup import find_list, list_argument
from govdir.cli.list_show import facts_of, view_of
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_mailbox, read, who_argument
from govdir.cli.table import print_facts
from govdir.config import load_config
from govdir.policy.duties import SenderPolicy
from govdir.policy.texts import Wording

_SURE = Wording("Xóa danh sách {mail}?", "Delete the list {mail}?")
_DELETED = Wording("Đã xóa {mail}.", "Deleted {mail}.")
_NOT_NAMED = Wording(
    "{who} không có trong số người được giao của danh sách {mail}.",
    "{who} is none of those named by the list {mail}.",
)


@command(
    "authorise",
    Wording(
        "Cho WHO gửi vào LIST: kiểm soát cùng cơ quan, hoặc là người gửi được nêu tên khi danh sách theo "
        "“listed”.",
        "Lets WHO send to LIST: controlling it with the body, or as a named sender where its policy is "
        '"listed".',
    ),
    "govdir list authorise ./home canbo.sonv nvminh",
)
@home_argument
@list_argument
@who_argument
@json_option
def authorise(*, home: Path, text: str, who: str, as_json: bool) -> None:
    """`govdir list authorise`."""
    with open_directory(load_config(home)) as local:
        found, mailbox = find_list(local, text), find_mailbox(local, who)
        by_name = found.attributes.text("gdSenderPolicy") == SenderPolicy.LISTED
        modify(local, found.dn, also("dnsender" if by_name else "owner", mailbox.dn))
        _tell(local, found, as_json=as_json)


@command(
    "withdraw",
    Wording("Không cho WHO gửi vào và kiểm soát LIST nữa.", "Lets WHO send to LIST and control it no more."),
    "govdir list withdraw ./home canbo.sonv tqan",
)
@home_argument
@list_argument
@who_argument
@json_option
def withdraw(*, home: Path, text: str, who: str, as_json: bool) -> None:
    """`govdir list withdraw`."""
    with open_directory(load_config(home)) as local:
        found, mailbox = find_list(local, text), find_mailbox(local, who)
        named = [name for name in ("owner", "dnsender") if mailbox.dn in found.attributes.texts(name)]
        if not named:
            raise Refused(say(_NOT_NAMED, who=mailbox.called, mail=found.called))
        modify(local, found.dn, *(without(name, mailbox.dn) for name in named))
        _tell(local, found, as_json=as_json)


@command(
    "delete",
    Wording(
        "Xóa danh sách LIST; hộp thư của thành viên vẫn còn.",
        "Deletes the list LIST; its members' mailboxes stay.",
    ),
    "govdir list delete ./home canbo.sonv --yes",
)
@home_argument
@list_argument
@yes_option
def delete(*, home: Path, text: str, yes: bool) -> None:
    """`govdir list delete`."""
    with open_directory(load_config(home)) as local:
        found = find_list(local, text)
        make_sure(say(_SURE, mail=found.called), yes=yes)
        local.run(local.handle.delete(found.dn))
        remark(say(_DELETED, mail=found.called))


def _tell(local: LocalDirectory, before: Found, *, as_json: bool) -> None:
    view = view_of(local, read(local, before.dn))
    print_json(view) if as_json else print_facts(facts_of(view))
