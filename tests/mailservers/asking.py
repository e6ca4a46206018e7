"""A policy service with a judge that says what the test wants, and requests to ask it."""

from __future__ import annotations

import json
from typing import Any

from twisted.internet.task import Clock

from govdir.mailattrs.message_sizes import Limit
from govdir.mailattrs.sending import Action, Message, Verdict
from govdir.mailattrs.sending_texts import NO_OBJECTION, OWN_ADDRESS, SIZE_SET
from govdir.mailservers.networks import Networks
from govdir.mailservers.policy_log import PolicyLog
from govdir.mailservers.policy_service import News, PolicyService, PolicySettings
from govdir.policy.citation import Citation
from govdir.policy.texts import Wording

PASS = Verdict(Action.PASS, "pass", NO_OBJECTION)
RULE = Citation("Quyết định 33/2015/QĐ-UBND", "Điều 11 khoản 5", Wording("Danh sách", "Lists"))
REFUSAL = Verdict(
    Action.REFUSE, "list-sender", Wording("Hà không được gửi “vào” đây", "Hà may not send here"), RULE
)
REFUSED = (
    b'action=550 5.7.1 Ha khong duoc gui "vao" day / Ha may not send here '
    b"(Dieu 11 khoan 5, Quyet dinh 33/2015/QD-UBND)\n\n"
)
DUNNO = b"action=DUNNO\n\n"
WARNED = REFUSED.replace(b"action=", b"action=WARN govdir: ")
DEFERRED = (
    b"action=DEFER_IF_PERMIT 4.3.0 danh ba tam thoi khong tra loi duoc, xin gui lai sau / "
    b"the directory cannot judge this at present, please try again later\n\n"
)


def octets(**attributes: str | int) -> bytes:
    """A request."""
    lines = {"request": "smtpd_access_policy", "protocol_state": "RCPT", **attributes}
    return "".join(f"{name}={value}\n" for name, value in lines.items()).encode() + b"\n"


def limited(size: int, *, passes: bool = True) -> Verdict:
    """A recipient's limit; not `passes`: of somebody who is refused."""
    limit = Limit(size, f"{size}@cantho.gov.vn", SIZE_SET)
    action = Action.PASS if passes else Action.REFUSE
    return Verdict(action, "own-address", NO_OBJECTION, OWN_ADDRESS, limit)


class Judge:
    """Says `verdict`, or raises it; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.verdict: Verdict | Exception = PASS
        self.asked: list[Message] = []

    def decide(self, message: Message) -> Verdict:
        self.asked.append(message)
        if isinstance(self.verdict, Exception):
            raise self.verdict
        return self.verdict


class Asked:
    """A service on a clock, its judge, and what it wrote to the mail log."""

    def __init__(self, news: News | None = None, **settings: Any) -> None:
        self.clock, self.judge = Clock(), Judge()
        self.written: list[str] = []
        chosen = {"trusted": Networks(["192.0.2.7"]), **settings}
        self.service = PolicyService(
            self.judge,
            PolicySettings(**chosen),
            seconds=self.clock.seconds,
            news=news,
            log=PolicyLog(self.written.append, lambda: 1_772_442_000.0),
        )

    @property
    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written]
