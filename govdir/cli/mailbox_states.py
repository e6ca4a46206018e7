"""`govdir mailbox suspend`, `restore`, `revoke` and the like: from one state to another, with the reason."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.changes import modify, put
from govdir.cli.command import Command, command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.mailbox_view import say_state, tell_change
from govdir.cli.one_time import asked_for, password_options
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json, remark
from govdir.cli.people import Found, find_mailbox, who_argument
from govdir.cli.reasons import reason_option
from govdir.config import load_config
from govdir.mailattrs.state_changes import restores_with_password
from govdir.mailattrs.states import State
from govdir.policy.texts import Wording

_NOT_FROM = Wording(
    "{mail}: trạng thái là “{state}”, lệnh này dành cho “{wanted}”.",
    '{mail}: the state is "{state}", this command is for "{wanted}".',
)
_USE = Wording("Lệnh cho trạng thái này: {commands}.", "For this state: {commands}.")
_COMMANDS: dict[str, str] = {
    State.PENDING: "govdir mailbox approve",
    State.SEND_BLOCKED: "govdir mailbox unblock, govdir mailbox leave --cancel",
    State.SUSPENDED: "govdir mailbox restore, govdir mailbox confirm",
    State.REVOKED: "govdir mailbox restore",
}
"""What opens a mailbox again."""
_ALREADY = Wording("{mail}: đã ở trạng thái “{state}”.", '{mail}: the state is "{state}" already.')
_SURE = Wording(
    "Xóa {mail}? Hộp thư không mở lại được nữa.", "Delete {mail}? The mailbox cannot be opened again."
)
_SURE_PURGE = Wording("Bỏ hẳn mục {dn} khỏi danh bạ?", "Take the entry {dn} out of the directory for good?")
_PURGED = Wording("Đã bỏ {dn}.", "Removed {dn}.")
_RETIRED = Wording(
    "Địa chỉ không cấp lại cho ai: {addresses}", "These addresses are never given again: {addresses}"
)


def _state_command(
    name: str,
    wording: Wording,
    *examples: str,
    to: State,
    only_from: State | None = None,
    reason_needed: bool,
) -> Command:
    """A command that does nothing but set gdState and gdStateReason."""

    @command(name, wording, *examples)
    @home_argument
    @who_argument
    @reason_option(required=reason_needed)
    @json_option
    def change(*, home: Path, who: str, reason: str | None, as_json: bool) -> None:
        with open_directory(load_config(home)) as local:
            found = find_mailbox(local, who)
            _check_state(found, to, only_from)
            modify(local, found.dn, put("gdState", to.value), put("gdStateReason", *filter(None, (reason,))))
            tell_change(local, found.dn, as_json=as_json)

    return change


suspend = _state_command(
    "suspend",
    Wording(
        "Tạm khóa WHO: vẫn nhận thư, không đăng nhập và không gửi được. Mở lại bằng “restore”.",
        'Suspends WHO: mail still arrives, but nobody signs in or sends. "restore" opens it again.',
    ),
    'govdir mailbox suspend ./home nvminh --reason "Phát tán thư rác"',
    to=State.SUSPENDED,
    reason_needed=True,
)
revoke = _state_command(
    "revoke",
    Wording(
        "Thu hồi hộp thư WHO: không nhận, không gửi, không đăng nhập; địa chỉ vẫn được giữ.",
        "Revokes the mailbox WHO: no mail in or out, no sign-in; its address stays reserved.",
    ),
    'govdir mailbox revoke ./home nvminh --reason "Quyết định số 12/QĐ-SNV ngày 31/8/2021"',
    to=State.REVOKED,
    reason_needed=True,
)
block_sending = _state_command(
    "block-sending",
    Wording(
        "Khóa chức năng gửi của WHO: vẫn đăng nhập và nhận thư.",
        "Ends WHO's right to send: signing in and receiving go on.",
    ),
    'govdir mailbox block-sending ./home nvminh --reason "Đã thôi giữ chức vụ"',
    to=State.SEND_BLOCKED,
    reason_needed=True,
)
unblock = _state_command(
    "unblock",
    Wording("Mở lại chức năng gửi của WHO.", "Lets WHO send again."),
    "govdir mailbox unblock ./home nvminh",
    to=State.ACTIVE,
    only_from=State.SEND_BLOCKED,
    reason_needed=False,
)
approve = _state_command(
    "approve",
    Wording("Duyệt hộp thư WHO đang chờ.", "Approves the mailbox WHO, which waits for it."),
    "govdir mailbox approve ./home nvminh",
    to=State.ACTIVE,
    only_from=State.PENDING,
    reason_needed=False,
)


@command(
    "restore",
    Wording(
        "Mở lại hộp thư WHO đã tạm khóa hoặc thu hồi. Khi quy chế buộc đặt lại mật mã thì sinh mật mã "
        "dùng một lần và in ra; người dùng phải đổi khi đăng nhập.",
        "Opens WHO again after a suspension or revocation. Where the regulation asks for a new password, a "
        "one-time password is generated and printed; it must be changed at the login.",
    ),
    'govdir mailbox restore ./home nvminh --reason "Đã quét mã độc" --generate-password',
)
@home_argument
@who_argument
@reason_option(required=False)
@password_options
@json_option
def restore(
    *,
    home: Path,
    who: str,
    reason: str | None,
    generate_password: bool,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """`govdir mailbox restore`."""
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        _check_state(found, State.ACTIVE, State.SUSPENDED, State.REVOKED)
        generate = generate_password or (password_file is None and _asks_for_password(local, found))
        password, shown = asked_for(local, found.attributes, generate=generate, file=password_file)
        changes = [put("gdState", State.ACTIVE.value), put("gdStateReason", *filter(None, (reason,)))]
        if password is not None:
            changes.append(put("userPassword", password))
        modify(local, found.dn, *changes)
        tell_change(local, found.dn, as_json=as_json, password=password if shown else None)


@command(
    "confirm",
    Wording(
        "Ghi nhận cơ quan đã xác nhận WHO còn sử dụng, hoặc đã xử lý việc nhắc nhở: hộp thư bị tạm khóa vì "
        "không sử dụng mở lại, thông báo hết hiệu lực, số lần nhắc nhở trở về 0.",
        "Notes that the agency has confirmed that WHO is in use, or has acted on reminders: a mailbox "
        "suspended because nobody used it opens again, the notice ends, and reminders are counted from 0.",
    ),
    "govdir mailbox confirm ./home nvminh",
)
@home_argument
@who_argument
@json_option
def confirm(*, home: Path, who: str, as_json: bool) -> None:
    """`govdir mailbox confirm`."""
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        changes = [put("gdNoticeAt"), put("gdReminderCount")]
        if found.state == State.SUSPENDED:
            changes += [put("gdState", State.ACTIVE.value), put("gdStateReason")]
        modify(local, found.dn, *changes)
        tell_change(local, found.dn, as_json=as_json)


@command(
    "delete",
    Wording(
        "Xóa hộp thư WHO: mục vẫn còn trong danh bạ với trạng thái “đã xóa”, địa chỉ không bao giờ cấp lại. "
        "--purge bỏ hẳn mục, dùng khi cấp nhầm.",
        'Deletes the mailbox WHO: the entry stays with the state "deleted", its addresses are never '
        "given again. "
        "--purge takes the entry out, for one made by mistake.",
    ),
    'govdir mailbox delete ./home nvminh --reason "Nghỉ việc" --yes',
    "govdir mailbox delete ./home ltbdao --purge --yes",
)
@home_argument
@who_argument
@reason_option(required=False)
@option("--purge", is_flag=True, wording=Wording("Bỏ hẳn mục.", "Take the entry out for good."))
@yes_option
@json_option
def delete(*, home: Path, who: str, reason: str | None, purge: bool, yes: bool, as_json: bool) -> None:
    """`govdir mailbox delete`."""
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        if purge:
            make_sure(say(_SURE_PURGE, dn=found.dn), yes=yes)
            _purge(local, found, as_json=as_json)
            return
        _check_state(found, State.DELETED)
        make_sure(say(_SURE, mail=found.called), yes=yes)
        changes = (put("gdState", State.DELETED.value), put("gdStateReason", *filter(None, (reason,))))
        modify(local, found.dn, *changes)
        tell_change(local, found.dn, as_json=as_json)


def _purge(local: LocalDirectory, found: Found, *, as_json: bool) -> None:
    local.run(local.handle.delete(found.dn))
    retired = [each for each in found.addresses if each in local.directory.image.retired_addresses]
    if as_json:
        print_json({"dn": found.dn, "retired": retired})
        return
    remark(say(_PURGED, dn=found.dn))
    if retired:
        remark(say(_RETIRED, addresses=", ".join(retired)))


def _check_state(found: Found, to: State, *only_from: State | None) -> None:
    """Raises Refused where the command would do nothing, or something else than its name says."""
    if found.state == to:
        raise Refused(say(_ALREADY, mail=found.called, state=say_state(found.state)))
    wanted = [state for state in only_from if state is not None]
    if wanted and found.state not in wanted:
        names = ", ".join(say_state(state) for state in wanted)
        refusal = say(_NOT_FROM, mail=found.called, state=say_state(found.state), wanted=names)
        commands = _COMMANDS.get(found.state) if to is State.ACTIVE else None
        raise Refused(refusal, *((say(_USE, commands=commands),) if commands else ()))


def _asks_for_password(local: LocalDirectory, found: Found) -> bool:
    """Whether the regulation opens the mailbox only with a new password."""
    attributes = found.attributes
    return restores_with_password(local.core.pack, attributes, attributes.object_classes)
