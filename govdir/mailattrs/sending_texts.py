"""What the judgement of a message says, to its sender and to whoever runs the mail server."""

from __future__ import annotations

from typing import Final

from govdir.policy.citation import Citation
from govdir.policy.texts import Wording

UNKNOWN_LOGIN: Final = Wording(
    "tài khoản {login} không có trong danh bạ", "the account {login} is not in the directory"
)
SEND_BLOCKED: Final = Wording(
    "hộp thư {address} đang bị khóa chức năng gửi", "the mailbox {address} may receive but not send"
)
SUSPENDED: Final = Wording("hộp thư {address} đang bị tạm khóa", "the mailbox {address} is suspended")
REVOKED: Final = Wording("hộp thư {address} đã bị thu hồi", "the mailbox {address} was revoked")
PENDING: Final = Wording("hộp thư {address} đang chờ duyệt", "the mailbox {address} waits for approval")
MUST_CHANGE: Final = Wording(
    "mật mã của {address} phải được đổi trước khi gửi thư",
    "the password of {address} must be changed before mail is sent",
)
CLOSED: Final = Wording(
    "hộp thư {address} hiện không được gửi thư", "the mailbox {address} may not send at present"
)
NOT_ONES_OWN: Final = Wording(
    "{account} không được gửi bằng địa chỉ {sender}", "{account} may not send as {sender}"
)
NO_DELEGATE: Final = Wording(
    "{account} không phải người quản lý hoặc người được ủy quyền của hộp thư {sender}",
    "{account} is neither the owner nor a delegate of the mailbox {sender}",
)
DELEGATION_OVER: Final = Wording(
    "ủy quyền cho {account} dùng hộp thư {sender} đã hết hạn",
    "the authorisation of {account} for the mailbox {sender} is over",
)
NOT_SHARED: Final = Wording(
    "hộp thư {sender} không dùng chung (gdSharedMailbox); chỉ chính hộp thư đó gửi được",
    "the mailbox {sender} is not shared (gdSharedMailbox); only its own login sends as it",
)
AS_A_LIST: Final = Wording(
    "{sender} là danh sách; không ai gửi bằng địa chỉ của danh sách",
    "{sender} is a list; nobody sends as a list",
)
LOGIN_FIRST: Final = Wording(
    "danh sách {list} chỉ nhận thư của người gửi đã đăng nhập",
    "the list {list} takes mail after a login only",
)
TOO_LARGE: Final = Wording(
    "thư lớn hơn {limit} MB, mức tối đa của {address}",
    "the message is larger than {limit} MB, the most for {address}",
)
TOO_LARGE_FILES: Final = Wording(
    "thư lớn hơn {limit} MB, mức tối đa của {address} (tệp đính kèm tối đa {files} MB)",
    "the message is larger than {limit} MB, the most for {address} (attached files: {files} MB)",
)

NO_OBJECTION: Final = Wording(
    "danh bạ không có gì ngăn thư này", "the directory has nothing against this message"
)
AS_ITSELF: Final = Wording(
    "{account} gửi bằng địa chỉ của mình", "{account} sends under an address of its own"
)
AS_OWNER: Final = Wording(
    "{account} quản lý hộp thư {sender}", "{account} is the owner of the mailbox {sender}"
)
AS_DELEGATE: Final = Wording(
    "{account} được ủy quyền dùng hộp thư {sender}", "{account} is a delegate of the mailbox {sender}"
)

OWN_ADDRESS: Final = Citation(
    "",
    "",
    Wording("Ai cũng chỉ gửi thư bằng địa chỉ của mình", "Everybody sends under an address of their own"),
    Wording("quy tắc an toàn của hệ thống", "the system's security rules"),
)
BLOCKED_BY_HAND: Final = Citation(
    "",
    "",
    Wording(
        "Khóa chức năng gửi do người quản trị hệ thống đặt", "Sending blocked by whoever runs the system"
    ),
    Wording("do người quản trị hệ thống đặt", "set by whoever runs the system"),
)
SIZE_SET: Final = Citation(
    "",
    "",
    Wording("Dung lượng thư do người quản trị đặt", "The size of a message as an operator has set it"),
    Wording("maxMessageSize trong danh bạ", "maxMessageSize in the directory"),
)
