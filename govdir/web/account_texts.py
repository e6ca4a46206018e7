"""What the pages of one's own account say."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

# -- around every page -------------------------------------------------------------------------------------
NAVIGATION: Final = Wording("Các trang tài khoản", "Account pages")
HOME: Final = Wording("Tài khoản của tôi", "My account")
PASSWORD: Final = Wording("Đổi mật mã", "Change password")
SECOND_FACTOR: Final = Wording("Xác thực hai lớp", "Two-step sign-in")
SESSIONS: Final = Wording("Nơi đang đăng nhập", "Where I am signed in")
HISTORY: Final = Wording("Lịch sử đăng nhập", "Sign-in history")
ADMINISTRATION: Final = Wording("Hỗ trợ người dùng", "Help a user")
SIGN_OUT: Final = Wording("Đăng xuất", "Sign out")
BACK_HOME: Final = Wording("Về trang tài khoản", "Back to my account")
CANCEL: Final = Wording("Thôi", "Cancel")

# -- home --------------------------------------------------------------------------------------------------
WELCOME: Final = Wording("Xin chào, {name}", "Welcome, {name}")
WHO: Final = Wording("Thông tin hộp thư", "Mailbox")
NAME: Final = Wording("Họ và tên", "Name")
ADDRESS: Final = Wording("Địa chỉ thư", "Mail address")
ALIASES: Final = Wording("Địa chỉ khác", "Other addresses")
LOGIN: Final = Wording("Tên đăng nhập", "Login name")
AGENCY: Final = Wording("Cơ quan, đơn vị", "Agency")
POSITION: Final = Wording("Chức vụ", "Position")
STATE: Final = Wording("Trạng thái", "State")
STATES: Final = {
    "": Wording("đang dùng", "active"),
    "pending": Wording("chờ duyệt", "pending approval"),
    "active": Wording("đang dùng", "active"),
    "sendblocked": Wording("đang dùng, khóa chức năng gửi thư", "active, may not send mail"),
    "suspended": Wording("tạm khóa", "suspended"),
    "revoked": Wording("đã thu hồi", "revoked"),
    "deleted": Wording("đã xóa", "deleted"),
}
SECURITY: Final = Wording("Bảo mật", "Security")
PASSWORD_FIELD: Final = Wording("Mật mã", "Password")
CHANGED_ON: Final = Wording("đổi lần cuối {day}", "last changed {day}")
NEVER_CHANGED: Final = Wording("chưa rõ ngày đổi", "date of change unknown")
EXPIRES_ON: Final = Wording("hết hạn ngày {day}", "expires {day}")
EXPIRES_IN: Final = Wording("hết hạn ngày {day}, còn {days} ngày", "expires {day}, in {days} {days:day|days}")
EXPIRES_TODAY: Final = Wording("hết hạn hôm nay, {day}", "expires today, {day}")
EXPIRED: Final = Wording("đã hết hạn ngày {day}", "expired {day}")
NO_EXPIRY: Final = Wording("không có thời hạn", "does not expire")
EXPIRY_RULE: Final = Wording("Thời hạn theo {place}.", "The term is that of {place}.")
FACTOR_ON: Final = Wording("đang bật", "on")
FACTOR_OFF: Final = Wording("chưa bật", "off")
TURN_ON: Final = Wording("Bật xác thực hai lớp", "Turn on two-step sign-in")
MANAGE: Final = Wording("Quản lý", "Manage")
SIGNED_IN_AT: Final = Wording("{count} nơi", "{count} {count:place|places}")
VIEW: Final = Wording("Xem", "View")
LAST_SIGN_INS: Final = Wording("Những lần đăng nhập gần đây", "Latest sign-ins")
NOT_ME: Final = Wording(
    "Thấy lần đăng nhập không phải của mình? Hãy đổi mật mã ngay: mọi nơi khác sẽ bị đăng xuất.",
    "A sign-in that was not yours? Change your password at once: you will be signed out everywhere else.",
)
APPLICATIONS: Final = Wording("Ứng dụng", "Applications")
APPLICATIONS_HINT: Final = Wording(
    "Mở ứng dụng bằng tài khoản này, không phải đăng nhập lại.",
    "Open an application with this account, without signing in again.",
)
NO_APPLICATIONS: Final = Wording(
    "Chưa có ứng dụng nào mở được từ trang này. Hãy vào thẳng trang của ứng dụng.",
    "No application can be opened from here yet. Go to the application's own page.",
)

ACCOUNT: Final = Wording("Tài khoản", "Account")

# -- changing one's password -------------------------------------------------------------------------------
CURRENT_PASSWORD: Final = Wording("Mật mã hiện nay", "Current password")
NEW_PASSWORD: Final = Wording("Mật mã mới", "New password")
REPEAT_PASSWORD: Final = Wording("Nhập lại mật mã mới", "New password again")
SHOW_PASSWORDS: Final = Wording("Hiện mật mã", "Show passwords")
RULES: Final = Wording("Yêu cầu đối với mật mã mới", "Rules for the new password")
RULES_LIVE: Final = Wording(
    "Danh sách này được đánh dấu trong lúc gõ.", "This list is marked while you type."
)
RULE_MET: Final = Wording("đạt", "met")
RULE_BROKEN: Final = Wording("chưa đạt", "not met")
RULES_BROKEN: Final = Wording(
    "Mật mã mới còn {count} yêu cầu chưa đạt, được đánh dấu trong danh sách.",
    "The new password breaks {count} {count:rule|rules}, marked in the list.",
)
RULES_LEFT: Final = Wording("Còn {count} yêu cầu chưa đạt.", "{count} {count:rule is|rules are} not met yet.")
RULES_ALL_MET: Final = Wording("Mật mã mới đạt mọi yêu cầu.", "The new password meets every rule.")
RULES_UNKNOWN: Final = Wording(
    "Hiện không xét được trong lúc gõ; mật mã sẽ được xét khi gửi.",
    "It cannot be checked while you type just now; it will be when you send it.",
)
ON_CHANGE: Final = Wording(
    "Khi đổi mật mã, mọi nơi khác đang đăng nhập sẽ bị đăng xuất. Sau đó nhớ nhập mật mã mới vào phần mềm "
    "đọc thư trên máy tính và điện thoại.",
    "Changing the password signs you out everywhere else. Afterwards give your mail programs, on computer "
    "and phone, the new one.",
)
CHANGE_IT: Final = Wording("Đổi mật mã", "Change password")
PASSWORD_CHANGED: Final = Wording("Đã đổi mật mã", "Your password was changed")
ENDED_ELSEWHERE: Final = Wording(
    "Đã đăng xuất khỏi {count} nơi khác.", "You were signed out at {count} other {count:place|places}."
)
NOTHING_ENDED: Final = Wording("Không còn nơi nào khác đang đăng nhập.", "You were signed in nowhere else.")
STILL_SIGNED_IN: Final = Wording("Ở đây thì vẫn đang đăng nhập.", "You stay signed in here.")
LETTER_SENT: Final = Wording("Một thư báo được gửi tới {address}.", "A message about it goes to {address}.")
NEXT_EXPIRY: Final = Wording("Mật mã mới dùng được đến ngày {day}.", "The new password is good until {day}.")
MAIL_PROGRAMS: Final = Wording(
    "Hãy nhập mật mã mới vào phần mềm đọc thư trên máy tính và điện thoại.",
    "Give your mail programs, on computer and phone, the new password.",
)

# -- what is wrong with what was entered -------------------------------------------------------------------
PROBLEMS: Final = Wording("Chưa được, hãy xem lại:", "That did not work. Please look at this:")
ENTER_CURRENT: Final = Wording("Hãy nhập mật mã hiện nay.", "Enter your current password.")
ENTER_NEW: Final = Wording("Hãy nhập mật mã mới.", "Enter a new password.")
WRONG_PASSWORD: Final = Wording("Mật mã hiện nay không đúng.", "The current password is not right.")
NOT_THE_SAME: Final = Wording("Hai lần nhập mật mã mới không giống nhau.", "The two new passwords differ.")
SLOW_DOWN: Final = Wording(
    "Đã thử sai quá nhiều lần. Hãy đợi {seconds} giây rồi thử lại.",
    "Too many wrong attempts. Wait {seconds} {seconds:second|seconds}, then try again.",
)
BUSY: Final = Wording(
    "Hệ thống đang bận, chưa ghi được. Hãy thử lại sau giây lát.",
    "The system is busy and nothing was changed. Try again in a moment.",
)
USED_BEFORE: Final = Wording(
    "Mật mã này đã dùng trước đây. Hãy chọn mật mã khác.",
    "You have used this password before. Choose another.",
)
TOO_YOUNG: Final = Wording(
    "Mật mã vừa được đổi, chưa đến lúc đổi lại.", "The password was changed too short a time ago."
)
NOT_TAKEN: Final = Wording(
    "Mật mã này không dùng được. Hãy chọn mật mã khác hoặc hỏi người quản trị.",
    "This password cannot be used. Choose another, or ask your administrator.",
)
LOCKED: Final = Wording(
    "Tài khoản đang bị khóa. Hãy hỏi người quản trị của cơ quan.",
    "The account is locked. Ask your agency's administrator.",
)
FACTOR_KEPT: Final = Wording(
    "Quyền của bạn buộc phải có xác thực hai lớp: chỉ thay được, không tắt được.",
    "Your role demands two-step sign-in: it can be replaced, not turned off.",
)
ENTER_CODE: Final = Wording("Hãy nhập mã gồm 6 chữ số.", "Enter the code of 6 digits.")
WRONG_CODE: Final = Wording(
    "Mã không đúng hoặc đã quá hạn. Hãy nhập mã đang hiện; kiểm tra giờ trên điện thoại.",
    "The code is not right, or no longer. Enter the one shown now, and check the phone's clock.",
)
STALE: Final = Wording(
    "Trang này đã cũ. Hãy làm lại từ đầu.", "This page is out of date. Please begin again."
)

# -- second factor -----------------------------------------------------------------------------------------
FACTOR_WHAT: Final = Wording(
    "Ngoài mật mã, khi đăng nhập phải nhập thêm mã 6 chữ số do điện thoại của bạn tạo ra. Người khác có "
    "biết mật mã cũng không vào được.",
    "Besides the password, signing in then takes a code of 6 digits that your phone makes. Whoever else "
    "learns the password still cannot get in.",
)
FACTOR_APPS: Final = Wording(
    "Cần một ứng dụng xác thực trên điện thoại, như Google Authenticator, Microsoft Authenticator, FreeOTP "
    "hay Aegis. Ứng dụng không cần mạng.",
    "You need an app that makes codes, such as Google Authenticator, Microsoft Authenticator, FreeOTP or "
    "Aegis. It needs no network.",
)
FACTOR_SINCE: Final = Wording("Bật từ {moment}.", "On since {moment}.")
RECOVERY_LEFT: Final = Wording(
    "Còn {count} mã dự phòng chưa dùng.", "{count} recovery {count:code is|codes are} left."
)
RECOVERY_FEW: Final = Wording(
    "Mã dự phòng sắp hết. Hãy tạo bộ mã mới.", "Few recovery codes are left. Make new ones."
)
STEP_SCAN: Final = Wording("1. Quét mã", "1. Scan")
SCAN_HINT: Final = Wording(
    "Mở ứng dụng xác thực, chọn thêm tài khoản rồi quét hình này.",
    "Open the app, choose to add an account, and scan this picture.",
)
QR_TITLE: Final = Wording(
    "Mã QR chứa khóa để cài ứng dụng xác thực; khóa cũng được viết bằng chữ ngay dưới đây",
    "QR code with the key for the app; the key is written out below as well",
)
ON_THIS_PHONE: Final = Wording(
    "Đang xem trên chính điện thoại đó? Mở bằng ứng dụng xác thực",
    "Reading this on that very phone? Open it in the app",
)
OR_TYPE: Final = Wording(
    "Không quét được? Nhập khóa này vào ứng dụng:", "Cannot scan? Type this key into the app:"
)
KEY_KIND: Final = Wording(
    "Tài khoản: {address} · loại: theo thời gian (TOTP)", "Account: {address} · kind: time-based (TOTP)"
)
KEY_IS_SECRET: Final = Wording(
    "Không chụp lại hay gửi hình và khóa này cho ai.",
    "Do not photograph or send this picture or key to anybody.",
)
STEP_CONFIRM: Final = Wording("2. Xác nhận", "2. Confirm")
CODE: Final = Wording("Mã 6 chữ số đang hiện trong ứng dụng", "The code of 6 digits the app shows now")
CONFIRM_FACTOR: Final = Wording("Bật xác thực hai lớp", "Turn on")
NEW_CODES: Final = Wording("Tạo mã dự phòng mới", "Make new recovery codes")
NEW_CODES_HINT: Final = Wording(
    "Mười mã mới thay cho các mã cũ; mã cũ hết hiệu lực ngay.",
    "Ten new codes take the place of the old ones, which are void at once.",
)
REMOVE_FACTOR: Final = Wording("Tắt xác thực hai lớp", "Turn two-step sign-in off")
REMOVE_HINT: Final = Wording(
    "Từ lần sau chỉ cần mật mã là vào được.", "From then on the password alone lets you in."
)
REPLACE: Final = Wording("Chuyển sang điện thoại khác", "Move to another phone")
REPLACE_HINT: Final = Wording(
    "Cài lại trên máy mới. Máy cũ dùng được cho tới khi máy mới được xác nhận.",
    "Set it up on the new one. The old one works until the new one is confirmed.",
)
FACTOR_REMOVED: Final = Wording(
    "Đã tắt xác thực hai lớp. Mã dự phòng cũ không còn dùng được.",
    "Two-step sign-in is off. The old recovery codes are void.",
)
CONFIRM_PASSWORD: Final = Wording(
    "Mật mã, để xác nhận đúng là bạn", "Your password, to confirm that it is you"
)

# -- recovery codes ----------------------------------------------------------------------------------------
RECOVERY_CODES: Final = Wording("Mã dự phòng", "Recovery codes")
RECOVERY_WHY: Final = Wording(
    "Khi không có điện thoại, mỗi mã dưới đây đăng nhập được một lần thay cho mã 6 chữ số.",
    "Without your phone, each of these codes lets you in once, in place of the 6 digits.",
)
RECOVERY_ONCE: Final = Wording(
    "Các mã chỉ hiện một lần này. Hãy in ra hoặc chép lại và cất nơi an toàn, đừng để cùng điện thoại.",
    "The codes are shown this once. Print or copy them and keep them safe, not with the phone.",
)
RECOVERY_SHOWN_BEFORE: Final = Wording(
    "Mã dự phòng chỉ hiện một lần, ngay sau khi tạo. Nếu đã mất, hãy tạo bộ mã mới.",
    "Recovery codes are shown only once, when they are made. If you have lost them, make new ones.",
)
FACTOR_TURNED_ON: Final = Wording("Đã bật xác thực hai lớp.", "Two-step sign-in is on.")
CODES_RENEWED: Final = Wording("Đã tạo bộ mã dự phòng mới.", "New recovery codes were made.")
PRINT: Final = Wording("In trang này", "Print this page")
COPY: Final = Wording("Chép các mã", "Copy the codes")
COPIED: Final = Wording("Đã chép.", "Copied.")
NOT_COPIED: Final = Wording(
    "Không chép được; hãy chọn và chép bằng tay.", "Not copied; select and copy by hand."
)
CODES_NEED_FACTOR: Final = Wording(
    "Mã dự phòng có khi bật xác thực hai lớp.", "There are recovery codes once two-step sign-in is on."
)
CODES_FOR: Final = Wording(
    "Mã dự phòng của {address}, tạo {moment}", "Recovery codes of {address}, made {moment}"
)
I_HAVE_THEM: Final = Wording("Tôi đã cất giữ các mã", "I have kept the codes")

# -- sessions ----------------------------------------------------------------------------------------------
SESSIONS_HINT: Final = Wording(
    "Những trình duyệt đang đăng nhập bằng tài khoản này. Không nhận ra nơi nào thì kết thúc nơi đó và đổi "
    "mật mã.",
    "Browsers that are signed in with this account. If you do not recognise one, end it and change your "
    "password.",
)
BROWSER: Final = Wording("Trình duyệt", "Browser")
NETWORK: Final = Wording("Địa chỉ mạng", "Network address")
SINCE: Final = Wording("Đăng nhập lúc", "Signed in")
LAST_USED: Final = Wording("Dùng lần cuối", "Last used")
THIS_ONE: Final = Wording("trình duyệt này", "this browser")
END: Final = Wording("Đăng xuất nơi này", "Sign out there")
END_NAMED: Final = Wording(
    "Đăng xuất {browser}, mạng {network}, đăng nhập lúc {moment}",
    "Sign out {browser}, network {network}, signed in {moment}",
)
END_OTHERS: Final = Wording("Đăng xuất mọi nơi khác", "Sign out everywhere else")
SESSION_ENDED: Final = Wording("Đã đăng xuất nơi đó.", "It was signed out.")
SESSION_GONE: Final = Wording("Nơi đó đã tự hết phiên trước đó.", "It had ended by itself already.")
ONLY_HERE: Final = Wording("Chỉ đang đăng nhập ở đây.", "You are signed in only here.")
UNKNOWN_BROWSER: Final = Wording("không rõ", "unknown")

# -- history -----------------------------------------------------------------------------------------------
HISTORY_HINT: Final = Wording(
    "Các lần đăng nhập, bị từ chối và thay đổi bảo mật gần đây, mới nhất ở trên. Giờ Việt Nam.",
    "Recent sign-ins, refusals and changes of security, the latest first. Times are those of Vietnam.",
)
WHEN: Final = Wording("Lúc", "When")
WHAT: Final = Wording("Việc", "What")
OUTCOME: Final = Wording("Kết quả", "Outcome")
FROM_WHERE: Final = Wording("Từ đâu", "From where")
PROGRAMS: Final = Wording("Chương trình thư dùng lần cuối", "Mail programs, last use")
PROGRAMS_HINT: Final = Wording(
    "Lần gần nhất một chương trình đăng nhập bằng mật mã của bạn. Nếu lạ, hãy đổi mật mã ngay.",
    "When a program last signed in with your password. If one of them is not yours, change the password now.",
)
NO_HISTORY: Final = Wording("Chưa có gì.", "Nothing yet.")
