"""`govdir domain`: the domains that mail servers take mail for, and those that stand for others."""

from __future__ import annotations

from govdir.cli.command import Group, Verb
from govdir.policy.texts import Wording

domain = Group(
    "domain",
    Wording("Tên miền thư.", "Mail domains."),
    ("govdir domain list ./home", "govdir domain alias add ./home cantho.gov.vn haugiang.gov.vn"),
    {
        "list": Verb(
            "govdir.cli.domain_show:domain_list",
            Wording("Liệt kê các tên miền thư.", "List the mail domains."),
        ),
        "show": Verb("govdir.cli.domain_show:show", Wording("Xem một tên miền.", "Show a domain.")),
        "add": Verb("govdir.cli.domain_change:add_domain", Wording("Thêm một tên miền.", "Add a domain.")),
        "alias": Verb(
            "govdir.cli.domain_change:alias",
            Wording("Tên miền thay cho tên miền khác.", "Domains that stand for others."),
        ),
    },
)
