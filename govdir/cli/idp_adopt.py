"""`govdir idp adopt-keys`: a directory whose keys are lost goes on with those of this home."""

from __future__ import annotations

from pathlib import Path

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import command, home_argument
from govdir.cli.language import say
from govdir.cli.output import remark
from govdir.cli.trouble import told_as_trouble
from govdir.config import load_config
from govdir.key_files import adopt_sso_files, settle_sso_files
from govdir.key_troubles import KeysOfAnother
from govdir.policy.texts import Wording

_SURE = Wording(
    "Các khóa mà danh bạ đã chạy với thật sự không còn ở đâu? Sau đó: ai có mã xác thực phải được gỡ mã "
    "(govdir mailbox reset-second-factor); ứng dụng dùng tên định danh lâu dài coi mọi người là người mới; "
    "khóa ký mới phải được báo cho các ứng dụng.",
    "Are the keys the directory was served with really lost? Afterwards, whoever has a second factor must "
    "have it removed (govdir mailbox reset-second-factor), applications with persistent identifiers take "
    "everybody for somebody new, and a new signing key must be told to the applications.",
)
_ADOPTED = Wording(
    "Từ nay danh bạ dùng các khóa trong {home}. Chép keys/ sang các máy khác rồi khởi động lại govdir ở đó.",
    "The directory goes on with the keys of {home}. Copy keys/ to the other machines and restart govdir "
    "there.",
)
_NOTHING = Wording("Danh bạ đang dùng đúng các khóa này.", "These are the keys the directory uses already.")


@command(
    "adopt-keys",
    Wording(
        "Khi keys/sso hoặc khóa ký SAML đã mất và không có bản sao: từ nay danh bạ dùng các khóa của HOME; "
        "tệp thiếu được tạo mới.",
        "For when keys/sso or the key that signs SAML messages is lost and in no backup: the directory goes "
        "on with those of HOME; missing ones are made.",
    ),
    "govdir idp adopt-keys ./home",
)
@home_argument
@yes_option
def adopt_keys(*, home: Path, yes: bool) -> None:
    """`govdir idp adopt-keys`."""
    config = load_config(home)
    with told_as_trouble(home):
        try:
            settle_sso_files(config)
        except KeysOfAnother:
            make_sure(say(_SURE), yes=yes)
        else:
            remark(say(_NOTHING))
            return
        adopt_sso_files(config)
    remark(say(_ADOPTED, home=home))
