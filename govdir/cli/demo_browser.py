"""What the demonstration proposes to try in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from govdir.cli.demo_accounts import Account, Accounts
from govdir.cli.demo_applications import Application
from govdir.cli.language import say
from govdir.listening import Listening, Service
from govdir.policy.texts import Wording
from govdir.showcase.setup import Kind

SITE = Wording("Trang đăng nhập và tài khoản", "Sign-in and account pages")
_TRUST = Wording(
    "Trình duyệt chưa biết chứng thư gốc {authority}: nhập vào trình duyệt, hoặc bỏ qua cảnh báo ở cả "
    "ba trang.",
    "Browsers do not know the authority's certificate {authority}: import it, or accept the warning at "
    "each of the three sites.",
)
_ONCE = Wording(
    "Mở {portal}, đăng nhập bằng {mail}, mật mã {password}",
    "Open {portal}, sign in as {mail}, password {password}",
)
_OTHER = Wording(
    "Từ đó mở “Quản lý văn bản và điều hành” ({documents}): không hỏi lại mật mã",
    "From there open the document manager ({documents}): no password is asked again",
)
_OUT = Wording("Đăng xuất ở một trong hai: ra khỏi cả hai", "Sign out of either: you are signed out of both")
_MUST_CHANGE = Wording(
    "Đăng nhập bằng {mail}, mật mã dùng một lần {password}: phải đặt mật mã mới, rồi vào thẳng ứng dụng",
    "Sign in as {mail}, one-time password {password}: choose a new one, then go straight on",
)
_EXPIRED = Wording(
    "Đăng nhập bằng {mail}, mật mã {password} đã hết hạn: đổi ngay tại chỗ, rồi vào thẳng ứng dụng",
    "Sign in as {mail}, password {password}, which has expired: change it there, then go straight on",
)
_SUSPENDED = Wording(
    "Đăng nhập bằng {mail}, mật mã {password}: hộp thư đang tạm khóa, chỉ nói khi mật mã đúng",
    "Sign in as {mail}, password {password}: the mailbox is suspended, told only after the right password",
)
_FACTOR = Wording(
    "Ở {site}/account/second-factor thiết lập mã xác thực bằng ứng dụng trên điện thoại, rồi đăng nhập lại",
    "At {site}/account/second-factor set up codes by an app on your phone, then sign in again",
)
_HELP = Wording(
    "Ở {site}/administration/passwords, {mail} (mật mã {password}) cấp mật mã dùng một lần cho người của "
    "cơ quan mình",
    "At {site}/administration/passwords, {mail} (password {password}) issues one-time passwords to the "
    "people of one agency",
)


def site_url(server: Sequence[Listening]) -> str:
    """The server's own web site; "" where there is none."""
    web = next((each for each in server if each.service is Service.WEB), None)
    return "" if web is None else f"https://localhost:{web.endpoint.port}"


def browser_tries(
    site: str, authority: object, applications: Sequence[Application], accounts: Accounts
) -> Iterator[str]:
    """One line each; true until somebody tries them."""
    urls: Mapping[Kind, str] = {each.setup.kind: each.setup.url for each in applications}
    yield say(_TRUST, authority=authority)
    yield say(_ONCE, portal=urls[Kind.PORTAL], **_named(accounts.person))
    yield say(_OTHER, documents=urls[Kind.DOCUMENTS])
    yield say(_OUT)
    yield say(_MUST_CHANGE, **_named(accounts.must_change))
    if accounts.expired is not None:
        yield say(_EXPIRED, **_named(accounts.expired))
    yield say(_SUSPENDED, **_named(accounts.suspended))
    yield say(_FACTOR, site=site)
    yield say(_HELP, site=site, **_named(accounts.agency_admin))


def _named(account: Account) -> dict[str, str]:
    return {"mail": account.mail, "password": account.password}
