"""The doctor's checks of single sign-on: keys, the site's address, registered applications."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from govdir.cli.home_checks import RENEW_BEFORE
from govdir.cli.language import say
from govdir.cli.local import InPlace, LocalLoop
from govdir.cli.sp_findings import problems
from govdir.config import Config
from govdir.key_files import (
    KeyName,
    current_key_is_published,
    key_path,
    load_key,
    load_key_ring,
    secret_is_the_directorys,
    sso_files_are_settled,
)
from govdir.key_troubles import UnusableKeyFile
from govdir.policy.texts import Wording
from govdir.settings import BadSetting
from govdir.sso.model import ServiceProvider
from govdir.sso.saml.keys import SigningKey
from govdir.storage import migrate
from govdir.storage.engine import Database
from govdir.storage.sso import SqlSso
from govdir.storage.store import SqlStore

_MISSING = Wording(
    "{path}: không có; govdir serve sẽ tạo, nhưng các ứng dụng đã biết khóa cũ sẽ không nhận khóa mới",
    "{path}: there is none; govdir serve makes one, which applications that know another will refuse",
)
_LOST = Wording(
    "{path}: không có, dù danh bạ đã chạy với tệp này; chép từ máy kia hoặc bản sao lưu",
    "{path}: there is none, though the directory was served with one; copy it from the other machine or the "
    "backup",
)
_ANOTHER = Wording(
    "{path}: không phải tệp mà danh bạ đã chạy với; chép từ máy kia hoặc bản sao lưu",
    "{path}: is another than the directory was served with; copy it from the other machine or the backup",
)
_UNUSABLE = Wording("{path}: không dùng được: {reason}", "{path}: cannot be used: {reason}")
_ENDS = Wording(
    "{path}: chứng thư hết hạn ngày {date:%Y-%m-%d}; phần lớn ứng dụng không xét ngày, số khác từ chối; thay "
    "khóa: govdir idp new-key",
    "{path}: its certificate ends on {date:%Y-%m-%d}; most applications do not look at dates, others refuse; "
    "to renew: govdir idp new-key",
)
_SHORT_SECRET = Wording(
    "{path}: phải có ít nhất 32 octet ngẫu nhiên", "{path}: must be 32 random bytes or more"
)
_UNREADABLE = Wording("{path}: {reason}", "{path}: {reason}")
_NO_URL = Wording(
    "web.url chưa đặt mà máy khác vào được trang ({endpoint}): các ứng dụng sẽ biết trang là https://localhost",
    "web.url is not set, though others reach the site ({endpoint}): applications know it as https://localhost",
)
_NOT_IN_CERTIFICATE = Wording(
    "{path}: không cấp cho {host}, tên của trang trong web.url",
    "{path}: is not for {host}, the site's name in web.url",
)
_SERVICE = Wording("{name}: {finding}", "{name}: {finding}")


def check_sso_keys(config: Config, database: Database) -> Iterator[str]:
    """That each key can be used with its certificate, and how long that lasts; that the secret is long
    enough; that both are what the directory was served with."""
    now = datetime.now(UTC)
    missing = _LOST if sso_files_are_settled(database) else _MISSING
    for name in KeyName:
        path = key_path(config, name)
        try:
            ends = _ends(load_key(config, name))
        except FileNotFoundError:
            if name is KeyName.CURRENT and config.listen.web:
                yield say(missing, path=path)
        except OSError as error:
            yield say(_UNREADABLE, path=path, reason=error.strerror)
        except UnusableKeyFile as error:
            yield say(_UNUSABLE, path=path, reason=error.reason)
        else:
            if ends <= now + RENEW_BEFORE and name is not KeyName.OLD:
                yield say(_ENDS, path=path, date=ends)
            if name is KeyName.CURRENT and not current_key_is_published(config, database):
                yield say(_ANOTHER, path=path)
    yield from _check_secret(config, database, missing)


def check_site(config: Config) -> Iterator[str]:
    """That the site is called what others call it, and has a certificate for that."""
    if not config.web.url:
        for endpoint in config.listen.web:
            if not _is_loopback(endpoint.host):
                yield say(_NO_URL, endpoint=endpoint)
        return
    host = urlsplit(config.web.url).hostname or ""
    path = config.path(config.tls.certificate)
    if config.listen.web and not config.web.trusted_proxies and not _is_for(path, host):
        yield say(_NOT_IN_CERTIFICATE, path=path, host=host)


def check_services(config: Config, database: Database) -> Iterator[str]:
    """What keeps people out of registered applications, or will."""
    if migrate.current_version(database) != migrate.known_version():
        return  # told by the check of the version
    try:
        keys = load_key_ring(config)
    except (OSError, UnusableKeyFile):
        return  # told by the check of the keys
    for service in _services(database):
        for finding in problems(service, keys):
            yield say(_SERVICE, name=service.name, finding=finding)


def _services(database: Database) -> list[ServiceProvider]:
    loop = LocalLoop()
    sso = SqlSso(database, SqlStore(database, loop.deliver, InPlace()).writer, InPlace())

    async def read() -> list[ServiceProvider]:
        return list(await sso.services.all())

    return loop.run(read())


def _check_secret(config: Config, database: Database, missing: Wording) -> Iterator[str]:
    path = config.path(config.sso.secret)
    try:
        if not secret_is_the_directorys(config, database):
            yield say(_ANOTHER, path=path)
    except FileNotFoundError:
        if config.listen.web:
            yield say(missing, path=path)
    except OSError as error:
        yield say(_UNREADABLE, path=path, reason=error.strerror)
    except BadSetting:
        yield say(_SHORT_SECRET, path=path)


def _ends(key: SigningKey) -> datetime:
    return x509.load_der_x509_certificate(key.certificate).not_valid_after_utc


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_for(path: Path, host: str) -> bool:
    """Whether the first certificate names the host; True when it cannot be read, which others tell."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return True
    known = [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]
    wildcard = "*." + host.partition(".")[2]
    return host in known or wildcard in known
