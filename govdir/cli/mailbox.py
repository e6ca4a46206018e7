"""`govdir mailbox`: people's mailboxes, and the shared ones of bodies."""

from __future__ import annotations

from govdir.cli.command import Group, Verb
from govdir.policy.texts import Wording

mailbox = Group(
    "mailbox",
    Wording("Hộp thư của cá nhân và của cơ quan, đơn vị.", "Mailboxes of people, agencies and units."),
    ('govdir mailbox create ./home --name "Nguyễn Văn Minh" --in sonv', "govdir mailbox show ./home nvminh"),
    {
        "create": Verb(
            "govdir.cli.mailbox_create:create",
            Wording("Cấp hộp thư cho một người.", "Give a person a mailbox."),
        ),
        "approve": Verb(
            "govdir.cli.mailbox_states:approve", Wording("Duyệt hộp thư mới.", "Approve a new mailbox.")
        ),
        "show": Verb("govdir.cli.mailbox_find:show", Wording("Xem một hộp thư.", "Show a mailbox.")),
        "access": Verb(
            "govdir.cli.mailbox_access:access",
            Wording("Xem những ngày hộp thư được truy cập.", "Show the days a mailbox was used on."),
        ),
        "seen": Verb(
            "govdir.cli.mailbox_seen:seen",
            Wording("Ghi nhận truy cập mà máy chủ thư biết.", "Store accesses that a mail server knows of."),
        ),
        "find": Verb(
            "govdir.cli.mailbox_find:find",
            Wording("Tìm theo tên hoặc địa chỉ, không cần dấu.", "Find by name or address, accents aside."),
        ),
        "duplicates": Verb(
            "govdir.cli.mailbox_find:duplicates",
            Wording("Liệt kê người trùng họ tên.", "List people who share a name."),
        ),
        "move": Verb(
            "govdir.cli.mailbox_place:move",
            Wording("Chuyển sang cơ quan, đơn vị khác.", "Move to another agency or unit."),
        ),
        "rename": Verb("govdir.cli.mailbox_place:rename", Wording("Đổi họ tên.", "Change the name.")),
        "reset-password": Verb(
            "govdir.cli.mailbox_password:reset_password", Wording("Cấp lại mật mã.", "Give a new password.")
        ),
        "reset-second-factor": Verb(
            "govdir.cli.mailbox_second_factor:reset_second_factor",
            Wording("Bỏ thiết bị xác thực đã mất.", "Remove a second factor that is lost."),
        ),
        "delegate": Verb(
            "govdir.cli.mailbox_sharing:delegate",
            Wording("Ủy quyền sử dụng hộp thư chung.", "Let others use a shared mailbox."),
        ),
        "handover": Verb(
            "govdir.cli.mailbox_sharing:handover",
            Wording("Bàn giao hộp thư chung.", "Hand a shared mailbox over."),
        ),
        "leave": Verb(
            "govdir.cli.mailbox_dates:leave",
            Wording("Ghi ngày nghỉ hoặc chuyển công tác.", "Note the day somebody leaves."),
        ),
        "exempt": Verb(
            "govdir.cli.mailbox_dates:exempt",
            Wording("Miễn xét việc không sử dụng.", "Except from the rule on unused mailboxes."),
        ),
        "confirm": Verb(
            "govdir.cli.mailbox_states:confirm",
            Wording("Ghi xác nhận của cơ quan.", "Note what the agency has confirmed."),
        ),
        "remind": Verb(
            "govdir.cli.mailbox_remind:remind",
            Wording("Nhắc nhở chấp hành quy chế.", "Remind of the regulation."),
        ),
        "block-sending": Verb(
            "govdir.cli.mailbox_states:block_sending",
            Wording("Khóa chức năng gửi.", "End the right to send."),
        ),
        "unblock": Verb(
            "govdir.cli.mailbox_states:unblock",
            Wording("Mở lại chức năng gửi.", "Give the right to send again."),
        ),
        "suspend": Verb(
            "govdir.cli.mailbox_states:suspend",
            Wording("Tạm khóa: chỉ còn nhận thư.", "Suspend: it only receives."),
        ),
        "restore": Verb(
            "govdir.cli.mailbox_states:restore", Wording("Mở lại hộp thư.", "Open a mailbox again.")
        ),
        "revoke": Verb(
            "govdir.cli.mailbox_states:revoke",
            Wording("Thu hồi: không nhận, không gửi.", "Revoke: nothing in, nothing out."),
        ),
        "delete": Verb("govdir.cli.mailbox_states:delete", Wording("Xóa hộp thư.", "Delete a mailbox.")),
    },
)
