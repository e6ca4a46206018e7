"""What may be wrong with a home, a database or a port, told with how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from govdir.assembly import DamagedDatabase, WrongDatabase
from govdir.cli.language import say
from govdir.cli.outcome import EnvironmentTrouble
from govdir.directory.access import AccessRuleError
from govdir.directory.ports import StoreUnavailable
from govdir.key_troubles import KeysOfAnother, UnusableKeyFile
from govdir.listening import CannotListen
from govdir.policy.load import UnknownProvince
from govdir.policy.texts import Wording
from govdir.storage.engine import DatabaseUrlError
from govdir.storage.migrate import DatabaseTooNew

_DATABASE = Wording(
    "không dùng được cơ sở dữ liệu của {home}: {reason}", "the database of {home} cannot be used: {reason}"
)
_DATABASE_MEND = Wording(
    "kiểm tra database.url trong govdir.toml, quyền tệp, dung lượng đĩa; có thể tiến trình khác đang khóa.",
    "check database.url in govdir.toml, file permissions and disk space; another process may hold a lock.",
)
_TOO_NEW = Wording(
    "cơ sở dữ liệu ở phiên bản {found}, mới hơn chương trình ({known})",
    "the database is at version {found}, newer than this program ({known})",
)
_TOO_NEW_MEND = Wording("dùng bản govdir mới hơn.", "use a newer govdir.")
_NONE = Wording("cơ sở dữ liệu của {home} không có danh bạ", "the database of {home} holds no directory")
_OTHER = Wording(
    "cơ sở dữ liệu chứa danh bạ {found}, không phải {wanted}", "the database holds {found}, not {wanted}"
)
_OTHER_MEND = Wording(
    "kiểm tra database.url và suffix trong govdir.toml; danh bạ mới: govdir init.",
    "check database.url and suffix in govdir.toml; for a new directory: govdir init.",
)
_DAMAGED = Wording("dữ liệu bị hỏng: {reason}", "the data is damaged: {reason}")
_DAMAGED_MEND = Wording(
    "chạy govdir doctor {home}, rồi phục hồi bản sao lưu.", "run govdir doctor {home}, then restore a backup."
)
_ACCESS = Wording("quy tắc truy cập sai: {reason}", "the access rules are wrong: {reason}")
_ACCESS_MEND = Wording("sửa {home}/access.toml.", "mend {home}/access.toml.")
_KEY = Wording("không dùng được khóa ký SAML: {reason}", "a key for SAML cannot be used: {reason}")
_KEY_MEND = Wording(
    "tệp gồm khóa RSA từ 2048 bit và chứng thư của nó, dạng PEM; xem govdir doctor {home}.",
    "the file holds an RSA key of 2048 bits or more and its certificate, PEM; see govdir doctor {home}.",
)
_NO_KEYS = Wording(
    "{path}: không có, dù danh bạ đã chạy với tệp này",
    "{path}: there is none, though the directory was served with one",
)
_OTHER_KEYS = Wording(
    "{path}: không phải tệp mà danh bạ đã chạy với", "{path}: is another than the directory was served with"
)
_OTHER_KEYS_MEND = Wording(
    "chép keys/sso và keys/saml từ máy kia hoặc từ bản sao lưu; mọi máy của một danh bạ dùng chung khóa. "
    "Không còn ở đâu: govdir idp adopt-keys {home}. Máy này chỉ cần LDAP: listen.web = [].",
    "copy keys/sso and keys/saml from the other machine or from the backup; all machines of one directory "
    "share these keys. Lost for good: govdir idp adopt-keys {home}. For LDAP alone here: listen.web = [].",
)
_PROVINCE = Wording(
    "không có quy chế của “{province}”; có: {known}", 'there is no pack for "{province}"; there are: {known}'
)
_TAKEN = Wording("cổng {endpoint} đang có chương trình khác dùng", "{endpoint} is in use by another program")
_TAKEN_MEND = Wording(
    "dừng chương trình đó (xem: ss -ltnp), hoặc chọn cổng khác ở [listen] trong govdir.toml hay bằng --ldap, "
    "--ldaps, --web (bản trình diễn: cả --portal, --documents). Không cần trang web: listen.web = [].",
    "stop that program (see: ss -ltnp), or choose another port in [listen] of govdir.toml or with --ldap, "
    "--ldaps, --web (the demonstration: --portal, --documents, too). Without a web site: listen.web = [].",
)
_FORBIDDEN = Wording("không được phép nghe ở {endpoint}", "not allowed to listen on {endpoint}")
_FORBIDDEN_MEND = Wording(
    "chọn cổng từ 1024 trở lên, hoặc cấp CAP_NET_BIND_SERVICE cho dịch vụ.",
    "choose a port from 1024 up, or grant the service CAP_NET_BIND_SERVICE.",
)
_CANNOT_LISTEN = Wording("không nghe được ở {endpoint}: {reason}", "cannot listen on {endpoint}: {reason}")


@contextmanager
def told_as_trouble(home: Path) -> Iterator[None]:
    """Turns the errors of storage, rules and ports into EnvironmentTrouble; others pass."""
    try:
        yield
    except (StoreUnavailable, DatabaseUrlError) as error:
        raise EnvironmentTrouble(
            say(_DATABASE, home=home, reason=_cause(error)), say(_DATABASE_MEND)
        ) from error
    except DatabaseTooNew as error:
        wrong = say(_TOO_NEW, found=error.found, known=error.known)
        raise EnvironmentTrouble(wrong, say(_TOO_NEW_MEND)) from error
    except WrongDatabase as error:
        wrong = say(_OTHER, found=error.found, wanted=error.wanted) if error.found else say(_NONE, home=home)
        raise EnvironmentTrouble(wrong, say(_OTHER_MEND)) from error
    except DamagedDatabase as error:
        raise EnvironmentTrouble(say(_DAMAGED, reason=error), say(_DAMAGED_MEND, home=home)) from error
    except AccessRuleError as error:
        raise EnvironmentTrouble(say(_ACCESS, reason=error), say(_ACCESS_MEND, home=home)) from error
    except UnusableKeyFile as error:
        raise EnvironmentTrouble(say(_KEY, reason=error), say(_KEY_MEND, home=home)) from error
    except KeysOfAnother as error:
        wrong = say(_NO_KEYS if error.missing else _OTHER_KEYS, path=error.path)
        raise EnvironmentTrouble(wrong, say(_OTHER_KEYS_MEND, home=home)) from error
    except UnknownProvince as error:
        known = ", ".join(error.known)
        raise EnvironmentTrouble(say(_PROVINCE, province=error.province, known=known)) from error
    except CannotListen as error:
        raise _cannot_listen(error) from error


def _cannot_listen(error: CannotListen) -> EnvironmentTrouble:
    endpoint = error.endpoint
    if error.taken:
        return EnvironmentTrouble(say(_TAKEN, endpoint=endpoint), say(_TAKEN_MEND))
    if error.forbidden:
        return EnvironmentTrouble(say(_FORBIDDEN, endpoint=endpoint), say(_FORBIDDEN_MEND))
    return EnvironmentTrouble(say(_CANNOT_LISTEN, endpoint=endpoint, reason=error.reason))


def _cause(error: Exception) -> str:
    """The driver's reason too: "database is locked" helps the operator at the host."""
    cause = error.__cause__
    return f"{error} ({getattr(cause, 'orig', cause)})" if cause is not None else str(error)
