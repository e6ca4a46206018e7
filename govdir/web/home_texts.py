"""What the home page says, and the page that shows what an application would be told."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

WELCOME: Final = Wording("Tài khoản thư điện tử công vụ", "Your official mail account")
ABOUT: Final = Wording(
    "Đăng nhập một lần bằng tài khoản thư điện tử công vụ để dùng các ứng dụng của tỉnh, đổi mật mã và xem "
    "lại các lần đăng nhập của bạn.",
    "Sign in once with your official mail account to use the province's applications, change your password "
    "and look through your sign-ins.",
)
CAREFUL: Final = Wording(
    "Trước khi nhập mật mã, hãy kiểm tra địa chỉ trên thanh trình duyệt là {site}.",
    "Before you type your password, check that your browser's address bar shows {site}.",
)

TEST_TITLE: Final = Wording("Thử một ứng dụng", "Try an application")
TEST_ABOUT: Final = Wording(
    "Trang này cho biết ứng dụng sẽ nhận được gì về một tài khoản. Không có gì được gửi đi.",
    "This page shows what an application would be told of an account. Nothing is sent.",
)
TEST_SERVICE: Final = Wording("Ứng dụng", "Application")
TEST_ACCOUNT: Final = Wording("Tài khoản (địa chỉ thư)", "Account (mail address)")
TEST_SHOW: Final = Wording("Xem", "Show")
TEST_NO_SERVICES: Final = Wording(
    "Chưa có ứng dụng nào được đăng ký (lệnh govdir sp add).",
    "No application is registered yet (govdir sp add).",
)
TEST_NO_ACCOUNT: Final = Wording("Không có tài khoản này.", "There is no such account.")
TEST_ALLOWED: Final = Wording("Được dùng ứng dụng này.", "May use this application.")
TEST_DENIED: Final = Wording("Không được dùng ứng dụng này.", "May not use this application.")
TEST_NAME_ID: Final = Wording("Tên định danh (NameID)", "NameID")
TEST_FORMAT: Final = Wording("Dạng của tên định danh", "NameID format")
TEST_ACS: Final = Wording("Trả lời được gửi đến", "Answers go to")
TEST_LOGOUT: Final = Wording("Đăng xuất báo đến", "Logouts go to")
TEST_SIGNED: Final = Wording("Yêu cầu phải có chữ ký số", "Requests must be signed")
TEST_ENCRYPTED: Final = Wording("Dữ liệu được mã hóa", "Assertions are encrypted")
TEST_FACTOR: Final = Wording("Đòi xác thực hai lớp", "Demands two-step sign-in")
TEST_CANNOT_ENCRYPT: Final = Wording(
    "Phải mã hóa nhưng siêu dữ liệu của ứng dụng không có khóa dùng được.",
    "Encryption is demanded, but the application's metadata has no usable key.",
)
TEST_UNKNOWN: Final = Wording("Không có thuộc tính: {sources}", "There are no such attributes: {sources}")
TEST_ATTRIBUTES: Final = Wording("Thuộc tính", "Attributes")
TEST_NAME: Final = Wording("Tên", "Name")
TEST_VALUES: Final = Wording("Giá trị", "Values")
YES: Final = Wording("có", "yes")
NO: Final = Wording("không", "no")

NOT_FOR_YOU_TITLE: Final = Wording("Trang này dành cho người vận hành", "This page is for operators")
NOT_FOR_YOU: Final = Wording(
    "Tài khoản của bạn không có quyền xem trang này.", "Your account may not see this page."
)
