"""The refusals and reasons of mail rules, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording

NAME_EMPTY: Final = Wording("Họ tên để trống.", "The name is empty.")
NAME_NEEDED: Final = Wording(
    "Thiếu họ tên: cần có cn (hoặc sn và givenName).", "A name is needed: give cn (or sn and givenName)."
)
NAME_GIVEN_MISSING: Final = Wording("Họ tên thiếu phần tên.", "The name lacks its given name.")
NAME_ONLY_MARKER: Final = Wording(
    "“{marker}” chỉ là chữ đứng trước tên; cần ghi cả tên, ví dụ “H'Nghia Êban”.",
    "“{marker}” only stands in front of a name; write the whole name, as in “H'Nghia Êban”.",
)
NAME_TOO_LONG: Final = Wording(
    "Họ tên dài quá {maximum} ký tự.", "The name is longer than {maximum} characters."
)
NAME_CONTROL: Final = Wording(
    "Họ tên có ký tự điều khiển hoặc ký tự ẩn U+{code} (có thể do bảng mã cũ TCVN3).",
    "The name holds the control or invisible character U+{code} (maybe from the old TCVN3 encoding).",
)
NAME_DIGIT: Final = Wording("Họ tên có chữ số “{character}”.", "The name holds the digit “{character}”.")
NAME_SYMBOL: Final = Wording(
    "Họ tên có ký tự “{character}” không dùng trong tên người.",
    "The name holds “{character}”, which is no part of a person's name.",
)
NAME_LEGACY_FONT: Final = Wording(
    "Họ tên có ký tự “{character}” của bộ chữ cũ; cần gõ lại bằng Unicode.",
    "The name holds “{character}” from an old font; type it again in Unicode.",
)
NAME_NOT_LATIN: Final = Wording(
    "Chữ “{character}” trong họ tên không viết được bằng a–z.",
    "The letter “{character}” of the name cannot be written in a–z.",
)
BODY_NAME_EMPTY: Final = Wording(
    "Tên cơ quan, đơn vị không có chữ nào viết được bằng a–z.",
    "The body's name holds no word that can be written in a–z.",
)
BODY_NAME_TOO_LONG: Final = Wording(
    "Tên cơ quan, đơn vị dài quá {maximum} ký tự.", "The body's name is longer than {maximum} characters."
)
BODY_NAME_CONTROL: Final = Wording(
    "Tên cơ quan, đơn vị có ký tự điều khiển hoặc ký tự ẩn U+{code} (có thể do bảng mã cũ TCVN3).",
    "The body's name holds the control or invisible character U+{code} (maybe from the old TCVN3 encoding).",
)
BODY_NAME_NOT_LATIN: Final = Wording(
    "Chữ “{character}” trong tên cơ quan, đơn vị không viết được bằng a–z.",
    "The letter “{character}” of the body's name cannot be written in a–z.",
)
BODY_NAME_SYMBOL: Final = Wording(
    "Tên cơ quan, đơn vị có ký tự “{character}” không dùng trong tên.",
    "The body's name holds “{character}”, which is no part of a name.",
)
LABEL_MALFORMED: Final = Wording(
    "Nhãn “{label}” không hợp lệ: chỉ gồm a–z, 0–9, dấu chấm và gạch nối.",
    "The label “{label}” is not valid: only a–z, 0–9, dots and hyphens.",
)
PARENT_NEEDED: Final = Wording(
    "Địa chỉ của {kind} cần nhãn của cơ quan chủ quản.",
    "The address of this mailbox ({kind}) needs the label of the body above.",
)
PLACE_UNSUITABLE: Final = Wording(
    "Địa chỉ của {kind} lấy tên nơi chủ quản, phải là {wanted}; ở đây là {place}. Hãy đặt vào đúng nơi.",
    "The address of this mailbox ({kind}) names where it stands, which must be: {wanted}; here it is: "
    "{place}. Put it in the right place.",
)
WHOLE_PROVINCE: Final = Wording("toàn tỉnh", "the whole province")
KIND_NOT_PROVIDED: Final = Wording(
    "Quy chế không có loại hộp thư “{kind}”.", "The regulation provides no mailbox of kind “{kind}”."
)

SKIPPED_TAKEN: Final = Wording("đã có người dùng", "taken")
SKIPPED_SAME: Final = Wording("trùng với dạng trước", "the same as an earlier form")
SKIPPED_RESERVED: Final = Wording("tên dành riêng", "reserved")
SKIPPED_UNLUCKY: Final = Wording(
    "đọc thành từ không nên dùng, cần người quyết định", "reads as a word to avoid; a person decides"
)
SKIPPED_MALFORMED: Final = Wording("không hợp lệ", "not valid")

PROPOSED: Final = Wording("{address}: {citation}", "{address}: {citation}")
HUMAN_DECIDES: Final = Wording(
    "Các dạng {tried} đều không cấp được. {citation}.",
    "None of the forms {tried} can be given. {citation}.",
)
HUMAN_NAMES: Final = Wording("Địa chỉ do người đặt. {citation}.", "A person names the address. {citation}.")

WITH_SUGGESTION: Final = Wording(
    "{why} Địa chỉ đúng: {suggestion}. {citation}.", "{why} The right address is {suggestion}. {citation}."
)
WITHOUT_SUGGESTION: Final = Wording("{why} {citation}.", "{why} {citation}.")

ADDRESS_SINGLE: Final = Wording(
    "Hộp thư chỉ có một địa chỉ chính; địa chỉ khác đặt ở mailLocalAddress.",
    "A mailbox has one primary address; others belong in mailLocalAddress.",
)
ADDRESS_MALFORMED: Final = Wording(
    "“{address}” không phải địa chỉ thư hợp lệ (chữ thường a–z, số, dấu chấm, gạch nối).",
    "“{address}” is no valid mail address (lower-case a–z, digits, dots, hyphens).",
)
ADDRESS_DOMAIN: Final = Wording(
    "Địa chỉ {address} không thuộc tên miền {domain}.", "The address {address} is not in the domain {domain}."
)
ADDRESS_WRONG_FORM: Final = Wording(
    "Địa chỉ {address} không đúng quy định cho hộp thư này.",
    "The address {address} is not the one the regulation gives this mailbox.",
)
ADDRESS_TAKEN: Final = Wording(
    "Địa chỉ {address} đã có người dùng hoặc đã được giữ lại.", "The address {address} is taken or retired."
)
ADDRESS_FOR_OPERATORS: Final = Wording(
    "Địa chỉ {address} do người quản trị hệ thống đặt; cơ quan tự đặt được địa chỉ có đuôi là nhãn của mình.",
    "The address {address} is for an operator to give; an agency itself names those that end in its label.",
)
ADDRESS_RESERVED: Final = Wording("Địa chỉ {address} được dành riêng.", "The address {address} is reserved.")
ADDRESS_EXHAUSTED: Final = Wording(
    "Các địa chỉ theo quy định ({tried}) đều không cấp được; người quản trị hệ thống đặt một địa chỉ còn "
    "trống ở thuộc tính mail.",
    "None of the regulation's addresses ({tried}) can be given; an operator of the system names a free "
    "address in the attribute mail.",
)
ADDRESS_OPEN: Final = Wording(
    "Quy chế không định dạng địa chỉ này; người quản trị hệ thống đặt một địa chỉ còn trống ở thuộc tính "
    "mail.",
    "The regulation gives this address no form; an operator of the system names a free address in the "
    "attribute mail.",
)
ADDRESS_UNLUCKY: Final = Wording(
    "Địa chỉ {address} đọc thành từ không nên dùng; người quản trị hệ thống mới được đặt.",
    "The address {address} reads as a word to avoid; only an operator of the system may name it.",
)
ADDRESS_NEEDED: Final = Wording(
    "Hộp thư phải có địa chỉ; muốn ngừng dùng thì chuyển gdState.",
    "A mailbox must have an address; to end its use, change gdState.",
)
KIND_UNKNOWN: Final = Wording(
    "gdMailboxKind “{kind}” không dùng được cho mục này.", "gdMailboxKind “{kind}” is not possible here."
)
ORG_KIND_UNKNOWN: Final = Wording(
    "gdOrgKind “{kind}” không có; các loại: {known}.",
    "There is no gdOrgKind “{kind}”; the kinds are: {known}.",
)
QUOTA_TOO_LARGE: Final = Wording(
    "Dung lượng {quota} byte vượt mức tối đa {maximum} byte của loại hộp thư này (0 là không giới hạn).",
    "A quota of {quota} bytes is over this mailbox's maximum of {maximum} bytes (0 is unlimited).",
)
QUOTA_TOO_SMALL: Final = Wording(
    "Dung lượng {quota} byte dưới mức tối thiểu {minimum} byte của loại hộp thư này (0 là không giới hạn).",
    "A quota of {quota} bytes is under this mailbox's minimum of {minimum} bytes (0 is unlimited).",
)
SIZE_IMPOSSIBLE: Final = Wording(
    "{attribute} là số byte, không âm và nhỏ hơn 2^63.", "{attribute} is a number of bytes from 0 to 2^63-1."
)
STATE_UNKNOWN: Final = Wording(
    "gdState “{state}” không có; các trạng thái: {known}.",
    "There is no gdState “{state}”; the states are: {known}.",
)
