"""`govdir doctor`: whether everything a home is made of is as it must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from govdir.cli.command import command, home_argument, json_option
from govdir.cli.data_checks import check_data
from govdir.cli.domain_checks import check_domains
from govdir.cli.home_checks import (
    check_access_rules,
    check_certificates,
    check_clock,
    check_doveadm,
    check_modes,
    check_regulation,
    check_secret,
)
from govdir.cli.language import say
from govdir.cli.letter_checks import check_letters
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json
from govdir.cli.sso_checks import check_services, check_site, check_sso_keys
from govdir.cli.trouble import told_as_trouble
from govdir.config import Config, load_config
from govdir.policy.texts import Wording
from govdir.storage import migrate
from govdir.storage.checks import integrity_problems
from govdir.storage.engine import Database, open_database

# A broken table breaks thousands of rows in the same way; the first ones tell enough.
MAX_SHOWN = 20

_SOUND = Wording("tốt", "sound")
_FOUND = Wording("có {count} vấn đề", "{count} found")
_MORE = Wording("… và {count} vấn đề khác", "… and {count} more")
_CHECK = Wording("Kiểm tra", "Check")
_RESULT = Wording("Kết quả", "Result")
_UNSOUND = Wording("{count} vấn đề cần xử lý.", "{count} {count:finding needs|findings need} attention.")
_VERSION = Wording(
    "phiên bản {found}, chương trình cần {known}: chạy govdir serve một lần để nâng cấp",
    "version {found}, the program wants {known}: run govdir serve once to bring it forward",
)


class Examined(Struct, frozen=True):
    """One check and what it found."""

    name: str
    findings: tuple[str, ...]


_CHECKS: tuple[tuple[Wording, Callable[[Config, Database], Iterator[str]]], ...] = (
    (Wording("quy chế", "regulation"), lambda config, _: check_regulation(config)),
    (Wording("quy tắc truy cập", "access rules"), lambda config, _: check_access_rules(config)),
    (Wording("quyền tệp", "file modes"), check_modes),
    (Wording("khóa bí mật", "secret"), lambda config, _: check_secret(config)),
    (Wording("chứng thư", "certificates"), lambda config, _: check_certificates(config)),
    (Wording("khóa ký SAML", "keys for SAML"), check_sso_keys),
    (Wording("trang web", "web site"), lambda config, _: check_site(config)),
    (Wording("ứng dụng", "applications"), check_services),
    (Wording("máy chủ Dovecot", "Dovecot servers"), lambda config, _: check_doveadm(config)),
    (Wording("thư báo", "letters"), check_letters),
    (Wording("đồng hồ", "clock"), lambda _, database: check_clock(database)),
    (Wording("tệp cơ sở dữ liệu", "database files"), lambda _, database: iter(integrity_problems(database))),
    (Wording("phiên bản bảng", "tables' version"), lambda _, database: _check_version(database)),
    (Wording("tên miền thư", "mail domains"), check_domains),
    (Wording("các mục và chỉ mục", "entries and indexes"), check_data),
)


@command(
    "doctor",
    Wording(
        "Kiểm tra danh bạ HOME: cơ sở dữ liệu, từng mục, chỉ mục, địa chỉ, khóa, chứng thư, quyền tệp, "
        "đồng hồ, cấu hình. Không sửa gì; máy chủ có thể đang chạy. Kết thúc với mã 1 khi có vấn đề.",
        "Checks the directory HOME: database, every entry, indexes, addresses, keys, certificates, file "
        "modes, clock, configuration. Mends nothing; a server may be running. Findings end with status 1.",
    ),
    "govdir doctor ./home",
    "govdir doctor ./home --json",
)
@home_argument
@json_option
def doctor(*, home: Path, as_json: bool) -> None:
    """`govdir doctor`."""
    config = load_config(home)
    with told_as_trouble(home):
        database = open_database(config.database_url)
        try:
            examined = [Examined(say(name), tuple(check(config, database))) for name, check in _CHECKS]
        finally:
            database.close()
    print_json(examined) if as_json else _print(examined)
    if count := sum(len(each.findings) for each in examined):
        raise Refused(say(_UNSOUND, count=count))


def _check_version(database: Database) -> Iterator[str]:
    found, known = migrate.current_version(database), migrate.known_version()
    if found != known:
        yield say(_VERSION, found=found, known=known)


def _print(examined: list[Examined]) -> None:
    table = Table(say(_CHECK), say(_RESULT))
    for each in examined:
        lines = [say(_FOUND, count=len(each.findings)), *each.findings[:MAX_SHOWN]]
        if len(each.findings) > MAX_SHOWN:
            lines.append(say(_MORE, count=len(each.findings) - MAX_SHOWN))
        table.add_row(each.name, Text("\n".join(lines) if each.findings else say(_SOUND)))
    Console().print(table)
