"""`govdir import`: LDIF files, content or changes, and lists of people; all or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic

import click
from msgspec import Struct, structs

from govdir.cli.asking import yes_option
from govdir.cli.command import command, home_argument, json_option, option
from govdir.cli.language import say
from govdir.cli.ldif_files import LdifFiles, Record
from govdir.cli.loading import plan_files, refused, write_plan
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import print_json
from govdir.cli.people_import import Wanted, import_people
from govdir.cli.progress import watched
from govdir.cli.rehearsal import Rehearsal
from govdir.cli.tables import is_table
from govdir.config import Config, load_config
from govdir.directory.bulk import MAX_REFUSALS, Refusal
from govdir.directory.errors import DirectoryError, UnwillingToPerform
from govdir.ldap.codec.controls.oids import MANAGE_DSA_IT
from govdir.ldap.codec.ldif import ChangeRecord, ContentRecord
from govdir.ldap.codec.messages import AddRequest, DeleteRequest, ModifyRequest
from govdir.mailattrs.legacy_text import TextEncoding
from govdir.mailattrs.settlement import AddressCheck
from govdir.policy.texts import Wording

_BOTH = Wording(
    "chỉ dùng một trong --keep-addresses và --strict-addresses",
    "--keep-addresses or --strict-addresses, not both",
)
_LISTS_ONLY = Wording(
    "{options} chỉ dùng với danh sách XLSX hoặc CSV; {file} không phải",
    "{options} is for lists in XLSX or CSV only, and {file} is none",
)
_ONE_LIST = Wording(
    "mỗi lần chỉ nhập một danh sách XLSX hoặc CSV, không cùng tệp khác",
    "one list in XLSX or CSV at a time, without other files",
)
_STOPPED = Wording(
    "Danh bạ vừa bị thay đổi trong lúc nhập: {count} thay đổi trước đó đã làm.",
    "The directory was changed during the import: {count} {count:change|changes} before this one "
    "{count:was|were} made.",
)
_CONTROL = Wording("không làm được điều khiển bắt buộc {oid}", "the critical control {oid} is not done here")
_CHECKING = Wording("Đang kiểm tra", "Checking")
_IMPORTING = Wording("Đang nhập", "Importing")
_DONE = Wording(
    "Đã nhập {count} mục trong {seconds:.1f} giây.",
    "Imported {count} {count:entry|entries} in {seconds:.1f} s.",
)
_CHANGED = Wording(
    "Đã làm {count} thay đổi trong {seconds:.1f} giây.",
    "Made {count} {count:change|changes} in {seconds:.1f} s.",
)
_WOULD = Wording(
    "Không có lỗi: {count} mục nhập được.", "No errors: {count} {count:entry|entries} could be imported."
)
_WOULD_CHANGE = Wording(
    "Không có lỗi: {count} thay đổi làm được.", "No errors: {count} {count:change|changes} could be made."
)


class Report(Struct, frozen=True):
    """What is printed with --json."""

    entries: int = 0
    changes: int = 0
    dry_run: bool = False
    seconds: float = 0.0


@command(
    "import",
    Wording(
        "Nhập tệp LDIF (RFC 2849): các mục, hoặc các thay đổi; hoặc danh sách người dùng XLSX, CSV do cơ "
        "quan gửi (họ tên, chức vụ, đơn vị…, bảng mã cũ cũng được). Nhập tất cả hoặc không nhập gì; mọi quy "
        "định được kiểm tra như khi thêm qua LDAP. Người trong danh sách đã có hộp thư ở cùng nơi thì bỏ "
        "qua. Máy chủ có thể đang chạy. FILE là - để đọc LDIF từ đầu vào chuẩn.\n\n"
        "Mã thoát 0: mọi mục, mọi dòng đã được nhập; 1: có dòng không được cấp hộp thư, lý do từng dòng ở "
        "đầu ra lỗi.",
        "Brings in LDIF files (RFC 2849): entries, or changes; or a list of people as an agency sends it, "
        "XLSX or CSV (names, posts, units, old encodings too). All of it or nothing; every rule is checked "
        "as in an add over LDAP. People of a list who have a mailbox in the same body are left out. A server "
        "may be running. FILE is - for LDIF from standard input.\n\n"
        "Exit status 0: every entry, every row was taken; 1: some row got no mailbox, standard error says "
        "why for each.",
    ),
    "govdir import ./home people.ldif --dry-run",
    "govdir import ./home agencies.ldif people.ldif --keep-addresses",
    "govdir import ./home list.xlsx --in sonv --dry-run",
    "govdir import ./home list.csv --in sonv --passwords passwords.csv",
)
@home_argument
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@option(
    "--dry-run", is_flag=True, wording=Wording("Chỉ kiểm tra, không ghi gì.", "Only check, write nothing.")
)
@option(
    "--keep-addresses",
    is_flag=True,
    wording=Wording(
        "Giữ địa chỉ đã cho, miễn còn trống.", "Keep the addresses given, as long as they are free."
    ),
)
@option(
    "--strict-addresses",
    is_flag=True,
    wording=Wording(
        "Chỉ nhận địa chỉ mà quy chế cấp ngay lúc này, không nhận dạng khác của cùng họ tên.",
        "Take only the address the regulation gives at this moment, not another form of the same name.",
    ),
)
@option(
    "--refuse-hashes",
    is_flag=True,
    wording=Wording(
        "Không nhận mật mã đã băm, vì không kiểm tra được độ phức tạp.",
        "Refuse passwords that are hashed already, since their complexity cannot be checked.",
    ),
)
@option(
    "--in",
    "body",
    metavar="BODY",
    wording=Wording(
        "Danh sách: nơi của các dòng không ghi đơn vị; các đơn vị được tìm trong đó.",
        "A list: the body of rows that name none; units are looked for within it.",
    ),
)
@option("--sheet", wording=Wording("Danh sách XLSX: tên trang.", "A list in XLSX: the sheet's name."))
@option(
    "--encoding",
    type=click.Choice([each.value for each in TextEncoding]),
    wording=Wording(
        "Danh sách: bảng mã của chữ, khi không tự nhận ra được.",
        "A list: the encoding of its text, where it cannot be told.",
    ),
)
@option(
    "--passwords",
    type=click.Path(path_type=Path),
    wording=Wording(
        "Danh sách: sinh mật mã dùng một lần cho từng người, ghi ra tệp CSV này (chỉ chủ tệp đọc được).",
        "A list: generate a one-time password for each person, into this CSV file (readable by its owner).",
    ),
)
@option(
    "--keep-going",
    is_flag=True,
    wording=Wording(
        "Danh sách: nhập các dòng đúng, ghi các dòng bị từ chối ra FILE.refused.csv.",
        "A list: take the good rows and write the refused ones to FILE.refused.csv.",
    ),
)
@option(
    "--namesakes",
    is_flag=True,
    wording=Wording(
        "Danh sách: cấp cả cho người trùng họ tên với người đã có hộp thư ở cùng nơi, và cho dòng lặp lại.",
        "A list: also take people whose name somebody in the same body has already, and repeated rows.",
    ),
)
@yes_option
@json_option
def import_(
    *,
    home: Path,
    files: tuple[Path, ...],
    dry_run: bool,
    keep_addresses: bool,
    strict_addresses: bool,
    refuse_hashes: bool,
    body: str | None,
    sheet: str | None,
    encoding: str | None,
    passwords: Path | None,
    keep_going: bool,
    namesakes: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """`govdir import`."""
    if keep_addresses and strict_addresses:
        raise click.UsageError(say(_BOTH))
    check = AddressCheck.STRICT if strict_addresses else AddressCheck.LADDER
    if keep_addresses:
        check = AddressCheck.KEEP
    config = load_config(home)
    if any(map(is_table, files)):
        if len(files) > 1:
            raise click.UsageError(say(_ONE_LIST))
        read_as = None if encoding is None else TextEncoding(encoding)
        wanted = Wanted(
            file=files[0],
            body=body,
            sheet=sheet,
            encoding=read_as,
            passwords=passwords,
            check=check,
            dry_run=dry_run,
            keep_going=keep_going,
            namesakes=namesakes,
            yes=yes,
            as_json=as_json,
        )
        import_people(config, wanted)
        return
    _refuse_list_options(
        files,
        body=body,
        sheet=sheet,
        encoding=encoding,
        passwords=passwords,
        keep_going=keep_going,
        namesakes=namesakes,
    )
    started = monotonic()
    sources = LdifFiles(files)
    with sources.open() as records:
        if sources.hold_content:
            count = _load(config, check, sources, records, keep_hashes=not refuse_hashes, dry_run=dry_run)
            report = Report(entries=count, dry_run=dry_run)
        else:
            count = _apply(config, check, sources, records, dry_run=dry_run)
            report = Report(changes=count, dry_run=dry_run)
    report = structs.replace(report, seconds=round(monotonic() - started, 3))
    print_json(report) if as_json else click.echo(_summary(report))


def _refuse_list_options(files: Sequence[Path], **given: object) -> None:
    names = [
        "--in" if name == "body" else f"--{name.replace('_', '-')}" for name, value in given.items() if value
    ]
    if names:
        raise click.UsageError(say(_LISTS_ONLY, options=", ".join(names), file=", ".join(map(str, files))))


def _load(
    config: Config,
    check: AddressCheck,
    sources: LdifFiles,
    records: Iterator[Record],
    *,
    keep_hashes: bool,
    dry_run: bool,
) -> int:
    content = (record for record in records if isinstance(record, ContentRecord))
    with open_directory(config, check) as local:
        plan = plan_files(local, sources, watched(content, say(_IMPORTING)), keep_hashes=keep_hashes)
        return len(plan.entries) if dry_run else write_plan(local, plan)


def _apply(
    config: Config, check: AddressCheck, sources: LdifFiles, records: Iterator[Record], *, dry_run: bool
) -> int:
    """Changes are rehearsed first, so that a mistake in the last one leaves the directory untouched."""
    changes = [record for record in records if isinstance(record, ChangeRecord)]
    with open_directory(config, check, Rehearsal) as rehearsed:
        refusals: list[Refusal] = []
        for change in watched(changes, say(_CHECKING)):
            try:
                rehearsed.run(_made(rehearsed, change))
            except DirectoryError as error:
                refusals.append(Refusal(change.line, _name(change), error))
                if len(refusals) == MAX_REFUSALS:
                    break
    if refusals:
        raise refused(sources, refusals)
    if not dry_run:
        with open_directory(config, check) as local:
            for number, change in enumerate(watched(changes, say(_IMPORTING))):
                try:
                    local.run(_made(local, change))
                except DirectoryError as error:
                    told = sources.told(change.line, f"{_name(change)}: {error.diagnostic}")
                    raise Refused(told, say(_STOPPED, count=number)) from None
    return len(changes)


async def _made(local: LocalDirectory, change: ChangeRecord) -> None:
    request = change.request
    critical = [
        control.oid for control in change.controls if control.critical and control.oid != MANAGE_DSA_IT
    ]
    if critical:
        raise UnwillingToPerform(say(_CONTROL, oid=critical[0]))
    match request:
        case AddRequest():
            await local.handle.add(request)
        case DeleteRequest():
            await local.handle.delete(request.entry)
        case ModifyRequest():
            await local.handle.modify(request)
        case _:
            await local.handle.modify_dn(request)


def _name(change: ChangeRecord) -> str:
    request = change.request
    return request.object if isinstance(request, ModifyRequest) else request.entry


def _summary(report: Report) -> str:
    if report.dry_run:
        return (
            say(_WOULD, count=report.entries) if report.entries else say(_WOULD_CHANGE, count=report.changes)
        )
    wording, count = (_DONE, report.entries) if report.entries else (_CHANGED, report.changes)
    return say(wording, count=count, seconds=report.seconds)
