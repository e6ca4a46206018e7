"""`govdir sp set` and `govdir sp remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from govdir.cli.asking import make_sure, yes_option
from govdir.cli.command import accepted_by, command, home_argument, json_option, option
from govdir.cli.fetching import fetch
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.output import remark
from govdir.cli.service_accounts import WORD
from govdir.cli.sp_add import origin_octets
from govdir.cli.sp_findings import tell_problems
from govdir.cli.sp_metadata import is_url, read_certificate, read_metadata
from govdir.cli.sp_options import changed_settings, settings_options
from govdir.cli.sp_show import tell_service
from govdir.cli.sso import note, now, open_sso
from govdir.config import load_config
from govdir.policy.texts import Wording

_NAMESAKE = Wording("Đã có ứng dụng tên “{name}”.", 'There is an application "{name}" already.')
_SURE = Wording(
    "Bỏ {name} ({entity_id})? Sẽ không ai đăng nhập vào đó được nữa.",
    "Remove {name} ({entity_id})? Nobody will be able to sign in to it.",
)
_REMOVED = Wording("Đã bỏ {name}.", "Removed {name}.")


@command(
    "set",
    Wording(
        "Đổi thiết lập của ứng dụng NAME; những gì không nêu vẫn như cũ.",
        "Changes settings of the application NAME; what is not given stays.",
    ),
    "govdir sp set ./home portal --attributes mail,displayName,agency --name-id persistent",
    "govdir sp set ./home portal --agency sonv --second-factor",
    "govdir sp set ./home portal --signing-key old",
)
@home_argument
@click.argument("name")
@option(
    "--metadata",
    metavar="FILE|URL",
    wording=Wording("Siêu dữ liệu mới.", "Its metadata in place of what there is."),
)
@option(
    "--metadata-signer",
    type=click.Path(path_type=Path),
    wording=Wording(
        "Chứng thư (PEM) mà khóa của nó phải ký siêu dữ liệu.",
        "A certificate (PEM) whose key must have signed the metadata, now and later.",
    ),
)
@option("--rename", callback=accepted_by(WORD), wording=Wording("Tên ngắn mới.", "Another short name."))
@settings_options
@json_option
def set_(
    *,
    home: Path,
    name: str,
    metadata: str | None,
    metadata_signer: Path | None,
    rename: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """`govdir sp set`."""
    config = load_config(home)
    octets = None if metadata is None else origin_octets(config, metadata)
    with open_directory(config) as local, open_sso(local) as sso:
        service = sso.service(name)
        if metadata_signer is not None:
            service = replace(service, metadata_signer=read_certificate(metadata_signer))
        if octets is not None or metadata_signer is not None:
            origin = metadata or service.metadata_url or service.name
            if octets is None and service.metadata_url:  # what is kept of an aggregate bears no signature
                octets = fetch(config, service.metadata_url)
            taken = read_metadata(
                octets or service.metadata, origin, service.entity_id, service.metadata_signer
            )
            service = replace(service, metadata=taken.octets, trouble="")
        if metadata is not None:
            fetched = is_url(metadata)
            service = replace(
                service, metadata_url=metadata if fetched else "", refreshed=now() if fetched else None
            )
        if rename is not None and rename != service.name:
            if any(one.name == rename for one in sso.services()):
                raise Refused(say(_NAMESAKE, name=rename))
            service = replace(service, name=rename)
        settings = changed_settings(local, service.settings, given)
        service = replace(service, settings=settings, version=service.version + 1)
        sso.change(service)
        note(sso, service, "settings")
        tell_service(service, as_json=as_json)
        if not as_json:
            tell_problems(config, service, local.directory)


@command(
    "remove",
    Wording(
        "Bỏ ứng dụng NAME: từ nay không ai đăng nhập vào đó được. Phiên đang có ở chính ứng dụng không đổi.",
        "Removes the application NAME: nobody signs in to it any more. Sessions inside it are its own.",
    ),
    "govdir sp remove ./home portal --yes",
)
@home_argument
@click.argument("name")
@yes_option
def remove(*, home: Path, name: str, yes: bool) -> None:
    """`govdir sp remove`."""
    with open_directory(load_config(home)) as local, open_sso(local) as sso:
        service = sso.service(name)
        make_sure(say(_SURE, name=service.name, entity_id=service.entity_id), yes=yes)
        sso.wait(sso.stored.services.remove(service.entity_id))
        note(sso, service, "removed")
    remark(say(_REMOVED, name=service.name))
