"""`govdir org`: agencies, districts, communes and their units."""

from __future__ import annotations

from govdir.cli.command import Group, Verb
from govdir.policy.texts import Wording

org = Group(
    "org",
    Wording("Cơ quan, đơn vị và người quản trị.", "Agencies and units, and who administers them."),
    ('govdir org create ./home --name "Sở Ngoại vụ"', "govdir org tree ./home"),
    {
        "create": Verb(
            "govdir.cli.org_create:create",
            Wording("Thêm cơ quan, đơn vị cùng hộp thư.", "Add an agency or unit with its mailbox."),
        ),
        "show": Verb(
            "govdir.cli.org_show:show", Wording("Xem một cơ quan, đơn vị.", "Show an agency or unit.")
        ),
        "tree": Verb(
            "govdir.cli.org_show:tree",
            Wording("In cây cơ quan, đơn vị.", "Print the tree of agencies and units."),
        ),
        "rename": Verb(
            "govdir.cli.org_change:rename", Wording("Đổi tên hoặc nhãn.", "Change the name or the label.")
        ),
        "close": Verb(
            "govdir.cli.org_change:close",
            Wording("Ghi ngày giải thể, sáp nhập.", "Note the day one ceases to exist."),
        ),
        "appoint": Verb(
            "govdir.cli.org_appoint:appoint",
            Wording("Giao quyền quản trị hoặc duyệt.", "Make somebody its administrator or approver."),
        ),
        "dismiss": Verb(
            "govdir.cli.org_appoint:dismiss",
            Wording("Thu lại quyền quản trị hoặc duyệt.", "End such an appointment."),
        ),
    },
)
