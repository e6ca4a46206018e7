"""What the pages for helping other users say."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

TITLE: Final = Wording("Hỗ trợ người dùng", "Help a user")
SCOPE: Final = Wording(
    "Cấp mật mã dùng một lần, đăng xuất giúp, hoặc gỡ xác thực hai lớp cho người bị mất điện thoại. Chỉ thấy "
    "những người thuộc phạm vi quản trị của bạn. Mọi việc đều được ghi lại và người đó xem được.",
    "Issue a one-time password, sign somebody out, or remove the second step of somebody who has lost the "
    "phone. You see only those you administer. Everything is recorded, and the person can read it.",
)
SEARCH_LABEL: Final = Wording("Họ tên hoặc địa chỉ thư", "Name or mail address")
SEARCH_HINT: Final = Wording("Có dấu hay không dấu đều được.", "With or without accents.")
SEARCH: Final = Wording("Tìm", "Find")
NOBODY: Final = Wording(
    "Không có ai như “{text}” trong phạm vi quản trị của bạn.",
    "There is nobody like “{text}” among those you administer.",
)
FOUND: Final = Wording("Tìm thấy {count} người", "{count} {count:person|people} found")
MORE: Final = Wording(
    "Còn nhiều người nữa; hãy gõ rõ hơn.", "There are more; type more of the name or address."
)
PERSON: Final = Wording("Người", "Person")
LAST_SIGN_IN: Final = Wording("Đăng nhập lần cuối", "Last sign-in")
NEVER: Final = Wording("chưa có", "never")
SEARCH_AGAIN: Final = Wording("Tìm người khác", "Find somebody else")

ISSUE: Final = Wording("Cấp mật mã dùng một lần", "Issue a one-time password")
ISSUE_HINT: Final = Wording(
    "Mật mã cũ hết hiệu lực ngay, mọi nơi đang đăng nhập bị đăng xuất. Người đó phải đổi mật mã khi đăng "
    "nhập. Hãy chắc chắn đang giúp đúng người: gặp trực tiếp, hoặc gọi lại số điện thoại cơ quan đã biết.",
    "The old password is void at once and the person is signed out everywhere. It must be changed at the "
    "next sign-in. Make sure whom you help: in person, or by calling back the office's known number.",
)
CHECKED: Final = Wording("Tôi đã kiểm tra đúng là người này", "I have made sure that it is this person")
CHECK_FIRST: Final = Wording(
    "Hãy xác nhận đã kiểm tra đúng là người này.", "Confirm that you have made sure who it is."
)
ISSUED: Final = Wording("Mật mã dùng một lần", "One-time password")
ISSUED_ONCE: Final = Wording(
    "Mật mã chỉ hiện một lần này. In trang này hoặc đọc cho người nhận; không gửi qua thư, tin nhắn.",
    "The password is shown this once. Print this page or read it out; do not send it by mail or message.",
)
ISSUED_FOR: Final = Wording("Cấp cho", "Issued to")
ISSUED_AT: Final = Wording("Lúc", "At")
ISSUED_BY: Final = Wording("Người cấp", "Issued by")
FIRST_SIGN_IN: Final = Wording(
    "Đăng nhập tại {site} bằng địa chỉ và mật mã này, rồi đặt mật mã riêng. Chưa đổi thì chưa đọc, gửi thư "
    "được.",
    "Sign in at {site} with this address and password, then choose your own. Until then mail cannot be read"
    " or sent.",
)
SIGN_IN_WITH_IT: Final = Wording(
    "Đăng nhập tại {site} bằng địa chỉ và mật mã này.", "Sign in at {site} with this address and password."
)
SPELLING: Final = Wording("Đọc từng ký tự", "Spelled out")
LETTER_UPPER: Final = Wording("{letter} hoa", "capital {letter}")
LETTER_LOWER: Final = Wording("{letter} thường", "small {letter}")
LETTER_DIGIT: Final = Wording("số {letter}", "digit {letter}")
LETTER_SIGN: Final = Wording("dấu {letter}", "sign {letter}")

END_SESSIONS: Final = Wording("Đăng xuất mọi nơi", "Sign out everywhere")
END_SESSIONS_HINT: Final = Wording(
    "Dùng khi máy, điện thoại bị mất hoặc nghi bị người khác dùng. Mật mã vẫn như cũ.",
    "For when a computer or phone is lost, or used by somebody else. The password stays as it is.",
)
SESSIONS_NOW: Final = Wording("Đang đăng nhập ở {count} nơi.", "Signed in at {count} {count:place|places}.")
NO_SESSIONS: Final = Wording("Hiện không đăng nhập ở đâu.", "Signed in nowhere now.")
SESSIONS_ENDED: Final = Wording(
    "Đã đăng xuất {name} khỏi {count} nơi.", "{name} was signed out at {count} {count:place|places}."
)

REMOVE_FACTOR: Final = Wording("Gỡ xác thực hai lớp", "Remove two-step sign-in")
REMOVE_FACTOR_HINT: Final = Wording(
    "Chỉ khi người đó mất điện thoại và không còn mã dự phòng. Sau đó chỉ cần mật mã là vào được, nên hãy "
    "kiểm tra thật kỹ đúng là người này.",
    "Only when the phone is lost and no recovery code is left. The password alone then lets in, so make"
    " very sure who is asking.",
)
FACTOR_NONE: Final = Wording("Người này chưa bật xác thực hai lớp.", "Two-step sign-in is not on.")
FACTOR_SINCE: Final = Wording("Đang bật, từ {moment}.", "On since {moment}.")
FACTOR_REMOVED: Final = Wording(
    "Đã gỡ xác thực hai lớp của {name}.", "Two-step sign-in of {name} was removed."
)

NOT_YOURS: Final = Wording(
    "Người này không thuộc phạm vi quản trị của bạn, hoặc giữ quyền mà bạn không có.",
    "You do not administer this person, or they hold rights that you lack.",
)
NOT_FOR_YOU_TITLE: Final = Wording("Trang này không dành cho bạn", "This page is not for you")
NOT_FOR_YOU: Final = Wording(
    "Trang này dành cho người quản trị của cơ quan, người vận hành và người quản trị của tỉnh.",
    "This page is for administrators of agencies, operators and administrators of the province.",
)
YOURSELF: Final = Wording(
    "Đây là tài khoản của chính bạn; hãy dùng các trang tài khoản.",
    "This is your own account; use its own pages.",
)
NO_SIGN_IN: Final = Wording("Không ai đăng nhập bằng hộp thư này.", "Nobody signs in with this mailbox.")
STALE: Final = Wording(
    "Tài khoản đã thay đổi sau khi trang này mở ra (hoặc trang được gửi lại). Hãy xem lại rồi làm tiếp.",
    "The account was changed after this page was opened (or the page was sent again). Look again, then go "
    "on.",
)
