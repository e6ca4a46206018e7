"""`govdir mailbox reset-second-factor`: for whoever has lost the device and the recovery codes."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import command, home_argument
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import remark
from govdir.cli.people import who_argument
from govdir.cli.sso import account_of, now, open_sso
from govdir.config import load_config
from govdir.policy.texts import Wording
from govdir.sso.deeds import Deed, Detail
from govdir.sso.model import Happened, Kind
from govdir.sso.sign_in import texts

_NONE = Wording("{who} không có thiết bị xác thực.", "{who} has no second factor.")
_SURE = Wording(
    "Bỏ thiết bị xác thực của {who}? Trước hết hãy chắc rằng đúng người đó yêu cầu.",
    "Remove the second factor of {who}? First be sure that it is really that person who asks.",
)
_DONE = Wording(
    "Đã bỏ. Từ nay {who} chỉ cần mật mã; nơi nào bắt buộc xác thực hai lớp sẽ yêu cầu thiết lập lại.",
    "Removed. {who} signs in by password now; where a second factor is demanded, a new one is set up.",
)


@command(
    "reset-second-factor",
    Wording(
        "Bỏ thiết bị xác thực và mã dự phòng của WHO, khi đã mất cả hai; chấm dứt mọi phiên.",
        "Removes the second factor of WHO, when device and recovery codes are lost, and ends the sessions.",
    ),
    "govdir mailbox reset-second-factor ./home nvminh --yes",
)
@home_argument
@who_argument
@yes_option
def reset_second_factor(*, home: Path, who: str, yes: bool) -> None:
    """`govdir mailbox reset-second-factor`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        account, stored = account_of(sso, who), sso.stored
        if sso.wait(stored.factors.get(account.entry_uuid)) is None:
            raise Refused(say(_NONE, who=account.shown))
        make_sure(say(_SURE, who=account.shown), yes=yes)
        sso.wait(stored.factors.remove(account.entry_uuid))
        sessions = sso.wait(stored.sessions.of_entry(account.entry_uuid))
        sso.end_sessions([each.key for each in sessions])
        happened = Happened(
            at=now(), kind=Kind.FACTOR, outcome="ok", entry_uuid=account.entry_uuid, who=account.shown,
            channel="cli", detail=str(Detail(Deed.TAKEN_OFF)),
        )  # fmt: skip
        stored.trail.note(happened)
        sso.tell(account, texts.FACTOR_REMOVED, texts.FACTOR_REMOVED_BY_TEXT)
    remark(say(_DONE, who=account.shown))
