"""The doctor's checks of a home's files: each yields findings in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from govdir.assembly import load_access, load_policy
from govdir.cli.language import say
from govdir.config import CONFIG_FILE, Config
from govdir.directory.access import AccessRuleError
from govdir.directory.cookies import SECRET_OCTETS
from govdir.directory.roles import HeldRole
from govdir.key_files import KeyName, key_path
from govdir.policy.load import UnknownProvince
from govdir.policy.tables import PackError
from govdir.policy.texts import Wording
from govdir.schema.registry import load_schema
from govdir.settings import ConfigError
from govdir.storage.checks import files_of, newest_change_at
from govdir.storage.engine import Database

# Time enough to get a new certificate through an agency's procurement.
RENEW_BEFORE = timedelta(days=30)
# The program's own year: a clock before it was never set.
EARLIEST = datetime(2025, 1, 1, tzinfo=UTC)
OTHERS = 0o077

_OPEN = Wording(
    "{path}: người khác cũng đọc được (quyền {mode:o})", "{path}: others may read it (mode {mode:o})"
)
_UNREADABLE = Wording("{path}: {reason}", "{path}: {reason}")
_SHORT = Wording(
    "{path}: chỉ có {count} octet, cần {wanted}",
    "{path}: only {count} {count:octet|octets}, {wanted} are needed",
)
_NOT_PEM = Wording("{path}: không phải PEM dùng được", "{path}: no PEM that can be used")
_EXPIRED = Wording("{path}: hết hạn từ {date:%Y-%m-%d}", "{path}: expired on {date:%Y-%m-%d}")
_EXPIRES = Wording("{path}: sắp hết hạn, ngày {date:%Y-%m-%d}", "{path}: expires soon, on {date:%Y-%m-%d}")
_EARLY = Wording("{path}: chưa có hiệu lực trước {date:%Y-%m-%d}", "{path}: not valid before {date:%Y-%m-%d}")
_MISMATCH = Wording("{path}: không phải khóa của chứng thư", "{path}: not the certificate's key")
_ROLES_OF_PEOPLE = frozenset(HeldRole) - {HeldRole.ADMINISTRATOR}
_ROLES_WITHOUT_RIGHTS = Wording(
    "{path}: không có quy tắc nào cho vai trò {roles}, nên người giữ vai trò không có quyền gì; lấy các quy "
    "tắc ấy từ access.toml của một danh bạ mới tạo bằng govdir init",
    "{path}: no rule names the roles {roles}, so whoever holds one may do nothing by it; take those rules "
    "over from the access.toml of a directory newly made by govdir init",
)
_RULES_OF_AN_EARLIER_RELEASE = Wording(
    "{path}: máy chủ thư không đọc được {names}; thêm vào nhóm routing, như trong access.toml của một danh "
    "bạ mới tạo",
    "{path}: mail servers cannot read {names}; add that to the group routing, as in the access.toml of a new "
    "directory",
)
_READ_BY_MAIL_SERVERS = {"gdsharedgroups": "gdSharedGroups", "gdmemberaddress": "gdMemberAddress"}
_MAIL_SERVERS = "service:mail"
_NO_DOVEADM_KEY = Wording(
    "{path}: không có khóa để kết thúc phiên trên Dovecot; “govdir service config” với Dovecot tạo khóa này",
    '{path}: there is no key to end sessions on Dovecot with; "govdir service config" for Dovecot makes it',
)
_CLOCK_EARLY = Wording(
    "đồng hồ chỉ {now:%Y-%m-%d}: chưa được đặt", "the clock says {now:%Y-%m-%d}: it was never set"
)
_CLOCK_BACK = Wording(
    "đồng hồ chạy lùi: thay đổi mới nhất ghi lúc {at:%Y-%m-%d %H:%M:%S} UTC",
    "the clock went back: the newest change was made at {at:%Y-%m-%d %H:%M:%S} UTC",
)


def check_regulation(config: Config) -> Iterator[str]:
    """The pack with what govdir.toml sets before it."""
    try:
        load_policy(config)
    except (PackError, UnknownProvince, ConfigError) as error:
        yield str(error)


def check_access_rules(config: Config) -> Iterator[str]:
    """The home's own rules: readable, and not from before there were roles."""
    path = config.path(config.security.access)
    try:
        rules = load_access(config, load_schema())
    except OSError as error:
        yield say(_UNREADABLE, path=path, reason=error.strerror)
        return
    except (AccessRuleError, UnicodeDecodeError) as error:
        yield say(_UNREADABLE, path=path, reason=error)
        return
    if _ROLES_OF_PEOPLE.isdisjoint(rule.who for rule in rules.rules):
        yield say(_ROLES_WITHOUT_RIGHTS, path=path, roles=", ".join(sorted(_ROLES_OF_PEOPLE)))
    grants = [rule.grant.read for rule in rules.rules if rule.who == _MAIL_SERVERS]
    missing = [
        name
        for key, name in _READ_BY_MAIL_SERVERS.items()
        if grants and not any(read.holds(key, operational=True) for read in grants)
    ]
    if missing:
        yield say(_RULES_OF_AN_EARLIER_RELEASE, path=path, names=", ".join(missing))


