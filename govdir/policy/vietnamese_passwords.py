"""Words that people in Vietnam choose for passwords, and guessing programs therefore try first.

Written for this program from what is generally known (words of the office and the family, greetings, places,
surnames, plants and animals of songs); no list of leaked passwords was copied. Its licence is the program's.
To review it, read it: one phrase between two commas. Every phrase counts without marks, too, and as typed
with Telex ("matkhau", "maatjkhaaur").
"""

from __future__ import annotations

from typing import Final

from govdir.policy.telex import typed_forms

_OFFICE = """
mật khẩu, mật mã, mật khẩu mới, mật khẩu cũ, mật khẩu mail, mật khẩu email, mật khẩu thư, đổi mật khẩu, mật
khẩu lại, không có mật khẩu, quên mật khẩu, nhớ mật khẩu, mật khẩu chung, mật khẩu của tôi, hỏi làm gì,
không nói, biết rồi, biết chết liền, bí mật, không có, không biết, không cho, tôi không biết, hộp thư, thư
điện tử, danh bạ, hòm thư, email, mail, gmail, cơ quan, đơn vị, văn phòng, công chức, viên chức, cán bộ,
nhân viên, chuyên viên, lãnh đạo, giám đốc, chủ tịch, trưởng phòng, phó phòng, văn thư, kế toán, quản trị,
quản trị viên, quản lý, hành chính, ủy ban, ubnd, hđnd, ủy ban nhân dân, sở nội vụ, nội vụ, tài chính, tư
pháp, nhà nước, chính phủ, công vụ, máy tính, điện thoại, mạng xã hội, facebook, zalo, hỗ trợ, kỹ thuật,
thông tin, truyền thông, tin học, xin chào, chào bạn, chào em, chào anh, tạm thời, mặc định, thử nghiệm,
kiểm tra
"""

_FAMILY = """
anh yêu em, em yêu anh, yêu em, yêu anh, yêu em nhiều, yêu anh nhiều, anh nhớ em, em nhớ anh, anh nhớ, anh
yêu em nhiều, anh yêu em nhiều lắm, yêu mãi, yêu mãi mãi, mãi yêu, mãi yêu em, mãi yêu anh, mãi mãi, tình
yêu, tình yêu ơi, người yêu, vợ chồng, vợ yêu, chồng yêu, con yêu, mẹ yêu, bố yêu, ba yêu, bố mẹ, ba mẹ, cha
mẹ, bố mẹ yêu, gia đình, gia đình tôi, gia đình là số một, hạnh phúc, thành công, may mắn, bình an, bình
yên, vui vẻ, tuổi trẻ, tuổi đẹp, cố gắng, cún yêu, bé yêu, bé con, công chúa, hoàng tử, đẹp trai, dễ thương,
xinh đẹp, xinh gái, lạnh lùng, lãng tử, buồn, buồn ơi, một mình, tâm tâm, ngọc anh, minh anh, tuấn anh,
quỳnh anh, thanh hương
"""

_COUNTRY = """
việt nam, việt nam vô địch, việt nam yêu, tôi yêu việt nam, yêu việt nam, việt nam ơi, hồ chí minh, bác hồ,
bác hồ chí minh, bác hồ tôi, sài gòn, hà nội, đà nẵng, hải phòng, huế, tp hcm, cần thơ, nha trang, đà lạt,
quê hương, đất nước, tổ quốc, sông thần, mặt trời, mặt trăng, bầu trời, ngôi sao, thái dương, thái bình, hòa
bình, tự do, độc lập, xuân, hạ, thu, đông, xuân hạ thu đông, mùa xuân, mùa hạ, mùa thu, mùa đông, năm mới,
tết, tết đến, chúc mừng, chúc mừng năm mới, tháng một, tháng hai, tháng năm, thứ hai, chủ nhật, một hai ba,
một hai ba bốn, một hai ba bốn năm, một hai năm, không một hai ba, không quên, hoa hồng, hoa mai, hoa sen,
hoa cúc, hoa đào, hoa lan, hoa sữa, mèo con, chó con, heo con, gà con, con mèo, con chó, con heo, con trâu,
bóng đá, cà phê
"""

_NAMES = """
nguyễn, trần, lê, phạm, hoàng, huỳnh, phan, vũ, võ, đặng, bùi, đỗ, hồ, ngô, dương, lý, trương, đinh, đoàn,
lâm, trịnh, nguyễn văn, nguyễn thị, nguyễn văn a, nguyễn văn an, nguyễn thị hoa, trần văn, trần thị, lê văn,
lê thị, phạm văn, phạm thị, nguyễn nguyễn
"""


def _forms(*texts: str) -> frozenset[str]:
    phrases = (phrase.strip() for text in texts for phrase in text.replace("\n", " ").split(","))
    return frozenset(form for phrase in phrases if phrase for form in typed_forms(phrase))


VIETNAMESE_PASSWORDS: Final = _forms(_OFFICE, _FAMILY, _COUNTRY, _NAMES)
"""Letters a–z only."""
