"""What the applications say, in Vietnamese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from govdir.policy.texts import Wording

PAGE: Final[Mapping[str, Wording]] = {
    "sample": Wording("Ứng dụng mẫu", "Sample application"),
    "welcome": Wording(
        "Dành cho cán bộ, công chức có hộp thư công vụ.", "For staff who have an official mailbox."
    ),
    "sign_in": Wording("Đăng nhập bằng tài khoản thư công vụ", "Sign in with your mail account"),
    "hello": Wording("Xin chào", "Hello"),
    "sign_out": Wording("Đăng xuất khỏi mọi ứng dụng", "Sign out everywhere"),
    "open_other": Wording("Mở", "Open"),
    "no_password": Wording("Không phải nhập lại mật mã.", "No password is asked again."),
    "account": Wording("Tài khoản và mật mã", "Account and password"),
    "told": Wording("Ứng dụng này được cho biết", "What this application was told"),
    "what": Wording("Thông tin", "What"),
    "value": Wording("Giá trị", "Value"),
    "saml_name": Wording("Tên trong SAML", "Name in SAML"),
    "technical": Wording("Chi tiết kỹ thuật", "Technical details"),
    "name_id": Wording("NameID", "NameID"),
    "format": Wording("Định dạng NameID", "NameID format"),
    "context": Wording("Cách chứng thực", "How it was proved"),
    "session_index": Wording("Phiên (SessionIndex)", "SessionIndex"),
    "nothing_told": Wording("Không có thuộc tính nào.", "No attributes."),
    "desk": Wording("Văn bản đến", "Incoming documents"),
    "number": Wording("Số, ký hiệu", "Number"),
    "about": Wording("Trích yếu", "About"),
    "due": Wording("Hạn xử lý", "Due"),
    "news": Wording("Thông báo", "Notices"),
    "sample_data": Wording("Nội dung minh họa.", "Sample content."),
    "signed_out": Wording("Bạn đã đăng xuất.", "You are signed out."),
    "partly_signed_out": Wording(
        "Bạn đã đăng xuất ở đây, nhưng có ứng dụng khác chưa đăng xuất được. Hãy đóng trình duyệt.",
        "You are signed out here, but another application could not be signed out of. Close the browser.",
    ),
    "refused": Wording("Chưa đăng nhập được", "You are not signed in"),
    "refused_text": Wording(
        "Hệ thống đăng nhập trả lời rằng bạn không được vào, hoặc câu trả lời không hợp lệ.",
        "The sign-in system answered that you are not let in, or its answer is not valid.",
    ),
    "stale": Wording(
        "Lần đăng nhập này đã quá lâu hoặc được mở ở trình duyệt khác.",
        "This sign-in took too long, or was begun in another browser.",
    ),
    "away": Wording(
        "Hệ thống đăng nhập đang không trả lời. Hãy thử lại sau ít phút.",
        "The sign-in system does not answer. Try again in a few minutes.",
    ),
    "again": Wording("Đăng nhập lại", "Sign in again"),
    "not_found": Wording("Không có trang này.", "There is no such page."),
    "home": Wording("Trang chủ", "Home"),
    "other_language": Wording("English", "Tiếng Việt"),
}

ATTRIBUTES: Final[Mapping[str, Wording]] = {
    "urn:oid:0.9.2342.19200300.100.1.3": Wording("Thư điện tử", "Mail"),
    "urn:oid:0.9.2342.19200300.100.1.1": Wording("Tên đăng nhập", "Login name"),
    "urn:oid:2.16.840.1.113730.3.1.241": Wording("Tên hiển thị", "Display name"),
    "urn:oid:2.5.4.3": Wording("Họ và tên", "Full name"),
    "urn:oid:2.5.4.4": Wording("Họ", "Surname"),
    "urn:oid:2.5.4.42": Wording("Tên", "Given name"),
    "urn:oid:2.5.4.12": Wording("Chức vụ", "Title"),
    "urn:oid:2.5.4.10": Wording("Tổ chức", "Organisation"),
    "urn:oid:2.5.4.11": Wording("Cơ quan, đơn vị", "Agency or unit"),
    "urn:oid:2.5.4.20": Wording("Điện thoại", "Telephone"),
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": Wording("Tên trong liên đoàn", "Principal name"),
    "urn:oasis:names:tc:SAML:attribute:subject-id": Wording("Mã định danh", "Subject identifier"),
    "urn:oasis:names:tc:SAML:attribute:pairwise-id": Wording(
        "Mã định danh riêng cho ứng dụng", "Identifier for this application only"
    ),
}
"""By SAML name; others are shown by that name alone."""

NOTICES: Final = (
    Wording("Lịch công tác tuần của Ủy ban nhân dân", "The People's Committee's week"),
    Wording("Hướng dẫn đổi mật mã thư công vụ", "How to change the password of your mailbox"),
    Wording("Danh bạ điện thoại các cơ quan", "Telephone numbers of the agencies"),
)

DOCUMENTS: Final = (
    (
        "1204/UBND-KSTTHC",
        Wording("Rà soát thủ tục hành chính quý IV", "Review of procedures, 4th quarter"),
        3,
    ),
    ("88/KH-STTTT", Wording("Kế hoạch ứng dụng công nghệ thông tin", "Plan for the use of IT"), 7),
    ("315/TB-VP", Wording("Kết luận cuộc họp giao ban tháng", "Conclusions of the monthly meeting"), 10),
)
"""Number, subject, and in how many days they are due."""
