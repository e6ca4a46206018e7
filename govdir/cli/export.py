"""`govdir export`: the directory as LDIF."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from govdir.cli.command import command, home_argument, option
from govdir.cli.language import say
from govdir.cli.local import LocalDirectory, open_directory
from govdir.cli.private_files import replacing_private
from govdir.cli.progress import watched
from govdir.config import load_config
from govdir.ldap.codec.filter_text import FilterTextError
from govdir.ldap.codec.ldif import VERSION_LINE, write_entry
from govdir.ldap.codec.messages import Attribute
from govdir.policy.texts import Wording

_EXPORTING = Wording("Đang xuất", "Exporting")


@command(
    "export",
    Wording(
        "Ghi danh bạ ra LDIF (RFC 2849), mục cha trước mục con; máy chủ có thể đang chạy.",
        "Writes the directory as LDIF (RFC 2849), parents before children; a server may be running.",
    ),
    "govdir export ./home -o directory.ldif",
    "govdir export ./home --filter '(gdMailboxKind=unit)' | less",
)
@home_argument
@option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    wording=Wording("Tệp để ghi; mặc định đầu ra chuẩn.", "The file to write; standard output by default."),
)
@option(
    "--with-secrets",
    is_flag=True,
    wording=Wording(
        "Kèm mật mã đã băm, để sao lưu hoặc di chuyển.", "With hashed passwords, to keep or to move."
    ),
)
@option("--base", wording=Wording("Chỉ mục này và các mục bên dưới.", "Only this entry and those below."))
@option(
    "--filter",
    "wanted",
    wording=Wording("Chỉ các mục khớp bộ lọc RFC 4515.", "Only entries that match (RFC 4515)."),
)
def export(
    *, home: Path, output: Path | None, with_secrets: bool, base: str | None, wanted: str | None
) -> None:
    """`govdir export`."""
    config = load_config(home)
    with open_directory(config) as local:
        chosen = None if base is None and wanted is None else _matching(local, wanted, base)
        lines = _lines(local.handle.export(with_secrets=with_secrets), chosen)
        if output is None:
            for line in lines:
                sys.stdout.write(line)
        else:
            with replacing_private(output) as file:
                file.writelines(line.encode() for line in watched(lines, say(_EXPORTING)))


def _lines(
    entries: Iterable[tuple[str, Sequence[Attribute]]], chosen: frozenset[str] | None
) -> Iterator[str]:
    yield VERSION_LINE
    for dn, attributes in entries:
        if chosen is None or dn in chosen:
            yield write_entry(dn, attributes)


def _matching(local: LocalDirectory, wanted: str | None, base: str | None) -> frozenset[str]:
    """The names of the entries that match; raises NoSuchObject, InvalidDn."""
    try:
        return frozenset(local.find(wanted or "(objectClass=*)", base))
    except FilterTextError as error:
        raise click.BadParameter(str(error), param_hint="--filter") from None
