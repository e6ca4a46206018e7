"""`govdir address release`: frees an address that was kept from being given again."""

from __future__ import annotations

from pathlib import Path

import click

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import command, home_argument
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.output import remark
from govdir.config import load_config
from govdir.policy.texts import Wording

_SURE = Wording(
    "Cho phép cấp lại {address}? Thư gửi cho người dùng cũ sẽ đến người dùng mới.",
    "Let {address} be given again? Mail meant for its former holder will reach the new one.",
)
_RELEASED = Wording("{address} cấp lại được.", "{address} may be given again.")


@command(
    "release",
    Wording(
        "Cho phép cấp lại địa chỉ ADDRESS đang được giữ sau khi xóa hộp thư, như khi cấp nhầm. Chỉ làm "
        "được tại máy chủ, và được ghi vào nhật ký thay đổi.",
        "Lets ADDRESS be given again, which is kept since its mailbox was deleted, as after a mistake. "
        "Only at the host itself; noted among the changes.",
    ),
    "govdir address release ./home nvminh@cantho.gov.vn --yes",
)
@home_argument
@click.argument("address", metavar="ADDRESS")
@yes_option
def release(*, home: Path, address: str, yes: bool) -> None:
    """`govdir address release`."""
    with open_directory(load_config(home)) as local:
        whole = address if "@" in address else f"{address}@{local.core.config.mail_domain}"
        make_sure(say(_SURE, address=whole), yes=yes)
        local.run(local.handle.release_address(whole))
    remark(say(_RELEASED, address=whole))
