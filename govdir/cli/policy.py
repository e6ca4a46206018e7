"""`govdir policy`: what mail servers are told about messages."""

from __future__ import annotations

from govdir.cli.command import Group, Verb
from govdir.policy.texts import Wording

policy = Group(
    "policy",
    Wording(
        "Dịch vụ trả lời máy chủ thư: thư nào được gửi.",
        "The service that tells mail servers which messages may be sent.",
    ),
    (
        "govdir policy ask ./home --login nvminh --sender sonv@cantho.gov.vn",
        "govdir policy ask ./home --login nvminh --recipient canbo.sonv@cantho.gov.vn",
    ),
    {
        "ask": Verb(
            "govdir.cli.policy_ask:ask",
            Wording(
                "Một thư có được gửi không, theo quy định nào.",
                "Tell whether a message may be sent, and by which rule.",
            ),
        ),
    },
)
