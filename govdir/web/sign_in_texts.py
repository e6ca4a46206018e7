"""What the pages of signing in say."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording
from govdir.sso.sign_in.steps import Block, PasswordProblem, Problem, Reason

TITLE: Final = Wording("Đăng nhập", "Sign in")
FOR_APPLICATION: Final = Wording("Để tiếp tục sử dụng", "To go on to")
NAME: Final = Wording("Địa chỉ thư hoặc tên đăng nhập", "Mail address or login name")
PASSWORD: Final = Wording("Mật mã", "Password")
FORGOTTEN: Final = Wording(
    "Quên mật mã? Hãy liên hệ người quản trị của cơ quan bạn để được cấp mật mã dùng một lần.",
    "Forgotten your password? Your agency's administrator can issue a one-time password.",
)
CONFIRM: Final = Wording(
    "Cần xác nhận lại đúng là bạn. Hãy nhập lại mật mã.",
    "Please confirm that it is you, with your password.",
)
OTHER_ACCOUNT: Final = Wording("Đăng nhập bằng tài khoản khác", "Sign in with another account")

CODE_TITLE: Final = Wording("Xác thực hai lớp", "Two-step sign-in")
CODE: Final = Wording("Mã gồm 6 chữ số", "Six-digit code")
CODE_HINT: Final = Wording(
    "Mở ứng dụng xác thực trên điện thoại và nhập mã đang hiện.",
    "Open the authenticator app on your phone and type the code it shows.",
)
USE_RECOVERY: Final = Wording(
    "Không có điện thoại? Dùng mã dự phòng (còn {left} mã)",
    "No phone at hand? Use a recovery code ({left} {left:is|are} left)",
)
RECOVERY_TITLE: Final = Wording("Dùng mã dự phòng", "Use a recovery code")
RECOVERY: Final = Wording("Mã dự phòng", "Recovery code")
RECOVERY_HINT: Final = Wording(
    "Mỗi mã dự phòng chỉ dùng được một lần. Chữ hoa, chữ thường và dấu gạch nối không quan trọng.",
    "Each recovery code works once. Capitals and hyphens do not matter.",
)
USE_CODE: Final = Wording("Dùng mã của ứng dụng xác thực", "Use a code of the authenticator app")

PASSWORD_TITLES: Final = {
    Reason.EXPIRED: Wording("Mật mã đã hết hạn", "Your password has expired"),
    Reason.RESET: Wording("Hãy đặt mật mã của riêng bạn", "Please choose a password of your own"),
    Reason.SOON: Wording("Đổi mật mã trước khi hết hạn", "Change your password before it expires"),
}
PASSWORD_REASONS: Final = {
    Reason.EXPIRED: Wording(
        "Hãy đặt mật mã mới để tiếp tục. Các phiên đăng nhập khác của bạn sẽ kết thúc.",
        "Choose a new one to go on. You will be signed out everywhere else.",
    ),
    Reason.RESET: Wording(
        "Mật mã bạn vừa dùng do người quản trị cấp và chỉ dùng được một lần.",
        "The one you have just used was issued by an administrator and works once.",
    ),
    Reason.SOON: Wording(
        "Các phiên đăng nhập khác của bạn sẽ kết thúc.", "You will be signed out everywhere else."
    ),
}
NEW_PASSWORD: Final = Wording("Mật mã mới", "New password")
REPEATED: Final = Wording("Nhập lại mật mã mới", "New password again")
RULES: Final = Wording("Mật mã mới phải đạt các yêu cầu sau", "What the new password must meet")
SAVE: Final = Wording("Đổi mật mã và tiếp tục", "Change the password and go on")
PASSED: Final = Wording("đạt", "met")
BROKEN: Final = Wording("chưa đạt", "not met")

ENROL_TITLE: Final = Wording("Thiết lập xác thực hai lớp", "Set up two-step sign-in")
ENROL_REASON: Final = Wording(
    "Tài khoản hoặc ứng dụng này yêu cầu thêm một mã từ điện thoại, ngoài mật mã.",
    "This account or application asks for a code from your phone besides the password.",
)
ENROL_SCAN: Final = Wording(
    "Cài một ứng dụng xác thực trên điện thoại (Google Authenticator, Microsoft Authenticator, FreeOTP…) "
    "rồi quét hình này.",
    "Install an authenticator app on your phone (Google Authenticator, Microsoft Authenticator, FreeOTP or "
    "another) and scan this picture with it.",
)
ENROL_PICTURE: Final = Wording("Mã QR cho ứng dụng xác thực", "QR code for the authenticator app")
ENROL_BY_HAND: Final = Wording(
    "Không quét được? Nhập khóa này bằng tay", "Cannot scan? Type this key instead"
)
ENROL_TYPE: Final = Wording(
    "Nhập mã 6 chữ số mà ứng dụng hiện ra để hoàn tất.",
    "Then type the six-digit code that the app shows.",
)
ENROL_DONE: Final = Wording("Hoàn tất", "Finish")

CODES_TITLE: Final = Wording("Giữ các mã dự phòng này", "Keep these recovery codes")
CODES_WHY: Final = Wording(
    "Khi không có điện thoại, mỗi mã thay cho mã 6 chữ số được một lần. Hãy in ra hoặc chép lại và cất ở "
    "nơi an toàn: các mã này chỉ hiện một lần.",
    "Without your phone, each of them stands once for the six-digit code. Print or copy them and keep them "
    "in a safe place: they are shown only now.",
)
CODES_KEPT: Final = Wording("Tôi đã lưu, tiếp tục", "I have kept them, go on")

NOTICE_TITLE: Final = Wording("Mật mã sắp hết hạn", "Your password will expire soon")
NOTICE_DAYS: Final = Wording(
    "Mật mã của bạn hết hạn sau {days} ngày nữa.", "Your password expires in {days} {days:day|days}."
)
NOTICE_TODAY: Final = Wording("Mật mã của bạn hết hạn trong hôm nay.", "Your password expires today.")
NOTICE_LATER: Final = Wording("Để sau", "Later")
NOTICE_CHANGE: Final = Wording("Đổi mật mã ngay", "Change it now")

THROTTLED_TITLE: Final = Wording("Hãy đợi một chút", "Please wait a moment")
THROTTLED: Final = Wording(
    "Đã có quá nhiều lần thử không đúng. Hãy thử lại sau {wait}.",
    "There were too many wrong attempts. Please try again in {wait}.",
)
SECONDS: Final = Wording("{count} giây", "{count} {count:second|seconds}")
MINUTES: Final = Wording("{count} phút", "{count} {count:minute|minutes}")
HOURS: Final = Wording("{count} giờ", "{count} {count:hour|hours}")
TRY_AGAIN: Final = Wording("Thử lại", "Try again")

BLOCKED_TITLE: Final = Wording("Tài khoản này không đăng nhập được", "This account cannot sign in")
BLOCKS: Final = {
    Block.LOCKED: Wording(
        "Tài khoản đang bị khóa vì có nhiều lần nhập sai mật mã.",
        "The account is locked because of too many wrong passwords.",
    ),
    Block.PENDING: Wording("Hộp thư đang chờ duyệt.", "The mailbox still waits for approval."),
    Block.SUSPENDED: Wording("Hộp thư đang tạm khóa.", "The mailbox is suspended."),
    Block.REVOKED: Wording("Hộp thư đã bị thu hồi.", "The mailbox has been revoked."),
    Block.DELETED: Wording("Hộp thư đã bị xóa.", "The mailbox has been deleted."),
    Block.PROGRAM: Wording(
        "Đây là tài khoản dành cho phần mềm, không dùng để đăng nhập trên trang này.",
        "The account is for programs; it does not sign in here.",
    ),
    Block.OTHER: Wording("Tài khoản hiện không được đăng nhập.", "The account may not sign in at present."),
}
LOCKED_UNTIL: Final = Wording("Khóa đến {moment}.", "Locked until {moment}.")
ASK_ADMINISTRATOR: Final = Wording(
    "Nếu cho rằng có nhầm lẫn, hãy liên hệ người quản trị của cơ quan bạn.",
    "If you think this is a mistake, talk to your agency's administrator.",
)

PASSWORD_PROBLEMS_AT_SIGN_IN: Final = {
    Problem.WRONG: Wording("Tên đăng nhập hoặc mật mã không đúng.", "The name or the password is not right."),
    Problem.TOO_LATE: Wording(
        "Đã quá lâu từ lúc bạn nhập mật mã. Hãy nhập lại.",
        "It is too long since you typed your password. Please type it again.",
    ),
    Problem.TOO_OFTEN: Wording(
        "Có quá nhiều mã không đúng. Hãy bắt đầu lại với mật mã.",
        "There were too many wrong codes. Please begin with the password again.",
    ),
}
CODE_PROBLEMS: Final = {
    **PASSWORD_PROBLEMS_AT_SIGN_IN,
    Problem.WRONG: Wording(
        "Mã không đúng hoặc đã được dùng. Hãy đợi mã kế tiếp và xem giờ của điện thoại có đúng không.",
        "The code is wrong or was used before. Wait for the next one, and check your phone's clock.",
    ),
}
RECOVERY_PROBLEMS: Final = {
    **CODE_PROBLEMS,
    Problem.WRONG: Wording(
        "Mã dự phòng không đúng hoặc đã được dùng.", "The recovery code is wrong or was used before."
    ),
}
NEW_PASSWORD_PROBLEMS: Final = {
    PasswordProblem.DIFFERENT: Wording(
        "Hai lần nhập mật mã mới không giống nhau.", "The two new passwords are not the same."
    ),
    PasswordProblem.RULES: Wording(
        "Mật mã mới chưa đạt các yêu cầu đánh dấu dưới đây.",
        "The new password does not meet the requirements marked below.",
    ),
    PasswordProblem.USED_BEFORE: Wording(
        "Bạn đã dùng mật mã này trước đây. Hãy chọn mật mã khác.",
        "You have used this password before. Please choose another.",
    ),
    PasswordProblem.TOO_YOUNG: Wording(
        "Mật mã hiện tại vừa mới đổi, chưa được đổi lại.",
        "The present password was set too short a time ago to be changed.",
    ),
    PasswordProblem.REFUSED: Wording(
        "Không dùng được mật mã này. Hãy chọn mật mã khác.",
        "This password cannot be used. Please choose another.",
    ),
}

LOST_TITLE: Final = Wording("Trang đăng nhập này không còn dùng được", "This sign-in page is over")
LOST: Final = Wording(
    "Trang đã mở quá lâu, đã dùng xong, hoặc được mở từ trình duyệt khác. Hãy quay lại ứng dụng bạn muốn "
    "dùng và bắt đầu lại từ đó; đừng đánh dấu trang đăng nhập.",
    "It was open for too long, is done with, or was begun in another browser. Please go back to the "
    "application you want to use and start again there; do not bookmark the sign-in page.",
)
