"""`govdir sp add`: an application becomes known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from govdir.cli.command import accepted_by, command, home_argument, json_option, option
from govdir.cli.fetching import fetch
from govdir.cli.language import say
from govdir.cli.local import open_directory
from govdir.cli.outcome import Refused
from govdir.cli.service_accounts import WORD
from govdir.cli.sp_findings import tell_problems
from govdir.cli.sp_metadata import is_url, plain_metadata, read_certificate, read_metadata
from govdir.cli.sp_options import changed_settings, settings_options
from govdir.cli.sp_show import tell_service
from govdir.cli.sso import LocalSso, note, now, open_sso
from govdir.config import Config, load_config
from govdir.policy.texts import Wording
from govdir.sso.idp.name_ids import format_of_metadata
from govdir.sso.model import ServiceProvider

_ORIGIN = Wording(
    "cần --metadata, hoặc --entity-id cùng --acs", "give --metadata, or --entity-id together with --acs"
)
_BOTH = Wording(
    "--acs, --slo, --certificate chỉ dùng khi không có --metadata",
    "--acs, --slo and --certificate are for applications without --metadata",
)
_TAKEN = Wording(
    "“{name}” đã là tên của ứng dụng {entity_id}; đổi thiết lập: govdir sp set.",
    '"{name}" is the application {entity_id} already; to change its settings: govdir sp set.',
)
_KNOWN = Wording(
    "Ứng dụng {entity_id} đã được đăng ký với tên “{name}”.",
    'The application {entity_id} is registered already, as "{name}".',
)


@command(
    "add",
    Wording(
        "Đăng ký ứng dụng NAME từ siêu dữ liệu SAML của nó. Máy chủ đang chạy nhận ra ngay.\n\n"
        "Siêu dữ liệu lấy từ địa chỉ https được máy chủ lấy lại hằng ngày. Ứng dụng không có siêu dữ liệu: "
        "nêu --entity-id và --acs. Ứng dụng cần siêu dữ liệu của phía này: govdir idp metadata.",
        "Registers the application NAME by its SAML metadata. A running server knows it at once.\n\n"
        "Metadata from an https address is fetched again daily by the server. For an application without "
        "any, give --entity-id and --acs. The application in turn needs ours: govdir idp metadata.",
    ),
    "govdir sp add ./home portal --metadata portal.xml",
    "govdir sp add ./home chat --entity-id https://chat.cantho.gov.vn --acs https://chat.cantho.gov.vn/acs",
)
@home_argument
@click.argument("name", callback=accepted_by(WORD))
@option(
    "--metadata",
    metavar="FILE|URL",
    wording=Wording("Siêu dữ liệu của ứng dụng.", "The application's metadata."),
)
@option(
    "--entity-id",
    metavar="URI",
    wording=Wording(
        "Entity ID; khi siêu dữ liệu có nhiều ứng dụng, hoặc không có siêu dữ liệu.",
        "Its entity ID: which one where metadata holds several, or where there is none.",
    ),
)
@option(
    "--acs",
    multiple=True,
    metavar="URL",
    wording=Wording(
        "Nơi nhận câu trả lời (AssertionConsumerService, POST).",
        "Where it takes answers (AssertionConsumerService, by POST).",
    ),
)
@option(
    "--slo",
    metavar="URL",
    wording=Wording("Nơi đăng xuất (Redirect).", "Where it is logged out (SingleLogoutService, Redirect)."),
)
@option(
    "--certificate",
    multiple=True,
    type=click.Path(path_type=Path),
    wording=Wording("Chứng thư của ứng dụng, PEM.", "Its certificate, PEM."),
)
@option(
    "--metadata-signer",
    type=click.Path(path_type=Path),
    wording=Wording(
        "Chứng thư (PEM) mà khóa của nó phải ký siêu dữ liệu.",
        "A certificate (PEM) whose key must have signed the metadata, now and later.",
    ),
)
@settings_options
@json_option
def add(
    *,
    home: Path,
    name: str,
    metadata: str | None,
    entity_id: str | None,
    acs: tuple[str, ...],
    slo: str | None,
    certificate: tuple[Path, ...],
    metadata_signer: Path | None,
    as_json: bool,
    **given: Any,
) -> None:
    """`govdir sp add`."""
    config = load_config(home)
    signer = b"" if metadata_signer is None else read_certificate(metadata_signer)
    if metadata is not None:
        if acs or slo or certificate:
            raise click.UsageError(say(_BOTH))
        octets = origin_octets(config, metadata)
    elif entity_id is not None and acs:
        octets = plain_metadata(entity_id, acs, slo, [read_certificate(file) for file in certificate])
    else:
        raise click.UsageError(say(_ORIGIN))
    taken = read_metadata(octets, metadata or entity_id or "", entity_id, signer)
    from_address = metadata is not None and is_url(metadata)
    service = ServiceProvider(
        entity_id=taken.metadata.entity_id,
        name=name,
        metadata=taken.octets,
        metadata_url=metadata or "" if from_address else "",
        metadata_signer=signer,
        refreshed=now() if from_address else None,
    )
    with open_directory(config) as local, open_sso(local) as sso:
        usual = replace(service.settings, name_id=format_of_metadata(taken.metadata.name_id_formats))
        settings = changed_settings(local, usual, given)
        added = register(sso, replace(service, settings=settings))
        tell_service(added, as_json=as_json)
        if not as_json:
            tell_problems(config, added, local.directory)


def register(sso: LocalSso, service: ServiceProvider) -> ServiceProvider:
    """Adds a new one. Raises Refused when the name or the entity ID is taken."""
    for known in sso.services():
        if known.entity_id == service.entity_id:
            raise Refused(say(_KNOWN, entity_id=known.entity_id, name=known.name))
        if known.name == service.name:
            raise Refused(say(_TAKEN, name=known.name, entity_id=known.entity_id))
    sso.change(service)
    note(sso, service, "added")
    return service


def origin_octets(config: Config, origin: str) -> bytes:
    """The metadata of a file or an address. Raises Refused, EnvironmentTrouble, OSError."""
    return fetch(config, origin) if is_url(origin) else Path(origin).read_bytes()
