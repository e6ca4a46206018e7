"""Words that all pages share, and those of the pages of errors."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

SITE: Final = Wording("Thư điện tử công vụ", "Official mail")
SITE_OF: Final = Wording("Hệ thống thư điện tử công vụ {domain}", "Official mail of {domain}")
SKIP_TO_CONTENT: Final = Wording("Đến nội dung chính", "Skip to the content")
HOME: Final = Wording("Trang chủ", "Home")
MY_ACCOUNT: Final = Wording("Tài khoản của tôi", "My account")
SIGN_IN: Final = Wording("Đăng nhập", "Sign in")
SIGN_OUT: Final = Wording("Đăng xuất", "Sign out")
CONTINUE: Final = Wording("Tiếp tục", "Continue")
CANCEL: Final = Wording("Hủy", "Cancel")
START_AGAIN: Final = Wording("Bắt đầu lại", "Start again")
GO_HOME: Final = Wording("Về trang chủ", "To the home page")
LANGUAGE: Final = Wording("Ngôn ngữ", "Language")
VIETNAMESE: Final = Wording("Tiếng Việt", "Tiếng Việt")
ENGLISH: Final = Wording("English", "English")
PROBLEM: Final = Wording("Có lỗi", "There is a problem")
EVENT: Final = Wording(
    "Mã sự kiện: {event} (hãy cho bộ phận hỗ trợ biết mã này)",
    "Event number: {event} (tell it to the help desk)",
)

NOT_FOUND_TITLE: Final = Wording("Không có trang này", "There is no such page")
NOT_FOUND: Final = Wording(
    "Địa chỉ có thể đã gõ sai hoặc trang đã bỏ.", "The address may be mistyped, or the page is gone."
)
METHOD_TITLE: Final = Wording("Không mở trang theo cách này được", "The page cannot be used like this")
METHOD: Final = Wording(
    "Trang này chỉ nhận một biểu mẫu gửi tới. Hãy bắt đầu lại từ trang chủ.",
    "Only a form can be sent to this page. Please start at the home page.",
)
BAD_REQUEST_TITLE: Final = Wording("Không đọc được yêu cầu", "The request cannot be read")
BAD_REQUEST: Final = Wording(
    "Trình duyệt hoặc ứng dụng đã gửi dữ liệu không đúng dạng.",
    "What the browser or the application sent is not in order.",
)
STALE_FORM_TITLE: Final = Wording("Trang đã mở quá lâu", "The page was open for too long")
STALE_FORM: Final = Wording(
    "Để bảo vệ tài khoản, biểu mẫu này không được nhận nữa. Hãy mở lại trang và điền lại. "
    "Nếu vẫn gặp lỗi, hãy cho phép trình duyệt lưu cookie của trang này.",
    "To protect your account the form was not accepted. Please open the page again and fill it in anew. "
    "If that does not help, let your browser keep this site's cookies.",
)
WRONG_HOST_TITLE: Final = Wording("Địa chỉ đúng là {url}", "The right address is {url}")
WRONG_HOST: Final = Wording(
    "Trang này chỉ mở được dưới địa chỉ đúng của nó.", "This site works under its right address only."
)
BUSY_TITLE: Final = Wording("Hệ thống đang bận", "The system is busy")
BUSY: Final = Wording(
    "Hiện chưa xử lý được yêu cầu. Hãy thử lại sau ít phút.",
    "Your request could not be dealt with just now. Please try again in a few minutes.",
)
FAULT_TITLE: Final = Wording("Hệ thống gặp lỗi", "Something went wrong here")
FAULT: Final = Wording(
    "Đây là lỗi của hệ thống, không phải của bạn. Hãy thử lại; nếu vẫn lỗi, hãy báo bộ phận hỗ trợ.",
    "It is the system's fault, not yours. Please try again; if it happens again, tell the help desk.",
)
