"""What happened to an account, in words for its owner."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording
from govdir.sso.model import Kind

KINDS: Final = {
    Kind.SIGN_IN: Wording("Đăng nhập", "Sign-in"),
    Kind.SIGN_OUT: Wording("Đăng xuất", "Sign-out"),
    Kind.ASSERTION: Wording("Mở ứng dụng", "Application opened"),
    Kind.REFUSAL: Wording("Từ chối", "Refusal"),
    Kind.PASSWORD: Wording("Đổi mật mã", "Password changed"),
    Kind.FACTOR: Wording("Xác thực hai lớp", "Two-step sign-in"),
    Kind.SESSION: Wording("Kết thúc phiên đăng nhập", "Sessions ended"),
    Kind.SERVICE: Wording("Thay đổi ứng dụng", "Application changed"),
}
SIGN_IN_WITH: Final = Wording("Đăng nhập bằng {how}", "Sign-in with {how}")
FACTORS: Final = {
    "password": Wording("mật mã", "password"),
    "password+code": Wording("mật mã và mã 6 chữ số", "password and code"),
    "code": Wording("mã 6 chữ số", "code"),
}
DETAILS: Final = {
    r"set up": Wording("Bật xác thực hai lớp", "Two-step sign-in turned on"),
    r"removed by the owner": Wording("Tắt xác thực hai lớp", "Two-step sign-in turned off"),
    r"removed by (?P<by>.+)": Wording("{by} gỡ xác thực hai lớp", "Two-step sign-in removed by {by}"),
    r"recovery codes renewed": Wording("Tạo mã dự phòng mới", "New recovery codes"),
    r"recovery code used, (?P<left>[0-9]+) left": Wording(
        "Dùng một mã dự phòng, còn {left} mã", "A recovery code used, {left} left"
    ),
    r"one-time password issued by (?P<by>.+); [0-9]+ sessions ended": Wording(
        "{by} cấp mật mã dùng một lần", "One-time password issued by {by}"
    ),
    r"at sign-in; [0-9]+ sessions ended": Wording(
        "Đổi mật mã khi đăng nhập", "Password changed while signing in"
    ),
    r"[0-9]+ ended by (?P<by>.+)": Wording("{by} đăng xuất mọi nơi", "Signed out everywhere by {by}"),
}
"""What the details of a line come to, as sso.sign_in writes them; by whom where it was somebody else."""

AT_SERVICE: Final = Wording("{what}: {service}", "{what}: {service}")

DONE: Final = Wording("thành công", "done")
REFUSED: Final = Wording("bị từ chối ({outcome})", "refused ({outcome})")
OUTCOMES: Final = {
    "wrong-password": Wording("sai mật mã", "wrong password"),
    "wrong-code": Wording("sai mã", "wrong code"),
    "wrong-recovery-code": Wording("sai mã dự phòng", "wrong recovery code"),
    "throttled": Wording("thử quá nhiều lần", "too many attempts"),
    "locked": Wording("tài khoản đang bị khóa", "account locked"),
    "pending": Wording("tài khoản chờ duyệt", "account pending approval"),
    "suspended": Wording("tài khoản tạm khóa", "account suspended"),
    "revoked": Wording("tài khoản đã thu hồi", "account revoked"),
    "deleted": Wording("tài khoản đã xóa", "account deleted"),
    "not-allowed": Wording("không được phép", "not allowed"),
    "no-passive": Wording("ứng dụng hỏi khi chưa đăng nhập", "asked without a sign-in"),
    "no-mailbox": Wording("không có hộp thư", "no mailbox"),
    "state": Wording("trạng thái hộp thư không cho phép", "the mailbox's state does not allow it"),
    "kind": Wording("loại hộp thư không được vào", "not for this kind of mailbox"),
    "agency": Wording("ứng dụng của cơ quan khác", "for another agency"),
    "role": Wording("thiếu quyền", "a role is missing"),
}
"""By the stable word of the trail (model.Happened.outcome)."""
