"""Small tables of Vietnamese names and of the city's bodies, from which `bench.data` draws."""

from __future__ import annotations

from typing import Final


def _table(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


def _weighted(text: str) -> tuple[tuple[str, int], ...]:
    """From "name weight, name weight": the weights are shares of the whole, in no unit."""
    pairs = (each.rpartition(" ") for each in text.split(", "))
    return tuple((name, int(weight)) for name, _, weight in pairs)


# Published shares of family names, rounded, out of about a thousand.
SURNAMES: Final = _weighted(
    "Nguyễn 310, Trần 110, Lê 90, Phạm 60, Huỳnh 50, Võ 40, Phan 40, Trương 25, Bùi 22, Đặng 22, "
    "Đỗ 20, Ngô 18, Hồ 17, Dương 15, Đinh 12, Lý 12, Lâm 10, Mai 8, Thạch 6, Cao 6, Châu 5, Tăng 4, "
    "Quách 3, Kiều 2, Tôn Nữ 1, Âu Dương 1"
)

MEN_MIDDLES: Final = _table("Văn, Hữu, Đức, Minh, Quốc, Thanh, Công, Hoàng, Ngọc, Tấn, Chí, Trung, Vũ, Anh")
MEN_GIVEN: Final = _table(
    "Minh, Hùng, Dũng, Tuấn, Nam, Hải, Long, Phúc, Khoa, Khang, Thành, Tâm, Tài, Đạt, Bình, Sơn, Hòa, "
    "Thắng, Cường, Lộc, Nghĩa, Trí, Vinh, Phong, Quân, Duy, Đông, Kiệt, Lâm, Nhân, Phát, Quang, Sang, "
    "Tân, Thái, Thiện, Tiến, Toàn, Trọng, Tú"
)
WOMEN_MIDDLES: Final = _table(
    "Thị, Thị Thanh, Thị Ngọc, Thị Thu, Ngọc, Thanh, Kim, Bích, Thị Mỹ, Thị Hồng, Thúy, Như"
)
WOMEN_GIVEN: Final = _table(
    "Hương, Lan, Hoa, Mai, Phương, Thảo, Trang, Hà, Hạnh, Linh, Ngân, Nhung, Oanh, Quyên, Tuyền, "
    "Thủy, Trâm, Trinh, Tuyết, Uyên, Vân, Vy, Xuân, Yến, Anh, Châu, Diễm, Dung, Duyên, Giang, Hằng, "
    "Hiền, Huệ, Khuê, Loan, Ly, My, Nga, Nguyệt, Nhi"
)

TITLES: Final = _weighted(
    "Chuyên viên 60, Chuyên viên chính 12, Cán sự 6, Văn thư 4, Kế toán 4, Phó Trưởng phòng 6, "
    "Trưởng phòng 4, Phó Giám đốc 1, Giám đốc 1"
)
UNITS: Final = _table(
    "Văn phòng, Thanh tra, Phòng Kế hoạch - Tài chính, Phòng Tổ chức cán bộ, Phòng Nghiệp vụ, "
    "Phòng Hành chính - Tổng hợp, Phòng Công nghệ thông tin, Phòng Pháp chế"
)

_DISTRICTS: Final = (
    ("nk", "quận Ninh Kiều"),
    ("om", "quận Ô Môn"),
    ("bt", "quận Bình Thủy"),
    ("cr", "quận Cái Răng"),
    ("tn", "quận Thốt Nốt"),
)
_DISTRICT_OFFICES: Final = (
    ("pnv", "Phòng Nội vụ"),
    ("ptp", "Phòng Tư pháp"),
    ("ptckh", "Phòng Tài chính - Kế hoạch"),
    ("pgddt", "Phòng Giáo dục và Đào tạo"),
    ("pyt", "Phòng Y tế"),
    ("pkt", "Phòng Kinh tế"),
)

AGENCIES: Final = (
    # label, full name
    ("vpubnd", "Văn phòng Ủy ban nhân dân thành phố"),
    ("vphdnd", "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân"),
    ("sonv", "Sở Nội vụ"),
    ("songoaivu", "Sở Ngoại vụ"),
    ("sotp", "Sở Tư pháp"),
    ("sokhdt", "Sở Kế hoạch và Đầu tư"),
    ("sotc", "Sở Tài chính"),
    ("soct", "Sở Công Thương"),
    ("sonnptnt", "Sở Nông nghiệp và Phát triển nông thôn"),
    ("sogtvt", "Sở Giao thông vận tải"),
    ("soxd", "Sở Xây dựng"),
    ("sotnmt", "Sở Tài nguyên và Môi trường"),
    ("sotttt", "Sở Thông tin và Truyền thông"),
    ("soldtbxh", "Sở Lao động - Thương binh và Xã hội"),
    ("sovhttdl", "Sở Văn hóa, Thể thao và Du lịch"),
    ("sokhcn", "Sở Khoa học và Công nghệ"),
    ("sogddt", "Sở Giáo dục và Đào tạo"),
    ("soyt", "Sở Y tế"),
    ("thanhtra", "Thanh tra thành phố"),
    ("bandantoc", "Ban Dân tộc"),
    ("bqlkcn", "Ban Quản lý các Khu chế xuất và công nghiệp"),
    ("ninhkieu", "Ủy ban nhân dân quận Ninh Kiều"),
    ("omon", "Ủy ban nhân dân quận Ô Môn"),
    ("binhthuy", "Ủy ban nhân dân quận Bình Thủy"),
    ("cairang", "Ủy ban nhân dân quận Cái Răng"),
    ("thotnot", "Ủy ban nhân dân quận Thốt Nốt"),
    ("vinhthanh", "Ủy ban nhân dân huyện Vĩnh Thạnh"),
    ("codo", "Ủy ban nhân dân huyện Cờ Đỏ"),
    ("phongdien", "Ủy ban nhân dân huyện Phong Điền"),
    ("thoilai", "Ủy ban nhân dân huyện Thới Lai"),
    *(
        (f"{label}{suffix}", f"{name}, {district}")
        for suffix, district in _DISTRICTS
        for label, name in _DISTRICT_OFFICES
    ),
)
