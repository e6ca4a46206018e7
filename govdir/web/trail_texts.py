"""What happened to an account, in words for its owner."""

from __future__ import annotations

from typing import Final

from govdir.policy.texts import Wording
from govdir.sso.deeds import Deed
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
OPERATOR: Final = Wording("Người vận hành hệ thống", "the system's operator")
DEEDS: Final = {
    Deed.CHANGED: Wording("Đổi mật mã", "Password changed"),
    Deed.CHANGED_AT_SIGN_IN: Wording("Đổi mật mã khi đăng nhập", "Password changed while signing in"),
    Deed.ISSUED: Wording("{by} cấp mật mã dùng một lần", "One-time password issued by {by}"),
    Deed.SET_UP: Wording("Bật xác thực hai lớp", "Two-step sign-in turned on"),
    Deed.TURNED_OFF: Wording("Tắt xác thực hai lớp", "Two-step sign-in turned off"),
    Deed.TAKEN_OFF: Wording("{by} gỡ xác thực hai lớp", "Two-step sign-in removed by {by}"),
    Deed.RECOVERY_USED: Wording("Dùng một mã dự phòng, còn {count} mã", "A recovery code used, {count} left"),
    Deed.RECOVERY_RENEWED: Wording("Tạo mã dự phòng mới", "New recovery codes"),
    Deed.ENDED: Wording("Đăng xuất một nơi", "Signed out at one place"),
    Deed.OTHERS_ENDED: Wording("Đăng xuất mọi nơi khác", "Signed out everywhere else"),
    Deed.SIGNED_OUT: Wording("{by} đăng xuất mọi nơi", "Signed out everywhere by {by}"),
    Deed.HELP: Wording("Hỗ trợ {to}", "Help for {to}"),
}
"""By whom where it was somebody else; OPERATOR is who did it at the host."""

AT_SERVICE: Final = Wording("{what}: {service}", "{what}: {service}")

DONE: Final = Wording("thành công", "done")
REFUSED: Final = Wording("bị từ chối ({outcome})", "refused ({outcome})")
OUTCOMES: Final = {
    "wrong-password": Wording("sai mật mã", "wrong password"),
    "wrong-code": Wording("sai mã", "wrong code"),
    "throttled": Wording("thử quá nhiều lần", "too many attempts"),
    "locked": Wording("tài khoản đang bị khóa", "account locked"),
    "pending": Wording("tài khoản chờ duyệt", "account pending approval"),
    "suspended": Wording("tài khoản tạm khóa", "account suspended"),
    "revoked": Wording("tài khoản đã thu hồi", "account revoked"),
    "deleted": Wording("tài khoản đã xóa", "account deleted"),
    "program": Wording("tài khoản dành cho phần mềm", "an account for programs"),
    "other": Wording("tài khoản không được đăng nhập", "account may not sign in"),
    "not-allowed": Wording("không được phép", "not allowed"),
    "no-passive": Wording("ứng dụng hỏi khi chưa đăng nhập", "asked without a sign-in"),
    "no-authn-context": Wording("ứng dụng đòi xác thực mạnh hơn", "a stronger sign-in was asked for"),
    "unknown-principal": Wording("ứng dụng hỏi về người khác", "somebody else was asked for"),
    "stale": Wording("yêu cầu đã cũ", "the request was too old"),
    "replayed": Wording("yêu cầu đã dùng một lần", "the request was used before"),
    "service-disabled": Wording("ứng dụng đang tạm ngừng", "the application is disconnected"),
    "no-mailbox": Wording("không có hộp thư", "no mailbox"),
    "state": Wording("trạng thái hộp thư không cho phép", "the mailbox's state does not allow it"),
    "kind": Wording("loại hộp thư không được vào", "not for this kind of mailbox"),
    "agency": Wording("ứng dụng của cơ quan khác", "for another agency"),
    "role": Wording("thiếu quyền", "a role is missing"),
}
"""By the stable word of the trail (model.Happened.outcome)."""
