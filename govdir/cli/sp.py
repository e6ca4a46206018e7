"""`govdir sp`: the applications (SAML service providers) that people sign in to with their mail account."""

from __future__ import annotations

from govdir.cli.command import Group, Verb
from govdir.policy.texts import Wording

sp = Group(
    "sp",
    Wording(
        "Ứng dụng đăng nhập bằng tài khoản thư (SAML service provider).",
        "Applications people sign in to with their mail account (SAML service providers).",
    ),
    ("govdir sp add ./home portal --metadata portal.xml", "govdir sp test ./home portal --as nvminh"),
    {
        "add": Verb("govdir.cli.sp_add:add", Wording("Đăng ký một ứng dụng.", "Register an application.")),
        "set": Verb("govdir.cli.sp_set:set_", Wording("Đổi thiết lập.", "Change its settings.")),
        "list": Verb("govdir.cli.sp_show:list_", Wording("Các ứng dụng.", "What applications there are.")),
        "show": Verb(
            "govdir.cli.sp_show:show", Wording("Xem một ứng dụng.", "Show an application's settings.")
        ),
        "test": Verb(
            "govdir.cli.sp_test:test",
            Wording(
                "Xem ứng dụng sẽ nhận được gì về một người.",
                "Show what it would be told of somebody, and what is wrong with it.",
            ),
        ),
        "refresh": Verb(
            "govdir.cli.sp_refresh:refresh", Wording("Lấy lại siêu dữ liệu.", "Fetch its metadata again.")
        ),
        "remove": Verb("govdir.cli.sp_set:remove", Wording("Bỏ một ứng dụng.", "Remove an application.")),
    },
)
