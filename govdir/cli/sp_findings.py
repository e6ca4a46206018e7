"""What may be wrong with a registered application, in the words of whoever has to see to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from govdir.cli.language import current_language, say
from govdir.cli.output import remark
from govdir.cli.sso import now
from govdir.config import Config
from govdir.directory.errors import InvalidDn
from govdir.directory.service import Directory
from govdir.key_files import load_key_ring
from govdir.key_troubles import UnusableKeyFile
from govdir.policy.texts import Wording
from govdir.sso.idp.key_ring import KeyRing
from govdir.sso.idp.registry import known
from govdir.sso.model import ServiceProvider
from govdir.sso.saml.errors import UnusableMetadata
from govdir.sso.saml.metadata_sp import expiry_warning

FETCHED_WITHIN = timedelta(days=7)
"""Metadata with an address that was not taken over for so long is likely not to be any more."""

ATTENTION = Wording("Cần xử lý:", "Needs attention:")

_UNREADABLE = Wording("siêu dữ liệu không dùng được: {why}", "its metadata cannot be used: {why}")
_TROUBLE = Wording(
    "lần lấy siêu dữ liệu gần nhất thất bại: {why}", "the last refresh of its metadata failed: {why}"
)
_STALE = Wording(
    "siêu dữ liệu không được lấy lại từ {at:%Y-%m-%d}", "its metadata was last fetched on {at:%Y-%m-%d}"
)
_NO_KEY_TO_SIGN = Wording(
    "yêu cầu phải được ký nhưng siêu dữ liệu không có khóa ký: mọi yêu cầu bị từ chối",
    "its requests must be signed, but its metadata has no signing key: every request is refused",
)
_NO_KEY_TO_ENCRYPT = Wording(
    "assertion phải được mã hóa nhưng siêu dữ liệu không có khóa dùng được: không ai vào được",
    "assertions must be encrypted, but its metadata has no key for it: nobody gets in",
)
_NO_SUCH_KEY = Wording(
    "được ghim vào khóa “{name}”, nhưng không có khóa đó: đang ký bằng khóa hiện tại",
    'it is pinned to the key "{name}", which there is not: the current one signs',
)
_NO_SUCH_BODY = Wording(
    "cơ quan, đơn vị {dn} không còn: không ai thuộc nơi đó vào được",
    "there is no body {dn} any more: nobody gets in by it",
)
_UNSIGNED = Wording(
    "không có khóa ký trong siêu dữ liệu: ứng dụng không tự đăng xuất được người dùng khỏi nơi khác",
    "its metadata has no signing key: it cannot ask for signing out elsewhere",
)
_NO_LOGOUT = Wording(
    "không có nơi đăng xuất: phiên ở ứng dụng còn sau khi người dùng đăng xuất",
    "it has no logout service: its own session outlives signing out",
)
_SHA1 = Wording("nhận chữ ký SHA-1, đã yếu", "its signatures may use SHA-1, which is weak")
_CBC = Wording(
    "mã hóa CBC không chống sửa đổi; dùng GCM nếu ứng dụng đọc được",
    "CBC encryption does not notice tampering; use GCM if the application can",
)
_UNSIGNED_LOGOUT = Wording(
    "nhận yêu cầu đăng xuất không ký (chỉ cho phiên của trình duyệt đó)",
    "unsigned logout requests are taken (for the browser's own session only)",
)
_HALF_SIGNED = Wording(
    "chỉ ký {sign}: node-saml và pysaml2 mặc định không nhận",
    "only the {sign} is signed: node-saml and pysaml2 refuse that by default",
)
_PLAIN = Wording(
    "câu trả lời đi qua http, chỉ chấp nhận trên máy này: {url}",
    "answers go there over http, which is for this machine only: {url}",
)
_DISABLED = Wording("đã tắt", "it is disabled")


def problems(service: ServiceProvider, keys: KeyRing, directory: Directory | None = None) -> Iterator[str]:
    """What keeps people out, or will; whether the bodies of its rule are there only with a directory."""
    settings = service.settings
    if service.trouble:
        yield say(_TROUBLE, why=service.trouble)
    elif service.metadata_url and (service.refreshed is None or service.refreshed < now() - FETCHED_WITHIN):
        yield say(_STALE, at=service.refreshed or now())
    try:
        one = known(service)
    except UnusableMetadata as error:
        yield say(_UNREADABLE, why=error.why.in_language(current_language()))
        return
    warning = expiry_warning(one.metadata, now())
    if warning is not None:
        yield warning.in_language(current_language())
    if one.signs_requests and not one.keys:
        yield say(_NO_KEY_TO_SIGN)
    if one.must_encrypt_but_cannot:
        yield say(_NO_KEY_TO_ENCRYPT)
    pinned = {"next": keys.next, "old": keys.old, "current": keys.current}
    if pinned.get(settings.signing_key) is None:
        yield say(_NO_SUCH_KEY, name=settings.signing_key)
    for dn in settings.agencies:
        if directory is not None and not _is_there(directory, dn):
            yield say(_NO_SUCH_BODY, dn=dn)


def tell_problems(config: Config, service: ServiceProvider, directory: Directory) -> None:
    """What is wrong with a service provider that was just added or changed, on standard error."""
    try:
        found = tuple(problems(service, load_key_ring(config), directory))
    except (OSError, UnusableKeyFile):
        return  # doctor tells of these
    if found:
        remark("\n  ".join((say(ATTENTION), *found)))


def remarks(service: ServiceProvider) -> Iterator[str]:
    """What works, and may not be what was meant. Metadata that cannot be read has none."""
    settings = service.settings
    try:
        one = known(service)
    except UnusableMetadata:
        return
    if not settings.enabled:
        yield say(_DISABLED)
    yield from (say(_PLAIN, url=end.location) for end in one.metadata.acs if end.location.startswith("http:"))
    if not one.metadata.slo:
        yield say(_NO_LOGOUT)
    elif not one.keys and not settings.unsigned_logout:
        yield say(_UNSIGNED)
    if settings.allow_sha1:
        yield say(_SHA1)
    if one.encryption is not None and settings.encryption_method.endswith("-cbc"):
        yield say(_CBC)
    if settings.unsigned_logout:
        yield say(_UNSIGNED_LOGOUT)
    if not (settings.sign_assertion and settings.sign_response):
        yield say(_HALF_SIGNED, sign="assertion" if settings.sign_assertion else "response")


def _is_there(directory: Directory, dn: str) -> bool:
    try:
        path = directory.path_of(dn)
    except InvalidDn:
        return False
    return path is not None and directory.image.find(path) is not None
