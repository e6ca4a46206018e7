"""What the pages around applications say: passing on, signing out everywhere, and why not."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording
from govdir.sso.idp.outcomes import Denial, Reason, StepState

GOING_TITLE: Final = Wording("Đang chuyển tiếp", "Passing on")
GOING: Final = Wording("Đang chuyển đến ứng dụng…", "Taking you to the application…")
GOING_BUTTON: Final = Wording(
    "Nếu trang không tự chuyển, hãy bấm Tiếp tục.", "If nothing happens, choose Continue."
)

CONFIRM_TITLE: Final = Wording("Mở ứng dụng", "Open the application")
CONFIRM: Final = Wording(
    "Bạn sắp đăng nhập vào {service} với tài khoản {account}.",
    "You are about to sign in to {service} as {account}.",
)
CONFIRM_BUTTON: Final = Wording("Mở {service}", "Open {service}")
NOT_NOW: Final = Wording("Để sau", "Not now")

DENIED_TITLE: Final = Wording("Bạn chưa được dùng {service}", "You may not use {service}")
DENIED: Final = Wording(
    "Tài khoản {account} đã đăng nhập, nhưng chưa được cấp quyền dùng ứng dụng này.",
    "{account} is signed in, but has no access to this application.",
)
DENIALS: Final = {
    Denial.NO_MAILBOX: Wording(
        "Ứng dụng chỉ dành cho người có hộp thư; tài khoản này không có.",
        "It is for those who have a mailbox; this account has none.",
    ),
    Denial.STATE: Wording(
        "Trạng thái hiện tại của hộp thư không cho phép.", "The mailbox's present state does not allow it."
    ),
    Denial.KIND: Wording(
        "Ứng dụng không dành cho loại hộp thư này.", "It is not for mailboxes of this kind."
    ),
    Denial.AGENCY: Wording(
        "Ứng dụng chỉ dành cho một số cơ quan, không gồm cơ quan của bạn.",
        "It is for certain agencies, and yours is not among them.",
    ),
    Denial.ROLE: Wording(
        "Ứng dụng chỉ dành cho người giữ một số vai trò nhất định.", "It is for holders of certain roles."
    ),
}
ASK_FOR_ACCESS: Final = Wording(
    "Nếu cần dùng, hãy liên hệ người quản trị của cơ quan bạn.",
    "If you need it, talk to your agency's administrator.",
)
BACK_TO: Final = Wording("Quay lại {service}", "Back to {service}")

SIGN_OUT_TITLE: Final = Wording("Đăng xuất", "Sign out")
SIGN_OUT_QUESTION: Final = Wording(
    "Bạn sẽ đăng xuất khỏi trang này và mọi ứng dụng đã mở bằng tài khoản {account}.",
    "You will be signed out here and of all applications you opened as {account}.",
)
SIGNING_OUT_TITLE: Final = Wording("Đang đăng xuất khỏi các ứng dụng", "Signing out of your applications")
SIGNED_OUT_TITLE: Final = Wording("Bạn đã đăng xuất", "You are signed out")
SIGNED_OUT: Final = Wording(
    "Trên máy dùng chung, hãy đóng trình duyệt.", "On a shared computer, please close the browser."
)
PARTLY_TITLE: Final = Wording("Chưa đăng xuất hết", "Not signed out everywhere")
PARTLY: Final = Wording(
    "Bạn đã đăng xuất khỏi trang này, nhưng một số ứng dụng chưa xác nhận. "
    "Hãy tự đăng xuất ở đó hoặc đóng trình duyệt.",
    "You are signed out here, but some applications did not confirm it. "
    "Please sign out there, or close the browser.",
)
STEPS: Final = {
    StepState.WAITING: Wording("đang chờ", "waiting"),
    StepState.ASKED: Wording("đang đăng xuất", "being signed out"),
    StepState.DONE: Wording("đã đăng xuất", "signed out"),
    StepState.FAILED: Wording("không đăng xuất được", "not signed out"),
    StepState.SKIPPED: Wording("đã bỏ qua", "skipped"),
}
STUCK: Final = Wording(
    "Ứng dụng này chưa trả lời. Bạn có thể thử lại hoặc bỏ qua.",
    "This application has not answered. You can try again or leave it out.",
)
RETRY: Final = Wording("Thử lại", "Try again")
SKIP: Final = Wording("Bỏ qua", "Leave it out")
SIGN_IN_AGAIN: Final = Wording("Đăng nhập lại", "Sign in again")

REFUSED_TITLE: Final = Wording("Không đăng nhập được vào ứng dụng", "The application cannot be signed in to")
REFUSED_TITLE_OF: Final = Wording("Không đăng nhập được vào {service}", "{service} cannot be signed in to")
LOGOUT_REFUSED_TITLE: Final = Wording("Không đăng xuất được", "Signing out did not work")
LOGOUT_REFUSED_TITLE_OF: Final = Wording(
    "Không đăng xuất được theo yêu cầu của {service}", "{service} cannot be signed out of"
)
SIGN_OUT_HERE: Final = Wording(
    "Nếu muốn rời máy này, hãy đăng xuất tại đây.", "To leave this computer, sign out here."
)
FOR_ADMINISTRATORS: Final = Wording("Dành cho người quản trị ứng dụng", "For who runs the application")
_CHECK_WITH_ADMINISTRATOR: Final = Wording(
    "Hãy báo cho người quản trị ứng dụng đó.", "Please tell who runs that application."
)
WHAT_TO_DO: Final = {
    Reason.NOT_IDP_INITIATED: Wording(
        "Hãy mở trang của ứng dụng và đăng nhập từ đó.", "Please go to the application and sign in there."
    ),
    Reason.STALE: Wording(
        "Hãy quay lại ứng dụng và bắt đầu lại từ đó.", "Please go back to the application and start again."
    ),
    Reason.REPLAYED: Wording(
        "Hãy quay lại ứng dụng và bắt đầu lại từ đó.", "Please go back to the application and start again."
    ),
    Reason.TOO_MANY: Wording("Hãy thử lại sau ít phút.", "Please try again in a few minutes."),
}
OTHERWISE_TO_DO: Final = _CHECK_WITH_ADMINISTRATOR
REASONS: Final = {
    Reason.MALFORMED: Wording(
        "Ứng dụng đã gửi một yêu cầu không đọc được.", "The application sent a request that cannot be read."
    ),
    Reason.UNKNOWN_SERVICE: Wording(
        "Ứng dụng này chưa được đăng ký với hệ thống.", "This application is not registered here."
    ),
    Reason.SERVICE_DISABLED: Wording(
        "Ứng dụng này đang tạm ngừng kết nối.", "This application is disconnected for the time being."
    ),
    Reason.UNSIGNED: Wording(
        "Yêu cầu của ứng dụng không có chữ ký số.", "The application's request is not signed."
    ),
    Reason.BAD_SIGNATURE: Wording(
        "Chữ ký số của ứng dụng không đúng.", "The application's signature is not right."
    ),
    Reason.WRONG_DESTINATION: Wording(
        "Ứng dụng gửi yêu cầu đến sai địa chỉ.", "The application addressed its request wrongly."
    ),
    Reason.STALE: Wording(
        "Yêu cầu này của ứng dụng đã cũ hoặc đã dùng xong.", "The request is too old or done with."
    ),
    Reason.FROM_THE_FUTURE: Wording("Đồng hồ của ứng dụng chạy sai.", "The application's clock is wrong."),
    Reason.REPLAYED: Wording(
        "Yêu cầu này của ứng dụng đã được dùng một lần rồi.", "This request has been used before."
    ),
    Reason.UNKNOWN_ACS: Wording(
        "Ứng dụng yêu cầu trả lời về một địa chỉ chưa được đăng ký.",
        "The application wants the answer at an address that is not registered.",
    ),
    Reason.NOT_IDP_INITIATED: Wording(
        "Ứng dụng này phải được mở từ chính trang của nó.", "This application is opened from its own page."
    ),
    Reason.CANNOT_ENCRYPT: Wording(
        "Ứng dụng phải nhận dữ liệu mã hóa nhưng chưa có khóa dùng được.",
        "The application must be answered encrypted, but has no usable key.",
    ),
    Reason.TOO_MANY: Wording(
        "Có quá nhiều lượt đăng nhập bắt đầu từ mạng này.",
        "Too many sign-ins are begun from this network.",
    ),
    Reason.UNEXPECTED_ANSWER: Wording(
        "Ứng dụng trả lời một yêu cầu đăng xuất không còn nữa.",
        "The application answers a sign-out that is no more.",
    ),
}
