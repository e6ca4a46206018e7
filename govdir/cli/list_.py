"""`govdir list`: mailing lists of bodies and of the whole province."""

from __future__ import annotations

from govdir.cli.command import Group, Verb
from govdir.policy.texts import Wording

list_ = Group(
    "list",
    Wording("Danh sách gửi thư.", "Mailing lists."),
    ("govdir list create ./home --for sonv", "govdir list members ./home canbo.sonv"),
    {
        "create": Verb(
            "govdir.cli.list_create:create",
            Wording(
                "Lập danh sách của một cơ quan hoặc toàn tỉnh.", "Make a list of a staff or of the province."
            ),
        ),
        "show": Verb("govdir.cli.list_show:show", Wording("Xem một danh sách.", "Show a list.")),
        "members": Verb(
            "govdir.cli.list_show:list_members",
            Wording("Thư gửi vào đến những ai.", "Tell whom a letter reaches."),
        ),
        "check-sender": Verb(
            "govdir.cli.list_show:check_sender",
            Wording("Một địa chỉ có được gửi vào không.", "Tell whether an address may send to it."),
        ),
        "authorise": Verb(
            "govdir.cli.list_change:authorise", Wording("Cho một người gửi vào.", "Let somebody send to it.")
        ),
        "withdraw": Verb(
            "govdir.cli.list_change:withdraw",
            Wording("Không cho một người gửi nữa.", "Let somebody send to it no more."),
        ),
        "delete": Verb("govdir.cli.list_change:delete", Wording("Xóa danh sách.", "Delete a list.")),
    },
)
