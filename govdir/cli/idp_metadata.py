"""`govdir idp metadata`: what applications need to know of the sign-in site."""

from __future__ import annotations

from pathlib import Path

import click

from govdir.cli.command import command, home_argument, option
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.output import remark
from govdir.cli.sso import open_sso
from govdir.config import load_config
from govdir.policy.texts import Wording

_SERVED = Wording("Máy chủ cũng công bố ở {url}.", "The server publishes it at {url} too.")


@command(
    "metadata",
    Wording(
        "In siêu dữ liệu SAML (đã ký) mà các ứng dụng cần: địa chỉ và khóa của trang đăng nhập.",
        "Prints the signed SAML metadata that applications need: addresses and keys of the sign-in site.",
    ),
    "govdir idp metadata ./home -o idp.xml",
)
@home_argument
@option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    wording=Wording("Ghi vào tệp này.", "Write it to this file."),
)
def metadata(*, home: Path, output: Path | None) -> None:
    """`govdir idp metadata`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        provider = sso.identity_provider()
        octets = provider.metadata()
    if output is None:
        click.echo(octets)
    else:
        output.write_bytes(octets)
    remark(say(_SERVED, url=provider.site.entity_id))