def check_modes(config: Config, database: Database) -> Iterator[str]:
    """What only the server's user may read."""
    private = [config.home, config.home / CONFIG_FILE, config.path(config.tls.key), *files_of(database)]
    private += [config.path(config.security.secret), *sso_files(config), *_doveadm_key(config)]
    for path in private:
        try:
            mode = path.stat().st_mode & 0o777
        except OSError as error:
            yield say(_UNREADABLE, path=path, reason=error.strerror)
            continue
        # The configuration may hold a database's password, the folder itself shows only names.
        if mode & OTHERS:
            yield say(_OPEN, path=path, mode=mode)


def _doveadm_key(config: Config) -> list[Path]:
    path = config.path(config.mail_servers.doveadm_key)
    return [path] if path.exists() else []


def check_doveadm(config: Config) -> Iterator[str]:
    """What Dovecot servers are asked with."""
    if config.mail_servers.doveadm and not _doveadm_key(config):
        yield say(_NO_DOVEADM_KEY, path=config.path(config.mail_servers.doveadm_key))


def sso_files(config: Config) -> list[Path]:
    """The keys of single sign-on that there are; the next start of a server makes those that are needed."""
    wanted = [config.path(config.sso.secret), *(key_path(config, name) for name in KeyName)]
    return [path for path in wanted if path.exists()]


def check_secret(config: Config) -> Iterator[str]:
    """The bytes that sign paging cookies."""
    path = config.path(config.security.secret)
    try:
        count = len(path.read_bytes())
    except OSError as error:
        yield say(_UNREADABLE, path=path, reason=error.strerror)
        return
    if count < SECRET_OCTETS:
        yield say(_SHORT, path=path, count=count, wanted=SECRET_OCTETS)


def check_certificates(config: Config) -> Iterator[str]:
    """Dates of each certificate of the chain, and that the key is the first one's."""
    path = config.path(config.tls.certificate)
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        yield say(_UNREADABLE, path=path, reason=error.strerror)
        return
    except ValueError:
        yield say(_NOT_PEM, path=path)
        return
    for certificate in chain:
        yield from _check_dates(path, certificate, datetime.now(UTC))
    yield from _check_key(config.path(config.tls.key), chain[0])


def _check_dates(path: Path, certificate: x509.Certificate, now: datetime) -> Iterator[str]:
    ends = certificate.not_valid_after_utc
    if now < certificate.not_valid_before_utc:
        yield say(_EARLY, path=path, date=certificate.not_valid_before_utc)
    if ends <= now:
        yield say(_EXPIRED, path=path, date=ends)
    elif ends <= now + RENEW_BEFORE:
        yield say(_EXPIRES, path=path, date=ends)


def _check_key(path: Path, certificate: x509.Certificate) -> Iterator[str]:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        yield say(_UNREADABLE, path=path, reason=error.strerror)
        return
    except (ValueError, TypeError):
        yield say(_NOT_PEM, path=path)
        return
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        yield say(_MISMATCH, path=path)


def check_clock(database: Database) -> Iterator[str]:
    """Rotation, expiry and lock-out depend on it."""
    now = datetime.now(UTC)
    if now < EARLIEST:
        yield say(_CLOCK_EARLY, now=now)
    newest = datetime.fromtimestamp(newest_change_at(database) / 1_000_000, UTC)
    if newest > now + timedelta(minutes=1):
        yield say(_CLOCK_BACK, at=newest)
