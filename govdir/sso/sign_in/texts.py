"""What govdir writes to people about their sign-in, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

PASSWORD_HISTORY: Final = Wording(
    "Mật mã không được trùng với {count} mật mã gần nhất.",
    "The password must not be {count:the present one|one of the last {count}}.",
)

GREETING: Final = Wording("Kính gửi {name},", "Dear {name},")
WHEN: Final = Wording(
    "Thời điểm: {moment}. Địa chỉ mạng: {network}. Trình duyệt: {agent}.",
    "Time: {moment}. Network address: {network}. Browser: {agent}.",
)
NOT_YOU: Final = Wording(
    "Nếu không phải ông/bà đã làm việc này, hãy báo ngay cho người quản trị của cơ quan.",
    "If this was not you, tell your agency's administrator at once.",
)
NOT_YOU_HELPDESK: Final = Wording(
    "Nếu không phải ông/bà đã làm việc này, hãy báo ngay cho {helpdesk}.",
    "If this was not you, tell {helpdesk} at once.",
)
SIGNED: Final = Wording(
    "Thư này do hệ thống thư điện tử gửi tự động; xin đừng trả lời.",
    "This letter was sent by the mail system; please do not answer it.",
)
OPERATOR: Final = Wording("Người vận hành hệ thống", "The system's operator")
UNKNOWN: Final = Wording("không rõ", "unknown")

PASSWORD_CHANGED: Final = Wording("Mật mã đã được đổi", "Your password was changed")
PASSWORD_CHANGED_TEXT: Final = Wording(
    "Mật mã của tài khoản {account} vừa được đổi. Các phiên đăng nhập khác đã kết thúc.",
    "The password of the account {account} was just changed. Other sessions were ended.",
)
PASSWORD_ISSUED: Final = Wording("Mật mã một lần đã được cấp", "A one-time password was issued")
PASSWORD_ISSUED_TEXT: Final = Wording(
    "{by} vừa cấp mật mã một lần cho tài khoản {account}. Mật mã cũ không còn dùng được và mọi phiên đăng "
    "nhập đã kết thúc; ở lần đăng nhập tới ông/bà phải chọn mật mã mới.",
    "{by} has just issued a one-time password for the account {account}. The old one no longer works and all "
    "sessions were ended; at the next sign-in you must choose a new one.",
)
FACTOR_ENROLLED: Final = Wording("Đã bật xác thực hai lớp", "Two-step sign-in was turned on")
FACTOR_ENROLLED_TEXT: Final = Wording(
    "Tài khoản {account} vừa được gắn một ứng dụng tạo mã xác thực. Từ nay mỗi lần "
    "đăng nhập cần thêm một mã. Những nơi khác đang đăng nhập đã được đăng xuất.",
    "An authenticator was just set up for the account {account}. From now on each sign-in needs a code too. "
    "All other places were signed out.",
)
FACTOR_REMOVED: Final = Wording("Đã tắt xác thực hai lớp", "Two-step sign-in was turned off")
FACTOR_REMOVED_TEXT: Final = Wording(
    "Xác thực hai lớp của tài khoản {account} vừa được tắt.",
    "Two-step sign-in of the account {account} was just turned off.",
)
FACTOR_REMOVED_BY_TEXT: Final = Wording(
    "{by} vừa tắt xác thực hai lớp của tài khoản {account}.",
    "{by} has just turned off two-step sign-in of the account {account}.",
)
SESSIONS_ENDED: Final = Wording("Tài khoản đã được đăng xuất ở mọi nơi", "You were signed out everywhere")
SESSIONS_ENDED_TEXT: Final = Wording(
    "{by} vừa đăng xuất tài khoản {account} khỏi mọi trình duyệt. Mật mã không đổi.",
    "{by} has just signed the account {account} out of all browsers. The password is the same.",
)
RECOVERY_USED: Final = Wording("Một mã dự phòng đã được dùng", "A recovery code was used")
RECOVERY_USED_TEXT: Final = Wording(
    "Một mã dự phòng của tài khoản {account} vừa được dùng để đăng nhập; còn lại {left} mã.",
    "A recovery code of the account {account} was just used to sign in; {left} {left:is|are} left.",
)
RECOVERY_RENEWED: Final = Wording("Đã tạo mã dự phòng mới", "Recovery codes were renewed")
RECOVERY_RENEWED_TEXT: Final = Wording(
    "Tài khoản {account} vừa có mười mã dự phòng mới; các mã cũ không còn dùng được.",
    "The account {account} was just given ten new recovery codes; the old ones no longer work.",
)
