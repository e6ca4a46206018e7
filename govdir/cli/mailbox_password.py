"""`govdir mailbox reset-password`: for whoever has forgotten it, or whose password others know."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.local import open_directory
from govdir.cli.mailbox_view import tell_change
from govdir.cli.one_time import password_file_option, read_password
from govdir.cli.people import find_mailbox, who_argument
from govdir.config import load_config
from govdir.policy.texts import Wording


@command(
    "reset-password",
    Wording(
        "Đặt mật mã dùng một lần cho WHO và in ra; phải đổi khi đăng nhập lần đầu.",
        "Gives WHO a one-time password and prints it; it must be changed at the first login.",
    ),
    "govdir mailbox reset-password ./home nvminh",
)
@home_argument
@who_argument
@password_file_option
@json_option
def reset_password(*, home: Path, who: str, password_file: Path | None, as_json: bool) -> None:
    """`govdir mailbox reset-password`."""
    given = read_password(password_file).encode() if password_file is not None else None
    with open_directory(load_config(home)) as local:
        found = find_mailbox(local, who)
        generated = local.run(local.handle.change_password(found.dn, None, given))
        password = generated.decode() if generated is not None else None
        tell_change(local, found.dn, as_json=as_json, password=password)
