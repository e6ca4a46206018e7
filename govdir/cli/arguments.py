"""What the arguments of commands stand for; one word means the same in every command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from govdir.policy.texts import Wording

EXPLAINED: Final[Mapping[str, Wording]] = {
    "HOME": Wording("Thư mục của danh bạ.", "The directory's folder."),
    "WHO": Wording(
        "Hộp thư: địa chỉ, bí danh, tên đăng nhập hoặc DN.", "A mailbox: address, alias, login name or DN."
    ),
    "BOX": Wording(
        "Hộp thư dùng chung: địa chỉ, bí danh hoặc DN.", "A shared mailbox: address, alias or DN."
    ),
    "BODY": Wording(
        "Cơ quan, đơn vị: nhãn, tên, địa chỉ hoặc DN.", "An agency or unit: label, name, address or DN."
    ),
    "LIST": Wording("Danh sách: tên ngắn, địa chỉ hoặc DN.", "A list: short name, address or DN."),
    "ADDRESS": Wording("Địa chỉ thư đầy đủ.", "A whole mail address."),
    "DOMAIN": Wording("Tên miền thư, như tinh.gov.vn.", "A mail domain, such as tinh.gov.vn."),
    "ALIAS": Wording("Tên miền thay cho nó.", "The domain that stands for it."),
    "TEXT": Wording("Một phần của tên hoặc địa chỉ.", "A part of a name or address."),
    "NAME": Wording("Tên ngắn của ứng dụng hoặc máy chủ.", "The application's or server's short name."),
    "FILE": Wording("Tệp, hoặc - cho đầu vào chuẩn.", "A file, or - for standard input."),
    "FILE…": Wording("Tệp LDIF, XLSX hoặc CSV.", "Files: LDIF, XLSX or CSV."),
    "DAY": Wording("Ngày, như 2026-11-30 hoặc 30/11/2026.", "A day, such as 2026-11-30 or 30/11/2026."),
    "administrator|operator|approver|auditor": Wording(
        "Vai trò: quản trị, vận hành, phê duyệt hoặc kiểm tra (chỉ đọc).",
        "The role; an auditor only reads.",
    ),
    "PROGRAM": Wording("Phần mềm mà govdir biết cấu hình.", "A program that govdir knows how to configure."),
}
"""By the word in the usage line."""
